// A power capping domain of the model: its cap and averaging interval, what it measures, and who hears of that. A cap that is
// set counts at once; one that is begun counts when its governor has brought power below it, or can do no more.
import type { PowercapDomainDescription, PowercapUnit } from "../../boards/powercap_domain.ts";
import type { Scheduler, Timer } from "../core/timeline.ts";
import { ChangeListeners } from "./change_listeners.ts";
import type {
  CapChange,
  PowercapChange,
  PowercapDomain,
  PowercapFailure,
  SettableRange,
} from "./powercap_domain.ts";
import { type GovernedPower, PowercapGovernor } from "./powercap_governor.ts";
import { TICK_US } from "./world.ts";

const PLATFORM = 0;
const UW_PER_W = 1e6;

/** A cap on its way. */
interface PendingCap {
  readonly cap: number | null;
  readonly agentId: number;
  tell: ((isInForce: boolean) => void) | null;
}

/** What a domain hangs on. */
export interface PowercapSurroundings {
  readonly parent: PowercapDomain | null;
  readonly setterIds: ReadonlySet<number>;
  readonly scheduler: Scheduler;
  readonly meters: GovernedPower["meters"];
  readonly levers: GovernedPower["levers"];
  catchUp(): void;
}

/** A power capping domain with its governor. */
export class SimulatedPowercapDomain implements PowercapDomain {
  readonly parent: PowercapDomain | null;
  readonly capRange: SettableRange;
  readonly averagingRangeUs: SettableRange;
  readonly #governor: PowercapGovernor;
  readonly #surroundings: PowercapSurroundings;
  readonly #changes = new ChangeListeners<PowercapChange>();
  readonly #watchers = new ChangeListeners<number>();
  #watcherCount = 0;
  /** The end of the interval under way; null = nobody watches. */
  #intervalEnd: Timer | null = null;
  #cap: number | null;
  #averagingUs: number;
  #pending: PendingCap | null = null;

  constructor(readonly description: PowercapDomainDescription, surroundings: PowercapSurroundings) {
    const { minUs, maxUs, stepUs } = description.averaging;
    this.parent = surroundings.parent;
    this.capRange = description.cap;
    this.averagingRangeUs = { min: minUs, max: maxUs, step: stepUs };
    this.#surroundings = surroundings;
    this.#averagingUs = description.bootAveragingUs;
    this.#cap = description.bootCap;
    this.#governor = new PowercapGovernor({
      scheduler: surroundings.scheduler,
      source: `powercap ${description.name}`,
      periodUs: description.periodUs,
      meters: surroundings.meters,
      levers: surroundings.levers,
      averagingUs: () => this.#averagingUs,
      catchUp: surroundings.catchUp,
    });
    this.#keep(this.#cap, null);
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

  get cap(): number | null {
    return this.#cap;
  }

  get averagingUs(): number {
    return this.#averagingUs;
  }

  setCap(agentId: number, cap: number | null): "SUCCESS" | PowercapFailure {
    const failure = this.#judgeCap(agentId, cap);
    if (failure !== null) return failure;
    this.#keep(cap, null);
    this.#take(agentId, cap, this.#averagingUs);
    return "SUCCESS";
  }

  beginCapChange(agentId: number, cap: number | null): CapChange | PowercapFailure {
    const failure = this.#judgeCap(agentId, cap);
    if (failure !== null) return failure;
    const pending: PendingCap = { cap, agentId, tell: null };
    this.#pending = pending;
    this.#keep(cap, () => {
      this.#pending = null;
      this.#take(agentId, cap, this.#averagingUs);
      pending.tell?.(true);
    });
    return {
      whenOver: (listener) => {
        pending.tell = listener;
      },
      cancel: () => {
        if (this.#pending !== pending) return;
        this.#pending = null;
        this.#keep(this.#cap, null);
      },
    };
  }

  setAveraging(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY"> {
    const failure = this.#judge(agentId, averagingUs, this.averagingRangeUs);
    if (failure !== null) return failure;
    this.#take(agentId, this.#cap, averagingUs);
    return "SUCCESS";
  }

  measure(): number {
    this.#surroundings.catchUp();
    const powerW = this.#governor.averageW(this.#averagingUs);
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

  /** Goes back to the cap and the interval it starts with, at once; what is on its way is given up. */
  reset(): void {
    const pending = this.#pending;
    this.#pending = null;
    const { bootCap, bootAveragingUs } = this.description;
    this.#keep(bootCap, null);
    this.#take(PLATFORM, bootCap, bootAveragingUs);
    pending?.tell?.(false);
  }

  /** Lists what the domain may never be in; nothing is right. */
  checkInvariants(): string[] {
    const about = `powercap domain ${this.name}`;
    const wrong = this.#governor.checkInvariants(about);
    if (this.#cap !== null && !isIn(this.#cap, this.capRange)) {
      wrong.push(`${about} has the cap ${this.#cap}, none that can be set`);
    }
    if (!isIn(this.#averagingUs, this.averagingRangeUs)) {
      wrong.push(`${about} averages over ${this.#averagingUs} us, an interval that cannot be set`);
    }
    return wrong;
  }

  #judgeCap(agentId: number, cap: number | null): PowercapFailure | null {
    const failure = this.#judge(agentId, cap, this.capRange);
    if (failure !== null) return failure;
    return this.#pending === null ? null : "BUSY";
  }

  #judge(
    agentId: number,
    value: number | null,
    range: SettableRange,
  ): Exclude<PowercapFailure, "BUSY"> | null {
    if (range.min === range.max) return "FIXED";
    if (!this.#surroundings.setterIds.has(agentId)) return "DENIED";
    return value === null || isIn(value, range) ? null : "OUT_OF_RANGE";
  }

  #keep(cap: number | null, whenKept: (() => void) | null): void {
    this.#governor.keep(cap === null ? null : cap * this.description.unitUw / UW_PER_W, whenKept);
  }

  /** Puts values into force, and tells of it if one is another. */
  #take(agentId: number, cap: number | null, averagingUs: number): void {
    if (cap === this.#cap && averagingUs === this.#averagingUs) return;
    this.#cap = cap;
    this.#averagingUs = averagingUs;
    this.#changes.tell({ cap, averagingUs, agentId });
  }

  /** Intervals end at multiples of their length in ticks of the physics: between two ticks nothing new is measured. */
  #awaitIntervalEnd(): void {
    const { scheduler } = this.#surroundings;
    const lengthUs = Math.ceil(this.#averagingUs / TICK_US) * TICK_US;
    this.#intervalEnd = scheduler.at((Math.floor(scheduler.nowUs() / lengthUs) + 1) * lengthUs, () => {
      this.#awaitIntervalEnd();
      this.#watchers.tell(this.measure());
    });
  }
}

/** Whether a value is one that can be set. */
function isIn(value: number, { min, max, step }: SettableRange): boolean {
  return value >= min && value <= max && (step === 0 || value % step === 0);
}
