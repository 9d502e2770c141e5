// One limit of a power capping domain among several agents: the cap is what the board's policy makes of their votes, and there
// is none while nobody wants one. Averaging intervals are those of the last who sets one.
import type {
  CapChange,
  PowercapChange,
  PowercapDomain,
  PowercapFailure,
  PowercapUnit,
  PowerLimit,
  SettableRange,
} from "../powercap_domain.ts";
import type { SimulatedPowercapDomain } from "../simulated_powercap_domain.ts";
import type { Beliefs } from "./belief.ts";
import { ValueVotes, type VotePolicy } from "./value_votes.ts";

/** No cap, as a vote. */
const UNCAPPED = Infinity;

/** One limit and what agents want of it. */
class LimitArbiter implements PowerLimit {
  readonly votes: ValueVotes;
  readonly #domain: PowercapDomain;
  readonly #limit: PowerLimit;
  readonly #beliefs: Beliefs;

  constructor(domain: PowercapDomain, limit: PowerLimit, policy: VotePolicy, beliefs: Beliefs) {
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
    const result = this.#limit.setCap(agentId, this.#wantedWith(agentId, cap));
    if (result !== "SUCCESS") return result;
    this.votes.cast(agentId, cap ?? UNCAPPED);
    this.#compare();
    return "SUCCESS";
  }

  beginCapChange(agentId: number, cap: number | null): CapChange | PowercapFailure {
    const change = this.#limit.beginCapChange(agentId, this.#wantedWith(agentId, cap));
    if (typeof change === "string") return change;
    const former = this.votes.all.get(agentId);
    this.votes.cast(agentId, cap ?? UNCAPPED);
    return {
      whenOver: (listener) => change.whenOver(listener),
      cancel: () => {
        change.cancel();
        if (former === undefined) this.votes.drop(agentId);
        else this.votes.cast(agentId, former);
      },
    };
  }

  setAveraging(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY"> {
    return this.#limit.setAveraging(agentId, averagingUs);
  }

  listen(listener: (change: PowercapChange) => void): () => void {
    return this.#limit.listen(listener);
  }

  /** Takes an agent's vote back. */
  dropVotes(agentId: number): void {
    if (!this.votes.drop(agentId)) return;
    // In the name of one that still has a say, or, where there is none, of the one that goes.
    const voterId = [...this.votes.all.keys()].at(-1) ?? agentId;
    this.#limit.setCap(voterId, capOf(this.votes.value ?? UNCAPPED));
  }

  /** The cap with another vote; a value that cannot be set is for the limit to refuse. */
  #wantedWith(agentId: number, cap: number | null): number | null {
    const { min, max, step } = this.capRange;
    const isKnown = cap === null || (cap >= min && cap <= max && (step === 0 || cap % step === 0));
    return isKnown ? capOf(this.votes.valueWith(agentId, cap ?? UNCAPPED)) : cap;
  }

  #compare(): void {
    const textOf = (cap: number | null) => cap === null || cap === UNCAPPED ? "none" : `${cap}`;
    for (const [agentId, vote] of this.votes.all) {
      const about = `cap ${this.name}`.trim();
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

function capOf(vote: number): number | null {
  return vote === UNCAPPED ? null : vote;
}

/** A power capping domain and what agents want of its limits. */
export class PowercapArbiter {
  readonly limits: readonly LimitArbiter[];
  readonly facade: PowercapDomain;

  constructor(domain: SimulatedPowercapDomain, policy: VotePolicy, beliefs: Beliefs) {
    this.limits = domain.limits.map((limit) => new LimitArbiter(domain, limit, policy, beliefs));
    this.facade = new SharedPowercapDomain(domain, this.limits);
  }

  /** Takes back what an agent wants. */
  dropVotes(agentId: number): void {
    for (const limit of this.limits) limit.dropVotes(agentId);
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
