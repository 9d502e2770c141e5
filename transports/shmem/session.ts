// One agent at the bell of the shmem transport: serves the areas it rings for, and rings for what it is to look at. Each
// area is served at most once a turn, and no more areas than a turn may, so that an agent which rings without end cannot hold up
// others.
import type { FastChannelArea } from "../fast_channels/fast_channel_area.ts";
import { READABLE, WRITABLE } from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";
import type { UnixConnection } from "../ffi/unix_socket.ts";
import type { ShmemAreas } from "./areas.ts";
import { Bell } from "./bell.ts";
import { AREAS_PER_CHANNEL } from "./places.ts";

/** A hostile agent must not fill the log. */
const REPORTS_PER_SESSION = 16;

/** Who hears of a session. */
export interface SessionOwner {
  /** The agent is gone, or was sent away; its channels are reset. */
  sessionEnded(isFileLost: boolean): void;
  /** Hears one line for each thing the agent does wrong, a bounded number of them. */
  sessionReported(text: string): void;
}

/** An agent's connection to the bell. */
export class ShmemSession implements ReadyHandler {
  readonly #socket: UnixConnection;
  readonly #reactor: Reactor;
  readonly #areas: ShmemAreas;
  readonly #owner: SessionOwner;
  readonly #bell: Bell;
  readonly #fastChannels: FastChannelArea | null;
  /** The channel that is served first in the next turn. */
  #firstIndex = 0;
  #watched = READABLE;
  #isInTurn = false;
  #isOpen = true;
  #reportCount = 0;

  constructor(socket: UnixConnection, reactor: Reactor, areas: ShmemAreas, owner: SessionOwner) {
    this.#socket = socket;
    this.#reactor = reactor;
    this.#areas = areas;
    this.#owner = owner;
    this.#fastChannels = areas.fastChannels;
    // The areas of messages, then that of the FastChannels.
    this.#bell = new Bell(socket, AREAS_PER_CHANNEL * areas.channels.length + 1);
  }

  /** Begins to listen. False when that cannot be; then the session is of no use. */
  begin(): boolean {
    const { service } = this.#areas.channels[0]!.port;
    if (!this.#reactor.register(this.#socket.fd, READABLE, false, this, service)) return false;
    for (const { port, notifications } of this.#areas.channels) port.attach(notifications);
    return true;
  }

  /** Whether the agent has gone, though the end of its stream may not have been read yet. */
  get isPeerClosed(): boolean {
    return this.#socket.isPeerClosed;
  }

  onReady(events: number): boolean {
    this.#isInTurn = true;
    const isHeard = events === 0 || this.#bell.listen();
    const hasMore = isHeard && this.#serveHeard();
    const goesOn = isHeard && !this.#areas.file.isTruncated && this.#bell.flush();
    this.#isInTurn = false;
    if (goesOn) this.#watch();
    else this.close();
    return goesOn && hasMore;
  }

  /** Looks at the FastChannels, to which agents may write and not ring here. Returns whether there was anything new. */
  pollFastChannels(): boolean {
    return this.#fastChannels !== null && this.#fastChannels.poll();
  }

  /** Rings for an area. The end of a turn sends its rings; outside of a turn that is done at once. */
  ring(areaNumber: number): void {
    this.#bell.ring(areaNumber);
    if (this.#isInTurn) return;
    this.#bell.flush();
    // A turn sees to the rest, be it that the agent is gone: the platform may be in the middle of sending.
    if (this.#bell.isFull) this.#reactor.callAgain(this.#socket.fd);
  }

  /** Hears what the agent does wrong. What a lost file reads like is none of it. */
  report(text: string): void {
    if (this.#areas.file.isTruncated) return;
    if (++this.#reportCount <= REPORTS_PER_SESSION) this.#owner.sessionReported(text);
  }

  /** Ends the connection; nothing is delivered to the agent any more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#reactor.unregister(this.#socket.fd);
    this.#socket.close();
    for (const { port } of this.#areas.channels) {
      port.attach(null);
      port.reset();
    }
    this.#owner.sessionEnded(this.#areas.file.isTruncated);
  }

  /** Serves the areas that were rung for, as many as one turn may. Returns whether more are left. */
  #serveHeard(): boolean {
    const { channels } = this.#areas;
    const { heard } = this.#bell;
    if (this.#bell.unknown >= 0) {
      this.report(`a byte ${this.#bell.unknown} on the bell names no area: 0 to ${heard.length - 1} do`);
      this.#bell.unknown = -1;
    }
    // Before messages, which may have been sent afterwards to ask what came of it.
    this.pollFastChannels();
    const { service } = channels[0]!.port;
    let left = service.turnMessageMax;
    let nextIndex = -1;
    for (let i = 0; i < channels.length; i++) {
      const index = (this.#firstIndex + i) % channels.length;
      const { commands, notifications } = channels[index]!;
      const number = AREAS_PER_CHANNEL * index;
      if (heard[number] !== 0) {
        if (left > 0 && !service.isHeld) {
          left--;
          heard[number] = 0;
          if (commands.serve()) this.#bell.ring(number);
        } else if (nextIndex < 0) nextIndex = index;
      }
      // Any ring is an occasion to look: an agent may free its area and not tell.
      notifications.poll();
    }
    if (nextIndex >= 0) this.#firstIndex = nextIndex;
    return nextIndex >= 0;
  }

  #watch(): void {
    const events = this.#bell.isFull ? READABLE | WRITABLE : READABLE;
    if (events === this.#watched) return;
    this.#watched = events;
    this.#reactor.modify(this.#socket.fd, events, false);
  }
}
