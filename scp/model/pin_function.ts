// A use that pins can be put to, as the pin control protocol names it.
import type { Pin, PinUnit } from "./pin.ts";
import type { PinGroup } from "./pin_group.ts";

/** A use that groups of pins, or pins, can be put to; one of the two lists is empty. */
export interface PinFunction {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
  /** Whether it is the use of pins as general inputs and outputs. */
  readonly isGpio: boolean;
  readonly groups: readonly PinGroup[];
  readonly pins: readonly Pin[];
}

/** Tells whether a pin or group can be put to a function. */
export function worksOn(one: PinFunction, unit: PinUnit): boolean {
  return one.groups.includes(unit) || one.pins.some((pin) => pin === unit);
}
