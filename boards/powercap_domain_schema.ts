// The shape of a board's power capping domains in a user's file, as a zod schema.
import type * as z from "zod";
import { agentKinds } from "./agent_schema.ts";
import { POWERCAP_UNITS, type PowercapDomainInput } from "./powercap_domain.ts";
import { ascii, between, list, oneOf, optional, orNull, partName, record, truth, whole } from "./shapes.ts";

/** The longest averaging interval, us: the model keeps the energy of every tick of it. */
const AVERAGING_US_MAX = 60_000_000;

/** The protocol counts limits in four bits. */
const FURTHER_LIMITS_MAX = 14;

/** A kilowatt; and one that is less than a microwatt could tell no power above 4 kW. */
const UNIT_MAX_UW = 1e9;

const power = () => whole(1, 0xffff_ffff);
const averaging = () => whole(1, AVERAGING_US_MAX);

/** What the domain's first limit and further ones have alike. */
const limit = {
  cap: record({ min: power(), max: power(), step: whole(0, 0xffff_ffff) }),
  bootCap: optional(orNull(power())),
  averaging: optional(
    record({ minUs: averaging(), maxUs: averaging(), stepUs: whole(0, AVERAGING_US_MAX) }),
  ),
  bootAveragingUs: optional(averaging()),
};

/** A power capping domain as it is written. */
export const powercapDomainSchema: z.ZodType<PowercapDomainInput> = record({
  id: whole(0, 65_534),
  name: ascii(63),
  parent: optional(orNull(ascii(63))),
  blocks: optional(list(partName(), 0, 1024)),
  unit: optional(oneOf(POWERCAP_UNITS)),
  unitUw: optional(between(1, UNIT_MAX_UW)),
  ...limit,
  firstLimitName: optional(ascii(15)),
  furtherLimits: optional(list(record({ name: ascii(15), ...limit }), 0, FURTHER_LIMITS_MAX)),
  sustainablePower: optional(whole(0, 0xffff_ffff)),
  accuracyPercent: optional(between(0, 100)),
  isMonitored: optional(truth()),
  supportsAsync: optional(truth()),
  notifiesCap: optional(truth()),
  notifiesPower: optional(truth()),
  periodUs: optional(whole(10_000, 60_000_000)),
  setBy: optional(agentKinds()),
});
