// The shape of a board's clocks and clock sources in a user's file, as zod schemas.
import * as z from "zod";
import { CLOCK_FACTOR_MAX, CLOCK_RATE_MAX_HZ } from "../scp/core/clock_ratio.ts";
import type { ClockInput, ClockSourceInput } from "./clock.ts";
import { ascii, list, notNegative, optional, orNull, partName, record, truth, whole } from "./shapes.ts";

const rateHz = () => whole(0, CLOCK_RATE_MAX_HZ);
const factor = () => whole(1, CLOCK_FACTOR_MAX);
const setting = (highest: number) => {
  const value = whole(0, highest);
  return optional(orNull(record({ lowest: value, highest: value, start: value })));
};

const ratio = z.discriminatedUnion("kind", [
  record({ kind: z.literal("fixed"), multiplier: factor(), divider: factor() }),
  record({
    kind: z.literal("dividers"),
    dividers: list(factor(), 1, 4095),
    divider: factor(),
    isToldInSteps: optional(truth()),
  }),
  record({
    kind: z.literal("multipliers"),
    lowest: factor(),
    highest: factor(),
    multiplier: factor(),
    divider: factor(),
  }),
], "Expected an object with kind fixed, dividers or multipliers");

/** A clock as it is written. */
export const clockSchema: z.ZodType<ClockInput> = record({
  id: whole(0, 65_534),
  name: ascii(63),
  parents: optional(list(ascii(63), 0, 255)),
  parent: optional(orNull(ascii(63))),
  rateHz: optional(rateHz()),
  ratio: optional(ratio),
  hasGate: optional(truth()),
  startsEnabled: optional(truth()),
  powerDomain: optional(orNull(ascii(63))),
  enableDelayUs: optional(whole(0, 0xffff_ffff)),
  rateLatencyUs: optional(whole(0, 3_600_000_000)),
  rateMinHz: optional(rateHz()),
  rateMaxHz: optional(rateHz()),
  dutyCyclePercent: setting(100),
  phaseMrad: setting(6283),
  notifiesRate: optional(truth()),
  notifiesRequests: optional(truth()),
  rights: optional(z.record(
    ascii(15),
    record({ state: optional(truth()), rate: optional(truth()), parent: optional(truth()) }),
    "Expected an object of agent names",
  )),
  draws: optional(orNull(record({ block: partName(), uwPerMhz: notNegative() }))),
  hidesRate: optional(truth()),
});

/** A clock source as it is written. */
export const clockSourceSchema: z.ZodType<ClockSourceInput> = record({
  name: ascii(63),
  parent: optional(orNull(ascii(63))),
  rateHz: optional(rateHz()),
  multiplier: optional(factor()),
  divider: optional(factor()),
});
