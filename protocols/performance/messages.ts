// Performance protocol 0x13: the declarations of its messages. SCMI 4.5; versions 1.0 (SCMI 1.0), 2.0 (2.0, 3.0), 3.0 (3.1)
// and 4.0 (3.2). Version 4.0 describes levels in another layout and may name them by index; where a level goes on the wire,
// the fields below carry its value or, in level indexing mode, its index.
import { bits, bits32, command, flag, list, notification, ref, text, u32 } from "../../scp/core/schema.ts";
import { FAST_CHANNEL_RETURNS } from "../fast_channels.ts";
import { NAME_GET_RETURNS } from "../names.ts";

/** The version that brought FastChannels. */
export const V2 = 0x20000;
/** The version that brought extended names, microwatts, and limits that are left unchanged. */
export const V3 = 0x30000;
/** The version that brought longer descriptions of levels, and levels by index. */
export const V4 = 0x40000;
const V3_LAST = 0x3ffff;

/** Units of the power costs of levels; version 2.0 and older have the first two. */
export const POWER_UNIT_CODE = { abstract: 0, mW: 1, uW: 2 } as const;

export const PERFORMANCE_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts the performance domains; tells the unit of power costs and the region with statistics",
  returns: {
    attributes: bits32({ domainCount: bits(15, 0), powerUnit: bits(17, 16) }),
    statisticsAddressLow: u32(),
    statisticsAddressHigh: u32(),
    statisticsSize: u32(),
  },
});

export const PERFORMANCE_DOMAIN_ATTRIBUTES = command({
  id: 0x3,
  name: "PERFORMANCE_DOMAIN_ATTRIBUTES",
  summary: "Tells what the caller may do with a domain, and its sustained level",
  params: { domainId: ref("performanceDomain") },
  returns: {
    attributes: bits32({
      maySetLimits: flag(31),
      maySetLevel: flag(30),
      notifiesLimits: flag(29),
      notifiesLevel: flag(28),
      hasFastChannels: flag(27),
      hasExtendedName: flag(26),
      usesLevelIndexing: flag(25),
    }),
    rateLimit: bits32({ intervalUs: bits(19, 0) }),
    sustainedFrequencyKhz: u32(),
    sustainedLevel: u32(),
    name: text(16),
  },
});

const LEVEL_COUNTS = bits32({ returned: bits(11, 0), remaining: bits(31, 16) });

/** A level, version 3.0 and older. */
const LEVEL_V1 = { level: u32(), powerCost: u32(), attributes: bits32({ latencyUs: bits(15, 0) }) } as const;

export const PERFORMANCE_DESCRIBE_LEVELS_V1 = command({
  id: 0x4,
  name: "PERFORMANCE_DESCRIBE_LEVELS",
  summary: "Describes the levels of a domain after those to skip, as many as fit",
  until: V3_LAST,
  params: { domainId: ref("performanceDomain"), skip: u32() },
  returns: { counts: LEVEL_COUNTS, levels: list(LEVEL_V1) },
  fails: ["INVALID_PARAMETERS"],
});

export const PERFORMANCE_DESCRIBE_LEVELS = command({
  id: 0x4,
  name: "PERFORMANCE_DESCRIBE_LEVELS",
  summary: "Describes the levels of a domain after those to skip, as many as fit",
  since: V4,
  params: { domainId: ref("performanceDomain"), skip: u32() },
  returns: { counts: LEVEL_COUNTS, levels: list({ ...LEVEL_V1, frequencyKhz: u32(), levelIndex: u32() }) },
  fails: ["OUT_OF_RANGE"],
});

export const PERFORMANCE_LIMITS_SET = command({
  id: 0x5,
  name: "PERFORMANCE_LIMITS_SET",
  summary:
    "Sets the fastest and the slowest level allowed; since version 3.0 a 0 leaves one of them unchanged",
  params: { domainId: ref("performanceDomain"), rangeMax: u32(), rangeMin: u32() },
  fails: ["INVALID_PARAMETERS", "DENIED", "OUT_OF_RANGE"],
  access: "control",
});

