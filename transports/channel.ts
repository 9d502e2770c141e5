// The contract between a transport and the platform. A transport moves whole messages (header and payload); it knows
// the agent of its channel and nothing of protocols. The platform answers each command at once, in place, and sends
// what comes later (delayed responses, notifications) through the sink that the transport attaches. A transport with memory
// that it shares with the agent has FastChannels to offer besides.
import type { SharedAreas } from "../scp/core/shared_area.ts";
import type { Timer } from "../scp/core/timeline.ts";

/** A fixed buffer for one message, with the two views that the message path needs. */
export interface MessageBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Makes a message buffer of a given size in bytes. */
export function createMessageBuffer(size: number): MessageBuffer {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}

/**
 * What became of a message for the agent: `sent`; `full` = no room now, the transport calls `p2aReady()` once there
 * may be; `dropped` = it can never be delivered as it is (the agent's buffer is too small for it).
 */
export type P2aResult = "sent" | "full" | "dropped";

/** The platform-to-agent direction of one channel, implemented by the transport. */
export interface P2aSink {
  /**
   * Sends `message[0, size)`, header included. Never blocks. The transport has copied the bytes when it returns.
   */
  send(message: MessageBuffer, size: number): P2aResult;
}

/** How the commands of an agent are served beside those of others; all channels of the agent share one. */
export interface AgentService {
  /** Who is served first: 0 = what is due by the clock, then agents by their class from 1 on. */
  readonly rank: number;
  /** So many commands of a channel are served in a row at most, before others have their turn. */
  readonly turnMessageMax: number;
  /** Whether the agent has sent more than it may: nothing of it is served for now, its commands wait where they are. */
  readonly isHeld: boolean;
  /** Has a function called, once, when the agent may send again. */
  whenReleased(resume: () => void): void;
}

/** The service of an agent that is treated like any other, and of what belongs to no agent. */
export const PLAIN_SERVICE: AgentService = {
  rank: 2,
  turnMessageMax: 1024,
  isHeld: false,
  whenReleased: (resume) => resume(),
};

/** The service of what is due by the clock: agents of all classes wait for it. */
export const CLOCK_SERVICE: AgentService = { ...PLAIN_SERVICE, rank: 0 };

/**
 * The platform's end of an agent's channel, implemented by the platform. All calls come from the platform's one
 * thread, none from inside `send()`.
 */
export interface AgentPort {
  /** Name of the agent this port belongs to. */
  readonly agentName: string;
  /** How its commands are served beside those of others: what the transport registers its descriptors with. */
  readonly service: AgentService;
  /**
   * Serves one command. `request[0, size)` is a private copy of the message, header included; the response goes to
   * `reply`, of which the agent can take `room` bytes, header included. Returns the size of the response, or 0 when
   * none can be given (`size` or `room` too small even for a header and a status; it is the transport's matter to tell).
   */
  serve(request: MessageBuffer, size: number, reply: MessageBuffer, room: number): number;
  /**
   * Tells which way messages go to the agent; null: none (the channel has no P2A part, or the peer is gone).
   * While it is null the platform refuses notifications and delayed responses, as virtio 1.3, 5.17.6 asks.
   */
  attach(sink: P2aSink | null): void;
  /** Tells that a sink which answered `full` may have room again; the platform sends what it kept. */
  p2aReady(): void;
  /** Tells that the agent's connection ended or its driver was reset: nothing is delivered to it any more. */
  reset(): void;
  /** What a transport may offer that shares memory with the agent; absent: nothing. */
  readonly fastChannels?: FastChannelPort;
  /** What such a transport does offer, set before the first message; null or absent: nothing. */
  sharedAreas?: SharedAreas | null;
}

/** A FastChannel that an agent may have: a command for one domain. */
export interface FastChannelPlan {
  readonly protocolId: number;
  readonly messageId: number;
  readonly domainId: number;
  /** Bytes: one word of 32 bits, or two. */
  readonly size: number;
  /** Whether the agent writes or reads it. */
  readonly isWritten: boolean;
}

/** Who is told of FastChannels, from inside any call of the platform. */
export interface FastChannelListener {
  /** Another thing than before may be there to be read at a place. */
  changed(place: number): void;
  /** Regions may have to be written otherwise, as what the agent may know has changed. */
  regionsChanged(): void;
  /** The agent was reset: what it had written is of no account. */
  reset(): void;
}

/** FastChannels as the platform serves them. None of the calls fails, whatever an agent wrote. */
export interface FastChannelPort {
  /** All that the agent may have, by its ids, whatever it is denied now. What is called a place is one in this list. */
  readonly plans: readonly FastChannelPlan[];
  /** The agent has sent more than it may: what it writes has to wait where it is. */
  readonly isHeld: boolean;
  /**
   * Does what the command would do with these words, if the command were answered with SUCCESS, and nothing otherwise.
   * Returns the status, which the agent is never told.
   */
  write(place: number, words: Uint32Array): number;
  /** Puts what the agent is to read into `words`; zeros where it would be refused. */
  read(place: number, words: Uint32Array): void;
  /** Sets who is told; null: nobody. */
  listen(listener: FastChannelListener | null): void;
  /** Virtual time, us. */
  nowUs(): number;
  /** Runs a task at a virtual time, unless the channel is closed by then. */
  at(timeUs: number, task: () => void): Timer;
}

/** The agent's end of a channel that carries whole messages. */
export interface AgentChannel {
  /** Sends a command, header included. */
  send(message: Uint8Array): void;
  /** Hears every message from the platform; the bytes are the receiver's to keep. Null: messages are dropped. */
  onMessage: ((message: Uint8Array) => void) | null;
  /** Is called once when the channel is lost, with the reason. */
  onClose: ((reason: string) => void) | null;
  close(): void;
}

/** A served address: what `run` prints and closes. */
export interface Endpoint {
  /** The transport specification as design.md writes it, for example `virtio:/run/user/0/scp/rcar/ospm.sock`. */
  readonly spec: string;
  /** Frees descriptors, closes connections, removes its files. */
  close(): void;
}
