// What a sensor command has to answer, from what the sensor is: a second opinion on the handlers, in the terms of the
// sensor contract. Only of platforms of ours are the sensors known.
import type { StatusName } from "../core/status.ts";
import type { Sensor } from "../model/sensor.ts";
import type { ChannelState } from "./channel_state.ts";
import type { ParamValues } from "./program.ts";
import { REPLY_SIZE_MIN, type Understood } from "./refusals.ts";

const V2 = 0x20000;
const SHORT_NAME_LENGTH_MAX = 15;
const ROUNDING_MAX = 2;
const READING_SIZE = 16;

/** What the sensor's nature refuses; null = nothing, or it depends on more than that. */
function refusalOf(
  state: ChannelState,
  sensor: Sensor,
  { schema, params }: Understood,
): StatusName | null {
  const number = (name: string) => params[name] as number;
  switch (schema.name) {
    case "SENSOR_TRIP_POINT_NOTIFY":
      return sensor.tripPointCount === 0 ? "NOT_SUPPORTED" : null;
    case "SENSOR_TRIP_POINT_CONFIG":
      return ((number("eventControl") >>> 4) & 0xff) < sensor.tripPointCount ? null : "INVALID_PARAMETERS";
    case "SENSOR_READING_GET": {
      if (schema.since >= V2 && state.settingsOf(number("sensorId")).isEnabled === false) {
        return "PROTOCOL_ERROR";
      }
      const isAsync = (number("flags") & 1) !== 0;
      return isAsync && (sensor.asyncLatencyUs === null || !state.hasP2a) ? "NOT_SUPPORTED" : null;
    }
    case "SENSOR_AXIS_DESCRIPTION_GET":
    case "SENSOR_AXIS_NAME_GET": {
      if (!sensor.isVector) return "NOT_SUPPORTED";
      const isLong = sensor.quantities.some(({ name }) => name.length > SHORT_NAME_LENGTH_MAX);
      if (number("index") >= sensor.quantities.length) return "INVALID_PARAMETERS";
      return schema.name === "SENSOR_AXIS_NAME_GET" && !isLong ? "NOT_SUPPORTED" : null;
    }
    case "SENSOR_LIST_UPDATE_INTERVALS": {
      const { intervals } = sensor;
      // The first index is always there, even of an empty list.
      const count = intervals.kind === "list" ? intervals.list.length : 1;
      return number("index") < count ? null : "INVALID_PARAMETERS";
    }
    case "SENSOR_CONTINUOUS_UPDATE_NOTIFY":
      return sensor.supportsContinuousUpdate ? null : "NOT_SUPPORTED";
    case "SENSOR_NAME_GET":
      return sensor.name.length > SHORT_NAME_LENGTH_MAX ? null : "NOT_SUPPORTED";
    case "SENSOR_CONFIG_SET":
      return configRefusalOf(sensor, params);
    default:
      return null;
  }
}

function configRefusalOf(sensor: Sensor, params: ParamValues): StatusName | null {
  const word = params.config as number;
  if (((word >>> 9) & 3) > ROUNDING_MAX) return "INVALID_PARAMETERS";
  const setsInterval = word >>> 11 !== 0;
  if (setsInterval && word >>> 16 === 0) return "INVALID_PARAMETERS";
  if ((word & 2) !== 0 && sensor.timestampExponent === null) return "NOT_SUPPORTED";
  return setsInterval && sensor.intervals.kind === "none" ? "NOT_SUPPORTED" : null;
}

/** Statuses that come from faults, load or room, and of an interval that rounding does not reach. */
const CIRCUMSTANCES: ReadonlySet<StatusName> = new Set(["HARDWARE_ERROR", "BUSY", "COMMS_ERROR"]);

/** Judges the status of a sensor command by what the sensor is; null = nothing is wrong. */
export function judgeSensorStatus(
  state: ChannelState,
  understood: Understood,
  status: StatusName,
): string | null {
  const { schema, params, protocol } = understood;
  if (protocol.resource !== "sensor") return null;
  const sensors = state.agent.view.sensor;
  if (schema.name === "SENSOR_DESCRIPTION_GET" && status !== "COMMS_ERROR") {
    const expected: StatusName = (params.index as number) < sensors.length ? "SUCCESS" : "INVALID_PARAMETERS";
    return status === expected
      ? null
      : `index ${params.index} of ${sensors.length} sensors is answered with ${status}`;
  }
  const sensor = sensors[params.sensorId as number];
  if (sensor === undefined) return null;
  if (status === "COMMS_ERROR" && schema.name === "SENSOR_READING_GET") {
    const size = REPLY_SIZE_MIN + READING_SIZE * sensor.quantities.length;
    return size > state.room ? null : `a reading of ${size} bytes is said not to fit ${state.room}`;
  }
  const refusal = refusalOf(state, sensor, understood);
  if (refusal !== null) {
    return status === refusal
      ? null
      : `${schema.name} of '${sensor.name}' has to be ${refusal}, not ${status}`;
  }
  const mayRefuse = CIRCUMSTANCES.has(status) ||
    (schema.name === "SENSOR_CONFIG_SET" && status === "NOT_SUPPORTED");
  return status === "SUCCESS" || mayRefuse
    ? null
    : `${schema.name} of '${sensor.name}' says ${status} without reason`;
}
