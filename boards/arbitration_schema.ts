// The shape of a board's policies for shared resources, and what they may refer to.
import * as z from "zod";
import { hasRateWithin } from "../scp/core/clock_ratio.ts";
import { AGENT_COUNT_MAX } from "../scp/core/limits.ts";
import { fitsPattern, patternFor } from "../scp/core/name_pattern.ts";
import { HARDWARE_KINDS, type HardwareKind } from "../scp/core/schema.ts";
import {
  type ArbitrationInput,
  CLOCK_STRATEGIES,
  type ClockArbitrationInput,
  VALUE_POLICIES,
  type ValuePolicyInput,
} from "./arbitration.ts";
import { type ClockInput, type ClockSourceInput, completeClock } from "./clock.ts";
import { ClockFeeds } from "./clock_feeds.ts";
import type { Complaints } from "./complaints.ts";
import { canBeOneOf } from "./part_names.ts";
import { ascii, list, oneOf, optional, record, whole } from "./shapes.ts";

const RATE_MAX_HZ = Number.MAX_SAFE_INTEGER;

const valuePolicy: z.ZodType<ValuePolicyInput> = z.union([
  z.enum(VALUE_POLICIES),
  record({ owner: ascii(15) }),
  record({ priority: list(ascii(15), 1, AGENT_COUNT_MAX) }),
], `Expected ${VALUE_POLICIES.join(", ")}, an object with owner, or one with priority`);

const byPattern = <T extends z.ZodType>(item: T) =>
  z.record(ascii(63), item, { error: "Expected an object of name patterns" });

const strategy = oneOf(CLOCK_STRATEGIES);

const clock: z.ZodType<ClockArbitrationInput> = record({
  rate: optional(valuePolicy),
  strategies: optional(byPattern(strategy)),
  clampHz: optional(record({ min: whole(0, RATE_MAX_HZ), max: whole(0, RATE_MAX_HZ) })),
});

/** The policies as they are written. */
export const arbitrationSchema: z.ZodType<ArbitrationInput> = record({
  clock: optional(byPattern(clock)),
  powerDomain: optional(byPattern(z.literal("vote", "Expected vote"))),
  performanceDomain: optional(
    byPattern(
      record({ level: optional(valuePolicy), max: optional(valuePolicy), min: optional(valuePolicy) }),
    ),
  ),
  voltageDomain: optional(byPattern(valuePolicy)),
  powercapDomain: optional(byPattern(valuePolicy)),
});

/** What policies are about; null among names for one that cannot be read, among clocks for one whose shape is wrong. */
export interface ArbitrationParts {
  readonly arbitration: ArbitrationInput;
  readonly agentNames: readonly (string | null)[];
  readonly names: Readonly<Record<HardwareKind, readonly (string | null)[]>>;
  readonly clocks: readonly (ClockInput | null)[];
  readonly clockSources: readonly (ClockSourceInput | null)[];
}

