// The shape of a board's performance domains and of the governors that slow them down in a user's file, as zod schemas.
import type * as z from "zod";
import { agentKinds } from "./agent_schema.ts";
import { type PerformanceDomainInput, POWER_UNITS } from "./performance_domain.ts";
import {
  ascii,
  between,
  list,
  MHZ_MAX,
  oneOf,
  optional,
  orNull,
  partName,
  record,
  truth,
  whole,
} from "./shapes.ts";
import type { ThermalGovernorPlan } from "./thermal_governor.ts";

/** At least a kHz, which is what agents are told. */
const mhz = () => between(0.001, MHZ_MAX);

/** A performance domain as it is written. */
export const performanceDomainSchema: z.ZodType<PerformanceDomainInput> = record({
  id: whole(0, 65_534),
  name: ascii(63),
  block: optional(orNull(partName())),
  levels: list(
    record({ level: whole(1, 0xffff_ffff), mhz: mhz(), powerCost: whole(0, 0xffff_ffff) }),
    1,
    256,
  ),
  sustainedMhz: optional(mhz()),
  bootMhz: optional(mhz()),
  latencyUs: optional(whole(0, 0xffff)),
  rateLimitUs: optional(whole(0, 0xf_ffff)),
  powerUnit: optional(oneOf(POWER_UNITS)),
  usesLevelIndexing: optional(truth()),
  levelSetBy: optional(agentKinds()),
  limitsSetBy: optional(agentKinds()),
  notifiesLevel: optional(truth()),
  notifiesLimits: optional(truth()),
});

/** A thermal governor. */
export const thermalGovernorSchema: z.ZodType<ThermalGovernorPlan> = record({
  node: partName(),
  passiveC: between(-60, 200),
  hysteresisC: between(0, 100),
  periodUs: whole(5_000, 3_600_000_000),
  performanceDomains: list(ascii(63), 1, 1024),
});
