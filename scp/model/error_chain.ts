// From a physical value to a reading: gain and offset, noise, saturation, quantisation, in this order. Lag comes before
// all of them and needs a memory, so it is a part of the physics (lag.ts). Drift and transmission delays are left out.
import type { ErrorProfile } from "../../boards/board.ts";
import type { SensorDescription } from "../../boards/sensor_description.ts";
import { createPrng, gaussianAt, streamKey } from "../core/prng.ts";

/** The error chain of one value of a reading (of a vector sensor: of one axis). */
export class ErrorChain {
  /** Smallest and largest reading, in wire units: the range, cut to whole steps. */
  readonly minWire: number;
  readonly maxWire: number;
  readonly #gain: number;
  readonly #offset: number;
  readonly #noiseSigma: number;
  readonly #noiseKey: number;
  /** Wire units per unit of the type: one of the two is 1, so that a power of ten stays exact. */
  readonly #multiplier: number;
  readonly #divisor: number;
  readonly #stepWire: number;

  constructor(description: SensorDescription, axis: number, profile: ErrorProfile, seed: number) {
    const { errors, step, unitExponent } = description;
    const isReal = profile === "road";
    const prng = createPrng(seed, description.name, axis);
    this.#gain = 1 + (isReal ? errors.gainMax * (2 * prng.nextUnit() - 1) : 0);
    this.#offset = isReal ? errors.offsetMax * (2 * prng.nextUnit() - 1) : 0;
    const halfStep = step.mantissa * 10 ** step.exponent / 2;
    const hasNoise = profile !== "clean" && errors.noiseSigma !== 0;
    this.#noiseSigma = !hasNoise ? 0 : isReal ? errors.noiseSigma ?? halfStep : halfStep;
    this.#noiseKey = streamKey(seed, `${description.name}/noise`, axis);
    this.#multiplier = 10 ** Math.max(0, -unitExponent);
    this.#divisor = 10 ** Math.max(0, unitExponent);
    // A step below one wire unit cannot be told: then the wire unit is the step.
    this.#stepWire = Math.max(1, step.mantissa * 10 ** (step.exponent - unitExponent));
    const stepsMin = Math.ceil(this.#toWire(description.rangeMin) / this.#stepWire - 1e-9);
    const stepsMax = Math.floor(this.#toWire(description.rangeMax) / this.#stepWire + 1e-9);
    this.minWire = awayFromZero(stepsMin * this.#stepWire) + 0;
    this.maxWire = awayFromZero(stepsMax * this.#stepWire) + 0;
  }

  /** Returns the reading of a value with all errors, for the sample with this index. */
  read(value: number, sampleIndex: number): number {
    let wrong = value * this.#gain + this.#offset;
    if (this.#noiseSigma > 0) wrong += this.#noiseSigma * gaussianAt(this.#noiseKey, sampleIndex);
    return this.quantise(wrong);
  }

  /** Returns the reading of a value without errors: only quantised (half away from zero) and saturated. */
  quantise(value: number): number {
    return this.quantiseWire(this.#toWire(value));
  }

  /** Does the same to a value that is in wire units already. */
  quantiseWire(value: number): number {
    const steps = value / this.#stepWire;
    // A step may be a fraction of wire units, as 62.5 are: the reading is then the nearest whole one.
    const rounded = awayFromZero(awayFromZero(steps) * this.#stepWire);
    // Adding 0 turns a negative zero into a plain one.
    return Math.min(this.maxWire, Math.max(this.minWire, rounded)) + 0;
  }

  #toWire(value: number): number {
    return value * this.#multiplier / this.#divisor;
  }
}

/** Rounds to the nearest whole number, half away from zero. */
function awayFromZero(value: number): number {
  return value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5);
}
