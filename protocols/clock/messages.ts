// Clock protocol 0x14: the declarations of its messages. SCMI 4.6; versions 1.0 (SCMI 1.0 to 3.0), 2.0 (3.1) and 3.0 (3.2).
// Where a version changed a layout there are two declarations with disjoint version ranges.
import {
  bits,
  bits32,
  command,
  flag,
  i64,
  list,
  notification,
  omittable,
  ref,
  safe64,
  text,
  u32,
} from "../../scp/core/schema.ts";
import { NAME_GET_RETURNS, SHORT_NAME_SIZE } from "../names.ts";

const V1_LAST = 0x1ffff;
const V2 = 0x20000;
const V2_LAST = 0x2ffff;
const V3 = 0x30000;

export const CLOCK_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts the clocks and the asynchronous rate changes that may be pending",
  returns: { attributes: bits32({ clockCount: bits(15, 0), asyncPendingMax: bits(23, 16) }) },
});

export const CLOCK_ATTRIBUTES_V1 = command({
  id: 0x3,
  name: "CLOCK_ATTRIBUTES",
  summary: "Names a clock and tells whether it is enabled",
  until: V1_LAST,
  params: { clockId: ref("clock") },
  returns: { attributes: bits32({ isEnabled: flag(0) }), name: text(SHORT_NAME_SIZE) },
});

export const CLOCK_ATTRIBUTES = command({
  id: 0x3,
  name: "CLOCK_ATTRIBUTES",
  summary: "Names a clock and tells whether it is enabled, what else it can do, and how long enabling takes",
  since: V2,
  params: { clockId: ref("clock") },
  returns: {
    attributes: bits32({
      notifiesRate: flag(31),
      notifiesRequests: flag(30),
      hasExtendedName: flag(29),
      // The next two and isRestricted since version 3.0.
      hasParents: flag(28),
      hasExtendedConfig: flag(27),
      isRestricted: flag(1),
      isEnabled: flag(0),
    }),
    name: text(SHORT_NAME_SIZE),
    enableDelayUs: u32(),
  },
});

export const CLOCK_DESCRIBE_RATES = command({
  id: 0x4,
  name: "CLOCK_DESCRIBE_RATES",
  summary:
    "Lists a clock's rates in Hz from an index on, as many as fit, or a triplet: lowest, highest, step",
  params: { clockId: ref("clock"), rateIndex: u32() },
  returns: {
    counts: bits32({ returned: bits(11, 0), isTriplet: flag(12), remaining: bits(31, 16) }),
    rates: list({ rateHz: safe64() }),
  },
  fails: ["OUT_OF_RANGE"],
});

export const CLOCK_RATE_SET = command({
  id: 0x5,
  name: "CLOCK_RATE_SET",
  summary:
    "Sets a clock's rate, at once or with a delayed response; one between two rates is rounded as asked",
  params: {
    flags: bits32({ async: flag(0), ignoresDelayed: flag(1), roundsUp: flag(2), roundsToNearest: flag(3) }),
    clockId: ref("clock"),
    rateHz: i64(),
  },
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED", "DENIED", "BUSY"],
  delayed: { clockId: ref("clock"), rateHz: safe64() },
  access: "control",
});

export const CLOCK_RATE_GET = command({
  id: 0x6,
  name: "CLOCK_RATE_GET",
  summary: "Tells a clock's rate in Hz; of one that is off, the rate it would run at",
  params: { clockId: ref("clock") },
  returns: { rateHz: safe64() },
});

export const CLOCK_CONFIG_SET_V1 = command({
  id: 0x7,
  name: "CLOCK_CONFIG_SET",
  summary: "Enables or disables a clock; it stops when no agent has it enabled",
  until: V2_LAST,
  params: { clockId: ref("clock"), attributes: bits32({ isEnabled: flag(0) }) },
  fails: ["DENIED"],
  access: "control",
});

/** States that CLOCK_CONFIG_SET asks for since version 3.0; 2 has no meaning. */
export const CLOCK_STATE = { disable: 0, enable: 1, unchanged: 3 } as const;

/** Types of extended configuration: 1 in percent, 2 in milliradians. */
export const EXTENDED_CONFIG = { none: 0, dutyCycle: 1, phase: 2 } as const;

export const CLOCK_CONFIG_SET = command({
  id: 0x7,
  name: "CLOCK_CONFIG_SET",
  summary: "Enables or disables a clock, sets its duty cycle (percent) or phase (milliradians)",
  since: V3,
  params: {
    clockId: ref("clock"),
    attributes: bits32({ state: bits(1, 0), extendedType: bits(23, 16) }),
    // Agents that know only older versions leave it away, whatever version they were told.
    extendedValue: omittable(u32()),
  },
  fails: ["INVALID_PARAMETERS", "DENIED"],
  access: "control",
});

