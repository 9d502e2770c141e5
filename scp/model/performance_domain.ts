// A group of processors or another block whose speed is set as one, as the performance protocol, power caps and the thermal
// governor see it. How a level gets to the block and its rail is scp/model/simulated_performance_domain.ts.
import type { PowerUnit } from "../../boards/performance_domain.ts";
import type { LevelStatistics } from "./statistics.ts";

/** A speed that a domain can be set to. */
export interface PerformanceLevel {
  /** Place in the list of levels, from 0. */
  readonly index: number;
  /** What agents name it by; rising with the index, never 0. */
  readonly value: number;
  readonly frequencyKhz: number;
  /** What agents are told that it costs, in the domain's unit; 0 = not told. */
  readonly powerCost: number;
  /** Time from a request until it is in force, us. */
  readonly latencyUs: number;
}

/** The slowest and the fastest level allowed. */
export interface PerformanceLimits {
  readonly min: PerformanceLevel;
  readonly max: PerformanceLevel;
}

/** Limits as an agent sets them; null = the one that it keeps as it is. */
export type LimitsRequest = { readonly [Bound in keyof PerformanceLimits]: PerformanceLimits[Bound] | null };

/** Something that happened to a performance domain; `agentId` is who caused it, 0 = the platform. */
export type PerformanceDomainChange =
  /** `level` is another one: what is in force from now on, or on its way. */
  | { readonly kind: "chosen"; readonly level: PerformanceLevel; readonly agentId: number }
  /** The block runs at another level: told when that is so, not when it was asked for. */
  | { readonly kind: "level"; readonly level: PerformanceLevel; readonly agentId: number }
  /** Other limits are in force. */
  | { readonly kind: "limits"; readonly limits: PerformanceLimits; readonly agentId: number };

/** What became of a request: `DENIED` = the agent may not; `OUT_OF_RANGE` = outside the limits that agents have set. */
export type PerformanceResult = "SUCCESS" | "DENIED" | "OUT_OF_RANGE";

/**
 * When a request is acted on: `free` = at once; `limited` = at once too, unless that would be sooner than the rate limit after
 * the request before. It is then accepted and waits; the last one that waits counts. `free` unless given.
 */
export type RequestPace = "free" | "limited";

/** A performance domain. */
export interface PerformanceDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
  /** The power block of the physics that it drives; null = none. */
  readonly block: string | null;
  /** By rising speed, at least one. */
  readonly levels: readonly PerformanceLevel[];
  /** The fastest level that it can keep up for good. */
  readonly sustainedLevel: PerformanceLevel;
  readonly powerUnit: PowerUnit;
  /** Whether agents name levels by their index instead of their value. */
  readonly usesLevelIndexing: boolean;
  /** The least time between two requests that the domain acts on, us; 0 = none. */
  readonly rateLimitUs: number;
  readonly notifiesLevel: boolean;
  readonly notifiesLimits: boolean;
  /** How long it ran at which level, and how often it came to it. */
  readonly statistics: LevelStatistics;
  /** The level in force, or on its way: what was requested last, kept inside the limits in force. */
  readonly level: PerformanceLevel;
  /** The level that the block runs at: another one than `level` while a transition takes its time. */
  readonly runningLevel: PerformanceLevel;
  /** The limits in force: those of the agents, lowered to the lowest ceiling. */
  readonly limits: PerformanceLimits;
  /** The limits that agents have set; all levels at first. */
  readonly agentLimits: PerformanceLimits;
  maySetLevel(agentId: number): boolean;
  maySetLimits(agentId: number): boolean;
  /** Requests one of its levels. One above a ceiling is kept, and comes into force when the ceiling is lifted. */
  setLevel(level: PerformanceLevel, agentId: number, pace?: RequestPace): PerformanceResult;
  /** The limits that an agent keeps when it sets another: its own where each has a say, or else those that agents have set. */
  keptLimits(agentId: number): PerformanceLimits;
  /** Sets limits of the agents: levels of the domain, `min` not above `max`, with what is kept. The level follows. */
  setLimits(limits: LimitsRequest, agentId: number, pace?: RequestPace): PerformanceResult;
  /**
   * Keeps the domain at or below a level on behalf of the platform, until `source` changes its word or (null) takes it
   * back; each source has one ceiling, the lowest counts. Listeners are told with agent id 0.
   */
  imposeCeiling(source: string, levelIndex: number | null): void;
  /** Adds a listener to its changes; returns the function that takes it away. */
  listen(listener: (change: PerformanceDomainChange) => void): () => void;
}
