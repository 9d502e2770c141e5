// The calls on a running core, over a core in this process in stepped time.
import { PROTOCOLS } from "../../protocols/registry.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defineBoard } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarGuestsBoard } from "../../boards/rcar_guests.ts";
import { AGENT_PAGE, EVENT_PAGE, SENSOR_PAGE, STEP_MAX_US } from "../../scp/control/control_calls.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { LoopbackChannel } from "../../transports/loopback.ts";
import { AgentClient } from "../../scp/agent/agent.ts";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { createLocalCore, type LocalCore } from "./local_core.ts";

async function sensorOf(core: LocalCore, name: string) {
  const outcome = await core.client.call("sensor", { name });
  assert(outcome.ok);
  return outcome.value;
}

Deno.test("platform tells board, agents, protocols with versions, and how it runs", async () => {
  const outcome = await createLocalCore({ release: "3.0" }).client.call("platform", null);
  assert(outcome.ok);
  const { name, agents, protocols, release, seed, time, sensorCount } = outcome.value;
  assertEquals(name, "rcar");
  assertEquals(agents[0], { id: 1, name: "OSPM", isTrusted: true });
  const served = PROTOCOLS.flatMap(({ id, name, releases }) =>
    releases["3.0"] === null ? [] : [{ id, name, version: releases["3.0"] }]
  );
  assertEquals(protocols, served);
  assertEquals(protocols.find(({ id }) => id === 0x15)?.version, 0x20000);
  assertEquals({ release, seed, time, sensorCount }, {
    release: "3.0",
    seed: 1,
    time: { kind: "stepped" },
    sensorCount: 26,
  });
});

Deno.test("sensor shows the reading in wire and physical units beside the truth", async () => {
  const sensor = await sensorOf(createLocalCore({ board: minimalBoard }), "temp_chip");
  assertEquals(sensor.axes, null);
  assertEquals(sensor.unit, "\u00b0C");
  assertEquals(sensor.values.length, 1);
  assertEquals(sensor.readings[0], Math.round(sensor.values[0]! * 1000));
  assertEquals(sensor.truth[0], 25);
  assertEquals(sensor.fault, null);
});

Deno.test("sensor shows who supplies it, and that nobody does yet", async () => {
  const { suppliedBy, fault, readings, truth } = await sensorOf(
    createLocalCore({ board: rcarGuestsBoard }),
    "speed_shown",
  );
  assertEquals({ suppliedBy, fault, readings, truth }, {
    suppliedBy: "cluster",
    fault: "BUSY",
    readings: [],
    truth: [],
  });
  assertEquals((await sensorOf(createLocalCore(), "thermal1")).suppliedBy, null);
});

Deno.test("sensor shows one value for each axis of a vector", async () => {
  const sensor = await sensorOf(createLocalCore(), "accel");
  assertEquals(sensor.axes, ["accel_X", "accel_Y", "accel_Z"]);
  assertEquals([sensor.readings.length, sensor.values.length, sensor.truth.length], [3, 3, 3]);
});

Deno.test("sensor reads the same value for the same seed and time as any other platform", async () => {
  const core = createLocalCore();
  await core.client.call("step", { us: 2_500_000 });
  const other = createPlatform(core.platform.board, { seed: 1 });
  const { readings, timestampUs } = await sensorOf(core, "thermal3");
  const sample = other.model.sensors[2]!.sampleAt(2_500_000);
  assertEquals({ readings, timestampUs }, { readings: [...sample.values], timestampUs: sample.timeUs });
});

Deno.test("sensor shows a fault and no reading", async () => {
  const core = createLocalCore();
  core.platform.model.setFault(0, "HARDWARE_ERROR");
  const { fault, readings, values } = await sensorOf(core, "thermal1");
  assertEquals({ fault, readings, values }, { fault: "HARDWARE_ERROR", readings: [], values: [] });
});

Deno.test("sensors come in pages that cover all of them once", async () => {
  const core = createLocalCore();
  const ids: number[] = [];
  for (;;) {
    const page = await core.client.call("sensors", { from: ids.length });
    assert(page.ok);
    ids.push(...page.value.map(({ id }) => id));
    if (page.value.length < SENSOR_PAGE) break;
  }
  assertEquals(ids, core.platform.model.sensors.map((_sensor, id) => id));
});

Deno.test("override makes a sensor read the values until release, while the physics goes on", async () => {
  const core = createLocalCore();
  const before = await sensorOf(core, "thermal1");
  const outcome = await core.client.call("override", { name: "thermal1", values: [-12.5] });
  assert(outcome.ok);
  assertEquals(outcome.value.readings, [-12_500]);
  assertEquals(outcome.value.isOverridden, true);
  assertEquals(outcome.value.truth, before.truth);
  const released = await core.client.call("release", { name: "thermal1" });
  assert(released.ok);
  assertEquals(released.value, before);
});

Deno.test("override refuses a wrong number of values, and what is no number", async () => {
  const { client } = createLocalCore();
  for (const values of [[], [1, 2], [NaN], [Infinity]]) {
    const outcome = await client.call("override", { name: "thermal1", values });
    assertEquals(outcome.ok ? "" : outcome.reason, "invalid");
  }
  const outcome = await client.call("override", { name: "accel", values: [1] });
  assertStringIncludes(outcome.ok ? "" : outcome.problem, "takes 3 value(s), not 1");
});

