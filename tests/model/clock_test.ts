// Clocks and their tree: gates, parents, power domains, changes that take time, and what always has to hold.
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { ClockInput } from "../../boards/clock.ts";
import type { RateChange, RateEvent } from "../../scp/model/clock.ts";
import { createClocks, type TestClocks } from "../support/clocks.ts";

const OSPM = 1;
const VM1 = 2;

/** A crystal, a bus that divides it, and gates below. */
const TREE: readonly Omit<ClockInput, "id">[] = [
  { name: "crystal", rateHz: 1000 },
  {
    name: "bus",
    parents: ["crystal"],
    ratio: { kind: "dividers", dividers: [1, 2, 4], divider: 2 },
    hasGate: true,
    rateLatencyUs: 50,
  },
  { name: "uart", parents: ["bus"], hasGate: true, startsEnabled: false },
  { name: "camera", parents: ["bus", "crystal"], hasGate: true, powerDomain: "island" },
  { name: "lens", parents: ["camera"], ratio: { kind: "fixed", multiplier: 1, divider: 5 } },
];

/** Hears changes and requests of a clock. */
function listenTo(clocks: TestClocks, name: string): { changes: RateEvent[]; requests: RateEvent[] } {
  const heard = { changes: [] as RateEvent[], requests: [] as RateEvent[] };
  clocks.get(name).rateChanges.add((event) => heard.changes.push(event));
  clocks.get(name).rateRequests.add((event) => heard.requests.push(event));
  return heard;
}

function switchClock(clocks: TestClocks, name: string, agentId: number, isEnabled: boolean): string {
  return clocks.get(name).configure(agentId, { isEnabled, setting: null });
}

function running(clocks: TestClocks): string[] {
  return clocks.tree.clocks.filter((clock) => clock.isRunning).map(({ name }) => name);
}

function rates(clocks: TestClocks): number[] {
  return clocks.tree.clocks.map((clock) => clock.rateHz);
}

Deno.test("ClockTree starts with the rates and gates of the board, whatever order they are written in", () => {
  const clocks = createClocks(TREE);
  assertEquals(rates(clocks), [1000, 500, 500, 500, 100]);
  assertEquals(running(clocks), ["crystal", "bus", "camera", "lens"]);
  const reversed = createClocks(TREE.toReversed());
  assertEquals(rates(reversed), [100, 500, 500, 500, 1000]);
  assertEquals(clocks.tree.checkInvariants(), []);
});

Deno.test("ClockTree takes rates from sources, which may stand behind those made from them", () => {
  const sources = [
    { name: "half", parent: "pll", divider: 2 },
    { name: "pll", parent: "crystal", multiplier: 192 },
    { name: "crystal", rateHz: 16_640_000 },
  ];
  const clocks = createClocks(
    [{ name: "a", parents: ["half"] }, { name: "b", parents: ["crystal"] }],
    sources,
  );
  assertEquals(rates(clocks), [1_597_440_000, 16_640_000]);
  assertEquals(clocks.get("a").parentChoices, []);
});

Deno.test("a clock runs while it is enabled, its parent runs and its power domain is on", () => {
  const clocks = createClocks(TREE);
  assertEquals(switchClock(clocks, "bus", OSPM, false), "SUCCESS");
  assertEquals(running(clocks), ["crystal"]);
  // What is below is still enabled, and has its rate.
  assert(clocks.get("camera").isEnabled);
  assertEquals(clocks.get("camera").rateHz, 500);
  switchClock(clocks, "bus", OSPM, true);
  clocks.island.isOn = false;
  assertEquals(running(clocks), ["crystal", "bus"]);
  assertEquals(clocks.tree.checkInvariants(), []);
  clocks.island.isOn = true;
  assertEquals(running(clocks), ["crystal", "bus", "camera", "lens"]);
});

