// The sensors of a board as a table for people.
import type { Decimal, SensorDescription } from "../../boards/sensor_description.ts";
import { decimalText, sensorUnit } from "./sensor_units.ts";
import { tableLines } from "./terminal.ts";

const HEADINGS = [
  "#ID",
  "SENSOR",
  "TYPE",
  "UNIT",
  "RANGE",
  "STEP",
  "SAMPLED",
  "#TRIPS",
  "UPDATE INTERVALS",
  "SIGNAL OR SUPPLIER",
];

/** Writes the table. */
export function sensorTable(sensors: readonly SensorDescription[]): string[] {
  return tableLines(HEADINGS, sensors.map(sensorCells));
}

function sensorCells(sensor: SensorDescription): string[] {
  const { type, unit } = sensorUnit(sensor.typeCode);
  return [
    `${sensor.id}`,
    sensor.name,
    sensor.axes === null ? type : `${type}, axes ${sensor.axes.join(" ")}`,
    `${unit} x 10^${sensor.unitExponent}`.trim(),
    `${sensor.rangeMin} to ${sensor.rangeMax}`,
    decimal(sensor.step),
    `${sensor.samplePeriodUs / 1000} ms`,
    `${sensor.tripPointCount}`,
    intervalsText(sensor),
    sourceText(sensor),
  ];
}

function sourceText({ signal, suppliedBy, staleAfterMs }: SensorDescription): string {
  if (signal !== null) return signal;
  return `agent ${suppliedBy}${staleAfterMs === null ? "" : `, stale after ${staleAfterMs} ms`}`;
}

function intervalsText({ intervals, defaultInterval }: SensorDescription): string {
  if (intervals.kind === "none" || defaultInterval === null) return "-";
  const offered = intervals.kind === "list"
    ? intervals.list.map(decimal).join(", ")
    : `${decimal(intervals.lowest)} to ${decimal(intervals.highest)} by ${decimal(intervals.step)}`;
  return `${offered} s, default ${decimal(defaultInterval)} s`;
}

function decimal({ mantissa, exponent }: Decimal): string {
  const text = decimalText(mantissa, exponent);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
