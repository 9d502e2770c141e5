// What the sensor protocol sees of the simulated hardware: named sensors whose samples are a function of virtual time.
// Values are integers in wire units (physical value = value x 10^unitExponent in the unit of the type).
import type { SensorSupplier } from "./sensor_supplier.ts";

/** An update interval: mantissa x 10^exponent seconds. Mantissa 1..65535, exponent -16..15. */
export interface Interval {
  readonly mantissa: number;
  readonly exponent: number;
}

/** The update intervals a sensor offers: none, a list, or a segment (lowest, highest, step). */
export type Intervals =
  | { readonly kind: "none" }
  | { readonly kind: "list"; readonly list: readonly Interval[] }
  | {
    readonly kind: "segment";
    readonly lowest: Interval;
    readonly highest: Interval;
    readonly step: Interval;
  };

/** What one value of a reading means: the sensor itself when it is scalar, else one of its axes. */
export interface Quantity {
  /** Axis name (for Linux IIO it ends in `_X`, `_Y` or `_Z`); of a scalar sensor, the sensor's name. */
  readonly name: string;
  /** SCMI sensor type (unit code), 0..255. */
  readonly typeCode: number;
  /** Power of ten of the unit, -16..15. */
  readonly unitExponent: number;
  /** Smallest step: mantissa (0..2^27-1) x 10^exponent (-16..15), in the unit of the type; 0 mantissa = not told. */
  readonly resolution: { readonly mantissa: number; readonly exponent: number };
  /** Smallest and largest reading, signed 64-bit, in wire units. */
  readonly minRange: bigint;
  readonly maxRange: bigint;
}

/** Why there is no valid reading. */
export type SampleFailure = "HARDWARE_ERROR" | "BUSY";

/** One sample of a sensor. The object may be reused by the next call: copy what you keep. */
export interface Sample {
  /** One integer per quantity, in wire units, within +-2^53. Not valid while `failure` is set. */
  readonly values: readonly number[];
  /** When it was taken: virtual time, integer microseconds. */
  readonly timeUs: number;
  /** null = valid. */
  readonly failure: SampleFailure | null;
}

/** A simulated sensor. */
export interface Sensor {
  /** Unique on its board, up to 63 ASCII characters. */
  readonly name: string;
  /** True = readings along axes (1..63 quantities); false = exactly one quantity. */
  readonly isVector: boolean;
  readonly quantities: readonly Quantity[];
  /** Power the sensor draws, uW; 0 = not told. */
  readonly powerUw: number;
  /** Whether descriptors carry power, resolution and range (version 2.0 on). */
  readonly hasExtendedAttributes: boolean;
  /** Number of trip points per agent, 0..255. */
  readonly tripPointCount: number;
  /** Time a reading as delayed response takes, us; null = asynchronous reading is not supported. */
  readonly asyncLatencyUs: number | null;
  /** Whether SENSOR_UPDATE notifications exist. */
  readonly supportsContinuousUpdate: boolean;
  /** A timestamp tick is 10^exponent seconds (-16..15); null = no timestamps. */
  readonly timestampExponent: number | null;
  readonly intervals: Intervals;
  /** The interval in force before any agent sets one; null when `intervals` is `none`. */
  readonly defaultInterval: Interval | null;
  /** Whether the sensor is on before any agent touches it. */
  readonly startsEnabled: boolean;
  /** Period of the sensor's own sampling, us, 1 or more: a reading changes at multiples of it only. */
  readonly samplePeriodUs: number;
  /** The agent that supplies its values, which may come at any time; null = it measures. */
  readonly supplier: SensorSupplier | null;
  /**
   * Returns the sample in force at `timeUs`: the one of the last multiple of `samplePeriodUs`. Time never falls from
   * one call to the next over the whole model. Cheap when nothing new has been sampled.
   */
  sampleAt(timeUs: number): Sample;
}
