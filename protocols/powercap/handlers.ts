// The power capping protocol 0x18: which command is handled where.
import { everyProtocol } from "../every_protocol.ts";
import { bind, type ProtocolDefinition, versionsSince } from "../protocol.ts";
import * as caps from "./caps.ts";
import { PowercapContext } from "./context.ts";
import * as descriptions from "./descriptions.ts";
import { describeFastChannel, describeFastChannelV3, fastChannelAccess } from "./fast_channels.ts";
import * as limits from "./limits.ts";
import * as measurements from "./measurements.ts";
import * as messages from "./messages.ts";
import * as v3 from "./messages_v3.ts";

/** The power capping protocol. */
export const powercapProtocol: ProtocolDefinition<PowercapContext> = {
  id: messages.POWERCAP_MESSAGES.id,
  name: messages.POWERCAP_MESSAGES.name,
  ...versionsSince({ "3.1": 0x10000, "3.2": messages.V2, "4.0-draft": v3.V3 }),
  bindings: [
    ...everyProtocol(messages.V2),
    bind(messages.POWERCAP_PROTOCOL_ATTRIBUTES, descriptions.attributes),
    bind(messages.POWERCAP_DOMAIN_ATTRIBUTES, descriptions.domainAttributes),
    bind(messages.POWERCAP_CAP_GET, caps.capGet),
    bind(messages.POWERCAP_CAP_SET, caps.capSet),
    bind(messages.POWERCAP_PAI_GET, caps.averagingGet),
    bind(messages.POWERCAP_PAI_SET, caps.averagingSet),
    bind(messages.POWERCAP_DOMAIN_NAME_GET, descriptions.nameGet),
    bind(messages.POWERCAP_MEASUREMENTS_GET, measurements.measurementsGet),
    bind(messages.POWERCAP_CAP_NOTIFY, caps.capNotify),
    bind(messages.POWERCAP_MEASUREMENTS_NOTIFY, measurements.measurementsNotify),
    bind(messages.POWERCAP_DESCRIBE_FASTCHANNEL, describeFastChannel),
    bind(v3.POWERCAP_DOMAIN_ATTRIBUTES_V3, descriptions.domainAttributesV3),
    bind(v3.POWERCAP_CAP_GET_V3, limits.capGet),
    bind(v3.POWERCAP_CAP_SET_V3, limits.capSet),
    bind(v3.POWERCAP_PAI_GET_V3, limits.measuringGet),
    bind(v3.POWERCAP_PAI_SET_V3, limits.measuringSet),
    bind(v3.POWERCAP_DESCRIBE_FASTCHANNEL_V3, describeFastChannelV3),
    bind(v3.POWERCAP_CPC_ATTRIBUTES, limits.limitsDescribe),
    bind(v3.POWERCAP_CAI_GET, limits.averagingGet),
    bind(v3.POWERCAP_CAI_SET, limits.averagingSet),
  ],
  notifications: messages.POWERCAP_MESSAGES.notifications,
  resource: "powercapDomain",
  createContext: (session, platform) => new PowercapContext(session, platform),
  closeContext: (context) => context.close(),
  messageAttributes: (messageId, { domains, fastChannels }) =>
    fastChannels.isFastCommand(messageId, domains.length) ? 1 : 0,
  fastChannels: fastChannelAccess,
};
