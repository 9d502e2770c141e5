// The machine in virtual time: order of work, channels apart from one another, the trace.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { messageTypeOf } from "../../scp/core/header.ts";
import {
  callOk,
  callStatus,
  connectAgent,
  createMachine,
  encodeCommand,
  statusOfBytes,
} from "../support/platform.ts";

const SENSOR = 0x15;

Deno.test("Machine.step() does work in the order of its times, equal ones as they were asked for", () => {
  const machine = createMachine();
  const done: string[] = [];
  const note = (name: string) => () => done.push(`${name}@${machine.nowUs()}`);
  machine.at(300, note("d"));
  machine.at(100, note("a"));
  machine.at(200, note("b"));
  machine.at(200, note("c"));
  machine.at(50, note("never")).cancel();
  machine.step(250);
  assertEquals(done, ["a@100", "b@200", "c@200"]);
  assertEquals(machine.nextUs, 300);
  machine.step(1000);
  assertEquals(done.at(-1), "d@300");
  assertEquals([machine.nowUs(), machine.nextUs], [1000, Infinity]);
});

Deno.test("Machine.step() keeps the order over thousands of timers", () => {
  const machine = createMachine();
  const due: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const timeUs = (i * 7919) % 5003;
    const timer = machine.at(timeUs, () => due.push(timeUs));
    if (i % 5 === 0) timer.cancel();
  }
  machine.step(10_000);
  assertEquals(due.length, 4000);
  assert(due.every((timeUs, i) => i === 0 || due[i - 1]! <= timeUs));
});

Deno.test("Machine.step() does work that work asks for in the same step", () => {
  const machine = createMachine();
  let count = 0;
  const again = () => {
    count++;
    machine.at(machine.nowUs() + 10, again);
  };
  machine.at(10, again);
  machine.step(100);
  assertEquals(count, 10);
});

Deno.test("Machine.step() refuses to let time fall", () => {
  const machine = createMachine();
  machine.step(100);
  assertThrows(() => machine.step(99), "time falls");
});

Deno.test("Machine.openChannel() knows its agents only", () => {
  const machine = createMachine();
  assertEquals(machine.openChannel("nobody"), null);
  assertEquals(machine.openChannel("VM1")?.agentName, "VM1");
});

Deno.test("two channels of one agent do not share what was set on one of them", async () => {
  const machine = createMachine();
  const [first, second] = [connectAgent(machine), connectAgent(machine)];
  const off = { intervalMantissa: 0, intervalExponent: 0, rounding: 0, timestamps: false, enabled: false };
  await callOk(first, SENSOR, sensor.SENSOR_CONFIG_SET, { sensorId: 0, config: off });
  const read = { sensorId: 0, flags: { async: false } };
  assertEquals(await callStatus(first, SENSOR, sensor.SENSOR_READING_GET, read), "PROTOCOL_ERROR");
  assertEquals(await callStatus(second, SENSOR, sensor.SENSOR_READING_GET, read), "SUCCESS");
});

Deno.test("Channel.serve() leaves a message unanswered that has no header or no room for a status", () => {
  const machine = createMachine();
  const agent = connectAgent(machine, "OSPM", { room: 7 });
  assertEquals(statusOfBytes(agent, encodeCommand(SENSOR, PROTOCOL_VERSION, {}, 0)), null);
  assertEquals(statusOfBytes(connectAgent(machine), new Uint8Array(3)), null);
  assertEquals(machine.trace.count("unanswered"), 2);
});

Deno.test("Channel.reset() forgets versions, settings and what was to come, and serves on", async () => {
  const machine = createMachine();
  const agent = connectAgent(machine);
  await callOk(agent, SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, {
    sensorId: 0,
    notifyEnable: { enable: true },
  });
  machine.step(100_000);
  assertEquals(agent.heard.length, 1);
  agent.channel.reset();
  machine.step(500_000);
  assertEquals(agent.heard.length, 1);
  assertEquals(await callStatus(agent, SENSOR, PROTOCOL_VERSION, {}), "SUCCESS");
});

Deno.test("the trace has every message in its order, with its status", async () => {
  const machine = createMachine();
  const agent = connectAgent(machine, "VM1");
  await callOk(agent, SENSOR, PROTOCOL_VERSION, {});
  machine.step(5);
  await callStatus(agent, SENSOR, sensor.SENSOR_NAME_GET, { sensorId: 99 });
  const commands = machine.trace.last().filter(({ kind }) => kind === "command");
  assertEquals(commands.map(({ timeUs, agentId, value }) => [timeUs, agentId, value]), [[0, 2, 0], [
    5,
    2,
    -4,
  ]]);
});

Deno.test("a trace listener gets the bytes of request and reply", async () => {
  const machine = createMachine();
  const agent = connectAgent(machine);
  const sizes: [number, number][] = [];
  const stop = machine.trace.listen((_event, request, reply) =>
    sizes.push([request?.byteLength ?? 0, reply?.byteLength ?? 0])
  );
  await callOk(agent, SENSOR, PROTOCOL_VERSION, {});
  stop();
  await callOk(agent, SENSOR, PROTOCOL_VERSION, {});
  assertEquals(sizes, [[4, 12]]);
});

Deno.test("a delayed response carries the token of its command", () => {
  const machine = createMachine();
  const agent = connectAgent(machine);
  agent.loopback.send(
    encodeCommand(SENSOR, sensor.SENSOR_READING_GET, { sensorId: 0, flags: { async: true } }, 0x3a5),
  );
  machine.step(2000);
  const header = new DataView(agent.heard[0]!.buffer).getUint32(0, true);
  assertEquals([header >>> 18, messageTypeOf(header)], [0x3a5, 2]);
});

Deno.test("the same run gives the same trace hash, another run another", async () => {
  const run = async (sensorId: number) => {
    const machine = createMachine();
    machine.trace.startHash();
    const agent = connectAgent(machine);
    await callStatus(agent, SENSOR, sensor.SENSOR_READING_GET, { sensorId, flags: { async: true } });
    machine.step(10_000);
    return machine.trace.hash;
  };
  assertEquals(await run(0), await run(0));
  assert(await run(0) !== await run(1));
});

Deno.test("no two protocols name resources of one kind: what an agent is denied is kept by kind", () => {
  const kinds = PROTOCOLS.flatMap(({ resource, otherResources = [] }) =>
    resource === null ? [] : [resource, ...otherResources]
  );
  assertEquals(kinds.length, new Set(kinds).size);
});
