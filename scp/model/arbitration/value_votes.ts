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

/** The votes for one value. */
export class ValueVotes {
  readonly #policy: VotePolicy;
  /** By agent, the last one last. */
  readonly #votes = new Map<number, number>();

  constructor(policy: VotePolicy) {
    this.#policy = policy;
  }

  /** The value that all votes together make; null = there is no vote. */
  get value(): number | null {
    return this.#votes.size === 0 ? null : this.#resolve(this.#policy);
  }

  /** The votes by agent, in the order in which they were cast. */
  get all(): ReadonlyMap<number, number> {
    return this.#votes;
  }

  /** What the value would be with another vote. */
  valueWith(agentId: number, vote: number): number {
    const others = new ValueVotes(this.#policy);
    for (const [id, value] of this.#votes) if (id !== agentId) others.cast(id, value);
    others.cast(agentId, vote);
    return others.value!;
  }

  /** Casts an agent's vote; its former one is void. */
  cast(agentId: number, vote: number): void {
    this.#votes.delete(agentId);
    this.#votes.set(agentId, vote);
  }

  /** Takes an agent's vote back; returns whether there was one. */
  drop(agentId: number): boolean {
    return this.#votes.delete(agentId);
  }

  /** Takes all votes back. */
  clear(): void {
    this.#votes.clear();
  }

  #resolve(policy: VotePolicy): number {
    const votes = this.#votes;
    switch (policy.kind) {
      case "last":
        return this.#last();
      case "highest":
        return Math.max(...votes.values());
      case "lowest":
        return Math.min(...votes.values());
      case "owner":
        return votes.get(policy.ownerId) ?? this.#last();
      case "priority": {
        const first = policy.agentIds.find((id) => votes.has(id));
        return first === undefined ? this.#last() : votes.get(first)!;
      }
    }
  }

  #last(): number {
    let last = 0;
    for (const vote of this.#votes.values()) last = vote;
    return last;
  }
}
