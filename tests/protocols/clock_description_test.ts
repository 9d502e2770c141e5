// Clock protocol: what agents are told about clocks, in each version. Test names in parentheses are those of Arm's compliance
// suite that check the same.
import { assertEquals } from "@std/assert";
import * as clock from "../../protocols/clock/messages.ts";
import {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "../../protocols/every_protocol.ts";
import type { Release } from "../../protocols/protocol.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";
import { CLOCK, clockPlatform } from "../support/clock_platform.ts";

const NOTHING = {
  notifiesRate: false,
  notifiesRequests: false,
  hasExtendedName: false,
  hasParents: false,
  hasExtendedConfig: false,
  isRestricted: false,
};

const attributesOf = (agent: TestAgent, clockId: number) =>
  callOk(agent, CLOCK, clock.CLOCK_ATTRIBUTES, { clockId });

async function ratesFrom(agent: TestAgent, clockId: number, rateIndex: number) {
  const { counts, rates } = await callOk(agent, CLOCK, clock.CLOCK_DESCRIBE_RATES, { clockId, rateIndex });
  return { ...counts, rates: rates.map(({ rateHz }) => rateHz) };
}

Deno.test("PROTOCOL_VERSION of Clock follows the release of the platform (c001)", async () => {
  const versions = {
    "1.0": 0x10000,
    "2.0": 0x10000,
    "3.0": 0x10000,
    "3.1": 0x20000,
    "3.2": 0x30000,
  } as const;
  for (const [release, version] of Object.entries(versions)) {
    const { agent } = clockPlatform([{ name: "a", rateHz: 1 }], { release: release as Release });
    assertEquals(await callOk(agent, CLOCK, PROTOCOL_VERSION, {}), { version }, release);
  }
});

Deno.test("PROTOCOL_ATTRIBUTES counts clocks, and pending rate changes where they can be answered (c002)", async () => {
  const clocks = Array.from({ length: 300 }, (_, id) => ({ name: `clock${id}`, rateHz: id }));
  const { agent, machine } = clockPlatform(clocks);
  const attributes = (of: TestAgent) => callOk(of, CLOCK, clock.CLOCK_PROTOCOL_ATTRIBUTES, {});
  assertEquals(await attributes(agent), { attributes: { clockCount: 300, asyncPendingMax: 16 } });
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  assertEquals(await attributes(deaf), { attributes: { clockCount: 300, asyncPendingMax: 0 } });
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES tells which commands each version has (c003, c004)", async () => {
  const v1 = [0, 1, 2, 3, 4, 5, 6, 7];
  const v2 = [...v1, 8, 9, 0xa];
  const v3 = [...v2, 0xb, 0xc, 0xd, 0xe, 0xf, 0x10];
  for (const [release, known] of [["2.0", v1], ["3.1", v2], ["3.2", v3]] as const) {
    const { agent } = clockPlatform([{ name: "a", rateHz: 1 }], { release });
    for (let messageId = 0; messageId <= 0x12; messageId++) {
      const isKnown = (known as readonly number[]).includes(messageId);
      const status = await callStatus(agent, CLOCK, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
      assertEquals(status, isKnown ? "SUCCESS" : "NOT_FOUND", `${release} message ${messageId}`);
    }
  }
});

Deno.test("CLOCK_ATTRIBUTES of version 1.0 tells the state and the short name only (c005)", async () => {
  const { agent } = clockPlatform([
    { name: "a_clock_with_a_long_name", rateHz: 1, hasGate: true, enableDelayUs: 5, notifiesRate: true },
    { name: "off", rateHz: 1, hasGate: true, startsEnabled: false },
  ], { release: "2.0" });
  const attributes = (clockId: number) => callOk(agent, CLOCK, clock.CLOCK_ATTRIBUTES_V1, { clockId });
  assertEquals(await attributes(0), { attributes: { isEnabled: true }, name: "a_clock_with_a_" });
  assertEquals(await attributes(1), { attributes: { isEnabled: false }, name: "off" });
});

const FEATURES = [
  { name: "crystal", rateHz: 1000, hasGate: true },
  { name: "bus", rateHz: 2000, hasGate: true, startsEnabled: false },
  { name: "a_clock_with_a_long_name", parents: ["crystal", "bus"], hasGate: true },
  { name: "told", rateHz: 1, hasGate: true, notifiesRate: true, notifiesRequests: true, enableDelayUs: 7 },
  {
    name: "shaped",
    rateHz: 1,
    hasGate: true,
    dutyCyclePercent: { lowest: 0, highest: 100, start: 50 },
    rights: { VM1: { rate: false } },
  },
  { name: "fixed", rateHz: 1 },
] as const;

Deno.test("CLOCK_ATTRIBUTES of version 3.0 has a bit for each feature", async () => {
  const { agent } = clockPlatform(FEATURES);
  const bits = [];
  for (let id = 0; id < FEATURES.length; id++) bits.push((await attributesOf(agent, id)).attributes);
  assertEquals(bits, [
    { ...NOTHING, isEnabled: true },
    { ...NOTHING, isEnabled: false },
    { ...NOTHING, isEnabled: true, hasExtendedName: true, hasParents: true },
    { ...NOTHING, isEnabled: true, notifiesRate: true, notifiesRequests: true },
    { ...NOTHING, isEnabled: true, hasExtendedConfig: true, isRestricted: true },
    // Nobody can stop it: that is a restriction.
    { ...NOTHING, isEnabled: true, isRestricted: true },
  ]);
  assertEquals((await attributesOf(agent, 3)).enableDelayUs, 7);
  assertEquals((await attributesOf(agent, 2)).name, "a_clock_with_a_");
});

Deno.test("CLOCK_ATTRIBUTES of version 2.0 has no bits that only version 3.0 knows", async () => {
  const { agent } = clockPlatform(FEATURES, { release: "3.1" });
  const bits = [];
  for (let id = 2; id < FEATURES.length; id++) bits.push((await attributesOf(agent, id)).attributes);
  assertEquals(bits, [
    { ...NOTHING, isEnabled: true, hasExtendedName: true },
    { ...NOTHING, isEnabled: true, notifiesRate: true, notifiesRequests: true },
    { ...NOTHING, isEnabled: true },
    { ...NOTHING, isEnabled: true },
  ]);
});

Deno.test("CLOCK_ATTRIBUTES offers no notifications on a channel that cannot carry them", async () => {
  const { machine } = clockPlatform(FEATURES);
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  assertEquals((await attributesOf(deaf, 3)).attributes, { ...NOTHING, isEnabled: true });
});

Deno.test("CLOCK_NAME_GET tells a name that the descriptor cuts, and no other", async () => {
  const { agent } = clockPlatform(FEATURES);
  const name = "a_clock_with_a_long_name";
  assertEquals(await callOk(agent, CLOCK, clock.CLOCK_NAME_GET, { clockId: 2 }), { flags: 0, name });
  assertEquals(await callStatus(agent, CLOCK, clock.CLOCK_NAME_GET, { clockId: 1 }), "NOT_SUPPORTED");
});

const DIVIDERS = Array.from({ length: 40 }, (_, i) => i + 1);
const MANY_RATES = DIVIDERS.map((divider) => Math.floor(1_000_000 / divider)).sort((a, b) => a - b);
const LISTED = {
  name: "listed",
  rateHz: 1_000_000,
  ratio: { kind: "dividers", dividers: DIVIDERS, divider: 1 },
} as const;

Deno.test("CLOCK_DESCRIBE_RATES pages a list, ascending, as many as fit, from any index (c007)", async () => {
  const { machine } = clockPlatform([LISTED]);
  // 128 bytes after the status, as Linux gives: the counts and 15 rates.
  const agent = connectAgent(machine, "OSPM", { room: 4 + 4 + 128 });
  const page = (index: number, count: number) => ({
    returned: count,
    isTriplet: false,
    remaining: 40 - index - count,
    rates: MANY_RATES.slice(index, index + count),
  });
  assertEquals(await ratesFrom(agent, 0, 0), page(0, 15));
  assertEquals(await ratesFrom(agent, 0, 15), page(15, 15));
  assertEquals(await ratesFrom(agent, 0, 30), page(30, 10));
  assertEquals(await ratesFrom(agent, 0, 39), page(39, 1));
  assertEquals(await ratesFrom(agent, 0, 7), page(7, 15));
});

Deno.test("CLOCK_DESCRIBE_RATES refuses an index behind the list, and any but 0 of a triplet (c007)", async () => {
  const { agent } = clockPlatform([
    LISTED,
    {
      name: "synth",
      rateHz: 10_000,
      ratio: { kind: "multipliers", lowest: 2, highest: 9, multiplier: 3, divider: 10 },
    },
    { name: "fixed", rateHz: 0 },
  ]);
  const status = (clockId: number, rateIndex: number) =>
    callStatus(agent, CLOCK, clock.CLOCK_DESCRIBE_RATES, { clockId, rateIndex });
  for (const index of [40, 41, 0xffff_ffff]) assertEquals(await status(0, index), "OUT_OF_RANGE");
  for (const index of [1, 3, 0xffff_ffff]) assertEquals(await status(1, index), "OUT_OF_RANGE");
  const triplet = { returned: 3, isTriplet: true, remaining: 0, rates: [2000, 9000, 1000] };
  assertEquals(await ratesFrom(agent, 1, 0), triplet);
  // A clock with one rate has a list of it, never an empty one.
  assertEquals(await ratesFrom(agent, 2, 0), { returned: 1, isTriplet: false, remaining: 0, rates: [0] });
  assertEquals(await status(2, 1), "OUT_OF_RANGE");
});

Deno.test("CLOCK_DESCRIBE_RATES says so when not one rate fits", async () => {
  const { machine } = clockPlatform([LISTED]);
  const agent = connectAgent(machine, "OSPM", { room: 12 });
  const params = { clockId: 0, rateIndex: 0 };
  assertEquals(await callStatus(agent, CLOCK, clock.CLOCK_DESCRIBE_RATES, params), "COMMS_ERROR");
});

Deno.test("CLOCK_GET_PERMISSIONS tells each agent its own rights on a restricted clock", async () => {
  const { agent, machine } = clockPlatform([
    { name: "free", rateHz: 1, hasGate: true },
    { name: "ungated", rateHz: 1 },
    {
      name: "kept",
      rateHz: 1,
      hasGate: true,
      rights: { VM1: { state: false, rate: false }, OSPM: { parent: false } },
    },
  ]);
  const permissions = async (of: TestAgent, clockId: number) =>
    (await callOk(of, CLOCK, clock.CLOCK_GET_PERMISSIONS, { clockId })).permissions;
  assertEquals(await callStatus(agent, CLOCK, clock.CLOCK_GET_PERMISSIONS, { clockId: 0 }), "NOT_SUPPORTED");
  assertEquals(await permissions(agent, 1), { state: false, parent: true, rate: true });
  assertEquals(await permissions(agent, 2), { state: true, parent: false, rate: true });
  const guest = connectAgent(machine, "VM1");
  assertEquals(await permissions(guest, 2), { state: false, parent: true, rate: false });
});

Deno.test("clocks are described in the layout of the version that was negotiated", async () => {
  const { agent } = clockPlatform(FEATURES);
  const negotiate = (version: number) => callStatus(agent, CLOCK, NEGOTIATE_PROTOCOL_VERSION, { version });
  assertEquals(await negotiate(0x10000), "SUCCESS");
  const params = { clockId: 4 };
  assertEquals((await callOk(agent, CLOCK, clock.CLOCK_ATTRIBUTES_V1, params)).attributes, {
    isEnabled: true,
  });
  assertEquals(
    await callStatus(agent, CLOCK, clock.CLOCK_CONFIG_GET, { ...params, flags: { extendedType: 0 } }),
    "NOT_FOUND",
  );
  assertEquals(await negotiate(0x20000), "SUCCESS");
  assertEquals((await attributesOf(agent, 4)).attributes, { ...NOTHING, isEnabled: true });
  assertEquals(await negotiate(0x20001), "NOT_SUPPORTED");
  assertEquals(await negotiate(0x30000), "SUCCESS");
  assertEquals((await attributesOf(agent, 4)).attributes.hasExtendedConfig, true);
});
