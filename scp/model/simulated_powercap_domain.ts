// A power capping domain of the model: its limits, what it measures, and who hears of that. Its own cap is that of its first
// limit, which is all that versions of the protocol without concurrent limits show.
import type {
  PowercapDomainDescription,
  PowercapUnit,
  PowerLimitDescription,
} from "../../boards/powercap_domain.ts";
import { nextMultiple } from "../core/period.ts";
import type { Scheduler, Timer } from "../core/timeline.ts";
import { ChangeListeners } from "./change_listeners.ts";
import { LastAskers } from "./last_askers.ts";
import {
  type CapChange,
  isSettable,
  type PowercapChange,
  type PowercapDomain,
  type PowercapFailure,
  type SettableRange,
} from "./powercap_domain.ts";
import type { GovernedPower } from "./powercap_governor.ts";
import { judgeValue, SimulatedPowerLimit } from "./simulated_power_limit.ts";
import { TICK_US } from "./world.ts";

const PLATFORM = 0;
const UW_PER_W = 1e6;

/** What a domain hangs on. */
export interface PowercapSurroundings {
  readonly parent: PowercapDomain | null;
  readonly setterIds: ReadonlySet<number>;
  readonly scheduler: Scheduler;
  readonly meters: GovernedPower["meters"];
  readonly levers: GovernedPower["levers"];
  catchUp(): void;
}

/** A power capping domain with its limits. */
export class SimulatedPowercapDomain implements PowercapDomain {
  readonly parent: PowercapDomain | null;
  readonly averagingRangeUs: SettableRange;
  readonly limits: readonly SimulatedPowerLimit[];
  readonly #first: SimulatedPowerLimit;
  readonly #surroundings: PowercapSurroundings;
  readonly #changes = new ChangeListeners<PowercapChange>();
  readonly #watchers = new ChangeListeners<number>();
  readonly #askers = new LastAskers<"averaging">();
  #watcherCount = 0;
  /** The end of the interval under way; null = nobody watches. */
  #intervalEnd: Timer | null = null;
  #averagingUs: number;
  /** What listeners were told last. */
  #told: Omit<PowercapChange, "agentId">;

  constructor(readonly description: PowercapDomainDescription, surroundings: PowercapSurroundings) {
    const { name, averaging, bootAveragingUs, firstLimitName, cap, bootCap, periodUs, unitUw } = description;
    this.parent = surroundings.parent;
    this.averagingRangeUs = { min: averaging.minUs, max: averaging.maxUs, step: averaging.stepUs };
    this.#surroundings = surroundings;
    this.#averagingUs = bootAveragingUs;
    this.#told = { cap: bootCap, averagingUs: bootAveragingUs };
    const { setterIds, ...hardware } = surroundings;
    const make = (limit: PowerLimitDescription, source: string) =>
      new SimulatedPowerLimit(limit, { setterIds, unitUw, governed: { ...hardware, source, periodUs } });
    this.#first = make(
      { name: firstLimitName, cap, bootCap, averaging, bootAveragingUs },
      `powercap ${name}`,
    );
    this.#first.listen(({ agentId }) => this.#tellChange(agentId));
    const further = description.furtherLimits.map((limit) => make(limit, `powercap ${name} ${limit.name}`));
    this.limits = [this.#first, ...further];
  }

  get name(): string {
    return this.description.name;
  }

  get unit(): PowercapUnit {
    return this.description.unit;
  }

  get sustainablePower(): number {
    return this.description.sustainablePower;
  }

  get accuracyPercent(): number {
    return this.description.accuracyPercent;
  }

  get isMonitored(): boolean {
    return this.description.isMonitored;
  }

  get supportsAsync(): boolean {
    return this.description.supportsAsync;
  }

  get notifiesCap(): boolean {
    return this.description.notifiesCap;
  }

  get notifiesPower(): boolean {
    return this.description.notifiesPower;
  }

  get capRange(): SettableRange {
    return this.#first.capRange;
  }

  get cap(): number | null {
    return this.#first.cap;
  }

  get averagingUs(): number {
    return this.#averagingUs;
  }

