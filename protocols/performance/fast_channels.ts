// Performance protocol: what writing and reading its FastChannels means. There is no status: what a command would refuse is
// ignored. scmi-core 5.5.
import type { FastChannelAccess, Handler } from "../protocol.ts";
import type { PerformanceContext } from "./context.ts";
import { levelGet, limitsGet, requestLevel, requestLimits } from "./levels.ts";
import * as messages from "./messages.ts";

/** The commands that may have a FastChannel. */
export const FAST_MESSAGE_IDS: readonly number[] = [
  messages.PERFORMANCE_LIMITS_SET.id,
  messages.PERFORMANCE_LIMITS_GET.id,
  messages.PERFORMANCE_LEVEL_SET.id,
  messages.PERFORMANCE_LEVEL_GET.id,
];

export const describeFastChannel: Handler<
  typeof messages.PERFORMANCE_DESCRIBE_FASTCHANNEL,
  PerformanceContext
> = (params, { fastChannels }) => fastChannels.describe(params.messageId, params.domainId);

/** What transports with FastChannels do with their words. */
export const fastChannelAccess: FastChannelAccess<PerformanceContext> = {
  sizeOf(messageId) {
    if (!FAST_MESSAGE_IDS.includes(messageId)) return 0;
    const carriesLimits = messageId === messages.PERFORMANCE_LIMITS_SET.id ||
      messageId === messages.PERFORMANCE_LIMITS_GET.id;
    return carriesLimits ? 8 : 4;
  },
  write(messageId, domainId, words, context) {
    const [first, second] = words as [number, number];
    if (messageId === messages.PERFORMANCE_LEVEL_SET.id) {
      requestLevel({ domainId, level: first }, context, "free");
    }
    if (messageId === messages.PERFORMANCE_LIMITS_SET.id) {
      requestLimits({ domainId, rangeMax: first, rangeMin: second }, context, "free");
    }
  },
  read(messageId, domainId, context) {
    if (messageId === messages.PERFORMANCE_LEVEL_GET.id) return [levelGet({ domainId }, context).level];
    if (messageId !== messages.PERFORMANCE_LIMITS_GET.id) return [];
    const { rangeMax, rangeMin } = limitsGet({ domainId }, context);
    return [rangeMax, rangeMin];
  },
};
