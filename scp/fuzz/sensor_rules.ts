// What is known of sensors beyond their declarations: readings stay in the sensor's range, timestamps never fall and are 0 while
// they are off, the configuration that was set is the one that is told, and a disabled sensor is not read.
import type { Values } from "../core/codec.ts";
import type { StatusName } from "../core/status.ts";
import type { Sensor } from "../model/sensor.ts";
import type { ChannelState } from "./channel_state.ts";
import type { Understood } from "./refusals.ts";

const INTERVAL_MASK = 0xffff_f800;
const ENABLED = 1;
const TIMESTAMPS = 2;
const V2 = 0x20000;

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
  const sensor: Sensor | undefined = state.agent.sensors[Number(sensorId)];
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

function judgeTimestamps(
  state: ChannelState,
  sensorId: number,
  readings: readonly Reading[],
  takenMaxUs: number | null,
  lastTimestamps: Map<number, number[]>,
): string | null {
  const settings = state.settingsOf(sensorId);
  const exponent = state.agent.sensors[sensorId]!.timestampExponent ?? 0;
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

/** Judges the status of a sensor command by what the sensor has been set to; null = nothing is wrong. */
export function judgeSensorStatus(
  state: ChannelState,
  understood: Understood,
  status: StatusName,
): string | null {
  const { schema, params } = understood;
  if (schema.name !== "SENSOR_READING_GET" || schema.since < V2) return null;
  const { isEnabled } = state.settingsOf(params.sensorId as number);
  if (isEnabled === false && status !== "PROTOCOL_ERROR") {
    return `the disabled sensor ${params.sensorId} answers ${status}`;
  }
  if (isEnabled === true && status === "PROTOCOL_ERROR") {
    return `the enabled sensor ${params.sensorId} is refused`;
  }
  return null;
}

/** Judges and notes what a successful sensor command tells; null = nothing is wrong. */
export function judgeSensorReply(
  state: ChannelState,
  understood: Understood,
  values: Values,
  reply: Uint8Array,
  nowUs: number | null,
): string | null {
  const { schema, params } = understood;
  const sensorId = params.sensorId as number;
  switch (schema.name) {
    case "SENSOR_READING_GET":
      return ((params.flags as number) & 1) !== 0
        ? null
        : judgeReadings(state, sensorId, values, nowUs, state.timestamps);
    case "SENSOR_CONFIG_SET":
      noteConfiguration(state, sensorId, params.config as number);
      return null;
    case "SENSOR_CONFIG_GET": {
      const word = new DataView(reply.buffer, reply.byteOffset).getUint32(8, true);
      return judgeConfiguration(state, sensorId, word);
    }
    default:
      return null;
  }
}

function noteConfiguration(state: ChannelState, sensorId: number, word: number): void {
  const settings = state.settingsOf(sensorId);
  settings.isEnabled = (word & ENABLED) !== 0;
  settings.hasTimestamps = (word & TIMESTAMPS) !== 0;
  // A wanted interval is rounded to one the sensor has: the next answer tells which.
  if ((word & INTERVAL_MASK) !== 0) settings.intervalWord = null;
}

function judgeConfiguration(state: ChannelState, sensorId: number, word: number): string | null {
  const settings = state.settingsOf(sensorId);
  const isEnabled = (word & ENABLED) !== 0;
  const hasTimestamps = (word & TIMESTAMPS) !== 0;
  const intervalWord = (word & INTERVAL_MASK) >>> 0;
  if (settings.isEnabled !== null && settings.isEnabled !== isEnabled) {
    return `sensor ${sensorId} was ${settings.isEnabled ? "enabled" : "disabled"} and tells the opposite`;
  }
  if (settings.hasTimestamps !== null && settings.hasTimestamps !== hasTimestamps) {
    return `timestamps of sensor ${sensorId} were turned ${
      settings.hasTimestamps ? "on" : "off"
    } without effect`;
  }
  if (settings.intervalWord !== null && settings.intervalWord !== intervalWord) {
    return `the update interval of sensor ${sensorId} changed from 0x${
      settings.intervalWord.toString(16)
    } to ` +
      `0x${intervalWord.toString(16)} by itself`;
  }
  state.settings.set(sensorId, { isEnabled, hasTimestamps, intervalWord });
  return null;
}
