// What the contract suite needs of a transport: a place where an agent is served and connections to it, without a clock
// and without waiting. Each transport has an adapter beside this file.
import type { AgentPort } from "../../transports/channel.ts";

/** A port as transports with a channel per connection take it; the others never close it. */
export interface ClosablePort extends AgentPort {
  close(): void;
}

/** What an agent's connection is like. */
export interface AgentOptions {
  /** `open`: messages of the platform are taken; `held`: not until `release()`; `none`: there is no such direction. */
  readonly p2a?: "open" | "held" | "none";
}

/** An agent's end of a connection. */
export interface ContractAgent {
  /** Sends a command; `room` is what its response may take, where the transport lets an agent choose. */
  send(message: Uint8Array, room?: number): void;
  /** Lets both sides work until nothing is left to do; returns what came meanwhile, in its order. */
  take(): Uint8Array[];
  /** From now on the agent takes nothing of the platform; for agents that connected with `held`. */
  hold(): void;
  /** Takes messages of the platform again. */
  release(): void;
  /** Overwrites the command in service, where the agent can reach it. */
  scribble(): void;
  disconnect(): void;
}

/** A served agent. */
export interface ContractSite {
  connect(options?: AgentOptions): ContractAgent;
  close(): void;
}

/** A transport under test. */
export interface ContractTransport {
  readonly name: string;
  /** How many commands may be on their way at once. */
  readonly inFlightMax: number;
  /** What becomes of a message that is too short for a header. */
  readonly onShortMessage: "unanswered" | "disconnected" | "refused";
  /** Whether an agent chooses the room of each response. */
  readonly agentChoosesRoom: boolean;
  /** Whether an agent can do without messages of the platform. */
  readonly agentMayLackP2a: boolean;
  /** Whether an agent can reach a command while it is served. */
  readonly sharesMemory: boolean;
  /** Serves an agent. `openPort` opens a channel of it; a transport calls it once, or once for each connection. */
  serve(openPort: () => ClosablePort): ContractSite;
}
