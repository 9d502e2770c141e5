// A sensor of the model: takes a sample at each multiple of its period, on demand, from the state the world kept for that
// moment. What it says can be overridden, or made to fail; the physics behind it goes on.
import type { ErrorProfile } from "../../boards/board.ts";
import type { SensorDescription } from "../../boards/sensor_description.ts";
import { assert } from "../core/assert.ts";
import { ErrorChain } from "./error_chain.ts";
import type { Interval, Intervals, Quantity, Sample, SampleFailure, Sensor } from "./sensor.ts";
import type { Signal } from "./signal.ts";
import type { Capture, World } from "./world.ts";

/** A sensor that reads a signal through its error chain. */
export class SimulatedSensor implements Sensor {
  readonly name: string;
  readonly isVector: boolean;
  readonly quantities: readonly Quantity[];
  readonly powerUw: number;
  readonly hasExtendedAttributes: boolean;
  readonly tripPointCount: number;
  readonly asyncLatencyUs: number | null;
  readonly supportsContinuousUpdate: boolean;
  readonly timestampExponent: number | null;
  readonly intervals: Intervals;
  readonly defaultInterval: Interval | null;
  readonly startsEnabled: boolean;
  readonly samplePeriodUs: number;
  readonly #world: World;
  readonly #advanceTo: (timeUs: number) => void;
  readonly #signal: Signal;
  readonly #capture: Capture;
  readonly #chains: readonly ErrorChain[];
  readonly #truth = new Float64Array(3);
  readonly #sample: { values: number[]; timeUs: number; failure: SampleFailure | null };
  #override: readonly number[] | null = null;
  #fault: SampleFailure | null = null;
  #isSupplied = true;
  /** Before this moment the sample is still in force; -1 = it has to be made anew. */
  #nextUs = -1;

  /** `advanceTo` brings the world to a time, with all that happens on the way. */
  constructor(
    description: SensorDescription,
    signal: Signal,
    world: World,
    profile: ErrorProfile,
    seed: number,
    advanceTo: (timeUs: number) => void,
  ) {
    const names = description.axes ?? [description.name];
    assert(names.length === signal.width, `sensor ${description.name} has as many axes as its signal`);
    this.name = description.name;
    this.isVector = description.axes !== null;
    this.powerUw = description.powerUw;
    this.hasExtendedAttributes = description.hasExtendedAttributes;
    this.tripPointCount = description.tripPointCount;
    this.asyncLatencyUs = description.asyncLatencyUs;
    this.supportsContinuousUpdate = description.supportsContinuousUpdate;
    this.timestampExponent = description.timestampExponent;
    this.intervals = description.intervals;
    this.defaultInterval = description.defaultInterval;
    this.startsEnabled = description.startsEnabled;
    this.samplePeriodUs = description.samplePeriodUs;
    this.#world = world;
    this.#advanceTo = advanceTo;
    this.#signal = signal;
    this.#capture = world.captureOf(description.samplePeriodUs);
    this.#chains = names.map((_name, axis) => new ErrorChain(description, axis, profile, seed));
    this.#sample = { values: names.map(() => 0), timeUs: 0, failure: null };
    this.quantities = names.map((name, axis) => ({
      name,
      typeCode: description.typeCode,
      unitExponent: description.unitExponent,
      resolution: description.step,
      minRange: BigInt(this.#chains[axis]!.minWire),
      maxRange: BigInt(this.#chains[axis]!.maxWire),
    }));
  }

  /** What is set instead of the measured values, in the unit of the type; null = the sensor measures. */
  get overridden(): readonly number[] | null {
    return this.#override;
  }

  /** The failure that was set, or null. */
  get failure(): SampleFailure | null {
    return this.#fault;
  }

  /** See `Sensor`. */
  sampleAt(timeUs: number): Sample {
    return timeUs < this.#nextUs ? this.#sample : this.#resample(timeUs);
  }

  /** Returns the physical values at the time of the last advance, before any error. */
  truth(): readonly number[] {
    this.#signal.read(this.#world.state, this.#world.nowUs, this.#truth);
    return Array.from(this.#truth.subarray(0, this.#signal.width));
  }

  /** Makes the readings show these values, one per quantity, or (null) measure again. */
  setOverride(values: readonly number[] | null): void {
    assert(values === null || values.length === this.#signal.width, "one value per quantity is overridden");
    assert(values === null || values.every(Number.isFinite), "an override is a finite number");
    this.#override = values === null ? null : [...values];
    this.#nextUs = -1;
  }

  /** Makes each sample fail, or (null) be valid again. */
  setFailure(failure: SampleFailure | null): void {
    this.#fault = failure;
    this.#applyFailure();
  }

  /** Tells whether the power domain of the sensor is on. Without supply its bus does not answer: HARDWARE_ERROR. */
  setSupplied(isSupplied: boolean): void {
    this.#isSupplied = isSupplied;
    this.#applyFailure();
  }

  #applyFailure(): void {
    this.#sample.failure = this.#fault ?? (this.#isSupplied ? null : "HARDWARE_ERROR");
  }

  #resample(timeUs: number): Sample {
    this.#advanceTo(timeUs);
    const sample = this.#sample;
    const index = Math.floor(timeUs / this.samplePeriodUs);
    sample.timeUs = index * this.samplePeriodUs;
    this.#nextUs = sample.timeUs + this.samplePeriodUs;
    const chains = this.#chains;
    const override = this.#override;
    if (override !== null) {
      for (let axis = 0; axis < chains.length; axis++) {
        sample.values[axis] = chains[axis]!.quantise(override[axis]!);
      }
      return sample;
    }
    this.#signal.read(this.#capture.state, sample.timeUs, this.#truth);
    for (let axis = 0; axis < chains.length; axis++) {
      sample.values[axis] = chains[axis]!.read(this.#truth[axis]!, index);
    }
    return sample;
  }
}
