// The virtio transport as the contract suite drives it: the project's own front-end and driver in this thread.
import { assert } from "@std/assert";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { listenVhostUser } from "../../transports/vhost_user/vhost_user.ts";
import { ALL_FEATURES, FEATURES, FrontEnd } from "../support/vhost_user_front_end.ts";
import type {
  AgentOptions,
  ClosablePort,
  ContractAgent,
  ContractSite,
  ContractTransport,
} from "./transport.ts";

/** Each command takes two descriptors of the queue. */
const QUEUE_SIZE = 64;
const ROOM = 1024;
const EVENT_ROOM = 136;
const EVENT_BUFFER_COUNT = 16;

class VirtioAgent implements ContractAgent {
  readonly #frontEnd: FrontEnd;
  readonly #received: Uint8Array[] = [];
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
    this.#frontEnd.cmdq.offer(this.#frontEnd.prepare(this.#slot, message, room));
    this.#slot = (this.#slot + 1) % (QUEUE_SIZE / 2);
  }

  take(): Uint8Array[] {
    const { cmdq, eventq } = this.#frontEnd;
    cmdq.submit();
    for (let isBusy = true; isBusy;) {
      this.#frontEnd.settle();
      isBusy = false;
      for (let used = cmdq.take(); used !== null; used = cmdq.take()) {
        const response = this.#frontEnd.memory.read(this.#frontEnd.responseAddress(used.head / 2), used.size);
        if (response.length > 0) this.#received.push(response);
      }
      // As drivers do when they have taken all: the device may be waiting for that.
      isBusy = cmdq.askForCall();
      for (let used = eventq.take(); used !== null; used = eventq.take()) {
        this.#received.push(this.#frontEnd.memory.read(this.#frontEnd.eventAddress(used.head), used.size));
        this.#frontEnd.offerEventBuffer(used.head, EVENT_ROOM);
        isBusy = true;
      }
      eventq.submit();
    }
    return this.#received.splice(0);
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

  disconnect(): void {
    this.#frontEnd.disconnect();
    this.#frontEnd.settle();
    this.#frontEnd.close();
  }
}

class VirtioSite implements ContractSite {
  readonly #reactor = createReactor();
  readonly #directory = Deno.makeTempDirSync();
  readonly #path = `${this.#directory}/agent.sock`;
  readonly #close: () => void;

  constructor(port: ClosablePort) {
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

  close(): void {
    this.#close();
    this.#reactor.close();
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

/** virtio-scmi over vhost-user. */
export const VIRTIO: ContractTransport = {
  name: "virtio",
  inFlightMax: QUEUE_SIZE / 2,
  onShortMessage: "unanswered",
  agentChoosesRoom: true,
  agentMayLackP2a: true,
  sharesMemory: true,
  serve: (openPort) => new VirtioSite(openPort()),
};
