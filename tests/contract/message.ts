// The message transport as the contract suite drives it: a real socket, both ends in this thread, the event loop stepped.
import { assert } from "@std/assert";
import { libc, SHUT_WR } from "../../transports/ffi/libc.ts";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import { connectUnix, RECEIVE_END, UnixConnection } from "../../transports/ffi/unix_socket.ts";
import { frameOf, LENGTH_SIZE } from "../../transports/message/frame.ts";
import { listenMessage } from "../../transports/message/listener.ts";
import type {
  ClosablePort,
  ContractAgent,
  ContractSite,
  ContractTransport,
  ServeOptions,
} from "./transport.ts";

const READ_SIZE = 65536;

/** A command that fills the way back while nobody reads: PROTOCOL_VERSION of Base with the last token. */
const FILLER = Uint8Array.of(0x00, 0x40, 0xfc, 0x0f);
const FILLERS_PER_SEND = 1024;

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The agent's end of a connection, raw: bytes, frames, and nothing that it does on its own. */
export class MessageAgent implements ContractAgent {
  readonly #socket: UnixConnection;
  readonly #reactor: Reactor;
  readonly #bytes = new Uint8Array(READ_SIZE);
  #unread = new Uint8Array(0);
  #reads = true;
  #hasSentFillers = false;
  /** Whether the platform has closed the connection. */
  isClosed = false;

  constructor(path: string, reactor: Reactor) {
    // Room for all that a test lets wait on the agent's side.
    const socket = connectUnix(path, 1 << 22);
    assert(socket instanceof UnixConnection, "error" in socket ? socket.error : "");
    this.#socket = socket;
    this.#reactor = reactor;
  }

  /** Bytes that neither the platform nor the socket took. */
  get pendingSize(): number {
    return this.#socket.pendingSize;
  }

  send(message: Uint8Array): void {
    this.sendBytes(frameOf(message));
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#socket.send(bytes)) this.isClosed = true;
  }

  /** Lets the platform work; the agent neither sends nor reads. */
  turn(): void {
    while (this.#reactor.runOnce(0) > 0);
  }

  collect(): Uint8Array[] {
    const messages: Uint8Array[] = [];
    if (!this.#socket.flush()) this.isClosed = true;
    while (this.#reads && this.#receive(messages));
    return messages;
  }

  take(): Uint8Array[] {
    const messages: Uint8Array[] = [];
    for (let isBusy = true; isBusy;) {
      this.turn();
      if (!this.#socket.flush()) this.isClosed = true;
      isBusy = this.#reads && this.#receive(messages);
    }
    return messages;
  }

  scribble(): void {}

  hold(): void {
    this.#reads = false;
    this.#hasSentFillers = true;
    const fillers = join(Array.from({ length: FILLERS_PER_SEND }, () => frameOf(FILLER)));
    while (this.#socket.pendingSize === 0) {
      this.sendBytes(fillers);
      this.turn();
      this.#socket.flush();
      this.turn();
    }
  }

  release(): void {
    this.#reads = true;
  }

  /** Says that no more commands come, and goes on reading. */
  endSending(): void {
    libc.shutdown(this.#socket.fd, SHUT_WR);
  }

  disconnect(): void {
    this.#socket.close();
    this.turn();
  }

  vanish(): void {
    this.#socket.close();
  }

  /** Returns whether something came. */
  #receive(messages: Uint8Array[]): boolean {
    const got = this.#socket.receiveBytes(this.#bytes);
    if (got === RECEIVE_END) this.isClosed = true;
    if (got <= 0) return false;
    const bytes = join([this.#unread, this.#bytes.subarray(0, got)]);
    const view = new DataView(bytes.buffer);
    let at = 0;
    while (at + LENGTH_SIZE <= bytes.length) {
      const end = at + LENGTH_SIZE + view.getUint32(at, true);
      if (end > bytes.length) break;
      const message = bytes.slice(at + LENGTH_SIZE, end);
      const isFiller = this.#hasSentFillers && FILLER.every((byte, i) => byte === message[i]);
      if (!isFiller) messages.push(message);
      at = end;
    }
    this.#unread = bytes.slice(at);
    return true;
  }
}

/** An agent served at a socket in a directory of its own. */
export class MessageSite implements ContractSite {
  readonly reactor: Reactor;
  readonly path: string;
  /** Lines that the listener reported. */
  readonly reports: string[] = [];
  readonly #directory = Deno.makeTempDirSync();
  readonly #close: () => void;
  readonly #options: ServeOptions;

  constructor(openPort: () => ClosablePort, options: ServeOptions = {}) {
    this.#options = options;
    this.reactor = options.reactor ?? createReactor();
    this.path = `${this.#directory}/agent.sock`;
    const endpoint = listenMessage(this.reactor, this.path, openPort, (line) => this.reports.push(line));
    assert(!("error" in endpoint), "error" in endpoint ? endpoint.error : "");
    this.#close = () => endpoint.close();
  }

  connect(): MessageAgent {
    return new MessageAgent(this.path, this.reactor);
  }

  connectSeveral(): MessageAgent[] {
    return Array.from({ length: this.#options.channelCount ?? 1 }, () => {
      const agent = this.connect();
      agent.turn(); // it is let in: not many can wait for that
      return agent;
    });
  }

  look(): void {}

  close(): void {
    this.#close();
    if (this.#options.reactor === undefined) this.reactor.close();
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

/** Plain messages over a Unix socket. */
export const MESSAGE: ContractTransport = {
  name: "message",
  inFlightMax: 64,
  channelMax: 64,
  onShortMessage: "disconnected",
  agentChoosesRoom: false,
  hasAreas: false,
  agentMayLackP2a: false,
  sharesMemory: false,
  serve: (openPort, options) => new MessageSite(openPort, options),
};