Deno.test("a clock stops when the last agent that enabled it disables it; twice counts once", () => {
  const clocks = createClocks(TREE);
  switchClock(clocks, "uart", OSPM, true);
  switchClock(clocks, "uart", OSPM, true);
  switchClock(clocks, "uart", VM1, true);
  switchClock(clocks, "uart", OSPM, false);
  assert(clocks.get("uart").isRunning);
  switchClock(clocks, "uart", VM1, false);
  assert(!clocks.get("uart").isRunning);
});

Deno.test("a clock that the boot loader left running stops when the first agent disables it", () => {
  const clocks = createClocks(TREE);
  switchClock(clocks, "bus", VM1, false);
  assert(!clocks.get("bus").isEnabled);
});

Deno.test("a clock without a gate is on: enabling it is no mistake, disabling it is denied", () => {
  const clocks = createClocks(TREE);
  assertEquals(switchClock(clocks, "crystal", OSPM, true), "SUCCESS");
  assertEquals(switchClock(clocks, "crystal", OSPM, false), "DENIED");
  assert(clocks.get("crystal").isRunning);
  assert(clocks.get("crystal").isRestricted);
  assertEquals(clocks.get("crystal").permissionsOf(OSPM), { state: false, rate: true, parent: true });
});

Deno.test("setRate changes all rates below, and tells each with the agent that caused it", () => {
  const clocks = createClocks(TREE);
  const [bus, lens] = [listenTo(clocks, "bus"), listenTo(clocks, "lens")];
  assertEquals(clocks.get("bus").setRate(VM1, 1000, "down"), "SUCCESS");
  assertEquals(rates(clocks), [1000, 1000, 1000, 1000, 200]);
  assertEquals(bus.changes, [{ agentId: VM1, rateHz: 1000 }]);
  assertEquals(lens.changes, [{ agentId: VM1, rateHz: 200 }]);
  assertEquals(clocks.get("camera").offer, { kind: "list", ratesHz: [1000] });
  // The rate it has already is no change.
  assertEquals(clocks.get("bus").setRate(OSPM, 1000, "down"), "SUCCESS");
  assertEquals(bus, { changes: [{ agentId: VM1, rateHz: 1000 }], requests: [] });
});

Deno.test("setRate takes effect at once on a clock that is off", () => {
  const clocks = createClocks(TREE);
  switchClock(clocks, "bus", OSPM, false);
  assertEquals(clocks.get("bus").setRate(OSPM, 250, "down"), "SUCCESS");
  assertEquals(clocks.get("bus").rateHz, 250);
  assert(!clocks.get("bus").isRunning);
});

Deno.test("setRate refuses what cannot be, and tells of a request only when it could have been granted", () => {
  const limits = { rateMinHz: 60 };
  const clocks = createClocks([
    ...TREE.slice(0, 4),
    { ...TREE[4]!, ...limits },
    { name: "trace", rateHz: 7, rights: { VM1: { rate: false } } },
  ]);
  const [bus, trace] = [listenTo(clocks, "bus"), listenTo(clocks, "trace")];
  assertEquals(clocks.get("bus").setRate(OSPM, 1001, "nearest"), "UNREACHABLE");
  assertEquals(bus.requests, []);
  // At 250 Hz the lens would get 50.
  assertEquals(clocks.get("bus").setRate(OSPM, 250, "down"), "DENIED");
  assertEquals(bus.requests, [{ agentId: OSPM, rateHz: 250 }]);
  assertEquals(clocks.get("bus").rateHz, 500);
  assertEquals(clocks.get("trace").setRate(VM1, 7, "down"), "DENIED");
  assertEquals(trace.requests, [{ agentId: VM1, rateHz: 7 }]);
  assertEquals(clocks.get("trace").setRate(OSPM, 7, "down"), "SUCCESS");
});

