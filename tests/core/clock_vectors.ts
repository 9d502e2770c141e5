// Bytes of every message of Clock in each of its layouts. SCMI 4.6.
import * as clock from "../../protocols/clock/messages.ts";
import { type Vector, vector } from "./vector.ts";

const NO_FLAGS = { async: false, ignoresDelayed: false, roundsUp: false, roundsToNearest: false } as const;

const DESCRIPTIONS: readonly Vector[] = [
  vector(
    clock.CLOCK_PROTOCOL_ATTRIBUTES,
    "returns",
    { attributes: { clockCount: 0x0102, asyncPendingMax: 16 } },
    "02 01 10 00  clocks, pending rate changes, reserved",
  ),
  vector(clock.CLOCK_ATTRIBUTES_V1, "params", { clockId: 7 }, "07 00 00 00  clock id"),
  vector(
    clock.CLOCK_ATTRIBUTES_V1,
    "returns",
    { attributes: { isEnabled: true }, name: "sd0" },
    `01 00 00 00              enabled
     73 64 30 00 00 00 00 00  sd0
     00 00 00 00 00 00 00 00`,
  ),
  vector(clock.CLOCK_ATTRIBUTES, "params", { clockId: 0xffff_ffff }, "ff ff ff ff  clock id"),
  vector(
    clock.CLOCK_ATTRIBUTES,
    "returns",
    {
      attributes: {
        notifiesRate: true,
        notifiesRequests: false,
        hasExtendedName: true,
        hasParents: true,
        hasExtendedConfig: false,
        isRestricted: true,
        isEnabled: false,
      },
      name: "a_clock_with_a_",
      enableDelayUs: 0x1234,
    },
    `02 00 00 b0              b31 rate changes, b29 extended name, b28 parents, b1 restricted
     61 5f 63 6c 6f 63 6b 5f  a_clock_
     77 69 74 68 5f 61 5f 00  with_a_
     34 12 00 00              microseconds to enable it`,
  ),
  vector(
    clock.CLOCK_ATTRIBUTES,
    "returns",
    {
      attributes: {
        notifiesRate: false,
        notifiesRequests: true,
        hasExtendedName: false,
        hasParents: false,
        hasExtendedConfig: true,
        isRestricted: false,
        isEnabled: true,
      },
      name: "pwm",
      enableDelayUs: 0,
    },
    `01 00 00 48              b30 requests, b27 extended configuration, b0 enabled
     70 77 6d 00 00 00 00 00  pwm
     00 00 00 00 00 00 00 00
     00 00 00 00              not told`,
  ),
  vector(
    clock.CLOCK_DESCRIBE_RATES,
    "params",
    { clockId: 3, rateIndex: 15 },
    `03 00 00 00  clock id
     0f 00 00 00  index`,
  ),
  vector(
    clock.CLOCK_DESCRIBE_RATES,
    "returns",
    {
      counts: { returned: 2, isTriplet: false, remaining: 0x0304 },
      rates: [{ rateHz: 12_480_000 }, { rateHz: 5_000_000_000 }],
    },
    `02 00 04 03              returned, a list, remaining
     00 6e be 00 00 00 00 00  12.48 MHz
     00 f2 05 2a 01 00 00 00  5 GHz: the high word counts`,
  ),
  vector(
    clock.CLOCK_DESCRIBE_RATES,
    "returns",
    {
      counts: { returned: 3, isTriplet: true, remaining: 0 },
      rates: [{ rateHz: 25_000 }, { rateHz: 100_000_000 }, { rateHz: 25_000 }],
    },
    `03 10 00 00              returned, b12: a triplet
     a8 61 00 00 00 00 00 00  lowest
     00 e1 f5 05 00 00 00 00  highest
     a8 61 00 00 00 00 00 00  step`,
  ),
  vector(clock.CLOCK_NAME_GET, "params", { clockId: 2 }, "02 00 00 00  clock id"),
  vector(
    clock.CLOCK_NAME_GET,
    "returns",
    { flags: 0, name: "a_clock_with_a_long_name" },
    `00 00 00 00              flags
     61 5f 63 6c 6f 63 6b 5f  a_clock_
     77 69 74 68 5f 61 5f 6c  with_a_l
     6f 6e 67 5f 6e 61 6d 65  ong_name
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
  vector(clock.CLOCK_GET_PERMISSIONS, "params", { clockId: 5 }, "05 00 00 00  clock id"),
  vector(
    clock.CLOCK_GET_PERMISSIONS,
    "returns",
    { permissions: { state: true, parent: false, rate: true } },
    "00 00 00 a0  b31 state, b29 rate",
  ),
  vector(
    clock.CLOCK_GET_PERMISSIONS,
    "returns",
    { permissions: { state: false, parent: true, rate: false } },
    "00 00 00 40  b30 parent",
  ),
];

const RATES: readonly Vector[] = [
  vector(
    clock.CLOCK_RATE_SET,
    "params",
    { flags: { ...NO_FLAGS, async: true, roundsUp: true }, clockId: 9, rateHz: 5_000_000_001n },
    `05 00 00 00              b0 asynchronous, b2 round up; the flags come first
     09 00 00 00              clock id
     01 f2 05 2a 01 00 00 00  rate, low word first`,
  ),
  vector(
    clock.CLOCK_RATE_SET,
    "params",
    { flags: { ...NO_FLAGS, ignoresDelayed: true, roundsToNearest: true }, clockId: 0, rateHz: -1n },
    `0a 00 00 00              b1 no delayed response, b3 nearest
     00 00 00 00              clock id
     ff ff ff ff ff ff ff ff  rate`,
  ),
  vector(
    clock.CLOCK_RATE_SET,
    "delayed",
    { clockId: 9, rateHz: 33_000_000 },
    `09 00 00 00              clock id
     40 8a f7 01 00 00 00 00  rate in force`,
  ),
  vector(clock.CLOCK_RATE_GET, "params", { clockId: 1 }, "01 00 00 00  clock id"),
  vector(clock.CLOCK_RATE_GET, "returns", { rateHz: 2 ** 32 }, "00 00 00 00 01 00 00 00  rate"),
  vector(
    clock.CLOCK_RATE_NOTIFY,
    "params",
    { clockId: 4, notifyEnable: { enable: true } },
    `04 00 00 00  clock id
     01 00 00 00  enable`,
  ),
  vector(
    clock.CLOCK_RATE_CHANGE_REQUESTED_NOTIFY,
    "params",
    { clockId: 4, notifyEnable: { enable: false } },
    `04 00 00 00  clock id
     00 00 00 00  disable`,
  ),
  vector(
    clock.CLOCK_RATE_CHANGED,
    "payload",
    { agentId: 2, clockId: 4, rateHz: 1_000_000 },
    `02 00 00 00              agent
     04 00 00 00              clock id
     40 42 0f 00 00 00 00 00  new rate`,
  ),
  vector(
    clock.CLOCK_RATE_CHANGE_REQUESTED,
    "payload",
    { agentId: 3, clockId: 5, rateHz: 2_000_000 },
    `03 00 00 00              agent
     05 00 00 00              clock id
     80 84 1e 00 00 00 00 00  rate asked for`,
  ),
];

const CONFIGURATION: readonly Vector[] = [
  vector(
    clock.CLOCK_CONFIG_SET_V1,
    "params",
    { clockId: 6, attributes: { isEnabled: true } },
    `06 00 00 00  clock id
     01 00 00 00  enable`,
  ),
  vector(
    clock.CLOCK_CONFIG_SET,
    "params",
    {
      clockId: 6,
      attributes: {
        state: clock.CLOCK_STATE.unchanged,
        extendedType: clock.EXTENDED_CONFIG.phase,
      },
      extendedValue: 1571,
    },
    `06 00 00 00  clock id
     03 00 02 00  state unchanged, 23:16 phase
     23 06 00 00  milliradians`,
  ),
  vector(
    clock.CLOCK_CONFIG_GET,
    "params",
    { clockId: 6, flags: { extendedType: clock.EXTENDED_CONFIG.dutyCycle } },
    `06 00 00 00  clock id
     01 00 00 00  7:0 duty cycle`,
  ),
  vector(
    clock.CLOCK_CONFIG_GET,
    "returns",
    { attributes: 0, config: { isEnabled: true }, extendedValue: 75 },
    `00 00 00 00  attributes
     01 00 00 00  enabled
     4b 00 00 00  percent`,
  ),
  vector(
    clock.CLOCK_POSSIBLE_PARENTS_GET,
    "params",
    { clockId: 29, skip: 1 },
    `1d 00 00 00  clock id
     01 00 00 00  skip`,
  ),
  vector(
    clock.CLOCK_POSSIBLE_PARENTS_GET,
    "returns",
    { counts: { returned: 2, remaining: 3 }, parents: [{ clockId: 35 }, { clockId: 0x0136 }] },
    `02 00 00 03  7:0 returned, 31:24 remaining
     23 00 00 00  clock ids
     36 01 00 00`,
  ),
  vector(
    clock.CLOCK_PARENT_SET,
    "params",
    { clockId: 29, parentId: 35 },
    `1d 00 00 00  clock id
     23 00 00 00  parent`,
  ),
  vector(clock.CLOCK_PARENT_GET, "params", { clockId: 29 }, "1d 00 00 00  clock id"),
  vector(clock.CLOCK_PARENT_GET, "returns", { parentId: 35 }, "23 00 00 00  parent"),
];

/** All of them. */
export const CLOCK_VECTORS: readonly Vector[] = [...DESCRIPTIONS, ...RATES, ...CONFIGURATION];
