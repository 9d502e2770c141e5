// What was decided over the power of the system, by whose vote and why: a bounded log, and listeners.
import { ChangeListeners } from "./change_listeners.ts";
import type { SystemTransition } from "./system_power.ts";

/**
 * What became of a request: `carriedOut` = the system did it; `waiting` = more has to happen first; `refused` = it was answered
 * with an error; `withdrawn` = the agent is up again, or it was overtaken.
 */
export type SystemVerdict = "carriedOut" | "waiting" | "refused" | "withdrawn";

/** One decision. */
export interface SystemDecision {
  /** Virtual time, us. */
  readonly timeUs: number;
  /** Whose request or departure led to it; 0 = the platform, for instance by a deadline. */
  readonly agentId: number;
  readonly transition: SystemTransition;
  readonly verdict: SystemVerdict;
  /** One line for people. */
  readonly reason: string;
}

/** Decisions that are kept; the oldest are forgotten. */
const DECISION_COUNT_MAX = 256;

/** The log. */
export class SystemDecisions {
  readonly listeners = new ChangeListeners<SystemDecision>();
  readonly #kept: SystemDecision[] = [];

  /** Those that are kept, the oldest first. */
  get all(): readonly SystemDecision[] {
    return this.#kept;
  }

  add(decision: SystemDecision): void {
    this.#kept.push(decision);
    if (this.#kept.length > DECISION_COUNT_MAX) this.#kept.shift();
    this.listeners.tell(decision);
  }
}
