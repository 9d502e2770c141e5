// Who decides over the power of the whole system where several agents each believe they do: their requests are votes, and a
// rule for each transition says when the votes are enough. What follows is scp/model/system_votes.ts.
import type { SystemTransitionName } from "./system_power.ts";

/** How votes for a transition are decided. */
export type SystemRuleInput =
  /** One vote is enough; the others are told that it has happened. */
  | { readonly decide: "forced" }
  /** It takes place when every voter that is there has voted for it, or has gone. */
  | { readonly decide: "lastOneOut" }
  /** The first vote asks the others to go; it takes place when they have, and after this time at the latest. */
  | { readonly decide: "graceful"; readonly deadlineMs: number }
  /** As `graceful`, unless one of these agents is there and has not voted for it: then the vote is refused. */
  | { readonly decide: "veto"; readonly vetoers: readonly string[]; readonly deadlineMs: number };

/** The ways of deciding. */
export const SYSTEM_DECISIONS = ["forced", "lastOneOut", "graceful", "veto"] as const;

/** The policy as it is written. */
export interface SystemPolicyInput {
  /** Names of the agents whose requests are votes; the requests of others act as they do without a policy. */
  readonly voters: readonly string[];
  /** By transition; `lastOneOut` unless given. */
  readonly rules?: Readonly<Partial<Record<SystemTransitionName, SystemRuleInput>>>;
}

/** The policy, complete. */
export interface SystemPolicyDescription {
  readonly voters: readonly string[];
  readonly rules: Readonly<Record<SystemTransitionName, SystemRuleInput>>;
}

const LAST_ONE_OUT: SystemRuleInput = { decide: "lastOneOut" };

/** Completes a policy with the defaults. */
export function completeSystemPolicy({ voters, rules = {} }: SystemPolicyInput): SystemPolicyDescription {
  return {
    voters,
    rules: {
      shutdown: rules.shutdown ?? LAST_ONE_OUT,
      coldReset: rules.coldReset ?? LAST_ONE_OUT,
      warmReset: rules.warmReset ?? LAST_ONE_OUT,
      suspend: rules.suspend ?? LAST_ONE_OUT,
    },
  };
}
