// Sensor protocol: readings at once and later, configuration, continuous updates, trip points, in virtual time.
import { assertEquals } from "@std/assert";
import * as sensor from "../../protocols/sensor/messages.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE, messageIdOf, messageTypeOf } from "../../scp/core/header.ts";
import type { Machine } from "../../scp/server/machine.ts";
import { axes, SettableSensor } from "../support/constant_sensors.ts";
import { callOk, callStatus, connectAgent, createMachine, type TestAgent } from "../support/platform.ts";

const SENSOR = 0x15;

/** A platform with one settable sensor (and what else is given), and its agent. */
function setup(changes: ConstructorParameters<typeof SettableSensor>[1] = {}) {
  const settable = new SettableSensor("temp", changes);
  const machine = createMachine({ sensors: [settable] });
  return { settable, machine, agent: connectAgent(machine) };
}

const read = (agent: TestAgent, sensorId = 0) =>
  callOk(agent, SENSOR, sensor.SENSOR_READING_GET, { sensorId, flags: { async: false } });
const readStatus = (agent: TestAgent, async = false) =>
  callStatus(agent, SENSOR, sensor.SENSOR_READING_GET, { sensorId: 0, flags: { async } });

interface Config {
  readonly enabled?: boolean;
  readonly timestamps?: boolean;
  readonly mantissa?: number;
  readonly exponent?: number;
  readonly rounding?: number;
}

function configSet(agent: TestAgent, config: Config): Promise<string> {
  return callStatus(agent, SENSOR, sensor.SENSOR_CONFIG_SET, {
    sensorId: 0,
    config: {
      intervalMantissa: config.mantissa ?? 0,
      intervalExponent: config.exponent ?? 0,
      rounding: config.rounding ?? sensor.ROUNDING.platform,
      timestamps: config.timestamps ?? false,
      enabled: config.enabled ?? true,
    },
  });
}

async function intervalOf(agent: TestAgent): Promise<string> {
  const { config } = await callOk(agent, SENSOR, sensor.SENSOR_CONFIG_GET, { sensorId: 0 });
  return `${config.intervalMantissa}e${config.intervalExponent}`;
}

/** What the platform sent unasked, decoded: the message's id and its values. */
function heard(agent: TestAgent): unknown[] {
  return agent.heard.map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    if (messageTypeOf(header) !== 3) return "delayed response";
    const schema = messageIdOf(header) === 0 ? sensor.SENSOR_TRIP_POINT_EVENT : sensor.SENSOR_UPDATE;
    return readFields(schema.payload, view, HEADER_SIZE, message.length);
  });
}

Deno.test("SENSOR_READING_GET gives the sample in force, negative values whole", async () => {
  const { settable, agent } = setup();
  for (const value of [25_300, 0, -5, -40_000, 2 ** 40, -(2 ** 40) - 1]) {
    settable.values = [value];
    assertEquals(await read(agent), { readings: [{ value, timestamp: 0 }] });
  }
});

Deno.test("SENSOR_READING_GET gives one reading per axis, in order", async () => {
  const machine = createMachine({
    sensors: [new SettableSensor("a", { isVector: true, quantities: axes("a") })],
  });
  const { readings } = await read(connectAgent(machine));
  assertEquals(readings.map(({ value }) => value), [1000, 1001, 1002]);
});

Deno.test("SENSOR_READING_GET of version 1.0 gives the value only", async () => {
  const settable = new SettableSensor("temp");
  settable.values = [-5];
  const agent = connectAgent(createMachine({ release: "1.0", sensors: [settable] }));
  const reply = await callOk(agent, SENSOR, sensor.SENSOR_READING_GET_V1, {
    sensorId: 0,
    flags: { async: false },
  });
  assertEquals(reply, { value: -5 });
});

Deno.test("SENSOR_READING_GET of version 1.0 answers later when asked to", async () => {
  const machine = createMachine({ release: "1.0", sensors: [new SettableSensor("temp")] });
  const agent = connectAgent(machine);
  const later = agent.client.callDelayed(SENSOR, sensor.SENSOR_READING_GET_V1, {
    sensorId: 0,
    flags: { async: true },
  });
  machine.step(2000);
  assertEquals(await later, { ok: true, values: { sensorId: 0, value: 1000 } });
});

Deno.test("SENSOR_READING_GET carries timestamps while they are on, in ticks of the sensor's exponent", async () => {
  const { machine, agent } = setup({ timestampExponent: -3 });
  machine.step(123_456);
  assertEquals((await read(agent)).readings[0]!.timestamp, 0);
  assertEquals(await configSet(agent, { timestamps: true }), "SUCCESS");
  // Sampled every 10 ms, told in ms.
  assertEquals((await read(agent)).readings[0]!.timestamp, 120);
});

