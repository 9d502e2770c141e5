// Sensor supply protocol 0xA0, a vendor protocol of this simulator: the declarations of its messages. By it an agent supplies
// the values of sensors that others read by the sensor protocol; its ids count the sensors that the agent supplies, which are its
// alone: no right of its view is asked for. Version 1.0.
import { bits, bits32, command, flag, i64, list, ref, signedBits, text, u32 } from "../../scp/core/schema.ts";
import { EXTENDED_NAME_SIZE } from "../names.ts";

export const SENSOR_SUPPLY_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts the sensors that the caller supplies with values",
  returns: { attributes: bits32({ suppliedSensorCount: bits(15, 0) }) },
});

export const SENSOR_SUPPLY_DESCRIBE = command({
  id: 0x3,
  name: "SENSOR_SUPPLY_DESCRIBE",
  summary:
    "Tells what a sensor's values have to be: type, unit, range, how many, and after how many ms none is too old (0)",
  params: { sensorId: ref("suppliedSensor") },
  returns: {
    attributes: bits32({
      typeCode: bits(7, 0),
      unitExponent: signedBits(12, 8),
      timestampExponent: signedBits(17, 13),
      hasTimestamps: flag(18),
      isVector: flag(19),
      axisCount: bits(25, 20),
    }),
    staleAfterMs: u32(),
    minRange: i64(),
    maxRange: i64(),
    name: text(EXTENDED_NAME_SIZE),
  },
});

export const SENSOR_SUPPLY_AXIS_NAME_GET = command({
  id: 0x4,
  name: "SENSOR_SUPPLY_AXIS_NAME_GET",
  summary: "Names an axis of a sensor that has some",
  params: { sensorId: ref("suppliedSensor"), axisId: u32() },
  returns: { axisName: text(EXTENDED_NAME_SIZE) },
  fails: ["NOT_SUPPORTED", "INVALID_PARAMETERS"],
});

export const SENSOR_SUPPLY = command({
  id: 0x5,
  name: "SENSOR_SUPPLY",
  summary:
    "Puts values of a sensor in force, one or one for each axis, taken now or at a time in ticks of its timestamps",
  params: {
    sensorId: ref("suppliedSensor"),
    flags: bits32({ hasTimestamp: flag(0) }),
    timestamp: i64(),
    values: list({ value: i64() }),
  },
  fails: ["NOT_SUPPORTED", "INVALID_PARAMETERS", "OUT_OF_RANGE"],
});

export const SENSOR_SUPPLY_WITHDRAW = command({
  id: 0x6,
  name: "SENSOR_SUPPLY_WITHDRAW",
  summary: "Takes a sensor's values out of force: whoever reads it finds it failed until there are new ones",
  params: { sensorId: ref("suppliedSensor") },
});

/** The declarations of sensor supply, for agents and tools. */
export const SENSOR_SUPPLY_MESSAGES = {
  id: 0xa0,
  name: "sensor_supply",
  commands: [
    SENSOR_SUPPLY_PROTOCOL_ATTRIBUTES,
    SENSOR_SUPPLY_DESCRIBE,
    SENSOR_SUPPLY_AXIS_NAME_GET,
    SENSOR_SUPPLY,
    SENSOR_SUPPLY_WITHDRAW,
  ],
  notifications: [],
} as const;
