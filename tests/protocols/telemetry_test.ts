// Telemetry, a draft of SCMI 4.0: what can be collected, which data events are on, and how what is collected gets to the agent
// by messages. Shared areas are in telemetry_area_test.ts; refusals that follow from the declarations alone in refusals_test.ts.
import { assert, assertEquals } from "@std/assert";
import * as telemetry from "../../protocols/telemetry/messages.ts";
import { ENABLED_COUNT_MAX } from "../../protocols/telemetry/configuration.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE } from "../../scp/core/header.ts";
import type { Sensor } from "../../scp/model/sensor.ts";
import type { LoopbackOptions } from "../../transports/loopback.ts";
import { axes, SettableSensor } from "../support/constant_sensors.ts";
import { callOk, callStatus, connectAgent, createMachine, type TestAgent } from "../support/platform.ts";

const TELEMETRY = telemetry.TELEMETRY_MESSAGES.id;
const SENSOR = 0x15;
const { SELECTOR, COLLECTION, EVENT_MODE, NONE } = telemetry;
const EVERY_100_MS = { rateMantissa: 1, rateExponent: -1 };
const [TEMP, ACCEL_X, ACCEL_Y, ACCEL_Z, COUNTER] = [0x000, 0x100, 0x101, 0x102, 0x200] as const;

/** A temperature, an accelerometer, and a counter without timestamps. */
function setup(options: LoopbackOptions = {}) {
  const temp = new SettableSensor("temp");
  const accel = new SettableSensor("accel", { isVector: true, quantities: axes("accel") });
  const counter = new SettableSensor("counter", { timestampExponent: null });
  const sensors: SettableSensor[] = [temp, accel, counter];
  const devices = sensors.map(({ name }) => ({ name, resources: { sensor: [name] } }));
  const machine = createMachine({ release: "4.0-draft", sensors, devices });
  return { temp, accel, counter, machine, agent: connectAgent(machine, "OSPM", options) };
}

interface EventFlags {
  readonly mode: number;
  readonly disablesAll: boolean;
  readonly isGroup: boolean;
}

const NO_FLAGS: EventFlags = { mode: EVENT_MODE.off, disablesAll: false, isGroup: false };

/** Switches a data event or a group; returns the status. */
function configure(
  agent: TestAgent,
  identifier: number,
  flags: Partial<EventFlags>,
): Promise<string> {
  const params = { identifier, flags: { ...NO_FLAGS, ...flags } };
  return callStatus(agent, TELEMETRY, telemetry.TELEMETRY_DE_CONFIGURE, params);
}

interface Control {
  readonly enable?: boolean;
  readonly mode?: number;
  readonly selector?: number;
  readonly samplingRate?: typeof EVERY_100_MS;
}

function controlOf({ enable = true, mode = COLLECTION.updates, selector = SELECTOR.all, ...rest }: Control) {
  return { groupId: 0, control: { enable, mode, selector }, samplingRate: rest.samplingRate ?? EVERY_100_MS };
}

const configSet = (agent: TestAgent, control: Control = {}): Promise<string> =>
  callStatus(agent, TELEMETRY, telemetry.TELEMETRY_CONFIG_SET, controlOf(control));

/** The ids of data events or groups that are on, with their modes. */
async function enabled(agent: TestAgent, isGroup = false): Promise<[number, number][]> {
  const params = { index: 0, flags: { isGroup } };
  const told = await callOk(agent, TELEMETRY, telemetry.TELEMETRY_DE_ENABLED_LIST, params);
  return told.enabled.map(({ identifier, mode }) => [identifier, mode.mode]);
}

/** The updates that came since the last call, as [data event, value, timestamp], failed ones with their status in front. */
function updates(agent: TestAgent): unknown[][] {
  return agent.heard.splice(0).map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const { payload } = telemetry.TELEMETRY_UPDATE;
    const update = readFields(payload, view, HEADER_SIZE, message.length)!;
    assertEquals(update.agentId, 0);
    assertEquals(update.dwordCount * 4, message.length - HEADER_SIZE - 12);
    const lines = update.lines.map(({ meta, dataEventId, value, timestamp }) =>
      meta.isInvalid ? [dataEventId] : [dataEventId, value, timestamp]
    );
    return update.status === 0 ? lines : [update.status, ...lines];
  });
}

