// Sensor protocol 0x15: the declarations of its messages. SCMI 4.7; versions 1.0 (SCMI 1.0, 2.0), 2.0 (3.0), 3.0 (3.1)
// and 3.1 (3.2). Where a version changed a layout there are two declarations with disjoint version ranges.
import {
  bits,
  bits32,
  command,
  flag,
  i64,
  list,
  notification,
  ref,
  safe64,
  signedBits,
  text,
  u32,
  when,
} from "../../scp/core/schema.ts";
import { NAME_GET_RETURNS } from "../names.ts";

/** The version that brought other descriptors and readings, switches and updates. */
export const V2 = 0x20000;
const V1_LAST = 0x1ffff;
const V3 = 0x30000;

/** A reading since version 2.0: signed value, and when it was taken in ticks of the sensor's timestamp exponent. */
const READING = { value: safe64(), timestamp: safe64() } as const;

/** An update interval: mantissa x 10^exponent seconds. */
const INTERVAL = { interval: bits32({ mantissa: bits(20, 5), exponent: signedBits(4, 0) }) } as const;

const RESOLUTION = bits32({ mantissa: bits(26, 0), exponent: signedBits(31, 27) });

export const SENSOR_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary:
    "Counts the sensors and the asynchronous readings that may be pending; tells the shared readings area",
  returns: {
    attributes: bits32({ sensorCount: bits(15, 0), asyncPendingMax: bits(23, 16) }),
    addressLow: u32(),
    addressHigh: u32(),
    areaSize: u32(),
  },
});

/** The four words that every descriptor begins with, version 1.0. */
const DESCRIPTOR_V1 = {
  sensorId: ref("sensor"),
  attributesLow: bits32({ supportsAsync: flag(31), tripPointCount: bits(7, 0) }),
  attributesHigh: bits32({
    intervalMantissa: bits(31, 27),
    intervalExponent: signedBits(26, 22),
    unitExponent: signedBits(15, 11),
    typeCode: bits(7, 0),
  }),
  name: text(16),
} as const;

export const SENSOR_DESCRIPTION_GET_V1 = command({
  id: 0x3,
  name: "SENSOR_DESCRIPTION_GET",
  summary: "Describes sensors from an index on, as many as fit",
  until: V1_LAST,
  params: { index: u32() },
  returns: {
    counts: bits32({ returned: bits(11, 0), remaining: bits(31, 16) }),
    descriptors: list(DESCRIPTOR_V1),
  },
  fails: ["INVALID_PARAMETERS"],
});

export const SENSOR_DESCRIPTION_GET = command({
  id: 0x3,
  name: "SENSOR_DESCRIPTION_GET",
  summary: "Describes sensors from an index on, as many as fit",
  since: V2,
  params: { index: u32() },
  returns: {
    counts: bits32({ returned: bits(11, 0), remaining: bits(31, 16) }),
    descriptors: list({
      sensorId: ref("sensor"),
      attributesLow: bits32({
        supportsAsync: flag(31),
        supportsContinuousUpdate: flag(30),
        hasExtendedName: flag(29),
        timestampExponent: signedBits(14, 10),
        hasTimestamps: flag(9),
        hasExtendedAttributes: flag(8),
        tripPointCount: bits(7, 0),
      }),
      attributesHigh: bits32({
        axisCount: bits(21, 16),
        unitExponent: signedBits(15, 11),
        isVector: flag(8),
        typeCode: bits(7, 0),
      }),
      name: text(16),
      powerUw: when({ attributesLow: "hasExtendedAttributes" }, u32()),
      resolution: when({ attributesLow: "hasExtendedAttributes", attributesHigh: "!isVector" }, RESOLUTION),
      minRange: when({ attributesLow: "hasExtendedAttributes", attributesHigh: "!isVector" }, i64()),
      maxRange: when({ attributesLow: "hasExtendedAttributes", attributesHigh: "!isVector" }, i64()),
    }),
  },
  fails: ["INVALID_PARAMETERS"],
});

