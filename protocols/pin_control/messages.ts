// Pin control protocol 0x19: the declarations of its messages. SCMI 4.11; version 1.0 (SCMI 3.2). It has neither
// notifications nor asynchronous commands.
import {
  bits,
  bits32,
  command,
  counted,
  flag,
  halves,
  list,
  ref,
  selectedRef,
  text,
  u32,
} from "../../scp/core/schema.ts";
import { NAME_GET_RETURNS, SHORT_NAME_SIZE } from "../names.ts";

/** What an identifier is, by the value of a selector. */
export const SELECTED = ["pin", "pinGroup", "pinFunction"] as const;

/** The same where only pins and groups can be named. */
const SELECTED_UNITS = ["pin", "pinGroup"] as const;

const SELECTOR = bits(1, 0);

/** One config type with its value. */
const CONFIG = { type: bits32({ typeCode: bits(7, 0) }), value: u32() } as const;

/** Told instead of a function where none is selected. */
export const NO_FUNCTION = 0xffff_ffff;

/** What SETTINGS_GET asks for. */
export const SETTINGS = { oneConfig: 0, allConfigs: 1, functionOnly: 2 } as const;

export const PINCTRL_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts the pins, the groups of pins and the functions",
  returns: {
    attributesLow: bits32({ pinGroupCount: bits(31, 16), pinCount: bits(15, 0) }),
    attributesHigh: bits32({ pinFunctionCount: bits(15, 0) }),
  },
});

export const PINCTRL_ATTRIBUTES = command({
  id: 0x3,
  name: "PINCTRL_ATTRIBUTES",
  summary: "Names a pin, group or function and tells of how many elements it is",
  params: { identifier: selectedRef({ flags: "selector" }, SELECTED), flags: bits32({ selector: SELECTOR }) },
  returns: {
    attributes: bits32({
      hasExtendedName: flag(31),
      isGpio: flag(17),
      worksOnPins: flag(16),
      elementCount: bits(15, 0),
    }),
    name: text(SHORT_NAME_SIZE),
  },
});

export const PINCTRL_LIST_ASSOCIATIONS = command({
  id: 0x4,
  name: "PINCTRL_LIST_ASSOCIATIONS",
  summary: "Lists the pins of a group, or the groups or pins of a function, from an index on, as many as fit",
  params: {
    identifier: selectedRef({ flags: "selector" }, [null, "pinGroup", "pinFunction"]),
    flags: bits32({ selector: SELECTOR }),
    index: u32(),
  },
  returns: {
    counts: bits32({ returned: bits(11, 0), remaining: bits(31, 16) }),
    identifiers: halves({ counts: "returned" }),
  },
  fails: ["INVALID_PARAMETERS"],
});

export const PINCTRL_SETTINGS_GET = command({
  id: 0x5,
  name: "PINCTRL_SETTINGS_GET",
  summary:
    "Tells the function of a pin or group, and the value of one config type or, as many as fit, of all",
  params: {
    identifier: selectedRef({ attributes: "selector" }, SELECTED_UNITS),
    attributes: bits32({
      mode: bits(19, 18),
      selector: bits(17, 16),
      skip: bits(15, 8),
      typeCode: bits(7, 0),
    }),
  },
  returns: {
    functionId: ref("pinFunction"),
    counts: bits32({ returned: bits(7, 0), remaining: bits(31, 24) }),
    configs: counted({ counts: "returned" }, list(CONFIG)),
  },
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED"],
});

export const PINCTRL_SETTINGS_CONFIGURE = command({
  id: 0x6,
  name: "PINCTRL_SETTINGS_CONFIGURE",
  summary: "Puts a pin or group to a function and sets config types of it: all of that or nothing",
  params: {
    identifier: selectedRef({ attributes: "selector" }, SELECTED_UNITS),
    functionId: selectedRef({ attributes: "setsFunction" }, [null, "pinFunction"]),
    attributes: bits32({ setsFunction: flag(10), configCount: bits(9, 2), selector: SELECTOR }),
    configs: counted({ attributes: "configCount" }, list(CONFIG)),
  },
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED", "DENIED", "IN_USE"],
  access: "control",
});

export const PINCTRL_REQUEST = command({
  id: 0x7,
  name: "PINCTRL_REQUEST",
  summary: "Takes a pin, or a group with all of its pins, for the agent alone",
  params: {
    identifier: selectedRef({ flags: "selector" }, SELECTED_UNITS),
    flags: bits32({ selector: SELECTOR }),
  },
  fails: ["DENIED", "IN_USE"],
  access: "control",
});

export const PINCTRL_RELEASE = command({
  id: 0x8,
  name: "PINCTRL_RELEASE",
  summary: "Gives back a pin or group; what nobody has is free already",
  params: {
    identifier: selectedRef({ flags: "selector" }, SELECTED_UNITS),
    flags: bits32({ selector: SELECTOR }),
  },
  fails: ["DENIED", "IN_USE"],
  access: "control",
});

export const PINCTRL_NAME_GET = command({
  id: 0x9,
  name: "PINCTRL_NAME_GET",
  summary: "Tells the extended name of a pin, group or function",
  params: { identifier: selectedRef({ flags: "selector" }, SELECTED), flags: bits32({ selector: SELECTOR }) },
  returns: NAME_GET_RETURNS,
  fails: ["NOT_FOUND"],
});

export const PINCTRL_SET_PERMISSIONS = command({
  id: 0xa,
  name: "PINCTRL_SET_PERMISSIONS",
  summary: "Allows or denies another agent a pin, group or function; for trusted agents",
  params: {
    agentId: ref("agent"),
    identifier: selectedRef({ flags: "selector" }, SELECTED),
    flags: bits32({ allow: flag(2), selector: SELECTOR }),
  },
  fails: ["NOT_FOUND", "DENIED"],
});

/** The declarations of Pin control, for agents and tools. */
export const PIN_CONTROL_MESSAGES = {
  id: 0x19,
  name: "pin_control",
  commands: [
    PINCTRL_PROTOCOL_ATTRIBUTES,
    PINCTRL_ATTRIBUTES,
    PINCTRL_LIST_ASSOCIATIONS,
    PINCTRL_SETTINGS_GET,
    PINCTRL_SETTINGS_CONFIGURE,
    PINCTRL_REQUEST,
    PINCTRL_RELEASE,
    PINCTRL_NAME_GET,
    PINCTRL_SET_PERMISSIONS,
  ],
  notifications: [],
} as const;
