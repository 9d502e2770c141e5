// Base protocol 0x10: the declarations of its messages. SCMI 4.2; versions 1.0 (SCMI 1.0), 2.0 (2.0 to 3.1), 2.1 (3.2).
import {
  bits,
  bits32,
  bytes,
  command,
  flag,
  list,
  notification,
  ref,
  text,
  u32,
} from "../../scp/core/schema.ts";

/** Asks "who am I" in BASE_DISCOVER_AGENT. */
export const AGENT_SELF = 0xffff_ffff;

export const BASE_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts the protocols (Base left out) and the agents (the platform left out)",
  returns: { attributes: bits32({ protocolCount: bits(7, 0), agentCount: bits(15, 8) }) },
});

export const BASE_DISCOVER_VENDOR = command({
  id: 0x3,
  name: "BASE_DISCOVER_VENDOR",
  summary: "Names the vendor",
  returns: { vendor: text(16) },
});

export const BASE_DISCOVER_SUB_VENDOR = command({
  id: 0x4,
  name: "BASE_DISCOVER_SUB_VENDOR",
  summary: "Names the sub-vendor",
  returns: { subVendor: text(16) },
});

export const BASE_DISCOVER_IMPLEMENTATION_VERSION = command({
  id: 0x5,
  name: "BASE_DISCOVER_IMPLEMENTATION_VERSION",
  summary: "Tells the version of the platform's firmware, in its own format",
  returns: { version: u32() },
});

export const BASE_DISCOVER_LIST_PROTOCOLS = command({
  id: 0x6,
  name: "BASE_DISCOVER_LIST_PROTOCOLS",
  summary: "Lists the protocols the caller may use, one byte each, from the one after `skip` on",
  params: { skip: u32() },
  returns: { protocolCount: u32(), protocols: bytes() },
  fails: ["INVALID_PARAMETERS"],
});

export const BASE_DISCOVER_AGENT_V1 = command({
  id: 0x7,
  name: "BASE_DISCOVER_AGENT",
  summary: "Names an agent",
  until: 0x1ffff,
  params: { agentId: ref("agent") },
  returns: { name: text(16) },
});

export const BASE_DISCOVER_AGENT = command({
  id: 0x7,
  name: "BASE_DISCOVER_AGENT",
  summary: "Names an agent; 0xFFFFFFFF is the caller itself",
  since: 0x20000,
  params: { agentId: u32() },
  returns: { agentId: u32(), name: text(16) },
  fails: ["NOT_FOUND"],
});

export const BASE_NOTIFY_ERRORS = command({
  id: 0x8,
  name: "BASE_NOTIFY_ERRORS",
  summary: "Turns BASE_ERROR_EVENT on or off",
  params: { notifyEnable: bits32({ enable: flag(0) }) },
  needsP2a: true,
});

export const BASE_SET_DEVICE_PERMISSIONS = command({
  id: 0x9,
  name: "BASE_SET_DEVICE_PERMISSIONS",
  summary: "Allows or denies an agent a device, in all protocols",
  since: 0x20000,
  params: { agentId: ref("agent"), deviceId: ref("device"), flags: bits32({ allow: flag(0) }) },
  fails: ["NOT_FOUND", "DENIED"],
});

export const BASE_SET_PROTOCOL_PERMISSIONS = command({
  id: 0xa,
  name: "BASE_SET_PROTOCOL_PERMISSIONS",
  summary: "Allows or denies an agent a device in one protocol",
  since: 0x20000,
  params: {
    agentId: ref("agent"),
    deviceId: ref("device"),
    commandId: bits32({ protocolId: bits(7, 0) }),
    flags: bits32({ allow: flag(0) }),
  },
  fails: ["NOT_FOUND", "DENIED"],
});

export const BASE_RESET_AGENT_CONFIGURATION = command({
  id: 0xb,
  name: "BASE_RESET_AGENT_CONFIGURATION",
  summary: "Puts back what an agent configured, and its permissions if asked",
  since: 0x20000,
  params: { agentId: ref("agent"), flags: bits32({ resetPermissions: flag(0) }) },
  fails: ["NOT_FOUND", "DENIED"],
});

export const BASE_ERROR_EVENT = notification({
  id: 0x0,
  name: "BASE_ERROR_EVENT",
  summary: "Reports commands that were not processed, or (fatal) the end of service",
  payload: {
    agentId: u32(),
    errorStatus: bits32({ fatal: flag(31), reportCount: bits(9, 0) }),
    reports: list({ messageHeader: u32(), status: u32() }),
  },
});

/** The declarations of Base, for agents and tools. */
export const BASE_MESSAGES = {
  id: 0x10,
  name: "base",
  commands: [
    BASE_PROTOCOL_ATTRIBUTES,
    BASE_DISCOVER_VENDOR,
    BASE_DISCOVER_SUB_VENDOR,
    BASE_DISCOVER_IMPLEMENTATION_VERSION,
    BASE_DISCOVER_LIST_PROTOCOLS,
    BASE_DISCOVER_AGENT_V1,
    BASE_DISCOVER_AGENT,
    BASE_NOTIFY_ERRORS,
    BASE_SET_DEVICE_PERMISSIONS,
    BASE_SET_PROTOCOL_PERMISSIONS,
    BASE_RESET_AGENT_CONFIGURATION,
  ],
  notifications: [BASE_ERROR_EVENT],
} as const;
