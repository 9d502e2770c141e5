// The sensor protocol 0x15: which command is handled where.
import { everyProtocol } from "../every_protocol.ts";
import { bind, type ProtocolDefinition, versionsSince } from "../protocol.ts";
import { configGet, configSet } from "./configuration.ts";
import { SensorContext } from "./context.ts";
import * as descriptions from "./descriptions.ts";
import * as messages from "./messages.ts";
import { continuousUpdateNotify, planUpdates, readingGet, readingGetV1 } from "./readings.ts";
import { tripPointConfig, tripPointNotify, watchTripPoints } from "./trip_points.ts";

/** The sensor protocol. */
export const sensorProtocol: ProtocolDefinition<SensorContext> = {
  id: messages.SENSOR_MESSAGES.id,
  name: messages.SENSOR_MESSAGES.name,
  ...versionsSince({ "1.0": 0x10000, "3.0": 0x20000, "3.1": 0x30000, "3.2": 0x30001 }),
  bindings: [
    ...everyProtocol(0x30001),
    bind(messages.SENSOR_PROTOCOL_ATTRIBUTES, descriptions.attributes),
    bind(messages.SENSOR_DESCRIPTION_GET_V1, descriptions.descriptionGetV1),
    bind(messages.SENSOR_DESCRIPTION_GET, descriptions.descriptionGet),
    bind(messages.SENSOR_TRIP_POINT_NOTIFY, tripPointNotify),
    bind(messages.SENSOR_TRIP_POINT_CONFIG, tripPointConfig),
    bind(messages.SENSOR_READING_GET_V1, readingGetV1),
    bind(messages.SENSOR_READING_GET, readingGet),
    bind(messages.SENSOR_AXIS_DESCRIPTION_GET, descriptions.axisDescriptionGet),
    bind(messages.SENSOR_LIST_UPDATE_INTERVALS, descriptions.listUpdateIntervals),
    bind(messages.SENSOR_CONFIG_GET, configGet),
    bind(messages.SENSOR_CONFIG_SET, configSet),
    bind(messages.SENSOR_CONTINUOUS_UPDATE_NOTIFY, continuousUpdateNotify),
    bind(messages.SENSOR_NAME_GET, descriptions.nameGet),
    bind(messages.SENSOR_AXIS_NAME_GET, descriptions.axisNameGet),
  ],
  notifications: messages.SENSOR_MESSAGES.notifications,
  resource: "sensor",
  createContext: (session, platform) => new SensorContext(session, platform),
  closeContext: (context) => context.close(),
  versionChanged(context) {
    for (const sensorId of context.touchedIds()) {
      planUpdates(context, sensorId);
      watchTripPoints(context, sensorId);
    }
  },
};
