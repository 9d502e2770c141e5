// Bytes of the messages of power capping that version 3.0 changes or adds. Drafts of SCMI 4.0, scmi-devices 6.5.
import * as messages from "../../protocols/powercap/messages.ts";
import * as powercap from "../../protocols/powercap/messages_v3.ts";
import { type Vector, vector } from "./vector.ts";

/** All of them. */
export const POWERCAP_V3_VECTORS: readonly Vector[] = [
  vector(powercap.POWERCAP_DOMAIN_ATTRIBUTES_V3, "params", { domainId: 3 }, "03 00 00 00  domain id"),
  vector(
    powercap.POWERCAP_DOMAIN_ATTRIBUTES_V3,
    "returns",
    {
      attributes: {
        notifiesMeasuring: false,
        notifiesPower: true,
        supportsAsync: false,
        hasExtendedName: true,
        isCapConfigurable: false,
        isMonitored: true,
        isMeasuringConfigurable: false,
        unit: messages.UNIT_CODE.uW,
        hasFastChannels: true,
        notifiesCap: false,
        isAveragingConfigurable: true,
        notifiesAveraging: false,
        limitCount: 5,
      },
      name: "cpu-big",
      measuringMinUs: 1_000,
      measuringMaxUs: 1_000_000,
      measuringStepUs: 1_000,
      powerCapMin: 500,
      powerCapMax: 8_000,
      powerCapStep: 1,
      sustainablePower: 3_530,
      accuracy: 1_500,
      parentId: 2,
      averagingMinUs: 5_000,
      averagingMaxUs: 10_000_000,
      averagingStepUs: 2_500,
    },
    `00 80 d2 54              b30 power, b28 extended name, b26 monitoring, b23 uW, b22 FastChannels, b20 settable CAI, b18:15 limits
     63 70 75 2d 62 69 67 00  cpu-big
     00 00 00 00 00 00 00 00
     e8 03 00 00              shortest interval of measurements, us
     40 42 0f 00              longest
     e8 03 00 00              its step
     f4 01 00 00              lowest cap
     40 1f 00 00              highest
     01 00 00 00              its step
     ca 0d 00 00              sustainable power
     dc 05 00 00              accuracy, thousandths of a percent
     02 00 00 00              parent
     88 13 00 00              shortest interval of the cap, us
     80 96 98 00              longest
     c4 09 00 00              its step`,
  ),
  vector(
    powercap.POWERCAP_DOMAIN_ATTRIBUTES_V3,
    "returns",
    {
      attributes: {
        notifiesMeasuring: true,
        notifiesPower: false,
        supportsAsync: true,
        hasExtendedName: false,
        isCapConfigurable: true,
        isMonitored: false,
        isMeasuringConfigurable: true,
        unit: messages.UNIT_CODE.mW,
        hasFastChannels: false,
        notifiesCap: true,
        isAveragingConfigurable: false,
        notifiesAveraging: true,
        limitCount: 10,
      },
      name: "",
      measuringMinUs: 1,
      measuringMaxUs: 1,
      measuringStepUs: 0,
      powerCapMin: 2,
      powerCapMax: 2,
      powerCapStep: 0,
      sustainablePower: 3,
      accuracy: 4,
      parentId: messages.NO_PARENT,
      averagingMinUs: 5,
      averagingMaxUs: 6,
      averagingStepUs: 7,
    },
    `00 00 2d ab              b31 MAI, b29 async, b27 settable cap, b25 settable MAI, b24 mW, b21 cap, b19 CAI, b18:15 limits
     00 00 00 00 00 00 00 00  no name
     00 00 00 00 00 00 00 00
     01 00 00 00              shortest interval of measurements, us
     01 00 00 00              longest
     00 00 00 00              its step
     02 00 00 00              lowest cap
     02 00 00 00              highest
     00 00 00 00              its step
     03 00 00 00              sustainable power
     04 00 00 00              accuracy
     ff ff ff ff              no parent
     05 00 00 00              shortest interval of the cap, us
     06 00 00 00              longest
     07 00 00 00              its step`,
  ),
  vector(
    powercap.POWERCAP_CAP_GET_V3,
    "params",
    { domainId: 1, limitId: 2 },
    `01 00 00 00  domain id
     02 00 00 00  limit`,
  ),
  vector(powercap.POWERCAP_CAP_GET_V3, "returns", { powerCap: 6_000 }, "70 17 00 00  cap"),
  vector(
    powercap.POWERCAP_CAP_SET_V3,
    "params",
    { domainId: 1, limitId: 2, flags: { ignoresDelayed: true, async: false }, powerCap: 6_000 },
    `01 00 00 00  domain id
     02 00 00 00  limit
     01 00 00 00  b0 no delayed response
     70 17 00 00  cap`,
  ),
  vector(
    powercap.POWERCAP_CAP_SET_V3,
    "params",
    { domainId: 1, limitId: 0, flags: { ignoresDelayed: false, async: true }, powerCap: messages.NO_CAP },
    `01 00 00 00  domain id
     00 00 00 00  limit
     02 00 00 00  b1 asynchronous
     00 00 00 00  no cap`,
  ),
  vector(
    powercap.POWERCAP_CAP_SET_V3,
    "delayed",
    { domainId: 1, powerCap: 6_000, limitId: 2 },
    `01 00 00 00  domain id
     70 17 00 00  the cap in force
     02 00 00 00  limit`,
  ),
  vector(powercap.POWERCAP_PAI_GET_V3, "params", { domainId: 2 }, "02 00 00 00  domain id"),
  vector(powercap.POWERCAP_PAI_GET_V3, "returns", { measuringUs: 100_000 }, "a0 86 01 00  us"),
  vector(
    powercap.POWERCAP_PAI_SET_V3,
    "params",
    { domainId: 2, flags: {}, measuringUs: 1_000_000 },
    `02 00 00 00  domain id
     00 00 00 00  reserved
     40 42 0f 00  us`,
  ),
  vector(
    powercap.POWERCAP_DESCRIBE_FASTCHANNEL_V3,
    "params",
    { domainId: 1, messageId: 5, limitId: 2 },
    `01 00 00 00  domain id
     05 00 00 00  POWERCAP_CAP_SET
     02 00 00 00  limit`,
  ),
  vector(
    powercap.POWERCAP_CPC_ATTRIBUTES,
    "params",
    { domainId: 1, index: 2 },
    `01 00 00 00  domain id
     02 00 00 00  first limit`,
  ),
  vector(
    powercap.POWERCAP_CPC_ATTRIBUTES,
    "returns",
    {
      counts: { returned: 2, remaining: 3 },
      limits: [
        {
          limitId: 0,
          flags: { isCapConfigurable: true },
          powerCapMin: 500,
          powerCapMax: 8_000,
          powerCapStep: 1,
          averagingMinUs: 1_000,
          averagingMaxUs: 1_000_000,
          averagingStepUs: 1_000,
          name: "sustained",
        },
        {
          limitId: 1,
          flags: { isCapConfigurable: false },
          powerCapMin: 9_000,
          powerCapMax: 9_000,
          powerCapStep: 0,
          averagingMinUs: 5_000,
          averagingMaxUs: 5_000,
          averagingStepUs: 0,
          name: "peak",
        },
      ],
    },
    `02 00 03 00              15:0 returned, 31:16 remaining
     00 00 00 00              limit
     01 00 00 00              b0 settable cap
     f4 01 00 00              lowest cap
     40 1f 00 00              highest
     01 00 00 00              its step
     e8 03 00 00              shortest interval, us
     40 42 0f 00              longest
     e8 03 00 00              its step
     73 75 73 74 61 69 6e 65  sustaine
     64 00 00 00 00 00 00 00  d
     01 00 00 00              limit
     00 00 00 00              cap not settable
     28 23 00 00              lowest cap
     28 23 00 00              highest
     00 00 00 00              its step
     88 13 00 00              shortest interval, us
     88 13 00 00              longest
     00 00 00 00              its step
     70 65 61 6b 00 00 00 00  peak
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    powercap.POWERCAP_CAI_GET,
    "params",
    { domainId: 1, limitId: 2 },
    `01 00 00 00  domain id
     02 00 00 00  limit`,
  ),
  vector(powercap.POWERCAP_CAI_GET, "returns", { averagingUs: 5_000 }, "88 13 00 00  us"),
  vector(
    powercap.POWERCAP_CAI_SET,
    "params",
    { domainId: 1, flags: {}, averagingUs: 5_000, limitId: 2 },
    `01 00 00 00  domain id
     00 00 00 00  reserved
     88 13 00 00  us
     02 00 00 00  limit`,
  ),
  vector(
    powercap.POWERCAP_CAP_CHANGED_V3,
    "payload",
    { agentId: 3, domainId: 1, powerCap: 6_000, averagingUs: 100_000, limitId: 2 },
    `03 00 00 00  agent
     01 00 00 00  domain id
     70 17 00 00  cap
     a0 86 01 00  interval of the cap, us
     02 00 00 00  limit`,
  ),
];
