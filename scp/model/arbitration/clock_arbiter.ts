// One clock among several agents: each gets a clock of its own to talk to, whose requests do what the board's strategy for the
// agent says. What it boots with is nobody's vote, and lasts until an agent that has voted gives its vote back. Leaves out: what
// an agent has of it (shared_clock.ts, dummy_clock.ts), what a clock does (scp/model/simulated_clock.ts).
import type { ClockStrategy } from "../../../boards/arbitration.ts";
import type { Clock, ClockConfig, RateChange, RateFailure, Rounding } from "../clock.ts";
import type { SimulatedClock } from "../simulated_clock.ts";
import type { Beliefs } from "./belief.ts";
import { type CastVote, castVotes } from "./cast_vote.ts";
import { DummyClock } from "./dummy_clock.ts";
import { SharedClock } from "./shared_clock.ts";
import { ValueVotes, type VotePolicy } from "./value_votes.ts";

/** The policy for one clock. */
export interface ClockArbitration {
  readonly rate: VotePolicy;
  strategyOf(agentId: number): ClockStrategy;
  readonly clampHz: { readonly min: number; readonly max: number } | null;
}

const PLATFORM = 0;

/** What an agent last asked for. */
interface Asked {
  isEnabled: boolean | null;
  rateHz: number | null;
}

/** A change of rate that is on its way. */
interface PendingChange extends RateChange {
  readonly agentId: number;
  result: RateChange["result"];
}

/** A clock and all that agents want of it. */
export class ClockArbiter {
  readonly rateVotes: ValueVotes;
  /** Agents that want it to run. */
  readonly enabledBy = new Set<number>();
  readonly #asked = new Map<number, Asked>();
  readonly #pending = new Set<PendingChange>();
  readonly #dummies = new Map<number, DummyClock>();
  /** Whether a request is being carried out: what its agent believes from then on is not noted yet. */
  #isMidway = false;

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
    if (this.policy.strategyOf(agentId) !== "dummy") return new SharedClock(this.clock, this, agentId);
    let dummy = this.#dummies.get(agentId);
    if (dummy === undefined) this.#dummies.set(agentId, dummy = new DummyClock(this.clock, this));
    return dummy;
  }

  /** Configures the clock for an agent; to stop it without having wanted it to run has no effect, unless the agent owns it. */
  configure(agentId: number, { isEnabled, setting }: ClockConfig): "SUCCESS" | "DENIED" | "INVALID" {
    const isOwner = this.policy.strategyOf(agentId) === "own";
    const isVoid = isEnabled === false && !isOwner && !this.enabledBy.has(agentId);
    if (isVoid && !this.clock.permissionsOf(agentId).state) return "DENIED";
    const result = this.#midway(() =>
      this.clock.configure(agentId, { isEnabled: isVoid ? null : isEnabled, setting })
    );
    if (result !== "SUCCESS" || isEnabled === null) return result;
    if (isEnabled) this.enabledBy.add(agentId);
    else this.enabledBy.delete(agentId);
    this.note(agentId, { isEnabled });
    return "SUCCESS";
  }

  /** Casts a vote for a rate that the clock can give, and puts into force what the votes make. */
  castRate(agentId: number, rateHz: number): "SUCCESS" | RateFailure {
    const wantedHz = this.rateVotes.valueWith(agentId, rateHz);
    if (wantedHz !== this.clock.outputHz) {
      const judged = this.clock.rateFor(agentId, wantedHz, "nearest");
      const result = typeof judged === "string" ? judged : this.setRate(agentId, wantedHz, "nearest");
      if (result !== "SUCCESS") return result;
    }
    this.rateVotes.cast(agentId, rateHz);
    return "SUCCESS";
  }

  /** Sets the rate of the clock itself. */
  setRate(agentId: number, rateHz: number, rounding: Rounding): "SUCCESS" | RateFailure {
    return this.#midway(() => this.clock.setRate(agentId, rateHz, rounding));
  }

  /** Has a request take the time of the hardware. */
  begin(agentId: number, request: () => RateChange["result"]): RateChange {
    const { scheduler, description } = this.clock;
    const dueUs = scheduler.nowUs() + description.rateLatencyUs;
    const timer = scheduler.at(dueUs, () => {
      this.#pending.delete(change);
      change.result = request();
    });
    const change: PendingChange = {
      agentId,
      dueUs,
      result: null,
      cancel: () => {
        timer.cancel();
        this.#pending.delete(change);
      },
    };
    this.#pending.add(change);
    return change;
  }

  /** Notes what an agent believes from now on. */
  note(agentId: number, asked: Partial<Asked>): void {
    const known = this.#asked.get(agentId) ?? { isEnabled: null, rateHz: null };
    this.#asked.set(agentId, { ...known, ...asked });
    this.compare();
  }

  /** Compares what agents believe with what is so. */
  compare(): void {
    if (this.#isMidway) return;
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

  /** Takes back what an agent wants, as if it had never said so. */
  dropVotes(agentId: number): void {
    for (const change of [...this.#pending]) if (change.agentId === agentId) change.cancel();
    this.#asked.delete(agentId);
    this.enabledBy.delete(agentId);
    this.#dummies.get(agentId)?.restart();
    if (this.rateVotes.drop(agentId)) this.#settleRate(agentId);
    this.clock.dropVotes(agentId);
  }

  /** Forgets all votes, as the hardware has when the system is reset. */
  reset(): void {
    for (const change of [...this.#pending]) change.cancel();
    this.enabledBy.clear();
    this.rateVotes.clear();
    this.#asked.clear();
    for (const dummy of this.#dummies.values()) dummy.restart();
  }

  #midway<T>(request: () => T): T {
    this.#isMidway = true;
    const result = request();
    this.#isMidway = false;
    return result;
  }

  /** Puts into force what is left of the votes after an agent's was taken back, unless that would disturb another's own. */
  #settleRate(agentId: number): void {
    const rateHz = this.rateVotes.value;
    if (rateHz === null) this.clock.restoreRate(agentId);
    else if (!this.clock.disturbs(agentId)) this.clock.setRate(PLATFORM, rateHz, "nearest");
  }

  /** All votes that count. */
  votes(): CastVote[] {
    const subject = { kind: "clock", name: this.clock.name } as const;
    const state = { ...subject, about: "state", wanted: "on" };
    return [
      ...[...this.enabledBy].map((agentId) => ({ ...state, agentId })),
      ...castVotes(this.rateVotes, { ...subject, about: "rate", textOf: (rateHz) => `${rateHz} Hz` }),
    ];
  }

  /** Lists what may never be; nothing is right. */
  checkInvariants(): string[] {
    const { name, isEnabled, outputHz } = this.clock;
    const wrong: string[] = [];
    if (this.enabledBy.size > 0 && !isEnabled) {
      wrong.push(`clock ${name} is off, though an agent wants it on`);
    }
    const votedHz = this.rateVotes.value;
    // A parent that has changed may have taken the rate along, and one that is passed through may not be disturbed.
    const canHave = votedHz !== null && !this.clock.disturbs(-1) &&
      this.clock.rateFor(PLATFORM, votedHz, "nearest") === votedHz;
    if (canHave && votedHz !== outputHz) {
      wrong.push(`clock ${name} runs at ${outputHz} Hz, its votes make ${votedHz}`);
    }
    return wrong;
  }
}
