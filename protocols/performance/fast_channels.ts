// Performance protocol: its FastChannels. There is no status: what a command would refuse is ignored. scmi-core 5.5.
import type { FastChannelAccess, Handler } from "../protocol.ts";
import type { PerformanceContext } from "./context.ts";
import * as messages from "./messages.ts";

export const describeFastChannel: Handler<
  typeof messages.PERFORMANCE_DESCRIBE_FASTCHANNEL,
  PerformanceContext
> = (params, { fastChannels }) => fastChannels.describe(params.messageId, params.domainId);

/** The commands that may have one. Limits are two words, the fastest level first. */
export const fastChannelAccess: FastChannelAccess<PerformanceContext> = {
  since: messages.V2,
  commands: [
    { messageId: messages.PERFORMANCE_LIMITS_SET.id, wordCount: 2, isWritten: true },
    { messageId: messages.PERFORMANCE_LIMITS_GET.id, wordCount: 2, isWritten: false },
    { messageId: messages.PERFORMANCE_LEVEL_SET.id, wordCount: 1, isWritten: true },
    { messageId: messages.PERFORMANCE_LEVEL_GET.id, wordCount: 1, isWritten: false },
  ],
  // A level that is reached was chosen before.
  listen: (domainId, { domains }, changed) =>
    domains[domainId]!.listen(({ kind }) => {
      if (kind !== "level") changed();
    }),
};
