// Power capping protocol 0x18: the declarations of its messages. SCMI 4.10; versions 1.0 (SCMI 3.1) and 2.0 (3.2), which have
// the same layouts; what version 3.0, a draft, has otherwise is in messages_v3.ts. In version 2.0 a power cap of 0 means that
// power is not capped; version 1.0 has no word for that, so the highest cap stands there. Powers are in the unit of their
// domain. What a message calls the power averaging interval (PAI) is the averaging interval here.
import { bits, bits32, command, flag, notification, ref, text, u32 } from "../../scp/core/schema.ts";
import { FAST_CHANNEL_RETURNS } from "../fast_channels.ts";
import { NAME_GET_RETURNS, SHORT_NAME_SIZE } from "../names.ts";
import { COMMANDS_V3, POWERCAP_CAP_CHANGED_V3, V3 } from "./messages_v3.ts";

/** The version that has a word for no cap. */
export const V2 = 0x20000;
const V2_LAST = V3 - 1;

/** Units of power. */
export const UNIT_CODE = { abstract: 0, uW: 1, mW: 2 } as const;

/** The cap of a domain whose power is not capped, since version 2.0. */
export const NO_CAP = 0;

/** The parent of a domain that has none. */
export const NO_PARENT = 0xffff_ffff;

/** Units of the accuracy in a percent. */
export const ACCURACY_PER_PERCENT = 1000;

export const POWERCAP_PROTOCOL_ATTRIBUTES = command({
  id: 0x1,
  name: "PROTOCOL_ATTRIBUTES",
  summary: "Counts the power capping domains",
  returns: { attributes: bits32({ domainCount: bits(15, 0) }) },
});

export const POWERCAP_DOMAIN_ATTRIBUTES = command({
  id: 0x3,
  name: "POWERCAP_DOMAIN_ATTRIBUTES",
  until: V2_LAST,
  summary: "Names a domain, tells what can be measured and set, and the domain that it is part of",
  params: { domainId: ref("powercapDomain") },
  returns: {
    attributes: bits32({
      notifiesCap: flag(31),
      notifiesPower: flag(30),
      supportsAsync: flag(29),
      hasExtendedName: flag(28),
      isCapConfigurable: flag(27),
      isMonitored: flag(26),
      isAveragingConfigurable: flag(25),
      unit: bits(24, 23),
      hasFastChannels: flag(22),
    }),
    name: text(SHORT_NAME_SIZE),
    averagingMinUs: u32(),
    averagingMaxUs: u32(),
    averagingStepUs: u32(),
    powerCapMin: u32(),
    powerCapMax: u32(),
    powerCapStep: u32(),
    sustainablePower: u32(),
    accuracy: u32(),
    parentId: ref("powercapDomain"),
  },
});

export const POWERCAP_CAP_GET = command({
  id: 0x4,
  name: "POWERCAP_CAP_GET",
  until: V2_LAST,
  summary: "Tells the cap in force",
  params: { domainId: ref("powercapDomain") },
  returns: { powerCap: u32() },
});

// A cap that is none of those described is answered with OUT_OF_RANGE in both versions, as SCP-firmware does; version 3.0 has
// INVALID_PARAMETERS instead. Linux never asks for one. Without the asynchronous flag the other one has no
// meaning and is ignored: Linux sends it to domains without an asynchronous form.
export const POWERCAP_CAP_SET = command({
  id: 0x5,
  name: "POWERCAP_CAP_SET",
  until: V2_LAST,
  summary:
    "Sets the cap of a domain, or lifts it, at once or with a delayed response when the cap is in force",
  params: {
    domainId: ref("powercapDomain"),
    flags: bits32({ ignoresDelayed: flag(0), async: flag(1) }),
    powerCap: u32(),
  },
  fails: ["NOT_SUPPORTED", "DENIED", "OUT_OF_RANGE", "BUSY"],
  delayed: { domainId: ref("powercapDomain"), powerCap: u32() },
  access: "control",
});

export const POWERCAP_PAI_GET = command({
  id: 0x6,
  name: "POWERCAP_PAI_GET",
  until: V2_LAST,
  summary: "Tells over which interval power is averaged",
  params: { domainId: ref("powercapDomain") },
  returns: { averagingUs: u32() },
});

