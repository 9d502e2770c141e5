// GPIO lines of the model: switches at once and wheels in virtual time, the same whether or not somebody listens.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import type { GpioLineInput } from "../../boards/gpio_line.ts";
import { COMPACT_EV } from "../../boards/packs/compact_ev.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import type { Vehicle } from "../../boards/vehicle.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { Kinematics } from "../../scp/model/kinematics.ts";
import { createModel } from "../../scp/model/model.ts";
import fc from "../support/property.ts";

/** A car that goes straight on at 36 km/h: 10 m/s. */
const STEADY: Vehicle = {
  ...COMPACT_EV,
  turning: { ...COMPACT_EV.turning, curvatureMaxPerM: 0 },
  driveCycle: [[0, 36], [100, 36]],
};

const WHEEL: GpioLineInput = {
  name: "wheel",
  follows: { kind: "wheelPulse", wheel: "Fl", pulsesPerTurn: 4 },
};

function boardWith(gpioLines: readonly GpioLineInput[], vehicle: Vehicle | null = null): Board {
  const { name, title, identity, agents } = minimalBoard;
  return defineBoard({ name, title, identity, agents, sensors: [], gpioLines, vehicle });
}

/** A board's lines in a time of the test's own. */
function linesOf(gpioLines: readonly GpioLineInput[], vehicle: Vehicle | null = null) {
  const timeline = new Timeline();
  const model = createModel(boardWith(gpioLines, vehicle), { seed: 1, scheduler: timeline });
  const advanceTo = (timeUs: number) => {
    timeline.advanceTo(timeUs);
    model.advanceTo(timeUs);
  };
  return { timeline, model, advanceTo, lines: model.gpioLines };
}

Deno.test("a line of a switch follows the model's input at once", () => {
  const { model, lines: [door] } = linesOf([
    { name: "door", follows: { kind: "switch", input: "vehicle.door" } },
  ]);
  const heard: number[] = [];
  door!.listen((level) => heard.push(level));
  assertEquals(model.inputs.at(-1), { name: "vehicle.door", min: 0, max: 1 });
  assertEquals([door!.read(), door!.isOutput], [0, false]);
  assert(model.setInput("vehicle.door", 1));
  assertEquals(door!.read(), 1);
  assert(model.setInput("vehicle.door", 1));
  assert(model.setInput("vehicle.door", null));
  assertEquals(heard, [1, 0]);
  assertEquals(door!.riseCount, 1);
});

Deno.test("a switch takes 0 to 1 and is actuated from the middle on", () => {
  const { model, lines: [door] } = linesOf([
    { name: "door", follows: { kind: "switch", input: "vehicle.door" } },
  ]);
  for (const bad of [-0.1, 1.1, NaN, Infinity]) assertEquals(model.setInput("vehicle.door", bad), false);
  assertEquals(model.setInput("vehicle.window", 1), false);
  const levels = [0, 0.49, 0.5, 1].map((value) => {
    assert(model.setInput("vehicle.door", value));
    return door!.read();
  });
  assertEquals(levels, [0, 0, 1, 1]);
});

Deno.test("lines share an input, and one that is active low is its opposite", () => {
  const { model, lines: [plain, low] } = linesOf([
    { name: "plain", follows: { kind: "switch", input: "vehicle.door" } },
    { name: "low", follows: { kind: "switch", input: "vehicle.door", isActiveLow: true } },
  ]);
  assertEquals(model.inputs.filter(({ name }) => name === "vehicle.door").length, 1);
  assertEquals([plain!.read(), low!.read(), low!.riseCount], [0, 1, 0]);
  model.setInput("vehicle.door", 1);
  assertEquals([plain!.read(), low!.read()], [1, 0]);
  model.setInput("vehicle.door", null);
  assertEquals([plain!.read(), low!.read(), low!.riseCount], [0, 1, 1]);
});

Deno.test("an output is driven by the guest, an input is not", () => {
  const { lines: [lamp, door] } = linesOf([
    { name: "lamp", follows: { kind: "guest" } },
    { name: "door", follows: { kind: "switch", input: "vehicle.door" } },
  ]);
  assertEquals([lamp!.isOutput, lamp!.read()], [true, 0]);
  lamp!.write(1);
  assertEquals([lamp!.read(), lamp!.riseCount], [1, 1]);
  assertThrows(() => door!.write(1));
});

Deno.test("an override shows a level until it is released, and listeners hear of both", () => {
  const { model, lines: [door] } = linesOf([
    { name: "door", follows: { kind: "switch", input: "vehicle.door" } },
  ]);
  const heard: number[] = [];
  const stop = door!.listen((level) => heard.push(level));
  door!.setOverride(1);
  model.setInput("vehicle.door", 1);
  model.setInput("vehicle.door", 0);
  assertEquals([door!.read(), door!.sourceLevel, door!.overridden], [1, 0, 1]);
  door!.setOverride(null);
  assertEquals([door!.read(), door!.overridden], [0, null]);
  stop();
  stop();
  door!.setOverride(1);
  assertEquals(heard, [1, 0]);
});

Deno.test("several listeners hear a line, and one that stops does not stop the others", () => {
  const { model, lines: [door] } = linesOf([
    { name: "door", follows: { kind: "switch", input: "vehicle.door" } },
  ]);
  const heard: string[] = [];
  const stopFirst = door!.listen((level) => heard.push(`first ${level}`));
  const stopSecond = door!.listen((level) => heard.push(`second ${level}`));
  model.setInput("vehicle.door", 1);
  stopFirst();
  stopFirst();
  model.setInput("vehicle.door", 0);
  stopSecond();
  model.setInput("vehicle.door", 1);
  assertEquals(heard, ["first 1", "second 1", "second 0"]);
});

