// Pin control protocol: what pins, groups and functions are, and their settings. Who has which pins is
// pin_ownership_test.ts. Arm's compliance suite has no checks for this protocol: these are ours.
import { assert, assertEquals } from "@std/assert";
import * as pin from "../../protocols/pin_control/messages.ts";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { RELEASES } from "../../protocols/protocol.ts";
import type { LoopbackOptions } from "../../transports/loopback.ts";
import {
  callOk,
  callStatus,
  connectAgent,
  createMachine,
  encodeCommand,
  STATUS,
  statusOfBytes,
  type TestAgent,
} from "../support/platform.ts";
import { FUNCTION, GROUP, PIN, PIN_CONTROL, PinAgent, pinPlatform, WIDE_COUNT } from "../support/pins.ts";

const DATA = 0;
const FLOW = 1;
const MIDDLE = 2;
const LONG_GROUP = 3;
const WIDE = 4;
const IO = 4;
const BARE = 5;
const RICH = 6;
const LONG_PIN = 7;
const FIRST_WIDE = 8;
const UART = 0;
const I2C = 1;
const GPIO = 2;
const LONG_FUNCTION = 3;

function setup(options: LoopbackOptions = {}) {
  const { control, machine } = pinPlatform();
  const pins = new PinAgent(machine, "OSPM", options);
  return { control, machine, pins, agent: pins.agent };
}

const describe = (agent: TestAgent, selector: number, identifier: number) =>
  callOk(agent, PIN_CONTROL, pin.PINCTRL_ATTRIBUTES, { identifier, flags: { selector } });

const listAssociations = (agent: TestAgent, selector: number, identifier: number, index: number) =>
  callOk(agent, PIN_CONTROL, pin.PINCTRL_LIST_ASSOCIATIONS, { identifier, flags: { selector }, index });

const listStatus = (agent: TestAgent, selector: number, identifier: number, index: number) =>
  callStatus(agent, PIN_CONTROL, pin.PINCTRL_LIST_ASSOCIATIONS, { identifier, flags: { selector }, index });

/** What SETTINGS_GET is asked: `mode`, and what else is not 0. */
const asked = (
  identifier: number,
  attributes: Partial<Record<"mode" | "selector" | "skip" | "typeCode", number>>,
) => ({
  identifier,
  attributes: { mode: 0, selector: PIN, skip: 0, typeCode: 0, ...attributes },
});

const settings = (agent: TestAgent, ...params: Parameters<typeof asked>) =>
  callOk(agent, PIN_CONTROL, pin.PINCTRL_SETTINGS_GET, asked(...params));

const settingsStatus = (agent: TestAgent, ...params: Parameters<typeof asked>) =>
  callStatus(agent, PIN_CONTROL, pin.PINCTRL_SETTINGS_GET, asked(...params));

Deno.test("PROTOCOL_VERSION of pin control is 1.0, since release 3.2", async () => {
  for (const release of RELEASES) {
    const { machine } = pinPlatform({ release });
    const result = await connectAgent(machine).client.call(PIN_CONTROL, PROTOCOL_VERSION, {});
    assertEquals(
      result,
      release === "3.2" || release === "4.0-draft" ? { ok: true, values: { version: 0x10000 } } : {
        ok: false,
        status: "NOT_SUPPORTED",
      },
    );
  }
});

Deno.test("pin control is not there for an agent without pins", async () => {
  const agent = connectAgent(createMachine());
  assertEquals(await callStatus(agent, PIN_CONTROL, PROTOCOL_VERSION, {}), "NOT_SUPPORTED");
});

