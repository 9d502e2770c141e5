// Telemetry protocol: what can be collected, how often, and where it is seen. Each list is paged by the room in the agent's buffer
// and keeps no state between pages. No public source lists the codes of types of data events and of components: all are 0 here.
import { highOf, lowOf } from "../fast_channels.ts";
import { SHORT_NAME_SIZE } from "../names.ts";
import { pageOf } from "../paging.ts";
import type { Handler } from "../protocol.ts";
import type { TelemetryContext } from "./context.ts";
import type { DataEvent } from "./data_events.ts";
import { INTERVALS } from "./intervals.ts";
import { TIMESTAMP_RATE_KHZ } from "./lines.ts";
import * as messages from "./messages.ts";

const VALUE_SIZE = 8;
const AREA_SIZE = 20;
const DESCRIPTOR_SIZE = 24;
const RATE_SIZE = 4;
const INTERVAL_SIZE = 4;
const RETURNED_MAX = 0xffff;
const INTERVALS_RETURNED_MAX = 0xfff;

export const attributes: Handler<typeof messages.TELEMETRY_PROTOCOL_ATTRIBUTES, TelemetryContext> = (
  _params,
  { area, events, session },
) => {
  const hasP2a = session.hasP2a();
  return {
    dataEventCount: events.all.length,
    groupCount: events.groups.length,
    // The data events are those of no published implementation.
    revision0: 0,
    revision1: 0,
    revision2: 0,
    revision3: 0,
    attributes: {
      supportsSingleReads: hasP2a,
      supportsUpdates: hasP2a,
      configuresGroups: false,
      supportsReset: true,
      hasFastChannels: false,
      areas: area === null ? 0 : 1,
    },
    blockTimestampRateKhz: 0,
  };
};

export const listAreas: Handler<typeof messages.TELEMETRY_LIST_SHMTI, TelemetryContext> = (
  params,
  { area, session },
) => {
  const bounds = { room: session.room, itemSize: AREA_SIZE, countMax: RETURNED_MAX };
  const page = pageOf(area === null ? [] : [area], params.index, bounds);
  if (page === null) return "NOT_FOUND";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    areas: page.items.map(({ id, address, size }) => ({
      areaId: id,
      addressLow: lowOf(address),
      addressHigh: highOf(address),
      size,
      flags: 0,
    })),
  };
};

function descriptorSizeOf({ sensor }: DataEvent): number {
  return DESCRIPTOR_SIZE + (sensor.timestampExponent === null ? 0 : RATE_SIZE) + SHORT_NAME_SIZE;
}

export const describe: Handler<typeof messages.TELEMETRY_DE_DESCRIPTION, TelemetryContext> = (
  params,
  { events, session },
) => {
  const bounds = { room: session.room, itemSize: descriptorSizeOf, countMax: RETURNED_MAX };
  const page = pageOf(events.all, params.index, bounds);
  if (page === null) return "NOT_FOUND";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    dataEvents: page.items.map(({ id, groupId, quantity, sensor }) => ({
      dataEventId: id,
      groupId: groupId ?? messages.NONE,
      dataSize: VALUE_SIZE,
      attributes: {
        hasName: true,
        hasFastChannel: false,
        typeCode: 0,
        isPersistent: false,
        unitExponent: quantity.unitExponent,
        unitCode: quantity.typeCode,
        hasBlockTimestamp: false,
        hasLineTimestamp: sensor.timestampExponent !== null,
      },
      component: { eventInstance: 0, instance: 0, typeCode: 0 },
      reserved: 0,
      timestampRateKhz: TIMESTAMP_RATE_KHZ,
      addressLow: 0,
      addressHigh: 0,
      size: 0,
      name: quantity.name,
    })),
  };
};

export const listUpdateIntervals: Handler<
  typeof messages.TELEMETRY_LIST_UPDATE_INTERVALS,
  TelemetryContext
> = (params, { events, session }) => {
  const { selector } = params.flags;
  if (selector > messages.SELECTOR.all) return "INVALID_PARAMETERS";
  if (selector === messages.SELECTOR.group && params.groupId >= events.groups.length) return "OUT_OF_RANGE";
  const bounds = { room: session.room, itemSize: INTERVAL_SIZE, countMax: INTERVALS_RETURNED_MAX };
  const page = pageOf(INTERVALS, params.index, bounds);
  if (page === null) return "OUT_OF_RANGE";
  return {
    counts: { returned: page.items.length, isSegment: false, remaining: page.remaining },
    intervals: page.items.map(({ mantissa, exponent }) => ({
      interval: { rateMantissa: mantissa, rateExponent: exponent },
    })),
  };
};
