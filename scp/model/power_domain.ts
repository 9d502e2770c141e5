// A power domain of the chip, as the power domain protocol and the rest of the model see it: its states, who may set it,
// and how it tells of changes. How domains hang together is scp/model/power_tree.ts.
import type { LevelStatistics } from "./statistics.ts";

/** A state that a power domain can be in. */
export interface PowerState {
  /** Unique within its domain: `on`, `off` and what a board adds between them, such as `sleep`. */
  readonly name: string;
  /** Number of the state on its level of context, 0 to 2^28-1; `on` and `off` have 0. */
  readonly stateId: number;
  /** Whether what the domain held is gone when it comes back. */
  readonly isContextLost: boolean;
  /** 0 is on, the most is off: a domain is never deeper than one that hangs below it. */
  readonly depth: number;
  /** Time it takes to get into this state, us. */
  readonly latencyUs: number;
}

/** How a state may be asked for. */
export interface PowerModes {
  /** The answer says that the state has been reached. */
  readonly supportsSync: boolean;
  /** The answer says that the way there has begun. */
  readonly supportsAsync: boolean;
}

/**
 * What became of a request: `DENIED` = the domain never leaves its state at an agent's request, or one that hangs below it
 * needs it; `BUSY` = it, or one above it, is on its way to another state.
 */
export type PowerRequestResult = "SUCCESS" | "DENIED" | "BUSY";

/** Something that happened to a power domain. */
export type PowerDomainChange =
  /** A state has been reached. */
  | { readonly kind: "reached"; readonly state: PowerState; readonly agentId: number }
  /** An agent asked for a state other than the one in force, whatever becomes of it. */
  | { readonly kind: "requested"; readonly state: PowerState; readonly agentId: number };

/** A power domain. */
export interface PowerDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
  /** Its states, `on` first, `off` last. */
  readonly states: readonly PowerState[];
  /** How long it was in which state, by their places in the list, and how often it came to it. */
  readonly statistics: LevelStatistics;
  /** The state in force; on the way to another one, the one it comes from. */
  readonly state: PowerState;
  /** Whether it is supplied: only then its clocks run, its blocks draw power and its sensors measure. */
  readonly isOn: boolean;
  /** Whether changes of its state can be subscribed to. */
  readonly hasNotifications: boolean;
  /** Whether it is a processor core: it goes off when the core stops by itself, so it is set asynchronously only. */
  readonly isCore: boolean;
  /** How an agent may ask for states; neither way = it may not set the domain. */
  modesFor(agentId: number): PowerModes;
  /**
   * Asks for one of its states on behalf of an agent. Synchronous: the state is in force when this returns `SUCCESS`.
   * Asynchronous: listeners hear of it after the latencies of all domains on the way.
   */
  request(state: PowerState, isAsync: boolean, agentId: number): PowerRequestResult;
  /** Adds a listener to its changes; returns the function that takes it away. */
  listen(listener: (change: PowerDomainChange) => void): () => void;
}