Deno.test("PROTOCOL_ATTRIBUTES counts pins, groups and functions", async () => {
  const { agent } = setup();
  assertEquals(await callOk(agent, PIN_CONTROL, pin.PINCTRL_PROTOCOL_ATTRIBUTES, {}), {
    attributesLow: { pinGroupCount: 5, pinCount: FIRST_WIDE + WIDE_COUNT },
    attributesHigh: { pinFunctionCount: 4 },
  });
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES of pin control are 0 for every command", async () => {
  const { agent } = setup();
  for (const messageId of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0x10]) {
    const values = await callOk(agent, PIN_CONTROL, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
    assertEquals(values, { attributes: 0 });
  }
  assertEquals(
    await callStatus(agent, PIN_CONTROL, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: 0xb }),
    "NOT_FOUND",
  );
});

Deno.test("PINCTRL_ATTRIBUTES describes a pin, a group and both kinds of functions", async () => {
  const { agent } = setup();
  const plain = { hasExtendedName: false, isGpio: false, worksOnPins: false };
  // Of two groups the second pin is a part, and yet one element.
  assertEquals(await describe(agent, PIN, 0), { attributes: { ...plain, elementCount: 1 }, name: "p0" });
  assertEquals(await describe(agent, PIN, 1), { attributes: { ...plain, elementCount: 1 }, name: "p1" });
  assertEquals(await describe(agent, GROUP, FLOW), {
    attributes: { ...plain, elementCount: 2 },
    name: "flow",
  });
  assertEquals(await describe(agent, GROUP, WIDE), {
    attributes: { ...plain, elementCount: WIDE_COUNT },
    name: "wide",
  });
  assertEquals(await describe(agent, FUNCTION, UART), {
    attributes: { ...plain, elementCount: 2 },
    name: "uart",
  });
  assertEquals(await describe(agent, FUNCTION, GPIO), {
    attributes: { hasExtendedName: false, isGpio: true, worksOnPins: true, elementCount: 2 },
    name: "gpio",
  });
});

Deno.test("PINCTRL_NAME_GET tells what PINCTRL_ATTRIBUTES has no room for, and NOT_FOUND otherwise", async () => {
  const { agent } = setup();
  const named: [number, number, string][] = [
    [PIN, LONG_PIN, "a_pin_with_a_long_name"],
    [GROUP, LONG_GROUP, "a_group_with_a_long_name"],
    [FUNCTION, LONG_FUNCTION, "a_function_with_a_long_name"],
  ];
  for (const [selector, identifier, name] of named) {
    const { attributes, name: short } = await describe(agent, selector, identifier);
    assertEquals([attributes.hasExtendedName, short], [true, name.slice(0, 15)]);
    const params = { identifier, flags: { selector } };
    assertEquals(await callOk(agent, PIN_CONTROL, pin.PINCTRL_NAME_GET, params), { flags: 0, name });
    const short0 = { identifier: 0, flags: { selector } };
    assertEquals(await callStatus(agent, PIN_CONTROL, pin.PINCTRL_NAME_GET, short0), "NOT_FOUND");
  }
});

Deno.test("PINCTRL_LIST_ASSOCIATIONS lists pins of groups, groups or pins of functions, by rising id", async () => {
  const { agent } = setup();
  const lists: [number, number, number[]][] = [
    [GROUP, DATA, [0, 1]],
    [GROUP, MIDDLE, [1, 2]],
    [GROUP, LONG_GROUP, [LONG_PIN]],
    [FUNCTION, UART, [DATA, FLOW]],
    [FUNCTION, I2C, [DATA, MIDDLE]],
    [FUNCTION, GPIO, [0, IO]],
  ];
  for (const [selector, identifier, identifiers] of lists) {
    assertEquals(await listAssociations(agent, selector, identifier, 0), {
      counts: { returned: identifiers.length, remaining: 0 },
      identifiers,
    });
    const { elementCount } = (await describe(agent, selector, identifier)).attributes;
    assertEquals(elementCount, identifiers.length);
    const last = await listAssociations(agent, selector, identifier, identifiers.length - 1);
    assertEquals(last.identifiers, identifiers.slice(-1));
    assertEquals(await listStatus(agent, selector, identifier, identifiers.length), "INVALID_PARAMETERS");
    assertEquals(await listStatus(agent, selector, identifier, 0xffff_ffff), "INVALID_PARAMETERS");
  }
  assertEquals(await listStatus(agent, PIN, 0, 0), "INVALID_PARAMETERS", "nothing is associated with a pin");
});

