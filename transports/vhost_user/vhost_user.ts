// The `virtio:` transport: a vhost-user back-end for a virtio-scmi device, listening on a Unix socket. One front-end at
// a time: a second one is turned away while the first is there, since a device has one driver.

import type { AgentPort, Endpoint } from "../channel.ts";
import { Alarm } from "../ffi/alarm.ts";
import { READABLE } from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";
import { listenUnix, UnixListener } from "../ffi/unix_socket.ts";
import { Session, SESSION_OUTPUT_SIZE_MAX, type SessionOwner } from "./session.ts";

class VhostUserEndpoint implements Endpoint, ReadyHandler, SessionOwner {
  readonly spec: string;
  readonly #reactor: Reactor;
  readonly #listener: UnixListener;
  readonly #port: AgentPort;
  readonly #report: (text: string) => void;
  /** Made before there is a guest that has need of it: there is a descriptor for it then. */
  #alarm: Alarm | null = null;
  #session: Session | null = null;
  #isClosed = false;

  constructor(reactor: Reactor, listener: UnixListener, port: AgentPort, report: (text: string) => void) {
    this.spec = `virtio:${listener.path}`;
    this.#reactor = reactor;
    this.#listener = listener;
    this.#port = port;
    this.#report = report;
  }

  /** Begins to take connections. False when the event loop cannot watch one more descriptor. */
  begin(): boolean {
    if (!this.#reactor.register(this.#listener.fd, READABLE, false, this)) return false;
    this.#alarm = new Alarm(this.#reactor, () => this.#session?.lookAgain());
    return true;
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
    const session = new Session(socket, this.#reactor, this.#port, this);
    if (session.begin()) this.#session = session;
    else socket.close();
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

/**
 * Serves an agent at a socket path. `report` gets one line for each thing a front-end or its guest does wrong, a bounded
 * number per connection. An error is one line with the path and what to do.
 */
export function listenVhostUser(
  reactor: Reactor,
  path: string,
  port: AgentPort,
  report: (text: string) => void = () => {},
): Endpoint | { error: string } {
  const listener = listenUnix(path);
  if (!(listener instanceof UnixListener)) return listener;
  const endpoint = new VhostUserEndpoint(reactor, listener, port, report);
  if (endpoint.begin()) return endpoint;
  listener.close();
  return { error: `Cannot watch the socket ${path}: raise the limit of epoll watches` };
}
