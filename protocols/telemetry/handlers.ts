// The telemetry protocol 0x1B, a draft: which command is handled where.
import { everyProtocol } from "../every_protocol.ts";
import { bind, type ProtocolDefinition, versionsSince } from "../protocol.ts";
import { configGet, configSet, reset } from "./collection.ts";
import { configure, listEnabled } from "./configuration.ts";
import { TelemetryContext } from "./context.ts";
import * as descriptions from "./descriptions.ts";
import * as messages from "./messages.ts";

/** The telemetry protocol. */
export const telemetryProtocol: ProtocolDefinition<TelemetryContext> = {
  id: messages.TELEMETRY_MESSAGES.id,
  name: messages.TELEMETRY_MESSAGES.name,
  ...versionsSince({ "4.0-draft": 0x10000 }),
  bindings: [
    ...everyProtocol(0x10000),
    bind(messages.TELEMETRY_PROTOCOL_ATTRIBUTES, descriptions.attributes),
    bind(messages.TELEMETRY_LIST_SHMTI, descriptions.listAreas),
    bind(messages.TELEMETRY_DE_DESCRIPTION, descriptions.describe),
    bind(messages.TELEMETRY_LIST_UPDATE_INTERVALS, descriptions.listUpdateIntervals),
    bind(messages.TELEMETRY_DE_CONFIGURE, configure),
    bind(messages.TELEMETRY_DE_ENABLED_LIST, listEnabled),
    bind(messages.TELEMETRY_CONFIG_SET, configSet),
    bind(messages.TELEMETRY_CONFIG_GET, configGet),
    bind(messages.TELEMETRY_RESET, reset),
  ],
  notifications: messages.TELEMETRY_MESSAGES.notifications,
  // What it collects are readings of sensors; its ids name none, and who may not read a sensor may not collect it.
  resource: null,
  servedFor: "sensor",
  createContext: (session, platform) => new TelemetryContext(session, platform),
  closeContext: (context) => context.reset(),
};
