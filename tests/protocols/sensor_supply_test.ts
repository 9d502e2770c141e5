// Sensors whose values an agent supplies: what the owner may say, and what readers see of it.
import { assertEquals } from "@std/assert";
import * as base from "../../protocols/base/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import * as supply from "../../protocols/sensor_supply/messages.ts";
import { callOk, callStatus } from "../support/platform.ts";
import {
  BASE,
  FORCE,
  give,
  OWN_FORCE,
  OWN_SPEED,
  read,
  SENSOR,
  setup,
  SPEED,
  SUPPLY,
} from "../support/supplied_sensors.ts";

Deno.test("a supplied sensor is busy before its first value, and reads what is supplied from then on", async () => {
  const { machine, owner, reader } = setup();
  assertEquals(await read(reader), "BUSY");
  assertEquals(await give(owner, 12_345), "SUCCESS");
  assertEquals(await read(reader), "12345");
  assertEquals(await read(owner, 0), "12345", "the owner sees it as well");
  machine.step(1_234);
  assertEquals(await give(owner, -7), "SUCCESS");
  assertEquals(await read(reader), "-7", "at once, not with the next sample period");
  assertEquals(await read(reader, FORCE), "BUSY");
  const values = [{ value: 1n }, { value: -2n }];
  const force = { sensorId: OWN_FORCE, flags: { hasTimestamp: false }, timestamp: 0n, values };
  await callOk(owner, SUPPLY, supply.SENSOR_SUPPLY, force);
  assertEquals(await read(reader, FORCE), "1,-2");
});

Deno.test("sensor supply is served to suppliers only, under their own ids", async () => {
  const { owner, reader, stranger } = setup();
  for (const agent of [reader, stranger]) {
    assertEquals(await give(agent, 1), "NOT_SUPPORTED");
    const { protocols } = await callOk(agent, BASE, base.BASE_DISCOVER_LIST_PROTOCOLS, { skip: 0 });
    assertEquals(protocols.includes(SUPPLY), false);
  }
  const { protocols } = await callOk(owner, BASE, base.BASE_DISCOVER_LIST_PROTOCOLS, { skip: 0 });
  assertEquals(protocols.includes(SUPPLY), true);
  const { attributes } = await callOk(owner, SUPPLY, supply.SENSOR_SUPPLY_PROTOCOL_ATTRIBUTES, {});
  assertEquals(attributes, { suppliedSensorCount: 2 });
  assertEquals(await give(owner, 1, null, 2), "NOT_FOUND");
  const speed = await callOk(owner, SUPPLY, supply.SENSOR_SUPPLY_DESCRIBE, { sensorId: OWN_SPEED });
  assertEquals(speed, {
    attributes: {
      typeCode: 90,
      unitExponent: -3,
      timestampExponent: -6,
      hasTimestamps: true,
      isVector: false,
      axisCount: 0,
    },
    staleAfterMs: 500,
    minRange: -100_000n,
    maxRange: 100_000n,
    name: "speed",
  });
  const force = await callOk(owner, SUPPLY, supply.SENSOR_SUPPLY_DESCRIBE, { sensorId: OWN_FORCE });
  assertEquals([force.attributes.axisCount, force.attributes.hasTimestamps, force.name], [2, false, "force"]);
  assertEquals(force.staleAfterMs, 0);
  const axisName = (sensorId: number, axisId: number) =>
    owner.client.call(SUPPLY, supply.SENSOR_SUPPLY_AXIS_NAME_GET, { sensorId, axisId });
  assertEquals(await axisName(OWN_FORCE, 1), { ok: true, values: { axisName: "force_Y" } });
  assertEquals(await axisName(OWN_FORCE, 2), { ok: false, status: "INVALID_PARAMETERS" });
  assertEquals(await axisName(OWN_SPEED, 0), { ok: false, status: "NOT_SUPPORTED" });
});

