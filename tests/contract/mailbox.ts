// The mailbox transport as the contract suite drives it: a real memory file, mapped twice, the agent storing to the
// registers of an MHU as a driver does, both ends in this thread, the event loop stepped.
import { assert } from "@std/assert";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import type { InterruptLine } from "../../transports/gpio/interrupt_line.ts";
import { doorbellLayout } from "../../transports/mailbox/doorbell_layout.ts";
import { listenMailbox } from "../../transports/mailbox/mailbox.ts";
import { findWatcher } from "../../transports/memory/memory_watcher.ts";
import type { MailboxOptions } from "../../transports/mailbox/options.ts";
import { MemoryFile, type MemoryWindow, openMemoryFile } from "../../transports/memory/memory_file.ts";
import { SmtAgentCommands, SmtAgentNotifications } from "../../transports/smt/agent_area.ts";
import { CHANNEL_FREE, STATUS_WORD } from "../../transports/smt/layout.ts";
import type {
  AgentOptions,
  ClosablePort,
  ContractAgent,
  ContractSite,
  ContractTransport,
} from "./transport.ts";

/** The registers of a slot as a driver finds them. */
interface SlotRegisters {
  readonly set: number;
  readonly status: number;
  readonly clear: number;
  /** Where the driver stores when it opens the channel. */
  readonly begin: number;
}

function registersOf(version: 1 | 2 | 3, slot: number): SlotRegisters {
  switch (version) {
    case 1: {
      const start = [0x000, 0x020, 0x200][slot]!;
      return { set: start + 0x108, status: start, clear: start + 0x010, begin: start + 0x010 };
    }
    case 2:
      return {
        set: slot * 0x20 + 0x00c,
        status: slot * 0x20 + 0x1004,
        clear: slot * 0x20 + 0x1008,
        begin: slot * 0x20 + 0x1018,
      };
    case 3:
      return {
        set: slot * 0x20 + 0x100c,
        status: slot * 0x20 + 0x11004,
        clear: slot * 0x20 + 0x11008,
        begin: slot * 0x20 + 0x1018,
      };
  }
}

const FILE_SIZE = 0x60000;
const MHU_OFFSET = 0x1000;
/** Areas of 8192 bytes: the longest message fits, and one that is longer than any. */
const AREA_SIZE = 0x2000;
const COMMAND_OFFSET = 0x30000;
const NOTIFICATION_OFFSET = 0x34000;
/** Areas of further channels. */
const MORE_COMMANDS_OFFSET = 0x40000;

/** Where a mailbox of these tests lies, unless they want it elsewhere. */
export function mailboxOptions(path: string, version: 1 | 2 | 3): MailboxOptions {
  return {
    path,
    createSize: FILE_SIZE,
    version,
    mhuOffset: MHU_OFFSET,
    commandOffsets: [COMMAND_OFFSET],
    notificationOffset: NOTIFICATION_OFFSET,
    areaSize: AREA_SIZE,
    interrupts: [],
  };
}

/** An interrupt line that remembers. */
export class TestLine implements InterruptLine {
  beforeSample: (() => void) | null = null;
  onGuestLost: (() => void) | null = null;
  isHigh = false;
  /** How often it went up. */
  edgeCount = 0;

  raise(): void {
    if (!this.isHigh) this.edgeCount++;
    this.isHigh = true;
  }

  lower(): void {
    this.isHigh = false;
  }
}

/** An agent's mapping of the file, and the loads and stores of its driver. It sends on one channel. */
export class MailboxAgent implements ContractAgent {
  readonly registers: MemoryWindow;
  readonly areas: readonly MemoryWindow[];
  readonly #file: MemoryFile;
  readonly #version: 1 | 2 | 3;
  readonly #site: MailboxSite;
  readonly #close: () => void;
  readonly #commands: readonly SmtAgentCommands[];
  readonly #notifications: SmtAgentNotifications | null;
  readonly #channel: number;
  readonly #waiting: Uint8Array[] = [];
  #takesNotifications = true;

  constructor(site: MailboxSite, options: MailboxOptions, close: () => void, channel = 0) {
    this.#channel = channel;
    const file = openMemoryFile(options.path);
    assert(file instanceof MemoryFile, "error" in file ? file.error : "");
    const { version, mhuOffset, commandOffsets, notificationOffset, areaSize: size } = options;
    const windows = file.windows([
      { offset: mhuOffset, size: doorbellLayout(version).size },
      ...commandOffsets.map((offset) => ({ offset, size })),
      ...(notificationOffset === null ? [] : [{ offset: notificationOffset, size }]),
    ]);
    assert(!("error" in windows), "error" in windows ? windows.error : "");
    this.#file = file;
    this.#site = site;
    this.#close = close;
    this.#version = version;
    this.registers = windows[0]!;
    this.areas = windows.slice(1);
    this.#commands = this.areas.slice(0, commandOffsets.length).map((area) => new SmtAgentCommands(area));
    // What the platform sends itself is the first channel's.
    this.#notifications = notificationOffset === null || channel > 0
      ? null
      : new SmtAgentNotifications(this.areas[commandOffsets.length]!);
  }

  /** The slot of the platform's own messages. */
  get notificationSlot(): number {
    return this.#commands.length;
  }

  send(message: Uint8Array): void {
    this.#waiting.push(message);
    this.#sendNext();
  }

  /** Writes a command to an area; the caller rings. */
  write(slot: number, message: Uint8Array): boolean {
    return this.#commands[slot]!.send(message);
  }