Deno.test("pulses of a wheel at steady speed come at speed x pulses per turn / circumference", () => {
  const { lines: [wheel], advanceTo } = linesOf([WHEEL], STEADY);
  const perSecond = 10 * 4 / (2 * Math.PI * COMPACT_EV.wheelRadiusM);
  for (const seconds of [1, 2, 10, 60]) {
    advanceTo(seconds * 1e6);
    // The last pulse may have begun: it rises in its middle.
    assertEquals(wheel!.riseCount, Math.round(seconds * perSecond));
  }
});

Deno.test("edges of a wheel are told at their microsecond, half a pulse apart at steady speed", () => {
  const { timeline, lines: [wheel], advanceTo } = linesOf([WHEEL], STEADY);
  const times: number[] = [];
  const levels: number[] = [];
  wheel!.listen((level) => {
    times.push(timeline.nowUs());
    levels.push(level);
    assertEquals(wheel!.read(), level);
  });
  advanceTo(2e6);
  const apartUs = 2 * Math.PI * COMPACT_EV.wheelRadiusM / 10 / 8 * 1e6;
  times.forEach((timeUs, n) => assertAlmostEquals(timeUs, (n + 1) * apartUs, 1.01));
  assertEquals(times.length, Math.floor(2e6 / apartUs));
  assertEquals(levels, levels.map((_level, n) => (n + 1) % 2));
});

Deno.test("a listener of a wheel that leaves when it hears of an edge leaves nothing behind", () => {
  const { timeline, lines: [wheel], advanceTo } = linesOf([WHEEL], STEADY);
  let heardCount = 0;
  const stop = wheel!.listen(() => {
    heardCount++;
    stop();
  });
  advanceTo(2e6);
  assertEquals([heardCount, timeline.nextUs], [1, Infinity]);
});

Deno.test("a wheel that stands makes no edge", () => {
  const { lines: [wheel], advanceTo } = linesOf([WHEEL], {
    ...STEADY,
    driveCycle: [[0, 0], [100, 0]],
  });
  wheel!.listen(() => {
    throw new Error("it stands");
  });
  advanceTo(30e6);
  assertEquals([wheel!.read(), wheel!.riseCount], [0, 0]);
});

Deno.test("the outer wheel makes more pulses than the inner one, as their speeds say", () => {
  const { lines, advanceTo } = linesOf([
    { name: "left", follows: { kind: "wheelPulse", wheel: "Fl", pulsesPerTurn: 100 } },
    { name: "right", follows: { kind: "wheelPulse", wheel: "Fr", pulsesPerTurn: 100 } },
  ], COMPACT_EV);
  // The integral of the speeds that sensors tell, by small steps.
  const kinematics = new Kinematics(COMPACT_EV);
  const turns = [0, 0];
  const stepUs = 10_000;
  for (let timeUs = 0; timeUs < 60e6; timeUs += stepUs) {
    for (const [i, side] of [[0, 1], [1, -1]] as const) {
      turns[i]! += kinematics.wheelSpeedAt(timeUs + stepUs / 2, side) / (2 * Math.PI) * stepUs / 1e6;
    }
  }
  advanceTo(60e6);
  const counts = lines.map((line) => line.riseCount);
  counts.forEach((count, i) => assertAlmostEquals(count, turns[i]! * 100, 1));
  assert(counts[0] !== counts[1]);
});

Deno.test("a wheel has the same edges whoever listens, and however time is stepped", () => {
  const edgesWith = (stepsUs: readonly number[], listensFromUs: number): Map<number, number> => {
    const { timeline, lines: [wheel], advanceTo } = linesOf([WHEEL], COMPACT_EV);
    const edges = new Map<number, number>();
    let nowUs = 0;
    for (let i = 0; nowUs < 16e6; i++) {
      if (nowUs >= listensFromUs && edges.size === 0) {
        wheel!.listen((level) => edges.set(timeline.nowUs(), level));
      }
      nowUs = Math.min(16e6, nowUs + stepsUs[i % stepsUs.length]!);
      advanceTo(nowUs);
      wheel!.read();
    }
    return edges;
  };
  const reference = edgesWith([16e6], 0);
  assert(reference.size > 20);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 700_000 }), { minLength: 1, maxLength: 5 })
        .filter((steps) => steps.reduce((sum, step) => sum + step) > 50_000),
      (stepsUs) => assertEquals(edgesWith(stepsUs, 0), reference),
    ),
    { numRuns: 20 },
  );
});

Deno.test("levels of a wheel that nobody listens to are those that a listener hears", () => {
  const { timeline, lines: [heard], advanceTo } = linesOf([WHEEL], COMPACT_EV);
  const silent = linesOf([WHEEL], COMPACT_EV);
  let level = 0;
  const stop = heard!.listen((now) => level = now);
  for (let timeUs = 0; timeUs <= 20e6; timeUs += 7_919) {
    advanceTo(timeUs);
    silent.advanceTo(timeUs);
    assertEquals([silent.lines[0]!.read(), silent.lines[0]!.riseCount], [level, heard!.riseCount]);
  }
  assertEquals(silent.timeline.nextUs, Infinity, "nothing is planned while nobody listens");
  assert(timeline.nextUs < Infinity);
  stop();
  assertEquals(timeline.nextUs, Infinity);
});
