// The power of the system as a whole, as the system power protocol sees it: what can be asked for, by whom, and who is told.
// What a transition does to the hardware is scp/model/system_power_control.ts.

/** What can be asked for. */
export type SystemTransition = "shutdown" | "coldReset" | "warmReset" | "powerUp" | "suspend";

/** The condition the system is in; while it restarts, it is on its way from a reset to being up. */
export type SystemCondition = "up" | "suspended" | "down" | "restarting";

/**
 * What became of a request: `NOT_SUPPORTED` = the board or the agent's view does not have it; `DENIED` = not in this
 * condition; `BUSY` = another request is being carried out.
 */
export type SystemRequestResult = "SUCCESS" | "NOT_SUPPORTED" | "DENIED" | "BUSY";

/** What an agent that asked for it is told of a request of another one. */
export interface SystemPowerNotice {
  /** The agent that made the request; 0 = the platform. */
  readonly agentId: number;
  readonly isGraceful: boolean;
  readonly transition: SystemTransition;
  /** How long a graceful request waits before it is carried out all the same, ms; 0 = without limit, or not at all. */
  readonly timeoutMs: number;
}

/** The power of the system. */
export interface SystemPower {
  /** What devices call it. */
  readonly name: string;
  readonly condition: SystemCondition;
  /** What the system is to an agent: one that has voted for it to go down finds it down, though others may run on. */
  conditionFor(agentId: number): SystemCondition;
  /** Whether an agent's requests act directly, and the condition is told to it; others have the view of a guest. */
  hasFullView(agentId: number): boolean;
  /** Whether an agent may ask for a transition in this way. */
  offers(transition: SystemTransition, isGraceful: boolean, agentId: number): boolean;
  /** Asks for a transition. A graceful one is announced to the other agents, and carried out when they have gone. */
  request(transition: SystemTransition, isGraceful: boolean, agentId: number): SystemRequestResult;
  /**
   * Tells an agent's channel of the requests of other agents, until the returned function is called: that also means the
   * agent has gone, which a graceful request waits for.
   */
  subscribe(agentId: number, listener: (notice: SystemPowerNotice) => void): () => void;
}
