// One power domain among several agents: it is in the shallowest state that any of them wants. The state it boots in is
// nobody's vote, and counts until the first agent that wants at least as much has said so, and again when that agent has
// vanished. SCMI 4.3: what an agent reads is the state of the domain, not its vote. Leaves out: the tree
// (scp/model/power_tree.ts).
import type {
  PowerDomain,
  PowerDomainChange,
  PowerModes,
  PowerRequestResult,
  PowerState,
} from "../power_domain.ts";
import type { PowerTree } from "../power_tree.ts";
import type { SimulatedPowerDomain } from "../simulated_power_domain.ts";
import type { LevelStatistics } from "../statistics.ts";
import type { Beliefs } from "./belief.ts";
import type { CastVote } from "./cast_vote.ts";

/** A power domain and what agents want of it. */
export class PowerArbiter {
  readonly #votes = new Map<number, PowerState>();
  readonly #domain: SimulatedPowerDomain;
  readonly #beliefs: Beliefs;
  readonly #tree: PowerTree;
  /** Agents that have wanted as much as the boot state, or more: none = that counts. */
  readonly #metBy = new Set<number>();

  constructor(domain: SimulatedPowerDomain, tree: PowerTree, beliefs: Beliefs) {
    this.#domain = domain;
    this.#tree = tree;
    this.#beliefs = beliefs;
    domain.listen(({ kind }) => {
      if (kind === "reached") this.compare();
    });
  }

  /** All votes that count. */
  votes(): CastVote[] {
    const subject = { kind: "powerDomain", name: this.#domain.name, about: "state" } as const;
    return [...this.#votes].map(([agentId, { name: wanted }]) => ({ ...subject, agentId, wanted }));
  }

  /** The domain as agents have it. */
  get facade(): PowerDomain {
    return new SharedPowerDomain(this.#domain, this);
  }

  /** Casts a vote, and asks the domain for what all votes make. A vote that cannot be granted is none. */
  request(state: PowerState, isAsync: boolean, agentId: number): PowerRequestResult {
    const domain = this.#domain;
    // What is always on refuses to be wanted less, whoever else wants it.
    if (domain.isAlwaysOn && state.depth > 0) return domain.request(state, isAsync, agentId);
    const former = this.#votes.get(agentId);
    const hadMet = this.#metBy.has(agentId);
    this.#votes.set(agentId, state);
    if (state.depth <= domain.bootState.depth) this.#metBy.add(agentId);
    const { wanted } = this;
    let result: PowerRequestResult = "SUCCESS";
    const isUnmoved = wanted === domain.wanted && wanted === domain.state && domain.goal === null;
    if (!isUnmoved) result = domain.request(wanted, isAsync, agentId, state);
    else if (wanted !== state) domain.tellRequested(state, agentId);
    if (result !== "SUCCESS") {
      if (!hadMet) this.#metBy.delete(agentId);
      if (former === undefined) this.#votes.delete(agentId);
      else this.#votes.set(agentId, former);
    }
    this.compare();
    return result;
  }

  /** Takes an agent's vote back, as if it had never been cast. */
  dropVotes(agentId: number): void {
    this.#metBy.delete(agentId);
    if (this.#votes.delete(agentId)) this.#tree.restore(this.#domain, this.wanted);
  }

  /** Forgets all votes, as the hardware has when the system is reset. */
  reset(): void {
    this.#votes.clear();
    this.#metBy.clear();
  }

  /** Compares what agents believe with what is so. */
  compare(): void {
    const { name, state, goal } = this.#domain;
    if (goal !== null) return;
    for (const [agentId, vote] of this.#votes) {
      this.#beliefs.compare(agentId, "powerDomain", name, "state", vote.name, state.name);
    }
  }

  /** The state that all votes make; off without any. */
  get wanted(): PowerState {
    const votes = [...this.#votes.values()];
    if (this.#metBy.size === 0) votes.push(this.#domain.bootState);
    const off = this.#domain.states.at(-1)!;
    return votes.reduce((shallowest, each) => each.depth < shallowest.depth ? each : shallowest, off);
  }

  /** Lists what may never be; nothing is right. What keeps a domain from the state it is wanted in is the tree's matter. */
  checkInvariants(): string[] {
    const { name, wanted } = this.#domain;
    if (wanted === this.wanted) return [];
    return [`power domain ${name} is meant to be ${wanted.name}, its votes make ${this.wanted.name}`];
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
