// Two agents that share hardware, over the real protocols: answers and reads of both, and what those hear who listen: changes
// that came about, and requests that did not.
import { assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE, messageIdOf, protocolIdOf } from "../../scp/core/header.ts";
import type { NotificationSchema } from "../../scp/core/schema.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import * as clock from "../../protocols/clock/messages.ts";
import * as performance from "../../protocols/performance/messages.ts";
import * as power from "../../protocols/power/messages.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import * as base from "../../protocols/base/messages.ts";
import { EVERY_HARDWARE } from "../support/every_hardware.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";
import { withWholeViews } from "../support/views.ts";

const CLOCK = clock.CLOCK_MESSAGES.id;
const POWER = power.POWER_MESSAGES.id;
const PERFORMANCE = performance.PERFORMANCE_MESSAGES.id;
const POWERCAP = powercap.POWERCAP_MESSAGES.id;
const BASE = 0x10;

const OSPM = 1;
const VM1 = 2;

const BOARD: Board = withWholeViews({
  ...EVERY_HARDWARE,
  clocks: EVERY_HARDWARE.clocks.map((each) => ({
    ...each,
    notifiesRate: true,
    notifiesRequests: true,
    rateLatencyUs: 100,
    startsEnabled: false,
  })),
  powerDomains: EVERY_HARDWARE.powerDomains.map((domain) => ({ ...domain, bootState: "on" })),
  arbitration: {
    clock: { "*": { rate: "highest" } },
    powerDomain: { "*": "vote" },
    performanceDomain: { "*": {} },
    powercapDomain: { "*": "lowest" },
  },
});

const NOTIFICATIONS: readonly (readonly [number, NotificationSchema])[] = [
  ...clock.CLOCK_MESSAGES.notifications.map((each) => [CLOCK, each] as const),
  ...power.POWER_MESSAGES.notifications.map((each) => [POWER, each] as const),
  ...performance.PERFORMANCE_MESSAGES.notifications.map((each) => [PERFORMANCE, each] as const),
  ...powercap.POWERCAP_MESSAGES.notifications.map((each) => [POWERCAP, each] as const),
];

function create() {
  const { machine, model } = createPlatform(BOARD);
  return { machine, model, ospm: connectAgent(machine, "OSPM"), vm1: connectAgent(machine, "VM1") };
}

/** What an agent heard, by name with its values; clears it. Delayed responses are left out. */
function heardBy(agent: TestAgent): string[] {
  return agent.heard.splice(0).flatMap((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    const found = NOTIFICATIONS.find(([protocolId, { id }]) =>
      ((header >>> 8) & 3) === 3 && protocolId === protocolIdOf(header) && id === messageIdOf(header)
    );
    if (found === undefined) return [];
    const [, { name, payload }] = found;
    const values = readFields(payload, view, HEADER_SIZE, message.length)!;
    return [`${name} ${Object.values(values).map((value) => JSON.stringify(value)).join(" ")}`];
  });
}

const ROUNDING = { ignoresDelayed: false, roundsUp: false, roundsToNearest: true } as const;
const ENABLE = { notifyEnable: { enable: true } } as const;

const CRYSTAL = 0;
const BUS = 1;
const FAST = 24_000_000n;
const SLOW = 12_000_000n;