Deno.test("PROTOCOL_ATTRIBUTES of telemetry counts data events and groups, and tells of messages where there are some", async () => {
  const told = (agent: TestAgent) => callOk(agent, TELEMETRY, telemetry.TELEMETRY_PROTOCOL_ATTRIBUTES, {});
  const revision = { revision0: 0, revision1: 0, revision2: 0, revision3: 0 };
  const expected = {
    dataEventCount: 5,
    groupCount: 1,
    ...revision,
    attributes: {
      supportsSingleReads: true,
      supportsUpdates: true,
      configuresGroups: false,
      supportsReset: true,
      hasFastChannels: false,
      areas: 0,
    },
    blockTimestampRateKhz: 0,
  };
  assertEquals(await told(setup().agent), expected);
  const silent = await told(setup({ hasP2a: false }).agent);
  assertEquals(silent.attributes, {
    ...expected.attributes,
    supportsSingleReads: false,
    supportsUpdates: false,
  });
});

Deno.test("telemetry is not there in releases that are no draft, nor for an agent without sensors", async () => {
  for (const plan of [{ release: "3.2" }, { release: "4.0-draft", sensors: [] }] as const) {
    const agent = connectAgent(createMachine(plan));
    const status = await callStatus(agent, TELEMETRY, telemetry.TELEMETRY_PROTOCOL_ATTRIBUTES, {});
    assertEquals(status, "NOT_SUPPORTED");
  }
});

Deno.test("TELEMETRY_DE_DESCRIPTION describes a data event for each value, the axes of a sensor in a group", async () => {
  const { agent } = setup({ room: 128 });
  const found: unknown[] = [];
  for (;;) {
    const page = await callOk(agent, TELEMETRY, telemetry.TELEMETRY_DE_DESCRIPTION, { index: found.length });
    assertEquals(page.counts.returned, page.dataEvents.length);
    for (const { dataEventId, groupId, attributes, timestampRateKhz, name, dataSize } of page.dataEvents) {
      const { unitCode, unitExponent, hasLineTimestamp } = attributes;
      assertEquals(dataSize, 8);
      found.push([dataEventId, groupId, name, unitCode, unitExponent, hasLineTimestamp, timestampRateKhz]);
    }
    if (page.counts.remaining === 0) break;
    assertEquals(found.length + page.counts.remaining, 5);
  }
  assertEquals(found, [
    [TEMP, NONE, "temp", 2, -3, true, 1000],
    [ACCEL_X, 0, "accel_X", 89, -6, true, 1000],
    [ACCEL_Y, 0, "accel_Y", 89, -6, true, 1000],
    [ACCEL_Z, 0, "accel_Z", 89, -6, true, 1000],
    [COUNTER, NONE, "counter", 2, -3, false, 0],
  ]);
  const after = await callStatus(agent, TELEMETRY, telemetry.TELEMETRY_DE_DESCRIPTION, { index: 5 });
  assertEquals(after, "NOT_FOUND");
});

Deno.test("TELEMETRY_LIST_SHMTI finds no area on a channel without shared memory", async () => {
  const status = await callStatus(setup().agent, TELEMETRY, telemetry.TELEMETRY_LIST_SHMTI, { index: 0 });
  assertEquals(status, "NOT_FOUND");
});

