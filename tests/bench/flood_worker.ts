// An agent that floods: a front-end on a thread of its own that sends bursts of readings at a given rate until it is told to
// stop, and says how many were answered.
import { FrontEnd } from "../support/vhost_user_front_end.ts";
import { type ProcessorSet, stayOn } from "./processors.ts";

/** What the worker is told. */
export interface FloodStart {
  readonly path: string;
  readonly message: Uint8Array;
  /** Messages of a burst, all in flight at once. */
  readonly burst: number;
  /** Time from burst to burst, us; 0 = at once. */
  readonly intervalUs: number;
  /** Its first word becomes 1 when the flood shall end. */
  readonly stop: SharedArrayBuffer;
  /** The processors it may use; null = all. */
  readonly affinity: ProcessorSet | null;
}

const ROOM = 136;

self.onmessage = ({ data }: MessageEvent<FloodStart>) => {
  const { path, message, burst, intervalUs, stop, affinity } = data;
  if (affinity !== null) stayOn(affinity);
  const frontEnd = FrontEnd.start(path, { turn: null, queueSize: 256 });
  const heads = Array.from({ length: burst }, (_, slot) => frontEnd.prepare(slot, message, ROOM));
  const queue = frontEnd.cmdq;
  const stopWord = new Int32Array(stop);
  self.postMessage("ready");
  const started = performance.now();
  let answeredCount = 0;
  for (let round = 1; Atomics.load(stopWord, 0) === 0; round++) {
    for (const head of heads) queue.offer(head);
    queue.submit();
    while (queue.usedCount < heads.length && Atomics.load(stopWord, 0) === 0) {
      Atomics.wait(stopWord, 0, 0, 0.05);
    }
    answeredCount += queue.usedCount;
    while (queue.usedCount > 0) queue.skip();
    const waitMs = started + (round * intervalUs) / 1000 - performance.now();
    if (waitMs > 0) Atomics.wait(stopWord, 0, 0, waitMs);
  }
  const seconds = (performance.now() - started) / 1000;
  frontEnd.close();
  self.postMessage(answeredCount / seconds);
  self.close();
};
