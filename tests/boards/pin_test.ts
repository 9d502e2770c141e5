// The pins of boards: what the validator asks of them, and what rcar has.
import { assert, assertEquals } from "@std/assert";
import { defineBoard } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import type { PinFunctionInput, PinGroupInput, PinInput } from "../../boards/pin.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { rcarFaithfulBoard } from "../../boards/rcar_faithful.ts";
import { validateBoard } from "../../boards/validator.ts";

interface Sections {
  readonly pins?: readonly unknown[];
  readonly pinGroups?: readonly unknown[];
  readonly pinFunctions?: readonly unknown[];
}

const BASIC = {
  pins: [{ id: 0, name: "p0" }, { id: 1, name: "p1" }] satisfies PinInput[],
  pinGroups: [{ id: 0, name: "g0", pins: ["p0", "p1"] }] satisfies PinGroupInput[],
  pinFunctions: [{ id: 0, name: "f0", groups: ["g0"] }] satisfies PinFunctionInput[],
};

/** What is wrong with a board of these pins. */
function errorsOf(sections: Sections): readonly string[] {
  const { name, title, identity, agents } = minimalBoard;
  const result = validateBoard({ name, title, identity, agents, sensors: [], ...BASIC, ...sections });
  return "errors" in result ? result.errors : [];
}

Deno.test("pins of a board are complete with the defaults", () => {
  const { name, title, identity, agents } = minimalBoard;
  const board = defineBoard({
    ...{ name, title, identity, agents, sensors: [] },
    pins: [{
      id: 0,
      name: "p0",
      configs: [{ typeCode: 10, min: 4, max: 8, step: 4 }, { typeCode: 4, start: 1 }],
    }],
    pinGroups: [{ id: 0, name: "g0", pins: ["p0"] }],
    pinFunctions: [{ id: 0, name: "f0", pins: ["p0"] }],
  });
  assertEquals(board.pins, [{
    id: 0,
    name: "p0",
    configs: [
      { typeCode: 4, min: 0, max: 1, step: 1, start: 1 },
      { typeCode: 10, min: 4, max: 8, step: 4, start: 4 },
    ],
  }]);
  assertEquals(board.pinGroups, [{ id: 0, name: "g0", pins: ["p0"], bootFunction: null }]);
  assertEquals(board.pinFunctions, [{ id: 0, name: "f0", isGpio: false, groups: [], pins: ["p0"] }]);
});

Deno.test("pins that fit together are accepted", () => {
  assertEquals(errorsOf({}), []);
  assertEquals(errorsOf({ pins: [], pinGroups: [], pinFunctions: [] }), []);
  assertEquals(errorsOf({ pinFunctions: [{ id: 0, name: "gpio", isGpio: true, pins: ["p0"] }] }), []);
  assertEquals(errorsOf({ pinGroups: [{ ...BASIC.pinGroups[0], bootFunction: "f0" }] }), []);
});

Deno.test("pins, groups and functions have names of their own and ids without gaps", () => {
  assertEquals(errorsOf({ pins: [{ id: 0, name: "p0" }, { id: 2, name: "p0" }, { id: 2, name: "p1" }] }), [
    "pins[1].name: p0 is taken by pins[0].name",
    "pins[1].id: Expected 1, as wire ids count from 0 without gaps; got 2",
  ]);
  assertEquals(errorsOf({ pinGroups: [{ id: 1, name: "g0", pins: ["p0"] }] }), [
    "pinGroups[0].id: Expected 0, as wire ids count from 0 without gaps; got 1",
  ]);
  const twice = [{ id: 0, name: "f0", groups: ["g0"] }, { id: 1, name: "f0", groups: ["g0"] }];
  assertEquals(errorsOf({ pinFunctions: twice }), [
    "pinFunctions[1].name: f0 is taken by pinFunctions[0].name",
  ]);
});

Deno.test("groups have pins that are there, once each", () => {
  assertEquals(errorsOf({ pinGroups: [{ id: 0, name: "g0", pins: ["p0", "p9", "p0"] }] }), [
    "pinGroups[0].pins[2]: p0 is taken by pinGroups[0].pins[0]",
    "pinGroups[0].pins[1]: No pin p9",
  ]);
  assertEquals(errorsOf({ pinGroups: [{ id: 0, name: "g0", pins: [] }] }), [
    "pinGroups[0].pins: Expected a list of 1 to 65535, got a list of 0",
  ]);
});

Deno.test("functions work on groups or on pins, which are there", () => {
  const none = "pinFunctions[0]: Expected groups or pins that it works on, and not both";
  assertEquals(errorsOf({ pinFunctions: [{ id: 0, name: "f0" }] }), [none]);
  assertEquals(errorsOf({ pinFunctions: [{ id: 0, name: "f0", groups: ["g0"], pins: ["p0"] }] }), [none]);
  assertEquals(errorsOf({ pinFunctions: [{ id: 0, name: "f0", groups: ["g0", "g7"] }] }), [
    "pinFunctions[0].groups[1]: No pin group g7",
  ]);
  assertEquals(errorsOf({ pinFunctions: [{ id: 0, name: "f0", pins: ["p7"] }] }), [
    "pinFunctions[0].pins[0]: No pin p7",
  ]);
});

