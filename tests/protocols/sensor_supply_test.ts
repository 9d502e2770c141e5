// Sensors whose values an agent supplies: what readers see before, while and after their supplier is there.
import { assert, assertEquals } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as base from "../../protocols/base/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import * as supply from "../../protocols/sensor_supply/messages.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE, packHeader, protocolIdOf } from "../../scp/core/header.ts";
import { STATUS } from "../../scp/core/status.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { MessageSite } from "../contract/message.ts";
import { SettableSensor } from "../support/constant_sensors.ts";
import { EVERY_HARDWARE } from "../support/every_hardware.ts";
import { callOk, callStatus, connectAgent, createMachine, type TestAgent } from "../support/platform.ts";

const BASE = 0x10;
const SENSOR = 0x15;
const SUPPLY = 0xa0;

const SENSOR_DEFAULTS = {
  typeCode: 90,
  unitExponent: -3,
  rangeMin: -100,
  rangeMax: 100,
  step: { mantissa: 1, exponent: -3 },
  samplePeriodUs: 10_000,
  tripPointCount: 1,
  asyncLatencyUs: 1_000,
  supportsContinuousUpdate: true,
  timestampExponent: -6,
  intervals: { kind: "list", list: [{ mantissa: 10, exponent: -3 }] },
} as const;

/** `owner` supplies two of three sensors, `reader` sees them, `stranger` sees the measured one only. */
const BOARD: Board = defineBoard({
  ...EVERY_HARDWARE,
  name: "referred",
  agents: [
    { name: "owner", kind: "OSPM", view: { sensor: { speed: "read" } } },
    { name: "reader", kind: "OSPM", isTrusted: true, view: { sensor: { force: "read", speed: "read" } } },
    { name: "stranger", kind: "OSPM", view: { sensor: { air: "read" } } },
  ],
  sensors: [
    { ...SENSOR_DEFAULTS, id: 0, name: "air", typeCode: 2, signal: "ambient.temperature" },
    { ...SENSOR_DEFAULTS, id: 1, name: "speed", suppliedBy: "owner", staleAfterMs: 500 },
    {
      ...SENSOR_DEFAULTS,
      id: 2,
      name: "force",
      suppliedBy: "owner",
      axes: ["force_X", "force_Y"],
      timestampExponent: null,
    },
  ],
});

/** The reader's ids, and the owner's own of what it supplies. */
const FORCE = 0;
const SPEED = 1;
const OWN_SPEED = 0;
const OWN_FORCE = 1;

function setup(release: Release = "3.2") {
  const { machine, model } = createPlatform(BOARD, { release });
  const connect = (name: string) => connectAgent(machine, name);
  return {
    machine,
    model,
    owner: connect("owner"),
    reader: connect("reader"),
    stranger: connect("stranger"),
  };
}

function give(agent: TestAgent, value: number, timestamp: bigint | null = null, sensorId = OWN_SPEED) {
  return callStatus(agent, SUPPLY, supply.SENSOR_SUPPLY, {
    sensorId,
    flags: { hasTimestamp: timestamp !== null },
    timestamp: timestamp ?? 0n,
    values: [{ value: BigInt(value) }],
  });
}

async function read(agent: TestAgent, sensorId = SPEED): Promise<string> {
  const params = { sensorId, flags: { async: false } };
  const answer = await agent.client.call(SENSOR, sensor.SENSOR_READING_GET, params);
  return answer.ok ? answer.values.readings.map(({ value }) => value).join() : answer.status;
}

const hearErrors = (agent: TestAgent) =>
  callOk(agent, BASE, base.BASE_NOTIFY_ERRORS, { notifyEnable: { enable: true } });

