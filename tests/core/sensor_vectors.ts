// Bytes of every message of Sensor in each of its layouts. SCMI 4.7.
import * as sensor from "../../protocols/sensor/messages.ts";
import { type Vector, vector } from "./vector.ts";

/** What an absent field reads as. */
const ABSENT = { powerUw: 0, resolution: { mantissa: 0, exponent: 0 }, minRange: 0n, maxRange: 0n } as const;

const DESCRIPTIONS: readonly Vector[] = [
  vector(
    sensor.SENSOR_PROTOCOL_ATTRIBUTES,
    "returns",
    {
      attributes: { sensorCount: 0x0203, asyncPendingMax: 16 },
      addressLow: 0x8765_4321,
      addressHigh: 1,
      areaSize: 256,
    },
    `03 02 10 00  sensors, pending readings, reserved
     21 43 65 87  address of the readings area, low
     01 00 00 00  and high
     00 01 00 00  its size`,
  ),
  vector(sensor.SENSOR_DESCRIPTION_GET_V1, "params", { index: 7 }, "07 00 00 00  index"),
  vector(
    sensor.SENSOR_DESCRIPTION_GET_V1,
    "returns",
    {
      counts: { returned: 1, remaining: 0x1234 },
      descriptors: [{
        sensorId: 7,
        attributesLow: { supportsAsync: true, tripPointCount: 2 },
        attributesHigh: { intervalMantissa: 10, intervalExponent: -3, unitExponent: -3, typeCode: 2 },
        name: "cpu",
      }],
    },
    `01 00 34 12              returned, remaining
     07 00 00 00              sensor id
     02 00 00 80              two trip points, asynchronous reading
     02 e8 40 57              degree C, 10^-3, interval 10 x 10^-3 s
     63 70 75 00 00 00 00 00  cpu
     00 00 00 00 00 00 00 00`,
  ),
  vector(sensor.SENSOR_DESCRIPTION_GET, "params", { index: 0xffff_ffff }, "ff ff ff ff  index"),
  vector(
    sensor.SENSOR_DESCRIPTION_GET,
    "returns",
    {
      counts: { returned: 3, remaining: 1 },
      descriptors: [
        {
          sensorId: 0,
          attributesLow: {
            supportsAsync: true,
            supportsContinuousUpdate: true,
            hasExtendedName: true,
            timestampExponent: -6,
            hasTimestamps: true,
            hasExtendedAttributes: true,
            tripPointCount: 0xff,
          },
          attributesHigh: { axisCount: 0, unitExponent: -3, isVector: false, typeCode: 2 },
          name: "Vehicle.Exterio",
          powerUw: 1500,
          resolution: { mantissa: 5, exponent: -1 },
          minRange: -40_000n,
          maxRange: 125_000n,
        },
        {
          sensorId: 1,
          attributesLow: {
            supportsAsync: false,
            supportsContinuousUpdate: true,
            hasExtendedName: false,
            timestampExponent: 0,
            hasTimestamps: false,
            hasExtendedAttributes: true,
            tripPointCount: 0,
          },
          attributesHigh: { axisCount: 3, unitExponent: 0, isVector: true, typeCode: 0 },
          name: "accel",
          ...ABSENT,
          powerUw: 0x0102_0304,
        },
        {
          sensorId: 2,
          attributesLow: {
            supportsAsync: false,
            supportsContinuousUpdate: false,
            hasExtendedName: false,
            timestampExponent: 15,
            hasTimestamps: false,
            hasExtendedAttributes: false,
            tripPointCount: 0,
          },
          attributesHigh: { axisCount: 0, unitExponent: 0, isVector: false, typeCode: 255 },
          name: "",
          ...ABSENT,
        },
      ],
    },
    `03 00 01 00              returned, remaining
     00 00 00 00              sensor id
     ff 6b 00 e0              255 trip points, extended, timestamps 10^-6, name, updates, async
     02 e8 00 00              degree C, 10^-3
     56 65 68 69 63 6c 65 2e  Vehicle.
     45 78 74 65 72 69 6f 00  Exterio, the rest of the name is cut
     dc 05 00 00              1500 uW
     05 00 00 f8              resolution 5 x 10^-1
     c0 63 ff ff ff ff ff ff  from -40000
     48 e8 01 00 00 00 00 00  to 125000
     01 00 00 00              sensor id
     00 01 00 40              extended attributes, updates
     00 01 03 00              three axes
     61 63 63 65 6c 00 00 00  accel
     00 00 00 00 00 00 00 00
     04 03 02 01              power, then no range: axes have their own
     02 00 00 00              sensor id
     00 3c 00 00              timestamp exponent 15, no extended attributes
     ff 00 00 00              vendor unit
     00 00 00 00 00 00 00 00  no name
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    sensor.SENSOR_AXIS_DESCRIPTION_GET,
    "params",
    { sensorId: 1, index: 2 },
    `01 00 00 00  sensor id
     02 00 00 00  index`,
  ),
  vector(
    sensor.SENSOR_AXIS_DESCRIPTION_GET,
    "returns",
    {
      counts: { returned: 2, remaining: 63 },
      axes: [
        {
          axisId: 0,
          attributesLow: { hasExtendedName: true, hasExtendedAttributes: false },
          attributesHigh: { unitExponent: -16, typeCode: 89 },
          name: "X",
          resolution: { mantissa: 0, exponent: 0 },
          minRange: 0n,
          maxRange: 0n,
        },
        {
          axisId: 1,
          attributesLow: { hasExtendedName: false, hasExtendedAttributes: true },
          attributesHigh: { unitExponent: 15, typeCode: 87 },
          name: "Y",
          resolution: { mantissa: 0x7ff_ffff, exponent: -16 },
          minRange: -0x8000_0000_0000_0000n,
          maxRange: 0x7fff_ffff_ffff_ffffn,
        },
      ],
    },
    `02 00 00 fc              returned, remaining
     00 00 00 00              axis id
     00 02 00 00              extended name
     59 80 00 00              metre per second squared, 10^-16
     58 00 00 00 00 00 00 00  X
     00 00 00 00 00 00 00 00
     01 00 00 00              axis id
     00 01 00 00              extended attributes
     57 78 00 00              radian per second, 10^15
     59 00 00 00 00 00 00 00  Y
     00 00 00 00 00 00 00 00
     ff ff ff 87              resolution, the largest mantissa, the least exponent
     00 00 00 00 00 00 00 80  from the least number
     ff ff ff ff ff ff ff 7f  to the largest`,
  ),
  vector(
    sensor.SENSOR_LIST_UPDATE_INTERVALS,
    "params",
    { sensorId: 1, index: 2 },
    `01 00 00 00  sensor id
     02 00 00 00  index`,
  ),
  vector(
    sensor.SENSOR_LIST_UPDATE_INTERVALS,
    "returns",
    {
      counts: { returned: 3, isSegment: true, remaining: 0 },
      intervals: [
        { interval: { mantissa: 10, exponent: -3 } },
        { interval: { mantissa: 0xffff, exponent: 15 } },
        { interval: { mantissa: 1, exponent: -16 } },
      ],
    },
    `03 10 00 00  three, a segment
     5d 01 00 00  lowest: 10 x 10^-3 s
     ef ff 1f 00  highest
     30 00 00 00  step`,
  ),
  vector(sensor.SENSOR_NAME_GET, "params", { sensorId: 3 }, "03 00 00 00  sensor id"),
  vector(
    sensor.SENSOR_NAME_GET,
    "returns",
    { flags: 0, name: "Vehicle.Exterior.AirTemperature" },
    `00 00 00 00              flags
     56 65 68 69 63 6c 65 2e  Vehicle.
     45 78 74 65 72 69 6f 72  Exterior
     2e 41 69 72 54 65 6d 70  .AirTemp
     65 72 61 74 75 72 65 00  erature
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    sensor.SENSOR_AXIS_NAME_GET,
    "params",
    { sensorId: 3, index: 0 },
    `03 00 00 00  sensor id
     00 00 00 00  index`,
  ),
  vector(
    sensor.SENSOR_AXIS_NAME_GET,
    "returns",
    { counts: { returned: 1, remaining: 2 }, names: [{ axisId: 0, name: "Vehicle.Acceleration.Lateral" }] },
    `01 00 00 08              returned, remaining
     00 00 00 00              axis id
     56 65 68 69 63 6c 65 2e  Vehicle.
     41 63 63 65 6c 65 72 61  Accelera
     74 69 6f 6e 2e 4c 61 74  tion.Lat
     65 72 61 6c 00 00 00 00  eral
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
];

const READINGS: readonly Vector[] = [
  vector(
    sensor.SENSOR_TRIP_POINT_NOTIFY,
    "params",
    { sensorId: 2, eventControl: { enable: true } },
    `02 00 00 00  sensor id
     01 00 00 00  enable`,
  ),
  vector(
    sensor.SENSOR_TRIP_POINT_CONFIG,
    "params",
    { sensorId: 2, eventControl: { direction: 3, tripPointId: 0xa5 }, value: -5n },
    `02 00 00 00              sensor id
     53 0a 00 00              both directions, trip point 0xa5
     fb ff ff ff ff ff ff ff  value`,
  ),
  vector(
    sensor.SENSOR_READING_GET_V1,
    "params",
    { sensorId: 2, flags: { async: true } },
    `02 00 00 00  sensor id
     01 00 00 00  as a delayed response`,
  ),
  vector(sensor.SENSOR_READING_GET_V1, "returns", { value: -25_300 }, "2c 9d ff ff ff ff ff ff  value"),
  vector(
    sensor.SENSOR_READING_GET_V1,
    "delayed",
    { sensorId: 2, value: 25_300 },
    `02 00 00 00              sensor id
     d4 62 00 00 00 00 00 00  value`,
  ),
  vector(
    sensor.SENSOR_READING_GET,
    "params",
    { sensorId: 2, flags: { async: false } },
    `02 00 00 00  sensor id
     00 00 00 00  at once`,
  ),
  vector(
    sensor.SENSOR_READING_GET,
    "returns",
    {
      readings: [
        { value: -5, timestamp: 0x1_0000_0001 },
        { value: 2 ** 31, timestamp: 0 },
        { value: -(2 ** 40), timestamp: 2 ** 53 - 1 },
      ],
    },
    `fb ff ff ff ff ff ff ff  value
     01 00 00 00 01 00 00 00  ticks
     00 00 00 80 00 00 00 00  value: not negative
     00 00 00 00 00 00 00 00  no timestamp
     00 00 00 00 00 ff ff ff  value
     ff ff ff ff ff ff 1f 00  ticks`,
  ),
  vector(
    sensor.SENSOR_READING_GET,
    "delayed",
    { sensorId: 2, readings: [{ value: 1, timestamp: 2 }] },
    `02 00 00 00              sensor id
     01 00 00 00 00 00 00 00  value
     02 00 00 00 00 00 00 00  ticks`,
  ),
  vector(sensor.SENSOR_CONFIG_GET, "params", { sensorId: 0 }, "00 00 00 00  sensor id"),
  vector(
    sensor.SENSOR_CONFIG_GET,
    "returns",
    { config: { intervalMantissa: 100, intervalExponent: -3, timestamps: true, enabled: true } },
    "03 e8 64 00  enabled, timestamps, 100 x 10^-3 s",
  ),
  vector(
    sensor.SENSOR_CONFIG_SET,
    "params",
    {
      sensorId: 0,
      config: {
        intervalMantissa: 0xffff,
        intervalExponent: -1,
        rounding: 2,
        timestamps: false,
        enabled: true,
      },
    },
    `00 00 00 00  sensor id
     01 fc ff ff  enabled, the platform rounds, 65535 x 10^-1 s`,
  ),
  vector(
    sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY,
    "params",
    { sensorId: 1, notifyEnable: { enable: false } },
    `01 00 00 00  sensor id
     00 00 00 00  disable`,
  ),
  vector(
    sensor.SENSOR_TRIP_POINT_EVENT,
    "payload",
    { agentId: 0, sensorId: 2, tripPoint: { isUpward: true, tripPointId: 1 } },
    `00 00 00 00  the platform
     02 00 00 00  sensor id
     01 00 01 00  trip point 1, upward`,
  ),
  vector(
    sensor.SENSOR_UPDATE,
    "payload",
    { agentId: 0, sensorId: 1, readings: [{ value: -1, timestamp: 7 }] },
    `00 00 00 00              the platform
     01 00 00 00              sensor id
     ff ff ff ff ff ff ff ff  value
     07 00 00 00 00 00 00 00  ticks`,
  ),
];

/** One vector at least for each structure that is not empty. */
export const SENSOR_VECTORS: readonly Vector[] = [...DESCRIPTIONS, ...READINGS];
