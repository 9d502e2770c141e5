// Power, heat, rails and energy of the rcar chip, against figures of an independent calculation of the same network.
import { assert, assertAlmostEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { createModel, type Model } from "../../scp/model/model.ts";

const THERMAL3 = 2;
const VOLT_DVFS = 3;
const CURR_DVFS = 4;
const POWER_SOC = 5;
const ENERGY_SOC = 6;

/** Loads as inputs of the model. */
const LOADS = {
  idle: { big: [500, 0.03], little: [800, 0.03], gpu: [0, 0], rest: [0, 0.03] },
  cockpit: { big: [1500, 0.4], little: [1200, 0.3], gpu: [600, 0.5], rest: [0, 0.4] },
  maximal: { big: [1500, 1], little: [1200, 1], gpu: [600, 1], rest: [0, 1] },
  turbo: { big: [1700, 1], little: [1200, 1], gpu: [600, 1], rest: [0, 1] },
} as const;

function setLoad(model: Model, load: keyof typeof LOADS): void {
  for (const [block, [mhz, utilisation]] of Object.entries(LOADS[load])) {
    assert(model.setInput(`mhz.${block}`, mhz));
    assert(model.setInput(`utilisation.${block}`, utilisation));
  }
}

/** The board without its car, which the chip does not feel, and without a governor that would slow it down. */
const CHIP_ONLY: Board = {
  ...rcarBoard,
  vehicle: null,
  gpioLines: [],
  thermalGovernors: [],
  sensors: rcarBoard.sensors.slice(0, 8),
};

/** A model of the chip that has done nothing else for `seconds`. */
function settled(load: keyof typeof LOADS, ambientC: number, seconds = 4_500): Model {
  const model = createModel(CHIP_ONLY, { seed: 1 });
  model.setInput("ambientC", ambientC);
  setLoad(model, load);
  model.advanceTo(seconds * 1e6);
  return model;
}

for (
  const [load, ambientC, bigC, powerW] of [
    ["idle", 25, 38.8, 2.8],
    ["cockpit", 25, 65.0, 7.7],
    ["cockpit", 70, 119.8, 9.6],
    ["maximal", 25, 98.4, 14.0],
    ["turbo", 25, 117.9, 17.2],
  ] as const
) {
  Deno.test(`Chip settles at ${bigC} degree Celsius and ${powerW} W: ${load} at ${ambientC}`, () => {
    const model = settled(load, ambientC);
    assertAlmostEquals(model.truth(THERMAL3)[0]!, bigC, 0.5);
    assertAlmostEquals(model.truth(POWER_SOC)[0]!, powerW, 0.15);
  });
}

Deno.test("Chip idles at -29 degree Celsius when it is -40 outside", () => {
  assertAlmostEquals(settled("idle", -40).truth(THERMAL3)[0]!, -29, 1);
});

Deno.test("Chip takes a step from idle to maximal load along the calculated curve", () => {
  const model = settled("idle", 25);
  setLoad(model, "maximal");
  const curve = [[0.1, 46.6], [0.3, 50.5], [1, 51.6], [10, 53], [30, 56], [100, 63], [300, 76], [
    1000,
    93,
  ]] as const;
  for (const [seconds, bigC] of curve) {
    model.advanceTo((4_500 + seconds) * 1e6);
    assertAlmostEquals(model.truth(THERMAL3)[0]!, bigC, 0.6, `after ${seconds} s`);
  }
});

Deno.test("Chip rail voltage falls along its load line from the operating point's voltage", () => {
  for (const [load, setVolts] of [["idle", 0.83], ["maximal", 0.83], ["turbo", 0.96]] as const) {
    const model = settled(load, 25, 10);
    const volts = model.truth(VOLT_DVFS)[0]!;
    const ampere = model.truth(CURR_DVFS)[0]!;
    assertAlmostEquals(volts, setVolts - 0.002 * ampere, 1e-12);
    assert(ampere > 0.1);
  }
});

Deno.test("Chip rail power is voltage times current, and what its blocks draw", () => {
  const sensors = [
    sensorOf(0, "rail.dvfs.power", 7),
    sensorOf(1, "block.big.power", 7),
    sensorOf(2, "rail.dvfs.voltage", 5),
    sensorOf(3, "rail.dvfs.current", 6),
  ];
  const model = createModel({ ...CHIP_ONLY, sensors }, { seed: 1 });
  model.advanceTo(100e6); // inside the cockpit phase
  const [railW, blockW, volts, ampere] = [0, 1, 2, 3].map((index) => model.truth(index)[0]!);
  assertAlmostEquals(railW!, volts! * ampere!, 1e-12);
  assertAlmostEquals(railW!, blockW!, 1e-9);
});

Deno.test("Chip energy is the integral of its power", () => {
  const model = createModel(CHIP_ONLY, { seed: 1 });
  let joule = 0;
  // Every tick, across a change of load at 60 s.
  for (let timeUs = 5_000; timeUs <= 65e6; timeUs += 5_000) {
    model.advanceTo(timeUs);
    joule += model.truth(POWER_SOC)[0]! * 0.005;
  }
  assertAlmostEquals(model.truth(ENERGY_SOC)[0]!, joule, 1e-6);
});

Deno.test("Chip changes its load exactly at the ends of the phases, round after round", () => {
  const model = createModel(CHIP_ONLY, { seed: 1 });
  const round = 360;
  for (const [seconds, sign] of [[60, 1], [240, 1], [270, -1], [360, -1], [round + 60, 1]] as const) {
    model.advanceTo(seconds * 1e6 - 5_000);
    const earlier = model.truth(CURR_DVFS)[0]!;
    model.advanceTo(seconds * 1e6); // the current of the tick that ends here
    const before = model.truth(CURR_DVFS)[0]!;
    model.advanceTo(seconds * 1e6 + 5_000);
    const after = model.truth(CURR_DVFS)[0]!;
    assertAlmostEquals(before, earlier, 0.05, `before ${seconds} s`);
    assert(Math.abs(after - before) > 0.2 && Math.sign(after - before) === sign, `${seconds} s`);
  }
});

Deno.test("Chip temperatures move with the built-in load profile and stay below the passive trip", () => {
  const model = createModel(CHIP_ONLY, { seed: 1 });
  const temperaturesC: number[] = [];
  for (let seconds = 1; seconds <= 3600; seconds++) {
    model.advanceTo(seconds * 1e6);
    temperaturesC.push(model.truth(THERMAL3)[0]!);
  }
  const lastRound = temperaturesC.slice(-360);
  assert(Math.max(...lastRound) - Math.min(...lastRound) > 10);
  assert(Math.max(...temperaturesC) < 100);
});

/** A sensor that only serves to see the truth of a signal. */
function sensorOf(id: number, signal: string, typeCode: number) {
  return {
    ...rcarBoard.sensors[THERMAL3]!,
    id,
    name: signal,
    signal,
    typeCode,
  };
}
