// Pins that are used as one, as the pin control protocol names them. What they do is simulated_pin_group.ts.
import type { PinUnit } from "./pin.ts";

/** Pins that are used as one: who takes the group has all of its pins. */
export type PinGroup = PinUnit;