  maySet(agentId: number): boolean {
    return this.#surroundings.setterIds.has(agentId);
  }

  setCap(agentId: number, cap: number | null): "SUCCESS" | PowercapFailure {
    return this.#first.setCap(agentId, cap);
  }

  beginCapChange(agentId: number, cap: number | null): CapChange | PowercapFailure {
    return this.#first.beginCapChange(agentId, cap);
  }

  setAveraging(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY"> {
    const failure = this.#judgeAveraging(agentId, averagingUs);
    if (failure !== null) return failure;
    this.#averagingUs = averagingUs;
    this.#askers.note("averaging", agentId);
    this.#first.followAveraging(agentId, averagingUs);
    this.#tellChange(agentId);
    return "SUCCESS";
  }

  setMeasuring(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY"> {
    const failure = this.#judgeAveraging(agentId, averagingUs);
    if (failure !== null) return failure;
    this.#averagingUs = averagingUs;
    this.#askers.note("averaging", agentId);
    this.#tellChange(agentId);
    return "SUCCESS";
  }

  /** Takes the interval of measurements back if an agent was the last to set it. */
  dropMeasuring(agentId: number): void {
    if (this.#askers.forget(agentId).length === 0) return;
    this.#averagingUs = this.description.bootAveragingUs;
    this.#tellChange(PLATFORM);
  }

  /** Takes back caps and intervals that an agent was the last to set. */
  dropVotes(agentId: number): void {
    for (const limit of this.limits) limit.dropVotes(agentId);
    this.dropMeasuring(agentId);
  }

  measure(): number {
    this.#surroundings.catchUp();
    const powerW = this.#first.governor.averageW(this.#averagingUs);
    return Math.round(powerW * (UW_PER_W / this.description.unitUw));
  }

  listen(listener: (change: PowercapChange) => void): () => void {
    return this.#changes.add(listener);
  }

  watch(listener: (power: number) => void): () => void {
    const stop = this.#watchers.add(listener);
    this.#watcherCount++;
    if (this.#intervalEnd === null) this.#awaitIntervalEnd();
    return () => {
      stop();
      this.#watcherCount--;
      if (this.#watcherCount > 0) return;
      this.#intervalEnd?.cancel();
      this.#intervalEnd = null;
    };
  }

  /** Goes back to the caps and the intervals it starts with, at once; what is on its way is given up. */
  reset(): void {
    this.#averagingUs = this.description.bootAveragingUs;
    this.#askers.clear();
    for (const limit of this.limits) limit.reset();
    this.#tellChange(PLATFORM);
  }

  /** Lists what the domain may never be in; nothing is right. */
  checkInvariants(): string[] {
    const about = `powercap domain ${this.name}`;
    const wrong = this.limits.flatMap((limit, place) =>
      limit.checkInvariants(place === 0 ? about : `${about}, limit ${limit.name}`)
    );
    if (!isSettable(this.#averagingUs, this.averagingRangeUs)) {
      wrong.push(`${about} measures over ${this.#averagingUs} us, an interval that cannot be set`);
    }
    return wrong;
  }

  #judgeAveraging(agentId: number, averagingUs: number): Exclude<PowercapFailure, "BUSY"> | null {
    return judgeValue(averagingUs, this.averagingRangeUs, this.#surroundings.setterIds, agentId);
  }

  /** Tells of the cap and the interval of measurements if one is another than told before. */
  #tellChange(agentId: number): void {
    const { cap, averagingUs } = this;
    if (cap === this.#told.cap && averagingUs === this.#told.averagingUs) return;
    this.#told = { cap, averagingUs };
    this.#changes.tell({ cap, averagingUs, agentId });
  }

  /** Intervals end at multiples of their length in ticks of the physics: between two ticks nothing new is measured. */
  #awaitIntervalEnd(): void {
    const { scheduler } = this.#surroundings;
    const lengthUs = Math.ceil(this.#averagingUs / TICK_US) * TICK_US;
    this.#intervalEnd = scheduler.at(nextMultiple(scheduler.nowUs(), lengthUs), () => {
      this.#awaitIntervalEnd();
      this.#watchers.tell(this.measure());
    });
  }
}