Deno.test("beginRateChange takes its latency in virtual time, and no other request meanwhile", () => {
  const clocks = createClocks(TREE);
  const bus = clocks.get("bus");
  const heard = listenTo(clocks, "bus");
  clocks.timeline.advanceTo(1000);
  const change = bus.beginRateChange(OSPM, 1000, "down") as RateChange;
  assertEquals([change.dueUs, change.result, bus.rateHz], [1050, null, 500]);
  assertEquals(heard, { changes: [], requests: [{ agentId: OSPM, rateHz: 1000 }] });
  assertEquals(bus.setRate(VM1, 250, "down"), "BUSY");
  assertEquals(bus.beginRateChange(VM1, 250, "down"), "BUSY");
  assertEquals(bus.setRate(VM1, 2000, "down"), "UNREACHABLE");
  assertEquals(heard.requests.length, 3);
  clocks.timeline.advanceTo(1049);
  assertEquals(bus.rateHz, 500);
  clocks.timeline.advanceTo(1050);
  assertEquals([change.result, bus.rateHz], ["SUCCESS", 1000]);
  assertEquals(heard.changes, [{ agentId: OSPM, rateHz: 1000 }]);
  assertEquals(bus.setRate(VM1, 250, "down"), "SUCCESS");
});

Deno.test("beginRateChange can be given up", () => {
  const clocks = createClocks(TREE);
  const change = clocks.get("bus").beginRateChange(OSPM, 1000, "down") as RateChange;
  change.cancel();
  clocks.timeline.advanceTo(1000);
  assertEquals([change.result, clocks.get("bus").rateHz], [null, 500]);
  assertEquals(clocks.get("bus").setRate(OSPM, 250, "down"), "SUCCESS");
});

Deno.test("beginRateChange is judged by the rates there are when it is over", () => {
  const clocks = createClocks([
    { name: "crystal", rateHz: 1000 },
    { name: "bus", parents: ["crystal"], ratio: { kind: "dividers", dividers: [1, 10], divider: 1 } },
    {
      name: "slow",
      parents: ["bus"],
      ratio: { kind: "dividers", dividers: [1, 2], divider: 2 },
      rateLatencyUs: 10,
    },
  ]);
  const change = clocks.get("slow").beginRateChange(OSPM, 1000, "down") as RateChange;
  clocks.get("bus").setRate(OSPM, 100, "down");
  clocks.timeline.advanceTo(10);
  assertEquals([change.result, clocks.get("slow").rateHz], ["UNREACHABLE", 50]);
});

Deno.test("setParent keeps the ratio, follows the new parent and leaves the old one", () => {
  const clocks = createClocks(TREE);
  const [camera, bus, crystal] = [clocks.get("camera"), clocks.get("bus"), clocks.get("crystal")];
  assertEquals([camera.parentChoices, camera.parentChoice], [[bus, crystal], bus]);
  const lens = listenTo(clocks, "lens");
  assertEquals(camera.setParent(VM1, crystal), "SUCCESS");
  assertEquals([camera.parentChoice, camera.rateHz, clocks.get("lens").rateHz], [crystal, 1000, 200]);
  assertEquals(lens.changes, [{ agentId: VM1, rateHz: 200 }]);
  bus.setRate(OSPM, 250, "down");
  switchClock(clocks, "bus", OSPM, false);
  assertEquals([camera.rateHz, camera.isRunning], [1000, true]);
  assertEquals(clocks.tree.checkInvariants(), []);
  // A parent that stands stops it.
  assertEquals(camera.setParent(OSPM, bus), "SUCCESS");
  assertEquals([camera.rateHz, camera.isRunning, clocks.get("lens").isRunning], [250, false, false]);
});

Deno.test("setParent refuses a clock that is no choice, rates out of limits, and agents without the right", () => {
  const clocks = createClocks([
    ...TREE.slice(0, 3),
    { ...TREE[3]!, rights: { VM1: { parent: false } }, rateLatencyUs: 10 },
    { ...TREE[4]!, rateMaxHz: 150 },
  ]);
  const camera = clocks.get("camera");
  assertEquals(camera.setParent(OSPM, clocks.get("uart")), "NO_PARENT");
  assertEquals(clocks.get("uart").setParent(OSPM, clocks.get("bus")), "NO_PARENT");
  assertEquals(camera.setParent(VM1, clocks.get("crystal")), "DENIED");
  assertEquals(camera.setParent(OSPM, clocks.get("crystal")), "OUT_OF_RANGE");
  camera.beginRateChange(OSPM, 500, "down");
  assertEquals(camera.setParent(OSPM, clocks.get("bus")), "BUSY");
  assertEquals(camera.parentChoice, clocks.get("bus"));
});

