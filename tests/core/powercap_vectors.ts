// Bytes of every message of power capping. SCMI 4.10.
import * as powercap from "../../protocols/powercap/messages.ts";
import { type Vector, vector } from "./vector.ts";

/** All of them. */
export const POWERCAP_VECTORS: readonly Vector[] = [
  vector(
    powercap.POWERCAP_PROTOCOL_ATTRIBUTES,
    "returns",
    { attributes: { domainCount: 4 } },
    "04 00 00 00  domains, reserved",
  ),
  vector(powercap.POWERCAP_DOMAIN_ATTRIBUTES, "params", { domainId: 3 }, "03 00 00 00  domain id"),
  vector(
    powercap.POWERCAP_DOMAIN_ATTRIBUTES,
    "returns",
    {
      attributes: {
        notifiesCap: true,
        notifiesPower: false,
        supportsAsync: true,
        hasExtendedName: false,
        isCapConfigurable: true,
        isMonitored: false,
        isAveragingConfigurable: true,
        unit: powercap.UNIT_CODE.mW,
        hasFastChannels: false,
      },
      name: "cpu-big",
      averagingMinUs: 1_000,
      averagingMaxUs: 1_000_000,
      averagingStepUs: 1_000,
      powerCapMin: 500,
      powerCapMax: 8_000,
      powerCapStep: 1,
      sustainablePower: 3_530,
      accuracy: 1_500,
      parentId: 0,
    },
    `00 00 00 ab              b31 cap, b29 asynchronous, b27 settable cap, b25 settable interval, b24 mW
     63 70 75 2d 62 69 67 00  cpu-big
     00 00 00 00 00 00 00 00
     e8 03 00 00              shortest interval, us
     40 42 0f 00              longest
     e8 03 00 00              its step
     f4 01 00 00              lowest cap
     40 1f 00 00              highest
     01 00 00 00              its step
     ca 0d 00 00              sustainable power
     dc 05 00 00              accuracy, thousandths of a percent
     00 00 00 00              parent`,
  ),
  vector(
    powercap.POWERCAP_DOMAIN_ATTRIBUTES,
    "returns",
    {
      attributes: {
        notifiesCap: false,
        notifiesPower: true,
        supportsAsync: false,
        hasExtendedName: true,
        isCapConfigurable: false,
        isMonitored: true,
        isAveragingConfigurable: false,
        unit: powercap.UNIT_CODE.uW,
        hasFastChannels: true,
      },
      name: "a_domain_with_a",
      averagingMinUs: 5_000,
      averagingMaxUs: 5_000,
      averagingStepUs: 0,
      powerCapMin: 0xffff_fffe,
      powerCapMax: 0xffff_fffe,
      powerCapStep: 0,
      sustainablePower: 0,
      accuracy: 0,
      parentId: powercap.NO_PARENT,
    },
    `00 00 c0 54              b30 power, b28 extended name, b26 monitoring, b23 uW, b22 FastChannels
     61 5f 64 6f 6d 61 69 6e  a_domain
     5f 77 69 74 68 5f 61 00  _with_a
     88 13 00 00              shortest interval, us
     88 13 00 00              longest
     00 00 00 00              its step
     fe ff ff ff              lowest cap
     fe ff ff ff              highest
     00 00 00 00              its step
     00 00 00 00              sustainable power
     00 00 00 00              accuracy
     ff ff ff ff              no parent`,
  ),
  vector(powercap.POWERCAP_CAP_GET, "params", { domainId: 1 }, "01 00 00 00  domain id"),
  vector(powercap.POWERCAP_CAP_GET, "returns", { powerCap: 6_000 }, "70 17 00 00  cap"),
  vector(
    powercap.POWERCAP_CAP_SET,
    "params",
    { domainId: 1, flags: { ignoresDelayed: true, async: false }, powerCap: 6_000 },
    `01 00 00 00  domain id
     01 00 00 00  b0 no delayed response
     70 17 00 00  cap`,
  ),
  vector(
    powercap.POWERCAP_CAP_SET,
    "params",
    { domainId: 1, flags: { ignoresDelayed: false, async: true }, powerCap: powercap.NO_CAP },
    `01 00 00 00  domain id
     02 00 00 00  b1 asynchronous
     00 00 00 00  no cap`,
  ),
  vector(
    powercap.POWERCAP_CAP_SET,
    "delayed",
    { domainId: 1, powerCap: 6_000 },
    `01 00 00 00  domain id
     70 17 00 00  the cap in force`,
  ),
  vector(powercap.POWERCAP_PAI_GET, "params", { domainId: 2 }, "02 00 00 00  domain id"),
  vector(powercap.POWERCAP_PAI_GET, "returns", { averagingUs: 100_000 }, "a0 86 01 00  us"),
  vector(
    powercap.POWERCAP_PAI_SET,
    "params",
    { domainId: 2, flags: {}, averagingUs: 1_000_000 },
    `02 00 00 00  domain id
     00 00 00 00  reserved
     40 42 0f 00  us`,
  ),
  vector(powercap.POWERCAP_DOMAIN_NAME_GET, "params", { domainId: 2 }, "02 00 00 00  domain id"),
  vector(
    powercap.POWERCAP_DOMAIN_NAME_GET,
    "returns",
    { flags: 0, name: "a_domain_with_a_long_name" },
    `00 00 00 00              flags
     61 5f 64 6f 6d 61 69 6e  a_domain
     5f 77 69 74 68 5f 61 5f  _with_a_
     6c 6f 6e 67 5f 6e 61 6d  long_nam
     65 00 00 00 00 00 00 00  e
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
  vector(powercap.POWERCAP_MEASUREMENTS_GET, "params", { domainId: 3 }, "03 00 00 00  domain id"),
  vector(
    powercap.POWERCAP_MEASUREMENTS_GET,
    "returns",
    { power: 3_700, averagingUs: 100_000 },
    `74 0e 00 00  power
     a0 86 01 00  averaged over, us`,
  ),
  vector(
    powercap.POWERCAP_CAP_NOTIFY,
    "params",
    { domainId: 1, notifyEnable: { enable: true } },
    `01 00 00 00  domain id
     01 00 00 00  enable`,
  ),
  vector(
    powercap.POWERCAP_MEASUREMENTS_NOTIFY,
    "params",
    { domainId: 1, notifyEnable: { enable: true }, powerLow: 1_000, powerHigh: 5_000 },
    `01 00 00 00  domain id
     01 00 00 00  enable
     e8 03 00 00  lower threshold
     88 13 00 00  higher threshold`,
  ),
  vector(
    powercap.POWERCAP_DESCRIBE_FASTCHANNEL,
    "params",
    { domainId: 1, messageId: 5 },
    `01 00 00 00  domain id
     05 00 00 00  POWERCAP_CAP_SET`,
  ),
  vector(
    powercap.POWERCAP_DESCRIBE_FASTCHANNEL,
    "returns",
    {
      attributes: { hasDoorbell: true, doorbellWidth: 2 },
      rateLimit: { intervalUs: 1_000 },
      addressLow: 0x8000_1000,
      addressHigh: 1,
      size: 4,
      doorbellAddressLow: 0x4000_0000,
      doorbellAddressHigh: 2,
      setMaskLow: 1,
      setMaskHigh: 0,
      preserveMaskLow: 0xffff_fffe,
      preserveMaskHigh: 0,
    },
    `05 00 00 00  b0 doorbell, b2:1 32 bits
     e8 03 00 00  us between two writes
     00 10 00 80 01 00 00 00  address
     04 00 00 00  bytes
     00 00 00 40 02 00 00 00  doorbell
     01 00 00 00 00 00 00 00  bits to set
     fe ff ff ff 00 00 00 00  bits to keep`,
  ),
  vector(
    powercap.POWERCAP_CAP_CHANGED,
    "payload",
    { agentId: 3, domainId: 1, powerCap: 6_000, averagingUs: 100_000 },
    `03 00 00 00  agent
     01 00 00 00  domain id
     70 17 00 00  cap
     a0 86 01 00  interval, us`,
  ),
  vector(
    powercap.POWERCAP_MEASUREMENTS_CHANGED,
    "payload",
    { agentId: 0, domainId: 1, power: 5_001 },
    `00 00 00 00  the platform
     01 00 00 00  domain id
     89 13 00 00  power`,
  ),
];
