// Power capping protocol 0x18: the declarations that version 3.0 changes or adds, from drafts of SCMI 4.0; all may change, and
// messages keep the name they had. A domain has concurrent power limits (CPL), each with a cap and a cap averaging interval
// (CAI); its measurements have an interval of their own (MAI). Drafts have notifications of other MAIs, but no message that is
// known to carry them, and name no FastChannels for intervals of caps: neither is offered. A value that cannot be set is
// answered with INVALID_PARAMETERS, where older versions have OUT_OF_RANGE.
import {
  bits,
  bits32,
  command,
  counted,
  flag,
  list,
  notification,
  ref,
  text,
  u32,
} from "../../scp/core/schema.ts";
import { FAST_CHANNEL_RETURNS } from "../fast_channels.ts";
import { SHORT_NAME_SIZE } from "../names.ts";

/** The version that brought concurrent limits. */
export const V3 = 0x30000;

export const POWERCAP_DOMAIN_ATTRIBUTES_V3 = command({
  id: 0x3,
  name: "POWERCAP_DOMAIN_ATTRIBUTES",
  summary:
    "Names a domain, tells what can be measured and set, its number of limits, and the domain above it",
  since: V3,
  params: { domainId: ref("powercapDomain") },
  returns: {
    attributes: bits32({
      notifiesMeasuring: flag(31),
      notifiesPower: flag(30),
      supportsAsync: flag(29),
      hasExtendedName: flag(28),
      isCapConfigurable: flag(27),
      isMonitored: flag(26),
      isMeasuringConfigurable: flag(25),
      unit: bits(24, 23),
      hasFastChannels: flag(22),
      notifiesCap: flag(21),
      isAveragingConfigurable: flag(20),
      notifiesAveraging: flag(19),
      limitCount: bits(18, 15),
    }),
    name: text(SHORT_NAME_SIZE),
    measuringMinUs: u32(),
    measuringMaxUs: u32(),
    measuringStepUs: u32(),
    powerCapMin: u32(),
    powerCapMax: u32(),
    powerCapStep: u32(),
    sustainablePower: u32(),
    accuracy: u32(),
    parentId: ref("powercapDomain"),
    averagingMinUs: u32(),
    averagingMaxUs: u32(),
    averagingStepUs: u32(),
  },
});

export const POWERCAP_CAP_GET_V3 = command({
  id: 0x4,
  name: "POWERCAP_CAP_GET",
  summary: "Tells the cap in force of a limit",
  since: V3,
  params: { domainId: ref("powercapDomain"), limitId: u32() },
  returns: { powerCap: u32() },
  fails: ["NOT_FOUND"],
});

export const POWERCAP_CAP_SET_V3 = command({
  id: 0x5,
  name: "POWERCAP_CAP_SET",
  summary:
    "Sets the cap of a limit, or lifts it, at once or with a delayed response when the cap is in force",
  since: V3,
  params: {
    domainId: ref("powercapDomain"),
    limitId: u32(),
    flags: bits32({ ignoresDelayed: flag(0), async: flag(1) }),
    powerCap: u32(),
  },
  fails: ["NOT_FOUND", "NOT_SUPPORTED", "DENIED", "INVALID_PARAMETERS", "BUSY"],
  delayed: { domainId: ref("powercapDomain"), powerCap: u32(), limitId: u32() },
  access: "control",
});

export const POWERCAP_PAI_GET_V3 = command({
  id: 0x6,
  name: "POWERCAP_PAI_GET",
  summary: "Tells over which interval measurements are averaged",
  since: V3,
  params: { domainId: ref("powercapDomain") },
  returns: { measuringUs: u32() },
});

export const POWERCAP_PAI_SET_V3 = command({
  id: 0x7,
  name: "POWERCAP_PAI_SET",
  summary: "Sets over which interval measurements are averaged",
  since: V3,
  params: { domainId: ref("powercapDomain"), flags: bits32({}), measuringUs: u32() },
  fails: ["NOT_SUPPORTED", "DENIED", "INVALID_PARAMETERS"],
  access: "control",
});

export const POWERCAP_DESCRIBE_FASTCHANNEL_V3 = command({
  id: 0xc,
  name: "POWERCAP_DESCRIBE_FASTCHANNEL",
  summary:
    "Tells where the FastChannel of a command for a limit is, and its doorbell; only the first limit has any",
  since: V3,
  params: { domainId: ref("powercapDomain"), messageId: u32(), limitId: u32() },
  returns: FAST_CHANNEL_RETURNS,
  fails: ["NOT_FOUND", "NOT_SUPPORTED"],
});

export const POWERCAP_CPC_ATTRIBUTES = command({
  id: 0xd,
  name: "POWERCAP_CPC_ATTRIBUTES",
  summary: "Names the limits of a domain, and tells what can be set of each, by pages",
  since: V3,
  params: { domainId: ref("powercapDomain"), index: u32() },
  returns: {
    counts: bits32({ returned: bits(15, 0), remaining: bits(31, 16) }),
    limits: counted(
      { counts: "returned" },
      list({
        limitId: u32(),
        flags: bits32({ isCapConfigurable: flag(0) }),
        powerCapMin: u32(),
        powerCapMax: u32(),
        powerCapStep: u32(),
        averagingMinUs: u32(),
        averagingMaxUs: u32(),
        averagingStepUs: u32(),
        name: text(SHORT_NAME_SIZE),
      }),
    ),
  },
  fails: ["NOT_SUPPORTED", "OUT_OF_RANGE"],
});

export const POWERCAP_CAI_GET = command({
  id: 0xe,
  name: "POWERCAP_CAI_GET",
  summary: "Tells over which interval power is averaged to compare it with the cap of a limit",
  since: V3,
  params: { domainId: ref("powercapDomain"), limitId: u32() },
  returns: { averagingUs: u32() },
  fails: ["NOT_FOUND"],
});

export const POWERCAP_CAI_SET = command({
  id: 0xf,
  name: "POWERCAP_CAI_SET",
  summary: "Sets over which interval power is averaged to compare it with the cap of a limit",
  since: V3,
  params: { domainId: ref("powercapDomain"), flags: bits32({}), averagingUs: u32(), limitId: u32() },
  fails: ["NOT_FOUND", "NOT_SUPPORTED", "DENIED", "INVALID_PARAMETERS"],
  access: "control",
});

export const POWERCAP_CAP_CHANGED_V3 = notification({
  id: 0x0,
  name: "POWERCAP_CAP_CHANGED",
  summary: "Another cap of a limit, or interval over which power is averaged for it, is in force",
  since: V3,
  payload: {
    agentId: u32(),
    domainId: ref("powercapDomain"),
    powerCap: u32(),
    averagingUs: u32(),
    limitId: u32(),
  },
});

/** The commands of the version. */
export const COMMANDS_V3 = [
  POWERCAP_DOMAIN_ATTRIBUTES_V3,
  POWERCAP_CAP_GET_V3,
  POWERCAP_CAP_SET_V3,
  POWERCAP_PAI_GET_V3,
  POWERCAP_PAI_SET_V3,
  POWERCAP_DESCRIBE_FASTCHANNEL_V3,
  POWERCAP_CPC_ATTRIBUTES,
  POWERCAP_CAI_GET,
  POWERCAP_CAI_SET,
] as const;