/** Lists what is wrong with the names in policies, and with strategies that exclude each other. */
export function checkArbitration(parts: ArbitrationParts, complaints: Complaints): void {
  const { arbitration, agentNames, names } = parts;
  const checkAgent = (path: string, name: string) => {
    if (!agentNames.includes(null) && !agentNames.includes(name)) complaints.add(path, `No agent ${name}`);
  };
  const checkPolicy = (path: string, policy: ValuePolicyInput | undefined) => {
    if (policy === undefined || typeof policy === "string") return;
    if ("owner" in policy) return checkAgent(`${path}.owner`, policy.owner);
    policy.priority.forEach((name, place) => checkAgent(`${path}.priority[${place}]`, name));
    complaints.checkUnique(policy.priority, (place) => `${path}.priority[${place}]`);
  };
  for (const kind of HARDWARE_KINDS) {
    const policies = arbitration[kind as keyof ArbitrationInput];
    const known = new Set(names[kind]);
    for (const pattern of Object.keys(policies ?? {})) {
      const path = `arbitration.${kind}.${pattern}`;
      if (canBeOneOf(pattern, known) || names[kind].some((name) => fitsPattern(name!, pattern))) continue;
      complaints.add(path, `No ${kind} of the board fits: correct the pattern, or leave it out`);
    }
  }
  for (const [pattern, { rate, strategies, clampHz }] of Object.entries(arbitration.clock ?? {})) {
    const path = `arbitration.clock.${pattern}`;
    checkPolicy(`${path}.rate`, rate);
    for (const name of Object.keys(strategies ?? {})) {
      if (name !== "*") checkAgent(`${path}.strategies.${name}`, name);
    }
    checkOwner(`${path}.strategies`, strategies, agentNames, complaints);
    if (clampHz !== undefined && clampHz.min > clampHz.max) {
      complaints.add(`${path}.clampHz.min`, `Expected at most ${clampHz.max}, the highest rate`);
    }
  }
  checkClamps(parts, complaints);
  for (const [pattern, { level, max, min }] of Object.entries(arbitration.performanceDomain ?? {})) {
    const path = `arbitration.performanceDomain.${pattern}`;
    checkPolicy(`${path}.level`, level);
    checkPolicy(`${path}.max`, max);
    checkPolicy(`${path}.min`, min);
  }
  for (const kind of ["voltageDomain", "powercapDomain"] as const) {
    for (const [pattern, policy] of Object.entries(arbitration[kind] ?? {})) {
      checkPolicy(`arbitration.${kind}.${pattern}`, policy);
    }
  }
}

/** A clamp is to leave a rate to one at least of the clocks that it is for. Those that run from clocks may have any. */
function checkClamps(parts: ArbitrationParts, complaints: Complaints): void {
  const { arbitration, clocks: inputs, clockSources } = parts;
  const policies = arbitration.clock ?? {};
  const patterns = Object.keys(policies);
  if (patterns.every((pattern) => policies[pattern]!.clampHz === undefined)) return;
  const feeds = new ClockFeeds(inputs, clockSources);
  const clocks = inputs.flatMap((input) => input === null ? [] : [completeClock(input)]);
  const isClock = (name: string) => parts.names.clock.includes(name);
  for (const [pattern, { clampHz }] of Object.entries(policies)) {
    if (clampHz === undefined || clampHz.min > clampHz.max) continue;
    const clamped = clocks.filter(({ name }) => patternFor(name, patterns) === pattern);
    const canKeep = clamped.length === 0 || inputs.includes(null) ||
      clamped.some(({ ratio, rateHz, parents, rateMinHz, rateMaxHz }) => {
        const sourceHz = (name: string) => isClock(name) ? undefined : feeds.startRateOf(name);
        const rates = parents.length === 0 ? [rateHz] : parents.map(sourceHz);
        const [min, max] = [Math.max(clampHz.min, rateMinHz), Math.min(clampHz.max, rateMaxHz)];
        return rates.some((inputHz) => inputHz === undefined || hasRateWithin(ratio, inputHz, min, max));
      });
    if (!canKeep) {
      const names = clamped.length === 1 ? `clock ${clamped[0]!.name} has` : "the clocks have";
      complaints.add(
        `arbitration.clock.${pattern}.clampHz`,
        `Expected limits with a rate between; ${names} none`,
      );
    }
  }
}

/** A clock that somebody owns is nobody else's to own or to vote for. */
function checkOwner(
  path: string,
  strategies: ClockArbitrationInput["strategies"],
  agentNames: readonly (string | null)[],
  complaints: Complaints,
): void {
  const strategyOf = (name: string) => strategies?.[name] ?? strategies?.["*"] ?? "vote";
  const known = agentNames.filter((name) => name !== null);
  const owners = known.filter((name) => strategyOf(name) === "own");
  if (owners.length === 0) return;
  for (const name of known) {
    if (name === owners[0]) continue;
    if (!["own", "vote", "accept-clamp"].includes(strategyOf(name))) continue;
    complaints.add(
      path,
      `${owners[0]} owns the clock, so ${name} cannot ${
        strategyOf(name)
      }: give it accept-ignore, deny or dummy`,
    );
  }
}
