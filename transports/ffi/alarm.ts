// A timer that wakes a reactor. A wait with a time limit has the kernel set up and take down a timer in every turn, which
// costs as much as a message does; this one is set only when the time that matters changes.
import { type AgentService, CLOCK_SERVICE } from "../channel.ts";
import { CLOCK_MONOTONIC, ITIMERSPEC_SIZE, libc, READABLE, TFD_CLOEXEC, TFD_NONBLOCK } from "./libc.ts";
import type { Reactor } from "./reactor.ts";

const FIRST_SECONDS = 16;
const FIRST_NANOSECONDS = 24;
/** Sleeps longer than this end early, which is harmless: whoever sleeps looks again. */
const SECONDS_MAX = 1e9;

/** Ends a wait of the reactor at a time. */
export class Alarm {
  readonly #fd: number;
  readonly #reactor: Reactor;
  readonly #setting = new Uint8Array(ITIMERSPEC_SIZE);
  readonly #view = new DataView(this.#setting.buffer);

  /** Takes over a timer descriptor that `reactor` watches: `openAlarm` makes one. */
  constructor(reactor: Reactor, fd: number) {
    this.#reactor = reactor;
    this.#fd = fd;
  }

  /** Wakes the reactor after so many milliseconds, fractions included; a time set before is forgotten. */
  set(ms: number): void {
    const seconds = Math.min(Math.floor(ms / 1000), SECONDS_MAX);
    // All zero would take the timer down.
    const nanoseconds = Math.max(1, Math.min(999_999_999, Math.ceil((ms - seconds * 1000) * 1e6)));
    this.#view.setUint32(FIRST_SECONDS, seconds, true);
    this.#view.setUint32(FIRST_NANOSECONDS, seconds === SECONDS_MAX ? 1 : nanoseconds, true);
    libc.timerfd_settime(this.#fd, 0, this.#setting, null);
  }

  close(): void {
    this.#reactor.unregister(this.#fd);
    libc.close(this.#fd);
  }
}

/**
 * Makes an alarm; `onExpire` is called in the turn that it has woken, or when the rank of `service` has come. null when there is no
 * descriptor left for it.
 */
export function openAlarm(
  reactor: Reactor,
  onExpire: () => void,
  service: AgentService = CLOCK_SERVICE,
): Alarm | null {
  const fd = libc.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) return null;
  // Edge-triggered, hence never read: each expiry is one event.
  const onReady = () => {
    onExpire();
    return false;
  };
  if (reactor.register(fd, READABLE, true, { onReady }, service)) return new Alarm(reactor, fd);
  libc.close(fd);
  return null;
}
