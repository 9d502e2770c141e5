// A platform of sensors that no board has: every corner of the sensor contract at once (63 axes, no axes, segments,
// no intervals, 255 trip points, coarse and fine timestamps, values at the ends of their ranges), seen by agents of
// all rights.
import { NO_HARDWARE } from "../model/hardware.ts";
import type { Interval, Intervals, Quantity, Sample, SampleFailure, Sensor } from "../model/sensor.ts";
import { createPrng, gaussianAt, streamKey } from "../core/prng.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import type { Release } from "../../protocols/protocol.ts";
import { Machine } from "../server/machine.ts";
import type { FuzzPlatform } from "./in_process_target.ts";

/** The name that stands for it where boards are named. */
export const SYNTHETIC = "synthetic";

const MS = -3;
const SAFE_MAX = 2 ** 53 - 1;

/** A sensor whose samples are a function of time and seed. */
class SyntheticSensor implements Sensor {
  readonly isVector: boolean = false;
  readonly powerUw: number = 0;
  readonly hasExtendedAttributes: boolean = true;
  readonly tripPointCount: number = 2;
  readonly asyncLatencyUs: number | null = 2_000;
  readonly supportsContinuousUpdate: boolean = true;
  readonly timestampExponent: number | null = -6;
  readonly intervals: Intervals = { kind: "none" };
  readonly defaultInterval: Interval | null = null;
  readonly startsEnabled: boolean = true;
  readonly samplePeriodUs: number = 10_000;
  readonly quantities: readonly Quantity[];
  override: number | null = null;
  failure: SampleFailure | null = null;
  readonly #key: number;
  readonly #sample: { values: number[]; timeUs: number; failure: SampleFailure | null };

  constructor(
    readonly name: string,
    seed: number,
    axisNames: readonly string[] | null,
    changes: Partial<Sensor> = {},
  ) {
    Object.assign(this, changes);
    this.isVector = axisNames !== null;
    this.quantities = changes.quantities ?? (axisNames ?? [name]).map((each) => quantity(each));
    this.#key = streamKey(seed, name);
    this.#sample = { values: this.quantities.map(() => 0), timeUs: 0, failure: null };
  }

  sampleAt(timeUs: number): Sample {
    const sample = this.#sample;
    const index = Math.floor(timeUs / this.samplePeriodUs);
    sample.timeUs = index * this.samplePeriodUs;
    sample.failure = this.failure;
    for (const [axis, { minRange, maxRange }] of this.quantities.entries()) {
      const low = Math.max(Number(minRange), -SAFE_MAX);
      const high = Math.min(Number(maxRange), SAFE_MAX);
      const middle = this.override ?? (low / 2 + high / 2);
      const swing = this.override === null
        ? (high / 8 - low / 8) * gaussianAt(this.#key, index * 64 + axis)
        : 0;
      sample.values[axis] = Math.min(high, Math.max(low, Math.round(middle + swing)));
    }
    return sample;
  }
}

function quantity(name: string, min = -40_000n, max = 125_000n): Quantity {
  return {
    name,
    typeCode: 2,
    unitExponent: -3,
    resolution: { mantissa: 5, exponent: -1 },
    minRange: min,
    maxRange: max,
  };
}

function milliseconds(count: number): Interval {
  return { mantissa: count, exponent: MS };
}

function createSensors(seed: number): SyntheticSensor[] {
  const three = (prefix: string) => ["X", "Y", "Z"].map((axis) => `${prefix}_${axis}`);
  const many = Array.from({ length: 63 }, (_, axis) => `axis${axis}`);
  const list = [milliseconds(10), milliseconds(100), milliseconds(1000)];
  return [
    new SyntheticSensor("plain", seed, null, {
      intervals: { kind: "list", list },
      defaultInterval: milliseconds(100),
    }),
    new SyntheticSensor("accel", seed, three("accel"), {
      tripPointCount: 0,
      powerUw: 0xffff_ffff,
      intervals: {
        kind: "segment",
        lowest: milliseconds(5),
        highest: milliseconds(500),
        step: milliseconds(5),
      },
      defaultInterval: milliseconds(20),
    }),
    new SyntheticSensor(
      "a sensor with a name of the utmost length (63 characters).......".slice(0, 63),
      seed,
      null,
    ),
    new SyntheticSensor("bare", seed, null, {
      hasExtendedAttributes: false,
      tripPointCount: 0,
      asyncLatencyUs: null,
      supportsContinuousUpdate: false,
      timestampExponent: null,
    }),
    new SyntheticSensor("asleep", seed, null, { startsEnabled: false, timestampExponent: MS }),
    new SyntheticSensor("crowd", seed, many, { samplePeriodUs: 1_000, asyncLatencyUs: 0 }),
    new SyntheticSensor("long axes", seed, three("an axis with a long name"), {
      hasExtendedAttributes: false,
      timestampExponent: 0,
    }),
    new SyntheticSensor("alarms", seed, null, {
      tripPointCount: 255,
      samplePeriodUs: 50_000,
      asyncLatencyUs: 250_000,
    }),
    new SyntheticSensor("extremes", seed, null, {
      quantities: [quantity("extremes", -(2n ** 63n), 2n ** 63n - 1n)],
      timestampExponent: -9,
    }),
    new SyntheticSensor("constant", seed, null, {
      quantities: [quantity("constant", 7n, 7n)],
      intervals: { kind: "list", list: Array.from({ length: 300 }, (_, i) => milliseconds(5 + i)) },
      defaultInterval: milliseconds(7),
    }),
    new SyntheticSensor("one axis", seed, ["only"], { samplePeriodUs: 333_333, timestampExponent: 2 }),
  ];
}

/** Makes the platform at virtual time 0. */
export function createSyntheticPlatform(seed: number, release: Release): FuzzPlatform {
  const sensors = createSensors(seed);
  const names = sensors.map(({ name }) => name);
  const machine = new Machine({
    vendor: "fifteen letters",
    subVendor: "",
    implementationVersion: createPrng(seed, "implementation version").nextU32(),
    protocols: PROTOCOLS.flatMap((definition) => {
      const versionMax = definition.releases[release];
      return versionMax === null ? [] : [{ definition, versionMax }];
    }),
    devices: [
      { name: "first half", resources: { sensor: names.slice(0, 5) } },
      { name: "second half", resources: { sensor: names.slice(5) } },
      { name: "overlap", resources: { sensor: names.slice(3, 7) } },
      { name: "nothing", resources: {} },
    ],
    agents: [
      { name: "OSPM", isTrusted: true, view: { ...NO_HARDWARE, sensor: sensors } },
      { name: "VM1", isTrusted: false, view: { ...NO_HARDWARE, sensor: sensors.toReversed() } },
      { name: "BMC", isTrusted: true, view: { ...NO_HARDWARE, sensor: sensors.slice(0, 1) } },
      { name: "EMPTY", isTrusted: false, view: NO_HARDWARE },
    ],
  });
  return {
    machine,
    hardware: {
      sensorCount: sensors.length,
      override: (sensorId, value) => void (sensors[sensorId]!.override = value),
      setFault: (sensorId, failure) => void (sensors[sensorId]!.failure = failure),
    },
  };
}
