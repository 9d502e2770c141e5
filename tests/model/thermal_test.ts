// The thermal network against closed formulas, energy balance, and other step sizes.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  TEMPERATURE_MAX_C,
  type ThermalLink,
  ThermalNetwork,
  type ThermalNode,
} from "../../scp/model/thermal.ts";

const TICK_US = 5_000;

/** Runs a network from `ambientC` on for a time; returns its temperatures. */
function run(
  nodes: readonly ThermalNode[],
  links: readonly ThermalLink[],
  powersW: readonly number[],
  seconds: number,
  { ambientC = 25, tickUs = TICK_US } = {},
): Float64Array {
  const network = new ThermalNetwork(nodes, links, tickUs);
  const temperaturesC = new Float64Array(nodes.length).fill(ambientC);
  const powers = Float64Array.from(powersW);
  const tickCount = Math.round(seconds * 1e6 / tickUs);
  for (let tick = 0; tick < tickCount; tick++) network.step(temperaturesC, powers, ambientC);
  return temperaturesC;
}

const ONE_NODE = [{ name: "a", heatCapacityJPerK: 2 }];
const TO_AMBIENT = [{ from: "a", to: "ambient", resistanceKPerW: 5 }];

Deno.test("ThermalNetwork settles where the heat in is the heat out", () => {
  const [temperatureC] = run(ONE_NODE, TO_AMBIENT, [3], 200);
  assertAlmostEquals(temperatureC!, 25 + 3 * 5, 1e-6);
});

Deno.test("ThermalNetwork follows the exponential with the time constant R times C", () => {
  const tauS = 2 * 5;
  for (const seconds of [1, 5, 10, 20]) {
    const [temperatureC] = run(ONE_NODE, TO_AMBIENT, [3], seconds);
    assertAlmostEquals(temperatureC!, 25 + 15 * (1 - Math.exp(-seconds / tauS)), 0.005);
  }
});

Deno.test("ThermalNetwork gives the series of resistances along a chain, whichever way links are written", () => {
  const nodes = [
    { name: "a", heatCapacityJPerK: 0.5 },
    { name: "b", heatCapacityJPerK: 1 },
    { name: "c", heatCapacityJPerK: 2 },
  ];
  const links = [
    { from: "a", to: "b", resistanceKPerW: 1 },
    { from: "c", to: "b", resistanceKPerW: 2 },
    { from: "ambient", to: "c", resistanceKPerW: 4 },
  ];
  const [a, b, c] = run(nodes, links, [2, 0, 1], 300, { ambientC: -40 });
  assertAlmostEquals(c!, -40 + 3 * 4, 1e-6);
  assertAlmostEquals(b!, c! + 2 * 2, 1e-6);
  assertAlmostEquals(a!, b! + 2 * 1, 1e-6);
});

Deno.test("ThermalNetwork keeps the energy: what is put in is what is stored when nothing leaves", () => {
  const nodes = [{ name: "a", heatCapacityJPerK: 0.02 }, { name: "b", heatCapacityJPerK: 38 }];
  const links = [{ from: "a", to: "b", resistanceKPerW: 1.5 }];
  const [a, b] = run(nodes, links, [4, 1], 100);
  const storedJ = (a! - 25) * 0.02 + (b! - 25) * 38;
  assertAlmostEquals(storedJ, 5 * 100, 1e-6);
});

Deno.test("ThermalNetwork comes to the same with other steps, the closer the finer", () => {
  const exactC = 25 + 15 * (1 - Math.exp(-7 / 10));
  const errorAt = (tickUs: number) => Math.abs(run(ONE_NODE, TO_AMBIENT, [3], 7, { tickUs })[0]! - exactC);
  assertAlmostEquals(errorAt(20_000) / errorAt(10_000), 2, 0.05);
  assertAlmostEquals(errorAt(10_000) / errorAt(5_000), 2, 0.05);
  assert(errorAt(1_000) < 0.001);
});

Deno.test("ThermalNetwork ends a runaway at its upper bound", () => {
  const [temperatureC] = run(ONE_NODE, TO_AMBIENT, [1000], 100);
  assertEquals(temperatureC, TEMPERATURE_MAX_C);
});

Deno.test("ThermalNetwork refuses a node too small for the step", () => {
  const nodes = [{ name: "a", heatCapacityJPerK: 0.0009 }];
  assertThrows(() => new ThermalNetwork(nodes, TO_AMBIENT, TICK_US), "thermal node a is stable");
});