/** What an agent has heard since it was asked last, as short texts. */
function heard(agent: TestAgent): string[] {
  return agent.heard.splice(0).map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    if (protocolIdOf(header) === BASE) {
      const { payload } = base.BASE_ERROR_EVENT;
      const { agentId, errorStatus, reports } = readFields(payload, view, HEADER_SIZE, message.length)!;
      assertEquals(errorStatus, { fatal: false, reportCount: 1 });
      assertEquals(reports, [{
        messageHeader: packHeader(SENSOR, sensor.SENSOR_READING_GET.id, 0, 0),
        status: STATUS.HARDWARE_ERROR >>> 0,
      }]);
      return `lost because of agent ${agentId}`;
    }
    if ((header & 0xff) === sensor.SENSOR_TRIP_POINT_EVENT.id) return "trip";
    const { payload } = sensor.SENSOR_UPDATE;
    return `${readFields(payload, view, HEADER_SIZE, message.length)!.readings[0]!.value}`;
  });
}

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

/** How an owner goes away, and how it is there again. */
const LEAVES: Readonly<
  Record<string, (context: ReturnType<typeof setup>) => TestAgent | Promise<TestAgent>>
> = {
  "closes its channel": ({ machine, owner }) => {
    owner.channel.close();
    return connectAgent(machine, "owner");
  },
  "resets its channel": ({ owner }) => {
    owner.channel.reset();
    return owner;
  },
  "is reset by a trusted agent": async ({ owner, reader }) => {
    const params = { agentId: 1, flags: { resetPermissions: false } };
    await callOk(reader, BASE, base.BASE_RESET_AGENT_CONFIGURATION, params);
    return owner;
  },
  "withdraws its values": async ({ owner }) => {
    for (const sensorId of [OWN_SPEED, OWN_FORCE]) {
      await callOk(owner, SUPPLY, supply.SENSOR_SUPPLY_WITHDRAW, { sensorId });
    }
    return owner;
  },
};

for (const [how, leave] of Object.entries(LEAVES)) {
  Deno.test(`a supplied sensor fails when its owner ${how}, and recovers`, async () => {
    const context = setup();
    const { machine, owner, reader, stranger } = context;
    for (const agent of [reader, stranger]) await hearErrors(agent);
    await callOk(reader, SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, {
      sensorId: SPEED,
      notifyEnable: { enable: true },
    });
    await callOk(reader, SENSOR, sensor.SENSOR_TRIP_POINT_CONFIG, {
      sensorId: SPEED,
      eventControl: { tripPointId: 0, direction: 3 },
      value: 500n,
    });
    await callOk(reader, SENSOR, sensor.SENSOR_TRIP_POINT_NOTIFY, {
      sensorId: SPEED,
      eventControl: { enable: true },
    });
    machine.step(50_000);
    assertEquals(heard(reader), [], "nothing to tell of before the first value");
    await give(owner, 100);
    machine.step(60_000);
    assertEquals(heard(reader), ["100"]);

    const again = await leave(context);
    assertEquals(heard(reader), ["lost because of agent 1"]);
    assertEquals(await read(reader), "HARDWARE_ERROR");
    machine.step(200_000);
    assertEquals(heard(reader), [], "no updates without values, nor a second word of the loss");
    const late = connectAgent(machine, "reader");
    assertEquals(await read(late), "HARDWARE_ERROR", "one that comes meanwhile");
    assertEquals(await read(late, FORCE), "BUSY", "which never had a value");

    assertEquals(await give(again, 900), "SUCCESS");
    assertEquals([await read(reader), await read(late)], ["900", "900"]);
    machine.step(220_000);
    assertEquals(heard(reader).toSorted(), ["900", "900", "trip"]);
    assertEquals(heard(stranger), [], "what it cannot see it is not told of");
  });
}

