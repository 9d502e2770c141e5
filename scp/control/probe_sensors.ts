// The sensor part of a probe: descriptors, names, axes, update intervals and one reading of each sensor, in
// the layouts of versions 1.0 to 3.1; a newer version is taken for the newest known.
import * as sensor from "../../protocols/sensor/messages.ts";
import { SENSOR_COUNT_MAX } from "../core/limits.ts";
import type { Prober } from "./prober.ts";
import { decimalText, sensorUnit } from "./sensor_units.ts";

/** One value of a sensor's reading: the sensor itself, or one of its axes. */
export interface ProbedAxis {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly unitExponent: number;
  /** In the unit, as decimal text; null = not told. */
  readonly range: { readonly min: string; readonly max: string; readonly step: string } | null;
}

/** What was found of a sensor. */
export interface ProbedSensor {
  readonly id: number;
  readonly name: string;
  readonly typeCode: number;
  /** A scalar sensor has one, named like itself. */
  readonly axes: readonly ProbedAxis[];
  readonly isVector: boolean;
  readonly tripPointCount: number;
  readonly supportsAsync: boolean;
  readonly supportsContinuousUpdate: boolean;
  readonly hasTimestamps: boolean;
  /** Update intervals in seconds; of a segment: lowest, highest, step. Null = none told. */
  readonly intervals: { readonly isSegment: boolean; readonly seconds: readonly string[] } | null;
  /** Whether it is switched on; null = not told. Version 1.0 has no switch. */
  readonly isEnabled: boolean | null;
  /** In the unit of each axis, as decimal text. Null = see `failure`. */
  readonly reading: readonly string[] | null;
  /** Status of the reading when there is none. */
  readonly failure: string | null;
}

const SENSOR = sensor.SENSOR_MESSAGES.id;
/** Bounds for lists that a platform could make endless. */
const AXIS_COUNT_MAX = 63;
const INTERVAL_COUNT_MAX = 4096;
const NEWEST = 0x30001;

/** A descriptor, whatever its layout. */
interface Descriptor {
  readonly sensorId: number;
  readonly name: string;
  readonly typeCode: number;
  readonly unitExponent: number;
  readonly isVector: boolean;
  readonly hasExtendedName: boolean;
  readonly tripPointCount: number;
  readonly supportsAsync: boolean;
  readonly supportsContinuousUpdate: boolean;
  readonly hasTimestamps: boolean;
  readonly range: ProbedAxis["range"];
  /** Version 1.0 tells one interval here. */
  readonly interval: string | null;
}

/** Asks for everything about all sensors; `version` null = the newest. */
export async function probeSensors(prober: Prober, version: number | null): Promise<ProbedSensor[]> {
  const layout = version ?? NEWEST;
  const attributes = await prober.call(SENSOR, sensor.SENSOR_PROTOCOL_ATTRIBUTES, {}, "sensor");
  const expectedCount = Math.min(attributes?.attributes.sensorCount ?? 0, SENSOR_COUNT_MAX);
  const isFirst = layout <= sensor.SENSOR_DESCRIPTION_GET_V1.until;
  const describe = isFirst ? describeV1 : describeSince2;
  const sensors: ProbedSensor[] = [];
  for (let index = 0; index < expectedCount && !prober.isLost;) {
    const page = await describe(prober, index);
    if (page === null || page.length === 0) {
      if (page !== null) {
        prober.note(`SENSOR_DESCRIPTION_GET: ends after ${index} of ${expectedCount} sensors`);
      }
      break;
    }
    index += page.length;
    for (const descriptor of page) {
      sensors.push(await (isFirst ? probeV1(prober, descriptor) : probeSince2(prober, descriptor, layout)));
    }
  }
  return sensors;
}

async function describeV1(prober: Prober, index: number): Promise<Descriptor[] | null> {
  const page = await prober.call(
    SENSOR,
    sensor.SENSOR_DESCRIPTION_GET_V1,
    { index },
    `sensor ${index} onwards`,
  );
  return page?.descriptors.slice(0, page.counts.returned).map((descriptor) => {
    const { intervalMantissa, intervalExponent, unitExponent, typeCode } = descriptor.attributesHigh;
    return {
      sensorId: descriptor.sensorId,
      name: descriptor.name,
      typeCode,
      unitExponent,
      isVector: false,
      hasExtendedName: false,
      tripPointCount: descriptor.attributesLow.tripPointCount,
      supportsAsync: descriptor.attributesLow.supportsAsync,
      supportsContinuousUpdate: false,
      hasTimestamps: false,
      range: null,
      interval: intervalMantissa === 0 ? null : decimalText(intervalMantissa, intervalExponent),
    };
  }) ?? null;
}

