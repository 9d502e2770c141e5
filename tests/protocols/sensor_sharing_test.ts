// One physical sensor, several agents: each has settings, trip points and updates of its own, and all read the same samples,
// which the sensor takes once, however many agents want them.
import { assertEquals } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE, messageIdOf } from "../../scp/core/header.ts";
import { EVERY_HARDWARE } from "../support/every_hardware.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";

const SENSOR = 0x15;
const PERIOD_US = 10_000;
const MS = -3;

const NAMES = ["one", "two", "three"] as const;

/** A thermometer that each of three agents may read, under different ids. */
const BOARD: Board = defineBoard({
  ...EVERY_HARDWARE,
  name: "shared",
  agents: NAMES.map((name, place) => ({
    name,
    kind: "OSPM",
    view: { sensor: place === 0 ? { temp: "read" } : { other: "read", temp: "read" } },
  })),
  sensors: [
    {
      id: 0,
      name: "temp",
      typeCode: 2,
      unitExponent: -3,
      signal: "ambient.temperature",
      rangeMin: -40,
      rangeMax: 125,
      step: { mantissa: 1, exponent: -3 },
      samplePeriodUs: PERIOD_US,
      errors: { noiseSigma: 0 },
      tripPointCount: 2,
      asyncLatencyUs: 1_000,
      supportsContinuousUpdate: true,
      timestampExponent: -6,
      intervals: {
        kind: "list",
        list: [10, 20, 50].map((mantissa) => ({ mantissa, exponent: MS })),
      },
      defaultInterval: { mantissa: 10, exponent: MS },
    },
    {
      id: 1,
      name: "other",
      typeCode: 2,
      unitExponent: -3,
      signal: "ambient.temperature",
      rangeMin: -40,
      rangeMax: 125,
      step: { mantissa: 1, exponent: -3 },
      samplePeriodUs: PERIOD_US,
    },
  ],
});

/** The id of the shared sensor, by agent. */
const ID = { one: 0, two: 1, three: 1 } as const;

function setup(release: Release = "3.2") {
  const { machine, model } = createPlatform(BOARD, { release });
  const agents = NAMES.map((name) => ({ name, id: ID[name], ...connectAgent(machine, name) }));
  return { machine, model, agents, one: agents[0]!, two: agents[1]!, three: agents[2]! };
}

type Reader = TestAgent & { readonly id: number };

const read = (agent: Reader) =>
  callOk(agent, SENSOR, sensor.SENSOR_READING_GET, { sensorId: agent.id, flags: { async: false } });

const configure = (
  agent: Reader,
  milliseconds: number,
  changes: { enabled?: boolean; timestamps?: boolean } = {},
) =>
  callOk(agent, SENSOR, sensor.SENSOR_CONFIG_SET, {
    sensorId: agent.id,
    config: {
      intervalMantissa: milliseconds,
      intervalExponent: MS,
      rounding: sensor.ROUNDING.platform,
      timestamps: false,
      enabled: true,
      ...changes,
    },
  });

const update = (agent: Reader, enable: boolean) =>
  callOk(agent, SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, {
    sensorId: agent.id,
    notifyEnable: { enable },
  });

async function watch(
  agent: Reader,
  tripPointId: number,
  value: number,
  direction: number = 3,
): Promise<void> {
  await callOk(agent, SENSOR, sensor.SENSOR_TRIP_POINT_CONFIG, {
    sensorId: agent.id,
    eventControl: { tripPointId, direction },
    value: BigInt(value),
  });
  await callOk(agent, SENSOR, sensor.SENSOR_TRIP_POINT_NOTIFY, {
    sensorId: agent.id,
    eventControl: { enable: true },
  });
}

/** What an agent has heard: updates and trip points as short texts. */
function heard(agent: TestAgent): string[] {
  return agent.heard.map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    if (messageIdOf(view.getUint32(0, true)) === sensor.SENSOR_UPDATE.id) {
      const { payload } = sensor.SENSOR_UPDATE;
      const { sensorId, readings } = readFields(payload, view, HEADER_SIZE, message.length)!;
      return `update ${sensorId}: ${readings.map(({ value }) => value).join()}`;
    }
    const { payload } = sensor.SENSOR_TRIP_POINT_EVENT;
    const { sensorId, tripPoint } = readFields(payload, view, HEADER_SIZE, message.length)!;
    return `trip ${sensorId}: ${tripPoint.isUpward ? "up" : "down"} ${tripPoint.tripPointId}`;
  });
}

