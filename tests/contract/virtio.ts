// The virtio transport as the contract suite drives it: the project's own front-end and driver in this thread.
import { assert } from "@std/assert";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import { listenVhostUser } from "../../transports/vhost_user/vhost_user.ts";
import { ALL_FEATURES, FEATURES, FrontEnd } from "../support/vhost_user_front_end.ts";
import type {
  AgentOptions,
  ClosablePort,
  ContractAgent,
  ContractSite,
  ContractTransport,
  ServeOptions,
} from "./transport.ts";

/** Each command takes two descriptors of the queue. */
const QUEUE_SIZE = 128;
const ROOM = 1024;
const EVENT_ROOM = 136;
const EVENT_BUFFER_COUNT = 16;

class VirtioAgent implements ContractAgent {
  readonly #frontEnd: FrontEnd;
  /** Commands that wait for a free slot of the queue. */
  readonly #waiting: { readonly message: Uint8Array; readonly room: number }[] = [];
  #inFlightCount = 0;
  #slot = 0;

  constructor(path: string, turn: () => boolean, options: AgentOptions) {
    const { p2a = "open" } = options;
    const features = p2a === "none" ? ALL_FEATURES & ~FEATURES.p2a : ALL_FEATURES;
    this.#frontEnd = FrontEnd.connect(path, { turn, features, queueSize: QUEUE_SIZE });
    this.#frontEnd.negotiate();
    this.#frontEnd.startDevice();
    if (p2a === "open") this.release();
  }

  send(message: Uint8Array, room = ROOM): void {
    this.#waiting.push({ message, room });
    this.#offer();
    this.#frontEnd.cmdq.submit();
  }

  collect(): Uint8Array[] {
    const messages: Uint8Array[] = [];
    this.#receive(messages);
    return messages;
  }

  take(): Uint8Array[] {
    const messages: Uint8Array[] = [];
    do this.#frontEnd.settle(); while (this.#receive(messages));
    return messages;
  }

  hold(): void {}

  release(): void {
    this.#frontEnd.fillEventq(EVENT_BUFFER_COUNT, EVENT_ROOM);
  }

  scribble(): void {
    const junk = new Uint8Array(64).fill(0xff);
    for (let slot = 0; slot < QUEUE_SIZE / 2; slot++) {
      this.#frontEnd.memory.write(this.#frontEnd.requestAddress(slot), junk);
    }
  }

  vanish(): void {
    this.#frontEnd.disconnect();
  }

  disconnect(): void {
    this.#frontEnd.disconnect();
    this.#frontEnd.settle();
    this.#frontEnd.close();
  }

  /** Offers what waits, as far as there are slots. Returns whether that was anything. */
  #offer(): boolean {
    const before = this.#waiting.length;
    while (this.#inFlightCount < QUEUE_SIZE / 2 && this.#waiting.length > 0) {
      const { message, room } = this.#waiting.shift()!;
      this.#frontEnd.cmdq.offer(this.#frontEnd.prepare(this.#slot, message, room));
      this.#slot = (this.#slot + 1) % (QUEUE_SIZE / 2);
      this.#inFlightCount++;
    }
    return this.#waiting.length < before;
  }

  /** Takes what the device has used and gives it the buffers again. Returns whether there is more to wait for. */
  #receive(messages: Uint8Array[]): boolean {
    const { cmdq, eventq, memory } = this.#frontEnd;
    for (let used = cmdq.take(); used !== null; used = cmdq.take()) {
      this.#inFlightCount--;
      const response = memory.read(this.#frontEnd.responseAddress(used.head / 2), used.size);
      if (response.length > 0) messages.push(response);
    }
    // As drivers do when they have taken all: the device may be waiting for that.
    let isBusy = cmdq.askForCall();
    if (this.#offer()) isBusy = true;
    cmdq.submit();
    for (let used = eventq.take(); used !== null; used = eventq.take()) {
      messages.push(memory.read(this.#frontEnd.eventAddress(used.head), used.size));
      this.#frontEnd.offerEventBuffer(used.head, EVENT_ROOM);
      isBusy = true;
    }
    eventq.submit();
    return isBusy;
  }
}

class VirtioSite implements ContractSite {
  readonly #reactor: Reactor;
  readonly #ownsReactor: boolean;
  readonly #directory = Deno.makeTempDirSync();
  readonly #path = `${this.#directory}/agent.sock`;
  readonly #close: () => void;

  constructor(port: ClosablePort, { reactor, channelCount = 1 }: ServeOptions = {}) {
    assert(channelCount === 1, "a device has one queue for commands");
    this.#ownsReactor = reactor === undefined;
    this.#reactor = reactor ?? createReactor();
    const endpoint = listenVhostUser(this.#reactor, this.#path, port);
    assert(!("error" in endpoint), "error" in endpoint ? endpoint.error : "");
    this.#close = () => {
      endpoint.close();
      port.close();
    };
  }

  connect(options: AgentOptions = {}): VirtioAgent {
    return new VirtioAgent(this.#path, () => this.#reactor.runOnce(0) > 0, options);
  }

  connectSeveral(): VirtioAgent[] {
    return [this.connect()];
  }

  look(): void {}

  close(): void {
    this.#close();
    if (this.#ownsReactor) this.#reactor.close();
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

/** virtio-scmi over vhost-user. */
export const VIRTIO: ContractTransport = {
  name: "virtio",
  inFlightMax: QUEUE_SIZE / 2,
  channelMax: 1,
  onShortMessage: "unanswered",
  agentChoosesRoom: true,
  hasAreas: false,
  agentMayLackP2a: true,
  sharesMemory: true,
  serve: (openPort, options) => new VirtioSite(openPort(), options),
};
