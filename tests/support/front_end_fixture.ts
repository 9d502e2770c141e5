// A back-end with a constant platform at a socket of its own, in this thread: front-ends step its event loop, so that
// what did not happen after a step never will. No sleeps, no timeouts.

import { assert } from "@std/assert";
import type { AgentPort } from "../../transports/channel.ts";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import { listenVhostUser } from "../../transports/vhost_user/vhost_user.ts";
import { ConstantPort } from "./front_end_constant_port.ts";
import { FrontEnd, type FrontEndOptions } from "./vhost_user_front_end.ts";

/** Header of PROTOCOL_VERSION of the base protocol, token 1, and the whole answer to it. */
export const VERSION_COMMAND = new Uint8Array([0x00, 0x40, 0x04, 0x00]);
export const VERSION_ANSWER = new Uint8Array([0x00, 0x40, 0x04, 0x00, 0, 0, 0, 0, 0, 0, 2, 0]);

type Settings = Omit<FrontEndOptions, "turn">;

/** A served socket, and what can be seen from outside. */
export class BackEnd {
  readonly port = new ConstantPort();
  readonly reports: string[] = [];
  readonly path: string;
  readonly reactor: Reactor;
  readonly #frontEnds: FrontEnd[] = [];
  readonly #close: () => void;

  constructor(reactor: Reactor, path: string, port?: AgentPort) {
    this.reactor = reactor;
    this.path = path;
    const endpoint = listenVhostUser(reactor, path, port ?? this.port, (line) => this.reports.push(line));
    assert("spec" in endpoint, "error" in endpoint ? endpoint.error : "");
    this.#close = () => endpoint.close();
  }

  /** Connects, and nothing more. */
  connect(settings: Settings = {}): FrontEnd {
    return this.#keep(FrontEnd.connect(this.path, this.#options(settings)));
  }

  /** Connects and negotiates. */
  negotiate(settings: Settings = {}): FrontEnd {
    const frontEnd = this.connect(settings);
    frontEnd.negotiate();
    return frontEnd;
  }

  /** Connects, negotiates and starts both queues. */
  start(settings: Settings = {}): FrontEnd {
    return this.#keep(FrontEnd.start(this.path, this.#options(settings)));
  }

  /** Whether a fresh front-end is served. */
  get servesFresh(): boolean {
    const frontEnd = FrontEnd.start(this.path, this.#options({}));
    const answer = frontEnd.command(VERSION_COMMAND);
    frontEnd.close();
    this.settle();
    return String(answer) === String(VERSION_ANSWER);
  }

  settle(): void {
    while (this.reactor.runOnce(0) > 0);
  }

  close(): void {
    this.#close();
    for (const frontEnd of this.#frontEnds) frontEnd.close();
  }

  #options(settings: Settings): FrontEndOptions {
    return { turn: () => this.reactor.runOnce(0) > 0, ...settings };
  }

  #keep(frontEnd: FrontEnd): FrontEnd {
    this.#frontEnds.push(frontEnd);
    return frontEnd;
  }
}

/** Runs a test with `count` back-ends on one event loop, each at a socket of its own. */
export function withBackEnds(count: number, body: (...backEnds: BackEnd[]) => void): void {
  const dir = Deno.makeTempDirSync();
  const reactor = createReactor();
  const backEnds = Array.from({ length: count }, (_, i) => new BackEnd(reactor, `${dir}/${i}.sock`));
  try {
    body(...backEnds);
  } finally {
    for (const backEnd of backEnds) backEnd.close();
    reactor.close();
    Deno.removeSync(dir, { recursive: true });
  }
}

/** Runs a test with one back-end. */
export function withBackEnd(body: (backEnd: BackEnd) => void): void {
  withBackEnds(1, (backEnd) => {
    assert(backEnd !== undefined);
    body(backEnd);
  });
}
