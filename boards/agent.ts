// The agents of a board: who talks to the platform, and what each is for. What else hangs onto an agent (what it sees, how it
// is served) has a file of its own each.

import { completeMediation, type MediationDescription, type MediationInput } from "./mediation.ts";
import type { ViewInput } from "./view.ts";
import type { VanishPolicy } from "./vanish.ts";

/** What an agent is for. */
export type AgentKind = "OSPM" | "PSCI" | "MANAGEMENT" | "OTHER";

/** The agent kinds. */
export const AGENT_KINDS = ["OSPM", "PSCI", "MANAGEMENT", "OTHER"] as const satisfies readonly AgentKind[];

/** An agent as it is written; its id is its place in the list + 1, as 0 is the platform. */
export interface AgentInput {
  /** 1 to 15 ASCII characters. */
  readonly name: string;
  readonly kind: AgentKind;
  /** Whether it may change the permissions of agents that are not trusted, and reset them; false unless given. */
  readonly isTrusted?: boolean;
  /** What it sees and may do; null, or not given: nothing, or the whole board where there is no other agent. */
  readonly view?: ViewInput | null;
  /** How it is served beside the others; like any other unless given. */
  readonly mediation?: MediationInput;
  /** What becomes of what it has asked for when it is gone; it stays in force unless given. */
  readonly onVanish?: VanishPolicy;
  /**
   * Names of the board's devices that are its alone: it has all of them up before it starts, and others are refused what would
   * disturb them. None unless given.
   */
  readonly passThrough?: readonly string[];
}

/** An agent, complete. */
export interface AgentDescription extends Required<AgentInput> {
  readonly mediation: MediationDescription;
}

/** Completes an agent with the defaults. */
export function completeAgent(agent: AgentInput): AgentDescription {
  const { name, kind, isTrusted = false, view = null, mediation = {}, onVanish = "keep", passThrough = [] } =
    agent;
  return { name, kind, isTrusted, view, mediation: completeMediation(mediation), onVanish, passThrough };
}