export const PERFORMANCE_LIMITS_GET = command({
  id: 0x6,
  name: "PERFORMANCE_LIMITS_GET",
  summary: "Tells the fastest and the slowest level allowed now",
  params: { domainId: ref("performanceDomain") },
  returns: { rangeMax: u32(), rangeMin: u32() },
});

export const PERFORMANCE_LEVEL_SET = command({
  id: 0x7,
  name: "PERFORMANCE_LEVEL_SET",
  summary: "Asks for a level; the answer says that the way there has begun",
  params: { domainId: ref("performanceDomain"), level: u32() },
  fails: ["DENIED", "OUT_OF_RANGE"],
  access: "control",
});

export const PERFORMANCE_LEVEL_GET = command({
  id: 0x8,
  name: "PERFORMANCE_LEVEL_GET",
  summary: "Tells the level in force, or on its way",
  params: { domainId: ref("performanceDomain") },
  returns: { level: u32() },
});

export const PERFORMANCE_NOTIFY_LIMITS = command({
  id: 0x9,
  name: "PERFORMANCE_NOTIFY_LIMITS",
  summary: "Turns PERFORMANCE_LIMITS_CHANGED of a domain on or off",
  params: { domainId: ref("performanceDomain"), notifyEnable: bits32({ enable: flag(0) }) },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

export const PERFORMANCE_NOTIFY_LEVEL = command({
  id: 0xa,
  name: "PERFORMANCE_NOTIFY_LEVEL",
  summary: "Turns PERFORMANCE_LEVEL_CHANGED of a domain on or off",
  params: { domainId: ref("performanceDomain"), notifyEnable: bits32({ enable: flag(0) }) },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

export const PERFORMANCE_DESCRIBE_FASTCHANNEL = command({
  id: 0xb,
  name: "PERFORMANCE_DESCRIBE_FASTCHANNEL",
  summary: "Tells where the FastChannel of a command for a domain is, and its doorbell",
  since: V2,
  params: { domainId: ref("performanceDomain"), messageId: u32() },
  returns: FAST_CHANNEL_RETURNS,
  fails: ["NOT_FOUND", "NOT_SUPPORTED"],
});

export const PERFORMANCE_DOMAIN_NAME_GET = command({
  id: 0xc,
  name: "PERFORMANCE_DOMAIN_NAME_GET",
  summary: "Tells a performance domain's extended name",
  since: V3,
  params: { domainId: ref("performanceDomain") },
  returns: NAME_GET_RETURNS,
  fails: ["NOT_SUPPORTED"],
});

export const PERFORMANCE_LIMITS_CHANGED = notification({
  id: 0x0,
  name: "PERFORMANCE_LIMITS_CHANGED",
  summary: "Other limits are in force",
  payload: { agentId: u32(), domainId: ref("performanceDomain"), rangeMax: u32(), rangeMin: u32() },
});

export const PERFORMANCE_LEVEL_CHANGED = notification({
  id: 0x1,
  name: "PERFORMANCE_LEVEL_CHANGED",
  summary: "A domain runs at another level",
  payload: { agentId: u32(), domainId: ref("performanceDomain"), level: u32() },
});

/** The declarations of Performance, for agents and tools. */
export const PERFORMANCE_MESSAGES = {
  id: 0x13,
  name: "performance",
  commands: [
    PERFORMANCE_PROTOCOL_ATTRIBUTES,
    PERFORMANCE_DOMAIN_ATTRIBUTES,
    PERFORMANCE_DESCRIBE_LEVELS_V1,
    PERFORMANCE_DESCRIBE_LEVELS,
    PERFORMANCE_LIMITS_SET,
    PERFORMANCE_LIMITS_GET,
    PERFORMANCE_LEVEL_SET,
    PERFORMANCE_LEVEL_GET,
    PERFORMANCE_NOTIFY_LIMITS,
    PERFORMANCE_NOTIFY_LEVEL,
    PERFORMANCE_DESCRIBE_FASTCHANNEL,
    PERFORMANCE_DOMAIN_NAME_GET,
  ],
  notifications: [PERFORMANCE_LIMITS_CHANGED, PERFORMANCE_LEVEL_CHANGED],
} as const;
