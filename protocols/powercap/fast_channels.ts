// Power capping protocol: its FastChannels. Each carries one word; there is no status: what a command would refuse is ignored.
// In version 3.0 they are those of the first limit, whose id is 0, and of the interval of measurements. scmi-devices 6.4, 6.5.
import type { FastChannelAccess, Handler } from "../protocol.ts";
import type { PowercapContext } from "./context.ts";
import * as messages from "./messages.ts";
import type { POWERCAP_DESCRIBE_FASTCHANNEL_V3 } from "./messages_v3.ts";

const VERSION_MIN = 0x10000;

export const describeFastChannel: Handler<
  typeof messages.POWERCAP_DESCRIBE_FASTCHANNEL,
  PowercapContext
> = (params, { fastChannels }) => fastChannels.describe(params.messageId, params.domainId);

export const describeFastChannelV3: Handler<typeof POWERCAP_DESCRIBE_FASTCHANNEL_V3, PowercapContext> = (
  { domainId, messageId, limitId },
  { domains, fastChannels },
) => {
  if (domains[domainId]!.limits[limitId] === undefined) return "NOT_FOUND";
  const answer = fastChannels.describe(messageId, domainId);
  return limitId > 0 && typeof answer === "object" ? "NOT_SUPPORTED" : answer;
};

/** The commands that may have one. */
export const fastChannelAccess: FastChannelAccess<PowercapContext> = {
  since: VERSION_MIN,
  commands: [
    { messageId: messages.POWERCAP_CAP_GET.id, wordCount: 1, isWritten: false },
    { messageId: messages.POWERCAP_CAP_SET.id, wordCount: 1, isWritten: true },
    { messageId: messages.POWERCAP_PAI_GET.id, wordCount: 1, isWritten: false },
    { messageId: messages.POWERCAP_PAI_SET.id, wordCount: 1, isWritten: true },
  ],
  listen: (domainId, { domains }, changed) => domains[domainId]!.listen(changed),
};
