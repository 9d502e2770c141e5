// What Linux' pinctrl framework makes of pins, groups and functions, and what its debugfs does to them.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import { PIN_CONFIG } from "../../../scp/core/pin_config.ts";
import type { GuestCase } from "../case.ts";
import { SAME_MESSAGES, WITH_COMMANDS } from "../guest_transports.ts";
import { commandHex, parseMessage, PIN_CONTROL } from "../raw_message.ts";

const SETTINGS_GET = 0x5;
const SETTINGS_CONFIGURE = 0x6;
const NO_FUNCTION = 0xffff_ffff;
/** Of SETTINGS_CONFIGURE: a pin, with one pair of config type and value. */
const ONE_PAIR = 1 << 2;

const isStrength = ({ typeCode }: { readonly typeCode: number }) => typeCode === PIN_CONFIG.driveStrength;

const FOLDER = "/sys/kernel/debug/pinctrl/*scmi-pinctrl";

/** The cases of this file. */
export const PIN_CASES: readonly GuestCase[] = [
  {
    name: "pinctrl debugfs lists the board's pins, groups with their pins, and functions with their groups",
    over: SAME_MESSAGES,
    async run(context) {
      const report = await context.boot({
        script: `
mark_lines pin cat ${FOLDER}/pins
mark_lines group cat ${FOLDER}/pingroups
mark_lines function cat ${FOLDER}/pinmux-functions
`,
      });
      const pins = report.all("pin").flatMap((line) => {
        const [, id, name] = /^pin (\d+) \((.*?)\)/.exec(line) ?? [];
        return id === undefined ? [] : [[Number(id), name]];
      });
      assertEquals(pins, rcarBoard.pins.map(({ id, name }) => [id, name]));

      const groups: [string, string[]][] = [];
      for (const line of report.all("group")) {
        const group = /^group: (.*)$/.exec(line)?.[1];
        const pin = /^pin \d+ \((.*)\)$/.exec(line)?.[1];
        if (group !== undefined) groups.push([group, []]);
        if (pin !== undefined) groups.at(-1)![1].push(pin);
      }
      assertEquals(groups, rcarBoard.pinGroups.map((group) => [group.name, [...group.pins]]));

      const functions = report.all("function").map((line) => {
        const [, name, list = ""] = /^function \d+: (.*), groups = \[ (.*)\]$/.exec(line) ?? [];
        return [name, list.split(" ").filter((group) => group !== "")];
      });
      // Those that work on pins have no groups: Linux cannot know them, and leaves them out.
      const known = rcarBoard.pinFunctions.filter((each) => each.groups.length > 0);
      assertEquals(functions, known.map((each) => [each.name, [...each.groups]]));
    },
  },
  {
    name: "pinmux-select puts a group to a function, as the platform shows",
    over: WITH_COMMANDS,
    async run(context) {
      const { platform } = context;
      const choice = rcarBoard.pinGroups.find(({ name, bootFunction }) =>
        bootFunction === null && rcarBoard.pinFunctions.some(({ groups }) => groups.includes(name))
      );
      assert(choice !== undefined);
      const chosen = rcarBoard.pinFunctions.find(({ groups }) => groups.includes(choice.name))!;
      const functions: (string | null | undefined)[][] = [];
      const functionsOf = async () => {
        const pins = await platform.hardware("pins");
        return choice.pins.map((pin) => pins.find(({ name }) => name === pin)?.wire.function);
      };
      functions.push(await functionsOf());
      await context.boot({
        script: `
echo "${choice.name} ${chosen.name}" > $(echo ${FOLDER}/pinmux-select)
mark chosen
await_host
`,
        async onMark(key, _value, tell) {
          if (key !== "chosen") return;
          functions.push(await functionsOf());
          await tell();
        },
      });
      assertEquals(functions, [choice.pins.map(() => null), choice.pins.map(() => chosen.name)]);
    },
  },
  {
    name: "raw mode sets a config of a pin, as pinctrl and the platform show",
    over: SAME_MESSAGES,
    async run(context) {
      const pin = rcarBoard.pins.find(({ configs }) => configs.some(isStrength));
      assert(pin !== undefined);
      const { typeCode, min, start } = pin.configs.find(isStrength)!;
      assert(min !== start);
      const report = await context.boot({
        script: `
exchange set "${
          commandHex(PIN_CONTROL, SETTINGS_CONFIGURE, 95, pin.id, NO_FUNCTION, ONE_PAIR, typeCode, min)
        }"
exchange get "${commandHex(PIN_CONTROL, SETTINGS_GET, 96, pin.id, typeCode)}"
mark_lines pin cat ${FOLDER}/pinconf-pins
`,
        // Linux asks each pin for every type it has a name for.
        expectedRefusals: ["pin_control PINCTRL_SETTINGS_GET"],
      });
      assertEquals(parseMessage(report.one("set")).words, [0]);
      assertEquals(parseMessage(report.one("get")).words, [0, NO_FUNCTION, 1, typeCode, min]);
      const shown = report.all("pin").find((line) => line.includes(`(${pin.name})`));
      assertStringIncludes(shown ?? "", `output drive strength (${min} mA)`);
      const { wire } = (await context.platform.hardware("pins")).find(({ name }) => name === pin.name)!;
      assertEquals(wire.configs.find((each) => each.typeCode === typeCode)?.value, min);
    },
  },
];
