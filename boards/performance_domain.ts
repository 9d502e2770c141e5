// The performance domains of a board: groups of processors or other blocks whose speed is set as one. How a level gets to
// the block and its rail is scp/model/simulated_performance_domain.ts; wire formats are the performance protocol's matter.
import { AGENT_KINDS, type AgentKind } from "./agent.ts";

/** In which unit agents are told what a level costs: on a scale of the board's own, or as power. */
export type PowerUnit = "abstract" | "mW" | "uW";

/** The units of power costs. */
export const POWER_UNITS = ["abstract", "mW", "uW"] as const satisfies readonly PowerUnit[];

/** A speed that a domain can be set to. */
export interface PerformanceLevelPlan {
  /** What agents name it by, 1 to 2^32-1, rising; 0 means "unchanged" to them, and some try the lowest minus one. */
  readonly level: number;
  /** The frequency of the block: one of its operating points, which says what voltage it needs. */
  readonly mhz: number;
  /** What agents are told that it costs, in the domain's unit; 0 = not told. The physics has numbers of its own. */
  readonly powerCost: number;
}

/** A performance domain, complete: every field there. */
export interface PerformanceDomainDescription {
  /** Wire id: its place in the list, written out because guests match on it. */
  readonly id: number;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  /** The power block that it drives; null = none that draws power. A block has one domain at most. */
  readonly block: string | null;
  /** Rising; at least one. */
  readonly levels: readonly PerformanceLevelPlan[];
  /** The level that it can keep up for good, by its frequency; those above are for a short time (turbo). */
  readonly sustainedMhz: number;
  /** The level in force before the load profile or an agent asks for one, by its frequency. */
  readonly bootMhz: number;
  /** Time from a request until the new level is in force, us, 0 to 65535. */
  readonly latencyUs: number;
  /** The least time between two requests that agents are told, us, 0 to 2^20-1; 0 = none. */
  readonly rateLimitUs: number;
  readonly powerUnit: PowerUnit;
  /** Whether agents name levels by their index, from protocol version 4.0 on. */
  readonly usesLevelIndexing: boolean;
  /** Kinds of agents that may set the level, and the limits; all unless given. */
  readonly levelSetBy: readonly AgentKind[];
  readonly limitsSetBy: readonly AgentKind[];
  /** Whether agents can be told of changes of the level, and of the limits. */
  readonly notifiesLevel: boolean;
  readonly notifiesLimits: boolean;
}

/** A performance domain as it is written: all from `block` on but the levels may be left out. */
export type PerformanceDomainInput =
  & Pick<PerformanceDomainDescription, "id" | "name" | "levels">
  & Partial<PerformanceDomainDescription>;

/** Completes a performance domain with the defaults. */
export function completePerformanceDomain(input: PerformanceDomainInput): PerformanceDomainDescription {
  const fastestMhz = input.levels.at(-1)?.mhz ?? 0;
  const sustainedMhz = input.sustainedMhz ?? fastestMhz;
  return {
    id: input.id,
    name: input.name,
    block: input.block ?? null,
    levels: input.levels,
    sustainedMhz,
    bootMhz: input.bootMhz ?? sustainedMhz,
    latencyUs: input.latencyUs ?? 0,
    rateLimitUs: input.rateLimitUs ?? 0,
    powerUnit: input.powerUnit ?? "mW",
    usesLevelIndexing: input.usesLevelIndexing ?? false,
    levelSetBy: input.levelSetBy ?? AGENT_KINDS,
    limitsSetBy: input.limitsSetBy ?? AGENT_KINDS,
    notifiesLevel: input.notifiesLevel ?? true,
    notifiesLimits: input.notifiesLimits ?? true,
  };
}
