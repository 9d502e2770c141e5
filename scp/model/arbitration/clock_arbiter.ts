// One clock among several agents: each gets a clock of its own to talk to, whose requests do what the board's strategy for the
// agent says. Votes to run are counted by the clock itself; what it boots with is nobody's vote, and lasts until an agent that
// has voted gives its vote back. Leaves out: what a clock does (scp/model/simulated_clock.ts).
import type { ClockStrategy } from "../../../boards/arbitration.ts";
import { ChangeListeners } from "../change_listeners.ts";
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
import type { Beliefs } from "./belief.ts";
import { ValueVotes, type VotePolicy } from "./value_votes.ts";

/** The policy for one clock. */
export interface ClockArbitration {
  readonly rate: VotePolicy;
  strategyOf(agentId: number): ClockStrategy;
  readonly clampHz: { readonly min: number; readonly max: number } | null;
}

const PLATFORM = 0;
const NOTHING: ClockPermissions = { state: false, rate: false, parent: false };

/** What an agent last asked for. */
interface Asked {
  isEnabled: boolean | null;
  rateHz: number | null;
}

/** A clock and all that agents want of it. */
export class ClockArbiter {
  readonly rateVotes: ValueVotes;
  /** Agents that want it to run. */
  readonly enabledBy = new Set<number>();
  readonly #asked = new Map<number, Asked>();

  constructor(
    readonly clock: SimulatedClock,
    readonly policy: ClockArbitration,
    readonly beliefs: Beliefs,
  ) {
    this.rateVotes = new ValueVotes(policy.rate);
    clock.activity.add(() => this.compare());
  }

  /** The clock as an agent has it. */
  facadeFor(agentId: number): Clock {
    return this.policy.strategyOf(agentId) === "dummy"
      ? new DummyClock(this.clock)
      : new SharedClock(this.clock, this, agentId);
  }

  /** Votes for the clock to run, or takes the vote back; one that was never cast has no effect. */
  switch(agentId: number, isEnabled: boolean): void {
    const isOwner = this.policy.strategyOf(agentId) === "own";
    if (isEnabled) this.enabledBy.add(agentId);
    else if (!this.enabledBy.delete(agentId) && !isOwner) return;
    this.clock.configure(agentId, { isEnabled, setting: null });
  }

  /** Casts a vote for a rate that the clock can give, and puts into force what the votes make. */
  castRate(agentId: number, rateHz: number): "SUCCESS" | RateFailure {
    const wantedHz = this.rateVotes.valueWith(agentId, rateHz);
    if (wantedHz !== this.clock.outputHz) {
      const result = this.clock.setRate(agentId, wantedHz, "nearest");
      if (result !== "SUCCESS") return result;
    }
    if (wantedHz !== rateHz) this.clock.rateRequests.tell({ agentId, rateHz });
    this.rateVotes.cast(agentId, rateHz);
    return "SUCCESS";
  }

  /** Notes what an agent believes from now on. */
  note(agentId: number, asked: Partial<Asked>): void {
    const known = this.#asked.get(agentId) ?? { isEnabled: null, rateHz: null };
    this.#asked.set(agentId, { ...known, ...asked });
    this.compare();
  }

  /** Compares what agents believe with what is so. */
  compare(): void {
    const { name, isEnabled, outputHz } = this.clock;
    for (const [agentId, asked] of this.#asked) {
      const tell = (about: string, believed: string | null, actual: string) => {
        if (believed !== null) this.beliefs.compare(agentId, "clock", name, about, believed, actual);
      };
      const textOf = (isOn: boolean) => isOn ? "on" : "off";
      tell("state", asked.isEnabled === null ? null : textOf(asked.isEnabled), textOf(isEnabled));
      tell("rate", asked.rateHz === null ? null : `${asked.rateHz} Hz`, `${outputHz} Hz`);
    }
  }

  /** Takes back what an agent wants. */
  dropVotes(agentId: number): void {
    this.#asked.delete(agentId);
    if (this.enabledBy.delete(agentId)) this.clock.configure(agentId, { isEnabled: false, setting: null });
    if (!this.rateVotes.drop(agentId)) return;
    const rateHz = this.rateVotes.value;
    if (rateHz !== null && rateHz !== this.clock.outputHz) this.clock.setRate(PLATFORM, rateHz, "nearest");
  }

  /** Forgets all votes, as the hardware has when the system is reset. */
  reset(): void {
    this.enabledBy.clear();
    this.rateVotes.clear();
    this.#asked.clear();
  }

  /** Lists what may never be; nothing is right. */
  checkInvariants(): string[] {
    const { name, isEnabled, outputHz } = this.clock;
    const wrong: string[] = [];
    if (this.enabledBy.size > 0 && !isEnabled) {
      wrong.push(`clock ${name} is off, though an agent wants it on`);
    }
    const votedHz = this.rateVotes.value;
    // A parent that has changed may have taken the rate along.
    if (
      votedHz !== null && votedHz !== outputHz && this.clock.rateFor(PLATFORM, votedHz, "nearest") === votedHz
    ) {
      wrong.push(`clock ${name} runs at ${outputHz} Hz, its votes make ${votedHz}`);
    }
    return wrong;
  }
}

