// Bytes of the messages of telemetry. Drafts of SCMI 4.0, scmi-devices 8.
import * as telemetry from "../../protocols/telemetry/messages.ts";
import { type Vector, vector } from "./vector.ts";

/** A line with a timestamp, one without, and one without a value. */
const LINES = [
  {
    meta: { type: 0, usesBlockTimestamp: false, isExtended: true, hasTimestamp: true, isInvalid: false },
    dataEventId: 0x201,
    value: -2,
    timestamp: 0x1_0000_0002,
  },
  {
    meta: { type: 1, usesBlockTimestamp: true, isExtended: false, hasTimestamp: false, isInvalid: true },
    dataEventId: 3,
    value: 0x5_0000_0000,
    timestamp: 0,
  },
];

const LINE_BYTES = `06 00 00 00              b2 long, b1 with a timestamp
     01 02 00 00              data event
     fe ff ff ff ff ff ff ff  its value
     02 00 00 00 01 00 00 00  when
     19 00 00 00              b7:4 type, b3 block timestamp, b0 no value
     03 00 00 00
     00 00 00 00 05 00 00 00`;

/** All of them. */
export const TELEMETRY_VECTORS: readonly Vector[] = [
  vector(
    telemetry.TELEMETRY_PROTOCOL_ATTRIBUTES,
    "returns",
    {
      dataEventCount: 260,
      groupCount: 2,
      revision0: 1,
      revision1: 2,
      revision2: 3,
      revision3: 4,
      attributes: {
        supportsSingleReads: true,
        supportsUpdates: false,
        configuresGroups: true,
        supportsReset: false,
        hasFastChannels: true,
        areas: 3,
      },
      blockTimestampRateKhz: 1000,
    },
    `04 01 00 00  data events
     02 00 00 00  groups
     01 00 00 00  revision, four words
     02 00 00 00
     03 00 00 00
     04 00 00 00
     03 00 05 80  b31 single reads, b18 groups, b16 FastChannels, b15:0 areas
     e8 03 00 00  rate of block timestamps`,
  ),
  vector(
    telemetry.TELEMETRY_PROTOCOL_ATTRIBUTES,
    "returns",
    {
      dataEventCount: 0,
      groupCount: 0,
      revision0: 0,
      revision1: 0,
      revision2: 0,
      revision3: 0,
      attributes: {
        supportsSingleReads: false,
        supportsUpdates: true,
        configuresGroups: false,
        supportsReset: true,
        hasFastChannels: false,
        areas: 0,
      },
      blockTimestampRateKhz: 0,
    },
    `00 00 00 00
     00 00 00 00
     00 00 00 00
     00 00 00 00
     00 00 00 00
     00 00 00 00
     00 00 02 40  b30 updates, b17 reset
     00 00 00 00`,
  ),
  vector(telemetry.TELEMETRY_LIST_SHMTI, "params", { index: 2 }, "02 00 00 00  index"),
  vector(
    telemetry.TELEMETRY_LIST_SHMTI,
    "returns",
    {
      counts: { returned: 1, remaining: 4 },
      areas: [{ areaId: 7, addressLow: 0x8000_1000, addressHigh: 1, size: 4096, flags: 0 }],
    },
    `01 00 04 00  returned, remaining
     07 00 00 00  area
     00 10 00 80  address low
     01 00 00 00  address high
     00 10 00 00  bytes
     00 00 00 00  flags`,
  ),
  vector(telemetry.TELEMETRY_DE_DESCRIPTION, "params", { index: 9 }, "09 00 00 00  index"),
  vector(
    telemetry.TELEMETRY_DE_DESCRIPTION,
    "returns",
    {
      counts: { returned: 2, remaining: 1 },
      dataEvents: [
        {
          dataEventId: 0x100,
          groupId: 5,
          dataSize: 8,
          attributes: {
            hasName: true,
            hasFastChannel: false,
            typeCode: 0xff,
            isPersistent: false,
            unitExponent: -3,
            unitCode: 2,
            hasBlockTimestamp: false,
            hasLineTimestamp: true,
          },
          component: { eventInstance: 1, instance: 0x203, typeCode: 4 },
          reserved: 0,
          timestampRateKhz: 1000,
          addressLow: 0,
          addressHigh: 0,
          size: 0,
          name: "temp",
        },
        {
          dataEventId: 1,
          groupId: telemetry.NONE,
          dataSize: 4,
          attributes: {
            hasName: false,
            hasFastChannel: true,
            typeCode: 0,
            isPersistent: true,
            unitExponent: 1,
            unitCode: 0xff,
            hasBlockTimestamp: true,
            hasLineTimestamp: false,
          },
          component: { eventInstance: 0, instance: 0, typeCode: 0 },
          reserved: 0,
          timestampRateKhz: 0,
          addressLow: 0x1000,
          addressHigh: 2,
          size: 16,
          name: "",
        },
      ],
    },
    `02 00 01 00              returned, remaining
     00 01 00 00              data event
     05 00 00 00              group
     08 00 00 00              bytes of its data
     41 a0 df bf              b31 name, b29:22 type, b20:13 exponent of the unit, b12:5 unit, b0 timestamp of the line
     04 03 02 01              b31:24 instance, b23:8 component, b7:0 its type
     00 00 00 00
     e8 03 00 00              rate of the timestamps
     74 65 6d 70 00 00 00 00  temp
     00 00 00 00 00 00 00 00
     01 00 00 00              data event
     ff ff ff ff              no group
     04 00 00 00
     e2 3f 20 40              b30 FastChannel, b21 persistent, b13 exponent, b12:5 unit, b1 timestamp of the block
     00 00 00 00
     00 00 00 00
     00 10 00 00              address low
     02 00 00 00              address high
     10 00 00 00              bytes`,
  ),
  vector(
    telemetry.TELEMETRY_LIST_UPDATE_INTERVALS,
    "params",
    { index: 1, groupId: 2, flags: { selector: telemetry.SELECTOR.group } },
    `01 00 00 00  index
     02 00 00 00  group
     01 00 00 00  selector`,
  ),
  vector(
    telemetry.TELEMETRY_LIST_UPDATE_INTERVALS,
    "returns",
    {
      counts: { returned: 2, isSegment: true, remaining: 3 },
      intervals: [
        { interval: { rateMantissa: 5, rateExponent: -2 } },
        { interval: { rateMantissa: 0xffff, rateExponent: 15 } },
      ],
    },
    `02 10 03 00  returned, b12 segment, remaining
     be 00 00 00  5 x 10^-2 s
     ef ff 1f 00  65535 x 10^15 s`,
  ),
  vector(
    telemetry.TELEMETRY_DE_CONFIGURE,
    "params",
    {
      identifier: 0x102,
      flags: { mode: telemetry.EVENT_MODE.withTimestamp, disablesAll: false, isGroup: true },
    },
    `02 01 00 00  data event or group
     0a 00 00 00  b3 group, b1:0 mode`,
  ),
  vector(
    telemetry.TELEMETRY_DE_CONFIGURE,
    "params",
    { identifier: 0, flags: { mode: telemetry.EVENT_MODE.off, disablesAll: true, isGroup: false } },
    `00 00 00 00
     04 00 00 00  b2 all off`,
  ),
  vector(
    telemetry.TELEMETRY_DE_CONFIGURE,
    "returns",
    { areaId: 1, lineOffset: 40, blockTimestampOffset: 16 },
    `01 00 00 00  area
     28 00 00 00  offset of the line
     10 00 00 00  offset of the block timestamp`,
  ),
  vector(
    telemetry.TELEMETRY_DE_ENABLED_LIST,
    "params",
    { index: 3, flags: { isGroup: true } },
    `03 00 00 00  index
     01 00 00 00  groups`,
  ),
  vector(
    telemetry.TELEMETRY_DE_ENABLED_LIST,
    "returns",
    {
      counts: { returned: 1, remaining: 2 },
      enabled: [{ identifier: 0x101, mode: { mode: telemetry.EVENT_MODE.on } }],
    },
    `01 00 02 00  returned, remaining
     01 01 00 00  data event
     01 00 00 00  mode`,
  ),
  vector(
    telemetry.TELEMETRY_CONFIG_SET,
    "params",
    {
      groupId: 4,
      control: { enable: true, mode: telemetry.COLLECTION.updates, selector: telemetry.SELECTOR.all },
      samplingRate: { rateMantissa: 1, rateExponent: -1 },
    },
    `04 00 00 00  group
     43 00 00 00  b8:5 selector, b4:1 mode, b0 on
     3f 00 00 00  1 x 10^-1 s`,
  ),
  vector(
    telemetry.TELEMETRY_CONFIG_SET,
    "delayed",
    { dwordCount: 10, lines: LINES },
    `0a 00 00 00              words
     ${LINE_BYTES}`,
  ),
  vector(
    telemetry.TELEMETRY_CONFIG_GET,
    "params",
    { groupId: telemetry.NONE, flags: { selector: telemetry.SELECTOR.all } },
    `ff ff ff ff  group
     02 00 00 00  selector`,
  ),
  vector(
    telemetry.TELEMETRY_CONFIG_GET,
    "returns",
    {
      control: {
        enable: false,
        mode: telemetry.COLLECTION.singleRead,
        selector: telemetry.SELECTOR.ungrouped,
      },
      samplingRate: { rateMantissa: 2, rateExponent: 0 },
    },
    `04 00 00 00  b4:1 mode
     40 00 00 00  2 s`,
  ),
  vector(telemetry.TELEMETRY_RESET, "params", { flags: {} }, "00 00 00 00  flags"),
  vector(
    telemetry.TELEMETRY_UPDATE,
    "payload",
    { agentId: 0, status: -9, dwordCount: 10, lines: LINES },
    `00 00 00 00              the platform
     f7 ff ff ff              HARDWARE_ERROR
     0a 00 00 00              words
     ${LINE_BYTES}`,
  ),
];
