// Times that come again and again, at multiples of a period, so that those of several askers can be compared.
import { assert } from "./assert.ts";

/** The first multiple of a period that lies after a time; both in whole us, the period 1 or more. */
export function nextMultiple(timeUs: number, periodUs: number): number {
  // With fractions the multiple may round to the time itself, and whoever waits for it would wait there for ever.
  assert(Number.isInteger(periodUs) && periodUs >= 1, `${periodUs} us is a period`);
  return (Math.floor(timeUs / periodUs) + 1) * periodUs;
}
