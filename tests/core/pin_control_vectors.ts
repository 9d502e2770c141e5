// Bytes of every message of Pin control. SCMI 4.11.
import * as pin from "../../protocols/pin_control/messages.ts";
import { type Vector, vector } from "./vector.ts";

/** One vector at least for each structure that is not empty. */
export const PIN_CONTROL_VECTORS: readonly Vector[] = [
  vector(
    pin.PINCTRL_PROTOCOL_ATTRIBUTES,
    "returns",
    { attributesLow: { pinGroupCount: 17, pinCount: 156 }, attributesHigh: { pinFunctionCount: 9 } },
    `9c 00 11 00  156 pins, 17 groups
     09 00 00 00  9 functions`,
  ),
  vector(
    pin.PINCTRL_ATTRIBUTES,
    "params",
    { identifier: 0x9b, flags: { selector: 2 } },
    `9b 00 00 00  identifier
     02 00 00 00  a function`,
  ),
  vector(
    pin.PINCTRL_ATTRIBUTES,
    "returns",
    {
      attributes: { hasExtendedName: true, isGpio: true, worksOnPins: true, elementCount: 0x1234 },
      name: "GP_0_00",
    },
    `34 12 03 80              elements, on pins, GPIO, a longer name
     47 50 5f 30 5f 30 30 00  GP_0_00
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    pin.PINCTRL_LIST_ASSOCIATIONS,
    "params",
    { identifier: 3, flags: { selector: 1 }, index: 0x102 },
    `03 00 00 00  identifier
     01 00 00 00  a group
     02 01 00 00  index`,
  ),
  vector(
    pin.PINCTRL_LIST_ASSOCIATIONS,
    "returns",
    { counts: { returned: 3, remaining: 0x201 }, identifiers: [5, 0x106, 0xfffe] },
    `03 00 01 02  returned, remaining
     05 00 06 01  two ids to a word
     fe ff 00 00  the third, and zero`,
  ),
  vector(
    pin.PINCTRL_LIST_ASSOCIATIONS,
    "returns",
    { counts: { returned: 2, remaining: 0 }, identifiers: [0, 1] },
    `02 00 00 00  returned
     00 00 01 00  no padding`,
  ),
  vector(
    pin.PINCTRL_SETTINGS_GET,
    "params",
    { identifier: 7, attributes: { mode: 1, selector: 1, skip: 0x12, typeCode: 0x34 } },
    `07 00 00 00  identifier
     34 12 05 00  config type, skipped, group, all configs`,
  ),
  vector(
    pin.PINCTRL_SETTINGS_GET,
    "returns",
    {
      functionId: 0xffff_ffff,
      counts: { returned: 2, remaining: 3 },
      configs: [{ type: { typeCode: 4 }, value: 1 }, { type: { typeCode: 192 }, value: 0xdead_beef }],
    },
    `ff ff ff ff  no function
     02 00 00 03  returned, remaining
     04 00 00 00  pull up
     01 00 00 00
     c0 00 00 00  the first of the implementation's own
     ef be ad de`,
  ),
  vector(
    pin.PINCTRL_SETTINGS_GET,
    "returns",
    { functionId: 2, counts: { returned: 0, remaining: 0 }, configs: [] },
    `02 00 00 00  function
     00 00 00 00  nothing else`,
  ),
  vector(
    pin.PINCTRL_SETTINGS_CONFIGURE,
    "params",
    {
      identifier: 9,
      functionId: 5,
      attributes: { setsFunction: true, configCount: 2, selector: 1 },
      configs: [{ type: { typeCode: 10 }, value: 12 }, { type: { typeCode: 19 }, value: 1800 }],
    },
    `09 00 00 00  identifier
     05 00 00 00  function
     09 04 00 00  group, two configs, the function is set
     0a 00 00 00  drive strength
     0c 00 00 00
     13 00 00 00  power source
     08 07 00 00`,
  ),
  vector(
    pin.PINCTRL_SETTINGS_CONFIGURE,
    "params",
    {
      identifier: 1,
      functionId: 0,
      attributes: { setsFunction: true, configCount: 0, selector: 0 },
      configs: [],
    },
    `01 00 00 00  identifier
     00 00 00 00  function
     00 04 00 00  pin, no configs, the function is set`,
  ),
  vector(
    pin.PINCTRL_REQUEST,
    "params",
    { identifier: 0x9b, flags: { selector: 1 } },
    `9b 00 00 00  identifier
     01 00 00 00  a group`,
  ),
  vector(
    pin.PINCTRL_RELEASE,
    "params",
    { identifier: 0x9b, flags: { selector: 0 } },
    `9b 00 00 00  identifier
     00 00 00 00  a pin`,
  ),
  vector(
    pin.PINCTRL_NAME_GET,
    "params",
    { identifier: 4, flags: { selector: 2 } },
    `04 00 00 00  identifier
     02 00 00 00  a function`,
  ),
  vector(
    pin.PINCTRL_NAME_GET,
    "returns",
    { flags: 0, name: "a_pin_with_a_long_name" },
    `00 00 00 00              flags
     61 5f 70 69 6e 5f 77 69  a_pin_wi
     74 68 5f 61 5f 6c 6f 6e  th_a_lon
     67 5f 6e 61 6d 65 00 00  g_name
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    pin.PINCTRL_SET_PERMISSIONS,
    "params",
    { agentId: 3, identifier: 0x11, flags: { allow: true, selector: 2 } },
    `03 00 00 00  agent id
     11 00 00 00  identifier
     06 00 00 00  a function, allowed`,
  ),
];
