// Sensor protocol: what sensors are. Descriptors, axes, names, update intervals; each list is paged by the room in the
// agent's buffer and keeps no state between pages. SCMI 4.7.2.4, 4.7.2.8, 4.7.2.9, 4.7.2.13, 4.7.2.14.
import { ASYNC_PENDING_MAX } from "../../scp/core/limits.ts";
import type { Quantity, Sensor } from "../../scp/model/sensor.ts";
import type { Handler } from "../protocol.ts";
import type { SensorContext } from "./context.ts";
import type * as messages from "./messages.ts";

const SHORT_NAME_LENGTH_MAX = 15;
const COUNTS_SIZE = 4;
const DESCRIPTOR_SIZE = 28;
const POWER_SIZE = 4;
const RANGE_SIZE = 20;
const INTERVAL_SIZE = 4;
const NAME_SIZE = 68;
const RETURNED_MAX = 0xfff;
const AXES_RETURNED_MAX = 0x3f;
/** In version 1.0 the interval's mantissa has 5 bits. */
const V1_MANTISSA_MAX = 0x1f;

/** How many items of one size fit; at least one, so that a reply that has no room for any is refused, not empty. */
function fittingCount(room: number, itemSize: number, countMax: number): number {
  return Math.max(1, Math.min(countMax, Math.floor((room - COUNTS_SIZE) / itemSize)));
}

export const attributes: Handler<typeof messages.SENSOR_PROTOCOL_ATTRIBUTES, SensorContext> = (
  _params,
  { sensors, session },
) => ({
  attributes: { sensorCount: sensors.length, asyncPendingMax: session.hasP2a() ? ASYNC_PENDING_MAX : 0 },
  addressLow: 0,
  addressHigh: 0,
  areaSize: 0,
});

export const descriptionGetV1: Handler<typeof messages.SENSOR_DESCRIPTION_GET_V1, SensorContext> = (
  params,
  { sensors, session },
) => {
  if (params.index >= sensors.length) return "INVALID_PARAMETERS";
  const count = fittingCount(session.room, DESCRIPTOR_SIZE, RETURNED_MAX);
  const page = sensors.slice(params.index, params.index + count);
  return {
    counts: { returned: page.length, remaining: sensors.length - params.index - page.length },
    descriptors: page.map((sensor, i) => {
      const { typeCode, unitExponent } = sensor.quantities[0]!;
      const interval = sensor.defaultInterval;
      const isTold = interval !== null && interval.mantissa <= V1_MANTISSA_MAX;
      return {
        sensorId: params.index + i,
        attributesLow: {
          supportsAsync: sensor.asyncLatencyUs !== null && session.hasP2a(),
          tripPointCount: sensor.tripPointCount,
        },
        attributesHigh: {
          intervalMantissa: isTold ? interval.mantissa : 0,
          intervalExponent: isTold ? interval.exponent : 0,
          unitExponent,
          typeCode,
        },
        name: sensor.name,
      };
    }),
  };
};

/** Bytes that the descriptor of a sensor takes since version 2.0. */
function descriptorSizeOf(sensor: Sensor): number {
  if (!sensor.hasExtendedAttributes) return DESCRIPTOR_SIZE;
  return DESCRIPTOR_SIZE + POWER_SIZE + (sensor.isVector ? 0 : RANGE_SIZE);
}

export const descriptionGet: Handler<typeof messages.SENSOR_DESCRIPTION_GET, SensorContext> = (
  params,
  { sensors, session },
) => {
  if (params.index >= sensors.length) return "INVALID_PARAMETERS";
  const descriptors = [];
  let room = session.room - COUNTS_SIZE;
  for (let id = params.index; id < sensors.length && descriptors.length < RETURNED_MAX; id++) {
    const sensor = sensors[id]!;
    room -= descriptorSizeOf(sensor);
    if (room < 0 && descriptors.length > 0) break;
    descriptors.push(describe(id, sensor, session.version, session.hasP2a()));
  }
  const remaining = sensors.length - params.index - descriptors.length;
  return { counts: { returned: descriptors.length, remaining }, descriptors };
};

