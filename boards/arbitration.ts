// What becomes of requests of several agents for one resource: policies by kind and name. Where nothing is said of a resource,
// its clocks are enabled by counting agents, and of all else the last request counts. What policies do is
// scp/model/arbitration.

/**
 * How the agents' votes for a value become one: the `last`, the `highest`, the `lowest`, that of its `owner`, or that of the first
 * agent of a list.
 */
export type ValuePolicyInput =
  | "last"
  | "highest"
  | "lowest"
  | { readonly owner: string }
  | { readonly priority: readonly string[] };

/** The policies that are a word. */
export const VALUE_POLICIES = ["last", "highest", "lowest"] as const;

/**
 * What an agent's requests for a clock do. `vote`: it runs while anybody wants it to, at the rate that the policy makes of all votes;
 * `own`: they act directly, and nobody else may own or vote; `accept-clamp`: as `vote`, but a rate that cannot be given is the
 * nearest one that can; `accept-ignore`: they are answered SUCCESS and do nothing; `deny`: they are answered DENIED; `dummy`: the
 * agent has a clock of its own that is nowhere else.
 */
export type ClockStrategy = "vote" | "own" | "accept-clamp" | "accept-ignore" | "deny" | "dummy";

/** The strategies. */
export const CLOCK_STRATEGIES = [
  "vote",
  "own",
  "accept-clamp",
  "accept-ignore",
  "deny",
  "dummy",
] as const satisfies readonly ClockStrategy[];

/** The policy for clocks whose names fit. */
export interface ClockArbitrationInput {
  /** For rates; `highest` unless given. */
  readonly rate?: ValuePolicyInput;
  /** What an agent does, `*` for those that are not named; all `vote` unless given. */
  readonly strategies?: Readonly<Record<string, ClockStrategy>>;
  /** The rates that `accept-clamp` keeps to, Hz; those of the clock unless given. */
  readonly clampHz?: { readonly min: number; readonly max: number };
}

/** The policy for performance domains whose names fit. */
export interface PerformanceArbitrationInput {
  /** For the level; `highest` unless given. */
  readonly level?: ValuePolicyInput;
  /** For the upper limit and the lower one, by level; `lowest` and `highest` unless given. */
  readonly max?: ValuePolicyInput;
  readonly min?: ValuePolicyInput;
}

/** Policies by name patterns, in which `*` stands for any characters; of several that fit the last one counts. */
type ByPattern<T> = Readonly<Record<string, T>>;

/** All policies of a board as they are written. */
export interface ArbitrationInput {
  readonly clock?: ByPattern<ClockArbitrationInput>;
  /** `vote`: a domain is in the shallowest state that any agent wants. */
  readonly powerDomain?: ByPattern<"vote">;
  readonly performanceDomain?: ByPattern<PerformanceArbitrationInput>;
  /** For the level; a domain is on while any agent wants it on. */
  readonly voltageDomain?: ByPattern<ValuePolicyInput>;
  /** For the caps. */
  readonly powercapDomain?: ByPattern<ValuePolicyInput>;
}
