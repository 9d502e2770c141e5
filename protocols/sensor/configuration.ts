// Sensor protocol: switching sensors on and off, timestamps and update intervals. What one agent sets concerns its own
// updates and readings only: the sensor itself samples on. SCMI 4.7.2.10, 4.7.2.11.
import type { Interval, Intervals } from "../../scp/model/sensor.ts";
import { intervalUsOf } from "../intervals.ts";
import type { Handler } from "../protocol.ts";
import type { SensorContext } from "./context.ts";
import { ROUNDING } from "./messages.ts";
import type * as messages from "./messages.ts";
import { planUpdates } from "./readings.ts";
import { watchTripPoints } from "./trip_points.ts";

export const configGet: Handler<typeof messages.SENSOR_CONFIG_GET, SensorContext> = (params, context) => {
  const { isEnabled, hasTimestamps, interval } = context.stateOf(params.sensorId);
  return {
    config: {
      intervalMantissa: interval?.mantissa ?? 0,
      intervalExponent: interval?.exponent ?? 0,
      timestamps: hasTimestamps,
      enabled: isEnabled,
    },
  };
};

export const configSet: Handler<typeof messages.SENSOR_CONFIG_SET, SensorContext> = (params, context) => {
  const { config, sensorId } = params;
  const { intervalMantissa, intervalExponent, rounding } = config;
  const setsInterval = intervalMantissa !== 0 || intervalExponent !== 0;
  if (rounding > ROUNDING.platform) return "INVALID_PARAMETERS";
  if (setsInterval && intervalMantissa === 0) return "INVALID_PARAMETERS";
  const sensor = context.sensors[sensorId]!;
  if (config.timestamps && sensor.timestampExponent === null) return "NOT_SUPPORTED";
  const state = context.stateOf(sensorId);
  if (setsInterval) {
    const wanted = { mantissa: intervalMantissa, exponent: intervalExponent };
    const interval = chooseInterval(sensor.intervals, wanted, rounding);
    if (interval === null) return "NOT_SUPPORTED";
    state.interval = interval;
  }
  state.isEnabled = config.enabled;
  state.hasTimestamps = config.timestamps;
  planUpdates(context, sensorId);
  watchTripPoints(context, sensorId);
  return "SUCCESS";
};

/** The offered interval for a wanted one: rounded down, up, or (platform) to the nearest; null = there is none. */
function chooseInterval(intervals: Intervals, wanted: Interval, rounding: number): Interval | null {
  if (intervals.kind === "none") return null;
  const candidates = intervals.kind === "list"
    ? intervals.list
    : segmentNear(intervals, intervalUsOf(wanted));
  const wantedUs = intervalUsOf(wanted);
  let best: Interval | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const difference = intervalUsOf(candidate) - wantedUs;
    // Ten to a negative power is not exact in binary: equal intervals may differ in the last bits.
    const isSame = Math.abs(difference) <= wantedUs * 1e-9;
    if (!isSame && rounding === ROUNDING.down && difference > 0) continue;
    if (!isSame && rounding === ROUNDING.up && difference < 0) continue;
    const distance = Math.abs(difference);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** The steps of a segment on both sides of a wanted interval, and its ends. */
function segmentNear(segment: Extract<Intervals, { kind: "segment" }>, wantedUs: number): Interval[] {
  const lowestUs = intervalUsOf(segment.lowest);
  const stepUs = intervalUsOf(segment.step);
  const stepCount = Math.round((intervalUsOf(segment.highest) - lowestUs) / stepUs);
  const below = Math.floor((wantedUs - lowestUs) / stepUs);
  const near = [below, below + 1].filter((n) => n > 0 && n < stepCount).map((n) =>
    intervalOf(lowestUs + n * stepUs)
  );
  return [segment.lowest, ...near, segment.highest];
}

/** An interval in the fewest digits: the mantissa has 16 bits. */
function intervalOf(us: number): Interval {
  let mantissa = Math.round(us);
  let exponent = -6;
  while (mantissa > 0xffff || (mantissa % 10 === 0 && mantissa > 0)) {
    mantissa = Math.round(mantissa / 10);
    exponent++;
  }
  return { mantissa, exponent };
}
