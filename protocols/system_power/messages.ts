// System power protocol 0x12: the declarations of its messages. SCMI 4.4; versions 1.0 (SCMI 1.0 to 3.0), 2.0 (3.1) and 2.1
// (3.2). Version 2.0 added the timeout to the notification.
import { bits32, command, flag, notification, u32 } from "../../scp/core/schema.ts";

const V1_LAST = 0x1ffff;
const V2 = 0x20000;

/** What `systemState` can be. Others below 0x80000000 are reserved, those above are the vendor's; we have none. */
export const SYSTEM_STATE = { shutdown: 0, coldReset: 1, warmReset: 2, powerUp: 3, suspend: 4 } as const;

const GRACEFUL = bits32({ graceful: flag(0) });

export const SYSTEM_POWER_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Tells attributes of the protocol, of which there are none",
  returns: { attributes: u32() },
});

export const SYSTEM_POWER_STATE_SET = command({
  id: 0x3,
  name: "SYSTEM_POWER_STATE_SET",
  summary: "Shuts down, resets, suspends or powers up the system, at once or after the agents have gone",
  params: { flags: GRACEFUL, systemState: u32() },
  // NOT_SUPPORTED: not in this agent's view. DENIED: not in this condition of the system. BUSY: one is being carried out.
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED", "DENIED", "BUSY"],
  access: "control",
});

export const SYSTEM_POWER_STATE_GET = command({
  id: 0x4,
  name: "SYSTEM_POWER_STATE_GET",
  summary: "Tells the condition of the system, to agents with the full view",
  returns: { systemState: u32() },
  fails: ["NOT_SUPPORTED"],
});

export const SYSTEM_POWER_STATE_NOTIFY = command({
  id: 0x5,
  name: "SYSTEM_POWER_STATE_NOTIFY",
  summary: "Turns SYSTEM_POWER_STATE_NOTIFIER on or off",
  params: { notifyEnable: bits32({ enable: flag(0) }) },
  needsP2a: true,
});

export const SYSTEM_POWER_STATE_NOTIFIER_V1 = notification({
  id: 0x0,
  name: "SYSTEM_POWER_STATE_NOTIFIER",
  summary: "Another agent has asked for a transition of the system",
  until: V1_LAST,
  payload: { agentId: u32(), flags: GRACEFUL, systemState: u32() },
});

export const SYSTEM_POWER_STATE_NOTIFIER = notification({
  id: 0x0,
  name: "SYSTEM_POWER_STATE_NOTIFIER",
  summary: "Another agent has asked for a transition of the system; tells when it will be forced",
  since: V2,
  payload: { agentId: u32(), flags: GRACEFUL, systemState: u32(), timeoutMs: u32() },
});

/** The declarations of the system power protocol, for agents and tools. */
export const SYSTEM_POWER_MESSAGES = {
  id: 0x12,
  name: "system_power",
  commands: [
    SYSTEM_POWER_PROTOCOL_ATTRIBUTES,
    SYSTEM_POWER_STATE_SET,
    SYSTEM_POWER_STATE_GET,
    SYSTEM_POWER_STATE_NOTIFY,
  ],
  notifications: [SYSTEM_POWER_STATE_NOTIFIER_V1, SYSTEM_POWER_STATE_NOTIFIER],
} as const;
