// What Linux' clock framework makes of the clocks, and what an agent does to them past the driver, through raw mode.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import { RESET as RESET_DOMAIN } from "../../../protocols/reset/messages.ts";
import { createModel } from "../../../scp/model/model.ts";
import type { GuestCase } from "../case.ts";
import { SAME_MESSAGES, WITH_COMMANDS } from "../guest_transports.ts";
import { CLOCK, COMMAND, commandHex, DELAYED_RESPONSE, parseMessage, RESET } from "../raw_message.ts";

const RATE_SET = 0x5;
const RATE_GET = 0x6;
const CONFIG_SET = 0x7;
const CONFIG_GET = 0xb;
const PARENT_SET = 0xd;
const PARENT_GET = 0xe;
const RESET_COMMAND = 0x4;
const ASYNC = 1;

/** The id of a clock of the board. */
function idOf(name: string): number {
  const clock = rcarBoard.clocks.find((each) => each.name === name);
  assert(clock !== undefined, `the board has a clock ${name}`);
  return clock.id;
}

/** A line of the summary: name, three counts, rate, accuracy, phase, duty cycle. Children are indented. */
const SUMMARY_LINE = /^(\s*)(\S+)\s+\d+\s+\d+\s+\d+\s+(\d+)\s+\d+\s+\S+\s+(\d+)\s/;

/** The cases of this file. */
export const CLOCK_CASES: readonly GuestCase[] = [
  {
    name: "clk_summary equals the board's clock table",
    over: WITH_COMMANDS,
    async run(context) {
      const report = await context.boot({ script: "mark_lines clk cat /sys/kernel/debug/clk/clk_summary" });
      const shown = report.all("clk").map((line) => SUMMARY_LINE.exec(line)).filter((line) => line !== null);
      const find = (clock: string) => shown.find(([, , name]) => name === clock);
      const { clocks } = createModel(rcarBoard, { seed: 1 }).clockTree;
      const rates = clocks.map(({ name }) => [name, find(name)?.[3]]);
      assertEquals(rates, clocks.map(({ name, rateHz }) => [name, `${rateHz}`]));
      // Those that can choose a parent hang below it; of the others Linux is told none.
      const above = (clock: string) => {
        const place = shown.findIndex(([, , name]) => name === clock);
        const indent = shown[place]?.[1]?.length ?? 0;
        return shown.slice(0, place).findLast(([, indentAbove]) => indentAbove!.length < indent)?.[2];
      };
      assertEquals([above("csi0"), above("hdmi"), above("scif2")], ["s0", "s0", undefined]);
    },
  },
  {
    name: "raw mode changes a clock's rate with a delayed response",
    shows: "delayed responses",
    async run(context) {
      const x21 = idOf("x21_clk");
      const report = await context.boot({
        script: `
exchange_delayed answer "${commandHex(CLOCK, RATE_SET, 40, ASYNC, x21, 48_000_000, 0)}"
exchange rate "${commandHex(CLOCK, RATE_GET, 41, x21)}"
`,
      });
      const answers = report.all("answer").map(parseMessage);
      const delayed = answers.filter(({ type }) => type === DELAYED_RESPONSE);
      assertEquals(delayed.map(({ words }) => words), [[0, x21, 48_000_000, 0]]);
      for (const { words } of answers.filter(({ type }) => type === COMMAND)) assertEquals(words, [0]);
      assertEquals(parseMessage(report.one("rate")).words, [0, 48_000_000, 0]);
    },
  },
  {
    name: "raw mode switches a clock, gives it another parent and shapes it",
    over: SAME_MESSAGES,
    async run(context) {
      const [csi0, pwm, s1] = [idOf("csi0"), idOf("pwm"), idOf("s1")];
      const report = await context.boot({
        script: `
exchange rate_set "${commandHex(CLOCK, RATE_SET, 10, 0, csi0, 39_936_000, 0)}"
exchange parent_set "${commandHex(CLOCK, PARENT_SET, 11, csi0, s1)}"
exchange parent "${commandHex(CLOCK, PARENT_GET, 12, csi0)}"
exchange rate "${commandHex(CLOCK, RATE_GET, 13, csi0)}"
exchange config_set "${commandHex(CLOCK, CONFIG_SET, 14, pwm, 0x1_0001, 20)}"
exchange config "${commandHex(CLOCK, CONFIG_GET, 15, pwm, 1)}"
`,
      });
      const words = (key: string) => parseMessage(report.one(key)).words;
      for (const key of ["rate_set", "parent_set", "config_set"]) assertEquals(words(key), [0], key);
      assertEquals(words("parent"), [0, s1]);
      // 532.48 MHz / 20.
      assertEquals(words("rate"), [0, 26_624_000, 0]);
      assertEquals(words("config"), [0, 0, 1, 20]);
    },
  },
  {
    name: "raw mode resets a domain at once and with a delayed response",
    shows: "delayed responses",
    async run(context) {
      const idOfReset = (name: string) => rcarBoard.resetDomains.findIndex((each) => each.name === name);
      const [etheravb, imr0] = [idOfReset("etheravb"), idOfReset("imr0")];
      const report = await context.boot({
        script: `
exchange sync "${commandHex(RESET, RESET_COMMAND, 20, etheravb, 1, 0)}"
exchange_delayed answer "${commandHex(RESET, RESET_COMMAND, 21, imr0, 5, 0)}"
`,
      });
      assertEquals(parseMessage(report.one("sync")).words, [0]);
      const answers = report.all("answer").map(parseMessage);
      const delayed = answers.filter(({ type }) => type === DELAYED_RESPONSE);
      assertEquals(delayed.map(({ words }) => words), [[0, imr0]]);
    },
  },
  {
    name: "reset line of a device of the guest is released by Linux when it finds the device",
    shows: "resets",
    over: WITH_COMMANDS,
    async run(context) {
      const { platform } = context;
      const { id, name } = rcarBoard.resetDomains.find((each) => each.name === "etheravb")!;
      const isInReset = async () =>
        (await platform.hardware("resets")).find((each) => each.name === name)?.truth.isInReset;
      const other = await platform.openOtherAgent();
      const held = await other.call(RESET, RESET_DOMAIN, {
        domainId: id,
        flags: { autonomous: false, assert: true, async: false },
        resetState: { isOwn: false, id: 0 },
      });
      other.close();
      assert(held.ok, "the other agent may hold the line");
      assertEquals(await isInReset(), true);
      await context.boot({ treeArguments: ["--consumers", `reset:${name}`], script: "true" });
      assertEquals(await isInReset(), false);
    },
  },
];
