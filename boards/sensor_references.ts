// What has to hold for a board's sensors beyond their shape: ids without gaps, unique names, signals that exist and fit,
// ranges that fit the wire, intervals that agents (Linux' IIO driver among them) can work with.
import type { Complaints } from "./complaints.ts";
import type { Decimal, IntervalPlan, SensorInput } from "./sensor_description.ts";
import { canBeOneOf } from "./part_names.ts";
import type { SignalShape } from "./signals.ts";

/** Readings are kept as exact whole numbers of this size. */
const READING_MAX = 2 ** 53;

/** Lists what is wrong with the sensors of a board; null = its shape is wrong, which has been told. */
export function checkSensors(
  sensors: readonly (SensorInput | null)[],
  signals: ReadonlyMap<string, SignalShape>,
  agentNames: readonly (string | null)[],
  complaints: Complaints,
): void {
  const agents = new Set(agentNames);
  complaints.checkIds("sensors", sensors);
  sensors.forEach((sensor, index) => {
    if (sensor === null) return;
    const path = `sensors[${index}]`;
    const axes = sensor.axes ?? null;
    if (axes !== null) complaints.checkUnique(axes, (place) => `${path}.axes[${place}]`);
    const { signal = null, suppliedBy = null } = sensor;
    if ((signal === null) === (suppliedBy === null)) {
      const both = signal === null ? "neither" : "both";
      complaints.add(
        path,
        `Expected a signal that it reads, or suppliedBy with the name of an agent; got ${both}`,
      );
    } else if (suppliedBy !== null) checkSupply(sensor, suppliedBy, path, agents, complaints);
    else checkSignal(sensor, signal!, path, signals, complaints);
    checkRange(sensor, path, complaints);
    checkIntervals(sensor, path, complaints);
  });
}

/** The unit and the axes of what an agent supplies are what the board says. */
function checkSupply(
  sensor: SensorInput,
  agent: string,
  path: string,
  agents: ReadonlySet<string | null>,
  complaints: Complaints,
): void {
  if (!canBeOneOf(agent, agents)) complaints.add(`${path}.suppliedBy`, `No agent ${agent}`);
  if (Object.values(sensor.errors ?? {}).some((term) => term !== null && term !== 0)) {
    complaints.add(`${path}.errors`, "Expected none, as those of a supplied value are its supplier's");
  }
}

function checkSignal(
  sensor: SensorInput,
  signal: string,
  path: string,
  signals: ReadonlyMap<string, SignalShape>,
  complaints: Complaints,
): void {
  const axes = sensor.axes ?? null;
  if ((sensor.staleAfterMs ?? null) !== null) {
    complaints.add(`${path}.staleAfterMs`, "Expected none, as nobody supplies a sensor that has a signal");
  }
  const shape = signals.get(signal);
  if (shape === undefined) {
    complaints.add(
      `${path}.signal`,
      `No signal ${signal}; this board has ${alike(signal, signals)}`,
    );
    return;
  }
  if (sensor.typeCode !== shape.typeCode) {
    complaints.add(
      `${path}.typeCode`,
      `Expected ${shape.typeCode}, the unit of ${signal}; got ${sensor.typeCode}`,
    );
  }
  if (shape.width === 1 && axes !== null) {
    complaints.add(`${path}.axes`, `Expected none, as ${signal} has one component`);
  }
  if (shape.width > 1 && axes?.length !== shape.width) {
    complaints.add(
      `${path}.axes`,
      `Expected ${shape.width} names, as ${signal} has ${shape.width} components`,
    );
  }
}

/** Returns the signals that begin like the given name, or all. */
function alike(name: string, signals: ReadonlyMap<string, SignalShape>): string {
  const start = name.split(".")[0]!;
  const names = [...signals.keys()];
  const close = names.filter((other) => other.startsWith(`${start}.`));
  return (close.length > 0 ? close : names).join(", ");
}

function checkRange(sensor: SensorInput, path: string, complaints: Complaints): void {
  if (sensor.rangeMin >= sensor.rangeMax) {
    complaints.add(
      `${path}.rangeMax`,
      `Expected more than rangeMin, ${sensor.rangeMin}; got ${sensor.rangeMax}`,
    );
  }
  for (const end of ["rangeMin", "rangeMax"] as const) {
    const reading = Math.abs(sensor[end]) / 10 ** sensor.unitExponent;
    if (reading > READING_MAX) {
      complaints.add(
        `${path}.${end}`,
        `Too large for unitExponent ${sensor.unitExponent}: a reading would be ${
          reading.toExponential(1)
        }, beyond 2^53`,
      );
    }
  }
  const step = sensor.step.mantissa * 10 ** sensor.step.exponent;
  if (step > sensor.rangeMax - sensor.rangeMin && sensor.rangeMin < sensor.rangeMax) {
    complaints.add(`${path}.step`, `Expected a step within the range, got ${step}`);
  }
  if (step > 0 && step < 10 ** sensor.unitExponent * 0.999) {
    complaints.add(
      `${path}.step`,
      `Finer than a reading can tell with unitExponent ${sensor.unitExponent}; got ${step}`,
    );
  }
}

function checkIntervals(sensor: SensorInput, path: string, complaints: Complaints): void {
  const intervals: IntervalPlan = sensor.intervals ?? { kind: "none" };
  const initial = sensor.defaultInterval ?? null;
  if (intervals.kind === "none") {
    if (initial !== null) {
      complaints.add(`${path}.defaultInterval`, "Expected none, as there are no intervals");
    }
    if ((sensor.axes ?? null) !== null && (sensor.supportsContinuousUpdate ?? false)) {
      complaints.add(
        `${path}.intervals`,
        "Expected intervals, as Linux divides by those of a three-axis sensor",
      );
    }
    return;
  }
  if (intervals.kind === "segment" && secondsOf(intervals.lowest) > secondsOf(intervals.highest)) {
    complaints.add(`${path}.intervals.highest`, "Expected no less than lowest");
  }
  if (initial !== null && !isOffered(initial, intervals)) {
    complaints.add(`${path}.defaultInterval`, "Expected one of the intervals");
  }
}

/** Tells whether an interval is in the list, or inside the segment. */
function isOffered(interval: Decimal, intervals: IntervalPlan): boolean {
  const seconds = secondsOf(interval);
  const isSame = (other: Decimal) => Math.abs(secondsOf(other) - seconds) <= seconds * 1e-9;
  switch (intervals.kind) {
    case "none":
      return false;
    case "list":
      return intervals.list.some(isSame);
    case "segment":
      return (secondsOf(intervals.lowest) <= seconds && seconds <= secondsOf(intervals.highest)) ||
        isSame(intervals.lowest) || isSame(intervals.highest);
  }
}

function secondsOf(interval: Decimal): number {
  return interval.mantissa * 10 ** interval.exponent;
}
