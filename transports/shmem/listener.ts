// The `shmem:` transport: message areas in a shared file, with a Unix stream socket beside it as doorbell, for agents on
// this host: simulators, C tools, whatever can map a file. One agent at a time: a second one is turned away while the
// first is there. A file that is truncated meanwhile costs the agent its connection, not more. design.md 2.
import { boundReports } from "../bounded_reports.ts";
import type { Endpoint } from "../channel.ts";
import { fastChannelsError } from "../fast_channels/fast_channel_area.ts";
import { READABLE } from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";
import { listenUnix, UnixListener } from "../ffi/unix_socket.ts";
import { type MemoryWatch, watchMemory } from "../memory/memory_watcher.ts";
import type { ConnectionPort } from "../message/connection.ts";
import { type AreasOptions, type AreasOwner, openAreas, ShmemAreas } from "./areas.ts";
import { bellPathOf, placesOf, type ShmemPlaces, type ShmemShape } from "./places.ts";
import { type SessionOwner, ShmemSession } from "./session.ts";

/** What is served where. */
export interface ShmemOptions extends ShmemShape, AreasOptions {
  /** The file; it is made when there is none, for its owner only, and then removed at the end. */
  readonly path: string;
}

class ShmemEndpoint implements Endpoint, ReadyHandler, SessionOwner, AreasOwner {
  readonly spec: string;
  readonly #options: ShmemOptions;
  readonly #places: ShmemPlaces;
  readonly #reactor: Reactor;
  readonly #listener: UnixListener;
  readonly #ports: readonly ConnectionPort[];
  readonly #report: (text: string) => void;
  /** null: the file was lost and could not be opened again yet. */
  #areas: ShmemAreas | null = null;
  /** Looks at the FastChannels while an agent is there; null: there are none. */
  #watch: MemoryWatch | null = null;
  #session: ShmemSession | null = null;
  #isClosed = false;

  constructor(
    reactor: Reactor,
    listener: UnixListener,
    options: ShmemOptions,
    places: ShmemPlaces,
    ports: readonly ConnectionPort[],
    report: (text: string) => void,
  ) {
    this.spec = `shmem:${options.path}`;
    this.#reactor = reactor;
    this.#listener = listener;
    this.#options = options;
    this.#places = places;
    this.#ports = ports;
    this.#report = boundReports(report);
  }

  /** Opens the file and begins to take connections. Returns null, or what is wrong. */
  begin(): string | null {
    const error = this.#open() ?? this.#watchFastChannels();
    if (error === null && this.#reactor.register(this.#listener.fd, READABLE, false, this)) return null;
    this.#watch?.close();
    this.#areas?.close();
    return error ?? `Cannot watch the socket ${this.#listener.path}: raise the limit of epoll watches`;
  }

  onReady(_events: number): boolean {
    // The session keeps its own output.
    const socket = this.#listener.accept(0);
    if (socket === null) return false;
    // The end of the former connection may be known to the kernel, but not yet to its session.
    if (this.#session?.isPeerClosed) this.#session.close();
    const refusal = this.#session === null ? this.#open() : "one is connected";
    if (refusal !== null || this.#areas === null) {
      socket.close();
      this.#say(`an agent was turned away: ${refusal}`);
      return false;
    }
    const session = new ShmemSession(socket, this.#reactor, this.#areas, this);
    if (session.begin()) {
      this.#session = session;
      this.#watch?.expectMessage();
    } else {
      socket.close();
      this.#say("an agent was turned away: it cannot be watched, raise the limit of epoll watches");
    }
    return false;
  }

  ring(areaNumber: number): void {
    this.#session?.ring(areaNumber);
  }

  /** Hears what an agent does wrong with an area: its session bounds that. */
  report(text: string): void {
    this.#session?.report(text);
  }

  sessionReported(text: string): void {
    this.#say(text);
  }

  sessionEnded(isFileLost: boolean): void {
    this.#session = null;
    this.#watch?.pause();
    if (!isFileLost) return this.#areas?.initialise();
    const error = this.#isClosed ? null : this.#open();
    this.#say(`connection closed: the file was truncated${error === null ? "" : `; ${error}`}`);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#session?.close();
    this.#reactor.unregister(this.#listener.fd);
    this.#listener.close();
    this.#watch?.close();
    this.#areas?.close();
    this.#areas = null;
    for (const port of this.#ports) port.close();
  }

  /** Sees to it that the areas are there. Returns null, or what is wrong. */
  #open(): string | null {
    if (this.#areas?.file.isTruncated) {
      this.#areas.close();
      this.#areas = null;
    }
    if (this.#areas !== null) return null;
    const areas = openAreas(this.#options.path, this.#places, this.#ports, this.#options, this);
    if (!(areas instanceof ShmemAreas)) return areas.error;
    this.#areas = areas;
    return null;
  }

  /** Has the FastChannels watched for as long as the endpoint is there. Returns null, or what is wrong. */
  #watchFastChannels(): string | null {
    const fastChannels = this.#areas?.fastChannels ?? null;
    if (fastChannels === null || fastChannels.layout.slots.length === 0) return null;
    const memory = { poll: () => this.#session?.pollFastChannels() ?? false };
    this.#watch = watchMemory(this.#reactor, memory, this.#ports[0]!.service);
    if (this.#watch === null) return `Cannot watch ${this.#options.path}: raise the limit of open files`;
    this.#watch.pause();
    return null;
  }

  #say(text: string): void {
    this.#report(`${this.spec}: ${text}`);
  }
}

/**
 * Serves an agent in a file. `openPort` opens a channel of the agent for each channel of the file. `report` gets one line
 * for each thing an agent does wrong, a bounded number of them. An error is one line with the path and what to do.
 */
export function listenShmem(
  reactor: Reactor,
  options: ShmemOptions,
  openPort: () => ConnectionPort,
  report: (text: string) => void = () => {},
): Endpoint | { error: string } {
  const places = placesOf(options);
  if ("error" in places) return { error: `Cannot share ${options.path}: ${places.error}` };
  const fastError = fastChannelsError(places.fastChannels.offset, options.fastChannels ?? {});
  if (fastError !== null) return { error: `Cannot share ${options.path}: ${fastError}` };
  // The bell first: nobody touches a file that somebody else serves.
  const listener = listenUnix(bellPathOf(options.path));
  if (!(listener instanceof UnixListener)) return listener;
  const ports = Array.from({ length: options.channelCount ?? 1 }, openPort);
  const endpoint = new ShmemEndpoint(reactor, listener, options, places, ports, report);
  const error = endpoint.begin();
  if (error === null) return endpoint;
  listener.close();
  for (const port of ports) port.close();
  return { error };
}