Deno.test("several sensors that are lost at once are one word of it, to those who asked for errors", async () => {
  const { machine, owner, reader } = setup();
  const deaf = connectAgent(machine, "reader");
  await hearErrors(reader);
  await give(owner, 1);
  const values = [{ value: 1n }, { value: 2n }];
  const force = { sensorId: OWN_FORCE, flags: { hasTimestamp: false }, timestamp: 0n, values };
  await callOk(owner, SUPPLY, supply.SENSOR_SUPPLY, force);
  owner.channel.close();
  assertEquals(heard(reader), ["lost because of agent 1"]);
  assertEquals(heard(deaf), []);
  assertEquals([await read(reader), await read(reader, FORCE)], ["HARDWARE_ERROR", "HARDWARE_ERROR"]);
});

Deno.test("a value that grows too old is lost, one that is renewed in time is not", async () => {
  const { machine, owner, reader } = setup();
  await hearErrors(reader);
  for (let ms = 0; ms <= 3_000; ms += 500) {
    machine.step(ms * 1000);
    assertEquals(await give(owner, ms), "SUCCESS");
  }
  machine.step(3_500_000);
  assertEquals([await read(reader), heard(reader)], ["3000", []]);
  machine.step(3_500_001);
  assertEquals([await read(reader), heard(reader)], ["HARDWARE_ERROR", ["lost because of agent 1"]]);
  await give(owner, 5);
  assertEquals(await read(reader), "5");
  machine.step(60_000_000);
  assertEquals(heard(reader), ["lost because of agent 1"]);
});

Deno.test("a channel of the owner that only looks takes nothing with it", async () => {
  const { machine, owner, reader } = setup();
  await hearErrors(reader);
  const tool = connectAgent(machine, "owner");
  await give(tool, 1);
  await give(owner, 2);
  tool.channel.close();
  assertEquals([await read(reader), heard(reader)], ["2", []], "the owner has replaced what the tool gave");
  const other = connectAgent(machine, "owner");
  await read(other, 0);
  other.channel.close();
  assertEquals([await read(reader), heard(reader)], ["2", []]);
});

Deno.test("an agent that is denied a supplied sensor hears nothing of its loss", async () => {
  const { machine, owner, reader } = setup();
  await hearErrors(reader);
  await give(owner, 1);
  machine.agents.find("reader")!.permitResource("sensor", "speed", false);
  owner.channel.close();
  assertEquals(heard(reader), []);
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

Deno.test("owners that come and go leave no timers behind, and are told of each time", async () => {
  const { machine, owner, reader } = setup();
  await hearErrors(reader);
  for (let round = 0; round < 300; round++) {
    await give(owner, round);
    owner.channel.reset();
  }
  assertEquals(heard(reader).length, 300);
  assert(machine.timeline.size <= 128, `${machine.timeline.size} entries of the timeline`);
});

Deno.test("readers that come and go leave no listeners behind", () => {
  let listenerCount = 0;
  const supplier = {
    agentId: 2,
    sensors: [],
    withdraw: () => {},
    listenLosses() {
      listenerCount++;
      return () => void listenerCount--;
    },
  };
  const machine = createMachine({
    sensors: ["a", "b"].map((name) => new SettableSensor(name, { supplier })),
  });
  const stays = connectAgent(machine);
  assertEquals(listenerCount, 1, "one for both sensors");
  for (let round = 0; round < 10; round++) {
    connectAgent(machine, "VM1").channel.close();
    stays.channel.reset();
  }
  assertEquals(listenerCount, 1);
});

Deno.test("a supplied sensor fails when its owner's socket is closed", async () => {
  const { machine, reader } = setup();
  await hearErrors(reader);
  const site = new MessageSite(() => machine.openChannel("owner")!);
  const agent = site.connect();
  agent.send(encodeCommand(SUPPLY, supply.SENSOR_SUPPLY, {
    sensorId: OWN_SPEED,
    flags: { hasTimestamp: false },
    timestamp: 0n,
    values: [{ value: 8n }],
  }, 1));
  assertEquals(agent.take().length, 1);
  assertEquals(await read(reader), "8");
  agent.disconnect();
  assertEquals([await read(reader), heard(reader)], ["HARDWARE_ERROR", ["lost because of agent 1"]]);
  site.close();
});
