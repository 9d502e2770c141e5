// What the transport benchmarks share: the thread that serves, the wait for an eventfd, figures.

import { libc, READABLE } from "../../transports/ffi/libc.ts";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import type { BackEndOrder, BackEndStart } from "./back_end_worker.ts";
import type { ProcessorSet } from "./processors.ts";

/** Eight bytes that add one to an eventfd. */
export const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);

const ANSWER_TIMEOUT_MS = 5000;

/** One measured case; times in microseconds. */
export interface TransportFigures {
  readonly label: string;
  /** Messages on their way at once. */
  readonly depth: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Messages a second in the median round: others on the machine do not disturb it. */
  readonly perSecond: number;
}

/** A thread that serves. */
export class BackEndThread {
  readonly #worker = new Worker(new URL("./back_end_worker.ts", import.meta.url), { type: "module" });
  readonly #stop = new SharedArrayBuffer(4);
  #wakeFd = -1;

  async start(order: BackEndOrder, affinity: ProcessorSet | null): Promise<void> {
    const start: BackEndStart = { order, stop: this.#stop, affinity };
    this.#wakeFd = await new Promise<number>((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
      this.#worker.onerror = (event) => reject(new Error(event.message));
      this.#worker.postMessage(start);
    });
  }

  stop(): void {
    Atomics.store(new Int32Array(this.#stop), 0, 1);
    libc.write(this.#wakeFd, ONE, 8);
  }
}

/** Waits until an eventfd was written; fails when nothing happens for long. */
export class CallWaiter {
  readonly #reactor: Reactor = createReactor();

  constructor(callFd: number) {
    this.#reactor.register(callFd, READABLE, true, { onReady: () => false });
  }

  wait(): void {
    if (this.#reactor.runOnce(ANSWER_TIMEOUT_MS) === 0) throw new Error("The back-end does not answer");
  }

  close(): void {
    this.#reactor.close();
  }
}

/** Sorts the times of rounds, us, and reads the figures from them. */
export function figuresOf(label: string, depth: number, times: Float64Array): TransportFigures {
  const sorted = times.sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { label, depth, p50Us: at(0.5), p99Us: at(0.99), perSecond: (depth * 1e6) / at(0.5) };
}