Deno.test("SENSOR_SUPPLY refuses values out of range, too few or too many, and times that cannot be", async () => {
  const { machine, owner, reader } = setup();
  machine.step(1_000_000);
  assertEquals(await give(owner, 100_000, 900_000n), "SUCCESS");
  for (const value of [100_001, -100_001, 2 ** 60]) assertEquals(await give(owner, value), "OUT_OF_RANGE");
  const refused: [string, bigint][] = [
    ["to come", 1_000_001n],
    ["before the last one", 899_999n],
    ["negative", -1n],
    ["beyond all", 2n ** 62n],
  ];
  for (const [about, timestamp] of refused) {
    assertEquals(await give(owner, 1, timestamp), "OUT_OF_RANGE", about);
  }
  assertEquals(await give(owner, 1, 0n, OWN_FORCE), "INVALID_PARAMETERS", "one value for two axes");
  const values = [{ value: 1n }, { value: 2n }];
  const force = { sensorId: OWN_FORCE, flags: { hasTimestamp: true }, timestamp: 0n, values };
  assertEquals(await callStatus(owner, SUPPLY, supply.SENSOR_SUPPLY, force), "NOT_SUPPORTED");
  assertEquals(await read(reader), "100000", "what is refused changes nothing");
  machine.step(2_000_000);
  assertEquals(await give(owner, 1, 1_499_999n), "OUT_OF_RANGE", "too old already");
  assertEquals(await give(owner, 1, 1_500_000n), "SUCCESS");
});

Deno.test("a supplied sensor's readings carry the time that the supplier tells, or that of the command", async () => {
  const { machine, owner, reader } = setup();
  await callOk(reader, SENSOR, sensor.SENSOR_CONFIG_SET, {
    sensorId: SPEED,
    config: { intervalMantissa: 0, intervalExponent: 0, rounding: 0, timestamps: true, enabled: true },
  });
  const readings = async () => {
    const params = { sensorId: SPEED, flags: { async: false } };
    return (await callOk(reader, SENSOR, sensor.SENSOR_READING_GET, params)).readings;
  };
  machine.step(123_456);
  await give(owner, 1);
  machine.step(200_000);
  assertEquals(await readings(), [{ value: 1, timestamp: 123_456 }]);
  await give(owner, 2, 150_001n);
  assertEquals(await readings(), [{ value: 2, timestamp: 150_001 }]);
});

Deno.test("a supplied sensor can be overridden without its owner, and failed with it", async () => {
  const { model, owner, reader } = setup();
  model.override(1, [42]);
  assertEquals(await read(reader), "42000");
  await give(owner, 1);
  assertEquals(await read(reader), "42000");
  model.release(1);
  assertEquals([await read(reader), model.truth(1)], ["1", [0.001]]);
  model.setFault(1, "HARDWARE_ERROR");
  assertEquals(await read(reader), "HARDWARE_ERROR");
  model.setFault(1, null);
  owner.channel.close();
  assertEquals([await read(reader), model.truth(1)], ["HARDWARE_ERROR", []]);
});

Deno.test("readers of version 1.0 and of delayed responses see the same of a supplied sensor", async () => {
  const { machine, owner, reader } = setup("1.0");
  const params = { sensorId: SPEED, flags: { async: false } };
  const readV1 = async () => {
    const answer = await reader.client.call(SENSOR, sensor.SENSOR_READING_GET_V1, params);
    return answer.ok ? answer.values.value : answer.status;
  };
  const readLater = async () => {
    const later = reader.client.callDelayed(SENSOR, sensor.SENSOR_READING_GET_V1, {
      ...params,
      flags: { async: true },
    });
    machine.step(machine.nowUs() + 1_000);
    const answer = await later;
    return answer.ok ? answer.values.value : answer.status;
  };
  assertEquals([await readV1(), await readLater()], ["BUSY", "BUSY"]);
  await give(owner, 77);
  assertEquals([await readV1(), await readLater()], [77, 77]);
  owner.channel.close();
  assertEquals([await readV1(), await readLater()], ["HARDWARE_ERROR", "HARDWARE_ERROR"]);
});
