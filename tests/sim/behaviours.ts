// What agents do, as coroutines in virtual time: each does something, then yields how long it sleeps, us. They behave
// as drivers, daemons and vandals do, and judge nothing: the checkers do that.
import type { Prng } from "../../scp/core/prng.ts";
import type { CommandSchema } from "../../scp/core/schema.ts";
import * as base from "../../protocols/base/messages.ts";
import { NEGOTIATE_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { HARDWARE_BEHAVIOURS } from "./hardware_behaviours.ts";
import type { SimulatedAgent } from "./simulated_agent.ts";

/** A behaviour; it yields the time until it goes on, us. */
export type Behaviour = (agent: SimulatedAgent, rand: Prng) => Generator<number, void>;

const BASE = base.BASE_MESSAGES.id;
const SENSOR = sensor.SENSOR_MESSAGES.id;
const MS = 1_000;
const S = 1_000_000;

/** A sensor as its description tells. */
interface Described {
  readonly sensorId: number;
  readonly isVector: boolean;
  readonly hasTimestamps: boolean;
  readonly tripPointCount: number;
  readonly supportsAsync: boolean;
}

/** Asks for all descriptions, as many as fit a page. */
function describeAll(agent: SimulatedAgent): Described[] {
  const all: Described[] = [];
  for (;;) {
    const { values } = agent.call(SENSOR, sensor.SENSOR_DESCRIPTION_GET, { index: all.length });
    if (values === null || values.descriptors.length === 0) return all;
    for (const { sensorId, attributesLow, attributesHigh } of values.descriptors) {
      const { hasTimestamps, tripPointCount, supportsAsync } = attributesLow;
      all.push({ sensorId, isVector: attributesHigh.isVector, hasTimestamps, tripPointCount, supportsAsync });
    }
    if (values.counts.remaining === 0) return all;
  }
}

function pick<T>(all: readonly T[], rand: Prng): T | undefined {
  return all[rand.nextInteger(0, Math.max(0, all.length - 1))];
}

/** Probes like a kernel, then polls every sensor once a second. */
export function* driver(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  for (;;) {
    agent.call(BASE, base.BASE_PROTOCOL_ATTRIBUTES, {});
    agent.call(BASE, base.BASE_DISCOVER_VENDOR, {});
    agent.call(BASE, base.BASE_DISCOVER_LIST_PROTOCOLS, { skip: 0 });
    const { values } = agent.call(SENSOR, PROTOCOL_VERSION, {});
    if (values !== null) agent.call(SENSOR, NEGOTIATE_PROTOCOL_VERSION, { version: values.version });
    yield rand.nextInteger(1, 5) * MS;
    const sensors = describeAll(agent);
    yield rand.nextInteger(1, 5) * MS;
    for (let round = rand.nextInteger(5, 20); round > 0; round--) {
      for (const { sensorId } of sensors) {
        agent.call(SENSOR, sensor.SENSOR_READING_GET, { sensorId, flags: { async: false } });
      }
      yield S;
    }
  }
}

/** Lets a vector sensor stream for a while, as a buffer of Linux' IIO does. */
export function* streamer(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  yield rand.nextInteger(1, 500) * MS;
  for (;;) {
    const sensors = describeAll(agent);
    const chosen = pick(sensors.filter(({ isVector }) => isVector), rand) ?? pick(sensors, rand);
    if (chosen === undefined) {
      yield S;
      continue;
    }
    const { sensorId, hasTimestamps } = chosen;
    const config = { intervalMantissa: 0, intervalExponent: 0, rounding: 0, timestamps: hasTimestamps };
    agent.call(SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, { sensorId, notifyEnable: { enable: true } });
    agent.call(SENSOR, sensor.SENSOR_CONFIG_SET, { sensorId, config: { ...config, enabled: true } });
    yield rand.nextInteger(500, 4000) * MS;
    agent.call(SENSOR, sensor.SENSOR_CONFIG_SET, { sensorId, config: { ...config, enabled: false } });
    agent.call(SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, { sensorId, notifyEnable: { enable: false } });
    agent.call(SENSOR, sensor.SENSOR_CONFIG_SET, { sensorId, config: { ...config, enabled: true } });
    yield rand.nextInteger(100, 2000) * MS;
  }
}

/** Puts a trip point beside what a sensor reads and waits for it to be crossed. */
export function* watcher(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  yield rand.nextInteger(1, 500) * MS;
  for (;;) {
    const chosen = pick(describeAll(agent).filter(({ tripPointCount }) => tripPointCount > 0), rand);
    if (chosen === undefined) {
      yield S;
      continue;
    }
    const { sensorId } = chosen;
    const { values } = agent.call(SENSOR, sensor.SENSOR_READING_GET, { sensorId, flags: { async: false } });
    const now = values?.readings[0]?.value ?? 0;
    const value = BigInt(now + rand.nextInteger(-2000, 2000));
    const eventControl = { direction: sensor.TRIP_DIRECTION.both, tripPointId: 0 };
    agent.call(SENSOR, sensor.SENSOR_TRIP_POINT_CONFIG, { sensorId, eventControl, value });
    agent.call(SENSOR, sensor.SENSOR_TRIP_POINT_NOTIFY, { sensorId, eventControl: { enable: true } });
    yield rand.nextInteger(1, 10) * S;
    agent.call(SENSOR, sensor.SENSOR_TRIP_POINT_NOTIFY, { sensorId, eventControl: { enable: false } });
  }
}

/** Reads with delayed responses, several at a time. */
export function* asyncReader(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  yield rand.nextInteger(1, 500) * MS;
  for (;;) {
    const able = describeAll(agent).filter(({ supportsAsync }) => supportsAsync);
    for (let count = rand.nextInteger(1, 20); count > 0; count--) {
      const sensorId = pick(able, rand)?.sensorId ?? 0;
      agent.call(SENSOR, sensor.SENSOR_READING_GET, { sensorId, flags: { async: true } });
    }
    yield rand.nextInteger(1, 300) * MS;
  }
}

/** Takes devices away from other agents and gives them back. */
export function* warden(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  const agentCount = agent.call(BASE, base.BASE_PROTOCOL_ATTRIBUTES, {}).values?.attributes.agentCount ?? 0;
  for (;;) {
    yield rand.nextInteger(1, 5) * S;
    const agentId = rand.nextInteger(1, Math.max(1, agentCount));
    const target = { agentId, deviceId: rand.nextInteger(0, 3) };
    agent.call(BASE, base.BASE_SET_DEVICE_PERMISSIONS, { ...target, flags: { allow: false } });
    yield rand.nextInteger(1, 2000) * MS;
    agent.call(BASE, base.BASE_SET_PROTOCOL_PERMISSIONS, {
      ...target,
      commandId: { protocolId: SENSOR },
      flags: { allow: true },
    });
    if (rand.nextUnit() < 0.3) {
      agent.call(BASE, base.BASE_RESET_AGENT_CONFIGURATION, { agentId, flags: { resetPermissions: true } });
    }
  }
}

/** Sends bytes that need not be messages. */
export function* vandal(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  const commands = PROTOCOL_MESSAGES.flatMap(({ id, commands }) =>
    commands.map((schema: CommandSchema) => ({ id, schema }))
  );
  for (;;) {
    yield rand.nextInteger(1, 50) * MS;
    const { id, schema } = pick(commands, rand)!;
    const message = new Uint8Array(rand.nextInteger(0, 40));
    for (const at of message.keys()) message[at] = rand.nextInteger(0, 255);
    if (message.length >= 4) {
      const header = schema.id | id << 10 | rand.nextInteger(0, 0x3ff) << 18;
      new DataView(message.buffer).setUint32(0, header, true);
    }
    agent.send(message);
  }
}

/** Restarts its driver and loses the way for messages of the platform now and then. */
export function* rebooter(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  for (;;) {
    yield rand.nextInteger(1, 15) * S;
    if (rand.nextUnit() < 0.5) {
      agent.restart();
      continue;
    }
    agent.changeP2a("off");
    yield rand.nextInteger(1, 2000) * MS;
    agent.changeP2a("on");
  }
}

/** All behaviours by name. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  driver,
  streamer,
  watcher,
  asyncReader,
  warden,
  vandal,
  rebooter,
  ...HARDWARE_BEHAVIOURS,
};
