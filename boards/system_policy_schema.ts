// The shape of the policy over the power of the whole system, and what it may refer to.
import * as z from "zod";
import { AGENT_COUNT_MAX } from "../scp/core/limits.ts";
import type { Complaints } from "./complaints.ts";
import { ascii, list, optional, record, whole } from "./shapes.ts";
import { SYSTEM_DECISIONS, type SystemPolicyInput, type SystemRuleInput } from "./system_policy.ts";

const agentNames = () => list(ascii(15), 1, AGENT_COUNT_MAX);
const deadlineMs = () => whole(1, 0xffff_ffff);

const rule: z.ZodType<SystemRuleInput> = z.discriminatedUnion("decide", [
  record({ decide: z.literal("forced") }),
  record({ decide: z.literal("lastOneOut") }),
  record({ decide: z.literal("graceful"), deadlineMs: deadlineMs() }),
  record({ decide: z.literal("veto"), vetoers: agentNames(), deadlineMs: deadlineMs() }),
], `Expected a rule with decide one of ${SYSTEM_DECISIONS.join(", ")}`);

/** The policy as it is written. */
export const systemPolicySchema: z.ZodType<SystemPolicyInput> = record({
  voters: agentNames(),
  rules: optional(record({
    shutdown: optional(rule),
    coldReset: optional(rule),
    warmReset: optional(rule),
    suspend: optional(rule),
  })),
});

/** Lists what is wrong with the names in a policy. */
export function checkSystemPolicy(
  policy: SystemPolicyInput,
  agents: readonly (string | null)[],
  complaints: Complaints,
): void {
  const path = "systemPower.policy";
  const check = (names: readonly string[], pathOf: (place: number) => string) => {
    names.forEach((name, place) => {
      if (!agents.includes(null) && !agents.includes(name)) complaints.add(pathOf(place), `No agent ${name}`);
    });
    complaints.checkUnique(names, pathOf);
  };
  check(policy.voters, (place) => `${path}.voters[${place}]`);
  for (const [transition, rule] of Object.entries(policy.rules ?? {})) {
    if (rule.decide !== "veto") continue;
    const pathOf = (place: number) => `${path}.rules.${transition}.vetoers[${place}]`;
    check(rule.vetoers, pathOf);
    rule.vetoers.forEach((name, place) => {
      if (!policy.voters.includes(name)) complaints.add(pathOf(place), `Expected a voter; ${name} is none`);
    });
  }
}
