// The performance protocol 0x13: which command is handled where.
import { everyProtocol } from "../every_protocol.ts";
import { bind, type ProtocolDefinition, versionsSince } from "../protocol.ts";
import { PerformanceContext } from "./context.ts";
import * as descriptions from "./descriptions.ts";
import { describeFastChannel, fastChannelAccess } from "./fast_channels.ts";
import * as levels from "./levels.ts";
import * as messages from "./messages.ts";

/** The performance protocol. */
export const performanceProtocol: ProtocolDefinition<PerformanceContext> = {
  id: messages.PERFORMANCE_MESSAGES.id,
  name: messages.PERFORMANCE_MESSAGES.name,
  // The draft has a version 4.1, for quality of service: the ids of its messages are not known.
  ...versionsSince({ "1.0": 0x10000, "2.0": messages.V2, "3.1": messages.V3, "3.2": messages.V4 }),
  bindings: [
    ...everyProtocol(messages.V4),
    bind(messages.PERFORMANCE_PROTOCOL_ATTRIBUTES, descriptions.attributes),
    bind(messages.PERFORMANCE_DOMAIN_ATTRIBUTES, descriptions.domainAttributes),
    bind(messages.PERFORMANCE_DESCRIBE_LEVELS_V1, descriptions.describeLevelsV1),
    bind(messages.PERFORMANCE_DESCRIBE_LEVELS, descriptions.describeLevels),
    bind(messages.PERFORMANCE_LIMITS_SET, levels.limitsSet),
    bind(messages.PERFORMANCE_LIMITS_GET, levels.limitsGet),
    bind(messages.PERFORMANCE_LEVEL_SET, levels.levelSet),
    bind(messages.PERFORMANCE_LEVEL_GET, levels.levelGet),
    bind(messages.PERFORMANCE_NOTIFY_LIMITS, levels.notifyLimits),
    bind(messages.PERFORMANCE_NOTIFY_LEVEL, levels.notifyLevel),
    bind(messages.PERFORMANCE_DESCRIBE_FASTCHANNEL, describeFastChannel),
    bind(messages.PERFORMANCE_DOMAIN_NAME_GET, descriptions.nameGet),
  ],
  notifications: messages.PERFORMANCE_MESSAGES.notifications,
  resource: "performanceDomain",
  createContext: (session, platform) => new PerformanceContext(session, platform),
  closeContext: (context) => context.close(),
  messageAttributes: (messageId, { domains, fastChannels }) =>
    fastChannels.isFastCommand(messageId, domains.length) ? 1 : 0,
  fastChannels: fastChannelAccess,
};
