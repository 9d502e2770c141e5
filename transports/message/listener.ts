// The `message:` transport: plain messages over a Unix stream socket, for anything that can open one. Every connection has
// a channel of the agent to itself, so a tool can look on while another drives.
import { boundReports } from "../bounded_reports.ts";
import type { Endpoint } from "../channel.ts";
import { READABLE } from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";
import { listenUnix, UnixListener } from "../ffi/unix_socket.ts";
import { type ConnectionOwner, type ConnectionPort, MessageConnection } from "./connection.ts";

export type { ConnectionPort };

/** Connections of one endpoint at a time; a further one is turned away. */
export const CONNECTION_COUNT_MAX = 64;

class MessageEndpoint implements Endpoint, ReadyHandler, ConnectionOwner {
  readonly spec: string;
  readonly #reactor: Reactor;
  readonly #listener: UnixListener;
  readonly #openPort: () => ConnectionPort;
  readonly #report: (text: string) => void;
  readonly #connections = new Set<MessageConnection>();
  #isClosed = false;

  constructor(
    reactor: Reactor,
    listener: UnixListener,
    openPort: () => ConnectionPort,
    report: (text: string) => void,
  ) {
    this.spec = `message:${listener.path}`;
    this.#reactor = reactor;
    this.#listener = listener;
    this.#openPort = openPort;
    this.#report = boundReports(report);
  }

  /** Begins to take connections. Returns null, or what is wrong. */
  begin(): string | null {
    if (this.#reactor.register(this.#listener.fd, READABLE, false, this)) return null;
    return `Cannot watch the socket ${this.#listener.path}: raise the limit of epoll watches`;
  }

  onReady(_events: number): boolean {
    // The connection keeps its own output.
    const socket = this.#listener.accept(0);
    if (socket === null) return false;
    if (this.#connections.size >= CONNECTION_COUNT_MAX) {
      socket.close();
      this.report(`a connection was turned away: ${CONNECTION_COUNT_MAX} are there`);
      return false;
    }
    const port = this.#openPort();
    const connection = new MessageConnection(socket, this.#reactor, port, this);
    if (connection.begin()) {
      this.#connections.add(connection);
      return false;
    }
    socket.close();
    port.close();
    this.report("a connection was turned away: it cannot be watched, raise the limit of epoll watches");
    return false;
  }

  connectionEnded(connection: MessageConnection): void {
    this.#connections.delete(connection);
  }

  report(text: string): void {
    this.#report(`${this.spec}: ${text}`);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const connection of [...this.#connections]) connection.close();
    this.#reactor.unregister(this.#listener.fd);
    this.#listener.close();
  }
}

/**
 * Serves an agent at a socket path. `openPort` opens a channel of the agent for each connection. `report` gets one line
 * for each thing an agent does wrong, a bounded number of them. An error is one line with the path and what to do.
 */
export function listenMessage(
  reactor: Reactor,
  path: string,
  openPort: () => ConnectionPort,
  report: (text: string) => void = () => {},
): Endpoint | { error: string } {
  const listener = listenUnix(path);
  if (!(listener instanceof UnixListener)) return listener;
  const endpoint = new MessageEndpoint(reactor, listener, openPort, report);
  const error = endpoint.begin();
  if (error === null) return endpoint;
  listener.close();
  return { error };
}
