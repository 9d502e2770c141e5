// The shape of a board's pins, pin groups and pin functions in a user's file, as zod schemas.
import * as z from "zod";
import { OWN_PIN_CONFIG_MIN, PIN_CONFIG, PIN_CONFIG_MAX } from "../scp/core/pin_config.ts";
import type { PinFunctionInput, PinGroupInput, PinInput } from "./pin.ts";
import { ascii, list, optional, orNull, record, truth, whole } from "./shapes.ts";

const ID_MAX = 65_534;
const word = () => whole(0, 0xffff_ffff);

/** A pin as it is written. */
export const pinSchema: z.ZodType<PinInput> = record({
  id: whole(0, ID_MAX),
  name: ascii(63),
  configs: optional(list(
    record({
      typeCode: z.union(
        [
          whole(0, PIN_CONFIG.slewRate),
          whole(OWN_PIN_CONFIG_MIN, PIN_CONFIG_MAX),
        ],
        `Expected a whole number from 0 to ${PIN_CONFIG.slewRate}, or from ${OWN_PIN_CONFIG_MIN} to ${PIN_CONFIG_MAX}`,
      ),
      min: optional(word()),
      max: optional(word()),
      step: optional(whole(1, 0xffff_ffff)),
      start: optional(word()),
    }),
    0,
    PIN_CONFIG_MAX + 1,
  )),
});

/** A group of pins as it is written. */
export const pinGroupSchema: z.ZodType<PinGroupInput> = record({
  id: whole(0, ID_MAX),
  name: ascii(63),
  pins: list(ascii(63), 1),
  bootFunction: optional(orNull(ascii(63))),
});

/** A function as it is written. */
export const pinFunctionSchema: z.ZodType<PinFunctionInput> = record({
  id: whole(0, ID_MAX),
  name: ascii(63),
  isGpio: optional(truth()),
  groups: optional(list(ascii(63))),
  pins: optional(list(ascii(63))),
});
