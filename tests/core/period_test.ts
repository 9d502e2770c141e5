// Multiples of periods: always after the time that is given.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { nextMultiple } from "../../scp/core/period.ts";
import fc from "../support/property.ts";

Deno.test("nextMultiple() is the first multiple after a time, not the time itself", () => {
  assertEquals([0, 1, 99, 100, 101].map((timeUs) => nextMultiple(timeUs, 100)), [100, 100, 100, 200, 200]);
  const period = fc.integer({ min: 1, max: 3_600_000_000 });
  const count = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(fc.property(period, count, fc.nat(), (periodUs, k, more) => {
    const timeUs = k * periodUs + more % periodUs;
    assertEquals(nextMultiple(timeUs, periodUs), (k + 1) * periodUs);
  }));
});

Deno.test("nextMultiple() wants a whole period", () => {
  assert(nextMultiple(5, 1) === 6);
  for (const periodUs of [0, 150.15, -1, NaN]) assertThrows(() => nextMultiple(0, periodUs));
});
