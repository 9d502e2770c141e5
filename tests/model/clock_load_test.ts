// The power that clocks draw, in the physics: at start, from the moment of a change on, and after a reset of the system.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";

const OSPM = 1;

/** Two clocks that draw 1 W each at 100 MHz, one of them in a power domain. */
const BOARD: Board = defineBoard({
  name: "drawing",
  title: "Clocks that draw power",
  identity: { vendor: "v", subVendor: "s", implementationVersion: 1 },
  agents: [{ name: "OSPM", kind: "OSPM" }],
  thermal: {
    nodes: [{ name: "chip", heatCapacityJPerK: 1 }],
    links: [{ from: "chip", to: "ambient", resistanceKPerW: 1 }],
  },
  power: {
    rails: [],
    phases: [],
    blocks: [{
      name: "logic",
      node: "chip",
      rail: null,
      fixedW: 0.5,
      loadW: 0,
      dynamicUwPerMhzV2: 0,
      idleActivity: 0,
      leakageA: 0,
      leakageVolts: 1,
      operatingPoints: [{ mhz: 0, volts: 1 }],
    }],
  },
  powerDomains: [
    { id: 0, name: "soc", kind: "system", isAlwaysOn: true },
    { id: 1, name: "island", kind: "device", parent: "soc", bootState: "on" },
  ],
  systemPower: { domain: "soc", restartUs: 1000, fullView: ["OSPM"] },
  clocks: [
    {
      id: 0,
      name: "bus",
      rateHz: 100_000_000,
      hasGate: true,
      ratio: { kind: "dividers", dividers: [1, 2], divider: 1 },
      draws: { block: "logic", uwPerMhz: 10_000 },
    },
    {
      id: 1,
      name: "camera",
      parents: ["bus"],
      powerDomain: "island",
      draws: { block: "logic", uwPerMhz: 10_000 },
    },
  ],
  resetDomains: [{ id: 0, name: "camera" }],
  sensors: [{
    id: 0,
    name: "power",
    typeCode: 7,
    unitExponent: -6,
    signal: "chip.power",
    rangeMin: 0,
    rangeMax: 10,
    step: { mantissa: 1, exponent: -3 },
    samplePeriodUs: 5_000,
  }, {
    id: 1,
    name: "energy",
    typeCode: 8,
    unitExponent: -6,
    signal: "chip.energy",
    rangeMin: 0,
    rangeMax: 1e6,
    step: { mantissa: 1, exponent: -3 },
    samplePeriodUs: 5_000,
  }],
});

function setup() {
  const timeline = new Timeline();
  const model = createModel(BOARD, { seed: 1, scheduler: timeline });
  const advance = (us: number) => {
    timeline.advanceTo(timeline.nowUs() + us);
    model.advanceTo(timeline.nowUs());
  };
  const powerW = () => model.truth(0)[0]!;
  const [bus, camera] = model.clockTree.clocks;
  return { model, timeline, advance, powerW, bus: bus!, camera: camera! };
}

Deno.test("running clocks draw power from the start on, in proportion to their rate", () => {
  const { powerW, advance, bus } = setup();
  assertAlmostEquals(powerW(), 2.5);
  bus.setRate(OSPM, 50_000_000, "down");
  advance(10_000);
  assertAlmostEquals(powerW(), 1.5);
  bus.configure(OSPM, { isEnabled: false, setting: null });
  advance(10_000);
  assertAlmostEquals(powerW(), 0.5);
});

Deno.test("a power domain that goes off stops its clocks, and what they draw", () => {
  const { model, powerW, advance, camera } = setup();
  const island = model.powerTree.find("island")!;
  assertEquals(island.request(island.states.at(-1)!, false, OSPM), "SUCCESS");
  assertEquals([camera.isRunning, camera.isEnabled], [false, true]);
  advance(10_000);
  assertAlmostEquals(powerW(), 1.5);
  assertEquals(checkInvariants(model), []);
});

Deno.test("the energy before a change is that of the clocks as they were, however far physics was driven", () => {
  const { model, timeline, bus } = setup();
  // Nobody asks for a reading during the first second.
  timeline.advanceTo(1_000_000);
  bus.configure(OSPM, { isEnabled: false, setting: null });
  timeline.advanceTo(2_000_000);
  model.advanceTo(2_000_000);
  assertAlmostEquals(model.truth(1)[0]!, 2.5 + 0.5, 0.02);
});

Deno.test("a reset of the system puts clocks and reset domains back", () => {
  const { model, bus, advance, powerW } = setup();
  bus.setRate(OSPM, 50_000_000, "down");
  bus.configure(OSPM, { isEnabled: false, setting: null });
  model.resetDomains[0]!.hold(OSPM, { isOwn: false, id: 0 });
  assertEquals(model.systemPower!.request("coldReset", false, OSPM), "SUCCESS");
  advance(10_000);
  assertEquals([bus.isRunning, bus.rateHz, model.resetDomains[0]!.isInReset], [true, 100_000_000, false]);
  assertAlmostEquals(powerW(), 2.5);
  assertEquals(checkInvariants(model), []);
});
