// Bounds that the physics behind the sensors keeps whatever agents do: every signal is a number, and nothing gets
// colder than the coldest air or hotter than silicon survives.
import type { Sensor } from "../model/sensor.ts";

const CELSIUS = 2;
const TEMPERATURE_MIN_C = -60;
const TEMPERATURE_MAX_C = 300;

/** Judges the true values behind sensors; null = nothing is wrong. */
export function judgeHardware(
  sensors: readonly Sensor[],
  truth: (sensorId: number) => readonly number[],
): string | null {
  for (const [sensorId, { name, quantities }] of sensors.entries()) {
    for (const [axis, value] of truth(sensorId).entries()) {
      if (!Number.isFinite(value)) return `'${name}' is ${value}`;
      const isTemperature = quantities[axis]?.typeCode === CELSIUS;
      if (isTemperature && (value < TEMPERATURE_MIN_C || value > TEMPERATURE_MAX_C)) {
        return `'${name}' has ${value} degrees Celsius`;
      }
    }
  }
  return null;
}
