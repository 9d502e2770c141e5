// The telemetry part of a probe, version 1.0, a draft: data events with their groups, the intervals, and the
// ways of collecting. It switches nothing on, as other agents of the platform may collect.
import * as telemetry from "../../protocols/telemetry/messages.ts";
import { printable, tripletText } from "./probe_tables.ts";
import type { Prober } from "./prober.ts";
import { sensorUnit } from "./sensor_units.ts";
import { alikeLines } from "./terminal.ts";

/** What was found of a data event. */
export interface ProbedDataEvent {
  readonly id: number;
  /** Empty when it has none. */
  readonly name: string;
  /** null = it is in no group. */
  readonly groupId: number | null;
  readonly unitCode: number;
  readonly unitExponent: number;
  readonly hasTimestamps: boolean;
}

/** What was found of telemetry. */
export interface ProbedTelemetry {
  readonly dataEvents: readonly ProbedDataEvent[];
  readonly groupCount: number;
  readonly areas: readonly { readonly id: number; readonly address: string; readonly size: number }[];
  readonly supportsUpdates: boolean;
  readonly supportsSingleReads: boolean;
  /** Seconds: lowest, highest and step of a segment, else all there are. */
  readonly intervals: { readonly isSegment: boolean; readonly seconds: readonly number[] };
}

const TELEMETRY = telemetry.TELEMETRY_MESSAGES.id;
/** Counts are words of 32 bits; nothing has more of them than 16 bits can tell as remaining. */
const COUNT_MAX = 0xffff;

/** Asks for all that can be collected; null = the platform does not tell. */
export async function probeTelemetry(prober: Prober): Promise<ProbedTelemetry | null> {
  const told = await prober.call(TELEMETRY, telemetry.TELEMETRY_PROTOCOL_ATTRIBUTES, {}, "telemetry");
  if (told === null) return null;
  const { areas, supportsSingleReads, supportsUpdates } = told.attributes;
  const described = await prober.gather(Math.min(told.dataEventCount, COUNT_MAX), async (index) => {
    const page = await prober.call(TELEMETRY, telemetry.TELEMETRY_DE_DESCRIPTION, { index });
    return page === null ? null : { items: page.dataEvents, remaining: page.counts.remaining };
  });
  const foundAreas = await prober.gather(areas, async (index) => {
    const page = await prober.call(TELEMETRY, telemetry.TELEMETRY_LIST_SHMTI, { index });
    return page === null ? null : { items: page.areas, remaining: page.counts.remaining };
  });
  return {
    dataEvents: described.map(({ dataEventId, groupId, name, attributes }) => ({
      id: dataEventId,
      name,
      groupId: groupId === telemetry.NONE ? null : groupId,
      unitCode: attributes.unitCode,
      unitExponent: attributes.unitExponent,
      hasTimestamps: attributes.hasLineTimestamp || attributes.hasBlockTimestamp,
    })),
    groupCount: told.groupCount,
    areas: foundAreas.map(({ areaId, addressLow, addressHigh, size }) => ({
      id: areaId,
      address: `0x${(BigInt(addressHigh) << 32n | BigInt(addressLow)).toString(16)}`,
      size,
    })),
    supportsUpdates,
    supportsSingleReads,
    intervals: await listIntervals(prober),
  };
}

async function listIntervals(prober: Prober): Promise<ProbedTelemetry["intervals"]> {
  let isSegment = false;
  const seconds = await prober.gather(COUNT_MAX, async (index) => {
    const params = { index, groupId: telemetry.NONE, flags: { selector: telemetry.SELECTOR.all } };
    const page = await prober.call(TELEMETRY, telemetry.TELEMETRY_LIST_UPDATE_INTERVALS, params);
    if (page === null) return null;
    isSegment ||= page.counts.isSegment;
    const items = page.intervals.map(({ interval: { rateMantissa, rateExponent } }) =>
      Number(`${rateMantissa}e${rateExponent}`)
    );
    return { items, remaining: page.counts.remaining };
  });
  return { isSegment, seconds };
}

/** Writes data events, those that are collected alike together. */
export function telemetryLines(found: ProbedTelemetry | null): string[] {
  if (found === null) return [];
  const { areas, dataEvents, intervals, supportsSingleReads, supportsUpdates } = found;
  const ways = [
    ...areas.map(({ address, size }) => `an area of ${size} bytes at ${address}`),
    ...supportsUpdates ? ["updates"] : [],
    ...supportsSingleReads ? ["single reads"] : [],
  ];
  const offered = intervals.isSegment
    ? `${tripletText(intervals.seconds.map(String))} s`
    : intervals.seconds.length === 0
    ? "no intervals"
    : `${intervals.seconds.join(", ")} s`;
  return [
    `telemetry by ${ways.join(", ") || "nothing"}; ${offered}`,
    ...alikeLines(
      "data event",
      dataEvents.map((each) => ({ ...each, name: printable(each.name) })),
      (each) =>
        [
          `${sensorUnit(each.unitCode).type} in 10^${each.unitExponent} ${sensorUnit(each.unitCode).unit}`
            .trim(),
          each.groupId === null ? "in no group" : `in group ${each.groupId}`,
          each.hasTimestamps ? "with timestamps" : "without timestamps",
        ].join(", "),
    ),
  ];
}