/** A clock as one of several agents has it. */
class SharedClock implements Clock {
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
    const { isEnabled, setting } = config;
    if (this.#strategy === "accept-ignore") {
      if (isEnabled !== null) this.#arbiter.note(agentId, { isEnabled });
      return "SUCCESS";
    }
    // Rights and settings are judged by the clock; whether it runs is a matter of votes.
    const wouldStop = isEnabled === false && !this.#clock.permissionsOf(agentId).state;
    if (wouldStop) return "DENIED";
    const result = this.#clock.configure(agentId, { isEnabled: null, setting });
    if (result !== "SUCCESS") return result;
    if (isEnabled !== null) {
      this.#arbiter.switch(agentId, isEnabled);
      this.#arbiter.note(agentId, { isEnabled });
    }
    return "SUCCESS";
  }

  setRate(agentId: number, rateHz: number, rounding: Rounding): "SUCCESS" | RateFailure {
    if (this.#strategy === "deny") {
      this.#clock.rateRequests.tell({ agentId, rateHz });
      return "DENIED";
    }
    if (this.#strategy === "own") {
      const result = this.#clock.setRate(agentId, rateHz, rounding);
      if (result === "SUCCESS") this.#arbiter.note(agentId, { rateHz: this.#clock.outputHz });
      return result;
    }
    if (this.#strategy === "accept-ignore") {
      this.#arbiter.note(agentId, { rateHz });
      return "SUCCESS";
    }
    const isClamped = this.#strategy === "accept-clamp";
    const wantedHz = isClamped ? this.#clamp(rateHz) : rateHz;
    const givenHz = this.#clock.rateFor(agentId, wantedHz, isClamped ? "nearest" : rounding);
    const result = typeof givenHz === "number" ? this.#arbiter.castRate(agentId, givenHz) : givenHz;
    if (result !== "SUCCESS" && !isClamped) {
      if (result !== "UNREACHABLE") this.#clock.rateRequests.tell({ agentId, rateHz });
      return result;
    }
    this.#arbiter.note(agentId, { rateHz: isClamped ? rateHz : givenHz as number });
    return "SUCCESS";
  }

  beginRateChange(agentId: number, rateHz: number, rounding: Rounding): RateChange | RateFailure {
    if (this.#strategy === "own") return this.#clock.beginRateChange(agentId, rateHz, rounding);
    const { scheduler, description } = this.#clock;
    if (this.#strategy === "deny") return this.setRate(agentId, rateHz, rounding) as RateFailure;
    // Judged now, cast when the hardware is that far.
    const givenHz = this.#strategy === "vote" ? this.#clock.rateFor(agentId, rateHz, rounding) : rateHz;
    if (typeof givenHz !== "number") return givenHz;
    const change: { dueUs: number; result: RateChange["result"]; cancel: () => void } = {
      dueUs: scheduler.nowUs() + description.rateLatencyUs,
      result: null,
      cancel: () => timer.cancel(),
    };
    const timer = scheduler.at(change.dueUs, () => {
      change.result = this.setRate(agentId, rateHz, rounding);
    });
    return change;
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

  /** Brings a rate within what the policy and the clock allow. */
  #clamp(rateHz: number): number {
    const { clampHz } = this.#arbiter.policy;
    const { offer } = this.#clock;
    const lowestHz = offer.kind === "list" ? offer.ratesHz[0] ?? 0 : offer.lowestHz;
    const highestHz = offer.kind === "list" ? offer.ratesHz.at(-1) ?? 0 : offer.highestHz;
    const min = Math.max(lowestHz, clampHz?.min ?? 0);
    const max = Math.min(highestHz, clampHz?.max ?? Infinity);
    return Math.min(max, Math.max(min, rateHz));
  }
}

/** A clock that exists for one agent only: it begins as the real one is, and does what it is told. */
class DummyClock implements Clock {
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
  isEnabled: boolean;
  rateHz: number;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
    this.name = clock.name;
    this.enableDelayUs = clock.enableDelayUs;
    this.notifiesRate = clock.notifiesRate;
    this.isEnabled = clock.isEnabled;
    this.rateHz = clock.rateHz;
  }

  get isRunning(): boolean {
    return this.isEnabled;
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

  configure(_agentId: number, { isEnabled, setting }: ClockConfig): "SUCCESS" | "INVALID" {
    if (setting !== null) return "INVALID";
    this.isEnabled = isEnabled ?? this.isEnabled;
    return "SUCCESS";
  }

  setRate(agentId: number, rateHz: number, rounding: Rounding): "SUCCESS" | RateFailure {
    const givenHz = this.#clock.rateFor(PLATFORM, rateHz, rounding);
    if (typeof givenHz !== "number") return "UNREACHABLE";
    if (givenHz !== this.rateHz) {
      this.rateHz = givenHz;
      this.rateChanges.tell({ agentId, rateHz: givenHz });
    }
    return "SUCCESS";
  }

  beginRateChange(agentId: number, rateHz: number, rounding: Rounding): RateChange | RateFailure {
    const result = this.setRate(agentId, rateHz, rounding);
    if (result !== "SUCCESS") return result;
    return { dueUs: this.#clock.scheduler.nowUs(), result, cancel: () => {} };
  }

  setParent(): ParentFailure {
    return "NO_PARENT";
  }
}