Deno.test("TELEMETRY_LIST_UPDATE_INTERVALS lists intervals by rising length, for all, for the rest and for a group", async () => {
  const { agent } = setup();
  const list = (index: number, selector: number, groupId = 0) => ({ index, groupId, flags: { selector } });
  for (const selector of Object.values(SELECTOR)) {
    const params = list(1, selector);
    const told = await callOk(agent, TELEMETRY, telemetry.TELEMETRY_LIST_UPDATE_INTERVALS, params);
    const lengths = told.intervals.map(({ interval }) => interval.rateMantissa * 10 ** interval.rateExponent);
    assertEquals(lengths[0], 0.02);
    assertEquals(lengths, lengths.toSorted((a, b) => a - b));
    assertEquals([told.counts.remaining, told.counts.isSegment], [0, false]);
  }
  const status = (params: ReturnType<typeof list>) =>
    callStatus(agent, TELEMETRY, telemetry.TELEMETRY_LIST_UPDATE_INTERVALS, params);
  assertEquals(await status(list(0, 3)), "INVALID_PARAMETERS");
  assertEquals(await status(list(0, SELECTOR.group, 1)), "OUT_OF_RANGE");
  assertEquals(await status(list(0, SELECTOR.all, 1)), "SUCCESS");
  assertEquals(await status(list(10, SELECTOR.all)), "OUT_OF_RANGE");
});

Deno.test("TELEMETRY_DE_CONFIGURE switches data events and groups, and all of them off", async () => {
  const { agent } = setup();
  assertEquals(await enabled(agent), []);
  assertEquals(await configure(agent, COUNTER, { mode: EVENT_MODE.on }), "SUCCESS");
  assertEquals(await configure(agent, TEMP, { mode: EVENT_MODE.withTimestamp }), "SUCCESS");
  assertEquals(await enabled(agent), [[TEMP, 2], [COUNTER, 1]]);
  assertEquals(await configure(agent, 0, { mode: EVENT_MODE.on, isGroup: true }), "SUCCESS");
  assertEquals(await enabled(agent), [[TEMP, 2], [ACCEL_X, 1], [ACCEL_Y, 1], [ACCEL_Z, 1], [COUNTER, 1]]);
  assertEquals(await enabled(agent, true), [[0, 1]]);
  assertEquals(await configure(agent, TEMP, { mode: EVENT_MODE.off }), "SUCCESS");
  assertEquals(await configure(agent, 0, { mode: EVENT_MODE.off, isGroup: true }), "SUCCESS");
  assertEquals(await enabled(agent), [[COUNTER, 1]]);
  assertEquals(await enabled(agent, true), []);
  await configure(agent, 0, { mode: EVENT_MODE.on, isGroup: true });
  assertEquals(await configure(agent, 77, { disablesAll: true }), "SUCCESS");
  assertEquals([await enabled(agent), await enabled(agent, true)], [[], []]);
});

Deno.test("TELEMETRY_DE_CONFIGURE tells of no area where there is none", async () => {
  const params = { identifier: TEMP, flags: { ...NO_FLAGS, mode: EVENT_MODE.on } };
  const told = await callOk(setup().agent, TELEMETRY, telemetry.TELEMETRY_DE_CONFIGURE, params);
  assertEquals(told, { areaId: NONE, lineOffset: 0, blockTimestampOffset: 0 });
});

Deno.test("TELEMETRY_DE_CONFIGURE refuses what is unknown, contradictory, taken or not possible", async () => {
  const { agent } = setup();
  const on = { mode: EVENT_MODE.on };
  const stamped = { mode: EVENT_MODE.withTimestamp };
  assertEquals(await configure(agent, TEMP, { mode: 3 }), "INVALID_PARAMETERS");
  assertEquals(await configure(agent, TEMP, { ...on, disablesAll: true }), "INVALID_PARAMETERS");
  for (const id of [1, 0x103, 0x300, 0xffff_ffff]) {
    assertEquals(await configure(agent, id, on), "INVALID_PARAMETERS");
    assertEquals(await configure(agent, id, { ...on, isGroup: true }), "INVALID_PARAMETERS");
  }
  assertEquals(await configure(agent, COUNTER, stamped), "NOT_SUPPORTED");
  // A group and its data events are not switched one beside the other.
  assertEquals(await configure(agent, ACCEL_Z, on), "SUCCESS");
  assertEquals(await configure(agent, 0, { ...on, isGroup: true }), "IN_USE");
  assertEquals(await configure(agent, 0, { mode: EVENT_MODE.off, isGroup: true }), "SUCCESS");
  assertEquals(await configure(agent, ACCEL_Z, { mode: EVENT_MODE.off }), "SUCCESS");
  assertEquals(await configure(agent, 0, { ...stamped, isGroup: true }), "SUCCESS");
  for (const mode of [EVENT_MODE.off, EVENT_MODE.on]) {
    assertEquals(await configure(agent, ACCEL_Y, { mode }), "IN_USE");
  }
  assertEquals(await configure(agent, 0, { ...on, isGroup: true }), "SUCCESS");
  assertEquals(await enabled(agent), [[ACCEL_X, 1], [ACCEL_Y, 1], [ACCEL_Z, 1]]);
});

