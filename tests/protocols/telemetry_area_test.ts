// Telemetry in a shared area, a draft of SCMI 4.0: where data events are seen and what stands there. scmi-devices 8.4.
import { assert, assertEquals } from "@std/assert";
import { BASE_RESET_AGENT_CONFIGURATION } from "../../protocols/base/messages.ts";
import * as telemetry from "../../protocols/telemetry/messages.ts";
import { ENABLED_COUNT_MAX } from "../../protocols/telemetry/configuration.ts";
import { readFields } from "../../scp/core/codec.ts";
import type { SharedAreas, SharedRegion } from "../../scp/core/shared_area.ts";
import { axes, SettableSensor } from "../support/constant_sensors.ts";
import { callOk, callStatus, connectAgent, createMachine, type TestAgent } from "../support/platform.ts";

const BASE = 0x10;
const TELEMETRY = telemetry.TELEMETRY_MESSAGES.id;
const { COLLECTION, EVENT_MODE, NONE, SELECTOR } = telemetry;
const MAPPED_AT = 0x2_8000_0000n;
const [TEMP, ACCEL_Y] = [0x000, 0x101] as const;
/** Prologue, four lines of 24 bytes, epilogue. */
const AREA_SIZE = 16 + 4 * 24 + 8;

/** A transport's memory, or none that is left. */
class TestAreas implements SharedAreas {
  region: SharedRegion | null = null;

  constructor(readonly hasRoom = true) {}

  findFastChannel(): null {
    return null;
  }

  mapRegion(protocolId: number, region: SharedRegion): bigint | null {
    assertEquals([protocolId, this.region], [TELEMETRY, null], "one region is mapped, and once");
    if (!this.hasRoom) return null;
    this.region = region;
    return MAPPED_AT;
  }
}

function setup(areas = new TestAreas()) {
  const temp = new SettableSensor("temp");
  const accel = new SettableSensor("accel", { isVector: true, quantities: axes("accel") });
  const machine = createMachine({ release: "4.0-draft", sensors: [temp, accel] });
  const agent = connectAgent(machine);
  agent.channel.sharedAreas = areas;
  const view = new DataView(new ArrayBuffer(AREA_SIZE));
  /** What the agent finds: the sequence number and the lines that hold something. */
  const look = () => {
    for (let at = 0; at < AREA_SIZE; at++) view.setUint8(at, 0xa5);
    areas.region!.write(view);
    return linesIn(view);
  };
  return { temp, accel, machine, agent, look, view };
}

/** The lines of an area, read as an agent does. */
function linesIn(view: DataView): { sequence: number; lines: unknown[][] } {
  const [signature, sequence, qwords, revision] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  const ending = [view.getUint32(AREA_SIZE - 8, true), view.getUint32(AREA_SIZE - 4, true)];
  assertEquals([signature, revision, ending[1]], [0x5442_474e, 1, 0x5445_4e44]);
  assertEquals(ending[0], sequence, "both ends are of one writing");
  assertEquals(qwords, (AREA_SIZE - 24) / 8);
  const item = telemetry.TELEMETRY_UPDATE.payload.lines.item;
  const lines: unknown[][] = [];
  for (let at = 16; at < AREA_SIZE - 8; at += 24) {
    const { meta, dataEventId, value, timestamp } = readFields(item, view, at, at + 24)!;
    assertEquals([meta.type, meta.isExtended, meta.usesBlockTimestamp], [telemetry.DATA_LINE, true, false]);
    if (!meta.isInvalid) lines.push([dataEventId, value, ...meta.hasTimestamp ? [timestamp] : []]);
  }
  return { sequence: sequence!, lines };
}

const configure = (agent: TestAgent, identifier: number, mode: number, isGroup = false) =>
  callOk(agent, TELEMETRY, telemetry.TELEMETRY_DE_CONFIGURE, {
    identifier,
    flags: { mode, disablesAll: false, isGroup },
  });

const configSet = (agent: TestAgent, enable: boolean, mode: number) =>
  callStatus(agent, TELEMETRY, telemetry.TELEMETRY_CONFIG_SET, {
    groupId: NONE,
    control: { enable, mode, selector: SELECTOR.all },
    samplingRate: { rateMantissa: 1, rateExponent: -1 },
  });

Deno.test("TELEMETRY_LIST_SHMTI tells where the area is, PROTOCOL_ATTRIBUTES that there is one", async () => {
  const { agent } = setup();
  const told = await callOk(agent, TELEMETRY, telemetry.TELEMETRY_PROTOCOL_ATTRIBUTES, {});
  assertEquals(told.attributes.areas, 1);
  assertEquals(await callOk(agent, TELEMETRY, telemetry.TELEMETRY_LIST_SHMTI, { index: 0 }), {
    counts: { returned: 1, remaining: 0 },
    areas: [{ areaId: 0, addressLow: 0x8000_0000, addressHigh: 2, size: AREA_SIZE, flags: 0 }],
  });
  const second = await callStatus(agent, TELEMETRY, telemetry.TELEMETRY_LIST_SHMTI, { index: 1 });
  assertEquals(second, "NOT_FOUND");
  const full = setup(new TestAreas(false));
  const status = await callStatus(full.agent, TELEMETRY, telemetry.TELEMETRY_LIST_SHMTI, { index: 0 });
  assertEquals(status, "NOT_FOUND");
});

