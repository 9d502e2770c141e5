// Work due at virtual times: a binary heap, in which equal times keep the order they were asked for.
import type { Timer } from "../../protocols/protocol.ts";

class Entry implements Timer {
  isCancelled = false;

  constructor(readonly timeUs: number, readonly order: number, readonly task: () => void) {}

  cancel(): void {
    this.isCancelled = true;
  }

  isBefore(other: Entry): boolean {
    return this.timeUs < other.timeUs || (this.timeUs === other.timeUs && this.order < other.order);
  }
}

/** The machine's timers. */
export class Timers {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Asks for a task at a time; one in the past is due at once. */
  at(timeUs: number, task: () => void): Timer {
    const entry = new Entry(timeUs, this.#order++, task);
    const heap = this.#heap;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!entry.isBefore(heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
    return entry;
  }

  /** When the next task is due, or Infinity. */
  get nextUs(): number {
    const heap = this.#heap;
    while (heap.length > 0 && heap[0]!.isCancelled) this.#pop();
    return heap.length > 0 ? heap[0]!.timeUs : Infinity;
  }

  /** Takes the next task away and returns it; there has to be one. */
  take(): () => void {
    return this.#pop().task;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.isBefore(heap[child]!)) child++;
      if (!heap[child]!.isBefore(last)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}
