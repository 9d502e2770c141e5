// The intervals in which data events can be collected: the same for all of them, as each sensor samples at its own pace anyway.
import type { Interval } from "../../scp/model/sensor.ts";
import { intervalUsOf } from "../intervals.ts";

/** From 10 ms to 10 s, the shortest first. */
export const INTERVALS: readonly Interval[] = [-2, -1, 0].flatMap((exponent) =>
  [1, 2, 5].map((mantissa) => ({ mantissa, exponent }))
).concat({ mantissa: 1, exponent: 1 });

/** An offered interval; undefined = there is none like it. One may be written in several ways. */
export function findInterval(mantissa: number, exponent: number): Interval | undefined {
  const us = mantissa * 10 ** (exponent + 6);
  // Ten to a negative power is not exact in binary.
  return INTERVALS.find((each) => Math.abs(intervalUsOf(each) - us) < 1);
}
