// Reset domain protocol 0x16: the declarations of its messages. SCMI 4.8; versions 1.0 (SCMI 2.0), 2.0 (3.0), 3.0 (3.1) and
// 3.1 (3.2). No layout changed; 3.0 added extended names.
import { bits, bits32, command, flag, notification, ref, text, u32 } from "../../scp/core/schema.ts";
import { NAME_GET_RETURNS, SHORT_NAME_SIZE } from "../names.ts";

const V3 = 0x30000;

/** Told instead of a latency that is not known. */
export const LATENCY_UNKNOWN = 0xffff_ffff;

export const RESET_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts the reset domains",
  returns: { attributes: bits32({ domainCount: bits(15, 0) }) },
});

export const RESET_DOMAIN_ATTRIBUTES = command({
  id: 0x3,
  name: "RESET_DOMAIN_ATTRIBUTES",
  summary: "Names a reset domain and tells how it can be reset, and how many microseconds that takes",
  params: { domainId: ref("resetDomain") },
  returns: {
    attributes: bits32({
      supportsAsync: flag(31),
      notifies: flag(30),
      // Since version 3.0.
      hasExtendedName: flag(29),
    }),
    latencyUs: u32(),
    name: text(SHORT_NAME_SIZE),
  },
});

/** A reset state: architectural (id 0 is a cold reset) or of the implementation's own. */
const RESET_STATE = bits32({ isOwn: flag(31), id: bits(30, 0) });

export const RESET = command({
  id: 0x4,
  name: "RESET",
  summary:
    "Resets a domain: autonomous, at once or with a delayed response, or explicit, held until released",
  params: {
    domainId: ref("resetDomain"),
    flags: bits32({ autonomous: flag(0), assert: flag(1), async: flag(2) }),
    resetState: RESET_STATE,
  },
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED", "BUSY", "HARDWARE_ERROR"],
  delayed: { domainId: ref("resetDomain") },
  access: "control",
});

export const RESET_NOTIFY = command({
  id: 0x5,
  name: "RESET_NOTIFY",
  summary: "Turns RESET_ISSUED of a domain on or off",
  params: { domainId: ref("resetDomain"), notifyEnable: bits32({ enable: flag(0) }) },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

export const RESET_DOMAIN_NAME_GET = command({
  id: 0x6,
  name: "RESET_DOMAIN_NAME_GET",
  summary: "Tells a reset domain's extended name",
  since: V3,
  params: { domainId: ref("resetDomain") },
  returns: NAME_GET_RETURNS,
  fails: ["NOT_SUPPORTED"],
});

export const RESET_ISSUED = notification({
  id: 0x0,
  name: "RESET_ISSUED",
  summary: "A domain was reset",
  payload: { agentId: u32(), domainId: ref("resetDomain"), resetState: RESET_STATE },
});

/** The declarations of Reset, for agents and tools. */
export const RESET_MESSAGES = {
  id: 0x16,
  name: "reset",
  commands: [
    RESET_PROTOCOL_ATTRIBUTES,
    RESET_DOMAIN_ATTRIBUTES,
    RESET,
    RESET_NOTIFY,
    RESET_DOMAIN_NAME_GET,
  ],
  notifications: [RESET_ISSUED],
} as const;
