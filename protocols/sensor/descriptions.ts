// Sensor protocol: what sensors are. Descriptors, axes, names, update intervals; each list is paged by the room in the
// agent's buffer and keeps no state between pages. SCMI 4.7.2.4, 4.7.2.8, 4.7.2.9, 4.7.2.13, 4.7.2.14.
import { ASYNC_PENDING_MAX } from "../../scp/core/limits.ts";
import type { Quantity, Sensor } from "../../scp/model/sensor.ts";
import { hasExtendedName, nameReply } from "../names.ts";
import { pageOf } from "../paging.ts";
import type { Handler, Session } from "../protocol.ts";
import type { SensorContext } from "./context.ts";
import type * as messages from "./messages.ts";
import { SENSOR_CONTINUOUS_UPDATE_NOTIFY, SENSOR_READING_GET, SENSOR_TRIP_POINT_CONFIG } from "./messages.ts";

const DESCRIPTOR_SIZE = 28;
const POWER_SIZE = 4;
const RANGE_SIZE = 20;
const INTERVAL_SIZE = 4;
const NAME_SIZE = 68;
const RETURNED_MAX = 0xfff;
const AXES_RETURNED_MAX = 0x3f;
/** In version 1.0 the interval's mantissa has 5 bits. */
const V1_MANTISSA_MAX = 0x1f;

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
  const { room } = session;
  const page = pageOf(sensors, params.index, { room, itemSize: DESCRIPTOR_SIZE, countMax: RETURNED_MAX });
  if (page === null) return "INVALID_PARAMETERS";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    descriptors: page.items.map((sensor, i) => {
      const { typeCode, unitExponent } = sensor.quantities[0]!;
      const interval = sensor.defaultInterval;
      const isTold = interval !== null && interval.mantissa <= V1_MANTISSA_MAX;
      return {
        sensorId: params.index + i,
        attributesLow: {
          supportsAsync: sensor.asyncLatencyUs !== null && offersAsync(session),
          tripPointCount: tripPointCountOf(sensor, session),
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
  const { room } = session;
  const page = pageOf(sensors, params.index, { room, itemSize: descriptorSizeOf, countMax: RETURNED_MAX });
  if (page === null) return "INVALID_PARAMETERS";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    descriptors: page.items.map((sensor, i) => describe(params.index + i, sensor, session)),
  };
};

/** Whether the agent may ask for readings that come later. */
function offersAsync(session: Session): boolean {
  return session.hasP2a() && session.isOffered(SENSOR_READING_GET.id);
}

function tripPointCountOf({ tripPointCount }: Sensor, session: Session): number {
  return session.isOffered(SENSOR_TRIP_POINT_CONFIG.id) ? tripPointCount : 0;
}

function describe(sensorId: number, sensor: Sensor, session: Session) {
  const scalar: Quantity = sensor.quantities[0]!;
  return {
    sensorId,
    attributesLow: {
      supportsAsync: sensor.asyncLatencyUs !== null && offersAsync(session),
      supportsContinuousUpdate: sensor.supportsContinuousUpdate &&
        session.isOffered(SENSOR_CONTINUOUS_UPDATE_NOTIFY.id),
      hasExtendedName: session.version >= 0x30000 && hasExtendedName(sensor.name),
      timestampExponent: sensor.timestampExponent ?? 0,
      hasTimestamps: sensor.timestampExponent !== null,
      hasExtendedAttributes: sensor.hasExtendedAttributes,
      tripPointCount: tripPointCountOf(sensor, session),
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
  const itemSize = DESCRIPTOR_SIZE + (sensor.hasExtendedAttributes ? RANGE_SIZE : 0);
  const bounds = { room: session.room, itemSize, countMax: AXES_RETURNED_MAX };
  const page = pageOf(sensor.quantities, params.index, bounds);
  if (page === null) return "INVALID_PARAMETERS";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    axes: page.items.map((axis, i) => ({
      axisId: params.index + i,
      attributesLow: {
        hasExtendedName: session.version >= 0x30000 && hasExtendedName(axis.name),
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
  if (intervals.kind === "none") {
    if (params.index !== 0) return "INVALID_PARAMETERS";
    return { counts: { returned: 0, isSegment: false, remaining: 0 }, intervals: [] };
  }
  const { room } = session;
  const page = pageOf(intervals.list, params.index, {
    room,
    itemSize: INTERVAL_SIZE,
    countMax: RETURNED_MAX,
  });
  if (page === null) return "INVALID_PARAMETERS";
  return {
    counts: { returned: page.items.length, isSegment: false, remaining: page.remaining },
    intervals: page.items.map((interval) => ({ interval })),
  };
};

export const nameGet: Handler<typeof messages.SENSOR_NAME_GET, SensorContext> = (params, { sensors }) =>
  nameReply(sensors[params.sensorId]!.name);

export const axisNameGet: Handler<typeof messages.SENSOR_AXIS_NAME_GET, SensorContext> = (
  params,
  { sensors, session },
) => {
  const sensor = sensors[params.sensorId]!;
  if (!sensor.isVector) return "NOT_SUPPORTED";
  // All axes are listed once one has an extended name, so that place and axis id stay the same for the agent's paging.
  const all = sensor.quantities.map(({ name }, axisId) => ({ axisId, name }));
  const bounds = { room: session.room, itemSize: NAME_SIZE, countMax: AXES_RETURNED_MAX };
  const page = pageOf(all, params.index, bounds);
  if (page === null) return "INVALID_PARAMETERS";
  if (!all.some(({ name }) => hasExtendedName(name))) return "NOT_SUPPORTED";
  return { counts: { returned: page.items.length, remaining: page.remaining }, names: page.items };
};
