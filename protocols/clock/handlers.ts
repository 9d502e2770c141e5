// The clock protocol 0x14: which command is handled where.
import { everyProtocol } from "../every_protocol.ts";
import { bind, type ProtocolDefinition, versionsSince } from "../protocol.ts";
import * as configuration from "./configuration.ts";
import { ClockContext } from "./context.ts";
import * as descriptions from "./descriptions.ts";
import * as messages from "./messages.ts";
import * as rates from "./rates.ts";

/** The clock protocol. */
export const clockProtocol: ProtocolDefinition<ClockContext> = {
  id: messages.CLOCK_MESSAGES.id,
  name: messages.CLOCK_MESSAGES.name,
  ...versionsSince({ "1.0": 0x10000, "3.1": 0x20000, "3.2": 0x30000 }),
  bindings: [
    ...everyProtocol(0x30000),
    bind(messages.CLOCK_PROTOCOL_ATTRIBUTES, descriptions.attributes),
    bind(messages.CLOCK_ATTRIBUTES_V1, descriptions.clockAttributesV1),
    bind(messages.CLOCK_ATTRIBUTES, descriptions.clockAttributes),
    bind(messages.CLOCK_DESCRIBE_RATES, descriptions.describeRates),
    bind(messages.CLOCK_RATE_SET, rates.rateSet),
    bind(messages.CLOCK_RATE_GET, rates.rateGet),
    bind(messages.CLOCK_CONFIG_SET_V1, configuration.configSetV1),
    bind(messages.CLOCK_CONFIG_SET, configuration.configSet),
    bind(messages.CLOCK_NAME_GET, descriptions.nameGet),
    bind(messages.CLOCK_RATE_NOTIFY, rates.rateNotify),
    bind(messages.CLOCK_RATE_CHANGE_REQUESTED_NOTIFY, rates.rateChangeRequestedNotify),
    bind(messages.CLOCK_CONFIG_GET, configuration.configGet),
    bind(messages.CLOCK_POSSIBLE_PARENTS_GET, configuration.possibleParentsGet),
    bind(messages.CLOCK_PARENT_SET, configuration.parentSet),
    bind(messages.CLOCK_PARENT_GET, configuration.parentGet),
    bind(messages.CLOCK_GET_PERMISSIONS, descriptions.getPermissions),
  ],
  notifications: messages.CLOCK_MESSAGES.notifications,
  resource: "clock",
  createContext: (session, platform) => new ClockContext(session, platform),
  closeContext: (context) => context.close(),
};
