// Sensors whose supplier goes away, or is silent for too long: what readers see and hear of that, and that they recover.
import { assert, assertEquals } from "@std/assert";
import * as base from "../../protocols/base/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import * as supply from "../../protocols/sensor_supply/messages.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { MessageSite } from "../contract/message.ts";
import { SettableSensor } from "../support/constant_sensors.ts";
import { callOk, connectAgent, createMachine, type TestAgent } from "../support/platform.ts";
import {
  BASE,
  FORCE,
  give,
  heard,
  hearErrors,
  OWN_FORCE,
  OWN_SPEED,
  read,
  SENSOR,
  setup,
  SPEED,
  SUPPLY,
} from "../support/supplied_sensors.ts";

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
  await give(owner, 6);
  machine.step(60_100_000);
  await give(owner, 7);
  machine.step(60_600_000);
  assertEquals([await read(reader), heard(reader)], ["7", []], "its age counts from the last renewal");
  machine.step(60_600_001);
  assertEquals([await read(reader), heard(reader)], ["HARDWARE_ERROR", ["lost because of agent 1"]]);
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
