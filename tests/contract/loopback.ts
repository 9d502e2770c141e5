// The loopback transport as the contract suite drives it.
import { LoopbackChannel } from "../../transports/loopback.ts";
import type { AgentOptions, ClosablePort, ContractAgent, ContractTransport } from "./transport.ts";

/** More messages than any test sends. */
const PLENTY = 1e9;

class LoopbackAgent implements ContractAgent {
  readonly #heard: Uint8Array[] = [];
  #isOpen = true;
  readonly #channels = new Map<number, LoopbackChannel>();

  constructor(readonly port: ClosablePort, readonly options: AgentOptions) {}

  send(message: Uint8Array, room = 4096): void {
    this.#channelOf(room).send(message);
  }

  take(): Uint8Array[] {
    return this.#heard.splice(0);
  }

  collect(): Uint8Array[] {
    return this.take();
  }

  scribble(): void {}

  vanish(): void {}

  hold(): void {}

  release(): void {
    for (const channel of this.#channels.values()) channel.takeMore(PLENTY);
  }

  disconnect(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const channel of this.#channels.values()) channel.close();
    this.port.close();
  }

  /** A loopback channel has one room for all its responses: for another room there is another one on the same port. */
  #channelOf(room: number): LoopbackChannel {
    let channel = this.#channels.get(room);
    if (channel === undefined) {
      const { p2a = "open" } = this.options;
      const isFirst = this.#channels.size === 0;
      const p2aRoom = p2a === "held" ? 0 : PLENTY;
      channel = new LoopbackChannel(this.port, { room, hasP2a: isFirst && p2a !== "none", p2aRoom });
      channel.onMessage = (message) => this.#heard.push(message);
      this.#channels.set(room, channel);
    }
    return channel;
  }
}

/** Loopback. */
export const LOOPBACK: ContractTransport = {
  name: "loopback",
  inFlightMax: 1,
  channelMax: 32,
  onShortMessage: "unanswered",
  agentChoosesRoom: true,
  hasAreas: false,
  agentMayLackP2a: true,
  sharesMemory: false,
  serve: (openPort, { channelCount = 1 } = {}) => ({
    connect: (options = {}) => new LoopbackAgent(openPort(), options),
    connectSeveral: () => Array.from({ length: channelCount }, () => new LoopbackAgent(openPort(), {})),
    look() {},
    close() {},
  }),
};
