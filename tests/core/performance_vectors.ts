// Bytes of every message of Performance. SCMI 4.5.
import * as performance from "../../protocols/performance/messages.ts";
import { type Vector, vector } from "./vector.ts";

/** All of them. */
export const PERFORMANCE_VECTORS: readonly Vector[] = [
  vector(
    performance.PERFORMANCE_PROTOCOL_ATTRIBUTES,
    "returns",
    {
      attributes: { domainCount: 2, powerUnit: 2 },
      statisticsAddressLow: 0x4000_1000,
      statisticsAddressHigh: 1,
      statisticsSize: 0x100,
    },
    `02 00 02 00  two domains, microwatts
     00 10 00 40  statistics, low
     01 00 00 00  high
     00 01 00 00  size`,
  ),
  vector(performance.PERFORMANCE_DOMAIN_ATTRIBUTES, "params", { domainId: 1 }, "01 00 00 00  domain id"),
  vector(
    performance.PERFORMANCE_DOMAIN_ATTRIBUTES,
    "returns",
    {
      attributes: {
        maySetLimits: true,
        maySetLevel: false,
        notifiesLimits: true,
        notifiesLevel: false,
        hasFastChannels: true,
        hasExtendedName: false,
        usesLevelIndexing: true,
      },
      rateLimit: { intervalUs: 0xf_ffff },
      sustainedFrequencyKhz: 1_500_000,
      sustainedLevel: 1_500_000_000,
      name: "BIG_CPU",
    },
    `00 00 00 aa              b31 limits, b29 limits notified, b27 FastChannels, b25 indexing
     ff ff 0f 00              rate limit, us
     60 e3 16 00              sustained frequency, kHz
     00 2f 68 59              sustained level
     42 49 47 5f 43 50 55 00  BIG_CPU
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    performance.PERFORMANCE_DOMAIN_ATTRIBUTES,
    "returns",
    {
      attributes: {
        maySetLimits: false,
        maySetLevel: true,
        notifiesLimits: false,
        notifiesLevel: true,
        hasFastChannels: false,
        hasExtendedName: true,
        usesLevelIndexing: false,
      },
      rateLimit: { intervalUs: 0 },
      sustainedFrequencyKhz: 0,
      sustainedLevel: 0,
      name: "a_domain_with_a",
    },
    `00 00 00 54              b30 level, b28 level notified, b26 extended name
     00 00 00 00 00 00 00 00 00 00 00 00
     61 5f 64 6f 6d 61 69 6e  a_domain
     5f 77 69 74 68 5f 61 00  _with_a`,
  ),
  vector(
    performance.PERFORMANCE_DESCRIBE_LEVELS_V1,
    "params",
    { domainId: 1, skip: 7 },
    `01 00 00 00  domain id
     07 00 00 00  levels to skip`,
  ),
  vector(
    performance.PERFORMANCE_DESCRIBE_LEVELS_V1,
    "returns",
    {
      counts: { returned: 2, remaining: 3 },
      levels: [
        { level: 500, powerCost: 1177, attributes: { latencyUs: 1200 } },
        { level: 1000, powerCost: 2353, attributes: { latencyUs: 0xffff } },
      ],
    },
    `02 00 03 00  two here, three left
     f4 01 00 00  level
     99 04 00 00  cost
     b0 04 00 00  latency, us
     e8 03 00 00  the next one
     31 09 00 00
     ff ff 00 00`,
  ),
  vector(
    performance.PERFORMANCE_DESCRIBE_LEVELS,
    "params",
    { domainId: 2, skip: 0 },
    `02 00 00 00  domain id
     00 00 00 00  levels to skip`,
  ),
  vector(
    performance.PERFORMANCE_DESCRIBE_LEVELS,
    "returns",
    {
      counts: { returned: 1, remaining: 0 },
      levels: [{
        level: 1_700_000_000,
        powerCost: 5352,
        attributes: { latencyUs: 1200 },
        frequencyKhz: 1_700_000,
        levelIndex: 5,
      }],
    },
    `01 00 00 00  one here, none left
     00 f1 53 65  level
     e8 14 00 00  cost
     b0 04 00 00  latency, us
     a0 f0 19 00  frequency, kHz
     05 00 00 00  index`,
  ),
  vector(
    performance.PERFORMANCE_LIMITS_SET,
    "params",
    { domainId: 1, rangeMax: 1000, rangeMin: 500 },
    `01 00 00 00  domain id
     e8 03 00 00  the fastest first
     f4 01 00 00  then the slowest`,
  ),
  vector(performance.PERFORMANCE_LIMITS_GET, "params", { domainId: 1 }, "01 00 00 00  domain id"),
  vector(
    performance.PERFORMANCE_LIMITS_GET,
    "returns",
    { rangeMax: 0xffff_ffff, rangeMin: 2 },
    `ff ff ff ff  the fastest
     02 00 00 00  the slowest`,
  ),
  vector(
    performance.PERFORMANCE_LEVEL_SET,
    "params",
    { domainId: 1, level: 0x8000_0000 },
    `01 00 00 00  domain id
     00 00 00 80  level, unsigned`,
  ),
  vector(performance.PERFORMANCE_LEVEL_GET, "params", { domainId: 0 }, "00 00 00 00  domain id"),
  vector(performance.PERFORMANCE_LEVEL_GET, "returns", { level: 500 }, "f4 01 00 00  level"),
  vector(
    performance.PERFORMANCE_NOTIFY_LIMITS,
    "params",
    { domainId: 1, notifyEnable: { enable: true } },
    `01 00 00 00  domain id
     01 00 00 00  on`,
  ),
  vector(
    performance.PERFORMANCE_NOTIFY_LEVEL,
    "params",
    { domainId: 1, notifyEnable: { enable: false } },
    `01 00 00 00  domain id
     00 00 00 00  off`,
  ),
  vector(
    performance.PERFORMANCE_DESCRIBE_FASTCHANNEL,
    "params",
    { domainId: 1, messageId: 7 },
    `01 00 00 00  domain id
     07 00 00 00  PERFORMANCE_LEVEL_SET`,
  ),
  vector(
    performance.PERFORMANCE_DESCRIBE_FASTCHANNEL,
    "returns",
    {
      attributes: { hasDoorbell: true, doorbellWidth: 2 },
      rateLimit: { intervalUs: 4000 },
      addressLow: 0x1000,
      addressHigh: 0x1,
      size: 4,
      doorbellAddressLow: 0x2000,
      doorbellAddressHigh: 0x2,
      setMaskLow: 1,
      setMaskHigh: 0x8000_0000,
      preserveMaskLow: 0xffff_fffe,
      preserveMaskHigh: 0x7fff_ffff,
    },
    `05 00 00 00              a doorbell of 32 bits
     a0 0f 00 00              rate limit, us
     00 10 00 00 01 00 00 00  channel address
     04 00 00 00              size
     00 20 00 00 02 00 00 00  doorbell address
     01 00 00 00 00 00 00 80  set
     fe ff ff ff ff ff ff 7f  preserve`,
  ),
  vector(performance.PERFORMANCE_DOMAIN_NAME_GET, "params", { domainId: 1 }, "01 00 00 00  domain id"),
  vector(
    performance.PERFORMANCE_DOMAIN_NAME_GET,
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
  vector(
    performance.PERFORMANCE_LIMITS_CHANGED,
    "payload",
    { agentId: 1, domainId: 2, rangeMax: 1000, rangeMin: 500 },
    `01 00 00 00  agent
     02 00 00 00  domain id
     e8 03 00 00  the fastest
     f4 01 00 00  the slowest`,
  ),
  vector(
    performance.PERFORMANCE_LEVEL_CHANGED,
    "payload",
    { agentId: 0, domainId: 2, level: 500 },
    `00 00 00 00  the platform
     02 00 00 00  domain id
     f4 01 00 00  level`,
  ),
];
