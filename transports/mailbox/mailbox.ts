// The `mailbox:` transport: an agent's channels over doorbells and areas that stand in a memory file. All channels are one
// channel to the platform; each serves one message at a time. transports.md 1, 2, 7.3.
import type { AgentPort, Endpoint, MessageBuffer, P2aResult, P2aSink } from "../channel.ts";
import {
  type FastChannelArea,
  fastChannelsError,
  offerFastChannels,
} from "../fast_channels/fast_channel_area.ts";
import { FAST_AREA_SIZE } from "../fast_channels/layout.ts";
import type { Reactor } from "../ffi/reactor.ts";
import {
  type MemoryFile,
  type MemoryWindow,
  type NamedPlace,
  openMemoryFile,
  overlapOf,
} from "../memory/memory_file.ts";
import { SmtNotificationArea } from "../smt/notification_area.ts";
import { areaSizeError } from "../smt/layout.ts";
import { SmtCommandArea } from "../smt/smt_area.ts";
import { type DoorbellLayout, doorbellLayout } from "./doorbell_layout.ts";
import { Doorbells } from "./doorbells.ts";
import { type MemoryWatcher, unwatchMemory, type WatchedMemory, watchMemory } from "./memory_watcher.ts";
import type { MailboxOptions } from "./options.ts";

/** Different lines that are told about one mailbox: an agent can do wrong as often as it likes. */
const REPORT_COUNT_MAX = 16;

/** A mailbox that is served. */
class Mailbox implements Endpoint, WatchedMemory, P2aSink {
  readonly spec: string;
  readonly #reactor: Reactor;
  readonly #file: MemoryFile;
  readonly #port: AgentPort;
  readonly #tell: (text: string) => void;
  readonly #told = new Set<string>();
  readonly #doorbells: Doorbells;
  readonly #commands: readonly SmtCommandArea[];
  readonly #notifications: SmtNotificationArea | null;
  readonly #fastChannels: FastChannelArea | null;
  readonly #watcher: MemoryWatcher;
  #isServing = true;
  #isOpen = true;

