// What the contract suite needs of a transport: a place where an agent is served and connections to it, without a clock
// and without waiting. Each transport has an adapter beside this file.
import type { AgentPort } from "../../transports/channel.ts";
import type { Reactor } from "../../transports/ffi/reactor.ts";

/** A port as transports with a channel per connection take it; the others never close it. */
export interface ClosablePort extends AgentPort {
  close(): void;
}

/** What an agent's connection is like. */
export interface AgentOptions {
  /** `open`: messages of the platform are taken; `held`: not until `release()`; `none`: there is no such direction. */
  readonly p2a?: "open" | "held" | "none";
}

/** How an agent is served. */
export interface ServeOptions {
  /** An event loop that several agents share, where the transport needs one; one of its own unless given. */
  readonly reactor?: Reactor;
  /** Bytes of an area, where the transport has areas; enough for every message unless given. */
  readonly areaSize?: number;
  /** Channels that `connectSeveral` gives; 1 unless given, `channelMax` of the transport at most. */
  readonly channelCount?: number;
}

/** An agent's end of a channel. */
export interface ContractAgent {
  /**
   * Sends a command, or keeps it until the channel has room for it; `room` is what its response may take, where the
   * transport lets an agent choose.
   */
  send(message: Uint8Array, room?: number): void;
  /** Returns what has come already and sends what was kept; the platform does not get to work meanwhile. */
  collect(): Uint8Array[];
  /** Lets both sides work until nothing is left to do; returns what came meanwhile, in its order. */
  take(): Uint8Array[];
  /** From now on the agent takes nothing of the platform; for agents that connected with `held`. */
  hold(): void;
  /** Takes messages of the platform again. */
  release(): void;
  /** Overwrites the command in service, where the agent can reach it. */
  scribble(): void;
  /** Goes at once: the platform does not get to work, and `disconnect` is still to follow. */
  vanish(): void;
  /** Goes; a second time does nothing. */
  disconnect(): void;
}

/** A served agent. */
export interface ContractSite {
  connect(options?: AgentOptions): ContractAgent;
  /** Connects an agent with several channels, as many as it is served with; to be disconnected one by one. */
  connectSeveral(): ContractAgent[];
  /** Has the platform look where nobody tells it to, as it does by and by. */
  look(): void;
  close(): void;
}

/** A transport under test. */
export interface ContractTransport {
  readonly name: string;
  /** How many commands of a channel may be on their way at once; more are kept by the agent. */
  readonly inFlightMax: number;
  /** How many channels an agent may have. */
  readonly channelMax: number;
  /** What becomes of a message that is too short for a header. */
  readonly onShortMessage: "unanswered" | "disconnected" | "refused";
  /** Whether an agent chooses the room of each response. */
  readonly agentChoosesRoom: boolean;
  /** Whether messages lie in areas, whose size limits them. */
  readonly hasAreas: boolean;
  /** Whether an agent can do without messages of the platform. */
  readonly agentMayLackP2a: boolean;
  /** Whether an agent can reach a command while it is served. */
  readonly sharesMemory: boolean;
  /** Serves an agent. `openPort` opens a channel of it; a transport calls it once, or once for each connection. */
  serve(openPort: () => ClosablePort, options?: ServeOptions): ContractSite;
}
