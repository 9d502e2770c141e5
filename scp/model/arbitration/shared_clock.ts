// A clock as one of several agents has it: what it reads is what is so, what it asks for does what the board's strategy for it
// says. What a request was not granted, or not wholly, those hear who have subscribed to requests.
import type { ClockStrategy } from "../../../boards/arbitration.ts";
import type { ChangeListeners } from "../change_listeners.ts";
import type {
  Clock,
  ClockConfig,
  ClockPermissions,
  ClockSetting,
  ClockSettingName,
  ParentFailure,
  RateChange,
  RateEvent,
  RateFailure,
  RateOffer,
  Rounding,
} from "../clock.ts";
import type { SimulatedClock } from "../simulated_clock.ts";
import type { ClockArbiter } from "./clock_arbiter.ts";

const NOTHING: ClockPermissions = { state: false, rate: false, parent: false };

/** A clock as one of several agents has it. */
export class SharedClock implements Clock {
  readonly #clock: SimulatedClock;
  readonly #arbiter: ClockArbiter;
  readonly #strategy: ClockStrategy;

  constructor(clock: SimulatedClock, arbiter: ClockArbiter, agentId: number) {
    this.#clock = clock;
    this.#arbiter = arbiter;
    this.#strategy = arbiter.policy.strategyOf(agentId);
  }

  get name(): string {
    return this.#clock.name;
  }

  get enableDelayUs(): number {
    return this.#clock.enableDelayUs;
  }

  get isEnabled(): boolean {
    return this.#clock.isEnabled;
  }

  get isRunning(): boolean {
    return this.#clock.isRunning;
  }

  get rateHz(): number {
    return this.#clock.rateHz;
  }

  get offer(): RateOffer {
    return this.#clock.offer;
  }

  get parentChoices(): readonly Clock[] {
    return this.#clock.parentChoices;
  }

  get parentChoice(): Clock | null {
    return this.#clock.parentChoice;
  }

  get notifiesRate(): boolean {
    return this.#clock.notifiesRate;
  }

  get notifiesRequests(): boolean {
    return this.#clock.notifiesRequests;
  }

  get isRestricted(): boolean {
    return this.#clock.isRestricted || this.#strategy === "deny";
  }

  get rateChanges(): ChangeListeners<RateEvent> {
    return this.#clock.rateChanges;
  }

  get rateRequests(): ChangeListeners<RateEvent> {
    return this.#clock.rateRequests;
  }

  permissionsOf(agentId: number): ClockPermissions {
    return this.#strategy === "deny" ? NOTHING : this.#clock.permissionsOf(agentId);
  }

  settingOf(name: ClockSettingName): ClockSetting | null {
    return this.#clock.settingOf(name);
  }