Deno.test("clocks: each reads what is so, and who listens hears of a rate that was asked for and not given", async () => {
  const { ospm, vm1, machine } = create();
  const setRate = (agent: TestAgent, rateHz: bigint, isAsync = false) =>
    callStatus(agent, CLOCK, clock.CLOCK_RATE_SET, {
      flags: { async: isAsync, ...ROUNDING },
      clockId: BUS,
      rateHz,
    });
  const getRate = async (agent: TestAgent) =>
    (await callOk(agent, CLOCK, clock.CLOCK_RATE_GET, { clockId: BUS })).rateHz;
  for (const schema of [clock.CLOCK_RATE_NOTIFY, clock.CLOCK_RATE_CHANGE_REQUESTED_NOTIFY]) {
    await callOk(ospm, CLOCK, schema, { clockId: BUS, ...ENABLE });
  }
  assertEquals(await setRate(ospm, FAST), "SUCCESS");
  assertEquals(heardBy(ospm), [`CLOCK_RATE_CHANGED ${OSPM} ${BUS} ${FAST}`]);
  assertEquals(await setRate(vm1, SLOW), "SUCCESS");
  assertEquals([await getRate(ospm), await getRate(vm1)], [Number(FAST), Number(FAST)]);
  assertEquals(heardBy(ospm), [`CLOCK_RATE_CHANGE_REQUESTED ${VM1} ${BUS} ${SLOW}`]);
  assertEquals(await setRate(ospm, SLOW, true), "SUCCESS");
  assertEquals(heardBy(ospm), [`CLOCK_RATE_CHANGE_REQUESTED ${OSPM} ${BUS} ${SLOW}`]);
  machine.step(100);
  assertEquals([await getRate(vm1), heardBy(ospm)], [Number(SLOW), [
    `CLOCK_RATE_CHANGED ${OSPM} ${BUS} ${SLOW}`,
  ]]);
  assertEquals(heardBy(vm1), [], "it has not subscribed");
});

Deno.test("clocks: one that runs for another agent is told as enabled to both", async () => {
  const { ospm, vm1 } = create();
  const turn = (agent: TestAgent, state: 0 | 1) =>
    callStatus(agent, CLOCK, clock.CLOCK_CONFIG_SET, {
      clockId: CRYSTAL,
      attributes: { state, extendedType: 0 },
      extendedValue: 0,
    });
  const isOn = async (agent: TestAgent) =>
    (await callOk(agent, CLOCK, clock.CLOCK_ATTRIBUTES, { clockId: CRYSTAL })).attributes.isEnabled;
  const both = async () => [await isOn(ospm), await isOn(vm1)];
  assertEquals([await turn(ospm, 1), await both()], ["SUCCESS", [true, true]]);
  assertEquals([await turn(vm1, 0), await both()], ["SUCCESS", [true, true]]);
  assertEquals([await turn(ospm, 0), await both()], ["SUCCESS", [false, false]]);
});

Deno.test("power domains: votes that did not change the state are told, and reads tell the state", async () => {
  const { ospm, vm1, machine, model } = create();
  const OFF = { isContextLost: true, stateId: 0 };
  const ON = { isContextLost: false, stateId: 0 };
  const set = (agent: TestAgent, powerState: typeof ON) =>
    callStatus(agent, POWER, power.POWER_STATE_SET, { flags: { async: false }, domainId: 1, powerState });
  const get = async (agent: TestAgent) =>
    (await callOk(agent, POWER, power.POWER_STATE_GET, { domainId: 1 })).powerState;
  for (const schema of [power.POWER_STATE_NOTIFY, power.POWER_STATE_CHANGE_REQUESTED_NOTIFY]) {
    await callOk(vm1, POWER, schema, { domainId: 1, ...ENABLE });
  }
  assertEquals([await set(ospm, ON), await set(vm1, ON)], ["SUCCESS", "SUCCESS"]);
  assertEquals(heardBy(vm1), []);
  assertEquals([await set(ospm, OFF), await get(ospm)], ["SUCCESS", ON]);
  const requested = `POWER_STATE_CHANGE_REQUESTED ${OSPM} 1 ${JSON.stringify(OFF)}`;
  assertEquals(heardBy(vm1), [requested]);
  assertEquals(model.arbitration.beliefs.differences.map(({ agentId, actual }) => [agentId, actual]), [[
    OSPM,
    "on",
  ]]);
  assertEquals([await set(vm1, OFF), await get(ospm)], ["SUCCESS", OFF]);
  assertEquals(heardBy(vm1), [
    `POWER_STATE_CHANGE_REQUESTED ${VM1} 1 ${JSON.stringify(OFF)}`,
    `POWER_STATE_CHANGED ${VM1} 1 ${JSON.stringify(OFF)}`,
  ]);
  assertEquals(model.arbitration.beliefs.differences, []);
  machine.step(1000);
});