Deno.test("calls about a sensor that is not there say so", async () => {
  const { client } = createLocalCore();
  for (
    const outcome of [
      await client.call("sensor", { name: "nope" }),
      await client.call("override", { name: "nope", values: [1] }),
      await client.call("release", { name: "nope" }),
    ]
  ) {
    assertEquals(outcome.ok ? "" : outcome.reason, "notFound");
    assertStringIncludes(outcome.ok ? "" : outcome.problem, 'no sensor "nope"');
  }
});

Deno.test("step moves machine and physics, within its bounds", async () => {
  const { client, platform } = createLocalCore();
  assertEquals(await client.call("step", { us: 1_000_000 }), { ok: true, value: { nowUs: 1_000_000 } });
  assertEquals(platform.machine.nowUs(), 1_000_000);
  for (const us of [0, -1, 1.5, STEP_MAX_US + 1, NaN]) {
    const outcome = await client.call("step", { us });
    assertEquals(outcome.ok ? "" : outcome.reason, "invalid");
  }
  assertEquals(platform.machine.nowUs(), 1_000_000);
});

Deno.test("step moves the physics even when nobody reads a sensor", async () => {
  const { client, platform } = createLocalCore({ board: minimalBoard });
  const before = platform.model.truth(0)[0]!;
  await client.call("step", { us: 60_000_000 });
  assert(platform.model.truth(0)[0]! > before + 1);
});

Deno.test("step is refused while time passes by itself", async () => {
  const { client } = createLocalCore({ time: { kind: "host", factor: 1 } });
  const outcome = await client.call("step", { us: 1 });
  assertEquals(outcome.ok ? "" : outcome.reason, "conflict");
  assertStringIncludes(outcome.ok ? "" : outcome.problem, "--time stepped");
});

Deno.test("agents tell their channels, how often each message came, and how often it was refused", async () => {
  const { client, platform } = createLocalCore();
  const agent = new AgentClient(new LoopbackChannel(platform.machine.openChannel("VM1")!));
  await agent.call(0x15, PROTOCOL_VERSION, {});
  // A guest that reboots does not take its counts along, nor does one that goes away.
  agent.channel.close();
  const gone = platform.machine.openChannel("VM1")!;
  const second = new AgentClient(new LoopbackChannel(gone));
  await second.call(0x15, PROTOCOL_VERSION, {});
  for (const messageId of [0, 0xff]) await second.call(0x15, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
  gone.close();
  const outcome = await client.call("agents", { from: 0 });
  assert(outcome.ok);
  const vm1 = outcome.value.find(({ name }) => name === "VM1")!;
  const [channel] = vm1.channels;
  assertEquals([vm1.channels.length, channel!.isAttached], [1, false]);
  const sensor = vm1.protocols.find(({ protocol }) => protocol === "sensor")!;
  assertEquals(sensor.messages, [
    { id: 0, name: "PROTOCOL_VERSION", count: 2, refusedCount: 0, fastCount: 0, fastRefusedCount: 0 },
    {
      id: 2,
      name: "PROTOCOL_MESSAGE_ATTRIBUTES",
      count: 2,
      refusedCount: 1,
      fastCount: 0,
      fastRefusedCount: 0,
    },
  ]);
});

Deno.test("agents come in pages that cover all of them once", async () => {
  const names = Array.from({ length: 2 * AGENT_PAGE + 3 }, (_, i) => `guest${i}`);
  const agents = names.map((name) => ({ name, kind: "OSPM" as const, view: {} }));
  const { client } = createLocalCore({ board: defineBoard({ ...minimalBoard, agents }) });
  const pages: string[][] = [];
  for (const from of [0, AGENT_PAGE, 2 * AGENT_PAGE]) {
    const page = await client.call("agents", { from });
    assert(page.ok);
    pages.push(page.value.map(({ name }) => name));
  }
  assertEquals(pages.map(({ length }) => length), [AGENT_PAGE, AGENT_PAGE, 3]);
  assertEquals(pages.flat(), names);
});

Deno.test("events tell what happened since a sequence number, and how much more", async () => {
  const { client, platform } = createLocalCore();
  const loopback = new LoopbackChannel(platform.machine.openChannel("OSPM")!);
  const start = await client.call("events", { fromSequence: null });
  assert(start.ok);
  assertEquals(start.value.events, []);
  const agent = new AgentClient(loopback);
  for (let i = 0; i < EVENT_PAGE + 10; i++) await agent.call(0x10, PROTOCOL_VERSION, {});
  const batch = await client.call("events", { fromSequence: start.value.nextSequence });
  assert(batch.ok);
  assertEquals(batch.value.events.length, EVENT_PAGE);
  assertEquals(batch.value.droppedCount, 10);
  assertEquals(batch.value.nextSequence, start.value.nextSequence + EVENT_PAGE + 10);
  const after = await client.call("events", { fromSequence: batch.value.nextSequence });
  assertEquals(after.ok ? after.value.events : null, []);
});

Deno.test("stop ends the core", async () => {
  const core = createLocalCore();
  await core.client.call("stop", null);
  assertEquals(core.stopCount, 1);
});
