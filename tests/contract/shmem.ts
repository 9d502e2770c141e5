// The shmem transport as the contract suite drives it: a real file and a real bell socket, both ends in this thread, the
// event loop stepped.
import { assert } from "@std/assert";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import { connectUnix, UnixConnection } from "../../transports/ffi/unix_socket.ts";
import { MemoryFile, type MemoryWindow, openMemoryFile } from "../../transports/memory/memory_file.ts";
import { listenShmem, type ShmemOptions } from "../../transports/shmem/listener.ts";
import { AREAS_PER_CHANNEL, bellPathOf, CHANNEL_COUNT_MAX, placesOf } from "../../transports/shmem/places.ts";
import { SmtAgentCommands, SmtAgentNotifications } from "../../transports/smt/agent_area.ts";
import { CHANNEL_FREE, STATUS_WORD } from "../../transports/smt/layout.ts";
import type {
  AgentOptions,
  ClosablePort,
  ContractAgent,
  ContractSite,
  ContractTransport,
  ServeOptions,
} from "./transport.ts";

/** Areas of 8192 bytes: the longest message fits, and one that is longer than any. */
const AREA_SIZE = 8192;
/** The areas of a channel are half of its part; the other half is for FastChannels. */
const PARTS_PER_CHANNEL = 2 * AREAS_PER_CHANNEL;

/** The agent's end of one channel: the areas, the bell, and nothing that it does on its own. */
export class ShmemAgent implements ContractAgent {
  readonly commandWindow: MemoryWindow;
  readonly notificationWindow: MemoryWindow;
  readonly #file: MemoryFile;
  readonly #bell: UnixConnection;
  readonly #turn: () => boolean;
  readonly #commands: SmtAgentCommands;
  readonly #notifications: SmtAgentNotifications;
  readonly #waiting: Uint8Array[] = [];
  readonly #rings = new Uint8Array(256);
  #takesNotifications = true;

  readonly #a2pRing: number;
  readonly #p2aRing: number;