Deno.test("performance: limits of one hold the level of the other, and both read the level", async () => {
  const { ospm, vm1, machine } = create();
  const level = async (agent: TestAgent) =>
    (await callOk(agent, PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, { domainId: 0 })).level;
  await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LEVEL, { domainId: 0, ...ENABLE });
  await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: 0, level: 150 });
  await callOk(vm1, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: 0, level: 50 });
  machine.step(10_000);
  assertEquals([await level(ospm), await level(vm1)], [150, 150]);
  await callOk(vm1, PERFORMANCE, performance.PERFORMANCE_LIMITS_SET, {
    domainId: 0,
    rangeMax: 100,
    rangeMin: 0,
  });
  machine.step(20_000);
  assertEquals([await level(ospm), await level(vm1)], [100, 100]);
  assertEquals(heardBy(ospm).map((each) => each.split(" ").slice(1).join(" ")), [
    `${OSPM} 0 150`,
    `${VM1} 0 100`,
  ]);
});

Deno.test("performance: a limit that an agent leaves as it is is no vote of its own", async () => {
  const { ospm, vm1, model } = create();
  const setLimits = (agent: TestAgent, rangeMax: number, rangeMin: number) =>
    callStatus(agent, PERFORMANCE, performance.PERFORMANCE_LIMITS_SET, { domainId: 0, rangeMax, rangeMin });
  const limits = async () =>
    Object.values(await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_LIMITS_GET, { domainId: 0 }));
  assertEquals([await setLimits(vm1, 50, 0), await limits()], ["SUCCESS", [50, 50]]);
  // What another has set is not in the way, and does not become its own.
  assertEquals([await setLimits(ospm, 0, 100), await limits()], ["SUCCESS", [50, 50]]);
  assertEquals(model.arbitration.votes().map(({ agentId, about }) => [agentId, about]), [
    [VM1, "upper limit"],
    [OSPM, "lower limit"],
  ]);
  assertEquals([await setLimits(vm1, 150, 0), await limits()], ["SUCCESS", [150, 100]]);
  // Its own is, and stays.
  assertEquals(await setLimits(ospm, 50, 0), "INVALID_PARAMETERS");
  assertEquals([await setLimits(ospm, 100, 0), await limits()], ["SUCCESS", [100, 100]]);
});

Deno.test("powercaps: the lowest counts, and goes back when its agent's configuration is reset", async () => {
  const { ospm, vm1 } = create();
  const FLAGS = { async: false, ignoresDelayed: false };
  const setCap = (agent: TestAgent, powerCap: number) =>
    callStatus(agent, POWERCAP, powercap.POWERCAP_CAP_SET, { domainId: 0, flags: FLAGS, powerCap });
  const getCap = async (agent: TestAgent) =>
    (await callOk(agent, POWERCAP, powercap.POWERCAP_CAP_GET, { domainId: 0 }) as {
      readonly powerCap: number;
    }).powerCap;
  assertEquals([await setCap(ospm, 3000), await setCap(vm1, 500), await setCap(ospm, 2000)], [
    "SUCCESS",
    "SUCCESS",
    "SUCCESS",
  ]);
  assertEquals([await getCap(ospm), await getCap(vm1)], [500, 500]);
  assertEquals(
    await callStatus(ospm, BASE, base.BASE_RESET_AGENT_CONFIGURATION, {
      agentId: VM1,
      flags: { resetPermissions: false },
    }),
    "SUCCESS",
  );
  assertEquals([await getCap(ospm), await getCap(vm1)], [2000, 2000]);
});
