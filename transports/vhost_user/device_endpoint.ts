// A virtio device served at a Unix socket by vhost-user: takes one front-end at a time and gives each a device of its
// own. A second front-end is turned away while the first is there, since a device has one driver.

import { boundReports } from "../bounded_reports.ts";
import type { Endpoint } from "../channel.ts";
import { type Alarm, openAlarm } from "../ffi/alarm.ts";
import { READABLE } from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";
import { listenUnix, UnixListener } from "../ffi/unix_socket.ts";
import { type MakeDevice, Session, SESSION_OUTPUT_SIZE_MAX, type SessionOwner } from "./session.ts";

class DeviceEndpoint implements Endpoint, ReadyHandler, SessionOwner {
  readonly spec: string;
  readonly #reactor: Reactor;
  readonly #listener: UnixListener;
  readonly #makeDevice: MakeDevice;
  readonly #report: (text: string) => void;
  /** Made before there is a guest that has need of it: there is a descriptor for it then. */
  #alarm: Alarm | null = null;
  #session: Session | null = null;
  #isClosed = false;

  constructor(reactor: Reactor, listener: UnixListener, options: DeviceOptions) {
    this.spec = `${options.scheme}:${listener.path}`;
    this.#reactor = reactor;
    this.#listener = listener;
    this.#makeDevice = options.makeDevice;
    this.#report = boundReports(options.report);
  }

  /** Begins to take connections. Returns null, or what is wrong. */
  begin(): string | null {
    const { path, fd } = this.#listener;
    this.#alarm = openAlarm(this.#reactor, () => this.#session?.lookAgain());
    if (this.#alarm === null) return `Cannot serve ${path}: no timer is left, raise the limit of open files`;
    if (this.#reactor.register(fd, READABLE, false, this)) return null;
    this.#alarm.close();
    return `Cannot watch the socket ${path}: raise the limit of epoll watches`;
  }

  onReady(_events: number): boolean {
    const socket = this.#listener.accept(SESSION_OUTPUT_SIZE_MAX);
    if (socket === null) return false;
    // The end of the former connection may be known to the kernel, but not yet to its session.
    if (this.#session?.isPeerClosed) this.#session.close();
    if (this.#session !== null) {
      socket.close();
      this.report("a second front-end was turned away: one is connected");
      return false;
    }
    const session = new Session(socket, this.#reactor, this.#makeDevice, this);
    if (session.begin()) this.#session = session;
    else {
      socket.close();
      this.report("a front-end was turned away: it cannot be watched, raise the limit of epoll watches");
    }
    return false;
  }

  sessionEnded(_session: Session): void {
    this.#session = null;
  }

  lookAgainIn(ms: number): void {
    this.#alarm?.set(ms);
  }

  report(text: string): void {
    this.#report(`${this.spec}: ${text}`);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#session?.close();
    this.#reactor.unregister(this.#listener.fd);
    this.#listener.close();
    this.#alarm?.close();
  }
}

/** What is served at a socket. */
export interface DeviceOptions {
  /** The name of the transport in its specification. */
  readonly scheme: string;
  /** Makes the device of each connection. */
  readonly makeDevice: MakeDevice;
  /** Gets one line for each thing a front-end or its guest does wrong, a bounded number of them. */
  readonly report: (text: string) => void;
}

/** Serves a device at a socket path. An error is one line with the path and what to do. */
export function listenDevice(
  reactor: Reactor,
  path: string,
  options: DeviceOptions,
): Endpoint | { error: string } {
  const listener = listenUnix(path);
  if (!(listener instanceof UnixListener)) return listener;
  const endpoint = new DeviceEndpoint(reactor, listener, options);
  const error = endpoint.begin();
  if (error === null) return endpoint;
  listener.close();
  return { error };
}