Deno.test("configure changes the gate and a setting together, or neither", () => {
  const clocks = createClocks([{
    name: "pwm",
    rateHz: 10,
    hasGate: true,
    startsEnabled: false,
    dutyCyclePercent: { lowest: 10, highest: 90, start: 50 },
    rights: { VM1: { state: false } },
  }]);
  const pwm = clocks.get("pwm");
  const configure = (value: number, agentId = OSPM, name: "dutyCycle" | "phase" = "dutyCycle") =>
    pwm.configure(agentId, { isEnabled: true, setting: { name, value } });
  for (const value of [9, 91, 50.5]) assertEquals(configure(value), "INVALID");
  assertEquals(configure(0, OSPM, "phase"), "INVALID");
  assertEquals(configure(60, VM1), "DENIED");
  assertEquals([pwm.isEnabled, pwm.settingOf("dutyCycle")!.value, pwm.settingOf("phase")], [false, 50, null]);
  assertEquals(configure(90), "SUCCESS");
  assertEquals([pwm.isEnabled, pwm.settingOf("dutyCycle")!.value], [true, 90]);
  assertEquals(
    pwm.configure(OSPM, { isEnabled: null, setting: { name: "dutyCycle", value: 10 } }),
    "SUCCESS",
  );
  assertEquals([pwm.isEnabled, pwm.settingOf("dutyCycle")!.value], [true, 10]);
});

Deno.test("a clock that hides its rate reads 0 and takes any rate without effect", () => {
  const clocks = createClocks([
    { name: "gate", rateHz: 100, hasGate: true, hidesRate: true },
    { name: "below", parents: ["gate"] },
  ]);
  assertEquals(clocks.get("gate").setRate(OSPM, 5, "down"), "SUCCESS");
  assertEquals(rates(clocks), [0, 100]);
});

Deno.test("ClockTree.reset puts everything back, and tells what changes by it", () => {
  const clocks = createClocks([
    ...TREE,
    { name: "pwm", rateHz: 1, hasGate: true, phaseMrad: { lowest: 0, highest: 9, start: 3 } },
  ]);
  const before = [rates(clocks), running(clocks)];
  clocks.get("camera").setParent(OSPM, clocks.get("crystal"));
  clocks.get("bus").setRate(OSPM, 250, "down");
  switchClock(clocks, "bus", OSPM, false);
  switchClock(clocks, "uart", VM1, true);
  clocks.get("pwm").configure(OSPM, { isEnabled: false, setting: { name: "phase", value: 9 } });
  const change = clocks.get("bus").beginRateChange(OSPM, 1000, "down") as RateChange;
  const heard = listenTo(clocks, "lens");
  assertNotEquals([rates(clocks), running(clocks)], before);
  clocks.tree.reset();
  assertEquals([rates(clocks), running(clocks).filter((name) => name !== "pwm")], [
    before[0]!,
    (before[1] as string[]).filter((name) => name !== "pwm"),
  ]);
  assertEquals([clocks.get("pwm").isRunning, clocks.get("pwm").settingOf("phase")!.value], [true, 3]);
  assertEquals(clocks.get("camera").parentChoice, clocks.get("bus"));
  assertEquals(heard.changes, [{ agentId: 0, rateHz: 100 }]);
  assertEquals(clocks.tree.checkInvariants(), []);
  clocks.timeline.advanceTo(1000);
  assertEquals([change.result, clocks.get("bus").rateHz], [null, 500]);
});

Deno.test("ClockTree.reset tells each rate once, whatever order clocks are written in", () => {
  const clocks = createClocks(TREE.toReversed());
  clocks.get("camera").setParent(OSPM, clocks.get("crystal"));
  clocks.get("bus").setRate(OSPM, 250, "down");
  const heard = listenTo(clocks, "lens");
  clocks.tree.reset();
  assertEquals(heard.changes, [{ agentId: 0, rateHz: 100 }]);
});