export const POWERCAP_PAI_SET = command({
  id: 0x7,
  name: "POWERCAP_PAI_SET",
  until: V2_LAST,
  summary: "Sets over which interval power is averaged",
  params: { domainId: ref("powercapDomain"), flags: bits32({}), averagingUs: u32() },
  fails: ["NOT_SUPPORTED", "DENIED", "OUT_OF_RANGE"],
  access: "control",
});

export const POWERCAP_DOMAIN_NAME_GET = command({
  id: 0x8,
  name: "POWERCAP_DOMAIN_NAME_GET",
  summary: "Tells a power capping domain's extended name",
  params: { domainId: ref("powercapDomain") },
  returns: NAME_GET_RETURNS,
  fails: ["NOT_SUPPORTED"],
});

export const POWERCAP_MEASUREMENTS_GET = command({
  id: 0x9,
  name: "POWERCAP_MEASUREMENTS_GET",
  summary: "Tells the power that a domain draws, averaged over the interval",
  params: { domainId: ref("powercapDomain") },
  returns: { power: u32(), averagingUs: u32() },
  fails: ["NOT_SUPPORTED"],
});

export const POWERCAP_CAP_NOTIFY = command({
  id: 0xa,
  name: "POWERCAP_CAP_NOTIFY",
  summary: "Turns POWERCAP_CAP_CHANGED of a domain on or off",
  params: { domainId: ref("powercapDomain"), notifyEnable: bits32({ enable: flag(0) }) },
  fails: ["NOT_SUPPORTED"],
  needsP2a: true,
});

export const POWERCAP_MEASUREMENTS_NOTIFY = command({
  id: 0xb,
  name: "POWERCAP_MEASUREMENTS_NOTIFY",
  summary: "Turns POWERCAP_MEASUREMENTS_CHANGED of a domain on, for power beyond two thresholds, or off",
  params: {
    domainId: ref("powercapDomain"),
    notifyEnable: bits32({ enable: flag(0) }),
    powerLow: u32(),
    powerHigh: u32(),
  },
  fails: ["INVALID_PARAMETERS", "NOT_SUPPORTED"],
  needsP2a: true,
});

export const POWERCAP_DESCRIBE_FASTCHANNEL = command({
  id: 0xc,
  name: "POWERCAP_DESCRIBE_FASTCHANNEL",
  until: V2_LAST,
  summary: "Tells where the FastChannel of a command for a domain is, and its doorbell",
  params: { domainId: ref("powercapDomain"), messageId: u32() },
  returns: FAST_CHANNEL_RETURNS,
  fails: ["NOT_FOUND", "NOT_SUPPORTED"],
});

export const POWERCAP_CAP_CHANGED = notification({
  id: 0x0,
  name: "POWERCAP_CAP_CHANGED",
  until: V2_LAST,
  summary: "Another cap or averaging interval is in force",
  payload: { agentId: u32(), domainId: ref("powercapDomain"), powerCap: u32(), averagingUs: u32() },
});

export const POWERCAP_MEASUREMENTS_CHANGED = notification({
  id: 0x1,
  name: "POWERCAP_MEASUREMENTS_CHANGED",
  summary: "The power that a domain draws has fallen below the lower threshold or risen above the higher one",
  payload: { agentId: u32(), domainId: ref("powercapDomain"), power: u32() },
});

/** The declarations of power capping, for agents and tools. */
export const POWERCAP_MESSAGES = {
  id: 0x18,
  name: "powercap",
  commands: [
    POWERCAP_PROTOCOL_ATTRIBUTES,
    POWERCAP_DOMAIN_ATTRIBUTES,
    POWERCAP_CAP_GET,
    POWERCAP_CAP_SET,
    POWERCAP_PAI_GET,
    POWERCAP_PAI_SET,
    POWERCAP_DOMAIN_NAME_GET,
    POWERCAP_MEASUREMENTS_GET,
    POWERCAP_CAP_NOTIFY,
    POWERCAP_MEASUREMENTS_NOTIFY,
    POWERCAP_DESCRIBE_FASTCHANNEL,
    ...COMMANDS_V3,
  ],
  notifications: [POWERCAP_CAP_CHANGED, POWERCAP_CAP_CHANGED_V3, POWERCAP_MEASUREMENTS_CHANGED],
} as const;
