// From physical value to reading: rounding half away from zero, saturation, noise of the three profiles.
import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import type { ErrorProfile } from "../../boards/board.ts";
import { completeSensor, type SensorInput } from "../../boards/sensor_description.ts";
import { ErrorChain } from "../../scp/model/error_chain.ts";

const THERMOMETER: SensorInput = {
  id: 0,
  name: "t",
  typeCode: 2,
  unitExponent: -3,
  signal: "temperature.die",
  rangeMin: -40,
  rangeMax: 125,
  step: { mantissa: 5, exponent: -1 },
  samplePeriodUs: 1000,
};

function chainOf(
  change: Partial<SensorInput> = {},
  profile: ErrorProfile = "clean",
  seed = 1,
  axis = 0,
): ErrorChain {
  return new ErrorChain(completeSensor({ ...THERMOMETER, ...change }), axis, profile, seed);
}

/** Mean and standard deviation of many readings of one value, in wire units. */
function momentsOf(chain: ErrorChain, value: number): { mean: number; deviation: number } {
  const count = 5000;
  const readings = Array.from({ length: count }, (_, index) => chain.read(value, index));
  const mean = readings.reduce((sum, reading) => sum + reading, 0) / count;
  return {
    mean,
    deviation: Math.sqrt(readings.reduce((sum, reading) => sum + (reading - mean) ** 2, 0) / count),
  };
}

Deno.test("ErrorChain rounds to the step, half away from zero", () => {
  const chain = chainOf();
  for (
    const [celsius, reading] of [
      [25, 25_000],
      [25.24, 25_000],
      [25.25, 25_500],
      [25.74, 25_500],
      [0.25, 500],
      [0.24, 0],
      [-0.24, 0],
      [-0.25, -500],
      [-0.26, -500],
      [-7.3, -7_500],
      [-39.75, -40_000],
    ] as const
  ) {
    assertEquals(chain.quantise(celsius), reading, `${celsius}`);
  }
});

Deno.test("ErrorChain saturates at the ends of the range", () => {
  const chain = chainOf();
  assertEquals(chain.quantise(126), 125_000);
  assertEquals(chain.quantise(1e300), 125_000);
  assertEquals(chain.quantise(-41), -40_000);
  assertEquals(chain.minWire, -40_000);
  assertEquals(chain.maxWire, 125_000);
});

Deno.test("ErrorChain cuts the range to whole steps, inward", () => {
  const chain = chainOf({
    rangeMin: -156.9,
    rangeMax: 156.9,
    unitExponent: -6,
    step: { mantissa: 4788, exponent: -6 },
  });
  assertEquals(chain.maxWire % 4788, 0);
  assertEquals(chain.minWire, -chain.maxWire);
  assert(chain.maxWire <= 156_900_000 && chain.maxWire > 156_900_000 - 4788);
});

Deno.test("ErrorChain reaches both ends of a range that binary fractions miss by a hair", () => {
  // 1.1 x 100 is a little above 110, and 1.15 x 100 a little below 115.
  const chain = chainOf({
    rangeMin: 1.1,
    rangeMax: 1.15,
    unitExponent: -2,
    step: { mantissa: 1, exponent: -2 },
  });
  assertEquals([chain.minWire, chain.maxWire], [110, 115]);
});

Deno.test("ErrorChain of units with exponent 0 and above", () => {
  assertEquals(chainOf({ unitExponent: 0, step: { mantissa: 1, exponent: 0 } }).quantise(24.6), 25);
  const coarse = chainOf({ unitExponent: 2, rangeMax: 10_000, step: { mantissa: 1, exponent: 2 } });
  assertEquals(coarse.quantise(1234), 12);
  assertEquals(coarse.maxWire, 100);
});

Deno.test("ErrorChain takes the wire unit for a step that is not told or too fine", () => {
  assertEquals(chainOf({ step: { mantissa: 0, exponent: 0 } }).quantise(1.2344), 1234);
  assertEquals(chainOf({ step: { mantissa: 1, exponent: -6 } }).quantise(1.2344), 1234);
});

Deno.test("ErrorChain never gives a negative zero", () => {
  assert(Object.is(chainOf().quantise(-0.1), 0));
  assert(Object.is(chainOf({ rangeMin: -0.1 }).minWire, 0));
});

Deno.test("ErrorChain of profile clean reads the quantised value, sample by sample", () => {
  const chain = chainOf({ errors: { offsetMax: 5, gainMax: 0.1, noiseSigma: 3 } });
  assertEquals(momentsOf(chain, 25.1), { mean: 25_000, deviation: 0 });
});

Deno.test("ErrorChain of profile lab adds half a step of noise and no offset", () => {
  const { mean, deviation } = momentsOf(chainOf({ errors: { offsetMax: 5, noiseSigma: 3 } }, "lab"), 25);
  assertAlmostEquals(mean, 25_000, 20);
  // Half a step, and the variance of rounding: one twelfth of a step squared.
  assertAlmostEquals(deviation, Math.sqrt(250 ** 2 + 500 ** 2 / 12), 10);
});

Deno.test("ErrorChain of profile road has the unit's own offset and gain, and its noise", () => {
  const errors = { offsetMax: 2, gainMax: 0.05, noiseSigma: 3 };
  const means = [1, 2, 3, 4].map((seed) => momentsOf(chainOf({ errors }, "road", seed), 25).mean);
  for (const mean of means) assertAlmostEquals(mean, 25_000, 2_000 + 0.05 * 25_000 + 150);
  assertEquals(new Set(means.map((mean) => Math.round(mean / 200))).size, 4);
  assertAlmostEquals(momentsOf(chainOf({ errors }, "road"), 25).deviation, 3_000, 100);
});

Deno.test("ErrorChain adds no noise to a counter", () => {
  for (const profile of ["lab", "road"] as const) {
    assertEquals(momentsOf(chainOf({ errors: { noiseSigma: 0 } }, profile), 25).deviation, 0);
  }
});

Deno.test("ErrorChain noise differs between axes, sensors and seeds, and is repeatable", () => {
  const readings = (chain: ErrorChain) => Array.from({ length: 50 }, (_, index) => chain.read(25, index));
  const first = readings(chainOf({}, "lab"));
  assertEquals(readings(chainOf({}, "lab")), first);
  assertNotEquals(readings(chainOf({}, "lab", 1, 1)), first);
  assertNotEquals(readings(chainOf({}, "lab", 2)), first);
  assertNotEquals(readings(chainOf({ name: "u" }, "lab")), first);
});