  constructor(
    reactor: Reactor,
    file: MemoryFile,
    windows: Windows,
    options: MailboxOptions,
    port: AgentPort,
    report: (text: string) => void,
  ) {
    this.spec = `mailbox:${file.path}`;
    this.#reactor = reactor;
    this.#file = file;
    this.#port = port;
    this.#tell = report;
    const layout = doorbellLayout(options.version);
    this.#doorbells = new Doorbells(windows.registers, layout, options.interrupts);
    this.#commands = windows.commands.map((window) =>
      new SmtCommandArea(window, port, { report: (text) => this.#report(text) })
    );
    const notificationSlot = windows.commands.length;
    this.#notifications = windows.notifications === null
      ? null
      : new SmtNotificationArea(windows.notifications, port, () => this.#doorbells.ring(notificationSlot));
    this.#initialise();
    this.#doorbells.listen(() => this.#restart());
    this.#fastChannels = windows.fastChannels === null
      ? null
      : offerFastChannels(windows.fastChannels, [port], {
        ...options.fastChannels,
        isLost: () => file.isTruncated,
      });
    this.#watcher = watchMemory(reactor, this);
  }

  poll(): boolean {
    if (this.#file.isTruncated) {
      this.#report("the file was truncated: the mailbox is gone; make the file again and start anew");
      this.#stop();
      return false;
    }
    let hasHappened = this.#doorbells.takeAcknowledgements();
    // Before messages, which may have been sent afterwards to ask what came of it.
    if (this.#fastChannels?.poll()) hasHappened = true;
    const commands = this.#commands;
    // The rings of an agent that is held stay where they are, in its memory.
    for (let slot = 0; slot < commands.length && !this.#port.service.isHeld; slot++) {
      if (!this.#doorbells.takeRing(slot)) continue;
      hasHappened = true;
      if (commands[slot]!.serve().wantsInterrupt) this.#doorbells.ring(slot);
    }
    this.#notifications?.poll();
    return hasHappened;
  }

  send(message: MessageBuffer, size: number): P2aResult {
    const result = this.#notifications!.send(message, size);
    if (result === "sent") this.#watcher.expectMessage();
    return result;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stop();
    this.#file.close();
  }

  /** Makes registers and areas what they are after a reset, and takes the agent for one that has asked for nothing yet. */
  #initialise(): void {
    this.#doorbells.initialise();
    for (const area of this.#commands) area.initialise();
    this.#notifications?.initialise();
    this.#port.attach(this.#notifications === null ? null : this);
  }

  /** Begins anew for another guest: the one before may have left a message unread, or a command half written. */
  #restart(): void {
    this.#port.reset();
    this.#initialise();
  }

  #stop(): void {
    if (!this.#isServing) return;
    this.#isServing = false;
    unwatchMemory(this.#reactor, this);
    this.#doorbells.close();
    this.#fastChannels?.close();
    this.#port.attach(null);
    this.#port.reset();
  }

  #report(text: string): void {
    if (this.#told.has(text) || this.#told.size >= REPORT_COUNT_MAX) return;
    this.#told.add(text);
    this.#tell(`${this.spec}: ${text}`);
  }
}

/** The parts of the file. */
interface Windows {
  readonly registers: MemoryWindow;
  readonly commands: readonly MemoryWindow[];
  readonly notifications: MemoryWindow | null;
  readonly fastChannels: MemoryWindow | null;
}

/** The parts of the file as they are asked for: registers, commands, notifications, FastChannels. */
function placesOf(options: MailboxOptions, layout: DoorbellLayout): NamedPlace[] {
  const { mhuOffset, commandOffsets, notificationOffset, areaSize: size, fastChannels = null } = options;
  return [
    { name: "the MHU", offset: mhuOffset, size: layout.size },
    ...commandOffsets.map((offset) => ({ name: "a command area", offset, size })),
    ...(notificationOffset === null
      ? []
      : [{ name: "the notification area", offset: notificationOffset, size }]),
    ...(fastChannels === null
      ? []
      : [{ name: "the FastChannels", offset: fastChannels.offset, size: FAST_AREA_SIZE }]),
  ];
}

/** Returns what is wrong with the options by themselves, or null. */
function optionsError(options: MailboxOptions, layout: DoorbellLayout): string | null {
  const { version, commandOffsets, notificationOffset, areaSize, fastChannels = null } = options;
  if (commandOffsets.length === 0) return "no area for commands is given: give one";
  const slotCount = commandOffsets.length + (notificationOffset === null ? 0 : 1);
  if (slotCount > layout.slots.length) {
    return `${slotCount} areas need as many doorbells, and MHUv${version} has ${layout.slots.length} here: ` +
      "give fewer areas or another version";
  }
  const fastError = fastChannels === null ? null : fastChannelsError(fastChannels.offset, fastChannels);
  return areaSizeError(areaSize) ?? fastError ?? overlapOf(placesOf(options, layout));
}

/** Maps the parts of the file. */
function openWindows(
  file: MemoryFile,
  places: readonly NamedPlace[],
  { notificationOffset, fastChannels: fastOptions = null }: MailboxOptions,
): Windows | { error: string } {
  const windows: MemoryWindow[] = [];
  for (const { name, offset, size } of places) {
    const window = file.window(offset, size);
    if ("error" in window) return { error: `${window.error} (${name})` };
    windows.push(window);
  }
  const [registers, ...areas] = windows;
  const fastChannels = fastOptions === null ? null : areas.pop()!;
  const notifications = notificationOffset === null ? null : areas.pop()!;
  return { registers: registers!, commands: areas, notifications, fastChannels };
}

/**
 * Serves an agent at a mailbox in a memory file. The registers and areas are made what they are after a reset, so an
 * agent may look for them only afterwards. `report` gets one line for each thing an agent does wrong, a bounded number of them.
 * An error is one line that says what is wrong and what to do.
 */
export function listenMailbox(
  reactor: Reactor,
  options: MailboxOptions,
  port: AgentPort,
  report: (text: string) => void = () => {},
): Endpoint | { error: string } {
  const layout = doorbellLayout(options.version);
  const error = optionsError(options, layout);
  if (error !== null) return { error: `mailbox:${options.path}: ${error}` };
  const { path, createSize } = options;
  const file = openMemoryFile(path, createSize === null ? {} : { createSize });
  if ("error" in file) return file;
  const windows = openWindows(file, placesOf(options, layout), options);
  if ("error" in windows) {
    file.close();
    return windows;
  }
  return new Mailbox(reactor, file, windows, options, port, report);
}
