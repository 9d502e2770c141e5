// Bytes of every message of Voltage. SCMI 4.9.
import * as voltage from "../../protocols/voltage/messages.ts";
import { type Vector, vector } from "./vector.ts";

/** All of them. */
export const VOLTAGE_VECTORS: readonly Vector[] = [
  vector(
    voltage.VOLTAGE_PROTOCOL_ATTRIBUTES,
    "returns",
    { attributes: { domainCount: 0x0107 } },
    "07 01 00 00  domains, reserved",
  ),
  vector(voltage.VOLTAGE_DOMAIN_ATTRIBUTES, "params", { domainId: 4 }, "04 00 00 00  domain id"),
  vector(
    voltage.VOLTAGE_DOMAIN_ATTRIBUTES,
    "returns",
    { attributes: { supportsAsync: true, hasExtendedName: false }, name: "dvfs" },
    `00 00 00 80              b31 asynchronous
     64 76 66 73 00 00 00 00  dvfs
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    voltage.VOLTAGE_DOMAIN_ATTRIBUTES,
    "returns",
    { attributes: { supportsAsync: false, hasExtendedName: true }, name: "a_rail_with_a_l" },
    `00 00 00 40              b30 extended name
     61 5f 72 61 69 6c 5f 77  a_rail_w
     69 74 68 5f 61 5f 6c 00  ith_a_l`,
  ),
  vector(
    voltage.VOLTAGE_DESCRIBE_LEVELS,
    "params",
    { domainId: 4, levelIndex: 2 },
    `04 00 00 00  domain id
     02 00 00 00  from the third level on`,
  ),
  vector(
    voltage.VOLTAGE_DESCRIBE_LEVELS,
    "returns",
    {
      counts: { returned: 3, isSegment: true, remaining: 0 },
      levels: [{ levelUv: 750_000 }, { levelUv: 1_030_000 }, { levelUv: 10_000 }],
    },
    `03 10 00 00  a segment
     b0 71 0b 00  lowest, uV
     70 b7 0f 00  highest
     10 27 00 00  step`,
  ),
  vector(
    voltage.VOLTAGE_DESCRIBE_LEVELS,
    "returns",
    { counts: { returned: 1, isSegment: false, remaining: 5 }, levels: [{ levelUv: -5_000_000 }] },
    `01 00 05 00  one of six
     c0 b4 b3 ff  -5 V`,
  ),
  vector(
    voltage.VOLTAGE_CONFIG_SET,
    "params",
    { domainId: 4, config: { isOwnMode: false, modeId: 7 } },
    `04 00 00 00  domain id
     07 00 00 00  on`,
  ),
  vector(voltage.VOLTAGE_CONFIG_GET, "params", { domainId: 4 }, "04 00 00 00  domain id"),
  vector(
    voltage.VOLTAGE_CONFIG_GET,
    "returns",
    { config: { isOwnMode: true, modeId: 1 } },
    "09 00 00 00  a mode of its own",
  ),
  vector(
    voltage.VOLTAGE_LEVEL_SET_V1,
    "params",
    { domainId: 4, flags: {}, levelUv: 900_000 },
    `04 00 00 00  domain id
     00 00 00 00  flags, all reserved
     a0 bb 0d 00  level, uV`,
  ),
  vector(
    voltage.VOLTAGE_LEVEL_SET,
    "params",
    { domainId: 4, flags: { async: true }, levelUv: -1 },
    `04 00 00 00  domain id
     01 00 00 00  asynchronous
     ff ff ff ff  level, signed`,
  ),
  vector(
    voltage.VOLTAGE_LEVEL_SET,
    "delayed",
    { domainId: 4, levelUv: 900_000 },
    `04 00 00 00  domain id
     a0 bb 0d 00  level, uV`,
  ),
  vector(voltage.VOLTAGE_LEVEL_GET, "params", { domainId: 4 }, "04 00 00 00  domain id"),
  vector(voltage.VOLTAGE_LEVEL_GET, "returns", { levelUv: -5_000_000 }, "c0 b4 b3 ff  level, signed"),
  vector(voltage.VOLTAGE_DOMAIN_NAME_GET, "params", { domainId: 4 }, "04 00 00 00  domain id"),
  vector(
    voltage.VOLTAGE_DOMAIN_NAME_GET,
    "returns",
    { flags: 0, name: "a_rail_with_a_long_name" },
    `00 00 00 00              flags
     61 5f 72 61 69 6c 5f 77  a_rail_w
     69 74 68 5f 61 5f 6c 6f  ith_a_lo
     6e 67 5f 6e 61 6d 65 00  ng_name
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
];