async function describeSince2(prober: Prober, index: number): Promise<Descriptor[] | null> {
  const page = await prober.call(SENSOR, sensor.SENSOR_DESCRIPTION_GET, { index }, `sensor ${index} onwards`);
  return page?.descriptors.slice(0, page.counts.returned).map((descriptor) => {
    const { attributesLow, attributesHigh } = descriptor;
    const hasRange = attributesLow.hasExtendedAttributes && !attributesHigh.isVector;
    return {
      sensorId: descriptor.sensorId,
      name: descriptor.name,
      typeCode: attributesHigh.typeCode,
      unitExponent: attributesHigh.unitExponent,
      isVector: attributesHigh.isVector,
      hasExtendedName: attributesLow.hasExtendedName,
      tripPointCount: attributesLow.tripPointCount,
      supportsAsync: attributesLow.supportsAsync,
      supportsContinuousUpdate: attributesLow.supportsContinuousUpdate,
      hasTimestamps: attributesLow.hasTimestamps,
      range: hasRange ? rangeOf(descriptor, attributesHigh.unitExponent) : null,
      interval: null,
    };
  }) ?? null;
}

async function probeV1(prober: Prober, descriptor: Descriptor): Promise<ProbedSensor> {
  const { sensorId, unitExponent, interval } = descriptor;
  const params = { sensorId, flags: { async: false } };
  const reading = await prober.tryCall(SENSOR, sensor.SENSOR_READING_GET_V1, params);
  return {
    ...commonOf(descriptor, descriptor.name),
    axes: [axisOf(descriptor.name, descriptor.typeCode, unitExponent, null)],
    intervals: interval === null ? null : { isSegment: false, seconds: [interval] },
    isEnabled: null,
    reading: reading.ok ? [decimalText(reading.values.value, unitExponent)] : null,
    failure: reading.ok ? null : reading.status,
  };
}

async function probeSince2(prober: Prober, descriptor: Descriptor, version: number): Promise<ProbedSensor> {
  const { sensorId, typeCode, unitExponent, isVector } = descriptor;
  const name = await nameOf(prober, descriptor, version);
  const axes = isVector
    ? await probeAxes(prober, sensorId, name, version)
    : [axisOf(name, typeCode, unitExponent, descriptor.range)];
  const config = await prober.call(SENSOR, sensor.SENSOR_CONFIG_GET, { sensorId }, name);
  const isEnabled = config?.config.enabled ?? null;
  const switchesOn = isEnabled === false && prober.options.enables;
  if (switchesOn) await setEnabled(prober, sensorId, name, config?.config.timestamps ?? false, true);
  const reading = await readSensor(prober, sensorId, axes, unitExponent);
  if (switchesOn) await setEnabled(prober, sensorId, name, config?.config.timestamps ?? false, false);
  return {
    ...commonOf(descriptor, name),
    axes,
    intervals: await probeIntervals(prober, sensorId, name),
    isEnabled,
    ...reading,
  };
}

function commonOf(descriptor: Descriptor, name: string) {
  const {
    sensorId: id,
    typeCode,
    isVector,
    tripPointCount,
    supportsAsync,
    supportsContinuousUpdate,
    hasTimestamps,
  } = descriptor;
  return {
    id,
    name,
    typeCode,
    isVector,
    tripPointCount,
    supportsAsync,
    supportsContinuousUpdate,
    hasTimestamps,
  };
}

async function nameOf(prober: Prober, descriptor: Descriptor, version: number): Promise<string> {
  if (!descriptor.hasExtendedName || version < sensor.SENSOR_NAME_GET.since) return descriptor.name;
  const { sensorId, name } = descriptor;
  return (await prober.call(SENSOR, sensor.SENSOR_NAME_GET, { sensorId }, name))?.name ?? name;
}

async function readSensor(
  prober: Prober,
  sensorId: number,
  axes: readonly ProbedAxis[],
  unitExponent: number,
): Promise<Pick<ProbedSensor, "reading" | "failure">> {
  const params = { sensorId, flags: { async: false } };
  const result = await prober.tryCall(SENSOR, sensor.SENSOR_READING_GET, params);
  if (!result.ok) return { reading: null, failure: result.status };
  const { readings } = result.values;
  const reading = readings.map(({ value }, i) => decimalText(value, axes[i]?.unitExponent ?? unitExponent));
  return { reading, failure: null };
}

