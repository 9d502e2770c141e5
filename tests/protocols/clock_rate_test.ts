// Clock protocol: setting and reading rates, at once and with delayed responses, and hearing of them, in virtual time.
import { assertEquals } from "@std/assert";
import type { ClockInput } from "../../boards/clock.ts";
import * as clock from "../../protocols/clock/messages.ts";
import { NEGOTIATE_PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { CLOCK, clockPlatform, heardOfClocks } from "../support/clock_platform.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";

const BUS: Omit<ClockInput, "id"> = {
  name: "bus",
  rateHz: 1000,
  ratio: { kind: "dividers", dividers: [1, 2, 4], divider: 4 },
  notifiesRate: true,
  notifiesRequests: true,
  rateLatencyUs: 100,
};

const NO_FLAGS = { async: false, ignoresDelayed: false, roundsUp: false, roundsToNearest: false };

type Flags = Partial<typeof NO_FLAGS>;

const setParams = (rateHz: number | bigint, flags: Flags = {}, clockId = 0) => ({
  flags: { ...NO_FLAGS, ...flags },
  clockId,
  rateHz: BigInt(rateHz),
});

const rateSet = (agent: TestAgent, rateHz: number | bigint, flags: Flags = {}, clockId = 0) =>
  callStatus(agent, CLOCK, clock.CLOCK_RATE_SET, setParams(rateHz, flags, clockId));

const rateGet = async (agent: TestAgent, clockId = 0) =>
  (await callOk(agent, CLOCK, clock.CLOCK_RATE_GET, { clockId })).rateHz;

const notifyRates = (agent: TestAgent, enable: boolean, clockId = 0) =>
  callStatus(agent, CLOCK, clock.CLOCK_RATE_NOTIFY, { clockId, notifyEnable: { enable } });

const notifyRequests = (agent: TestAgent, enable: boolean, clockId = 0) =>
  callStatus(agent, CLOCK, clock.CLOCK_RATE_CHANGE_REQUESTED_NOTIFY, { clockId, notifyEnable: { enable } });

const changed = (agentId: number, rateHz: number, clockId = 0) =>
  ["CLOCK_RATE_CHANGED", { agentId, clockId, rateHz }] as const;
const requested = (agentId: number, rateHz: number, clockId = 0) =>
  ["CLOCK_RATE_CHANGE_REQUESTED", { agentId, clockId, rateHz }] as const;

Deno.test("CLOCK_RATE_SET sets the lowest, the highest and any other rate at once (c009, c013)", async () => {
  const { agent } = clockPlatform([BUS]);
  for (const rateHz of [250, 1000, 500, 250]) {
    assertEquals(await rateSet(agent, rateHz), "SUCCESS");
    assertEquals(await rateGet(agent), rateHz);
  }
});

Deno.test("CLOCK_RATE_SET rounds a rate between two as the flags say, down unless they say otherwise", async () => {
  const { agent } = clockPlatform([BUS]);
  const rounded = async (rateHz: number, flags: Flags) => {
    assertEquals(await rateSet(agent, rateHz, flags), "SUCCESS");
    return await rateGet(agent);
  };
  assertEquals(await rounded(900, {}), 500);
  assertEquals(await rounded(600, { roundsUp: true }), 1000);
  assertEquals(await rounded(600, { roundsToNearest: true }), 500);
  // The platform picks: which way to round does not matter then.
  assertEquals(await rounded(600, { roundsToNearest: true, roundsUp: true }), 500);
});

Deno.test("CLOCK_RATE_SET refuses rates beyond the ends, however far, and flags without meaning (c011)", async () => {
  const { agent } = clockPlatform([BUS, { name: "fixed", rateHz: 7 }]);
  const beyond = [249, 1001, 0, 251n + 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, -1n, -(2n ** 63n)];
  for (const rateHz of beyond) {
    for (const flags of [{}, { roundsUp: true }, { roundsToNearest: true }, { async: true }]) {
      assertEquals(await rateSet(agent, rateHz, flags), "INVALID_PARAMETERS", `${rateHz}`);
    }
  }
  assertEquals(await rateSet(agent, 500, { ignoresDelayed: true }), "INVALID_PARAMETERS");
  assertEquals(await rateGet(agent), 250);
  // A clock that cannot change takes the rate it has, as the suite sets the lowest and highest of every clock.
  assertEquals([await rateSet(agent, 7, {}, 1), await rateSet(agent, 8, {}, 1)], [
    "SUCCESS",
    "INVALID_PARAMETERS",
  ]);
});

Deno.test("CLOCK_RATE_SET reaches rates above 4 GHz, both words", async () => {
  const ratio = { kind: "multipliers", lowest: 1, highest: 9, multiplier: 1, divider: 1 } as const;
  const { agent } = clockPlatform([{ name: "fast", rateHz: 1_000_000_001, ratio }]);
  assertEquals(await rateSet(agent, 9_000_000_009), "SUCCESS");
  assertEquals(await rateGet(agent), 9_000_000_009);
});

Deno.test("CLOCK_RATE_SET is denied to an agent without the right, in every version", async () => {
  for (const release of ["1.0", "3.1", "3.2"] as const) {
    const { agent, machine } = clockPlatform([{ ...BUS, rights: { VM1: { rate: false } } }], { release });
    const guest = connectAgent(machine, "VM1");
    assertEquals(await rateSet(guest, 500), "DENIED");
    assertEquals(await rateSet(guest, 500, { async: true }), "DENIED");
    assertEquals(await rateGet(guest), 250);
    assertEquals(await rateSet(agent, 500), "SUCCESS");
  }
});

Deno.test("CLOCK_RATE_SET is denied when a clock below would leave its limits", async () => {
  const { agent } = clockPlatform([BUS, { name: "uart", parents: ["bus"], rateMaxHz: 600 }]);
  assertEquals(await rateSet(agent, 1000), "DENIED");
  assertEquals(await rateGet(agent), 250);
  assertEquals(await rateSet(agent, 500), "SUCCESS");
  assertEquals(await rateGet(agent, 1), 500);
});

Deno.test("an asynchronous rate change is accepted, then answered once with clock and rate (c010)", async () => {
  const { agent, machine } = clockPlatform([{ name: "other", rateHz: 1 }, BUS]);
  const later = agent.client.callDelayed(CLOCK, clock.CLOCK_RATE_SET, setParams(900, { async: true }, 1));
  machine.step(99);
  assertEquals([agent.heard.length, await rateGet(agent, 1)], [0, 250]);
  machine.step(100);
  assertEquals(await later, { ok: true, values: { clockId: 1, rateHz: 500 } });
  assertEquals(await rateGet(agent, 1), 500);
  machine.step(10_000);
  assertEquals(agent.heard.length, 1);
});

Deno.test("a clock that changes its rate is BUSY for others, and free again after", async () => {
  const { agent, machine } = clockPlatform([BUS]);
  const guest = connectAgent(machine, "VM1");
  assertEquals(await rateSet(agent, 1000, { async: true }), "SUCCESS");
  assertEquals(await rateSet(guest, 500), "BUSY");
  assertEquals(await rateSet(agent, 500, { async: true }), "BUSY");
  machine.step(100);
  assertEquals(await rateSet(guest, 500), "SUCCESS");
});

Deno.test("asynchronous rate changes beyond the advertised number are BUSY, and leave the clock alone", async () => {
  const clocks = Array.from({ length: 17 }, (_, id) => ({ ...BUS, name: `bus${id}` }));
  const { agent, machine } = clockPlatform(clocks);
  const statuses: string[] = [];
  for (let id = 0; id < 17; id++) {
    // Those without a delayed response count, too.
    statuses.push(await rateSet(agent, 1000, { async: true, ignoresDelayed: id % 2 === 1 }, id));
  }
  assertEquals(statuses, [...Array.from({ length: 16 }, () => "SUCCESS"), "BUSY"]);
  assertEquals(await rateSet(agent, 500, {}, 16), "SUCCESS");
  machine.step(100);
  assertEquals([await rateGet(agent, 15), await rateGet(agent, 16)], [1000, 500]);
  assertEquals(agent.heard.length, 8);
  assertEquals(await rateSet(agent, 1000, { async: true }, 16), "SUCCESS");
});

Deno.test("an asynchronous rate change without delayed response is silent", async () => {
  const { agent, machine } = clockPlatform([BUS]);
  assertEquals(await rateSet(agent, 500, { async: true, ignoresDelayed: true }), "SUCCESS");
  machine.step(1000);
  assertEquals([await rateGet(agent), agent.heard.length], [500, 0]);
});

Deno.test("an asynchronous rate change is not supported on a channel without P2A", async () => {
  const { machine } = clockPlatform([BUS]);
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  assertEquals(await rateSet(deaf, 500, { async: true }), "NOT_SUPPORTED");
  assertEquals(await rateSet(deaf, 500), "SUCCESS");
});

Deno.test("the delayed response tells when a change could not be made any more", async () => {
  const { agent, machine } = clockPlatform([
    { name: "pll", rateHz: 1000, ratio: { kind: "dividers", dividers: [1, 10], divider: 1 } },
    {
      name: "bus",
      parents: ["pll"],
      ratio: { kind: "dividers", dividers: [1, 2], divider: 2 },
      rateLatencyUs: 10,
    },
  ]);
  const later = agent.client.callDelayed(CLOCK, clock.CLOCK_RATE_SET, setParams(1000, { async: true }, 1));
  assertEquals(await rateSet(agent, 100), "SUCCESS");
  machine.step(10);
  assertEquals(await later, { ok: false, status: "INVALID_PARAMETERS" });
});

Deno.test("the delayed response says GENERIC_ERROR when the system is reset meanwhile", async () => {
  const { agent, machine, clocks } = clockPlatform([BUS]);
  const later = agent.client.callDelayed(CLOCK, clock.CLOCK_RATE_SET, setParams(1000, { async: true }));
  clocks.tree.reset();
  machine.step(100);
  assertEquals(await later, { ok: false, status: "GENERIC_ERROR" });
  assertEquals(await rateGet(agent), 250);
});

Deno.test("a clock changes its rate although the agent that asked was reset meanwhile", async () => {
  const { agent, machine } = clockPlatform([BUS]);
  assertEquals(await rateSet(agent, 1000, { async: true }), "SUCCESS");
  agent.channel.reset();
  machine.step(100);
  assertEquals([agent.heard.length, await rateGet(agent)], [0, 1000]);
});

Deno.test("CLOCK_RATE_CHANGED goes to all who asked, when the rate has changed, with the agent that did it", async () => {
  const { agent, machine } = clockPlatform([BUS, { name: "uart", parents: ["bus"], notifiesRate: true }]);
  const guest = connectAgent(machine, "VM1");
  assertEquals(await notifyRates(agent, true), "SUCCESS");
  assertEquals(await notifyRates(agent, true), "SUCCESS");
  assertEquals(await notifyRates(guest, true, 1), "SUCCESS");
  await rateSet(guest, 1000);
  await rateSet(guest, 1000);
  assertEquals(heardOfClocks(agent), [changed(2, 1000)]);
  assertEquals(heardOfClocks(guest), [changed(2, 1000, 1)]);
  await rateSet(agent, 500, { async: true });
  assertEquals(agent.heard.length, 1);
  machine.step(100);
  assertEquals(heardOfClocks(agent).slice(1), [changed(1, 500), ["delayed response", 0]]);
  assertEquals(await notifyRates(agent, false), "SUCCESS");
  await rateSet(agent, 250);
  assertEquals(agent.heard.length, 3);
});

Deno.test("CLOCK_RATE_CHANGED ends with the channel's reset", async () => {
  const { agent, machine } = clockPlatform([BUS]);
  await notifyRates(agent, true);
  await notifyRequests(agent, true);
  agent.channel.reset();
  await rateSet(connectAgent(machine, "VM1"), 1000);
  await rateSet(connectAgent(machine, "VM1"), 500, { async: true });
  assertEquals(agent.heard.length, 0);
});

Deno.test("CLOCK_RATE_CHANGE_REQUESTED tells of rates that were not granted, or not yet", async () => {
  const { agent, machine } = clockPlatform([{ ...BUS, rights: { VM1: { rate: false } } }]);
  const guest = connectAgent(machine, "VM1");
  assertEquals(await notifyRequests(agent, true), "SUCCESS");
  await rateSet(agent, 500);
  assertEquals(agent.heard.length, 0);
  await rateSet(guest, 1000);
  await rateSet(agent, 5000);
  assertEquals(heardOfClocks(agent), [requested(2, 1000)]);
  await rateSet(agent, 900, { async: true, ignoresDelayed: true });
  await rateSet(agent, 250);
  machine.step(100);
  assertEquals(heardOfClocks(agent).slice(1), [requested(1, 900), requested(1, 250)]);
  assertEquals(await notifyRequests(agent, false), "SUCCESS");
  await rateSet(guest, 1000);
  assertEquals(agent.heard.length, 3);
});

Deno.test("notifications are not supported by a clock without them", async () => {
  const { agent } = clockPlatform([{ name: "quiet", rateHz: 1 }]);
  assertEquals(await notifyRates(agent, true), "NOT_SUPPORTED");
  assertEquals(await notifyRequests(agent, true), "NOT_SUPPORTED");
});

Deno.test("an agent that a clock is taken from hears of it no more, until it gets it back", async () => {
  const { agent, machine } = clockPlatform([BUS, { name: "other", rateHz: 1 }]);
  const guest = connectAgent(machine, "VM1");
  await notifyRates(guest, true);
  const ofGuest = machine.agents.find("VM1")!;
  ofGuest.permit(0, null, false);
  await rateSet(agent, 500);
  assertEquals(guest.heard.length, 0);
  ofGuest.permitAll();
  await rateSet(agent, 1000);
  assertEquals(heardOfClocks(guest), [changed(1, 1000)]);
});

Deno.test("an agent that went back to version 1.0 hears nothing it does not know", async () => {
  const { agent } = clockPlatform([BUS]);
  await notifyRates(agent, true);
  await notifyRequests(agent, true);
  await callOk(agent, CLOCK, NEGOTIATE_PROTOCOL_VERSION, { version: 0x10000 });
  await rateSet(agent, 500);
  await rateSet(agent, 1000, { async: true, ignoresDelayed: true });
  assertEquals(agent.heard.length, 0);
});
