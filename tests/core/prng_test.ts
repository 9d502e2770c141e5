// The seeded generator, its streams, and the noise that can be asked for at any place.
import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { createPrng, gaussianAt, streamKey } from "../../scp/core/prng.ts";

Deno.test("createPrng gives the same numbers for the same seed, name and index", () => {
  const numbers = (seed: number, name: string, index: number) => {
    const prng = createPrng(seed, name, index);
    return Array.from({ length: 5 }, () => prng.nextU32());
  };
  assertEquals(numbers(7, "thermal1", 0), numbers(7, "thermal1", 0));
  assertNotEquals(numbers(7, "thermal1", 0), numbers(8, "thermal1", 0));
  assertNotEquals(numbers(7, "thermal1", 0), numbers(7, "thermal2", 0));
  assertNotEquals(numbers(7, "thermal1", 0), numbers(7, "thermal1", 1));
  // Seeds above 32 bits count with all their bits.
  assertNotEquals(numbers(7, "thermal1", 0), numbers(7 + 2 ** 32, "thermal1", 0));
});

Deno.test("createPrng numbers have the ranges and moments they promise", () => {
  const prng = createPrng(1);
  let sum = 0;
  let squares = 0;
  let units = 0;
  const seen = new Set<number>();
  const count = 20_000;
  for (let place = 0; place < count; place++) {
    const gaussian = prng.nextGaussian();
    sum += gaussian;
    squares += gaussian * gaussian;
    const unit = prng.nextUnit();
    assert(unit >= 0 && unit < 1);
    units += unit;
    seen.add(prng.nextInteger(-2, 2));
    const word = prng.nextU32();
    assert(Number.isInteger(word) && word >= 0 && word < 2 ** 32);
  }
  assertAlmostEquals(sum / count, 0, 0.03);
  assertAlmostEquals(squares / count, 1, 0.03);
  assertAlmostEquals(units / count, 0.5, 0.01);
  assertEquals([...seen].sort((a, b) => a - b), [-2, -1, 0, 1, 2]);
});

Deno.test("gaussianAt depends on key and index only, and is normally distributed over both", () => {
  const key = streamKey(1, "accel");
  assertEquals(gaussianAt(key, 123), gaussianAt(key, 123));
  assertNotEquals(gaussianAt(key, 123), gaussianAt(key, 124));
  assertNotEquals(gaussianAt(key, 123), gaussianAt(key, 123 + 2 ** 32));
  const count = 20_000;
  for (const at of [(place: number) => gaussianAt(key, place), (place: number) => gaussianAt(place, 5)]) {
    const values = Array.from({ length: count }, (_, place) => at(place));
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    // Neighbours are unrelated: their products cancel out.
    const related = values.reduce((sum, value, place) => sum + value * (values[place + 1] ?? 0), 0) / count;
    assertAlmostEquals(mean, 0, 0.03);
    assertAlmostEquals(variance, 1, 0.03);
    assertAlmostEquals(related, 0, 0.03);
    assertAlmostEquals(values.filter((value) => Math.abs(value) < 1).length / count, 0.683, 0.02);
    assert(values.every((value) => Math.abs(value) < 5));
  }
});