Deno.test("SENSOR_READING_GET tells a sensor's failure", async () => {
  const { settable, agent } = setup();
  settable.failure = "HARDWARE_ERROR";
  assertEquals(await readStatus(agent), "HARDWARE_ERROR");
  settable.failure = "BUSY";
  assertEquals(await readStatus(agent), "BUSY");
});

Deno.test("SENSOR_READING_GET refuses a sensor that is off for this agent, and serves others", async () => {
  const { machine, agent } = setup();
  assertEquals(await configSet(agent, { enabled: false }), "SUCCESS");
  assertEquals(await readStatus(agent), "PROTOCOL_ERROR");
  assertEquals(await readStatus(agent, true), "PROTOCOL_ERROR");
  assertEquals(await readStatus(connectAgent(machine, "VM1")), "SUCCESS");
  assertEquals(await configSet(agent, { enabled: true }), "SUCCESS");
  assertEquals(await readStatus(agent), "SUCCESS");
});

Deno.test("an asynchronous reading is accepted, then answered once with the value of that time (m014)", async () => {
  const { settable, machine, agent } = setup();
  const request = { sensorId: 0, flags: { async: true } };
  const later = agent.client.callDelayed(SENSOR, sensor.SENSOR_READING_GET, request);
  machine.step(1999);
  assertEquals(agent.heard.length, 0);
  settable.values = [77];
  machine.step(2000);
  assertEquals(await later, { ok: true, values: { sensorId: 0, readings: [{ value: 77, timestamp: 0 }] } });
  machine.step(1_000_000);
  assertEquals(agent.heard.length, 1);
});

Deno.test("an asynchronous reading that fails later says so in the delayed response, status only", async () => {
  const { settable, machine, agent } = setup();
  const later = agent.client.callDelayed(SENSOR, sensor.SENSOR_READING_GET, {
    sensorId: 0,
    flags: { async: true },
  });
  settable.failure = "HARDWARE_ERROR";
  machine.step(2000);
  assertEquals(await later, { ok: false, status: "HARDWARE_ERROR" });
  assertEquals(agent.heard[0]!.length, 8);
});

Deno.test("an asynchronous reading is not supported by a sensor without it, nor without P2A (m015)", async () => {
  assertEquals(await readStatus(setup({ asyncLatencyUs: null }).agent, true), "NOT_SUPPORTED");
  const deaf = connectAgent(setup().machine, "OSPM", { hasP2a: false });
  assertEquals(await readStatus(deaf, true), "NOT_SUPPORTED");
});

Deno.test("asynchronous readings beyond the advertised number are BUSY until one is answered", async () => {
  const { machine, agent } = setup();
  const statuses = [];
  for (let i = 0; i < 17; i++) statuses.push(await readStatus(agent, true));
  assertEquals(statuses.slice(0, 16).every((status) => status === "SUCCESS"), true);
  assertEquals(statuses[16], "BUSY");
  machine.step(2000);
  assertEquals(agent.heard.length, 16);
  assertEquals(await readStatus(agent, true), "SUCCESS");
});

Deno.test("asynchronous readings are BUSY while the agent leaves its delayed responses untaken", async () => {
  const machine = createMachine({ sensors: [new SettableSensor("temp")] });
  const agent = connectAgent(machine, "OSPM", { p2aRoom: 0 });
  const statuses: string[] = [];
  for (let i = 0; i < 20; i++) {
    statuses.push(await readStatus(agent, true));
    machine.step(machine.nowUs() + 2000);
  }
  assertEquals(statuses.filter((status) => status === "SUCCESS").length, 16);
  assertEquals(statuses.at(-1), "BUSY");
  agent.loopback.takeMore(100);
  assertEquals(agent.heard.length, 16);
  assertEquals(await readStatus(agent, true), "SUCCESS");
});

Deno.test("a delayed response does not reach an agent that was reset meanwhile", async () => {
  const { machine, agent } = setup();
  assertEquals(await readStatus(agent, true), "SUCCESS");
  agent.channel.reset();
  machine.step(10_000);
  assertEquals(agent.heard.length, 0);
});

Deno.test("SENSOR_CONFIG_SET keeps the interval when none is given, and refuses what makes no sense", async () => {
  const { agent } = setup();
  assertEquals(await intervalOf(agent), "100e-3");
  assertEquals(await configSet(agent, { enabled: true }), "SUCCESS");
  assertEquals(await intervalOf(agent), "100e-3");
  assertEquals(await configSet(agent, { rounding: 3 }), "INVALID_PARAMETERS");
  assertEquals(await configSet(agent, { mantissa: 0, exponent: -3 }), "INVALID_PARAMETERS");
});

