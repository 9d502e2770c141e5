// One performance domain among several agents: level and limits are what the board's policies make of their votes. Votes for a
// level that the limits do not allow are refused, as without others; limits that come later hold the level while they last.
import type { PowerUnit } from "../../../boards/performance_domain.ts";
import type {
  LimitsRequest,
  PerformanceDomain,
  PerformanceDomainChange,
  PerformanceLevel,
  PerformanceLimits,
  PerformanceResult,
  RequestPace,
} from "../performance_domain.ts";
import type { SimulatedPerformanceDomain } from "../simulated_performance_domain.ts";
import type { LevelStatistics } from "../statistics.ts";
import type { Beliefs } from "./belief.ts";
import { type CastVote, castVotes } from "./cast_vote.ts";
import { ValueVotes, type VotePolicy } from "./value_votes.ts";

const PLATFORM = 0;

/** The policies for one domain; values are places of levels. */
export interface PerformanceArbitration {
  readonly level: VotePolicy;
  readonly max: VotePolicy;
  readonly min: VotePolicy;
}

/** A performance domain and what agents want of it. */
export class PerformanceArbiter {
  readonly levelVotes: ValueVotes;
  readonly maxVotes: ValueVotes;
  readonly minVotes: ValueVotes;
  readonly #domain: SimulatedPerformanceDomain;
  readonly #beliefs: Beliefs;

  constructor(domain: SimulatedPerformanceDomain, policy: PerformanceArbitration, beliefs: Beliefs) {
    this.#domain = domain;
    this.levelVotes = new ValueVotes(policy.level);
    this.maxVotes = new ValueVotes(policy.max);
    this.minVotes = new ValueVotes(policy.min);
    this.#beliefs = beliefs;
    domain.listen(() => this.compare());
  }

