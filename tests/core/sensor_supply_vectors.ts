// Bytes of every message of sensor supply, a protocol of this simulator.
import * as supply from "../../protocols/sensor_supply/messages.ts";
import { type Vector, vector } from "./vector.ts";

/** All of them. */
export const SENSOR_SUPPLY_VECTORS: readonly Vector[] = [
  vector(
    supply.SENSOR_SUPPLY_PROTOCOL_ATTRIBUTES,
    "returns",
    { attributes: { suppliedSensorCount: 0x0102 } },
    "02 01 00 00  sensors, reserved",
  ),
  vector(supply.SENSOR_SUPPLY_DESCRIBE, "params", { sensorId: 5 }, "05 00 00 00  sensor id"),
  vector(
    supply.SENSOR_SUPPLY_DESCRIBE,
    "returns",
    {
      attributes: {
        typeCode: 89,
        unitExponent: -3,
        timestampExponent: -6,
        hasTimestamps: true,
        isVector: true,
        axisCount: 3,
      },
      staleAfterMs: 500,
      minRange: -40_000n,
      maxRange: 125_000n,
      name: "steering",
    },
    `59 5d 3f 00              type, b12:8 -3, b17:13 -6, b18 timestamps, b19 axes, b25:20 three
     f4 01 00 00              milliseconds
     c0 63 ff ff ff ff ff ff  -40000
     48 e8 01 00 00 00 00 00  125000
     73 74 65 65 72 69 6e 67  steering
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    supply.SENSOR_SUPPLY_AXIS_NAME_GET,
    "params",
    { sensorId: 1, axisId: 2 },
    "01 00 00 00  sensor id\n02 00 00 00  axis id",
  ),
  vector(
    supply.SENSOR_SUPPLY_AXIS_NAME_GET,
    "returns",
    { axisName: "steering_Z" },
    `73 74 65 65 72 69 6e 67  steering
     5f 5a 00 00 00 00 00 00  _Z
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    supply.SENSOR_SUPPLY,
    "params",
    {
      sensorId: 1,
      flags: { hasTimestamp: true },
      timestamp: 2n ** 40n,
      values: [{ value: -1n }, { value: 7n }],
    },
    `01 00 00 00              sensor id
     01 00 00 00              b0 timestamp
     00 00 00 00 00 01 00 00  ticks
     ff ff ff ff ff ff ff ff  -1
     07 00 00 00 00 00 00 00  7`,
  ),
  vector(supply.SENSOR_SUPPLY_WITHDRAW, "params", { sensorId: 9 }, "09 00 00 00  sensor id"),
];
