// The thermal governor: when it lowers ceilings, how it gives them back, and that nobody's reading changes what it does.
import { assert, assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import type { ThermalGovernorPlan } from "../../boards/thermal_governor.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { createModel, type Model } from "../../scp/model/model.ts";
import { ThermalGovernor } from "../../scp/model/thermal_governor.ts";
import { AGENT, DVFS_BOARD } from "../support/dvfs_board.ts";

const PLAN: ThermalGovernorPlan = {
  node: "die",
  passiveC: 80,
  hysteresisC: 10,
  periodUs: 1_000,
  performanceDomains: ["cpu", "gpu"],
};

/** A governor over the two domains of the test board, at a temperature that the test sets. */
function createGovernor() {
  const timeline = new Timeline();
  const quiet: Board = { ...DVFS_BOARD, power: { ...DVFS_BOARD.power, phases: [] } };
  const { dvfs } = createModel(quiet, { seed: 1, scheduler: timeline });
  const domains = dvfs.performanceDomains.slice(0, 2);
  const node = { temperatureC: 25 };
  const governor = new ThermalGovernor(PLAN, {
    scheduler: timeline,
    domains,
    readC: () => node.temperatureC,
  });
  let periods = 0;
  /** The fastest level allowed of each domain after so many periods at a temperature. */
  const after = (count: number, temperatureC: number) => {
    node.temperatureC = temperatureC;
    periods += count;
    timeline.advanceTo(periods * PLAN.periodUs);
    return domains.map(({ limits }) => limits.max.index);
  };
  return { governor, domains, after, timeline };
}

Deno.test("ThermalGovernor takes all its domains down a level a period while the node is too hot", () => {
  const { governor, after, timeline } = createGovernor();
  assertEquals(after(3, 79.9), [3, 1]);
  assertEquals(governor.isThrottling, false);
  // The first step is felt at once: the CPU runs at its third level of four.
  assertEquals(after(1, 80), [1, 0]);
  assertEquals(governor.isThrottling, true);
  assertEquals(after(1, 95), [0, 0]);
  assertEquals(after(5, 95), [0, 0], "there is nothing below");
  assertEquals(timeline.size < 10, true);
});

Deno.test("ThermalGovernor holds between the thresholds and gives back below them, a level a period", () => {
  const { governor, after } = createGovernor();
  after(2, 90);
  assertEquals(after(10, 79.9), [0, 0]);
  assertEquals(after(10, 70), [0, 0], "the lower threshold itself holds");
  assertEquals(after(1, 69.9), [1, 1]);
  assertEquals(after(1, 69.9), [2, 1]);
  assertEquals(governor.isThrottling, true);
  assertEquals(after(1, 69.9), [3, 1]);
  assertEquals(governor.isThrottling, false);
});

Deno.test("ThermalGovernor looks at multiples of its period only", () => {
  const { domains, timeline, after } = createGovernor();
  after(1, 79);
  assertEquals(after(0.999, 90), [3, 1]);
  timeline.advanceTo(2_000);
  assertEquals(domains[0]!.limits.max.index, 1);
});

Deno.test("ThermalGovernor and other sources of ceilings do not undo each other", () => {
  const { domains, after } = createGovernor();
  domains[0]!.imposeCeiling("power", 1);
  assertEquals(after(1, 90), [0, 0]);
  assertEquals(after(2, 60), [1, 1]);
  assertEquals(after(5, 60), [1, 1]);
  domains[0]!.imposeCeiling("power", null);
  assertEquals(after(0, 60), [3, 1]);
});

const BIG = 1;
const HOT: Board = { ...rcarBoard, vehicle: null, gpioLines: [], sensors: rcarBoard.sensors.slice(0, 8) };

/** The chip of rcar at full load in 70 degrees, which it cannot stand (boards.md 7.2: 168 without a governor). */
function createHotChip(): Model {
  const model = createModel(HOT, { seed: 1 });
  assert(model.setInput("ambientC", 70));
  for (const block of ["big", "little", "gpu", "rest"]) assert(model.setInput(`utilisation.${block}`, 1));
  const [little, big] = model.dvfs.performanceDomains;
  assertEquals(little!.setLevel(little!.levels.at(-1)!, AGENT.OSPM), "SUCCESS");
  assertEquals(big!.setLevel(big!.levels.at(-1)!, AGENT.OSPM), "SUCCESS");
  return model;
}

Deno.test("ThermalGovernor of rcar slows the processors down in the heat, and lets them go when it is over", () => {
  const model = createHotChip();
  const domain = model.dvfs.performanceDomains[BIG]!;
  const heard: number[] = [];
  domain.listen((change) => {
    if (change.kind === "limits") heard.push(change.agentId);
  });
  model.advanceTo(1_000e6);
  assertEquals([domain.level.value, domain.limits.max.value], [500_000_000, 500_000_000]);
  assert(heard.length > 0 && heard.every((agentId) => agentId === 0));
  assert(model.setInput("ambientC", 25));
  for (const block of ["big", "little", "gpu", "rest"]) assert(model.setInput(`utilisation.${block}`, 0.1));
  model.advanceTo(3_000e6);
  assertEquals([domain.level.value, domain.limits.max.value], [1_700_000_000, 1_700_000_000]);
});

Deno.test("ThermalGovernor of rcar keeps a load near its threshold that is too much otherwise", () => {
  const model = createHotChip();
  assert(model.setInput("utilisation.gpu", 0));
  assert(model.setInput("utilisation.rest", 0.3));
  const temperaturesC: number[] = [];
  for (let seconds = 600; seconds <= 1200; seconds++) {
    model.advanceTo(seconds * 1e6);
    temperaturesC.push(model.truth(2)[0]!);
  }
  // It overshoots by what a period and the slow heatsink behind the hot block add.
  assert(Math.max(...temperaturesC) < 104, `${Math.max(...temperaturesC)}`);
  assert(Math.min(...temperaturesC) > 95, `${Math.min(...temperaturesC)}`);
  const uses = model.dvfs.performanceDomains[BIG]!.statistics.usesAt(1200e6);
  assert(uses.every(({ residencyUs }) => residencyUs > 10e6), "level by level");
});

Deno.test("ThermalGovernor does the same whoever reads which sensor when", () => {
  const run = (isRead: boolean) => {
    const model = createHotChip();
    for (let timeUs = 0; timeUs <= 60e6; timeUs += 1_700_003) {
      if (isRead) model.sensors[timeUs % 8]!.sampleAt(timeUs);
      if (isRead && timeUs % 2 === 0) model.advanceTo(timeUs);
    }
    model.advanceTo(60e6);
    return [model.truth(2), model.dvfs.performanceDomains.map(({ statistics }) => statistics.usesAt(60e6))];
  };
  assertEquals(run(true), run(false));
});
