// What Linux' pin controller driver does with the pins of rcar and minimal, message by message, in a buffer of 128 bytes as
// its virtio transport has. Its types have other names on its side: what they are called here stands in PIN_CONFIG.
import { assert, assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import * as pin from "../../protocols/pin_control/messages.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { PIN_CONFIG } from "../../scp/core/pin_config.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { callOk } from "../support/platform.ts";
import { FUNCTION, GROUP, PIN, PIN_CONTROL, PinAgent } from "../support/pins.ts";

const ROOM = 128;

/** What the device tree of the H3ULCB board selects: function, groups. */
const H3ULCB: readonly [string, readonly string[]][] = [
  ["avb", ["avb_link", "avb_mdio", "avb_mii"]],
  ["i2c2", ["i2c2_a"]],
  ["intc_ex", ["intc_ex_irq0"]],
  ["scif2", ["scif2_data_a"]],
  ["scif_clk", ["scif_clk_a"]],
  ["sdhi0", ["sdhi0_data4", "sdhi0_ctrl"]],
  ["sdhi2", ["sdhi2_data8", "sdhi2_ctrl", "sdhi2_ds"]],
  ["ssi", ["ssi01239_ctrl", "ssi0_data", "ssi1_data_a"]],
  ["usb1", ["usb1"]],
];

function start(board: Board) {
  const platform = createPlatform(board);
  return { ...platform, pins: new PinAgent(platform.machine, "OSPM", { room: ROOM }) };
}

/** The whole name of a pin, group or function, asked for as Linux does. */
async function nameOf({ agent }: PinAgent, selector: number, identifier: number): Promise<string> {
  const params = { identifier, flags: { selector } };
  const { attributes, name } = await callOk(agent, PIN_CONTROL, pin.PINCTRL_ATTRIBUTES, params);
  if (!attributes.hasExtendedName) return name;
  return (await callOk(agent, PIN_CONTROL, pin.PINCTRL_NAME_GET, params)).name;
}

/** The parts of a group or function, page by page. */
async function partsOf({ agent }: PinAgent, selector: number, identifier: number): Promise<number[]> {
  const found: number[] = [];
  let remaining = 1;
  while (remaining > 0) {
    const params = { identifier, flags: { selector }, index: found.length };
    const page = await callOk(agent, PIN_CONTROL, pin.PINCTRL_LIST_ASSOCIATIONS, params);
    found.push(...page.identifiers);
    remaining = page.counts.remaining;
  }
  return found;
}

for (const board of [rcarBoard, minimalBoard]) {
  Deno.test(`Linux finds the pins, groups and functions of ${board.name} as they are written`, async () => {
    const { pins } = start(board);
    const counts = await callOk(pins.agent, PIN_CONTROL, pin.PINCTRL_PROTOCOL_ATTRIBUTES, {});
    assertEquals(counts, {
      attributesLow: { pinGroupCount: board.pinGroups.length, pinCount: board.pins.length },
      attributesHigh: { pinFunctionCount: board.pinFunctions.length },
    });
    assert(counts.attributesLow.pinCount > 0, "without pins its probe fails");
    for (const { id, name } of board.pins) assertEquals(await nameOf(pins, PIN, id), name);
    const namesOf = (all: readonly { name: string }[], ids: number[]) => ids.map((id) => all[id]!.name);
    for (const { id, name, pins: parts } of board.pinGroups) {
      assertEquals(await nameOf(pins, GROUP, id), name);
      const found = await partsOf(pins, GROUP, id);
      assert(found.length > 0, "a group without pins is an error to it");
      assertEquals(namesOf(board.pins, found).sort(), [...parts].sort());
    }
    for (const { id, name, groups } of board.pinFunctions) {
      assertEquals(await nameOf(pins, FUNCTION, id), name);
      const params = { identifier: id, flags: { selector: FUNCTION } };
      const { attributes } = await callOk(pins.agent, PIN_CONTROL, pin.PINCTRL_ATTRIBUTES, params);
      assertEquals(
        [attributes.worksOnPins, attributes.isGpio],
        [false, false],
        "it reads groups in any case",
      );
      const found = await partsOf(pins, FUNCTION, id);
      assert(found.length > 0, "a function without groups is an error to it");
      assertEquals(namesOf(board.pinGroups, found).sort(), [...groups].sort());
    }
  });

  Deno.test(`Linux may request, set and free every pin of ${board.name}`, async () => {
    const { pins } = start(board);
    for (const { id } of board.pins) assertEquals(await pins.request(PIN, id), "SUCCESS");
    for (const { id } of board.pins) {
      assertEquals(await pins.configure(PIN, id, [PIN_CONFIG.pullUp, 1]), "SUCCESS");
      assertEquals(await pins.valueOf(PIN, id, PIN_CONFIG.pullUp), 1);
      assertEquals(await pins.release(PIN, id), "SUCCESS");
    }
  });

  Deno.test(`Linux may put every group of ${board.name} to each of its functions`, async () => {
    const { pins, model } = start(board);
    for (const { id, groups } of board.pinFunctions) {
      for (const name of groups) {
        const group = board.pinGroups.findIndex((each) => each.name === name);
        assertEquals(await pins.select(GROUP, group, id), "SUCCESS");
        assertEquals(await pins.functionOf(GROUP, group), id);
        assertEquals(checkInvariants(model), []);
      }
    }
  });
}

Deno.test("Linux on the H3ULCB requests the pins of all that its device tree selects, and all work side by side", async () => {
  const { pins } = start(rcarBoard);
  const idOf = (all: readonly { id: number; name: string }[], name: string) => {
    const found = all.find((each) => each.name === name);
    assert(found !== undefined, `${name} is missing`);
    return found.id;
  };
  const selected = H3ULCB.flatMap(([name, groups]) => groups.map((group) => [name, group] as const));
  const taken = new Set<number>();
  for (const [name, group] of selected) {
    const functionId = idOf(rcarBoard.pinFunctions, name);
    const groupId = idOf(rcarBoard.pinGroups, group);
    for (const id of await partsOf(pins, GROUP, groupId)) {
      assert(!taken.has(id), `${group} shares a pin with another`);
      taken.add(id);
      assertEquals(await pins.request(PIN, id), "SUCCESS");
    }
    assertEquals(await pins.select(GROUP, groupId, functionId), "SUCCESS", "it has all pins of the group");
  }
  for (const [name, group] of selected) {
    const groupId = idOf(rcarBoard.pinGroups, group);
    assertEquals(await pins.functionOf(GROUP, groupId), idOf(rcarBoard.pinFunctions, name), group);
  }
});

Deno.test("Linux on the H3ULCB gives its cards 1.8 V, its network strong drivers and its interrupt a pull-up", async () => {
  const { pins } = start(rcarBoard);
  const groupId = (name: string) => rcarBoard.pinGroups.findIndex((each) => each.name === name);
  const wanted: [string, number, number][] = [
    ["sdhi2_data8", PIN_CONFIG.powerSource, 1800],
    ["sdhi0_ctrl", PIN_CONFIG.powerSource, 3300],
    ["avb_mii", PIN_CONFIG.driveStrength, 12],
    ["intc_ex_irq0", PIN_CONFIG.pullUp, 1],
  ];
  for (const [name, type, value] of wanted) {
    assertEquals(await pins.configure(GROUP, groupId(name), [type, value]), "SUCCESS", name);
    assertEquals(await pins.valueOf(GROUP, groupId(name), type), value, name);
  }
});

Deno.test("rcar boots with its console selected", async () => {
  const { pins } = start(rcarBoard);
  for (const [group, name] of [["scif2_data_a", "scif2"], ["scif_clk_a", "scif_clk"]] as const) {
    const groupId = rcarBoard.pinGroups.findIndex((each) => each.name === group);
    assertEquals(rcarBoard.pinFunctions[await pins.functionOf(GROUP, groupId)]!.name, name);
  }
});
