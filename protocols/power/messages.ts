// Power domain protocol 0x11: the declarations of its messages. SCMI 4.3; versions 1.0 (SCMI 1.0), 2.0 (2.0, 3.0), 3.0 (3.1)
// and 3.1 (3.2). No layout changed: later versions add messages and bits.
import { bits, bits32, command, flag, notification, ref, text, u32 } from "../../scp/core/schema.ts";
import { NAME_GET_RETURNS, SHORT_NAME_SIZE } from "../names.ts";

const V2 = 0x20000;
const V3 = 0x30000;

/** A power state: `on` is all zero, `off` loses context, other numbers are the board's. The other bits are reserved. */
const POWER_STATE = bits32({ isContextLost: flag(30), stateId: bits(27, 0) });

const NOTIFY_ENABLE = bits32({ enable: flag(0) });

export const POWER_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts the power domains; tells the region with statistics",
  returns: {
    attributes: bits32({ domainCount: bits(15, 0) }),
    statisticsAddressLow: u32(),
    statisticsAddressHigh: u32(),
    statisticsSize: u32(),
  },
});

export const POWER_DOMAIN_ATTRIBUTES = command({
  id: 0x3,
  name: "POWER_DOMAIN_ATTRIBUTES",
  summary: "Tells a domain's name, and how the caller can set it and hear of it",
  params: { domainId: ref("powerDomain") },
  returns: {
    attributes: bits32({
      notifiesChanges: flag(31),
      supportsAsync: flag(30),
      supportsSync: flag(29),
      notifiesRequests: flag(28),
      hasExtendedName: flag(27),
    }),
    name: text(SHORT_NAME_SIZE),
  },
});

export const POWER_STATE_SET = command({
  id: 0x4,
  name: "POWER_STATE_SET",
  summary: "Asks for a state of a domain; synchronously, the answer says that it holds",
  params: { flags: bits32({ async: flag(0) }), domainId: ref("powerDomain"), powerState: POWER_STATE },
  // DENIED: a domain below needs more, it is always on, or the system is down. BUSY: it is on its way to another state.
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED", "DENIED", "BUSY"],
  access: "control",
});

export const POWER_STATE_GET = command({
  id: 0x5,
  name: "POWER_STATE_GET",
  summary: "Tells the state that a domain is in",
  params: { domainId: ref("powerDomain") },
  returns: { powerState: POWER_STATE },
});

export const POWER_STATE_NOTIFY = command({
  id: 0x6,
  name: "POWER_STATE_NOTIFY",
  summary: "Turns POWER_STATE_CHANGED of a domain on or off",
  params: { domainId: ref("powerDomain"), notifyEnable: NOTIFY_ENABLE },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

export const POWER_STATE_CHANGE_REQUESTED_NOTIFY = command({
  id: 0x7,
  name: "POWER_STATE_CHANGE_REQUESTED_NOTIFY",
  summary: "Turns POWER_STATE_CHANGE_REQUESTED of a domain on or off",
  since: V2,
  params: { domainId: ref("powerDomain"), notifyEnable: NOTIFY_ENABLE },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

export const POWER_DOMAIN_NAME_GET = command({
  id: 0x8,
  name: "POWER_DOMAIN_NAME_GET",
  summary: "Tells a domain's extended name",
  since: V3,
  params: { domainId: ref("powerDomain") },
  returns: NAME_GET_RETURNS,
  fails: ["NOT_SUPPORTED"],
});

export const POWER_STATE_CHANGED = notification({
  id: 0x0,
  name: "POWER_STATE_CHANGED",
  summary: "A domain has got into another state",
  payload: { agentId: u32(), domainId: ref("powerDomain"), powerState: POWER_STATE },
});

export const POWER_STATE_CHANGE_REQUESTED = notification({
  id: 0x1,
  name: "POWER_STATE_CHANGE_REQUESTED",
  summary: "An agent asked for another state of a domain, whatever becomes of it",
  since: V2,
  payload: { agentId: u32(), domainId: ref("powerDomain"), powerState: POWER_STATE },
});

/** The declarations of the power domain protocol, for agents and tools. */
export const POWER_MESSAGES = {
  id: 0x11,
  name: "power",
  commands: [
    POWER_PROTOCOL_ATTRIBUTES,
    POWER_DOMAIN_ATTRIBUTES,
    POWER_STATE_SET,
    POWER_STATE_GET,
    POWER_STATE_NOTIFY,
    POWER_STATE_CHANGE_REQUESTED_NOTIFY,
    POWER_DOMAIN_NAME_GET,
  ],
  notifications: [POWER_STATE_CHANGED, POWER_STATE_CHANGE_REQUESTED],
} as const;