Deno.test("TELEMETRY_DE_CONFIGURE refuses a group without timestamps, and sensors that the agent is denied", async () => {
  const quantities = axes("gyro");
  const gyro = new SettableSensor("gyro", { isVector: true, quantities, timestampExponent: null });
  const plain = connectAgent(createMachine({ release: "4.0-draft", sensors: [gyro] }));
  const stamped = { mode: EVENT_MODE.withTimestamp, isGroup: true };
  assertEquals(await configure(plain, 0, stamped), "NOT_SUPPORTED");
  const { machine } = setup();
  machine.agents.find("VM1")!.permit(1, SENSOR, false);
  const agent = connectAgent(machine, "VM1");
  assertEquals(await configure(agent, ACCEL_X, { mode: EVENT_MODE.on }), "DENIED");
  assertEquals(await configure(agent, 0, { mode: EVENT_MODE.on, isGroup: true }), "DENIED");
  assertEquals(await configure(agent, TEMP, { mode: EVENT_MODE.on }), "SUCCESS");
});

Deno.test("TELEMETRY_DE_CONFIGURE lets no more data events be on than one message can carry", async () => {
  const sensors: Sensor[] = Array.from({ length: ENABLED_COUNT_MAX }, (_, i) => new SettableSensor(`s${i}`));
  sensors.push(new SettableSensor("a", { isVector: true, quantities: axes("a") }));
  const machine = createMachine({ release: "4.0-draft", sensors });
  const agent = connectAgent(machine);
  const on = { mode: EVENT_MODE.withTimestamp };
  for (let i = 0; i < ENABLED_COUNT_MAX - 1; i++) assertEquals(await configure(agent, i << 8, on), "SUCCESS");
  assertEquals(await configure(agent, 0, { ...on, isGroup: true }), "OUT_OF_RANGE");
  assertEquals(await configure(agent, (ENABLED_COUNT_MAX - 1) << 8, on), "SUCCESS");
  assertEquals(await configure(agent, ENABLED_COUNT_MAX << 8, on), "OUT_OF_RANGE");
  assertEquals(await configure(agent, 0, { mode: EVENT_MODE.on }), "SUCCESS");
  assertEquals(await configure(agent, 0, on), "SUCCESS");
  // All of them do fit.
  assertEquals(await configSet(agent), "SUCCESS");
  machine.step(100_000);
  assertEquals(updates(agent).map((lines) => lines.length), [ENABLED_COUNT_MAX]);
});

Deno.test("TELEMETRY_DE_ENABLED_LIST comes in pages", async () => {
  const { agent } = setup({ room: 20 });
  await configure(agent, TEMP, { mode: EVENT_MODE.on });
  await configure(agent, COUNTER, { mode: EVENT_MODE.on });
  const page = async (index: number) =>
    await callOk(agent, TELEMETRY, telemetry.TELEMETRY_DE_ENABLED_LIST, { index, flags: { isGroup: false } });
  const first = [{ identifier: TEMP, mode: { mode: 1 } }];
  assertEquals(await page(0), { counts: { returned: 1, remaining: 1 }, enabled: first });
  assertEquals((await page(1)).enabled, [{ identifier: COUNTER, mode: { mode: 1 } }]);
  for (const [index, isGroup] of [[2, false], [1, true]] as const) {
    const params = { index, flags: { isGroup } };
    const status = await callStatus(agent, TELEMETRY, telemetry.TELEMETRY_DE_ENABLED_LIST, params);
    assertEquals(status, "OUT_OF_RANGE");
  }
});