Deno.test("TELEMETRY_DE_CONFIGURE tells where the line of a data event is, of a group where the first is", async () => {
  const { agent } = setup();
  const nowhere = { areaId: NONE, lineOffset: 0, blockTimestampOffset: 0 };
  assertEquals(await configure(agent, ACCEL_Y, EVENT_MODE.on), { ...nowhere, areaId: 0, lineOffset: 64 });
  assertEquals(await configure(agent, ACCEL_Y, EVENT_MODE.off), nowhere);
  assertEquals(await configure(agent, 0, EVENT_MODE.on, true), { ...nowhere, areaId: 0, lineOffset: 40 });
});

Deno.test("the telemetry area holds the data events that are on while the collection is", async () => {
  const { agent, machine, temp, accel, look } = setup();
  await configure(agent, TEMP, EVENT_MODE.withTimestamp);
  await configure(agent, ACCEL_Y, EVENT_MODE.on);
  assertEquals(look(), { sequence: 2, lines: [] });
  assertEquals(await configSet(agent, true, COLLECTION.sharedArea), "SUCCESS");
  machine.step(25_000);
  temp.values = [-7];
  assertEquals(look(), { sequence: 4, lines: [[TEMP, -7, 20_000], [ACCEL_Y, 1001]] });
  accel.failure = "HARDWARE_ERROR";
  assertEquals(look().lines, [[TEMP, -7, 20_000]]);
  await configure(agent, TEMP, EVENT_MODE.off);
  assertEquals(look().lines, []);
  accel.failure = null;
  assertEquals(look().lines, [[ACCEL_Y, 1001]]);
  assertEquals(await configSet(agent, false, COLLECTION.sharedArea), "SUCCESS");
  assertEquals(look(), { sequence: 12, lines: [] });
  assertEquals(agent.heard, [], "nothing goes by message");
});

Deno.test("the telemetry area is marked as changing while it is written", async () => {
  const { agent, view, look } = setup();
  await configure(agent, TEMP, EVENT_MODE.on);
  look();
  const seen: [number, number][] = [];
  const setUint32 = view.setUint32.bind(view);
  view.setUint32 = (at, value, littleEndian) => {
    setUint32(at, value, littleEndian);
    seen.push([view.getUint32(4, true), view.getUint32(AREA_SIZE - 8, true)]);
  };
  look();
  assert(seen.length > 10);
  assert(seen.slice(0, -1).every(([start]) => start === 3));
  assertEquals(seen.at(-1), [4, 4]);
});

Deno.test("a single read and updates fill the telemetry area and say so without lines", async () => {
  const { agent, machine, look } = setup();
  await configure(agent, TEMP, EVENT_MODE.on);
  const later = agent.client.callDelayed(TELEMETRY, telemetry.TELEMETRY_CONFIG_SET, {
    groupId: 0,
    control: { enable: true, mode: COLLECTION.singleRead, selector: SELECTOR.all },
    samplingRate: { rateMantissa: 0, rateExponent: 0 },
  });
  assertEquals(look().lines, []);
  machine.step(10_000);
  assertEquals(await later, { ok: true, values: { dwordCount: 0, lines: [] } });
  assertEquals(look().lines, [[TEMP, 1000]]);
  agent.heard.splice(0);
  assertEquals(await configSet(agent, true, COLLECTION.updates), "SUCCESS");
  machine.step(100_000);
  const [update] = agent.heard;
  const words = new Uint32Array(update!.slice(4).buffer);
  assertEquals([...words], [0, 0, 0], "agent, status and number of words");
});

Deno.test("more data events can be on than a message carries where the agent has an area", async () => {
  const sensors = Array.from({ length: ENABLED_COUNT_MAX + 2 }, (_, i) => new SettableSensor(`s${i}`));
  const agent = connectAgent(createMachine({ release: "4.0-draft", sensors }));
  agent.channel.sharedAreas = new TestAreas();
  for (let i = 0; i < sensors.length; i++) {
    assertEquals((await configure(agent, i << 8, EVENT_MODE.on)).areaId, 0);
  }
});

Deno.test("the telemetry area holds nothing any more when its agent was reset", async () => {
  const { agent, look } = setup();
  await configure(agent, TEMP, EVENT_MODE.on);
  assertEquals(await configSet(agent, true, COLLECTION.sharedArea), "SUCCESS");
  assertEquals(look().lines, [[TEMP, 1000]]);
  const params = { agentId: 1, flags: { resetPermissions: false } };
  await callOk(agent, BASE, BASE_RESET_AGENT_CONFIGURATION, params);
  assertEquals(look().lines, []);
});