Deno.test("checkInvariants tells what no clock may come to", () => {
  // Boards that no validator would let pass, and hardware that changes behind the tree's back.
  const odd = createClocks([
    { name: "fast", rateHz: 100, rateMaxHz: 50 },
    { name: "shaped", rateHz: 1, phaseMrad: { lowest: 1, highest: 2, start: 3 } },
    { name: "divided", rateHz: 8, ratio: { kind: "dividers", dividers: [1, 2], divider: 4 } },
    {
      name: "multiplied",
      rateHz: 8,
      ratio: { kind: "multipliers", lowest: 2, highest: 3, multiplier: 9, divider: 1 },
    },
    { name: "left", parents: ["fast"] },
    { name: "loose", rateHz: 6, ratio: { kind: "dividers", dividers: [1, 2], divider: 1 } },
  ]);
  // The limits become narrower than what the clock offers already.
  assertEquals(odd.get("loose").offer, { kind: "list", ratesHz: [3, 6] });
  Object.assign(odd.get("loose").description, { rateMaxHz: 5 });
  odd.get("fast").fed.delete(odd.get("left"));
  assertEquals(odd.tree.checkInvariants(), [
    "clock fast: 100 Hz is outside its limits",
    "clock shaped: setting out of range",
    "clock divided: its hardware has no setting 4",
    "clock multiplied: its hardware has no setting 9",
    "clock left: unknown to its parent",
    "clock loose: 6 Hz is outside its limits",
    "clock loose: offers rates outside its limits",
  ]);
  const clocks = createClocks(TREE);
  const bus = clocks.get("bus");
  bus.fed.delete(clocks.get("uart"));
  switchClock(clocks, "uart", OSPM, true);
  bus.setRate(OSPM, 250, "down");
  switchClock(clocks, "bus", OSPM, false);
  assertEquals(clocks.tree.checkInvariants(), [
    "clock uart: runs at 500 Hz, its parent gives 250",
    "clock uart: runs against its gate or parent",
    "clock uart: unknown to its parent",
  ]);
});

Deno.test("checkInvariants holds after any program of requests, in any order of power and time", () => {
  const agent = fc.constantFrom(OSPM, VM1);
  const clock = fc.nat(TREE.length - 1);
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("rate" as const),
      agent,
      clock,
      rateHz: fc.nat(1100),
      later: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("switch" as const), agent, clock, isOn: fc.boolean() }),
    fc.record({ kind: fc.constant("parent" as const), agent, clock, parent: clock }),
    fc.record({ kind: fc.constant("power" as const), isOn: fc.boolean() }),
    fc.record({ kind: fc.constant("time" as const), us: fc.nat(60) }),
    fc.record({ kind: fc.constant("reset" as const) }),
  );
  const limited = TREE.map((each) =>
    each.name === "lens" ? { ...each, rateMinHz: 60, rateMaxHz: 150 } : each
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const clocks = createClocks(limited);
      const all = clocks.tree.clocks;
      for (const each of steps) {
        if (each.kind === "rate" && each.later) {
          all[each.clock]!.beginRateChange(each.agent, each.rateHz, "down");
        } else if (each.kind === "rate") all[each.clock]!.setRate(each.agent, each.rateHz, "up");
        else if (each.kind === "switch") {
          all[each.clock]!.configure(each.agent, { isEnabled: each.isOn, setting: null });
        } else if (each.kind === "parent") all[each.clock]!.setParent(each.agent, all[each.parent]!);
        else if (each.kind === "power") clocks.island.isOn = each.isOn;
        else if (each.kind === "reset") clocks.tree.reset();
        else clocks.timeline.advanceTo(clocks.timeline.nowUs() + each.us);
        assertEquals(clocks.tree.checkInvariants(), []);
      }
    }),
    { numRuns: 500 },
  );
});
