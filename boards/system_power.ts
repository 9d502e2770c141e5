// The power of a board as a whole: which transitions agents can ask for, which agents act directly, and how long things
// take. What a transition does is scp/model/system_power_control.ts.
import {
  completeSystemPolicy,
  type SystemPolicyDescription,
  type SystemPolicyInput,
} from "./system_policy.ts";
import type { AgentKind } from "./agent.ts";

/** What agents can ask for; coming up again is always possible. */
export type SystemTransitionName = "shutdown" | "coldReset" | "warmReset" | "suspend";

/** The transitions a board may offer. */
export const SYSTEM_TRANSITIONS = [
  "shutdown",
  "coldReset",
  "warmReset",
  "suspend",
] as const satisfies readonly SystemTransitionName[];

/** The power of a board as it is written. */
export interface SystemPowerInput {
  /** The domain above all others that goes off with the system; null unless given: then the others alone go off. */
  readonly domain?: string | null;
  /** All unless given; `suspend` needs a `suspendState`. */
  readonly transitions?: readonly SystemTransitionName[];
  /** The state of the domain while the system is suspended; null unless given: it cannot be suspended. */
  readonly suspendState?: string | null;
  /** Kinds of agents whose requests act directly; PSCI and MANAGEMENT unless given. */
  readonly fullView?: readonly AgentKind[];
  /** Whether trusted agents of other kinds may ask for a graceful shutdown or reset; true unless given. */
  readonly acceptsGracefulRequests?: boolean;
  /** How long a graceful shutdown waits for the agents before it is forced, ms; 10 s unless given. */
  readonly gracefulTimeoutMs?: number;
  /** Time from a reset to the system being up again, us; 50 ms unless given. */
  readonly restartUs?: number;
  /** Who decides where several agents believe they do; null unless given: requests act as the fields above say. */
  readonly policy?: SystemPolicyInput | null;
}

/** The power of a board, complete. */
export interface SystemPowerDescription extends Required<SystemPowerInput> {
  readonly policy: SystemPolicyDescription | null;
}

/** Completes the power of a board with the defaults. */
export function completeSystemPower(input: SystemPowerInput): SystemPowerDescription {
  const suspendState = input.suspendState ?? null;
  const canSuspend = suspendState !== null;
  return {
    domain: input.domain ?? null,
    transitions: input.transitions ?? SYSTEM_TRANSITIONS.filter((each) => each !== "suspend" || canSuspend),
    suspendState,
    fullView: input.fullView ?? ["PSCI", "MANAGEMENT"],
    acceptsGracefulRequests: input.acceptsGracefulRequests ?? true,
    gracefulTimeoutMs: input.gracefulTimeoutMs ?? 10_000,
    restartUs: input.restartUs ?? 50_000,
    policy: input.policy === undefined || input.policy === null ? null : completeSystemPolicy(input.policy),
  };
}
