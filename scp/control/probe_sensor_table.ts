// The sensors of a probe as a table for people.
import type { ProbedSensor } from "./probe_sensors.ts";
import { printable, tripletText } from "./probe_tables.ts";
import { tableLines } from "./terminal.ts";

const HEADINGS = ["#ID", "SENSOR", "TYPE", "#READING", "UNIT", "RANGE", "STEP", "#TRIPS", "UPDATES"];

/** Writes the table; without sensors there is none. */
export function sensorLines(sensors: readonly ProbedSensor[]): string[] {
  if (sensors.length === 0) return [];
  const hasHidden = sensors.some(({ isEnabled, reading }) => isEnabled === false && reading === null);
  return [
    ...tableLines(HEADINGS, sensors.flatMap(sensorRows)),
    ...(hasHidden ? ["", "off: --enable switches such sensors on for the reading, and off again"] : []),
  ];
}

/** One row for a scalar sensor; one for a vector, and one for each of its axes. */
function sensorRows(sensor: ProbedSensor): string[][] {
  const { id, name, axes, isVector, isEnabled, reading, failure, tripPointCount } = sensor;
  const isOff = isEnabled === false && reading === null;
  const noReading = isOff ? "off" : failure ?? "?";
  const first = [`${id}`, printable(name)];
  const last = [`${tripPointCount}`, updatesText(sensor)];
  const cellsOf = (index: number) => {
    const axis = axes[index]!;
    const { range } = axis;
    return [
      axis.type,
      reading?.[index] ?? noReading,
      axis.unit,
      range === null ? "" : `${range.min} to ${range.max}`,
      range?.step ?? "",
    ];
  };
  if (!isVector && axes.length === 1) return [[...first, ...cellsOf(0), ...last]];
  return [
    [...first, `${axes.length} axes`, "", "", "", "", ...last],
    ...axes.map((axis, index) => ["", `  ${printable(axis.name)}`, ...cellsOf(index), "", ""]),
  ];
}

function updatesText({ intervals, supportsContinuousUpdate }: ProbedSensor): string {
  if (intervals === null) return supportsContinuousUpdate ? "yes" : "-";
  const offered = intervals.isSegment ? tripletText(intervals.seconds) : intervals.seconds.join(", ");
  return `${offered} s${supportsContinuousUpdate ? "" : ", no notifications"}`;
}