Deno.test("PINCTRL_LIST_ASSOCIATIONS pages by the room of the agent, whatever is left of it", async () => {
  const expected = Array.from({ length: WIDE_COUNT }, (_, i) => FIRST_WIDE + i);
  for (const room of [16, 17, 18, 19, 20, 22, 23, 128, 131, 4096]) {
    const { agent } = setup({ room });
    const found: number[] = [];
    let remaining = WIDE_COUNT;
    while (remaining > 0) {
      const page = await listAssociations(agent, GROUP, WIDE, found.length);
      assertEquals(page.counts.returned, page.identifiers.length);
      assert(page.identifiers.length > 0);
      found.push(...page.identifiers);
      remaining = page.counts.remaining;
      assertEquals(found.length + remaining, WIDE_COUNT, `room ${room}`);
    }
    assertEquals(found, expected);
  }
  const { agent } = setup({ room: 128 });
  const page = await listAssociations(agent, GROUP, WIDE, 0);
  assertEquals(page.identifiers.length, (128 - 12) / 2, "the room is used");
});

Deno.test("PINCTRL_LIST_ASSOCIATIONS answers COMMS_ERROR where not even one fits", async () => {
  const { agent } = setup({ room: 15 });
  assertEquals(await listStatus(agent, GROUP, WIDE, 0), "COMMS_ERROR");
});

Deno.test("PINCTRL_SETTINGS_GET tells one config type, with the type in the reply, and the function", async () => {
  const { agent } = setup();
  assertEquals(await settings(agent, 0, { typeCode: 10 }), {
    functionId: UART,
    counts: { returned: 1, remaining: 0 },
    configs: [{ type: { typeCode: 10 }, value: 12 }],
  });
  assertEquals(await settings(agent, FLOW, { selector: GROUP, typeCode: 2 }), {
    functionId: pin.NO_FUNCTION,
    counts: { returned: 1, remaining: 0 },
    configs: [{ type: { typeCode: 2 }, value: 1 }],
  });
  assertEquals(await settingsStatus(agent, 0, { typeCode: 20 }), "NOT_SUPPORTED");
  assertEquals(await settingsStatus(agent, FLOW, { selector: GROUP, typeCode: 10 }), "NOT_SUPPORTED");
  assertEquals(await settingsStatus(agent, BARE, { typeCode: 0 }), "NOT_SUPPORTED");
});

Deno.test("PINCTRL_SETTINGS_GET tells all config types by rising type, in pages", async () => {
  for (const room of [24, 31, 32, 128, 4096]) {
    const { agent } = setup({ room });
    const found: number[] = [];
    let remaining = 60;
    while (remaining > 0) {
      const page = await settings(agent, RICH, {
        mode: pin.SETTINGS.allConfigs,
        skip: found.length,
        typeCode: 77,
      });
      assertEquals([page.counts.returned, page.functionId], [page.configs.length, pin.NO_FUNCTION]);
      for (const { type, value } of page.configs) {
        assertEquals(value, 255 - type.typeCode);
        found.push(type.typeCode);
      }
      remaining = page.counts.remaining;
      assertEquals(found.length + remaining, 60);
    }
    assertEquals(found, Array.from({ length: 60 }, (_, i) => 196 + i));
    const beyond = { mode: pin.SETTINGS.allConfigs, skip: 60 };
    assertEquals(await settingsStatus(agent, RICH, beyond), "INVALID_PARAMETERS");
  }
  const { agent } = setup({ room: 23 });
  assertEquals(await settingsStatus(agent, RICH, { mode: pin.SETTINGS.allConfigs }), "COMMS_ERROR");
});

