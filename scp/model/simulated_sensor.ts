// A sensor of the model: takes a sample at each multiple of its period, on demand, from the state the world kept for that
// moment; or shows what an agent supplies. What it says can be overridden, or made to fail; what is behind it goes on.
import type { ErrorProfile } from "../../boards/board.ts";
import type { SensorDescription } from "../../boards/sensor_description.ts";
import { assert } from "../core/assert.ts";
import { ErrorChain } from "./error_chain.ts";
import type { ReferredValue } from "./referred_value.ts";
import type { Interval, Intervals, Quantity, Sample, SampleFailure, Sensor } from "./sensor.ts";
import type { SensorSupplier } from "./sensor_supplier.ts";
import type { Signal } from "./signal.ts";
import type { Capture, World } from "./world.ts";

/** Where the values of a sensor come from. */
export type SensorSource =
  | {
    readonly signal: Signal;
    readonly world: World;
    readonly profile: ErrorProfile;
    readonly seed: number;
    /** Brings the world to a time, with all that happens on the way. */
    readonly advanceTo: (timeUs: number) => void;
  }
  | { readonly referred: ReferredValue };

/** What a sensor measures: a signal, as it was at the last multiple of the sensor's period. */
interface Measurement {
  readonly signal: Signal;
  readonly world: World;
  readonly capture: Capture;
  readonly advanceTo: (timeUs: number) => void;
}

/** A sensor that reads a signal through its error chain, or a value that an agent supplies. */
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
  readonly supplier: SensorSupplier | null;
  /** Null exactly when there is a referred value. */
  readonly #measurement: Measurement | null;
  readonly #referred: ReferredValue | null;
  readonly #chains: readonly ErrorChain[];
  readonly #truth = new Float64Array(3);
  readonly #sample: { values: number[]; timeUs: number; failure: SampleFailure | null };
  #override: readonly number[] | null = null;
  #fault: SampleFailure | null = null;
  #isSupplied = true;
  /** Before this moment the sample is still in force; -1 = it has to be made anew. */
  #nextUs = -1;
  #sampleCount = 0;

  constructor(description: SensorDescription, source: SensorSource) {
    const names = description.axes ?? [description.name];
    const isReferred = "referred" in source;
    const width = isReferred ? source.referred.values.length : source.signal.width;
    assert(names.length === width, `sensor ${description.name} has as many axes as its source`);
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
    // What an agent supplies has the errors of its own sensor in it already.
    const { profile, seed } = isReferred ? { profile: "clean", seed: 0 } as const : source;
    this.#chains = names.map((_name, axis) => new ErrorChain(description, axis, profile, seed));
    this.#sample = { values: names.map(() => 0), timeUs: 0, failure: null };
    if (isReferred) {
      this.#measurement = null;
      this.#referred = source.referred;
      this.supplier = source.referred.supplier;
      source.referred.showIn(this, () => this.#refer());
      this.#applyFailure();
    } else {
      const { signal, world, advanceTo } = source;
      this.#measurement = {
        signal,
        world,
        capture: world.captureOf(description.samplePeriodUs),
        advanceTo,
      };
      this.#referred = null;
      this.supplier = null;
    }
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

  /** How often it has taken a sample, however many have read each of them. */
  get sampleCount(): number {
    return this.#sampleCount;
  }

  /** See `Sensor`. */
  sampleAt(timeUs: number): Sample {
    return timeUs < this.#nextUs ? this.#sample : this.#resample(timeUs);
  }

  /** Returns the physical values at the time of the last advance, before any error; none while nobody supplies them. */
  truth(): readonly number[] {
    if (this.#measurement === null) {
      const { values, failure } = this.#referred!;
      return failure !== null
        ? []
        : values.map((value, axis) => value * 10 ** this.quantities[axis]!.unitExponent);
    }
    const { signal, world } = this.#measurement;
    signal.read(world.state, world.nowUs, this.#truth);
    return Array.from(this.#truth.subarray(0, signal.width));
  }

  /** Makes the readings show these values, one per quantity, or (null) measure again. */
  setOverride(values: readonly number[] | null): void {
    assert(
      values === null || values.length === this.quantities.length,
      "one value per quantity is overridden",
    );
    assert(values === null || values.every(Number.isFinite), "an override is a finite number");
    this.#override = values === null ? null : [...values];
    this.#refer();
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
    // An override takes the place of the agent that supplies the value, too.
    const missing = this.#override === null ? this.#referred?.failure ?? null : null;
    this.#sample.failure = this.#fault ?? (this.#isSupplied ? missing : "HARDWARE_ERROR");
  }

  /** Takes what is in force now, and whether that is anything. */
  #refer(): void {
    this.#nextUs = -1;
    this.#applyFailure();
  }

  #resample(timeUs: number): Sample {
    this.#measurement?.advanceTo(timeUs);
    this.#sampleCount++;
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
    if (this.#measurement === null) return this.#showReferred(sample);
    const { signal, capture } = this.#measurement;
    signal.read(capture.state, sample.timeUs, this.#truth);
    for (let axis = 0; axis < chains.length; axis++) {
      sample.values[axis] = chains[axis]!.read(this.#truth[axis]!, index);
    }
    return sample;
  }

  /** What an agent supplies is in force at once, not at the next multiple of the period only. */
  #showReferred(sample: { values: number[]; timeUs: number }): Sample {
    const { values, takenUs } = this.#referred!;
    values.forEach((value, axis) => sample.values[axis] = this.#chains[axis]!.quantiseWire(value));
    sample.timeUs = takenUs;
    return this.#sample;
  }
}
