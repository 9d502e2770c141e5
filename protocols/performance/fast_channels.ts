// Performance protocol: FastChannels. Which there are is the transport's matter; here they are described, and here is what
// writing and reading them means. There is no status: what a command would refuse is ignored. scmi-core 5.5.
import type { FastChannel } from "../../scp/core/shared_area.ts";
import { fastChannelReply } from "../fast_channels.ts";
import type { FastChannelAccess, Handler } from "../protocol.ts";
import type { PerformanceContext } from "./context.ts";
import { levelGet, levelSet, limitsGet, limitsSet } from "./levels.ts";
import * as messages from "./messages.ts";

/** The commands that may have a FastChannel. */
const FAST_MESSAGE_IDS: readonly number[] = [
  messages.PERFORMANCE_LIMITS_SET.id,
  messages.PERFORMANCE_LIMITS_GET.id,
  messages.PERFORMANCE_LEVEL_SET.id,
  messages.PERFORMANCE_LEVEL_GET.id,
];

function findFastChannel(
  { session }: PerformanceContext,
  messageId: number,
  domainId: number,
): FastChannel | null {
  if (session.version < messages.V2 || !FAST_MESSAGE_IDS.includes(messageId)) return null;
  return session.sharedAreas?.findFastChannel(session.protocolId, messageId, domainId) ?? null;
}

/** Whether a domain has any FastChannel on this channel. */
export function hasFastChannels(context: PerformanceContext, domainId: number): boolean {
  return FAST_MESSAGE_IDS.some((messageId) => findFastChannel(context, messageId, domainId) !== null);
}

/** Whether a command has a FastChannel for any domain: what PROTOCOL_MESSAGE_ATTRIBUTES tells in bit 0. */
export function isFast(context: PerformanceContext, messageId: number): boolean {
  return context.domains.some((_domain, domainId) => findFastChannel(context, messageId, domainId) !== null);
}

export const describeFastChannel: Handler<
  typeof messages.PERFORMANCE_DESCRIBE_FASTCHANNEL,
  PerformanceContext
> = (params, context) => {
  if (!context.session.isOffered(params.messageId)) return "NOT_FOUND";
  const channel = findFastChannel(context, params.messageId, params.domainId);
  return channel === null ? "NOT_SUPPORTED" : fastChannelReply(channel);
};

/** What transports with FastChannels do with their words. */
export const fastChannelAccess: FastChannelAccess<PerformanceContext> = {
  sizeOf(messageId) {
    if (!FAST_MESSAGE_IDS.includes(messageId)) return 0;
    const carriesLimits = messageId === messages.PERFORMANCE_LIMITS_SET.id ||
      messageId === messages.PERFORMANCE_LIMITS_GET.id;
    return carriesLimits ? 8 : 4;
  },
  write(messageId, domainId, words, context) {
    if (messageId === messages.PERFORMANCE_LEVEL_SET.id) levelSet({ domainId, level: words[0]! }, context);
    if (messageId === messages.PERFORMANCE_LIMITS_SET.id) {
      limitsSet({ domainId, rangeMax: words[0]!, rangeMin: words[1]! }, context);
    }
  },
  read(messageId, domainId, context) {
    if (messageId === messages.PERFORMANCE_LEVEL_GET.id) return [levelGet({ domainId }, context).level];
    if (messageId !== messages.PERFORMANCE_LIMITS_GET.id) return [];
    const { rangeMax, rangeMin } = limitsGet({ domainId }, context);
    return [rangeMax, rangeMin];
  },
};
