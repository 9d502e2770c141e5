// Power capping protocol: what writing and reading its FastChannels means. Each carries one word; there is no status: what a
// command would refuse is ignored. In version 3.0 they are those of the first limit. scmi-devices 6.4, 6.5.
import type { FastChannelAccess, Handler } from "../protocol.ts";
import { averagingGet, averagingSet, capGet, capSet } from "./caps.ts";
import type { PowercapContext } from "./context.ts";
import { measuringSet } from "./limits.ts";
import * as messages from "./messages.ts";
import { type POWERCAP_DESCRIBE_FASTCHANNEL_V3, V3 } from "./messages_v3.ts";

const WORD_SIZE = 4;

const AT_ONCE = { ignoresDelayed: false, async: false } as const;

/** The commands that may have a FastChannel. */
export const FAST_MESSAGE_IDS: readonly number[] = [
  messages.POWERCAP_CAP_GET.id,
  messages.POWERCAP_CAP_SET.id,
  messages.POWERCAP_PAI_GET.id,
  messages.POWERCAP_PAI_SET.id,
];

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

/** What transports with FastChannels do with their words. */
export const fastChannelAccess: FastChannelAccess<PowercapContext> = {
  sizeOf: (messageId) => FAST_MESSAGE_IDS.includes(messageId) ? WORD_SIZE : 0,
  write(messageId, domainId, words, context) {
    const word = words[0]!;
    if (messageId === messages.POWERCAP_CAP_SET.id) {
      capSet({ domainId, flags: AT_ONCE, powerCap: word }, context);
    }
    if (messageId === messages.POWERCAP_PAI_SET.id) {
      const isMeasuringOnly = context.session.version >= V3;
      if (isMeasuringOnly) measuringSet({ domainId, flags: {}, measuringUs: word }, context);
      else averagingSet({ domainId, flags: {}, averagingUs: word }, context);
    }
  },
  read(messageId, domainId, context) {
    if (messageId === messages.POWERCAP_CAP_GET.id) return [capGet({ domainId }, context).powerCap];
    if (messageId !== messages.POWERCAP_PAI_GET.id) return [];
    return [averagingGet({ domainId }, context).averagingUs];
  },
};
