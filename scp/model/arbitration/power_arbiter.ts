// One power domain among several agents: it is in the shallowest state that any of them wants. The state it boots in is
// nobody's vote, and counts until the first agent that wants at least as much has said so. SCMI 4.3: what an agent reads is the
// state of the domain, not its vote. Leaves out: the tree (scp/model/power_tree.ts).
import type {
  PowerDomain,
  PowerDomainChange,
  PowerModes,
  PowerRequestResult,
  PowerState,
} from "../power_domain.ts";
import type { SimulatedPowerDomain } from "../simulated_power_domain.ts";
import type { LevelStatistics } from "../statistics.ts";
import type { Beliefs } from "./belief.ts";

const PLATFORM = 0;

/** A power domain and what agents want of it. */
export class PowerArbiter {
  readonly #votes = new Map<number, PowerState>();
  readonly #domain: SimulatedPowerDomain;
  readonly #beliefs: Beliefs;
  #isBootStateWanted = true;

  constructor(domain: SimulatedPowerDomain, beliefs: Beliefs) {
    this.#domain = domain;
    this.#beliefs = beliefs;
    domain.listen(({ kind }) => {
      if (kind === "reached") this.compare();
    });
  }

  /** The votes by agent. */
  get votes(): ReadonlyMap<number, PowerState> {
    return this.#votes;
  }

  /** The domain as agents have it. */
  get facade(): PowerDomain {
    return new SharedPowerDomain(this.#domain, this);
  }

  /** Casts a vote, and asks the domain for what all votes make. A vote that cannot be granted is none. */
  request(state: PowerState, isAsync: boolean, agentId: number): PowerRequestResult {
    const domain = this.#domain;
    const former = this.#votes.get(agentId);
    const wasBootStateWanted = this.#isBootStateWanted;
    this.#votes.set(agentId, state);
    if (state.depth <= domain.bootState.depth) this.#isBootStateWanted = false;
    const wanted = this.#wanted;
    let result: PowerRequestResult = "SUCCESS";
    if (wanted !== domain.state || domain.goal !== null) result = domain.request(wanted, isAsync, agentId);
    else if (wanted !== state) domain.tellRequested(state, agentId);
    if (result !== "SUCCESS") {
      this.#isBootStateWanted = wasBootStateWanted;
      if (former === undefined) this.#votes.delete(agentId);
      else this.#votes.set(agentId, former);
    }
    this.compare();
    return result;
  }

  /** Takes an agent's vote back. */
  dropVotes(agentId: number): void {
    if (!this.#votes.delete(agentId)) return;
    const wanted = this.#wanted;
    // Refused where something below still needs it: then it goes with that.
    if (wanted !== this.#domain.state) this.#domain.request(wanted, false, PLATFORM);
  }

  /** Forgets all votes, as the hardware has when the system is reset. */
  reset(): void {
    this.#votes.clear();
    this.#isBootStateWanted = true;
  }

  /** Compares what agents believe with what is so. */
  compare(): void {
    const { name, state } = this.#domain;
    for (const [agentId, vote] of this.#votes) {
      this.#beliefs.compare(agentId, "powerDomain", name, "state", vote.name, state.name);
    }
  }

  /** The state that all votes make; off without any. */
  get #wanted(): PowerState {
    const votes = [...this.#votes.values()];
    if (this.#isBootStateWanted) votes.push(this.#domain.bootState);
    const off = this.#domain.states.at(-1)!;
    return votes.reduce((shallowest, each) => each.depth < shallowest.depth ? each : shallowest, off);
  }
}

/** A power domain as one of several agents has it. */
class SharedPowerDomain implements PowerDomain {
  readonly #domain: SimulatedPowerDomain;
  readonly #arbiter: PowerArbiter;

  constructor(domain: SimulatedPowerDomain, arbiter: PowerArbiter) {
    this.#domain = domain;
    this.#arbiter = arbiter;
  }

  get name(): string {
    return this.#domain.name;
  }

  get states(): readonly PowerState[] {
    return this.#domain.states;
  }

  get state(): PowerState {
    return this.#domain.state;
  }

  get isOn(): boolean {
    return this.#domain.isOn;
  }

  get hasNotifications(): boolean {
    return this.#domain.hasNotifications;
  }

  get isCore(): boolean {
    return this.#domain.isCore;
  }

  get statistics(): LevelStatistics {
    return this.#domain.statistics;
  }

  modesFor(agentId: number): PowerModes {
    return this.#domain.modesFor(agentId);
  }

  request(state: PowerState, isAsync: boolean, agentId: number): PowerRequestResult {
    return this.#arbiter.request(state, isAsync, agentId);
  }

  listen(listener: (change: PowerDomainChange) => void): () => void {
    return this.#domain.listen(listener);
  }
}
