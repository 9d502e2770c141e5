// One limit of a power capping domain among several agents: the cap is what the board's policy makes of their votes, and that of
// the boot while there is none. Averaging intervals are those of the last who sets one.
import {
  type CapChange,
  isSettable,
  type PowercapChange,
  type PowercapDomain,
  type PowercapFailure,
  type PowercapUnit,
  type PowerLimit,
  type SettableRange,
} from "../powercap_domain.ts";
import type { SimulatedPowercapDomain } from "../simulated_powercap_domain.ts";
import type { SimulatedPowerLimit } from "../simulated_power_limit.ts";
import type { Beliefs } from "./belief.ts";
import { type CastVote, castVotes } from "./cast_vote.ts";
import { ValueVotes, type VotePolicy } from "./value_votes.ts";

/** No cap, as a vote. */
const UNCAPPED = Infinity;

/** One limit and what agents want of it. */
class LimitArbiter implements PowerLimit {
  readonly votes: ValueVotes;
  readonly #domain: PowercapDomain;
  readonly #limit: SimulatedPowerLimit;
  readonly #beliefs: Beliefs;
  /** Whether a cap that somebody has begun is on its way. */
  #isBusy = false;

  constructor(domain: PowercapDomain, limit: SimulatedPowerLimit, policy: VotePolicy, beliefs: Beliefs) {
    this.#domain = domain;
    this.#limit = limit;
    this.votes = new ValueVotes(policy);
    this.#beliefs = beliefs;
    limit.listen(() => this.#compare());
  }

  get name(): string {
    return this.#limit.name;
  }

  get capRange(): SettableRange {
    return this.#limit.capRange;
  }

  get averagingRangeUs(): SettableRange {
    return this.#limit.averagingRangeUs;
  }

  get cap(): number | null {
    return this.#limit.cap;
  }

  get averagingUs(): number {
    return this.#limit.averagingUs;
  }

  setCap(agentId: number, cap: number | null): "SUCCESS" | PowercapFailure {
    const wanted = this.#wantedWith(agentId, cap);
    const undo = this.votes.cast(agentId, cap ?? UNCAPPED);
    const result = this.#limit.setCap(agentId, wanted);
    if (result !== "SUCCESS") undo();
    this.#compare();
    return result;
  }

  beginCapChange(agentId: number, cap: number | null): CapChange | PowercapFailure {
    const change = this.#limit.beginCapChange(agentId, this.#wantedWith(agentId, cap));
    if (typeof change === "string") return change;
    this.#isBusy = true;
    const undo = this.votes.cast(agentId, cap ?? UNCAPPED);
    let tell: ((isInForce: boolean) => void) | null = null;
    // Votes may have been taken back while it was on its way.
    const end = () => {
      this.#isBusy = false;
      this.#settle();
    };
    change.whenOver((isInForce) => {
      end();
      tell?.(isInForce);
    });
    return {
      whenOver: (listener) => {
        tell = listener;
      },
      cancel: () => {
        change.cancel();
        undo();
        if (!this.votes.all.has(agentId)) {
          this.#beliefs.end(agentId, "powercapDomain", this.#domain.name, this.#about);
        }
        end();
      },
    };
  }

  setAveraging(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY"> {
    return this.#limit.setAveraging(agentId, averagingUs);
  }

  listen(listener: (change: PowercapChange) => void): () => void {
    return this.#limit.listen(listener);
  }

  /** Takes an agent's vote back, as if it had never been cast, and what it has begun or averages over. */
  dropVotes(agentId: number): void {
    // A cap of another agent's that is on its way comes first; what its vote leaves of the others is put into force then.
    if (this.votes.drop(agentId) && !this.#isBusy) this.#limit.restoreCap(this.#wanted);
    this.#limit.giveUp(agentId);
    this.#compare();
  }

  /** Lists what may never be; nothing is right. */
  checkInvariants(): string[] {
    if (this.#isBusy || this.cap === this.#wanted) return [];
    const about = `powercap domain ${this.#domain.name}, limit ${this.name}`;
    return [`${about} has the cap ${this.cap}, its votes make ${this.#wanted}`];
  }

  /** The cap that all votes make. */
  get #wanted(): number | null {
    const { value } = this.votes;
    return value === null ? this.#limit.description.bootCap : capOf(value);
  }

  #settle(): void {
    if (!this.#isBusy && this.cap !== this.#wanted) this.#limit.restoreCap(this.#wanted);
    this.#compare();
  }

  /** The cap with another vote; a value that cannot be set is for the limit to refuse. */
  #wantedWith(agentId: number, cap: number | null): number | null {
    const isKnown = cap === null || isSettable(cap, this.capRange);
    return isKnown ? capOf(this.votes.valueWith(agentId, cap ?? UNCAPPED)) : cap;
  }

  /** All votes that count. */
  castVotes(): CastVote[] {
    const subject = { kind: "powercapDomain", name: this.#domain.name, about: this.#about } as const;
    return castVotes(this.votes, { ...subject, textOf });
  }

  get #about(): string {
    return `cap ${this.name}`.trim();
  }

  #compare(): void {
    const about = this.#about;
    for (const [agentId, vote] of this.votes.all) {
      this.#beliefs.compare(
        agentId,
        "powercapDomain",
        this.#domain.name,
        about,
        textOf(vote),
        textOf(this.cap),
      );
    }
  }
}

