// Rails: levels, slew in virtual time, and what holds them up.
import { assertEquals } from "@std/assert";
import type { Regulator } from "../../boards/regulator.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { Rail } from "../../scp/model/rail.ts";

const SEGMENT: Regulator = {
  steps: { kind: "segment", lowestUv: 600_000, highestUv: 1_100_000, stepUv: 10_000 },
  startUv: 800_000,
  startsOn: true,
  canSwitchOff: true,
  ownModes: [{ id: 0, isSupplied: false }, { id: 3, isSupplied: true }],
  slewUvPerUs: 10_000,
  commandUs: 100,
};

interface Setting {
  readonly rail: Rail;
  readonly timeline: Timeline;
  /** What the physics was told: time and voltage. */
  readonly told: [number, number][];
}

function createRail(changes: Partial<Regulator> = {}): Setting {
  const timeline = new Timeline();
  const told: [number, number][] = [];
  const rail = new Rail("rail", { ...SEGMENT, ...changes }, timeline, (volts) => {
    told.push([timeline.nowUs(), volts]);
  });
  return { rail, timeline, told };
}

Deno.test("Rail takes the time of the command and of its slew to get up, and down", () => {
  const { rail, timeline, told } = createRail();
  rail.hold("cpu", 960_000);
  timeline.advanceTo(115);
  assertEquals([rail.levelUv, rail.isBusy], [800_000, true]);
  timeline.advanceTo(116);
  assertEquals([rail.levelUv, rail.isBusy], [960_000, false]);
  rail.hold("cpu", 830_000);
  timeline.advanceTo(1000);
  assertEquals(told, [[116, 0.96], [229, 0.83]]);
});

Deno.test("Rail rounds a slew that is no whole number of microseconds up", () => {
  const { rail, timeline } = createRail({ slewUvPerUs: 3_000 });
  rail.hold("cpu", 810_000);
  timeline.advanceTo(103);
  assertEquals(rail.levelUv, 800_000);
  timeline.advanceTo(104);
  assertEquals(rail.levelUv, 810_000);
});

Deno.test("Rail has the most that its users need, snapped up to its steps", () => {
  const { rail, timeline } = createRail();
  rail.hold("cpu", 901_000);
  rail.hold("gpu", 850_000);
  timeline.advanceTo(1000);
  assertEquals([rail.levelUv, rail.neededUv], [910_000, 910_000]);
  rail.hold("cpu", 700_000);
  timeline.advanceTo(2000);
  assertEquals(rail.levelUv, 850_000);
  const list = createRail({
    steps: { kind: "list", levelsUv: [700_000, 800_000, 1_000_000] },
  });
  list.rail.holdAtOnce("cpu", 800_001);
  assertEquals(list.rail.levelUv, 1_000_000);
});

Deno.test("Rail never counts as higher than it is sure to be, nor as lower than it may be", () => {
  const { rail, timeline } = createRail();
  rail.holdAtOnce("cpu", 1_000_000);
  rail.hold("cpu", 700_000);
  let servedUs = -1;
  timeline.advanceTo(50);
  // On its way down it is needed again: what was asked for first has to end before it can come back up.
  rail.hold("cpu", 1_000_000);
  rail.whenHeld("cpu", () => servedUs = timeline.nowUs());
  assertEquals([servedUs, rail.levelUv], [-1, 1_000_000]);
  timeline.advanceTo(130);
  assertEquals([servedUs, rail.levelUv], [-1, 700_000]);
  timeline.advanceTo(1000);
  assertEquals([servedUs, rail.levelUv], [260, 1_000_000]);
});

Deno.test("Rail serves each user when it has what that one holds", () => {
  const { rail, timeline } = createRail();
  const served: string[] = [];
  rail.hold("codec", 700_000);
  rail.whenHeld("codec", () => served.push("has it already"));
  rail.holdAtOnce("codec", 800_000);
  rail.hold("cpu", 900_000);
  rail.whenHeld("cpu", () => served.push("given up"));
  rail.whenHeld("cpu", () => served.push(`cpu ${timeline.nowUs()}`));
  rail.hold("gpu", 1_000_000);
  rail.whenHeld("gpu", () => served.push(`gpu ${timeline.nowUs()}`));
  timeline.advanceTo(1000);
  assertEquals(served, ["has it already", "cpu 110", "gpu 220"]);
});

