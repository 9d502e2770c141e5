// Keeps a delayed response behind the response of its command. A driver whose queues share an interrupt may look at the eventq
// first and would then find the second answer before the first; Linux takes that for both. Where the driver tells which used
// elements it wants to be called for next (virtio 1.3, 2.7.7), it has taken all before. It tells without a kick, so it is
// looked at again, less and less often; one that polls, or tells nothing, is waited for once and then no more.
import type { Virtqueue } from "./virtqueue.ts";

/** The first look is after so long, each further one after twice as long, ms: 25.5 in all. */
const FIRST_LOOK_MS = 0.1;
const LOOK_COUNT_MAX = 8;

/** Decides when a delayed response may go out. */
export class DelayedHold {
  readonly #commandQueue: Virtqueue;
  readonly #lookAgainIn: (ms: number) => void;
  /** The used index that the driver has to get to; null = nothing is held. */
  #awaitedIndex: number | null = null;
  #lookCount = 0;
  #isLookDue = false;
  /** The driver was waited for in vain. */
  #isSilent = false;

  /** `lookAgainIn` sees to it that `look` is called after that time. */
  constructor(commandQueue: Virtqueue, lookAgainIn: (ms: number) => void) {
    this.#commandQueue = commandQueue;
    this.#lookAgainIn = lookAgainIn;
  }

  /** Tells whether a delayed response has to wait; then there will be a look. */
  mustWait(): boolean {
    const queue = this.#commandQueue;
    if (queue.hasTaken(queue.publishedIndex)) {
      this.reset();
      return false;
    }
    if (this.#isSilent) return false;
    if (this.#awaitedIndex === null) {
      this.#awaitedIndex = queue.publishedIndex;
      this.#lookCount = 0;
    } else if (queue.hasTaken(this.#awaitedIndex)) {
      this.#awaitedIndex = null;
      return false;
    } else if (this.#lookCount >= LOOK_COUNT_MAX) {
      this.#isSilent = true;
      this.#awaitedIndex = null;
      return false;
    }
    if (!this.#isLookDue) {
      this.#isLookDue = true;
      this.#lookAgainIn(FIRST_LOOK_MS * 2 ** this.#lookCount);
    }
    return true;
  }

  /** The time of a look has come. Returns whether something is held that may go now. */
  look(): boolean {
    this.#isLookDue = false;
    if (this.#awaitedIndex === null) return false;
    this.#lookCount++;
    return true;
  }

  /** Nothing is held, and nothing is known of the driver. */
  reset(): void {
    this.#awaitedIndex = null;
    this.#isSilent = false;
  }
}