export const SENSOR_TRIP_POINT_NOTIFY = command({
  id: 0x4,
  name: "SENSOR_TRIP_POINT_NOTIFY",
  summary: "Turns SENSOR_TRIP_POINT_EVENT of a sensor on or off; its points are set apart from this",
  params: { sensorId: ref("sensor"), eventControl: bits32({ enable: flag(0) }) },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

/** Directions of a trip point, as bits: 1 upward, 2 downward. */
export const TRIP_DIRECTION = { none: 0, upward: 1, downward: 2, both: 3 } as const;

export const SENSOR_TRIP_POINT_CONFIG = command({
  id: 0x5,
  name: "SENSOR_TRIP_POINT_CONFIG",
  summary: "Sets the value of a trip point and the directions in which crossing it is an event",
  params: {
    sensorId: ref("sensor"),
    eventControl: bits32({ direction: bits(1, 0), tripPointId: bits(11, 4) }),
    value: i64(),
  },
  fails: ["INVALID_PARAMETERS"],
});

export const SENSOR_READING_GET_V1 = command({
  id: 0x6,
  name: "SENSOR_READING_GET",
  summary: "Reads a sensor, at once or as a delayed response",
  until: V1_LAST,
  params: { sensorId: ref("sensor"), flags: bits32({ async: flag(0) }) },
  returns: { value: safe64() },
  fails: ["NOT_SUPPORTED", "HARDWARE_ERROR", "BUSY"],
  delayed: { sensorId: ref("sensor"), value: safe64() },
});

export const SENSOR_READING_GET = command({
  id: 0x6,
  name: "SENSOR_READING_GET",
  summary: "Reads a sensor, at once or as a delayed response",
  since: V2,
  params: { sensorId: ref("sensor"), flags: bits32({ async: flag(0) }) },
  returns: { readings: list(READING) },
  fails: ["NOT_SUPPORTED", "PROTOCOL_ERROR", "HARDWARE_ERROR", "BUSY"],
  delayed: { sensorId: ref("sensor"), readings: list(READING) },
});

const AXIS_ATTRIBUTES_HIGH = bits32({ unitExponent: signedBits(15, 11), typeCode: bits(7, 0) });

export const SENSOR_AXIS_DESCRIPTION_GET = command({
  id: 0x7,
  name: "SENSOR_AXIS_DESCRIPTION_GET",
  summary: "Describes the axes of a sensor from an index on, as many as fit",
  since: V2,
  params: { sensorId: ref("sensor"), index: u32() },
  returns: {
    counts: bits32({ returned: bits(5, 0), remaining: bits(31, 26) }),
    axes: list({
      axisId: u32(),
      attributesLow: bits32({ hasExtendedName: flag(9), hasExtendedAttributes: flag(8) }),
      attributesHigh: AXIS_ATTRIBUTES_HIGH,
      name: text(16),
      resolution: when({ attributesLow: "hasExtendedAttributes" }, RESOLUTION),
      minRange: when({ attributesLow: "hasExtendedAttributes" }, i64()),
      maxRange: when({ attributesLow: "hasExtendedAttributes" }, i64()),
    }),
  },
  fails: ["NOT_SUPPORTED", "INVALID_PARAMETERS"],
});

export const SENSOR_LIST_UPDATE_INTERVALS = command({
  id: 0x8,
  name: "SENSOR_LIST_UPDATE_INTERVALS",
  summary: "Lists a sensor's update intervals from an index on, or its segment: lowest, highest, step",
  since: V2,
  params: { sensorId: ref("sensor"), index: u32() },
  returns: {
    counts: bits32({ returned: bits(11, 0), isSegment: flag(12), remaining: bits(31, 16) }),
    intervals: list(INTERVAL),
  },
  fails: ["INVALID_PARAMETERS"],
});

/** Rounding of an update interval in SENSOR_CONFIG_SET. */
export const ROUNDING = { down: 0, up: 1, platform: 2 } as const;

export const SENSOR_CONFIG_GET = command({
  id: 0x9,
  name: "SENSOR_CONFIG_GET",
  summary: "Tells whether a sensor is on, whether its readings carry timestamps, and its update interval",
  since: V2,
  params: { sensorId: ref("sensor") },
  returns: {
    config: bits32({
      intervalMantissa: bits(31, 16),
      intervalExponent: signedBits(15, 11),
      timestamps: flag(1),
      enabled: flag(0),
    }),
  },
});

export const SENSOR_CONFIG_SET = command({
  id: 0xa,
  name: "SENSOR_CONFIG_SET",
  summary:
    "Turns a sensor and its timestamps on or off and sets its update interval; interval 0 keeps the old one",
  since: V2,
  params: {
    sensorId: ref("sensor"),
    config: bits32({
      intervalMantissa: bits(31, 16),
      intervalExponent: signedBits(15, 11),
      rounding: bits(10, 9),
      timestamps: flag(1),
      enabled: flag(0),
    }),
  },
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED"],
});

export const SENSOR_CONTINUOUS_UPDATE_NOTIFY = command({
  id: 0xb,
  name: "SENSOR_CONTINUOUS_UPDATE_NOTIFY",
  summary: "Turns SENSOR_UPDATE of a sensor on or off; updates flow while the sensor is on, too",
  since: V2,
  params: { sensorId: ref("sensor"), notifyEnable: bits32({ enable: flag(0) }) },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

export const SENSOR_NAME_GET = command({
  id: 0xc,
  name: "SENSOR_NAME_GET",
  summary: "Tells a sensor's extended name",
  since: V3,
  params: { sensorId: ref("sensor") },
  returns: NAME_GET_RETURNS,
  fails: ["NOT_SUPPORTED"],
});

export const SENSOR_AXIS_NAME_GET = command({
  id: 0xd,
  name: "SENSOR_AXIS_NAME_GET",
  summary: "Tells the extended names of a sensor's axes from an index on, as many as fit",
  since: V3,
  params: { sensorId: ref("sensor"), index: u32() },
  returns: {
    counts: bits32({ returned: bits(5, 0), remaining: bits(31, 26) }),
    names: list({ axisId: u32(), name: text(64) }),
  },
  fails: ["NOT_SUPPORTED", "INVALID_PARAMETERS"],
});

export const SENSOR_TRIP_POINT_EVENT = notification({
  id: 0x0,
  name: "SENSOR_TRIP_POINT_EVENT",
  summary: "A sensor's reading crossed a trip point",
  payload: {
    agentId: u32(),
    sensorId: ref("sensor"),
    tripPoint: bits32({ isUpward: flag(16), tripPointId: bits(7, 0) }),
  },
});

export const SENSOR_UPDATE = notification({
  id: 0x1,
  name: "SENSOR_UPDATE",
  summary: "A sensor's readings, sent at its update interval",
  since: V2,
  payload: { agentId: u32(), sensorId: ref("sensor"), readings: list(READING) },
});

/** The declarations of Sensor, for agents and tools. */
export const SENSOR_MESSAGES = {
  id: 0x15,
  name: "sensor",
  commands: [
    SENSOR_PROTOCOL_ATTRIBUTES,
    SENSOR_DESCRIPTION_GET_V1,
    SENSOR_DESCRIPTION_GET,
    SENSOR_TRIP_POINT_NOTIFY,
    SENSOR_TRIP_POINT_CONFIG,
    SENSOR_READING_GET_V1,
    SENSOR_READING_GET,
    SENSOR_AXIS_DESCRIPTION_GET,
    SENSOR_LIST_UPDATE_INTERVALS,
    SENSOR_CONFIG_GET,
    SENSOR_CONFIG_SET,
    SENSOR_CONTINUOUS_UPDATE_NOTIFY,
    SENSOR_NAME_GET,
    SENSOR_AXIS_NAME_GET,
  ],
  notifications: [SENSOR_TRIP_POINT_EVENT, SENSOR_UPDATE],
} as const;