Deno.test("PINCTRL_SETTINGS_GET of all config types of a pin without any is an empty list", async () => {
  const { agent } = setup();
  assertEquals(await settings(agent, BARE, { mode: pin.SETTINGS.allConfigs }), {
    functionId: pin.NO_FUNCTION,
    counts: { returned: 0, remaining: 0 },
    configs: [],
  });
  const beyond = { mode: pin.SETTINGS.allConfigs, skip: 1 };
  assertEquals(await settingsStatus(agent, BARE, beyond), "INVALID_PARAMETERS");
});

Deno.test("PINCTRL_SETTINGS_GET tells the function only when that is asked, and knows no further mode", async () => {
  const { agent, pins } = setup();
  assertEquals(await settings(agent, DATA, { mode: pin.SETTINGS.functionOnly, selector: GROUP }), {
    functionId: UART,
    counts: { returned: 0, remaining: 0 },
    configs: [],
  });
  assertEquals(await pins.functionOf(PIN, 1), UART);
  assertEquals(await pins.functionOf(GROUP, FLOW), pin.NO_FUNCTION);
  assertEquals(await settingsStatus(agent, DATA, { mode: 3 }), "INVALID_PARAMETERS");
});

Deno.test("PINCTRL_SETTINGS_CONFIGURE puts groups and pins to functions that work on them", async () => {
  const { pins } = setup();
  assertEquals(await pins.select(GROUP, MIDDLE, I2C), "SUCCESS");
  assertEquals([await pins.functionOf(GROUP, MIDDLE), await pins.functionOf(PIN, 2)], [I2C, I2C]);
  assertEquals(await pins.functionOf(GROUP, DATA), pin.NO_FUNCTION, "p1 has left it");
  assertEquals(await pins.functionOf(PIN, 0), UART);
  assertEquals(await pins.select(PIN, IO, GPIO), "SUCCESS");
  assertEquals(await pins.functionOf(PIN, IO), GPIO);
  assertEquals(await pins.select(GROUP, FLOW, I2C), "NOT_SUPPORTED");
  assertEquals(await pins.select(PIN, 0, UART), "NOT_SUPPORTED");
  assertEquals(await pins.select(GROUP, FLOW, 4), "NOT_FOUND");
});

Deno.test("PINCTRL_SETTINGS_CONFIGURE sets config types of pins and of whole groups", async () => {
  const { pins } = setup();
  assertEquals(await pins.configure(GROUP, MIDDLE, [10, 6], [4, 1]), "SUCCESS", "in any order");
  assertEquals(await pins.valueOf(PIN, 1, 10), 6);
  assertEquals(await pins.valueOf(PIN, 2, 10), 6);
  assertEquals(await pins.valueOf(GROUP, MIDDLE, 4), 1);
  assertEquals(await pins.valueOf(GROUP, MIDDLE, 2), 0, "no bias is off as there is one");
  assertEquals(await pins.configure(PIN, 1, [10, 24]), "SUCCESS");
  assertEquals(await pins.valueOf(GROUP, MIDDLE, 10), "NOT_SUPPORTED", "its pins differ");
  assertEquals(await pins.configure(PIN, IO, [18, 1], [17, 1]), "SUCCESS");
  assertEquals(await pins.valueOf(PIN, IO, 14), 1);
});

Deno.test("PINCTRL_SETTINGS_CONFIGURE sets function and config types at once, or nothing", async () => {
  const { pins } = setup();
  assertEquals(await pins.selectAndConfigure(GROUP, MIDDLE, I2C, [10, 24]), "INVALID_PARAMETERS");
  assertEquals(await pins.functionOf(GROUP, MIDDLE), pin.NO_FUNCTION);
  assertEquals(await pins.selectAndConfigure(GROUP, FLOW, I2C, [4, 1]), "NOT_SUPPORTED");
  assertEquals(await pins.valueOf(GROUP, FLOW, 4), 0);
  assertEquals(await pins.selectAndConfigure(GROUP, MIDDLE, I2C, [10, 9]), "SUCCESS");
  assertEquals([await pins.functionOf(GROUP, MIDDLE), await pins.valueOf(GROUP, MIDDLE, 10)], [I2C, 9]);
});