function textOf(cap: number | null): string {
  return cap === null || cap === UNCAPPED ? "none" : `${cap}`;
}

function capOf(vote: number): number | null {
  return vote === UNCAPPED ? null : vote;
}

/** A power capping domain and what agents want of its limits. */
export class PowercapArbiter {
  readonly limits: readonly LimitArbiter[];
  readonly facade: PowercapDomain;
  readonly #domain: SimulatedPowercapDomain;

  constructor(domain: SimulatedPowercapDomain, policy: VotePolicy, beliefs: Beliefs) {
    this.#domain = domain;
    this.limits = domain.limits.map((limit) => new LimitArbiter(domain, limit, policy, beliefs));
    this.facade = new SharedPowercapDomain(domain, this.limits);
  }

  /** Takes back what an agent wants. */
  dropVotes(agentId: number): void {
    for (const limit of this.limits) limit.dropVotes(agentId);
    this.#domain.dropMeasuring(agentId);
  }

  /** All votes that count. */
  votes(): CastVote[] {
    return this.limits.flatMap((limit) => limit.castVotes());
  }

  /** Lists what may never be; nothing is right. */
  checkInvariants(): string[] {
    return this.limits.flatMap((limit) => limit.checkInvariants());
  }

  /** Forgets all votes, as the hardware has when the system is reset. */
  reset(): void {
    for (const { votes } of this.limits) votes.clear();
  }
}

/** A power capping domain as one of several agents has it. */
class SharedPowercapDomain implements PowercapDomain {
  readonly name: string;
  readonly parent: PowercapDomain | null;
  readonly unit: PowercapUnit;
  readonly capRange: SettableRange;
  readonly averagingRangeUs: SettableRange;
  readonly sustainablePower: number;
  readonly accuracyPercent: number;
  readonly isMonitored: boolean;
  readonly supportsAsync: boolean;
  readonly notifiesCap: boolean;
  readonly notifiesPower: boolean;
  readonly #domain: SimulatedPowercapDomain;

  constructor(domain: SimulatedPowercapDomain, readonly limits: readonly PowerLimit[]) {
    this.name = domain.name;
    this.parent = domain.parent;
    this.unit = domain.unit;
    this.capRange = domain.capRange;
    this.averagingRangeUs = domain.averagingRangeUs;
    this.sustainablePower = domain.sustainablePower;
    this.accuracyPercent = domain.accuracyPercent;
    this.isMonitored = domain.isMonitored;
    this.supportsAsync = domain.supportsAsync;
    this.notifiesCap = domain.notifiesCap;
    this.notifiesPower = domain.notifiesPower;
    this.#domain = domain;
  }

  get cap(): number | null {
    return this.#domain.cap;
  }

  get averagingUs(): number {
    return this.#domain.averagingUs;
  }

  maySet(agentId: number): boolean {
    return this.#domain.maySet(agentId);
  }

  setCap(agentId: number, cap: number | null): "SUCCESS" | PowercapFailure {
    return this.limits[0]!.setCap(agentId, cap);
  }

  beginCapChange(agentId: number, cap: number | null): CapChange | PowercapFailure {
    return this.limits[0]!.beginCapChange(agentId, cap);
  }

  setAveraging(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY"> {
    return this.#domain.setAveraging(agentId, averagingUs);
  }

  setMeasuring(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY"> {
    return this.#domain.setMeasuring(agentId, averagingUs);
  }

  measure(): number {
    return this.#domain.measure();
  }

  listen(listener: (change: PowercapChange) => void): () => void {
    return this.#domain.listen(listener);
  }

  watch(listener: (power: number) => void): () => void {
    return this.#domain.watch(listener);
  }
}
