// What a guest's device tree says of the board's GPIO lines: switches are keys, pulses are counted. Outputs
// need no node: a program drives them by name. Facts: the Linux bindings gpio-keys and interrupt-counter.
import type { Board } from "../../boards/board.ts";
import { indent, oneLine } from "./device_tree_text.ts";

/** A line of the guest's GPIO device that a driver of its kernel uses. */
export interface GuestGpioLine {
  /** The number of the line. */
  readonly number: number;
  readonly name: string;
  readonly use: "key" | "counter";
}

/**
 * The number of the board's first line on a GPIO device, the others follow: line 0 is the interrupt of the agent's mailbox,
 * also where it has none.
 */
export const FIRST_BOARD_LINE = 1;

/** The event codes that mean nothing to a desktop: BTN_TRIGGER_HAPPY1 and those after it. */
const FIRST_CODE = 0x2c0;
const CODE_COUNT = 40;

const EDGE_RISING = 1;

/** Returns the lines of a board that drivers use. There are codes for so many switches. */
export function guestGpioLines({ gpioLines }: Board): GuestGpioLine[] {
  let keyCount = 0;
  return gpioLines.flatMap(({ name, follows }, index): GuestGpioLine[] => {
    const number = FIRST_BOARD_LINE + index;
    if (follows.kind === "wheelPulse") return [{ number, name, use: "counter" }];
    return follows.kind === "switch" && keyCount++ < CODE_COUNT ? [{ number, name, use: "key" }] : [];
  });
}

/** Returns the nodes of the devices behind the lines; `controller` is the label of the GPIO device. */
export function gpioLineNodes(lines: readonly GuestGpioLine[], controller: string): string[] {
  const keys = lines.filter(({ use }) => use === "key");
  const counters = lines.filter(({ use }) => use === "counter");
  return [
    ...(keys.length === 0 ? [] : ["", "scmi-gpio-keys {", ...indent(1, keyNodes(keys, controller)), "};"]),
    ...counters.flatMap(({ number, name }) => [
      "",
      `scmi-counter-${number} { // ${oneLine(name)}`,
      '\tcompatible = "interrupt-counter";',
      `\tinterrupts-extended = <&${controller} ${number} ${EDGE_RISING}>;`,
      "};",
    ]),
  ];
}

function keyNodes(keys: readonly GuestGpioLine[], controller: string): string[] {
  return [
    'compatible = "gpio-keys";',
    ...keys.flatMap(({ number, name }, index) => [
      "",
      `key-${number} {`,
      `\tlabel = "${oneLine(name)}";`,
      `\tgpios = <&${controller} ${number} 0>;`,
      `\tlinux,code = <0x${(FIRST_CODE + index).toString(16)}>;`,
      "};",
    ]),
  ];
}