Deno.test("PINCTRL_SETTINGS_CONFIGURE refuses values, types and commands that set nothing", async () => {
  const { pins } = setup();
  assertEquals(await pins.configure(PIN, 0, [10, 7]), "INVALID_PARAMETERS");
  assertEquals(await pins.configure(PIN, 0, [4, 1], [10, 0xffff_ffff]), "INVALID_PARAMETERS");
  assertEquals(await pins.valueOf(PIN, 0, 4), 0);
  assertEquals(await pins.configure(PIN, 0, [20, 0]), "NOT_SUPPORTED");
  assertEquals(await pins.configure(PIN, 0, [20, 0], [10, 7]), "NOT_SUPPORTED");
  assertEquals(await pins.configure(PIN, IO, [14, 1]), "NOT_SUPPORTED", "an input is what is there");
  assertEquals(
    await pins.configure(GROUP, FLOW, [10, 6]),
    "NOT_SUPPORTED",
    "one of the pins does not have it",
  );
  assertEquals(await pins.configure(PIN, 0), "INVALID_PARAMETERS");
});

Deno.test("PINCTRL_SETTINGS_CONFIGURE does not look at the function unless it is to be set", async () => {
  const { pins } = setup();
  assertEquals(await pins.configure(GROUP, DATA, [4, 1]), "SUCCESS", "with 0xFFFFFFFF for the function");
  assertEquals(await pins.functionOf(GROUP, DATA), UART);
});

Deno.test("PINCTRL_SETTINGS_CONFIGURE answers PROTOCOL_ERROR when the pairs are not as many as it says", () => {
  const { agent } = setup();
  const message = (configCount: number, pairCount: number) => {
    const attributes = { setsFunction: false, configCount, selector: PIN };
    const configs = Array.from({ length: pairCount }, () => ({ type: { typeCode: 4 }, value: 1 }));
    const params = { identifier: 0, functionId: pin.NO_FUNCTION, attributes, configs };
    return encodeCommand(PIN_CONTROL, pin.PINCTRL_SETTINGS_CONFIGURE, params, 0);
  };
  assertEquals(statusOfBytes(agent, message(2, 2)), STATUS.SUCCESS);
  for (const [told, sent] of [[1, 0], [2, 1], [1, 2], [0, 1], [255, 254]] as const) {
    assertEquals(
      statusOfBytes(agent, message(told, sent)),
      STATUS.PROTOCOL_ERROR,
      `${told} told, ${sent} sent`,
    );
  }
});

Deno.test("PINCTRL_SETTINGS_CONFIGURE takes as many pairs as it can count", async () => {
  const { pins } = setup();
  const configs = Array.from({ length: 255 }, (_, i): [number, number] => [200, i]);
  assertEquals(await pins.configure(PIN, RICH, ...configs), "SUCCESS");
  assertEquals(await pins.valueOf(PIN, RICH, 200), 254, "the last one wins");
});

Deno.test("PINCTRL_SETTINGS_CONFIGURE refuses reserved bits of a config type", () => {
  const { agent } = setup();
  const attributes = { setsFunction: false, configCount: 1, selector: PIN };
  const configs = [{ type: { typeCode: 4 }, value: 1 }];
  const params = { identifier: 0, functionId: 0, attributes, configs };
  for (let bit = 8; bit < 32; bit++) {
    const message = encodeCommand(PIN_CONTROL, pin.PINCTRL_SETTINGS_CONFIGURE, params, 0);
    message[16 + (bit >> 3)]! |= 1 << (bit & 7);
    assertEquals(statusOfBytes(agent, message), STATUS.INVALID_PARAMETERS, `bit ${bit}`);
  }
});
