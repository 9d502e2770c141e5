// The sensors of the board under test as its file describes them, and the arithmetic between a physical value, the
// reading on the wire and what Linux shows: what the guest says is held against these, not against the simulator's code.

import type { SensorDescription } from "../../boards/sensor_description.ts";
import { rcarBoard } from "../../boards/rcar.ts";

/** The sensors of the board, in the order of their ids. */
export const BOARD_SENSORS: readonly SensorDescription[] = rcarBoard.sensors;

/** Returns a sensor of the board by its name. Throws when there is none. */
export function boardSensor(name: string): SensorDescription {
  const sensor = BOARD_SENSORS.find((one) => one.name === name);
  if (sensor === undefined) throw new Error(`the board has no sensor ${name}`);
  return sensor;
}

/** Tells whether Linux shows a sensor as a temperature. */
export function isTemperature(sensor: SensorDescription): boolean {
  return sensor.axes === null && sensor.typeCode === 2;
}

/** A value for a sensor to show, and the reading that stands for it on the wire. */
export interface ChosenValue {
  /** In the unit of the sensor. */
  readonly value: number;
  readonly reading: number;
}

/**
 * Returns a value at a share (0 to 1) of a sensor's range that its step and its reading both express exactly, so that
 * quantisation cannot blur what is compared.
 */
export function chooseValue(sensor: SensorDescription, share: number): ChosenValue {
  // A step may be a fraction of a count, as 62.5 thousandths are; ten steps never are.
  const gridExponent = sensor.step.exponent + 1;
  const grid = sensor.step.mantissa * 10 ** gridExponent;
  const wanted = sensor.rangeMin + (sensor.rangeMax - sensor.rangeMin) * share;
  const count = Math.round(wanted / grid);
  return readingOf(sensor, count * grid);
}

/** Returns a value with its reading. */
export function readingOf(sensor: SensorDescription, value: number): ChosenValue {
  return { value, reading: Math.round(value * 10 ** -sensor.unitExponent) };
}
