// Telemetry protocol 0x1B: the declarations of its messages, from drafts of SCMI 4.0; all may change. What an agent can collect
// are data events, alone or in groups. Lines of a message are laid out as in the shared areas, without what stands around them
// there; the low two bits of a description's timestamp are flags here, as only one of them may be set. scmi-devices 8.
import {
  bits,
  bits32,
  command,
  flag,
  i32,
  list,
  notification,
  safe64,
  signedBits,
  text,
  u32,
  when,
} from "../../scp/core/schema.ts";
import { SHORT_NAME_SIZE } from "../names.ts";

/** Which data events an interval or a configuration is of. */
export const SELECTOR = { ungrouped: 0, group: 1, all: 2 } as const;

/** How what is collected gets to the agent. */
export const COLLECTION = { sharedArea: 0, updates: 1, singleRead: 2 } as const;

/** What a data event is switched to. */
export const EVENT_MODE = { off: 0, on: 1, withTimestamp: 2 } as const;

/** In place of an id: no group, no area. */
export const NONE = 0xffff_ffff;

const COUNTS = bits32({ returned: bits(15, 0), remaining: bits(31, 16) });

/** mantissa x 10^exponent seconds. */
const RATE = bits32({ rateExponent: signedBits(4, 0), rateMantissa: bits(20, 5) });

const CONTROL = bits32({ enable: flag(0), mode: bits(4, 1), selector: bits(8, 5) });

/** What a line is of; this platform sends lines with data only. */
export const DATA_LINE = 0;

/** The first word of a line. */
export const LINE_META = bits32({
  type: bits(7, 4),
  usesBlockTimestamp: flag(3),
  isExtended: flag(2),
  hasTimestamp: flag(1),
  isInvalid: flag(0),
});

const LINE = {
  meta: LINE_META,
  dataEventId: u32(),
  value: safe64(),
  timestamp: when({ meta: "isExtended" }, safe64()),
} as const;

export const TELEMETRY_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts data events, groups and shared areas; tells which ways of collecting there are",
  returns: {
    dataEventCount: u32(),
    groupCount: u32(),
    revision0: u32(),
    revision1: u32(),
    revision2: u32(),
    revision3: u32(),
    attributes: bits32({
      supportsSingleReads: flag(31),
      supportsUpdates: flag(30),
      configuresGroups: flag(18),
      supportsReset: flag(17),
      hasFastChannels: flag(16),
      areas: bits(15, 0),
    }),
    blockTimestampRateKhz: u32(),
  },
});

export const TELEMETRY_LIST_SHMTI = command({
  id: 0x3,
  name: "TELEMETRY_LIST_SHMTI",
  summary: "Tells where the shared areas are from an index on, as many as fit",
  params: { index: u32() },
  returns: {
    counts: COUNTS,
    areas: list({ areaId: u32(), addressLow: u32(), addressHigh: u32(), size: u32(), flags: u32() }),
  },
  fails: ["NOT_FOUND"],
});

export const TELEMETRY_DE_DESCRIPTION = command({
  id: 0x4,
  name: "TELEMETRY_DE_DESCRIPTION",
  summary: "Describes the data events from an index on, as many as fit",
  params: { index: u32() },
  returns: {
    counts: COUNTS,
    dataEvents: list({
      dataEventId: u32(),
      groupId: u32(),
      dataSize: u32(),
      attributes: bits32({
        hasName: flag(31),
        hasFastChannel: flag(30),
        typeCode: bits(29, 22),
        isPersistent: flag(21),
        unitExponent: signedBits(20, 13),
        unitCode: bits(12, 5),
        hasBlockTimestamp: flag(1),
        hasLineTimestamp: flag(0),
      }),
      component: bits32({ eventInstance: bits(31, 24), instance: bits(23, 8), typeCode: bits(7, 0) }),
      reserved: u32(),
      timestampRateKhz: when({ attributes: "hasLineTimestamp" }, u32()),
      addressLow: when({ attributes: "hasFastChannel" }, u32()),
      addressHigh: when({ attributes: "hasFastChannel" }, u32()),
      size: when({ attributes: "hasFastChannel" }, u32()),
      name: when({ attributes: "hasName" }, text(SHORT_NAME_SIZE)),
    }),
  },
  fails: ["NOT_FOUND"],
});

