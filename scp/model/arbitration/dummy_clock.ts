// A clock that exists for one agent only: it begins as the real one is at start, and does what it is told. What the agent
// believes of it and what the real one does may differ: that is told as a difference of belief.
import { ChangeListeners } from "../change_listeners.ts";
import type {
  Clock,
  ClockConfig,
  ClockPermissions,
  ParentFailure,
  RateChange,
  RateEvent,
  RateFailure,
  RateOffer,
  Rounding,
} from "../clock.ts";
import type { SimulatedClock } from "../simulated_clock.ts";
import type { ClockArbiter } from "./clock_arbiter.ts";

const PLATFORM = 0;

/** A clock that is nowhere else. */
export class DummyClock implements Clock {
  readonly name: string;
  readonly enableDelayUs: number;
  readonly parentChoices: readonly Clock[] = [];
  readonly parentChoice = null;
  readonly notifiesRate: boolean;
  readonly notifiesRequests = false;
  readonly isRestricted = false;
  readonly rateChanges = new ChangeListeners<RateEvent>();
  readonly rateRequests = new ChangeListeners<RateEvent>();
  readonly #clock: SimulatedClock;
  readonly #arbiter: ClockArbiter;
  readonly #start: { readonly isEnabled: boolean; readonly rateHz: number };
  #isEnabled: boolean;
  #rateHz: number;

  constructor(clock: SimulatedClock, arbiter: ClockArbiter) {
    this.#clock = clock;
    this.#arbiter = arbiter;
    this.name = clock.name;
    this.enableDelayUs = clock.enableDelayUs;
    this.notifiesRate = clock.notifiesRate;
    this.#start = { isEnabled: clock.isEnabled, rateHz: clock.rateHz };
    this.#isEnabled = clock.isEnabled;
    this.#rateHz = clock.rateHz;
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  get isRunning(): boolean {
    return this.#isEnabled;
  }

  get rateHz(): number {
    return this.#rateHz;
  }

  get offer(): RateOffer {
    return this.#clock.offer;
  }

  permissionsOf(): ClockPermissions {
    return { state: true, rate: true, parent: false };
  }

  settingOf(): null {
    return null;
  }

  configure(agentId: number, { isEnabled, setting }: ClockConfig): "SUCCESS" | "INVALID" {
    if (setting !== null) return "INVALID";
    if (isEnabled === null) return "SUCCESS";
    this.#isEnabled = isEnabled;
    this.#arbiter.note(agentId, { isEnabled });
    return "SUCCESS";
  }

  setRate(agentId: number, rateHz: number, rounding: Rounding): "SUCCESS" | RateFailure {
    const givenHz = this.#clock.rateFor(PLATFORM, rateHz, rounding);
    if (typeof givenHz !== "number") return "UNREACHABLE";
    // A rate that is hidden stays so.
    if (this.#clock.description.hidesRate) return "SUCCESS";
    this.#arbiter.note(agentId, { rateHz: givenHz });
    if (givenHz === this.#rateHz) return "SUCCESS";
    this.#rateHz = givenHz;
    this.rateChanges.tell({ agentId, rateHz: givenHz });
    return "SUCCESS";
  }

  beginRateChange(agentId: number, rateHz: number, rounding: Rounding): RateChange | RateFailure {
    const givenHz = this.#clock.rateFor(PLATFORM, rateHz, rounding);
    if (typeof givenHz !== "number") return "UNREACHABLE";
    return this.#arbiter.begin(agentId, () => this.setRate(agentId, rateHz, rounding));
  }

  setParent(): ParentFailure {
    return "NO_PARENT";
  }

  /** Is again as the real one is at start. */
  restart(): void {
    this.#isEnabled = this.#start.isEnabled;
    this.#rateHz = this.#start.rateHz;
  }
}