export const CLOCK_NAME_GET = command({
  id: 0x8,
  name: "CLOCK_NAME_GET",
  summary: "Tells a clock's extended name",
  since: V2,
  params: { clockId: ref("clock") },
  returns: NAME_GET_RETURNS,
  fails: ["NOT_SUPPORTED"],
});

export const CLOCK_RATE_NOTIFY = command({
  id: 0x9,
  name: "CLOCK_RATE_NOTIFY",
  summary: "Turns CLOCK_RATE_CHANGED of a clock on or off",
  since: V2,
  params: { clockId: ref("clock"), notifyEnable: bits32({ enable: flag(0) }) },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

export const CLOCK_RATE_CHANGE_REQUESTED_NOTIFY = command({
  id: 0xa,
  name: "CLOCK_RATE_CHANGE_REQUESTED_NOTIFY",
  summary: "Turns CLOCK_RATE_CHANGE_REQUESTED of a clock on or off",
  since: V2,
  params: { clockId: ref("clock"), notifyEnable: bits32({ enable: flag(0) }) },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

export const CLOCK_CONFIG_GET = command({
  id: 0xb,
  name: "CLOCK_CONFIG_GET",
  summary: "Tells whether a clock is enabled, and its duty cycle or phase",
  since: V3,
  params: { clockId: ref("clock"), flags: bits32({ extendedType: bits(7, 0) }) },
  returns: { attributes: u32(), config: bits32({ isEnabled: flag(0) }), extendedValue: u32() },
  fails: ["INVALID_PARAMETERS"],
});

export const CLOCK_POSSIBLE_PARENTS_GET = command({
  id: 0xc,
  name: "CLOCK_POSSIBLE_PARENTS_GET",
  summary: "Lists the clocks that a clock can run from, those after `skip`, as many as fit",
  since: V3,
  params: { clockId: ref("clock"), skip: u32() },
  returns: {
    counts: bits32({ returned: bits(7, 0), remaining: bits(31, 24) }),
    parents: list({ clockId: ref("clock") }),
  },
  fails: ["NOT_SUPPORTED", "OUT_OF_RANGE"],
});

export const CLOCK_PARENT_SET = command({
  id: 0xd,
  name: "CLOCK_PARENT_SET",
  summary: "Makes a clock run from another one",
  since: V3,
  params: { clockId: ref("clock"), parentId: ref("clock") },
  fails: ["NOT_SUPPORTED", "INVALID_PARAMETERS", "DENIED", "OUT_OF_RANGE", "BUSY"],
  access: "control",
});

export const CLOCK_PARENT_GET = command({
  id: 0xe,
  name: "CLOCK_PARENT_GET",
  summary: "Tells which clock a clock runs from",
  since: V3,
  params: { clockId: ref("clock") },
  returns: { parentId: ref("clock") },
  fails: ["NOT_SUPPORTED", "DENIED"],
});

export const CLOCK_GET_PERMISSIONS = command({
  id: 0xf,
  name: "CLOCK_GET_PERMISSIONS",
  summary: "Tells what the caller may change about a restricted clock",
  since: V3,
  params: { clockId: ref("clock") },
  returns: { permissions: bits32({ state: flag(31), parent: flag(30), rate: flag(29) }) },
  fails: ["NOT_SUPPORTED"],
});

/** The payload of both notifications: who caused it, and the rate. */
const RATE_PAYLOAD = { agentId: u32(), clockId: ref("clock"), rateHz: safe64() } as const;

export const CLOCK_RATE_CHANGED = notification({
  id: 0x0,
  name: "CLOCK_RATE_CHANGED",
  summary: "A clock's rate has changed",
  since: V2,
  payload: RATE_PAYLOAD,
});

export const CLOCK_RATE_CHANGE_REQUESTED = notification({
  id: 0x1,
  name: "CLOCK_RATE_CHANGE_REQUESTED",
  summary: "An agent asked for a rate that it did not get, or not yet",
  since: V2,
  payload: RATE_PAYLOAD,
});

/** The declarations of Clock, for agents and tools. */
export const CLOCK_MESSAGES = {
  id: 0x14,
  name: "clock",
  commands: [
    CLOCK_PROTOCOL_ATTRIBUTES,
    CLOCK_ATTRIBUTES_V1,
    CLOCK_ATTRIBUTES,
    CLOCK_DESCRIBE_RATES,
    CLOCK_RATE_SET,
    CLOCK_RATE_GET,
    CLOCK_CONFIG_SET_V1,
    CLOCK_CONFIG_SET,
    CLOCK_NAME_GET,
    CLOCK_RATE_NOTIFY,
    CLOCK_RATE_CHANGE_REQUESTED_NOTIFY,
    CLOCK_CONFIG_GET,
    CLOCK_POSSIBLE_PARENTS_GET,
    CLOCK_PARENT_SET,
    CLOCK_PARENT_GET,
    CLOCK_GET_PERMISSIONS,
  ],
  notifications: [CLOCK_RATE_CHANGED, CLOCK_RATE_CHANGE_REQUESTED],
} as const;
