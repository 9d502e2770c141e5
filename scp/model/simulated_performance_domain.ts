// A performance domain of the model: what was asked for, the limits, and the way to another level. The rail is up before
// the frequency rises, and goes down after it has fallen, so that the block always has the voltage it needs; a transition
// is over when the level's latency is. While nobody has asked for a level, it follows the board's load profile.
import type { PerformanceDomainDescription, PowerUnit } from "../../boards/performance_domain.ts";
import { assert } from "../core/assert.ts";
import type { Scheduler, Timer } from "../core/timeline.ts";
import { ChangeListeners } from "./change_listeners.ts";
import type {
  LimitsRequest,
  PerformanceDomain,
  PerformanceDomainChange,
  PerformanceLevel,
  PerformanceLimits,
  PerformanceResult,
  RequestPace,
} from "./performance_domain.ts";
import { LastAskers } from "./last_askers.ts";
import type { Rail } from "./rail.ts";
import { LevelStatistics } from "./statistics.ts";

/** What a domain acts on. */
export interface PerformanceActuators {
  readonly scheduler: Scheduler;
  /** The rail that feeds the block; null = it has no regulator, and follows the frequency by itself. */
  readonly rail: Rail | null;
  /** What the block needs at each level, uV. */
  readonly neededUv: readonly number[];
  /** Puts a frequency of the block into force, MHz. */
  setMhz(mhz: number): void;
}

/** Who may do what, by agent id. */
export interface PerformanceRights {
  readonly levelSetterIds: ReadonlySet<number>;
  readonly limitsSetterIds: ReadonlySet<number>;
}

const PLATFORM = 0;

/** A performance domain with its block and rail. */
export class SimulatedPerformanceDomain implements PerformanceDomain {
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
  readonly #actuators: PerformanceActuators;
  readonly #rights: PerformanceRights;
  readonly #listeners = new ChangeListeners<PerformanceDomainChange>();
  readonly #ceilings = new Map<string, number>();
  readonly #askers = new LastAskers<"level" | "limits">();
  #agentLimits: PerformanceLimits;
  #limits: PerformanceLimits;
  /** What the load profile asks for. */
  #profileLevel: PerformanceLevel;
  /** What was asked for instead; null = the profile is followed. */
  #askedLevel: PerformanceLevel | null = null;
  #isSteered = false;
  #level: PerformanceLevel;
  #runningLevel: PerformanceLevel;
  /** Who caused the level. */
  #causeId = PLATFORM;
  /** The transition under way; null = none. */
  #transition: { timer: Timer | null } | null = null;
  /** Before this time no request is acted on whose pace is limited, us. */
  #nextRequestUs = 0;
  /** Ends the wait of the requests that came too soon; null = none waits. */
  #waitTimer: Timer | null = null;