  /** The domain as agents have it. */
  get facade(): PerformanceDomain {
    return new SharedPerformanceDomain(this.#domain, this);
  }

  setLevel(level: PerformanceLevel, agentId: number, pace: RequestPace = "free"): PerformanceResult {
    const domain = this.#domain;
    if (!domain.maySetLevel(agentId)) return "DENIED";
    const { min, max } = domain.agentLimits;
    if (level.index < min.index || level.index > max.index) return "OUT_OF_RANGE";
    this.levelVotes.cast(agentId, level.index);
    domain.ask(this.#wantedLevel, agentId, pace);
    this.compare();
    return "SUCCESS";
  }

  /** What an agent has voted for; where it has no vote, the end of the range. */
  keptLimits(agentId: number): PerformanceLimits {
    const { levels } = this.#domain;
    const max = this.maxVotes.all.get(agentId) ?? levels.length - 1;
    const min = this.minVotes.all.get(agentId) ?? 0;
    return { min: levels[min]!, max: levels[max]! };
  }

  /** A limit that is kept is no vote: the agent has the one it had, or none. */
  setLimits({ max, min }: LimitsRequest, agentId: number, pace: RequestPace = "free"): PerformanceResult {
    const domain = this.#domain;
    if (!domain.maySetLimits(agentId)) return "DENIED";
    if (max !== null) this.maxVotes.cast(agentId, max.index);
    if (min !== null) this.minVotes.cast(agentId, min.index);
    domain.limit(this.#wantedLimits, agentId, pace);
    this.compare();
    return "SUCCESS";
  }

  /** Takes back what an agent wants, as if it had never said so. */
  dropVotes(agentId: number): void {
    const hadMax = this.maxVotes.drop(agentId);
    const hadMin = this.minVotes.drop(agentId);
    if (hadMax || hadMin) this.#domain.limit(this.#wantedLimits, PLATFORM);
    if (!this.levelVotes.drop(agentId)) return;
    // What the platform has asked for since stays.
    if (!this.#domain.isSteered) this.#domain.ask(this.#wantedLevel, PLATFORM);
    this.compare();
  }

  /** Forgets all votes, as the hardware has when the system is reset. */
  reset(): void {
    for (const votes of [this.levelVotes, this.maxVotes, this.minVotes]) votes.clear();
  }

  /** Compares what agents believe with what is so. */
  compare(): void {
    const { name, levels, level, limits } = this.#domain;
    const tell = (votes: ValueVotes, about: string, actual: PerformanceLevel) => {
      for (const [agentId, index] of votes.all) {
        const believed = `${levels[index]!.value}`;
        this.#beliefs.compare(agentId, "performanceDomain", name, about, believed, `${actual.value}`);
      }
    };
    tell(this.levelVotes, "level", level);
    tell(this.maxVotes, "upper limit", limits.max);
    tell(this.minVotes, "lower limit", limits.min);
  }

  /** All votes that count. */
  votes(): CastVote[] {
    const { name, levels } = this.#domain;
    const textOf = (index: number) => `${levels[index]!.value}`;
    const of = (votes: ValueVotes, about: string) =>
      castVotes(votes, { kind: "performanceDomain", name, about, textOf });
    return [
      ...of(this.levelVotes, "level"),
      ...of(this.maxVotes, "upper limit"),
      ...of(this.minVotes, "lower limit"),
    ];
  }

  /** Lists what may never be; nothing is right. */
  checkInvariants(): string[] {
    const { name, agentLimits: { min, max }, askedLevel, isSteered } = this.#domain;
    const wrong: string[] = [];
    const { min: wantedMin, max: wantedMax } = this.#wantedLimits;
    if (min !== wantedMin || max !== wantedMax) {
      wrong.push(`performance domain ${name} has other limits than its votes make`);
    }
    if (!isSteered && askedLevel !== this.#wantedLevel) {
      wrong.push(`performance domain ${name} is asked for another level than its votes make`);
    }
    return wrong;
  }

  /** The level that all votes make; limits that have come since may hold it. Null: there is none. */
  get #wantedLevel(): PerformanceLevel | null {
    const index = this.levelVotes.value;
    return index === null ? null : this.#domain.levels[index]!;
  }

  /** The limits that all votes make; where they exclude each other, the upper one counts. */
  get #wantedLimits(): PerformanceLimits {
    const { levels } = this.#domain;
    const max = this.maxVotes.value ?? levels.length - 1;
    const min = Math.min(max, this.minVotes.value ?? 0);
    return { min: levels[min]!, max: levels[max]! };
  }
}

/** A performance domain as one of several agents has it. */
class SharedPerformanceDomain implements PerformanceDomain {
  readonly name: string;
  readonly block: string | null;
  readonly levels: readonly PerformanceLevel[];
  readonly sustainedLevel: PerformanceLevel;
  readonly powerUnit: PowerUnit;
  readonly usesLevelIndexing: boolean;
  readonly rateLimitUs: number;
  readonly notifiesLevel: boolean;
  readonly notifiesLimits: boolean;
  readonly statistics: LevelStatistics;
  readonly #domain: SimulatedPerformanceDomain;
  readonly #arbiter: PerformanceArbiter;

  constructor(domain: SimulatedPerformanceDomain, arbiter: PerformanceArbiter) {
    this.name = domain.name;
    this.block = domain.block;
    this.levels = domain.levels;
    this.sustainedLevel = domain.sustainedLevel;
    this.powerUnit = domain.powerUnit;
    this.usesLevelIndexing = domain.usesLevelIndexing;
    this.rateLimitUs = domain.rateLimitUs;
    this.notifiesLevel = domain.notifiesLevel;
    this.notifiesLimits = domain.notifiesLimits;
    this.statistics = domain.statistics;
    this.#domain = domain;
    this.#arbiter = arbiter;
  }

  get level(): PerformanceLevel {
    return this.#domain.level;
  }

  get runningLevel(): PerformanceLevel {
    return this.#domain.runningLevel;
  }

  get limits(): PerformanceLimits {
    return this.#domain.limits;
  }

  get agentLimits(): PerformanceLimits {
    return this.#domain.agentLimits;
  }

  maySetLevel(agentId: number): boolean {
    return this.#domain.maySetLevel(agentId);
  }

  maySetLimits(agentId: number): boolean {
    return this.#domain.maySetLimits(agentId);
  }

  setLevel(level: PerformanceLevel, agentId: number, pace: RequestPace = "free"): PerformanceResult {
    return this.#arbiter.setLevel(level, agentId, pace);
  }

  keptLimits(agentId: number): PerformanceLimits {
    return this.#arbiter.keptLimits(agentId);
  }

  setLimits(limits: LimitsRequest, agentId: number, pace: RequestPace = "free"): PerformanceResult {
    return this.#arbiter.setLimits(limits, agentId, pace);
  }

  imposeCeiling(source: string, levelIndex: number | null): void {
    this.#domain.imposeCeiling(source, levelIndex);
  }

  listen(listener: (change: PerformanceDomainChange) => void): () => void {
    return this.#domain.listen(listener);
  }
}
