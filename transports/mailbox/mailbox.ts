// The `mailbox:` transport: an agent's channels over doorbells and areas that stand in a memory file. All channels are one
// channel to the platform; each serves one message at a time. transports.md 1, 2, 7.3.
import { boundReports } from "../bounded_reports.ts";
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
import { type MemoryWatch, type WatchedMemory, watchMemory } from "../memory/memory_watcher.ts";
import { SmtNotificationArea } from "../smt/notification_area.ts";
import { areaSizeError } from "../smt/layout.ts";
import { SmtCommandArea } from "../smt/smt_area.ts";
import { type DoorbellLayout, doorbellLayout } from "./doorbell_layout.ts";
import { Doorbells } from "./doorbells.ts";
import type { MailboxOptions } from "./options.ts";

/** Different lines that are told about one agent: it can do wrong as often as it likes. */
const REPORT_COUNT_MAX = 16;

/** A mailbox that is served. */
class Mailbox implements Endpoint, WatchedMemory, P2aSink {
  readonly spec: string;
  readonly #file: MemoryFile;
  readonly #port: AgentPort;
  readonly #tell: (text: string) => void;
  readonly #boundTell: (text: string) => void;
  readonly #told = new Set<string>();
  readonly #doorbells: Doorbells;
  readonly #commands: readonly SmtCommandArea[];
  readonly #notifications: SmtNotificationArea | null;
  readonly #fastChannels: FastChannelArea | null;
  /** null: it does not begin to be looked at, or is not any more. */
  #watch: MemoryWatch | null = null;
  /** Which areas for commands were busy at the end of the last look. */
  readonly #wasBusy: boolean[];
  /** Whether the agent has asked for anything since it began. */
  #hasAsked = false;
  #isServing = true;
  #isOpen = true;

