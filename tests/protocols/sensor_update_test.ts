// Sensor protocol: when sensors are looked at for updates and trip points, and when that is left out.
import { assert, assertEquals } from "@std/assert";
import { completeMediation } from "../../boards/mediation.ts";
import { NEGOTIATE_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import * as telemetry from "../../protocols/telemetry/messages.ts";
import { SettableSensor } from "../support/constant_sensors.ts";
import { callOk, connectAgent, createMachine, encodeCommand, type TestAgent } from "../support/platform.ts";

const SENSOR = 0x15;
const TELEMETRY = telemetry.TELEMETRY_MESSAGES.id;
const SECOND_US = 1_000_000;

/** Has an agent told of every reading of its first sensor. */
async function hearUpdates(agent: TestAgent): Promise<void> {
  const params = { sensorId: 0, notifyEnable: { enable: true } };
  await callOk(agent, SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, params);
}

/** Has an agent told of every time that its first sensor crosses 1500. */
async function hearCrossings(agent: TestAgent): Promise<void> {
  await callOk(agent, SENSOR, sensor.SENSOR_TRIP_POINT_CONFIG, {
    sensorId: 0,
    eventControl: { direction: sensor.TRIP_DIRECTION.both, tripPointId: 0 },
    value: 1500n,
  });
  const event = { sensorId: 0, eventControl: { enable: true } };
  await callOk(agent, SENSOR, sensor.SENSOR_TRIP_POINT_NOTIFY, event);
}

Deno.test("SENSOR_UPDATE comes at whole microseconds where the interval is none, and goes on for ever", async () => {
  // The seventh multiple of 150.15 us, divided by that, is less than 7.
  const interval = { mantissa: 15_015, exponent: -8 };
  const settable = new SettableSensor("fast", {
    intervals: { kind: "list", list: [interval] },
    defaultInterval: interval,
  });
  const machine = createMachine({ sensors: [settable] });
  const agent = connectAgent(machine);
  await hearUpdates(agent);
  machine.step(150 * 20);
  assertEquals([agent.heard.length, machine.nextUs], [20, 150 * 21]);
});

/** An agent that may send a hundred commands a second, on several channels, and one without limits. */
function limited(settable: SettableSensor, channelCount: number) {
  const mediation = completeMediation({ messagesPerS: 100, burst: 20 });
  const machine = createMachine({
    sensors: [settable],
    release: "4.0-draft",
    agents: [{ name: "OSPM", isTrusted: true }, { name: "VM1", isTrusted: false, mediation }],
  });
  const channels = Array.from({ length: channelCount }, () => connectAgent(machine, "VM1"));
  return { machine, channels, service: channels[0]!.channel.service, other: connectAgent(machine, "OSPM") };
}

/** What the channels heard so far, together. */
function heardCount(channels: readonly TestAgent[]): number {
  return channels.reduce((sum, { heard }) => sum + heard.length, 0);
}

Deno.test("SENSOR_UPDATE counts against what an agent may send, on all of its channels, and against nobody else", async () => {
  const settable = new SettableSensor("temp", { defaultInterval: { mantissa: 1, exponent: -3 } });
  const { machine, channels, service, other } = limited(settable, 6);
  for (const channel of [...channels, other]) await hearUpdates(channel);
  machine.step(SECOND_US);
  const count = heardCount(channels);
  assert(count <= 120 && count > 100, `${count} of 6000 updates were made`);
  assertEquals([other.heard.length, service.heldCount > 0], [1000, true]);
});

Deno.test("TELEMETRY_UPDATE counts against what an agent may send", async () => {
  const { machine, channels } = limited(new SettableSensor("temp"), 6);
  for (const channel of channels) {
    const event = { identifier: 0, flags: { mode: 1, disablesAll: false, isGroup: false } };
    await callOk(channel, TELEMETRY, telemetry.TELEMETRY_DE_CONFIGURE, event);
    await callOk(channel, TELEMETRY, telemetry.TELEMETRY_CONFIG_SET, {
      groupId: 0,
      control: { enable: true, mode: telemetry.COLLECTION.updates, selector: telemetry.SELECTOR.all },
      samplingRate: { rateMantissa: 1, rateExponent: -2 },
    });
  }
  machine.step(SECOND_US);
  const count = heardCount(channels);
  assert(count <= 120 && count > 90, `${count} of 600 updates were made`);
});

Deno.test("SENSOR_TRIP_POINT_EVENT of an agent that is held comes when it is let go, and counts", async () => {
  const settable = new SettableSensor("temp");
  const { machine, channels: [agent], service } = limited(settable, 1);
  await hearCrossings(agent!);
  // Forty commands more than it may send: it is held for 400 ms.
  for (let i = 0; i < 58; i++) agent!.loopback.exchange(encodeCommand(SENSOR, PROTOCOL_VERSION, {}, 0));
  assertEquals(service.isHeld, true);
  settable.values = [2000];
  machine.step(300_000);
  assertEquals([service.isHeld, agent!.heard.length], [true, 0]);
  machine.step(500_000);
  assertEquals([service.isHeld, agent!.heard.length], [false, 1]);
  // It crosses with every sample: a hundred times a second, and commands come on top.
  for (let i = 0; i < 100; i++) {
    settable.values = [i % 2 === 0 ? 1000 : 2000];
    machine.step(machine.nowUs() + 10_000);
    agent!.loopback.exchange(encodeCommand(SENSOR, PROTOCOL_VERSION, {}, 0));
  }
  assertEquals(service.heldCount > 1, true, "events and commands together are more than it may send");
});

Deno.test("SENSOR_TRIP_POINT_EVENT comes in version 1.0 of sensors that later versions would have to switch on", async () => {
  const settable = new SettableSensor("temp", { startsEnabled: false });
  const machine = createMachine({ sensors: [settable], release: "1.0" });
  const agent = connectAgent(machine);
  await hearCrossings(agent);
  settable.values = [2000];
  machine.step(10_000);
  assertEquals(agent.heard.length, 1);
});

Deno.test("another version in force starts and stops what depends on the switches that it has or lacks", async () => {
  const settable = new SettableSensor("temp", { startsEnabled: false });
  const machine = createMachine({ sensors: [settable] });
  const agent = connectAgent(machine);
  await hearCrossings(agent);
  const cross = () => {
    settable.values = [settable.values[0] === 1000 ? 2000 : 1000];
    machine.step(machine.nowUs() + 10_000);
    return agent.heard.splice(0).length;
  };
  const negotiate = (version: number) => callOk(agent, SENSOR, NEGOTIATE_PROTOCOL_VERSION, { version });
  assertEquals([cross(), cross()], [0, 0], "it is off");
  await negotiate(0x10000);
  assertEquals([cross(), cross()], [1, 1]);
  await negotiate(0x30001);
  assertEquals(cross(), 0);
});
