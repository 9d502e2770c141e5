// The smallest transport: an agent in the same process, one call for one message. Tests, the fuzzer and the in-process
// benchmark use it, and it shows what every other transport has to do.
import { HEADER_SIZE } from "../scp/core/header.ts";
import { MESSAGE_SIZE_MAX } from "../scp/core/limits.ts";
import {
  type AgentChannel,
  type AgentPort,
  createMessageBuffer,
  type MessageBuffer,
  type P2aResult,
  type P2aSink,
} from "./channel.ts";

/** What the agent's side of a loopback channel is like. */
export interface LoopbackOptions {
  /** Bytes a response may take, header included; 4096 unless given. */
  readonly room?: number;
  /** Whether the platform can send on its own; true unless given. */
  readonly hasP2a?: boolean;
  /** Notifications and delayed responses the agent can take before it calls `takeMore()`; unbounded unless given. */
  readonly p2aRoom?: number;
}

/** A channel inside the process. */
export class LoopbackChannel implements AgentChannel {
  onMessage: ((message: Uint8Array) => void) | null = null;
  onClose: ((reason: string) => void) | null = null;
  readonly #request = createMessageBuffer(MESSAGE_SIZE_MAX);
  readonly #reply = createMessageBuffer(MESSAGE_SIZE_MAX);
  readonly #room: number;
  #p2aRoom: number;

  constructor(readonly port: AgentPort, options: LoopbackOptions = {}) {
    this.#room = Math.min(options.room ?? MESSAGE_SIZE_MAX, MESSAGE_SIZE_MAX);
    this.#p2aRoom = options.p2aRoom ?? Infinity;
    const sink: P2aSink = { send: (message, size) => this.#take(message, size) };
    if (options.hasP2a ?? true) port.attach(sink);
  }

  /** Sends a command; the response has been given to `onMessage` when this returns. */
  send(message: Uint8Array): void {
    const reply = this.exchange(message);
    if (reply !== null) this.onMessage?.(reply);
  }

  /** Sends a command and returns its response; null = there was none. Longer commands are cut, as transports do. */
  exchange(message: Uint8Array): Uint8Array | null {
    // Cut to a size that no message has: what is too long must not pass for a shorter one.
    const size = message.length <= MESSAGE_SIZE_MAX ? message.length : MESSAGE_SIZE_MAX - 1;
    this.#request.bytes.set(message.subarray(0, size));
    // Bytes that the platform leaves alone show up in tests.
    this.#reply.bytes.fill(0xa5, 0, this.#room);
    const replySize = this.port.serve(this.#request, size, this.#reply, this.#room);
    return replySize >= HEADER_SIZE ? this.#reply.bytes.slice(0, replySize) : null;
  }

  /** Gives the platform room for so many more messages of its own. */
  takeMore(count: number): void {
    this.#p2aRoom += count;
    this.port.p2aReady();
  }

  close(): void {
    this.port.attach(null);
    this.port.reset();
    this.onClose?.("the channel was closed");
  }

  #take(message: MessageBuffer, size: number): P2aResult {
    if (this.#p2aRoom <= 0) return "full";
    this.#p2aRoom--;
    this.onMessage?.(message.bytes.slice(0, size));
    return "sent";
  }
}