Deno.test("Rail goes at once to a level that is set synchronously, but not below what is needed", () => {
  const { rail, told } = createRail();
  rail.holdAtOnce("cpu", 900_000);
  rail.setLevel(1_000_000);
  assertEquals(rail.levelUv, 1_000_000);
  rail.setLevel(700_000);
  assertEquals(rail.levelUv, 900_000);
  assertEquals(told, [[0, 0.9], [0, 1], [0, 0.9]]);
});

Deno.test("Rail change that is taken back leaves everything as it was", () => {
  const { rail, timeline, told } = createRail();
  const change = rail.beginLevel(1_000_000);
  assertEquals(change.doneUs, 120);
  change.cancel();
  assertEquals(rail.isBusy, false);
  timeline.advanceTo(1000);
  assertEquals([rail.levelUv, told.length], [800_000, 0]);
  rail.hold("cpu", 700_000);
  timeline.advanceTo(2000);
  assertEquals(rail.levelUv, 700_000, "nobody asked for more");
});

Deno.test("Rail that is off takes levels without a slew and keeps them", () => {
  const { rail, timeline, told } = createRail();
  const [off, on] = rail.modes;
  rail.setMode(off!);
  const change = rail.beginLevel(1_100_000);
  assertEquals(change.doneUs, 100);
  timeline.advanceTo(100);
  assertEquals([rail.levelUv, rail.volts], [1_100_000, 0]);
  rail.setMode(on!);
  assertEquals(rail.volts, 1.1);
  assertEquals(told, [[0, 0], [100, 0], [100, 1.1]]);
});

Deno.test("Rail ends a change under way when its mode changes", () => {
  const { rail, timeline } = createRail();
  const [off] = rail.modes;
  rail.beginLevel(1_100_000);
  rail.setMode(off!);
  assertEquals([rail.isBusy, rail.levelUv], [false, 1_100_000]);
  timeline.advanceTo(1000);
  assertEquals(rail.volts, 0);
});

Deno.test("Rail offers the modes that its regulator has", () => {
  const kinds = (changes: Partial<Regulator>) => createRail(changes).rail.modes.map((mode) => mode.kind);
  assertEquals(kinds({}), ["off", "on", "own", "own"]);
  assertEquals(kinds({ canSwitchOff: false, ownModes: [] }), ["on"]);
  assertEquals(kinds({ canSwitchOff: false, startsOn: false, ownModes: [] }), ["off", "on"]);
  const { rail } = createRail({ startsOn: false });
  assertEquals([rail.mode.kind, rail.volts], ["off", 0]);
});

Deno.test("Rail reset forgets what agents asked for, and keeps what is needed", () => {
  const { rail } = createRail();
  rail.setLevel(1_000_000);
  rail.setMode(rail.modes.at(-1)!);
  rail.reset();
  assertEquals([rail.levelUv, rail.mode.kind], [800_000, "on"]);
  rail.holdAtOnce("cpu", 900_000);
  rail.setLevel(1_000_000);
  rail.reset();
  assertEquals(rail.levelUv, 900_000);
});

Deno.test("Rail checks itself: a level that is none, off or too low where it is needed", () => {
  const { rail, timeline } = createRail();
  rail.hold("cpu", 900_000);
  assertEquals(rail.checkInvariants(), [], "on its way it may be lower");
  timeline.advanceTo(1000);
  assertEquals(rail.checkInvariants(), []);
  rail.setMode(rail.modes[0]!);
  assertEquals(rail.checkInvariants(), ["rail rail is off while it is needed"]);
  const odd = createRail({ startUv: 805_000 });
  assertEquals(odd.rail.checkInvariants(), ["rail rail is at 805000 uV, not a level of it"]);
});

Deno.test("Rail invariants tell of a way that does not end", () => {
  const timeline = new Timeline();
  // Time passes, and nothing that is due is done.
  const stuck = { nowUs: () => timeline.nowUs(), at: () => ({ cancel: () => {} }) };
  const rail = new Rail("rail", SEGMENT, stuck, () => {});
  rail.hold("cpu", 960_000);
  timeline.advanceTo(116);
  assertEquals(rail.checkInvariants(), []);
  timeline.advanceTo(117);
  assertEquals(rail.checkInvariants(), ["rail rail is on its way since it should have been there"]);
});