function describe(sensorId: number, sensor: Sensor, version: number, hasP2a: boolean) {
  const scalar: Quantity = sensor.quantities[0]!;
  return {
    sensorId,
    attributesLow: {
      supportsAsync: sensor.asyncLatencyUs !== null && hasP2a,
      supportsContinuousUpdate: sensor.supportsContinuousUpdate && hasP2a,
      hasExtendedName: version >= 0x30000 && sensor.name.length > SHORT_NAME_LENGTH_MAX,
      timestampExponent: sensor.timestampExponent ?? 0,
      hasTimestamps: sensor.timestampExponent !== null,
      hasExtendedAttributes: sensor.hasExtendedAttributes,
      tripPointCount: sensor.tripPointCount,
    },
    attributesHigh: {
      axisCount: sensor.isVector ? sensor.quantities.length : 0,
      unitExponent: sensor.isVector ? 0 : scalar.unitExponent,
      isVector: sensor.isVector,
      typeCode: sensor.isVector ? 0 : scalar.typeCode,
    },
    name: sensor.name,
    powerUw: sensor.powerUw,
    resolution: scalar.resolution,
    minRange: scalar.minRange,
    maxRange: scalar.maxRange,
  };
}

export const axisDescriptionGet: Handler<typeof messages.SENSOR_AXIS_DESCRIPTION_GET, SensorContext> = (
  params,
  { sensors, session },
) => {
  const sensor = sensors[params.sensorId]!;
  if (!sensor.isVector) return "NOT_SUPPORTED";
  const all = sensor.quantities;
  if (params.index >= all.length) return "INVALID_PARAMETERS";
  const size = DESCRIPTOR_SIZE + (sensor.hasExtendedAttributes ? RANGE_SIZE : 0);
  const page = all.slice(params.index, params.index + fittingCount(session.room, size, AXES_RETURNED_MAX));
  return {
    counts: { returned: page.length, remaining: all.length - params.index - page.length },
    axes: page.map((axis, i) => ({
      axisId: params.index + i,
      attributesLow: {
        hasExtendedName: session.version >= 0x30000 && axis.name.length > SHORT_NAME_LENGTH_MAX,
        hasExtendedAttributes: sensor.hasExtendedAttributes,
      },
      attributesHigh: { unitExponent: axis.unitExponent, typeCode: axis.typeCode },
      name: axis.name,
      resolution: axis.resolution,
      minRange: axis.minRange,
      maxRange: axis.maxRange,
    })),
  };
};

export const listUpdateIntervals: Handler<typeof messages.SENSOR_LIST_UPDATE_INTERVALS, SensorContext> = (
  params,
  { sensors, session },
) => {
  const { intervals } = sensors[params.sensorId]!;
  if (intervals.kind === "segment") {
    if (params.index !== 0) return "INVALID_PARAMETERS";
    const segment = [intervals.lowest, intervals.highest, intervals.step];
    return {
      counts: { returned: segment.length, isSegment: true, remaining: 0 },
      intervals: segment.map((interval) => ({ interval })),
    };
  }
  // None is an empty list: Linux asks every sensor, and counts a refusal as an error of the platform.
  const all = intervals.kind === "none" ? [] : intervals.list;
  if (params.index > 0 && params.index >= all.length) return "INVALID_PARAMETERS";
  const page = all.slice(
    params.index,
    params.index + fittingCount(session.room, INTERVAL_SIZE, RETURNED_MAX),
  );
  return {
    counts: { returned: page.length, isSegment: false, remaining: all.length - params.index - page.length },
    intervals: page.map((interval) => ({ interval })),
  };
};

export const nameGet: Handler<typeof messages.SENSOR_NAME_GET, SensorContext> = (params, { sensors }) => {
  const { name } = sensors[params.sensorId]!;
  return name.length > SHORT_NAME_LENGTH_MAX ? { flags: 0, name } : "NOT_SUPPORTED";
};

export const axisNameGet: Handler<typeof messages.SENSOR_AXIS_NAME_GET, SensorContext> = (
  params,
  { sensors, session },
) => {
  const sensor = sensors[params.sensorId]!;
  if (!sensor.isVector) return "NOT_SUPPORTED";
  if (params.index >= sensor.quantities.length) return "INVALID_PARAMETERS";
  // All axes are listed once one has an extended name, so that place and axis id stay the same for the agent's paging.
  const all = sensor.quantities.map(({ name }, axisId) => ({ axisId, name }));
  if (all.every(({ name }) => name.length <= SHORT_NAME_LENGTH_MAX)) return "NOT_SUPPORTED";
  const last = params.index + fittingCount(session.room, NAME_SIZE, AXES_RETURNED_MAX);
  const names = all.slice(params.index, last);
  return { counts: { returned: names.length, remaining: all.length - params.index - names.length }, names };
};