Deno.test("SENSOR_CONFIG_SET rounds an interval down, up or to the nearest of a list", async () => {
  const { agent } = setup();
  const choose = async (mantissa: number, rounding: number) => {
    const status = await configSet(agent, { mantissa, exponent: -3, rounding });
    return status === "SUCCESS" ? await intervalOf(agent) : status;
  };
  const { down, up, platform } = sensor.ROUNDING;
  assertEquals(await choose(99, down), "10e-3");
  assertEquals(await choose(11, up), "100e-3");
  assertEquals(await choose(99, platform), "100e-3");
  assertEquals(await choose(1000, down), "1e0");
  assertEquals(await choose(5, down), "NOT_SUPPORTED");
  assertEquals(await choose(2000, up), "NOT_SUPPORTED");
  assertEquals(await choose(5, platform), "10e-3");
});

Deno.test("SENSOR_CONFIG_SET takes any step of a segment", async () => {
  const ms = (mantissa: number) => ({ mantissa, exponent: -3 });
  const { agent } = setup({ intervals: { kind: "segment", lowest: ms(5), highest: ms(1000), step: ms(5) } });
  const { down, up, platform } = sensor.ROUNDING;
  for (
    const [wanted, rounding, chosen] of [[27, down, 25], [27, up, 30], [28, platform, 30], [
      3,
      up,
      5,
    ]] as const
  ) {
    assertEquals(await configSet(agent, { ...ms(wanted), rounding }), "SUCCESS");
    const { config } = await callOk(agent, SENSOR, sensor.SENSOR_CONFIG_GET, { sensorId: 0 });
    const us = config.intervalMantissa * 10 ** (config.intervalExponent + 6);
    assertEquals(Math.round(us), chosen * 1000);
  }
  assertEquals(await configSet(agent, { ...ms(2000), rounding: up }), "NOT_SUPPORTED");
});

Deno.test("SENSOR_CONFIG_SET refuses timestamps and intervals of a sensor without them", async () => {
  const { agent } = setup({ timestampExponent: null, intervals: { kind: "none" }, defaultInterval: null });
  assertEquals(await configSet(agent, { timestamps: true }), "NOT_SUPPORTED");
  assertEquals(await configSet(agent, { mantissa: 1 }), "NOT_SUPPORTED");
  assertEquals(await intervalOf(agent), "0e0");
});

const notifyUpdates = (agent: TestAgent, enable: boolean) =>
  callStatus(agent, SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, {
    sensorId: 0,
    notifyEnable: { enable },
  });

function update(value: number, timestamp: number) {
  return { agentId: 0, sensorId: 0, readings: [{ value, timestamp }] };
}

Deno.test("SENSOR_UPDATE comes at multiples of the interval while subscribed and on", async () => {
  const { settable, machine, agent } = setup();
  settable.values = [42];
  assertEquals(await configSet(agent, { mantissa: 10, exponent: -3, timestamps: true }), "SUCCESS");
  machine.step(5000);
  assertEquals(await notifyUpdates(agent, true), "SUCCESS");
  machine.step(29_999);
  assertEquals(heard(agent), [update(42, 10_000), update(42, 20_000)]);
  assertEquals(await configSet(agent, { enabled: false }), "SUCCESS");
  machine.step(100_000);
  assertEquals(agent.heard.length, 2);
  assertEquals(await configSet(agent, { enabled: true }), "SUCCESS");
  machine.step(110_000);
  assertEquals(heard(agent).slice(2), [update(42, 0)]);
  assertEquals(await notifyUpdates(agent, false), "SUCCESS");
  machine.step(1_000_000);
  assertEquals(agent.heard.length, 3);
});

Deno.test("SENSOR_CONTINUOUS_UPDATE_NOTIFY takes a subscription while the sensor is off, as Linux makes it", async () => {
  const { machine, agent } = setup({ startsEnabled: false });
  assertEquals(await notifyUpdates(agent, true), "SUCCESS");
  machine.step(500_000);
  assertEquals(agent.heard.length, 0);
  assertEquals(await configSet(agent, { enabled: true }), "SUCCESS");
  machine.step(600_000);
  assertEquals(agent.heard.length, 1);
});

Deno.test("SENSOR_CONTINUOUS_UPDATE_NOTIFY is not supported by a sensor without updates", async () => {
  assertEquals(await notifyUpdates(setup({ supportsContinuousUpdate: false }).agent, true), "NOT_SUPPORTED");
});

Deno.test("SENSOR_UPDATE leaves out samples that failed", async () => {
  const { settable, machine, agent } = setup();
  await notifyUpdates(agent, true);
  settable.failure = "HARDWARE_ERROR";
  machine.step(250_000);
  assertEquals(agent.heard.length, 0);
  settable.failure = null;
  machine.step(300_000);
  assertEquals(agent.heard.length, 1);
});

