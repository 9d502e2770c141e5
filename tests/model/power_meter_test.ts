// The power meter against sums made the long way: averages over any interval, at any time, are exact.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createPrng } from "../../scp/core/prng.ts";
import { PowerMeters } from "../../scp/model/power_meter.ts";
import { TICK_US } from "../../scp/model/world.ts";

/** A meter, one of a block with constant power, and a way to let one tick pass at a power. */
function createMeter(averagingUsMax: number, startW: number) {
  const state = Float64Array.of(NaN, 5, startW);
  const part = new PowerMeters([1, 2], averagingUsMax);
  part.start(state);
  const [steady, meter] = part.meters;
  return {
    steady: steady!,
    meter: meter!,
    pass(powerW: number): void {
      state[2] = powerW;
      part.step(state);
    },
  };
}

/** The average over the interval that ends with the last tick, tick by tick. */
function averageOf(powersW: readonly number[], intervalUs: number): number {
  let leftUs = Math.min(intervalUs, powersW.length * TICK_US);
  const lengthUs = leftUs;
  let sum = 0;
  for (let tick = powersW.length - 1; leftUs > 0; tick--) {
    const partUs = Math.min(TICK_US, leftUs);
    sum += powersW[tick]! * partUs;
    leftUs -= partUs;
  }
  return sum / lengthUs;
}

Deno.test("PowerMeters average as sums over every tick do, for every interval up to the longest", () => {
  const prng = createPrng(1, "power meter");
  const { meter, steady, pass } = createMeter(123_456, 0);
  const powersW: number[] = [];
  for (let tick = 0; tick < 200; tick++) {
    powersW.push(prng.nextU32() / 2 ** 28);
    pass(powersW.at(-1)!);
    assertEquals(meter.presentW, powersW.at(-1));
    for (const intervalUs of [1, 999, 4_999, 5_000, 5_001, 10_000, 17_300, 123_455, 123_456]) {
      const expectedW = averageOf(powersW, intervalUs);
      assertAlmostEquals(meter.averageW(intervalUs), expectedW, 1e-9, `${intervalUs} us after tick ${tick}`);
      assertAlmostEquals(steady.averageW(intervalUs), 5, 1e-9, "of another block");
    }
  }
});

Deno.test("PowerMeters know the power of the start before any time has passed", () => {
  const { meter } = createMeter(1_000_000, 7);
  assertEquals([meter.presentW, meter.averageW(1), meter.averageW(1_000_000)], [7, 7, 7]);
});

Deno.test("PowerMeters average over the time since start while that is shorter than the interval", () => {
  const { meter, pass } = createMeter(1_000_000, 9);
  pass(1);
  assertAlmostEquals(meter.averageW(1_000_000), 1, 1e-12);
  pass(3);
  assertAlmostEquals(meter.averageW(1_000_000), 2, 1e-12);
  assertAlmostEquals(meter.averageW(10_000), 2, 1e-12);
});

Deno.test("PowerMeters forget what is further back than the interval", () => {
  const { meter, pass } = createMeter(20_000, 0);
  for (let tick = 0; tick < 1_000; tick++) pass(100);
  for (let tick = 0; tick < 4; tick++) pass(1);
  assertAlmostEquals(meter.averageW(20_000), 1, 1e-9);
});