  constructor(
    file: MemoryFile,
    windows: Windows,
    options: MailboxOptions,
    port: AgentPort,
    report: (text: string) => void,
  ) {
    this.spec = `mailbox:${file.path}`;
    this.#file = file;
    this.#port = port;
    this.#tell = report;
    this.#boundTell = boundReports(report);
    const layout = doorbellLayout(options.version);
    const slotCount = windows.commands.length + (windows.notifications === null ? 0 : 1);
    this.#doorbells = new Doorbells(windows.registers, layout, slotCount, options.interrupts);
    this.#wasBusy = windows.commands.map(() => false);
    this.#commands = windows.commands.map((window) =>
      new SmtCommandArea(window, port, { report: (text) => this.#report(text) })
    );
    const notificationSlot = windows.commands.length;
    this.#notifications = windows.notifications === null
      ? null
      : new SmtNotificationArea(windows.notifications, port, () => this.#doorbells.ring(notificationSlot));
    this.#initialise();
    this.#doorbells.listen(() => this.#forgetAgent());
    this.#fastChannels = windows.fastChannels === null
      ? null
      : offerFastChannels(windows.fastChannels, [port], {
        ...options.fastChannels,
        isLost: () => file.isTruncated,
      });
  }

  /** Begins to look at the memory. Returns null, or what is wrong; then the mailbox is to be closed. */
  begin(reactor: Reactor): string | null {
    this.#watch = watchMemory(reactor, this, this.#port.service);
    return this.#watch === null ? `${this.spec}: it cannot be watched: raise the limit of open files` : null;
  }

  poll(): boolean {
    const doorbells = this.#doorbells;
    const isCleared = doorbells.isCleared; // the look that finds out that memory is gone
    if (this.#file.isTruncated) {
      // However much else was told of this mailbox: it is the last line.
      this.#tell(
        `${this.spec}: the file was truncated: the mailbox is gone; make the file again and start anew`,
      );
      this.#stop();
      return false;
    }
    if (isCleared) {
      this.#report("the registers were overwritten, or the file was made anew: the mailbox begins anew");
      this.#forgetAgent();
    }
    doorbells.collectRings();
    let hasHappened = doorbells.takeAcknowledgements();
    if (doorbells.takeBegin()) this.#begin();
    // Before messages, which may have been sent afterwards to ask what came of it.
    if (this.#fastChannels?.poll()) {
      hasHappened = true;
      this.#enter();
    }
    const commands = this.#commands;
    // The rings of an agent that is held stay where they are, in its memory.
    for (let slot = 0; slot < commands.length && !this.#port.service.isHeld; slot++) {
      if (!doorbells.takeRing(slot)) continue;
      hasHappened = true;
      this.#enter();
      if (commands[slot]!.serve()) doorbells.ring(slot);
    }
    this.#notifications?.poll();
    doorbells.raiseLines();
    for (let slot = 0; slot < commands.length; slot++) this.#wasBusy[slot] = !commands[slot]!.isFree;
    return hasHappened;
  }

  send(message: MessageBuffer, size: number): P2aResult {
    const result = this.#notifications!.send(message, size);
    if (result === "sent") this.#watch?.expectMessage();
    return result;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stop();
    this.#file.close();
  }

  /** Makes registers and areas what they are after a reset. */
  #initialise(): void {
    this.#doorbells.initialise();
    for (const area of this.#commands) area.initialise();
    this.#notifications?.initialise();
    this.#wasBusy.fill(false);
  }

  /** The agent is there: it has asked for something. */
  #enter(): void {
    if (this.#hasAsked) return;
    this.#hasAsked = true;
    this.#attach();
  }

  #attach(): void {
    if (this.#notifications !== null) this.#port.attach(this);
  }

  /**
   * A driver begins. What the one before had asked for is void; a message that it left unread, and a command that it left half
   * written, would be in the way for ever. What the new one may have written since it began stays.
   */
  #begin(): void {
    if (this.#hasAsked) this.#port.reset();
    this.#hasAsked = false;
    this.#told.clear();
    for (const [slot, area] of this.#commands.entries()) {
      if (this.#wasBusy[slot] && !this.#doorbells.isRinging(slot)) area.initialise();
    }
    this.#notifications?.initialise();
    this.#attach();
  }

  /** The agent is gone, and another one may come. */
  #forgetAgent(): void {
    this.#port.attach(null);
    this.#port.reset();
    this.#hasAsked = false;
    this.#told.clear();
    this.#initialise();
  }

  #stop(): void {
    if (!this.#isServing) return;
    this.#isServing = false;
    this.#watch?.close();
    this.#doorbells.close();
    this.#fastChannels?.close();
    this.#port.attach(null);
    this.#port.reset();
  }

  #report(text: string): void {
    if (this.#told.has(text) || this.#told.size >= REPORT_COUNT_MAX) return;
    this.#told.add(text);
    this.#boundTell(`${this.spec}: ${text}`);
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

/** Bytes that Linux 6.12 may write from the begin of an area, however long that is. */
const AGENT_WRITE_SIZE_MAX = 156;

/** Returns one line about an area past whose end an agent may write into what stands there, or null. */
function neighbourWarning(places: readonly NamedPlace[], { commandOffsets }: MailboxOptions): string | null {
  for (const offset of commandOffsets) {
    const near = places.find((place) =>
      place.offset > offset && place.offset < offset + AGENT_WRITE_SIZE_MAX
    );
    if (near === undefined) continue;
    return `${near.name} at 0x${
      near.offset.toString(16)
    } begins less than ${AGENT_WRITE_SIZE_MAX} bytes behind the ` +
      `command area at 0x${
        offset.toString(16)
      }, and Linux 6.12 may write as many: move it, or make areas larger`;
  }
  return null;
}

/** Maps the parts of the file. */
function openWindows(
  file: MemoryFile,
  places: readonly NamedPlace[],
  { notificationOffset, fastChannels: fastOptions = null }: MailboxOptions,
): Windows | { error: string } {
  const windows = file.windows(places);
  if ("error" in windows) return windows;
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
  const places = placesOf(options, layout);
  const windows = openWindows(file, places, options);
  if ("error" in windows) {
    file.close();
    return windows;
  }
  const mailbox = new Mailbox(file, windows, options, port, report);
  const watchError = mailbox.begin(reactor);
  if (watchError === null) {
    const warning = neighbourWarning(places, options);
    if (warning !== null) report(`${mailbox.spec}: ${warning}`);
    return mailbox;
  }
  mailbox.close();
  return { error: watchError };
}