/** Switches a sensor; update interval 0 leaves the interval as it is. */
async function setEnabled(
  prober: Prober,
  sensorId: number,
  name: string,
  timestamps: boolean,
  enabled: boolean,
): Promise<void> {
  const config = {
    intervalMantissa: 0,
    intervalExponent: 0,
    rounding: sensor.ROUNDING.down,
    timestamps,
    enabled,
  };
  await prober.call(SENSOR, sensor.SENSOR_CONFIG_SET, { sensorId, config }, name);
}

async function probeAxes(
  prober: Prober,
  sensorId: number,
  name: string,
  version: number,
): Promise<ProbedAxis[]> {
  const axes: { axis: ProbedAxis; id: number; hasExtendedName: boolean }[] = [];
  for (let remaining = 1; remaining > 0 && axes.length < AXIS_COUNT_MAX;) {
    const params = { sensorId, index: axes.length };
    const page = await prober.call(SENSOR, sensor.SENSOR_AXIS_DESCRIPTION_GET, params, name);
    const found = page?.axes.slice(0, page.counts.returned) ?? [];
    for (const { axisId: id, attributesLow, attributesHigh, ...rest } of found) {
      const { typeCode, unitExponent } = attributesHigh;
      const range = attributesLow.hasExtendedAttributes ? rangeOf(rest, unitExponent) : null;
      const axis = axisOf(rest.name, typeCode, unitExponent, range);
      axes.push({ axis, id, hasExtendedName: attributesLow.hasExtendedName });
    }
    remaining = found.length === 0 ? 0 : page?.counts.remaining ?? 0;
  }
  const isNamed = version >= sensor.SENSOR_AXIS_NAME_GET.since &&
    axes.some(({ hasExtendedName }) => hasExtendedName);
  const names = isNamed
    ? await probeAxisNames(prober, sensorId, name, axes.length)
    : new Map<number, string>();
  return axes.map(({ axis, id }) => ({ ...axis, name: names.get(id) ?? axis.name }));
}

async function probeAxisNames(
  prober: Prober,
  sensorId: number,
  name: string,
  axisCount: number,
): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (let index = 0; index < axisCount;) {
    const page = await prober.call(SENSOR, sensor.SENSOR_AXIS_NAME_GET, { sensorId, index }, name);
    const found = page?.names.slice(0, page.counts.returned) ?? [];
    if (found.length === 0) break;
    for (const { axisId, name: axisName } of found) names.set(axisId, axisName);
    index += found.length;
  }
  return names;
}

async function probeIntervals(
  prober: Prober,
  sensorId: number,
  name: string,
): Promise<ProbedSensor["intervals"]> {
  const seconds: string[] = [];
  let isSegment = false;
  for (let remaining = 1; remaining > 0 && seconds.length < INTERVAL_COUNT_MAX;) {
    const params = { sensorId, index: seconds.length };
    const result = await prober.tryCall(SENSOR, sensor.SENSOR_LIST_UPDATE_INTERVALS, params);
    if (!result.ok) {
      // Some platforms say in this way that a sensor has none.
      if (result.status !== "NOT_SUPPORTED") {
        prober.note(`SENSOR_LIST_UPDATE_INTERVALS of ${name}: ${result.status}`);
      }
      break;
    }
    const { counts, intervals } = result.values;
    isSegment = counts.isSegment;
    const found = intervals.slice(0, counts.returned);
    for (const { interval } of found) seconds.push(decimalText(interval.mantissa, interval.exponent));
    remaining = found.length === 0 ? 0 : counts.remaining;
  }
  return seconds.length === 0 ? null : { isSegment, seconds };
}

function axisOf(
  name: string,
  typeCode: number,
  unitExponent: number,
  range: ProbedAxis["range"],
): ProbedAxis {
  return { name, ...sensorUnit(typeCode), unitExponent, range };
}

function rangeOf(
  from: {
    readonly minRange: bigint;
    readonly maxRange: bigint;
    readonly resolution: { readonly mantissa: number; readonly exponent: number };
  },
  unitExponent: number,
): ProbedAxis["range"] {
  return {
    min: decimalText(from.minRange, unitExponent),
    max: decimalText(from.maxRange, unitExponent),
    step: decimalText(from.resolution.mantissa, from.resolution.exponent),
  };
}
