// One of the limits that are kept for a power capping domain at the same time: a cap, the interval over which power is
// averaged to compare it with the cap, and the governor that keeps it. A cap that is set counts at once; one that is begun
// counts when the governor has brought power below it, or can do no more.
import type { PowerLimitDescription } from "../../boards/powercap_domain.ts";
import { assert } from "../core/assert.ts";
import { ChangeListeners } from "./change_listeners.ts";
import { LastAskers } from "./last_askers.ts";
import {
  type CapChange,
  isSettable,
  type PowercapChange,
  type PowercapFailure,
  type PowerLimit,
  type SettableRange,
} from "./powercap_domain.ts";
import { type GovernedPower, PowercapGovernor } from "./powercap_governor.ts";

const PLATFORM = 0;
const UW_PER_W = 1e6;

/** A cap on its way. */
interface PendingCap {
  readonly agentId: number;
  tell: ((isInForce: boolean) => void) | null;
}

/** What a limit hangs on. */
export interface PowerLimitSurroundings {
  /** What it keeps power with; the interval is its own. */
  readonly governed: Omit<GovernedPower, "averagingUs">;
  /** Agents that may set it. */
  readonly setterIds: ReadonlySet<number>;
  /** What one of the domain's unit is, uW. */
  readonly unitUw: number;
}

/** A limit with its governor. */
export class SimulatedPowerLimit implements PowerLimit {
  readonly capRange: SettableRange;
  readonly averagingRangeUs: SettableRange;
  readonly governor: PowercapGovernor;
  readonly #surroundings: PowerLimitSurroundings;
  readonly #changes = new ChangeListeners<PowercapChange>();
  readonly #askers = new LastAskers<"cap" | "averaging">();
  #cap: number | null;
  #averagingUs: number;
  #pending: PendingCap | null = null;

  constructor(readonly description: PowerLimitDescription, surroundings: PowerLimitSurroundings) {
    const { minUs, maxUs, stepUs } = description.averaging;
    this.capRange = description.cap;
    this.averagingRangeUs = { min: minUs, max: maxUs, step: stepUs };
    this.#surroundings = surroundings;
    this.#cap = description.bootCap;
    this.#averagingUs = description.bootAveragingUs;
    this.governor = new PowercapGovernor({
      ...surroundings.governed,
      averagingUs: () => this.#averagingUs,
    });
    this.#keep(this.#cap, null);
  }

  get name(): string {
    return this.description.name;
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
    this.#askers.note("cap", agentId);
    this.#take(agentId, cap, this.#averagingUs);
    return "SUCCESS";
  }

  beginCapChange(agentId: number, cap: number | null): CapChange | PowercapFailure {
    const failure = this.#judgeCap(agentId, cap);
    if (failure !== null) return failure;
    const pending: PendingCap = { agentId, tell: null };
    this.#pending = pending;
    this.#keep(cap, () => {
      this.#pending = null;
      this.#askers.note("cap", agentId);
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
    const failure = judgeValue(averagingUs, this.averagingRangeUs, this.#surroundings.setterIds, agentId);
    if (failure !== null) return failure;
    this.#askers.note("averaging", agentId);
    this.#take(agentId, this.#cap, averagingUs);
    return "SUCCESS";
  }

  /** Takes the interval of the domain's measurements over, which has been judged. */
  followAveraging(agentId: number, averagingUs: number): void {
    assert(isSettable(averagingUs, this.averagingRangeUs), "the interval is one of the limit's");
    this.#askers.note("averaging", agentId);
    this.#take(agentId, this.#cap, averagingUs);
  }

  listen(listener: (change: PowercapChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Puts a cap into force as the platform; one that another agent has begun still comes after it. */
  restoreCap(cap: number | null): void {
    if (this.#pending === null) this.#keep(cap, null);
    this.#askers.note("cap", PLATFORM);
    this.#take(PLATFORM, cap, this.#averagingUs);
  }

  /** Gives up what an agent has begun, and takes back cap and interval if it was the last to set them. */
  dropVotes(agentId: number): void {
    if (this.giveUp(agentId)) this.restoreCap(this.description.bootCap);
  }

  /**
   * Gives up what an agent has begun, and takes back the interval if it was the last to set it. Returns whether it was the last to set
   * the cap, which stays.
   */
  giveUp(agentId: number): boolean {
    const asked = this.#askers.forget(agentId);
    const pending = this.#pending;
    if (pending?.agentId === agentId) {
      this.#pending = null;
      this.#keep(this.#cap, null);
      pending.tell?.(false);
    }
    if (asked.includes("averaging")) this.#take(PLATFORM, this.#cap, this.description.bootAveragingUs);
    return asked.includes("cap");
  }

  /** Goes back to the cap and the interval it starts with, at once; what is on its way is given up. */
  reset(): void {
    const pending = this.#pending;
    this.#pending = null;
    this.#askers.clear();
    const { bootCap, bootAveragingUs } = this.description;
    this.#keep(bootCap, null);
    this.#take(PLATFORM, bootCap, bootAveragingUs);
    pending?.tell?.(false);
  }

  /** Lists what the limit may never be in; nothing is right. */
  checkInvariants(about: string): string[] {
    const wrong = this.governor.checkInvariants(about);
    if (this.#cap !== null && !isSettable(this.#cap, this.capRange)) {
      wrong.push(`${about} has the cap ${this.#cap}, none that can be set`);
    }
    if (!isSettable(this.#averagingUs, this.averagingRangeUs)) {
      wrong.push(`${about} averages over ${this.#averagingUs} us, an interval that cannot be set`);
    }
    return wrong;
  }

  #judgeCap(agentId: number, cap: number | null): PowercapFailure | null {
    const failure = judgeValue(cap, this.capRange, this.#surroundings.setterIds, agentId);
    if (failure !== null) return failure;
    return this.#pending === null ? null : "BUSY";
  }

  #keep(cap: number | null, whenKept: (() => void) | null): void {
    this.governor.keep(cap === null ? null : cap * this.#surroundings.unitUw / UW_PER_W, whenKept);
  }

  /** Puts values into force, and tells of it if one is another. */
  #take(agentId: number, cap: number | null, averagingUs: number): void {
    if (cap === this.#cap && averagingUs === this.#averagingUs) return;
    this.#cap = cap;
    this.#averagingUs = averagingUs;
    this.#changes.tell({ cap, averagingUs, agentId });
  }
}

/** Why an agent may not set a value, null being none; null = it may. */
export function judgeValue(
  value: number | null,
  range: SettableRange,
  setterIds: ReadonlySet<number>,
  agentId: number,
): Exclude<PowercapFailure, "BUSY"> | null {
  if (range.min === range.max) return "FIXED";
  if (!setterIds.has(agentId)) return "DENIED";
  return value === null || isSettable(value, range) ? null : "OUT_OF_RANGE";
}