const notifyTrips = (agent: TestAgent, enable: boolean) =>
  callStatus(agent, SENSOR, sensor.SENSOR_TRIP_POINT_NOTIFY, { sensorId: 0, eventControl: { enable } });
const setTrip = (agent: TestAgent, tripPointId: number, direction: number, value: bigint) =>
  callStatus(agent, SENSOR, sensor.SENSOR_TRIP_POINT_CONFIG, {
    sensorId: 0,
    eventControl: { direction, tripPointId },
    value,
  });

/** Lets the sensor take these values, one a sample. */
function walk(machine: Machine, settable: SettableSensor, values: readonly number[]): void {
  for (const value of values) {
    settable.values = [value];
    machine.step(machine.nowUs() + settable.samplePeriodUs);
  }
}

function trip(tripPointId: number, isUpward: boolean) {
  return { agentId: 0, sensorId: 0, tripPoint: { isUpward, tripPointId } };
}

Deno.test("SENSOR_TRIP_POINT_EVENT comes for crossings in the direction asked for", async () => {
  const { settable, machine, agent } = setup();
  settable.values = [0];
  assertEquals(await notifyTrips(agent, true), "SUCCESS");
  assertEquals(await setTrip(agent, 0, sensor.TRIP_DIRECTION.upward, 100n), "SUCCESS");
  assertEquals(await setTrip(agent, 1, sensor.TRIP_DIRECTION.both, -50n), "SUCCESS");
  walk(machine, settable, [99, 100, 101, 99, 100, -50, -60, -49]);
  assertEquals(heard(agent), [trip(0, true), trip(0, true), trip(1, false), trip(1, true)]);
});

Deno.test("SENSOR_TRIP_POINT_EVENT needs the point, the switch and a sensor that is on", async () => {
  const { settable, machine, agent } = setup();
  settable.values = [0];
  await setTrip(agent, 0, sensor.TRIP_DIRECTION.both, 100n);
  walk(machine, settable, [200, 0]);
  await notifyTrips(agent, true);
  await setTrip(agent, 0, sensor.TRIP_DIRECTION.none, 100n);
  walk(machine, settable, [200, 0]);
  await setTrip(agent, 0, sensor.TRIP_DIRECTION.both, 100n);
  await configSet(agent, { enabled: false });
  walk(machine, settable, [200, 0]);
  assertEquals(heard(agent), []);
  await configSet(agent, { enabled: true });
  walk(machine, settable, [200]);
  assertEquals(heard(agent), [trip(0, true)]);
});

Deno.test("SENSOR_TRIP_POINT_EVENT comes when a sensor that failed is back on the other side", async () => {
  const { settable, machine, agent } = setup();
  settable.values = [0];
  await notifyTrips(agent, true);
  await setTrip(agent, 0, sensor.TRIP_DIRECTION.both, 100n);
  settable.failure = "HARDWARE_ERROR";
  walk(machine, settable, [200, 0, 200]);
  assertEquals(heard(agent), []);
  settable.failure = null;
  walk(machine, settable, [200, 200]);
  assertEquals(heard(agent), [trip(0, true)]);
});

Deno.test("SENSOR_TRIP_POINT_EVENT goes to the agent that set the point, each has its own", async () => {
  const { settable, machine, agent } = setup();
  const other = connectAgent(machine, "VM1");
  settable.values = [0];
  for (const [each, value] of [[agent, 100n], [other, 300n]] as const) {
    await notifyTrips(each, true);
    await setTrip(each, 0, sensor.TRIP_DIRECTION.both, value);
  }
  walk(machine, settable, [200]);
  assertEquals([agent.heard.length, other.heard.length], [1, 0]);
  walk(machine, settable, [400]);
  assertEquals([agent.heard.length, other.heard.length], [1, 1]);
});

Deno.test("SENSOR_TRIP_POINT_CONFIG takes any 64-bit value; one out of reach is never crossed", async () => {
  const { settable, machine, agent } = setup();
  await notifyTrips(agent, true);
  for (const value of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]) {
    assertEquals(await setTrip(agent, 0, sensor.TRIP_DIRECTION.both, value), "SUCCESS");
    walk(machine, settable, [-(2 ** 40), 2 ** 40]);
  }
  assertEquals(agent.heard.length, 0);
});

Deno.test("SENSOR_TRIP_POINT_CONFIG refuses an unknown point on every sensor (m008, m009)", async () => {
  assertEquals(await setTrip(setup().agent, 2, 0, 0n), "INVALID_PARAMETERS");
  const without = setup({ tripPointCount: 0 }).agent;
  assertEquals(await setTrip(without, 0, 0, 0n), "INVALID_PARAMETERS");
  assertEquals(await notifyTrips(without, true), "NOT_SUPPORTED");
});