  /** Returns the response in an area. */
  response(slot: number): Uint8Array | null {
    return this.#commands[slot]!.take();
  }

  /** Stores to SET. */
  ring(slot = 0, value = 1): void {
    Atomics.store(this.registers.words, registersOf(this.#version, slot).set >>> 2, value);
  }

  /** Reads the status that the agent's interrupt handler looks at. */
  status(slot: number): number {
    return Atomics.load(this.registers.words, registersOf(this.#version, slot).status >>> 2);
  }

  /** Stores to CLEAR. */
  clear(slot: number, value = 1): void {
    Atomics.store(this.registers.words, registersOf(this.#version, slot).clear >>> 2, value);
  }

  collect(): Uint8Array[] {
    for (let slot = 0; slot <= this.#commands.length; slot++) {
      if (this.status(slot) !== 0) this.clear(slot);
    }
    const response = this.#commands[this.#channel]!.take();
    const message = this.#takesNotifications ? this.#notifications?.take() ?? null : null;
    this.#sendNext();
    return [response, message].filter((each) => each !== null);
  }

  /** Stores what a driver does when it opens a channel. */
  begin(slot = 0): void {
    Atomics.store(this.registers.words, registersOf(this.#version, slot).begin >>> 2, 1);
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

  /** Lets the platform look at memory until nothing has happened for a while. */
  settle(): void {
    this.#site.settle();
  }

  /** As if a message of the platform lay there that the agent has not taken. */
  hold(): void {
    this.#takesNotifications = false;
    Atomics.store(this.areas[this.notificationSlot]!.words, STATUS_WORD, 0);
  }

  release(): void {
    this.#takesNotifications = true;
    Atomics.store(this.areas[this.notificationSlot]!.words, STATUS_WORD, CHANNEL_FREE);
  }

  scribble(): void {
    this.areas[0]!.bytes.fill(0xff);
  }

  /** Does nothing: memory does not tell. */
  vanish(): void {}

  disconnect(): void {
    this.#close();
    this.#file.close();
  }

  #sendNext(): void {
    const [message] = this.#waiting;
    if (message === undefined || !this.#commands[this.#channel]!.send(message)) return;
    this.#waiting.shift();
    this.ring(this.#channel);
  }
}

/** Mailboxes in a directory of their own. Memory knows no connections: each agent has a mailbox made for it. */
export class MailboxSite implements ContractSite {
  readonly path: string;
  /** Lines that were reported. */
  readonly reports: string[] = [];
  readonly reactor: Reactor;
  readonly #ownReactor: Reactor | null;
  readonly #directory = Deno.makeTempDirSync();
  readonly #open = new Set<() => void>();

  /** Several sites may share an event loop: the first one's, which is closed last. */
  constructor(
    readonly openPort: () => ClosablePort,
    readonly version: 1 | 2 | 3,
    readonly changes: Partial<MailboxOptions> = {},
    reactor: Reactor | null = null,
  ) {
    this.#ownReactor = reactor === null ? createReactor() : null;
    this.reactor = reactor ?? this.#ownReactor!;
    this.path = `${this.#directory}/guest.mem`;
  }

  connect(options: AgentOptions = {}): MailboxAgent {
    return this.#connect(options)[0]!;
  }

  connectSeveral(): MailboxAgent[] {
    return this.#connect({});
  }

  look(): void {
    findWatcher(this.reactor)?.expectMessage();
  }

  settle(): void {
    this.look();
    while (this.reactor.runOnce(0) > 0);
  }

  close(): void {
    for (const close of this.#open) close();
    this.#ownReactor?.close();
    Deno.removeSync(this.#directory, { recursive: true });
  }

  #connect({ p2a = "open" }: AgentOptions): MailboxAgent[] {
    const base = { ...mailboxOptions(this.path, this.version), ...this.changes };
    const options = p2a === "none" ? { ...base, notificationOffset: null } : base;
    const port = this.openPort();
    const endpoint = listenMailbox(this.reactor, options, port, (line) => this.reports.push(line));
    assert(!("error" in endpoint), "error" in endpoint ? endpoint.error : "");
    const close = () => {
      if (!this.#open.delete(close)) return;
      endpoint.close();
      port.close();
    };
    this.#open.add(close);
    const agents = options.commandOffsets.map((_, channel) =>
      new MailboxAgent(this, options, close, channel)
    );
    if (p2a === "held") agents[0]!.hold();
    return agents;
  }
}

function mailboxOf(version: 1 | 2 | 3): ContractTransport {
  return {
    name: `mailbox (MHUv${version})`,
    inFlightMax: 1,
    // The last doorbell is that of the platform's own messages.
    channelMax: doorbellLayout(version).slots.length - 1,
    onShortMessage: "refused",
    agentChoosesRoom: false,
    hasAreas: true,
    agentMayLackP2a: true,
    sharesMemory: true,
    serve: (openPort, { reactor, areaSize = AREA_SIZE, channelCount = 1 } = {}) => {
      const commandOffsets = [COMMAND_OFFSET];
      while (commandOffsets.length < channelCount) {
        commandOffsets.push(MORE_COMMANDS_OFFSET + (commandOffsets.length - 1) * AREA_SIZE);
      }
      return new MailboxSite(openPort, version, { commandOffsets, areaSize }, reactor ?? null);
    },
  };
}

/** Doorbells and areas in a memory file. */
export const MAILBOXES: readonly ContractTransport[] = [mailboxOf(1), mailboxOf(2), mailboxOf(3)];
