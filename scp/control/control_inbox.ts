// Where the core's loop learns of calls from outside: an eventfd among its descriptors. Each turn serves one
// call, so that agents, who have their own descriptors, are served in between.
import { assert } from "../core/assert.ts";
import { EFD_CLOEXEC, EFD_NONBLOCK, libc, READABLE } from "../../transports/ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../../transports/ffi/reactor.ts";

/** The core's end of the control channel. */
export class ControlInbox implements ReadyHandler {
  /** Writing 8 bytes (a number above 0) to it, from any thread, says that calls are waiting. */
  readonly wakeFd: number;
  readonly #serveOne: () => boolean;
  readonly #count = new Uint8Array(8);

  /** `serveOne` serves one waiting call and returns false when there was none. */
  constructor(reactor: Reactor, serveOne: () => boolean) {
    this.#serveOne = serveOne;
    this.wakeFd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert(this.wakeFd >= 0, "the control channel gets its descriptor");
    const isWatched = reactor.register(this.wakeFd, READABLE, false, this);
    assert(isWatched, "an eventfd can be watched");
  }

  onReady(events: number): boolean {
    // Before the look at the port: a call that comes after the look then finds the count at 0 and wakes again.
    if (events !== 0) libc.read(this.wakeFd, this.#count, 8);
    return this.#serveOne();
  }
}
