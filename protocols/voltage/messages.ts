// Voltage domain protocol 0x17: the declarations of its messages. SCMI 4.9; versions 1.0 (SCMI 3.0), 2.0 (3.1) and 2.1
// (3.2). Since version 2.0 a level may be set with a delayed response. Levels are microvolts, and may be negative.
import { bits, bits32, command, flag, i32, list, ref, text, u32 } from "../../scp/core/schema.ts";
import { NAME_GET_RETURNS } from "../names.ts";

/** The version that brought delayed responses and extended names. */
export const V2 = 0x20000;
const V1_LAST = 0x1ffff;

export const VOLTAGE_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts the voltage domains",
  returns: { attributes: bits32({ domainCount: bits(15, 0) }) },
});

export const VOLTAGE_DOMAIN_ATTRIBUTES = command({
  id: 0x3,
  name: "VOLTAGE_DOMAIN_ATTRIBUTES",
  summary: "Names a domain and tells whether its level can be set with a delayed response",
  params: { domainId: ref("voltageDomain") },
  returns: { attributes: bits32({ supportsAsync: flag(31), hasExtendedName: flag(30) }), name: text(16) },
});

export const VOLTAGE_DESCRIBE_LEVELS = command({
  id: 0x4,
  name: "VOLTAGE_DESCRIBE_LEVELS",
  summary: "Lists the levels of a domain from an index on, or their segment: lowest, highest, step",
  params: { domainId: ref("voltageDomain"), levelIndex: u32() },
  returns: {
    counts: bits32({ returned: bits(11, 0), isSegment: flag(12), remaining: bits(31, 16) }),
    levels: list({ levelUv: i32() }),
  },
  fails: ["OUT_OF_RANGE"],
});

/** Ids of the architectural modes. */
export const ARCHITECTURAL_MODE = { off: 0, on: 7 } as const;

/** Off, on, or a mode of the implementation's own. */
const CONFIG = bits32({ isOwnMode: flag(3), modeId: bits(2, 0) });

export const VOLTAGE_CONFIG_SET = command({
  id: 0x5,
  name: "VOLTAGE_CONFIG_SET",
  summary: "Switches a domain on, off, or into a mode of its own",
  params: { domainId: ref("voltageDomain"), config: CONFIG },
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED", "DENIED", "BUSY"],
  access: "control",
});

export const VOLTAGE_CONFIG_GET = command({
  id: 0x6,
  name: "VOLTAGE_CONFIG_GET",
  summary: "Tells whether a domain is on, off, or in a mode of its own",
  params: { domainId: ref("voltageDomain") },
  returns: { config: CONFIG },
});

export const VOLTAGE_LEVEL_SET_V1 = command({
  id: 0x7,
  name: "VOLTAGE_LEVEL_SET",
  summary: "Sets the level of a domain, which it keeps while it is off",
  until: V1_LAST,
  params: { domainId: ref("voltageDomain"), flags: bits32({}), levelUv: i32() },
  fails: ["INVALID_PARAMETERS", "DENIED", "BUSY"],
  access: "control",
});

export const VOLTAGE_LEVEL_SET = command({
  id: 0x7,
  name: "VOLTAGE_LEVEL_SET",
  summary: "Sets the level of a domain, which it keeps while it is off; at once or with a delayed response",
  since: V2,
  params: { domainId: ref("voltageDomain"), flags: bits32({ async: flag(0) }), levelUv: i32() },
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED", "DENIED", "BUSY"],
  delayed: { domainId: ref("voltageDomain"), levelUv: i32() },
  access: "control",
});

export const VOLTAGE_LEVEL_GET = command({
  id: 0x8,
  name: "VOLTAGE_LEVEL_GET",
  summary: "Tells the level of a domain; while it is off, the one it will have",
  params: { domainId: ref("voltageDomain") },
  returns: { levelUv: i32() },
});

export const VOLTAGE_DOMAIN_NAME_GET = command({
  id: 0x9,
  name: "VOLTAGE_DOMAIN_NAME_GET",
  summary: "Tells a voltage domain's extended name",
  since: V2,
  params: { domainId: ref("voltageDomain") },
  returns: NAME_GET_RETURNS,
  fails: ["NOT_SUPPORTED"],
});

/** The declarations of Voltage, for agents and tools. */
export const VOLTAGE_MESSAGES = {
  id: 0x17,
  name: "voltage",
  commands: [
    VOLTAGE_PROTOCOL_ATTRIBUTES,
    VOLTAGE_DOMAIN_ATTRIBUTES,
    VOLTAGE_DESCRIBE_LEVELS,
    VOLTAGE_CONFIG_SET,
    VOLTAGE_CONFIG_GET,
    VOLTAGE_LEVEL_SET_V1,
    VOLTAGE_LEVEL_SET,
    VOLTAGE_LEVEL_GET,
    VOLTAGE_DOMAIN_NAME_GET,
  ],
  notifications: [],
} as const;
