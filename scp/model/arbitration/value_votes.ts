// One value that several agents have a say in: each has one vote, and a policy makes one value of all of them. Who has none
// has no say. Knows nothing of what the value is for.

/**
 * How votes become one value: `last` = the last one; `highest`, `lowest`; `owner` = that of one agent, and while it has none the
 * last of the others; `priority` = that of the first in a list of agents that has one.
 */
export type VotePolicy =
  | { readonly kind: "last" | "highest" | "lowest" }
  | { readonly kind: "owner"; readonly ownerId: number }
  /** Agents that are not in the list come after all that are, the last vote of them first. */
  | { readonly kind: "priority"; readonly agentIds: readonly number[] };

/** A vote; the place says which was cast first. */
interface Vote {
  readonly value: number;
  readonly place: number;
}

/** The votes for one value. */
export class ValueVotes {
  readonly #policy: VotePolicy;
  /** By agent. */
  readonly #votes = new Map<number, Vote>();
  #nextPlace = 0;

  constructor(policy: VotePolicy) {
    this.#policy = policy;
  }

  /** The value that all votes together make; null = there is no vote. */
  get value(): number | null {
    const values = this.all;
    return values.size === 0 ? null : this.#resolve(values, this.#policy);
  }

  /** The votes by agent, in the order in which they were cast. */
  get all(): ReadonlyMap<number, number> {
    const votes = [...this.#votes].sort(([, a], [, b]) => a.place - b.place);
    return new Map(votes.map(([agentId, { value }]) => [agentId, value]));
  }

  /** What the value would be with another vote. */
  valueWith(agentId: number, vote: number): number {
    const undo = this.cast(agentId, vote);
    const value = this.value!;
    undo();
    return value;
  }

  /**
   * Casts an agent's vote; its former one is void. Returns what takes it back, so that the former counts again in its place: unless
   * the agent has voted again, or its votes were dropped, since.
   */
  cast(agentId: number, value: number): () => void {
    const former = this.#votes.get(agentId);
    const vote = { value, place: this.#nextPlace++ };
    this.#votes.set(agentId, vote);
    return () => {
      if (this.#votes.get(agentId) !== vote) return;
      if (former === undefined) this.#votes.delete(agentId);
      else this.#votes.set(agentId, former);
    };
  }

  /** Takes an agent's vote back; returns whether there was one. */
  drop(agentId: number): boolean {
    return this.#votes.delete(agentId);
  }

  /** Takes all votes back. */
  clear(): void {
    this.#votes.clear();
  }

  #resolve(values: ReadonlyMap<number, number>, policy: VotePolicy): number {
    const last = [...values.values()].at(-1)!;
    switch (policy.kind) {
      case "last":
        return last;
      case "highest":
        return Math.max(...values.values());
      case "lowest":
        return Math.min(...values.values());
      case "owner":
        return values.get(policy.ownerId) ?? last;
      case "priority": {
        const first = policy.agentIds.find((id) => values.has(id));
        return first === undefined ? last : values.get(first)!;
      }
    }
  }
}