Deno.test("TELEMETRY_UPDATE comes at each interval with what is on, with a timestamp where it is wanted", async () => {
  const { agent, machine, temp, accel } = setup();
  await configure(agent, TEMP, { mode: EVENT_MODE.withTimestamp });
  await configure(agent, ACCEL_Y, { mode: EVENT_MODE.on });
  machine.step(30_000);
  assertEquals(await configSet(agent), "SUCCESS");
  temp.values = [-40_000];
  accel.values = [1, 2 ** 40, 3];
  machine.step(99_999);
  assertEquals(updates(agent), []);
  machine.step(100_000);
  assertEquals(updates(agent), [[[TEMP, -40_000, 100_000], [ACCEL_Y, 2 ** 40, 0]]]);
  // Another choice needs no further command.
  await configure(agent, ACCEL_Y, { mode: EVENT_MODE.off });
  machine.step(300_000);
  assertEquals(updates(agent), [[[TEMP, -40_000, 200_000]], [[TEMP, -40_000, 300_000]]]);
  assertEquals(await configSet(agent, { samplingRate: { rateMantissa: 200, rateExponent: -3 } }), "SUCCESS");
  machine.step(700_000);
  assertEquals(updates(agent).length, 2);
  assertEquals(await configSet(agent, { enable: false }), "SUCCESS");
  machine.step(2_000_000);
  assertEquals(updates(agent), []);
});

Deno.test("TELEMETRY_UPDATE marks values of sensors that fail, and leaves out those that the agent is denied", async () => {
  const { machine, temp } = setup();
  const agent = connectAgent(machine, "VM1");
  await configure(agent, TEMP, { mode: EVENT_MODE.withTimestamp });
  await configure(agent, COUNTER, { mode: EVENT_MODE.on });
  await configSet(agent);
  temp.failure = "HARDWARE_ERROR";
  machine.step(100_000);
  assertEquals(updates(agent), [[-9, [TEMP], [COUNTER, 1000, 0]]]);
  machine.agents.find("VM1")!.permit(0, SENSOR, false);
  machine.step(200_000);
  assertEquals(updates(agent), [[[COUNTER, 1000, 0]]]);
  machine.agents.find("VM1")!.permit(2, SENSOR, false);
  machine.step(300_000);
  assertEquals(updates(agent), []);
});

Deno.test("TELEMETRY_CONFIG_SET reads once and answers later, and leaves the collection as it is", async () => {
  const { agent, machine, counter } = setup();
  await configure(agent, COUNTER, { mode: EVENT_MODE.on });
  await configSet(agent);
  const control = controlOf({
    mode: COLLECTION.singleRead,
    samplingRate: { rateMantissa: 0, rateExponent: 0 },
  });
  const later = agent.client.callDelayed(TELEMETRY, telemetry.TELEMETRY_CONFIG_SET, control);
  counter.values = [7];
  machine.step(50_000);
  const answer = await later;
  assert(answer.ok);
  const [line] = answer.values.lines;
  assertEquals([answer.values.dwordCount, line!.dataEventId, line!.value], [4, COUNTER, 7]);
  agent.heard.splice(0);
  machine.step(100_000);
  assertEquals(updates(agent), [[[COUNTER, 7, 0]]]);
});