export const TELEMETRY_LIST_UPDATE_INTERVALS = command({
  id: 0x5,
  name: "TELEMETRY_LIST_UPDATE_INTERVALS",
  summary: "Lists the intervals in which data events can be collected, as many as fit",
  params: { index: u32(), groupId: u32(), flags: bits32({ selector: bits(3, 0) }) },
  returns: {
    counts: bits32({ returned: bits(11, 0), isSegment: flag(12), remaining: bits(31, 16) }),
    intervals: list({ interval: RATE }),
  },
  fails: ["INVALID_PARAMETERS", "OUT_OF_RANGE"],
});

export const TELEMETRY_DE_CONFIGURE = command({
  id: 0x6,
  name: "TELEMETRY_DE_CONFIGURE",
  summary: "Switches a data event or a group on or off, or all of them off; tells its place in a shared area",
  params: {
    identifier: u32(),
    flags: bits32({ mode: bits(1, 0), disablesAll: flag(2), isGroup: flag(3) }),
  },
  returns: { areaId: u32(), lineOffset: u32(), blockTimestampOffset: u32() },
  fails: ["INVALID_PARAMETERS", "DENIED", "NOT_SUPPORTED", "OUT_OF_RANGE", "IN_USE"],
});

export const TELEMETRY_DE_ENABLED_LIST = command({
  id: 0x7,
  name: "TELEMETRY_DE_ENABLED_LIST",
  summary: "Lists the data events or the groups that are on from an index on, as many as fit",
  params: { index: u32(), flags: bits32({ isGroup: flag(0) }) },
  returns: {
    counts: COUNTS,
    enabled: list({ identifier: u32(), mode: bits32({ mode: bits(1, 0) }) }),
  },
  fails: ["OUT_OF_RANGE"],
});

export const TELEMETRY_CONFIG_SET = command({
  id: 0x8,
  name: "TELEMETRY_CONFIG_SET",
  summary:
    "Turns the collection on or off, with its way and its interval, or collects once and answers later",
  params: { groupId: u32(), control: CONTROL, samplingRate: RATE },
  delayed: { dwordCount: u32(), lines: list(LINE) },
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED", "BUSY", "HARDWARE_ERROR"],
});

export const TELEMETRY_CONFIG_GET = command({
  id: 0x9,
  name: "TELEMETRY_CONFIG_GET",
  summary: "Tells whether and how data events are collected",
  params: { groupId: u32(), flags: bits32({ selector: bits(3, 0) }) },
  returns: { control: CONTROL, samplingRate: RATE },
  fails: ["INVALID_PARAMETERS", "NOT_FOUND"],
});

export const TELEMETRY_RESET = command({
  id: 0xa,
  name: "TELEMETRY_RESET",
  summary: "Switches all data events and the collection off",
  params: { flags: bits32({}) },
});

export const TELEMETRY_UPDATE = notification({
  id: 0x0,
  name: "TELEMETRY_UPDATE",
  summary: "What was collected since the last one",
  payload: { agentId: u32(), status: i32(), dwordCount: u32(), lines: list(LINE) },
});

/** The declarations of Telemetry, for agents and tools. */
export const TELEMETRY_MESSAGES = {
  id: 0x1b,
  name: "telemetry",
  commands: [
    TELEMETRY_PROTOCOL_ATTRIBUTES,
    TELEMETRY_LIST_SHMTI,
    TELEMETRY_DE_DESCRIPTION,
    TELEMETRY_LIST_UPDATE_INTERVALS,
    TELEMETRY_DE_CONFIGURE,
    TELEMETRY_DE_ENABLED_LIST,
    TELEMETRY_CONFIG_SET,
    TELEMETRY_CONFIG_GET,
    TELEMETRY_RESET,
  ],
  notifications: [TELEMETRY_UPDATE],
} as const;
