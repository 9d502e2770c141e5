// Intervals as messages name them, a mantissa and a power of ten of seconds, in microseconds.
import type { Interval } from "../scp/model/sensor.ts";

/** An interval in microseconds. Ten to a negative power is not exact in binary, and the interval need not be whole. */
export function intervalUsOf({ mantissa, exponent }: Interval): number {
  return mantissa * 10 ** (exponent + 6);
}

/** The same as a period of virtual time: whole, and not shorter than that can be told. */
export function periodUsOf(interval: Interval): number {
  return Math.max(1, Math.round(intervalUsOf(interval)));
}