Deno.test("TELEMETRY_CONFIG_SET answers later that a sensor fails, and BUSY when too many reads are under way", async () => {
  const { agent, machine, temp, counter } = setup();
  await configure(agent, COUNTER, { mode: EVENT_MODE.on });
  const control = controlOf({ mode: COLLECTION.singleRead });
  const read = () => agent.client.callDelayed(TELEMETRY, telemetry.TELEMETRY_CONFIG_SET, control);
  // One that is off does not count.
  temp.failure = "HARDWARE_ERROR";
  const fine = read();
  machine.step(10_000);
  assertEquals((await fine).ok, true);
  counter.failure = "BUSY";
  const later = read();
  machine.step(20_000);
  assertEquals(await later, { ok: false, status: "HARDWARE_ERROR" });
  const statuses = await Promise.all(
    Array.from({ length: 17 }, () => configSet(agent, { mode: COLLECTION.singleRead })),
  );
  assertEquals(statuses.filter((status) => status === "BUSY").length, 1);
});

Deno.test("TELEMETRY_CONFIG_SET refuses other choices than all, nothing to collect, and ways that there are not", async () => {
  const { agent } = setup();
  assertEquals(await configSet(agent), "INVALID_PARAMETERS");
  // Nothing has to be on to turn it off.
  assertEquals(await configSet(agent, { enable: false, mode: 15 }), "SUCCESS");
  await configure(agent, TEMP, { mode: EVENT_MODE.on });
  for (const selector of [SELECTOR.ungrouped, SELECTOR.group, 3]) {
    assertEquals(await configSet(agent, { selector }), "INVALID_PARAMETERS");
  }
  assertEquals(await configSet(agent, { mode: 3 }), "INVALID_PARAMETERS");
  assertEquals(await configSet(agent, { mode: COLLECTION.sharedArea }), "NOT_SUPPORTED");
  for (const [rateMantissa, rateExponent] of [[0, 0], [3, 0], [1, -3], [1, 2], [1, -16]] as const) {
    const samplingRate = { rateMantissa, rateExponent };
    assertEquals(await configSet(agent, { samplingRate }), "INVALID_PARAMETERS");
  }
  const { agent: silent } = setup({ hasP2a: false });
  await configure(silent, TEMP, { mode: EVENT_MODE.on });
  for (const mode of [COLLECTION.updates, COLLECTION.singleRead]) {
    assertEquals(await configSet(silent, { mode }), "NOT_SUPPORTED");
  }
});

Deno.test("TELEMETRY_CONFIG_GET tells what was set, TELEMETRY_RESET puts everything back", async () => {
  const { agent, machine } = setup();
  const get = (selector: number, groupId = 0) => ({ groupId, flags: { selector } });
  const told = (params: ReturnType<typeof get>) =>
    callOk(agent, TELEMETRY, telemetry.TELEMETRY_CONFIG_GET, params);
  const atStart = await told(get(SELECTOR.all));
  assertEquals(atStart.control.enable, false);
  await configure(agent, TEMP, { mode: EVENT_MODE.on });
  await configSet(agent, { samplingRate: { rateMantissa: 5, rateExponent: -2 } });
  for (const selector of Object.values(SELECTOR)) {
    assertEquals(await told(get(selector)), {
      control: { enable: true, mode: COLLECTION.updates, selector },
      samplingRate: { rateMantissa: 5, rateExponent: -2 },
    });
  }
  const status = (params: ReturnType<typeof get>) =>
    callStatus(agent, TELEMETRY, telemetry.TELEMETRY_CONFIG_GET, params);
  assertEquals(await status(get(SELECTOR.group, 1)), "NOT_FOUND");
  assertEquals(await status(get(3)), "INVALID_PARAMETERS");
  assertEquals(await callStatus(agent, TELEMETRY, telemetry.TELEMETRY_RESET, { flags: {} }), "SUCCESS");
  assertEquals([await told(get(SELECTOR.all)), await enabled(agent)], [atStart, []]);
  await configure(agent, TEMP, { mode: EVENT_MODE.on });
  machine.step(1_000_000);
  assertEquals(updates(agent), []);
});

Deno.test("telemetry of a channel ends with the channel", async () => {
  const { agent, machine } = setup();
  await configure(agent, TEMP, { mode: EVENT_MODE.on });
  await configSet(agent);
  agent.channel.reset();
  machine.step(1_000_000);
  assertEquals([updates(agent), await enabled(agent)], [[], []]);
});
