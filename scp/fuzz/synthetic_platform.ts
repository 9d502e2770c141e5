// A platform that no board is: every corner of the sensor contract at once (63 axes, no axes, segments, no intervals, 255
// trip points, coarse and fine timestamps, values at the ends of their ranges) with the hardware of `synthetic_board.ts`,
// seen by agents of all rights.
import { defineBoard } from "../../boards/board.ts";
import { byKind, HARDWARE_KINDS } from "../core/resources.ts";
import { Timeline } from "../core/timeline.ts";
import { type HardwareView, NO_HARDWARE } from "../model/hardware.ts";
import { checkInvariants } from "../model/invariants.ts";
import { createModel } from "../model/model.ts";
import type { Interval, Intervals, Quantity, Sample, SampleFailure, Sensor } from "../model/sensor.ts";
import { createPrng, gaussianAt, streamKey } from "../core/prng.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import type { Release } from "../../protocols/protocol.ts";
import type { Device } from "../server/agents.ts";
import { Machine } from "../server/machine.ts";
import type { ViewRights } from "../server/rights.ts";
import { joinModel } from "../control/platform.ts";
import type { FuzzPlatform } from "./in_process_target.ts";
import { SYNTHETIC_BOARD } from "./synthetic_board.ts";

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
  readonly supplier = null;
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

/** The agents' views: everything, everything in another order, a little of each kind, nothing, and what firmware has. */
function viewsOf(everything: HardwareView): Readonly<Record<string, HardwareView>> {
  return {
    OSPM: everything,
    VM1: changeEach(everything, (all) => all.toReversed()),
    BMC: changeEach(everything, (all) => all.slice(0, 1)),
    EMPTY: NO_HARDWARE,
    PSCI: { ...everything, sensor: [], pin: [], pinGroup: [], pinFunction: [] },
  };
}

/** Rights of the agents that may not do everything with what they see. */
function rightsOf(
  everything: HardwareView,
  views: Readonly<Record<string, HardwareView>>,
): Readonly<Record<string, { readonly rights: ViewRights }>> {
  const nothing = byKind(() => null);
  const everySecond = byKind((kind) =>
    Uint8Array.from({ length: views.VM1![kind].length }, (_, id) => id & 1)
  );
  return {
    VM1: { rights: { readOnly: everySecond, knownCounts: null, mayUse: null } },
    BMC: {
      rights: { readOnly: nothing, knownCounts: byKind((kind) => everything[kind].length), mayUse: null },
    },
    PSCI: {
      rights: {
        readOnly: nothing,
        knownCounts: null,
        mayUse: (protocolName, commandName) =>
          protocolName !== "performance" || commandName.startsWith("PERFORMANCE_DESCRIBE"),
      },
    },
  };
}

function changeEach(
  view: HardwareView,
  change: (all: readonly unknown[]) => readonly unknown[],
): HardwareView {
  const changed = Object.entries(view).map(([kind, all]) => [kind, change(all)]);
  return Object.fromEntries(changed) as unknown as HardwareView;
}

/** Devices that split the hardware of each kind in two, one that overlaps them, and one of nothing. */
function devicesOf(view: HardwareView): Device[] {
  const part = (name: string, take: (names: string[]) => string[]): Device => ({
    name,
    resources: Object.fromEntries(
      HARDWARE_KINDS.map((kind) => [kind, take(view[kind].map((each) => each.name))]),
    ),
  });
  return [
    part("first half", (names) => names.slice(0, names.length >> 1)),
    part("second half", (names) => names.slice(names.length >> 1)),
    part("overlap", (names) => names.slice(1, 4)),
    { name: "nothing", resources: {} },
  ];
}

/** Makes the platform at virtual time 0. */
export function createSyntheticPlatform(seed: number, release: Release): FuzzPlatform {
  const board = defineBoard(SYNTHETIC_BOARD);
  const timeline = new Timeline();
  const model = createModel(board, { seed, scheduler: timeline });
  const measuring = createSensors(seed);
  const sensors: readonly Sensor[] = [...measuring, ...model.sensors];
  const everything: HardwareView = { ...model.view, sensor: sensors };
  const views = viewsOf(everything);
  const rights = rightsOf(everything, views);
  const machine = new Machine({
    vendor: board.identity.vendor,
    subVendor: board.identity.subVendor,
    implementationVersion: createPrng(seed, "implementation version").nextU32(),
    protocols: PROTOCOLS.flatMap((definition) => {
      const versionMax = definition.releases[release];
      return versionMax === null ? [] : [{ definition, versionMax }];
    }),
    devices: devicesOf(everything),
    agents: board.agents.map(({ name, isTrusted, mediation, onVanish }, index) => ({
      name,
      supplier: model.supplierOf(index + 1),
      isTrusted,
      mediation,
      onVanish,
      view: views[name]!,
      ...rights[name],
    })),
  }, timeline);
  joinModel(machine, model);
  return {
    machine,
    hardware: {
      sensors,
      override(sensorId, value) {
        const supplied = sensorId - measuring.length;
        if (supplied < 0) measuring[sensorId]!.override = value;
        else if (value === null) model.release(supplied);
        else model.override(supplied, sensors[sensorId]!.quantities.map(() => value));
      },
      setFault(sensorId, failure) {
        const supplied = sensorId - measuring.length;
        if (supplied < 0) measuring[sensorId]!.failure = failure;
        else model.setFault(supplied, failure);
      },
      // Sensors that measure nothing have no truth.
      truth: (sensorId) => sensorId < measuring.length ? [] : model.truth(sensorId - measuring.length),
      checkInvariants: () => checkInvariants(model),
      listenResets: (listener) => void model.systemPower?.listenResets(listener),
    },
  };
}