  configure(agentId: number, config: ClockConfig): "SUCCESS" | "DENIED" | "INVALID" {
    if (this.#strategy === "deny") return "DENIED";
    if (this.#strategy !== "accept-ignore") return this.#arbiter.configure(agentId, config);
    const { isEnabled } = config;
    if (this.#clock.rights.get(agentId)?.state === false) return "DENIED";
    if (isEnabled !== null) this.#arbiter.note(agentId, { isEnabled });
    return "SUCCESS";
  }

  setRate(agentId: number, rateHz: number, rounding: Rounding): "SUCCESS" | RateFailure {
    const result = this.#setRate(agentId, rateHz, rounding);
    const isGranted = result === "SUCCESS" && this.#grants(agentId, rateHz, rounding);
    if (this.#strategy !== "own" && !isGranted && result !== "UNREACHABLE") {
      this.#tellRequest(agentId, rateHz);
    }
    return result;
  }

  beginRateChange(agentId: number, rateHz: number, rounding: Rounding): RateChange | RateFailure {
    if (this.#strategy === "own") return this.#beginOwn(agentId, rateHz, rounding);
    const judged = this.#judge(agentId, rateHz, rounding);
    if (judged !== "UNREACHABLE") this.#tellRequest(agentId, rateHz);
    if (typeof judged === "string") return judged;
    // Judged now, cast when the hardware is that far.
    return this.#arbiter.begin(agentId, () => this.#setRate(agentId, rateHz, rounding));
  }

  setParent(agentId: number, parent: Clock): "SUCCESS" | ParentFailure {
    if (this.#strategy === "deny") return "DENIED";
    if (this.#strategy === "accept-ignore") {
      return this.#clock.parentChoices.some(({ name }) => name === parent.name) ? "SUCCESS" : "NO_PARENT";
    }
    const result = this.#clock.setParent(agentId, parent);
    this.#arbiter.compare();
    return result;
  }

  #setRate(agentId: number, rateHz: number, rounding: Rounding): "SUCCESS" | RateFailure {
    if (this.#strategy === "own") {
      const result = this.#arbiter.setRate(agentId, rateHz, rounding);
      if (result === "SUCCESS") this.#arbiter.note(agentId, { rateHz: this.#clock.outputHz });
      return result;
    }
    const judged = this.#judge(agentId, rateHz, rounding);
    if (typeof judged === "string") return judged;
    if (judged !== null) {
      const result = this.#arbiter.castRate(agentId, judged);
      // A rate that cannot be given now is as if it could not be given at all.
      const isClamped = this.#strategy === "accept-clamp" && result !== "BUSY";
      if (result !== "SUCCESS" && !isClamped) return result;
    }
    this.#arbiter.note(agentId, { rateHz: this.#strategy === "vote" ? judged : rateHz });
    return "SUCCESS";
  }

  /** The rate that a request is a vote for, or why it is none; null = it is accepted without being one. */
  #judge(agentId: number, rateHz: number, rounding: Rounding): number | "UNREACHABLE" | "DENIED" | null {
    switch (this.#strategy) {
      case "deny":
        return "DENIED";
      case "accept-ignore":
        return this.#clock.permissionsOf(agentId).rate ? null : "DENIED";
      case "accept-clamp":
        return this.#clock.permissionsOf(agentId).rate ? this.#clamp(agentId, rateHz) : "DENIED";
      default:
        return this.#clock.rateFor(agentId, rateHz, rounding);
    }
  }

  #beginOwn(agentId: number, rateHz: number, rounding: Rounding): RateChange | RateFailure {
    const change = this.#clock.beginRateChange(agentId, rateHz, rounding);
    if (typeof change === "string") return change;
    const { scheduler } = this.#clock;
    scheduler.at(change.dueUs, () => {
      if (change.result === "SUCCESS") this.#arbiter.note(agentId, { rateHz: this.#clock.outputHz });
    });
    return change;
  }

  /** Whether the clock has what a request is for. */
  #grants(agentId: number, rateHz: number, rounding: Rounding): boolean {
    if (this.#strategy !== "vote") return this.#clock.outputHz === rateHz;
    return this.#judge(agentId, rateHz, rounding) === this.#clock.outputHz;
  }

  #tellRequest(agentId: number, rateHz: number): void {
    this.#clock.rateRequests.tell({ agentId, rateHz });
  }

  /**
   * The rate nearest to a wanted one that the policy and the clock allow, or the one it has if those near cannot be given; null =
   * the policy allows none of them.
   */
  #clamp(agentId: number, rateHz: number): number | null {
    const { clampHz } = this.#arbiter.policy;
    const { offer, outputHz } = this.#clock;
    const lowestHz = offer.kind === "list" ? offer.ratesHz[0] ?? 0 : offer.lowestHz;
    const highestHz = offer.kind === "list" ? offer.ratesHz.at(-1) ?? 0 : offer.highestHz;
    const min = Math.max(lowestHz, clampHz?.min ?? 0);
    const max = Math.min(highestHz, clampHz?.max ?? Infinity);
    const isAllowed = (hz: number) => min <= hz && hz <= max;
    const wantedHz = Math.min(max, Math.max(min, rateHz));
    // The nearest of all to an end of the clamp may lie beyond it.
    for (const rounding of ["nearest", "down", "up"] as const) {
      const givenHz = this.#clock.rateFor(agentId, wantedHz, rounding);
      if (typeof givenHz === "number" && isAllowed(givenHz)) return givenHz;
    }
    return isAllowed(outputHz) ? outputHz : null;
  }
}
