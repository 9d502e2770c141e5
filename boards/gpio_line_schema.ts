// The shape of a board's GPIO lines in a user's file, as zod schemas.
import * as z from "zod";
import { type GpioLineInput, WHEEL_NAMES } from "./gpio_line.ts";
import { oneOf, optional, partName, record, truth, whole } from "./shapes.ts";

const inputName = () => {
  const error = "Expected a name like vehicle.doorFrontLeft: words of letters and digits, joined by dots";
  return z.string(error).max(63, error).regex(/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)+$/, error);
};

/** A line as it is written. */
export const gpioLineSchema: z.ZodType<GpioLineInput> = record({
  name: partName(),
  follows: z.discriminatedUnion("kind", [
    record({ kind: z.literal("switch"), input: inputName(), isActiveLow: optional(truth()) }),
    record({
      kind: z.literal("wheelPulse"),
      wheel: oneOf(WHEEL_NAMES),
      pulsesPerTurn: whole(1, 256),
    }),
    record({ kind: z.literal("guest") }),
  ], "Expected an object with kind switch, wheelPulse or guest"),
});