  /** Further channels of an agent take the bell of its first. */
  constructor(site: ShmemSite, options: AgentOptions = {}, channel = 0, first: ShmemAgent | null = null) {
    this.#a2pRing = AREAS_PER_CHANNEL * channel;
    this.#p2aRing = this.#a2pRing + 1;
    const file = openMemoryFile(site.path);
    assert(file instanceof MemoryFile, "error" in file ? file.error : "");
    const windows = file.windows(site.places.areas.slice(this.#a2pRing, this.#p2aRing + 1));
    assert(!("error" in windows), "error" in windows ? windows.error : "");
    const bell = first === null ? connectUnix(bellPathOf(site.path), 1 << 16) : first.#bell;
    assert(bell instanceof UnixConnection, "error" in bell ? bell.error : "");
    this.#file = file;
    this.#bell = bell;
    this.#turn = () => site.turn();
    [this.commandWindow, this.notificationWindow] = [windows[0]!, windows[1]!];
    this.#commands = new SmtAgentCommands(this.commandWindow, site.options);
    this.#notifications = new SmtAgentNotifications(this.notificationWindow);
    this.settle();
    if (options.p2a === "held") this.hold();
  }

  /** Whether the platform has closed the connection. */
  get isClosed(): boolean {
    return this.#bell.isPeerClosed;
  }

  send(message: Uint8Array): void {
    this.#waiting.push(message);
    this.#sendNext();
  }

  collect(): Uint8Array[] {
    this.heardRings();
    const response = this.#commands.take();
    const message = this.#takesNotifications ? this.#notifications.take() : null;
    if (message !== null) this.ring(this.#p2aRing);
    this.#sendNext();
    return [response, message].filter((each) => each !== null);
  }

  take(): Uint8Array[] {
    const messages: Uint8Array[] = [];
    for (let isBusy = true; isBusy;) {
      this.settle();
      const came = this.collect();
      messages.push(...came);
      isBusy = came.length > 0;
    }
    return messages;
  }

  /** Rings for areas, whatever is in them. */
  ring(...areaNumbers: number[]): void {
    this.#bell.send(Uint8Array.from(areaNumbers));
  }

  /** Returns the rings of the platform that came meanwhile. */
  heardRings(): number[] {
    const got = this.#bell.receiveBytes(this.#rings);
    return got > 0 ? [...this.#rings.subarray(0, got)] : [];
  }

  /** Lets the platform work until it has nothing left to do. */
  settle(): void {
    while (this.#turn());
  }

  /** As if a message of the platform lay there that the agent has not taken. */
  hold(): void {
    this.#takesNotifications = false;
    Atomics.store(this.notificationWindow.words, STATUS_WORD, 0);
  }

  release(): void {
    this.#takesNotifications = true;
    Atomics.store(this.notificationWindow.words, STATUS_WORD, CHANNEL_FREE);
    this.ring(this.#p2aRing);
  }

  scribble(): void {
    this.commandWindow.bytes.fill(0xff);
  }

  vanish(): void {
    this.#bell.close();
  }

  disconnect(): void {
    this.#bell.close();
    this.settle();
    this.#file.close();
  }

  #sendNext(): void {
    const [message] = this.#waiting;
    if (message === undefined || !this.#commands.send(message)) return;
    this.#waiting.shift();
    this.ring(this.#a2pRing);
  }
}

/** An agent served in a file of its own. */
export class ShmemSite implements ContractSite {
  readonly path: string;
  readonly options: ShmemOptions;
  readonly places: Exclude<ReturnType<typeof placesOf>, { error: string }>;
  /** Lines that the endpoint reported. */
  readonly reports: string[] = [];
  readonly reactor: Reactor;
  readonly #ownsReactor: boolean;
  readonly #directory = Deno.makeTempDirSync();
  readonly #close: () => void;

  constructor(
    openPort: () => ClosablePort,
    options: Partial<ShmemOptions> & Pick<ServeOptions, "reactor" | "areaSize"> = {},
  ) {
    const { reactor, areaSize = AREA_SIZE, ...shmemOptions } = options;
    this.#ownsReactor = reactor === undefined;
    this.reactor = reactor ?? createReactor();
    this.path = `${this.#directory}/agent.mem`;
    const size = areaSize * PARTS_PER_CHANNEL * (options.channelCount ?? 1);
    this.options = { size, ...shmemOptions, path: this.path };
    const places = placesOf(this.options);
    assert(!("error" in places), "error" in places ? places.error : "");
    this.places = places;
    const endpoint = listenShmem(this.reactor, this.options, openPort, (line) => this.reports.push(line));
    assert(!("error" in endpoint), "error" in endpoint ? endpoint.error : "");
    this.#close = () => endpoint.close();
  }

  /** One turn of the platform; returns whether it did anything. */
  turn(): boolean {
    return this.reactor.runOnce(0) > 0;
  }

  connect(options: AgentOptions = {}): ShmemAgent {
    return new ShmemAgent(this, options);
  }

  connectSeveral(): ShmemAgent[] {
    const first = this.connect();
    const others = Array.from(
      { length: (this.options.channelCount ?? 1) - 1 },
      (_, i) => new ShmemAgent(this, {}, i + 1, first),
    );
    return [first, ...others];
  }

  look(): void {}

  close(): void {
    this.#close();
    if (this.#ownsReactor) this.reactor.close();
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

/** Shared memory with a bell socket. */
export const SHMEM: ContractTransport = {
  name: "shmem",
  inFlightMax: 1,
  channelMax: CHANNEL_COUNT_MAX,
  onShortMessage: "refused",
  agentChoosesRoom: false,
  hasAreas: true,
  agentMayLackP2a: false,
  sharesMemory: true,
  serve: (openPort, options) => new ShmemSite(openPort, options),
};
