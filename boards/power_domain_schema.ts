// The shape of a board's power domains and of its system power in a user's file, as zod schemas.
import type * as z from "zod";
import { agentKinds } from "./agent_schema.ts";
import { POWER_DOMAIN_KINDS, type PowerDomainInput } from "./power_domain.ts";
import { ascii, list, oneOf, optional, orNull, partName, record, truth, whole } from "./shapes.ts";
import { systemPolicySchema } from "./system_policy_schema.ts";
import { SYSTEM_TRANSITIONS, type SystemPowerInput } from "./system_power.ts";

const latencyUs = () => whole(0, 60_000_000);

/** A power domain as it is written. */
export const powerDomainSchema: z.ZodType<PowerDomainInput> = record({
  id: orNull(whole(0, 65_534)),
  name: ascii(63),
  kind: oneOf(POWER_DOMAIN_KINDS),
  parent: optional(orNull(ascii(63))),
  states: optional(list(
    record({
      name: partName(),
      stateId: whole(1, 0xfff_ffff),
      isContextLost: truth(),
      depth: whole(1, 254),
      latencyUs: latencyUs(),
    }),
    0,
    32,
  )),
  onLatencyUs: optional(latencyUs()),
  offLatencyUs: optional(latencyUs()),
  bootState: optional(partName()),
  isAlwaysOn: optional(truth()),
  setBy: optional(agentKinds()),
  supportsSync: optional(truth()),
  supportsAsync: optional(truth()),
  hasNotifications: optional(truth()),
});

const transition = oneOf(SYSTEM_TRANSITIONS);

/** The power of the system as it is written. */
export const systemPowerSchema: z.ZodType<SystemPowerInput> = record({
  domain: optional(orNull(ascii(63))),
  transitions: optional(list(transition, 0, SYSTEM_TRANSITIONS.length)),
  suspendState: optional(orNull(partName())),
  fullView: optional(agentKinds()),
  acceptsGracefulRequests: optional(truth()),
  gracefulTimeoutMs: optional(whole(1, 0xffff_ffff)),
  restartUs: optional(latencyUs()),
  policy: optional(orNull(systemPolicySchema)),
});
