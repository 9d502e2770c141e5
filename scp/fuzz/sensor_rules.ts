// What successful sensor commands tell has to be what the sensor is and what was set: descriptions, names,
// configuration.
import type { Values } from "../core/codec.ts";
import type { ChannelState, SensorSettings } from "./channel_state.ts";
import { judgeReadings } from "./reading_rules.ts";
import type { Understood } from "./refusals.ts";

const INTERVAL_MASK = 0xffff_f800;
const ENABLED = 1;
const TIMESTAMPS = 2;
const SHORT_NAME_LENGTH_MAX = 15;
/** Equal intervals in other digits differ in the last bits of a double. */
const SAME = 1e-9;

/** Judges and notes what a successful sensor command tells; null = nothing is wrong. */
export function judgeSensorReply(
  state: ChannelState,
  { schema, params }: Understood,
  values: Values,
  reply: Uint8Array,
  nowUs: number | null,
): string | null {
  const sensorId = params.sensorId as number;
  switch (schema.name) {
    case "SENSOR_READING_GET":
      return ((params.flags as number) & 1) !== 0
        ? null
        : judgeReadings(state, sensorId, values, nowUs, state.timestamps);
    case "SENSOR_CONFIG_SET":
      noteConfiguration(state.settingsOf(sensorId), params.config as number);
      return null;
    case "SENSOR_TRIP_POINT_CONFIG":
      noteTripPoint(state.settingsOf(sensorId), params.eventControl as number);
      return null;
    case "SENSOR_CONFIG_GET":
      return judgeConfiguration(
        state,
        sensorId,
        new DataView(reply.buffer, reply.byteOffset).getUint32(8, true),
      );
    case "SENSOR_DESCRIPTION_GET":
      return judgeDescriptions(state, params.index as number, values);
    default:
      return null;
  }
}

function judgeDescriptions(state: ChannelState, index: number, values: Values): string | null {
  const sensors = state.agent.view.sensor;
  const descriptors = values.descriptors as readonly Values[];
  for (const [i, { sensorId, name }] of descriptors.entries()) {
    const expected = sensors[index + i]?.name.slice(0, SHORT_NAME_LENGTH_MAX) ?? name;
    if (sensorId === index + i && name === expected) continue;
    return `sensor ${index + i} '${expected}' is described as ${sensorId} '${name}'`;
  }
  const { remaining } = values.counts as Record<string, number>;
  const total = index + descriptors.length + remaining!;
  const isWhole = !state.facts.isOurs || total === sensors.length;
  return isWhole ? null : `${total} sensors are described, there are ${sensors.length}`;
}

function noteTripPoint(settings: SensorSettings, eventControl: number): void {
  const id = (eventControl >>> 4) & 0xff;
  settings.tripDirections.set(id, (settings.tripDirections.get(id) ?? 0) | (eventControl & 3));
}

/** Judges which trip point a notification says was crossed; null = nothing is wrong. */
export function judgeTripPoint(state: ChannelState, sensorId: number, values: Values): string | null {
  const { isUpward, tripPointId } = values.tripPoint as { isUpward: boolean; tripPointId: number };
  const directions = state.settingsOf(sensorId).tripDirections.get(tripPointId) ?? 0;
  if ((directions & (isUpward ? 1 : 2)) !== 0) return null;
  return `trip point ${tripPointId} of sensor ${sensorId} was never set to tell of ${
    isUpward ? "up" : "down"
  }ward`;
}

function noteConfiguration(settings: SensorSettings, word: number): void {
  settings.isEnabled = (word & ENABLED) !== 0;
  settings.hasTimestamps = (word & TIMESTAMPS) !== 0;
  if ((word & INTERVAL_MASK) === 0) return;
  // A wanted interval is rounded to one the sensor has: the next answer tells which.
  settings.intervalWord = null;
  settings.wanted = { us: intervalUsOf(word), rounding: (word >>> 9) & 3 };
}

/** The update interval in a configuration word, us. */
export function intervalUsOf(word: number): number {
  return (word >>> 16) * 10 ** (((word << 16) >> 27) + 6);
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
  const us = intervalUsOf(word);
  const { wanted } = settings;
  if (wanted !== null && wanted.rounding === 0 && us > wanted.us * (1 + SAME)) {
    return `the interval of sensor ${sensorId} was to be rounded down from ${wanted.us} us and is ${us} us`;
  }
  if (wanted !== null && wanted.rounding === 1 && us < wanted.us * (1 - SAME)) {
    return `the interval of sensor ${sensorId} was to be rounded up from ${wanted.us} us and is ${us} us`;
  }
  Object.assign(settings, { isEnabled, hasTimestamps, intervalWord });
  return null;
}
