// The whole virtio path through a real socket: our own front-end on one thread, the back-end on another, both on one
// processor, where figures repeat. The floor of the same run is two eventfds between the same two threads; the same path
// with a platform of constants tells what of the cost is transport.

import { encodeCommand } from "../../scp/agent/agent.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { EFD_CLOEXEC, EFD_NONBLOCK, libc, READABLE } from "../../transports/ffi/libc.ts";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import type { DriverQueue } from "../support/virtio_driver_queue.ts";
import { FrontEnd } from "../support/vhost_user_front_end.ts";
import type { BackEndOrder, BackEndStart } from "./virtio_worker.ts";

/** How much to measure. */
export interface VirtioBenchOptions {
  readonly isShort?: boolean;
}

/** One measured case; times in microseconds. */
export interface VirtioFigures {
  readonly label: string;
  readonly depth: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Messages a second in the median round: others on the machine do not disturb it. */
  readonly perSecond: number;
}

/** The protocol of the message that is measured. */
export const SENSOR_PROTOCOL = 0x15;
const READING = encodeCommand(SENSOR_PROTOCOL, sensor.SENSOR_READING_GET, {
  sensorId: 0,
  flags: { async: false },
}, 1);
/** A reading of three axes with timestamps: header, status, 3 x 16 bytes. */
const READING_SIZE = 56;
/** Room of a reply as Linux gives it. */
export const ROOM = 136;
const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);
const AFFINITY_SIZE = 128;
const ANSWER_TIMEOUT_MS = 5000;

/** A back-end thread. */
export class BackEndThread {
  readonly #worker = new Worker(new URL("./virtio_worker.ts", import.meta.url), { type: "module" });
  readonly #stop = new SharedArrayBuffer(4);
  #wakeFd = -1;

  async start(order: BackEndOrder, affinity: Uint8Array<ArrayBuffer>): Promise<void> {
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

/** Waits until the call eventfd of a queue was written; fails when nothing happens for long. */
class CallWaiter {
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

/** What sends the messages of some chains at a time, and waits for all of them. */
export function driver(queue: DriverQueue, heads: readonly number[]) {
  const waiter = new CallWaiter(queue.callFd);
  return {
    round(): void {
      for (let i = 0; i < heads.length; i++) queue.offer(heads[i]!);
      queue.submit();
      while (queue.usedCount < heads.length) {
        if (!queue.askForCall(heads.length)) waiter.wait();
      }
      for (let i = 0; i < heads.length; i++) queue.skip();
    },
    close: () => waiter.close(),
  };
}

/** Sends the messages of some chains at a time and waits for all of them. Returns the time of each such round, us. */
export function drive(queue: DriverQueue, heads: readonly number[], rounds: number): Float64Array {
  const sender = driver(queue, heads);
  const times = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    sender.round();
    times[round] = (performance.now() - start) * 1000;
  }
  sender.close();
  return times;
}

/** One eventfd answered by another. */
function drivePingPong(kickFd: number, callFd: number, rounds: number): Float64Array {
  const waiter = new CallWaiter(callFd);
  const times = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    libc.write(kickFd, ONE, 8);
    waiter.wait();
    times[round] = (performance.now() - start) * 1000;
  }
  waiter.close();
  return times;
}

/** Sums the times of rounds up, us. */
export function figuresOf(label: string, depth: number, times: Float64Array): VirtioFigures {
  const sorted = times.sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { label, depth, p50Us: at(0.5), p99Us: at(0.99), perSecond: (depth * 1e6) / at(0.5) };
}

async function measureEcho(rounds: number, affinity: Uint8Array<ArrayBuffer>): Promise<VirtioFigures> {
  const [kickFd, callFd] = [0, 0].map(() => libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) as [number, number];
  const thread = new BackEndThread();
  await thread.start({ kind: "echo", kickFd, callFd }, affinity);
  drivePingPong(kickFd, callFd, rounds / 5);
  const figures = figuresOf("two eventfds (floor)", 1, drivePingPong(kickFd, callFd, rounds));
  thread.stop();
  return figures;
}

async function measurePlatform(
  kind: "constant" | "platform",
  rounds: number,
  affinity: Uint8Array<ArrayBuffer>,
): Promise<VirtioFigures[]> {
  const dir = await Deno.makeTempDir({ prefix: "scmi-bench-" });
  const path = `${dir}/virtio.sock`;
  const thread = new BackEndThread();
  await thread.start({ kind, path }, affinity);
  const frontEnd = FrontEnd.start(path, { turn: null, queueSize: 256 });
  const label = kind === "constant" ? "constant answers" : "SENSOR_READING_GET";
  const figures: VirtioFigures[] = [];
  for (const depth of [1, 8, 32]) {
    const heads = Array.from({ length: depth }, (_, slot) => frontEnd.prepare(slot, READING, ROOM));
    const depthRounds = Math.ceil(rounds / Math.sqrt(depth));
    drive(frontEnd.cmdq, heads, depthRounds / 5);
    figures.push(figuresOf(label, depth, drive(frontEnd.cmdq, heads, depthRounds)));
    const answer = new DataView(
      frontEnd.memory.read(frontEnd.responseAddress(depth - 1), READING_SIZE).buffer,
    );
    if (answer.getInt32(4, true) !== 0) throw new Error(`The reading fails with ${answer.getInt32(4, true)}`);
  }
  frontEnd.close();
  thread.stop();
  await Deno.remove(dir, { recursive: true });
  return figures;
}

/**
 * Runs a measurement with the calling thread on the lowest processor it may use, which is told, with the second lowest for what
 * is to run beside it; the same one where there is no other.
 */
export async function withAffinity<T>(
  measure: (affinity: Uint8Array<ArrayBuffer>, other: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  const former = new Uint8Array(AFFINITY_SIZE);
  libc.sched_getaffinity(0, AFFINITY_SIZE, former);
  const affinity = lowestOf(former);
  const rest = former.map((byte, i) => byte & ~affinity[i]!);
  libc.sched_setaffinity(0, AFFINITY_SIZE, affinity);
  try {
    return await measure(affinity, rest.some((byte) => byte !== 0) ? lowestOf(rest) : affinity);
  } finally {
    libc.sched_setaffinity(0, AFFINITY_SIZE, former);
  }
}

/** The lowest processor of a set. */
function lowestOf(set: Uint8Array): Uint8Array<ArrayBuffer> {
  const lowest = new Uint8Array(AFFINITY_SIZE);
  const place = set.findIndex((byte) => byte !== 0);
  lowest[place] = (set[place] ?? 0) & -(set[place] ?? 0);
  return lowest;
}

/** Measures and prints. The calling thread stays on one processor meanwhile. */
export async function benchVirtio(options: VirtioBenchOptions = {}): Promise<VirtioFigures[]> {
  const rounds = options.isShort ? 20_000 : 100_000;
  return await withAffinity(async (affinity) => {
    const floor = await measureEcho(rounds, affinity);
    const figures = [
      floor,
      ...await measurePlatform("constant", rounds, affinity),
      ...await measurePlatform("platform", rounds, affinity),
    ];
    console.log("virtio: front-end and back-end on one processor, through a real socket");
    for (const { label, depth, p50Us, p99Us, perSecond } of figures) {
      console.log(
        `  ${label.padEnd(20)} depth ${String(depth).padStart(2)}: p50 ${p50Us.toFixed(1)} us ` +
          `(${(p50Us / floor.p50Us).toFixed(2)} x floor), p99 ${p99Us.toFixed(1)} us, ` +
          `${(perSecond / 1e6).toFixed(2)} M/s`,
      );
    }
    return figures;
  });
}
