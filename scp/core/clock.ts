// The one place where the host's time comes in. A time driver says which virtual time it is and how long to sleep until
// another; the platform's loop asks it once per turn. Leaves out: what happens at which time (scp/server/timers.ts).
import { assert } from "./assert.ts";

/** How virtual time passes. */
export type TimeMode =
  /** In step with the host's clock, `factor` times as fast. */
  | { readonly kind: "host"; readonly factor: number }
  /** Only when somebody asks for it. */
  | { readonly kind: "stepped" };

/** Drives virtual time. */
export interface TimeDriver {
  /** Virtual time now, whole microseconds; it never falls. */
  nowUs(): number;
  /** Host milliseconds until a virtual time, counted from the last `nowUs()`; -1 = it does not come by itself. */
  waitMs(timeUs: number): number;
  /** Virtual microseconds that pass in one millisecond of the host; 0 where time does not pass by itself. */
  readonly usPerHostMs: number;
}

/** Reads the host's monotonic clock, ms since some moment. */
export type HostClock = () => number;

const hostClock: HostClock = () => performance.now();

/** The host's clock, times a factor. Virtual time 0 is the moment it is made. */
export class HostTime implements TimeDriver {
  readonly usPerHostMs: number;
  readonly #readMs: HostClock;
  readonly #startMs: number;
  #lastUs = 0;

  constructor(factor = 1, readMs: HostClock = hostClock) {
    assert(factor > 0 && Number.isFinite(factor), "time passes forward");
    this.usPerHostMs = factor * 1000;
    this.#readMs = readMs;
    this.#startMs = readMs();
  }

  nowUs(): number {
    const nowUs = Math.floor((this.#readMs() - this.#startMs) * this.usPerHostMs);
    if (nowUs > this.#lastUs) this.#lastUs = nowUs;
    return this.#lastUs;
  }

  waitMs(timeUs: number): number {
    if (timeUs === Infinity) return -1;
    return Math.max(0, (timeUs - this.#lastUs) / this.usPerHostMs);
  }
}

/** Time that stands still until it is stepped. */
export class SteppedTime implements TimeDriver {
  readonly usPerHostMs = 0;
  #nowUs = 0;

  nowUs(): number {
    return this.#nowUs;
  }

  waitMs(timeUs: number): number {
    return timeUs <= this.#nowUs ? 0 : -1;
  }

  /** Moves time on by whole microseconds. */
  advance(byUs: number): void {
    assert(Number.isSafeInteger(byUs) && byUs >= 0, "a step is a whole number of microseconds");
    this.#nowUs += byUs;
  }
}

/** Makes the driver of a mode. */
export function createTimeDriver(mode: TimeMode): HostTime | SteppedTime {
  return mode.kind === "stepped" ? new SteppedTime() : new HostTime(mode.factor);
}

/** Resolves after so many host milliseconds, or at once when `signal` is, or has been, aborted before. */
export function hostDelay(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted === true) {
    resolve();
    return promise;
  }
  const stop = () => {
    clearTimeout(timer);
    resolve();
  };
  const timer = setTimeout(() => {
    signal?.removeEventListener("abort", stop);
    resolve();
  }, ms);
  signal?.addEventListener("abort", stop, { once: true });
  return promise;
}