Deno.test("a shared sensor takes one sample for all who read it within a period", async () => {
  const { machine, model, agents } = setup();
  for (let nowUs = 0; nowUs < 100 * PERIOD_US; nowUs += PERIOD_US / 4) {
    machine.step(nowUs);
    const readings = await Promise.all(agents.map(read));
    assertEquals(readings, [readings[0], readings[0], readings[0]]);
  }
  assertEquals(model.sampleCountOf(0), 100);
  assertEquals(model.sampleCountOf(1), 0, "nobody has asked for the other one");
});

Deno.test("a shared sensor sends each agent updates at its own interval, from one sample a period", async () => {
  const { machine, model, one, two, three, agents } = setup();
  await Promise.all([configure(one, 10), configure(two, 20), configure(three, 50)]);
  for (const agent of agents) await update(agent, true);
  await watch(one, 0, 30_000);
  await watch(three, 1, 40_000);
  const before = model.sampleCountOf(0);
  for (let ms = 1; ms <= 1000; ms++) {
    machine.step(ms * 1000);
    await read(two);
  }
  assertEquals(agents.map((agent) => agent.heard.length), [100, 50, 20]);
  assertEquals(heard(three)[0], "update 1: 25000", "under the agent's own id");
  assertEquals(model.sampleCountOf(0) - before, 100);
  await update(one, false);
  machine.step(2_000_000);
  assertEquals(agents.map((agent) => agent.heard.length), [100, 100, 40]);
});

Deno.test("a shared sensor has a configuration of each agent", async () => {
  const { machine, one, two, three } = setup();
  await configure(one, 50, { timestamps: true });
  await configure(two, 20, { enabled: false });
  const configOf = async (agent: Reader) => {
    const { config } = await callOk(agent, SENSOR, sensor.SENSOR_CONFIG_GET, { sensorId: agent.id });
    return [config.intervalMantissa, config.enabled, config.timestamps];
  };
  assertEquals(await configOf(one), [50, true, true]);
  assertEquals(await configOf(two), [20, false, false]);
  assertEquals(await configOf(three), [10, true, false]);
  machine.step(5 * PERIOD_US);
  assertEquals((await read(one)).readings, [{ value: 25_000, timestamp: 5 * PERIOD_US }]);
  const off = { sensorId: two.id, flags: { async: false } };
  assertEquals(await callStatus(two, SENSOR, sensor.SENSOR_READING_GET, off), "PROTOCOL_ERROR");
  assertEquals((await read(three)).readings, [{ value: 25_000, timestamp: 0 }]);
});

for (const release of ["1.0", "3.0", "3.1", "3.2"] as const) {
  Deno.test(`a shared sensor has trip points of each agent, in release ${release}`, async () => {
    const { machine, model, one, two, three } = setup(release);
    await watch(one, 0, 30_000);
    await watch(two, 0, 40_000, sensor.TRIP_DIRECTION.upward);
    await watch(two, 1, 30_000, sensor.TRIP_DIRECTION.downward);
    for (const [ms, degrees] of [[100, 35], [200, 45], [300, 20]] as const) {
      model.setInput("ambientC", degrees);
      machine.step(ms * 1000);
    }
    assertEquals(heard(one), ["trip 0: up 0", "trip 0: down 0"]);
    assertEquals(heard(two), ["trip 1: up 0", "trip 1: down 1"]);
    assertEquals(heard(three), []);
  });
}

Deno.test("an agent that vanishes takes its own settings of a shared sensor with it, and nobody else's", async () => {
  const { machine, one, two } = setup();
  await configure(one, 20);
  await configure(two, 20);
  await update(one, true);
  await update(two, true);
  one.channel.close();
  machine.step(200_000);
  assertEquals([one.heard.length, two.heard.length], [0, 10]);
  const again = { id: ID.one, ...connectAgent(machine, "one") };
  const { config } = await callOk(again, SENSOR, sensor.SENSOR_CONFIG_GET, { sensorId: 0 });
  assertEquals(config.intervalMantissa, 10);
  machine.step(400_000);
  assertEquals([again.heard.length, two.heard.length], [0, 20]);
});

Deno.test("asynchronous readings of several agents are the sample of the time they are due", async () => {
  const { machine, model, agents } = setup();
  const later = agents.map((agent) =>
    agent.client.callDelayed(SENSOR, sensor.SENSOR_READING_GET, {
      sensorId: agent.id,
      flags: { async: true },
    })
  );
  machine.step(1_000);
  const values = (await Promise.all(later)).map((answer) =>
    answer.ok ? answer.values.readings[0]!.value : null
  );
  assertEquals(values, [25_000, 25_000, 25_000]);
  assertEquals(model.sampleCountOf(0), 1);
});