  /** `startMhz` is what the load profile asks for at start; null = nothing. */
  constructor(
    plan: PerformanceDomainDescription,
    actuators: PerformanceActuators,
    rights: PerformanceRights,
    startMhz: number | null,
  ) {
    this.name = plan.name;
    this.block = plan.block;
    this.levels = plan.levels.map(({ level, mhz, powerCost }, index) => ({
      index,
      value: level,
      frequencyKhz: Math.round(mhz * 1000),
      powerCost,
      latencyUs: plan.latencyUs,
    }));
    this.sustainedLevel = this.levelFor(plan.sustainedMhz);
    this.powerUnit = plan.powerUnit;
    this.usesLevelIndexing = plan.usesLevelIndexing;
    this.rateLimitUs = plan.rateLimitUs;
    this.notifiesLevel = plan.notifiesLevel;
    this.notifiesLimits = plan.notifiesLimits;
    this.#actuators = actuators;
    this.#rights = rights;
    const bootLevel = this.levelFor(startMhz ?? plan.bootMhz);
    this.#agentLimits = this.#noLimits;
    this.#limits = this.#agentLimits;
    this.#profileLevel = bootLevel;
    this.#level = bootLevel;
    this.#runningLevel = bootLevel;
    this.statistics = new LevelStatistics(this.levels.length, bootLevel.index);
    actuators.rail?.holdAtOnce(this.name, this.#neededUv(bootLevel));
  }

  get level(): PerformanceLevel {
    return this.#level;
  }

  get runningLevel(): PerformanceLevel {
    return this.#runningLevel;
  }

  get limits(): PerformanceLimits {
    return this.#limits;
  }

  get agentLimits(): PerformanceLimits {
    return this.#agentLimits;
  }

  maySetLevel(agentId: number): boolean {
    return this.#rights.levelSetterIds.has(agentId);
  }

  maySetLimits(agentId: number): boolean {
    return this.#rights.limitsSetterIds.has(agentId);
  }

  setLevel(level: PerformanceLevel, agentId: number, pace: RequestPace = "free"): PerformanceResult {
    if (!this.maySetLevel(agentId)) return "DENIED";
    if (level.index < this.#agentLimits.min.index || level.index > this.#agentLimits.max.index) {
      return "OUT_OF_RANGE";
    }
    this.ask(level, agentId, pace);
    return "SUCCESS";
  }

  /** Whether the platform asked for the level last. */
  get isSteered(): boolean {
    return this.#isSteered;
  }

  /** What was asked for, whatever the limits make of it; null = the load profile is followed. */
  get askedLevel(): PerformanceLevel | null {
    return this.#askedLevel;
  }

  /** Asks for a level on behalf of an agent that may, or (null) for the load profile's; limits hold it as long as they last. */
  ask(level: PerformanceLevel | null, agentId: number, pace: RequestPace = "free"): void {
    this.#isSteered = false;
    this.#askedLevel = level;
    this.#askers.note("level", agentId);
    this.#choose(agentId);
    this.#act(pace);
  }

  keptLimits(_agentId: number): PerformanceLimits {
    return this.#agentLimits;
  }

  setLimits(limits: LimitsRequest, agentId: number, pace: RequestPace = "free"): PerformanceResult {
    const { min, max } = this.#agentLimits;
    const wanted = { min: limits.min ?? min, max: limits.max ?? max };
    assert(wanted.min.index <= wanted.max.index, `the limits of ${this.name} are in order`);
    if (!this.maySetLimits(agentId)) return "DENIED";
    this.limit(wanted, agentId, pace);
    return "SUCCESS";
  }

  /** Sets limits on behalf of an agent that may, or (null) takes them away. */
  limit(limits: PerformanceLimits | null, agentId: number, pace: RequestPace = "free"): void {
    this.#agentLimits = limits ?? this.#noLimits;
    this.#askers.note("limits", agentId);
    this.#limit(agentId);
    this.#act(pace);
  }

  /** Takes back level and limits if an agent was the last to set them: the load profile is followed again, without limits. */
  dropVotes(agentId: number): void {
    const asked = this.#askers.forget(agentId);
    if (asked.includes("limits")) this.limit(null, PLATFORM);
    if (asked.includes("level")) this.ask(null, PLATFORM);
  }

  imposeCeiling(source: string, levelIndex: number | null): void {
    assert(
      levelIndex === null || this.levels[levelIndex] !== undefined,
      `${this.name} has level ${levelIndex}`,
    );
    if (levelIndex === null) this.#ceilings.delete(source);
    else this.#ceilings.set(source, levelIndex);
    this.#limit(PLATFORM);
    this.#move();
  }

  listen(listener: (change: PerformanceDomainChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** The slowest level that gives a frequency; the fastest when none does. */
  levelFor(mhz: number): PerformanceLevel {
    return this.levels.find(({ frequencyKhz }) => frequencyKhz >= Math.round(mhz * 1000)) ??
      this.levels.at(-1)!;
  }

  /** Notes what the load profile asks for from now on; it is done while nobody has asked for anything else. */
  followProfile(mhz: number): void {
    this.#profileLevel = this.levelFor(mhz);
    this.#choose(PLATFORM);
    this.#move();
  }

  /** Asks for the level of a frequency as the platform, against what an agent asked before, or (null) for the profile's. */
  demand(mhz: number | null): void {
    this.ask(mhz === null ? null : this.levelFor(mhz), PLATFORM);
    this.#isSteered = true;
  }

  /** Follows the load profile again, without limits of agents, at once. Ceilings stay with those who impose them. */
  reset(): void {
    this.#transition?.timer?.cancel();
    this.#transition = null;
    this.#waitTimer?.cancel();
    this.#waitTimer = null;
    this.#nextRequestUs = 0;
    this.#askedLevel = null;
    this.#isSteered = false;
    this.#agentLimits = this.#noLimits;
    this.#askers.clear();
    const before = this.#runningLevel;
    const level = this.#limit(PLATFORM);
    const { rail } = this.#actuators;
    rail?.holdAtOnce(this.name, Math.max(this.#neededUv(before), this.#neededUv(level)));
    if (level !== before) this.#run(level);
    rail?.holdAtOnce(this.name, this.#neededUv(level));
    if (level !== before) this.#listeners.tell({ kind: "level", level, agentId: PLATFORM });
  }

  /** Lists what the domain may never be in; nothing is right. */
  checkInvariants(): string[] {
    const wrong: string[] = [];
    const { min, max } = this.#limits;
    const about = `performance domain ${this.name}`;
    if (min.index > max.index) wrong.push(`${about} has limits ${min.value} to ${max.value}`);
    if (this.#level.index < min.index || this.#level.index > max.index) {
      wrong.push(`${about} is at ${this.#level.value}, outside ${min.value} to ${max.value}`);
    }
    const isUnderWay = this.#transition !== null || this.#waitTimer !== null;
    if (!isUnderWay && this.#runningLevel !== this.#level) {
      wrong.push(`${about} runs at ${this.#runningLevel.value} and stays there, not at ${this.#level.value}`);
    }
    const { rail } = this.#actuators;
    if (rail !== null && Math.round(rail.volts * 1e6) < this.#neededUv(this.#runningLevel)) {
      wrong.push(`${about} runs at ${this.#runningLevel.value} with ${rail.volts} V, too little for it`);
    }
    return wrong;
  }

  get #noLimits(): PerformanceLimits {
    return { min: this.levels[0]!, max: this.levels.at(-1)! };
  }

  /** Works out limits and level after what the limits depend on has changed; returns the level. */
  #limit(agentId: number): PerformanceLevel {
    const ceiling = Math.min(...this.#ceilings.values(), this.#agentLimits.max.index);
    const max = this.levels[ceiling]!;
    const min = this.levels[Math.min(this.#agentLimits.min.index, ceiling)]!;
    const hasChanged = min !== this.#limits.min || max !== this.#limits.max;
    this.#limits = { min, max };
    const level = this.#choose(agentId);
    if (hasChanged) this.#listeners.tell({ kind: "limits", limits: this.#limits, agentId });
    return level;
  }

  /** Works out the level after what it depends on has changed; returns it. */
  #choose(agentId: number): PerformanceLevel {
    const wanted = (this.#askedLevel ?? this.#profileLevel).index;
    const { min, max } = this.#limits;
    const level = this.levels[Math.min(max.index, Math.max(min.index, wanted))]!;
    if (level === this.#level) return level;
    this.#causeId = agentId;
    this.#level = level;
    this.#listeners.tell({ kind: "chosen", level, agentId });
    return level;
  }

  #neededUv(level: PerformanceLevel): number {
    return this.#actuators.neededUv[level.index]!;
  }

  /** Acts on a request, or lets it wait. What the platform does meanwhile waits for nothing, and takes it along. */
  #act(pace: RequestPace): void {
    const { scheduler } = this.#actuators;
    const nowUs = scheduler.nowUs();
    if (pace === "free") return this.#move();
    if (this.#waitTimer !== null) return;
    if (nowUs >= this.#nextRequestUs) {
      this.#nextRequestUs = nowUs + this.rateLimitUs;
      return this.#move();
    }
    this.#waitTimer = scheduler.at(this.#nextRequestUs, () => {
      this.#waitTimer = null;
      this.#act("limited");
    });
  }

  /** Sets out for the level unless a transition is under way: then the next one begins when that is over. */
  #move(): void {
    if (this.#transition !== null || this.#level === this.#runningLevel) return;
    const { rail, scheduler } = this.#actuators;
    const [from, to, causeId] = [this.#runningLevel, this.#level, this.#causeId];
    const transition: { timer: Timer | null } = { timer: null };
    this.#transition = transition;
    const dueUs = scheduler.nowUs() + to.latencyUs;
    /** Goes on at a time, at once when that has come. */
    const at = (timeUs: number, task: () => void) => {
      if (timeUs <= scheduler.nowUs()) task();
      else transition.timer = scheduler.at(timeUs, task);
    };
    const isFaster = to.index > from.index;
    const switchOver = () => {
      this.#run(to);
      rail?.hold(this.name, this.#neededUv(to));
      at(dueUs, () => this.#finish(to, causeId));
    };
    if (rail === null) return at(isFaster ? dueUs : scheduler.nowUs(), switchOver);
    const enoughUv = Math.max(this.#neededUv(from), this.#neededUv(to));
    rail.hold(this.name, enoughUv);
    rail.whenHeld(this.name, () => {
      // A reset may have come meanwhile.
      if (this.#transition === transition) at(isFaster ? dueUs : scheduler.nowUs(), switchOver);
    });
  }

  #run(level: PerformanceLevel): void {
    this.#runningLevel = level;
    this.#actuators.setMhz(level.frequencyKhz / 1000);
    this.statistics.enter(level.index, this.#actuators.scheduler.nowUs());
  }

  #finish(level: PerformanceLevel, agentId: number): void {
    this.#transition = null;
    this.#listeners.tell({ kind: "level", level, agentId });
    this.#move();
  }
}