Deno.test("pins boot with one function at most, of a group that it works on", () => {
  const boot = (bootFunction: string, ...more: unknown[]) =>
    errorsOf({ pinGroups: [{ ...BASIC.pinGroups[0], bootFunction }, ...more] });
  assertEquals(boot("f7"), ["pinGroups[0].bootFunction: No pin function f7"]);
  const other = { id: 1, name: "g1", pins: ["p1"], bootFunction: "f0" };
  assertEquals(boot("f0", other), [
    "pinGroups[1].bootFunction: f0 does not work on g1",
    "pinGroups[1].bootFunction: Pin p1 has the function of pinGroups[0] at boot",
  ]);
});

Deno.test("config types are there once, have values by steps and start at one of them", () => {
  const configs = (...all: unknown[]) =>
    errorsOf({ pins: [{ id: 0, name: "p0", configs: all }, BASIC.pins[1]] });
  assertEquals(configs({ typeCode: 4 }, { typeCode: 4 }), [
    "pins[0].configs[1].typeCode: Type 4 is taken by pins[0].configs[0].typeCode",
  ]);
  assertEquals(configs({ typeCode: 10, min: 5, max: 4 }), [
    "pins[0].configs[0].max: Expected 5 at least, got 4",
  ]);
  assertEquals(configs({ typeCode: 10, min: 3, max: 9, step: 4 }), [
    "pins[0].configs[0].step: Expected a step from 3 to 9, got 4",
  ]);
  for (const start of [2, 4, 12]) {
    assertEquals(configs({ typeCode: 10, min: 3, max: 9, step: 3, start }), [
      `pins[0].configs[0].start: Expected a value from 3 to 9 by 3, got ${start}`,
    ]);
  }
  assertEquals(configs({ typeCode: 4, min: 1, max: 2 }), [
    "pins[0].configs[0].min: Expected 0, as others of its family turn type 4 off",
  ]);
  assertEquals(configs({ typeCode: 2, start: 1 }, { typeCode: 6, start: 1 }, { typeCode: 9, start: 1 }), [
    "pins[0].configs[1].start: Expected 0, as type 2 is on already and excludes type 6",
  ]);
  assertEquals(configs({ typeCode: 20 }, { typeCode: 192 }), []);
  assertEquals(configs({ typeCode: 21 }), [
    "pins[0].configs[0].typeCode: Expected a whole number from 0 to 20, or from 192 to 255, got 21",
  ]);
  assertEquals(configs({ typeCode: 256 }), [
    "pins[0].configs[0].typeCode: Expected a whole number from 0 to 20, or from 192 to 255, got 256",
  ]);
  assertEquals(configs({ typeCode: 10, step: 0 }), [
    "pins[0].configs[0].step: Expected a whole number from 1 to 4294967295, got 0",
  ]);
});

Deno.test("devices name pins, groups and functions that are there", () => {
  const { name, title, identity, agents } = minimalBoard;
  const resources = { pin: ["p0", "x"], pinGroup: ["y"], pinFunction: ["z"] };
  const devices = [{ name: "PINS", resources }];
  const result = validateBoard({ name, title, identity, agents, sensors: [], ...BASIC, devices });
  assert("errors" in result);
  assertEquals(result.errors, [
    "devices[0].resources.pin[1]: No pin x",
    "devices[0].resources.pinGroup[0]: No pinGroup y",
    "devices[0].resources.pinFunction[0]: No pinFunction z",
  ]);
});

Deno.test("rcar has the 156 pins of eight banks and all 60 functions, each with a group", () => {
  const banks = new Map<string, string[]>();
  for (const { name } of rcarBoard.pins) {
    const [, bank = "", number = ""] = /^GP_(\d)_(\d\d)$/.exec(name) ?? [];
    banks.set(bank, [...banks.get(bank) ?? [], number]);
  }
  assertEquals([...banks].map(([bank, numbers]) => [Number(bank), numbers.length]), [
    [0, 16],
    [1, 29],
    [2, 15],
    [3, 16],
    [4, 18],
    [5, 26],
    [6, 32],
    [7, 4],
  ]);
  for (const numbers of banks.values()) assertEquals(numbers.map(Number), numbers.map((_, i) => i));
  assertEquals(rcarBoard.pins.length, 156);
  assertEquals(rcarBoard.pinFunctions.length, 60);
  assert(rcarBoard.pinFunctions.every(({ groups }) => groups.length > 0));
  assertEquals(
    new Set(rcarBoard.pinFunctions.flatMap(({ groups }) => groups)).size,
    rcarBoard.pinGroups.length,
  );
  assertEquals(rcarFaithfulBoard.pins, [], "the firmware has no pin control");
});
