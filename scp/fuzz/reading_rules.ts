// Rules of readings, however they come (response, delayed response, notification): within the sensor's range, one for
// each axis, timestamps that never fall, are 0 while they are off and are not of the future.
import type { Values } from "../core/codec.ts";
import type { Sensor } from "../model/sensor.ts";
import type { ChannelState } from "./channel_state.ts";

/** What is wrong with a message, and by which rule; null = nothing. */
export type Complaint = { readonly rule: string; readonly problem: string } | null;

interface Reading {
  readonly value: number;
  readonly timestamp: number;
}

/**
 * Judges a message that tells readings of a sensor, if it does; null = nothing is wrong. `takenMaxUs` is the virtual time
 * now. Version 1.0 knows one value, whatever axes the sensor has.
 */
export function judgeReadings(
  state: ChannelState,
  sensorId: unknown,
  values: Values,
  takenMaxUs: number | null,
  lastTimestamps: Map<number, number[]>,
): string | null {
  const sensor: Sensor | undefined = state.agent.view.sensor[Number(sensorId)];
  if (typeof sensorId !== "number" || sensor === undefined) return null;
  const isV1 = typeof values.value === "number";
  if (!isV1 && !Array.isArray(values.readings)) return null;
  const readings: readonly Reading[] = isV1
    ? [{ value: values.value as number, timestamp: 0 }]
    : values.readings as readonly Reading[];
  const valueCount = isV1 ? 1 : sensor.quantities.length;
  if (readings.length !== valueCount) {
    return `sensor ${sensorId} has ${valueCount} values, not ${readings.length}`;
  }
  for (const [axis, { value }] of readings.entries()) {
    const { minRange, maxRange } = sensor.quantities[axis]!;
    if (value < minRange || value > maxRange) {
      return `sensor ${sensorId} reads ${value}, outside its range ${minRange} to ${maxRange}`;
    }
  }
  return judgeTimestamps(state, sensorId, readings, takenMaxUs, lastTimestamps);
}

/** Judges the readings in a message of the platform's own, if there are any. */
export function judgeReadingsIn(
  state: ChannelState,
  values: Values,
  takenMaxUs: number | null,
  lastTimestamps: Map<number, number[]>,
): Complaint {
  const problem = judgeReadings(state, values.sensorId, values, takenMaxUs, lastTimestamps);
  return problem === null ? null : { rule: "reading", problem };
}

function judgeTimestamps(
  state: ChannelState,
  sensorId: number,
  readings: readonly Reading[],
  takenMaxUs: number | null,
  lastTimestamps: Map<number, number[]>,
): string | null {
  const settings = state.settingsOf(sensorId);
  const exponent = state.agent.view.sensor[sensorId]!.timestampExponent ?? 0;
  const last = lastTimestamps.get(sensorId) ?? [];
  for (const [axis, { timestamp }] of readings.entries()) {
    if (timestamp === 0) continue;
    if (settings.hasTimestamps === false && !state.mayHoldBack) {
      return `sensor ${sensorId} has timestamps off and tells ${timestamp}`;
    }
    if (timestamp < (last[axis] ?? 0)) {
      return `the timestamp of sensor ${sensorId} falls from ${last[axis]} to ${timestamp}`;
    }
    const takenUs = timestamp * 10 ** (exponent + 6);
    if (takenMaxUs !== null && takenUs > takenMaxUs * (1 + 1e-9)) {
      return `sensor ${sensorId} tells of ${takenUs} us at ${takenMaxUs} us`;
    }
    last[axis] = timestamp;
  }
  lastTimestamps.set(sensorId, last);
  return null;
}
