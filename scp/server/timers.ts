// Work due at virtual times: a binary heap, in which equal times keep the order they were asked for.
import type { Timer } from "../../protocols/protocol.ts";

/** Whoever asks for tasks that end with it. */
export interface TimerOwner {
  readonly isOpen: boolean;
}

/** Up to so many entries the heap is not looked through for dead ones. */
const SIZE_BEFORE_CLEANING = 64;

class Entry implements Timer {
  #isCancelled = false;

  constructor(
    readonly timeUs: number,
    readonly order: number,
    readonly task: () => void,
    readonly owner: TimerOwner | null,
  ) {}

  get isDead(): boolean {
    return this.#isCancelled || this.owner?.isOpen === false;
  }

  cancel(): void {
    this.#isCancelled = true;
  }

  isBefore(other: Entry): boolean {
    return this.timeUs < other.timeUs || (this.timeUs === other.timeUs && this.order < other.order);
  }
}

/** The machine's timers. */
export class Timers {
  #heap: Entry[] = [];
  #order = 0;
  /** The heap is cleaned when it grows beyond this. */
  #sizeMax = SIZE_BEFORE_CLEANING;

  /** Asks for a task at a time; one in the past is due at once. It is not done when its owner is closed by then. */
  at(timeUs: number, task: () => void, owner: TimerOwner | null = null): Timer {
    const entry = new Entry(timeUs, this.#order++, task, owner);
    if (this.#heap.length >= this.#sizeMax) this.#clean();
    this.#insert(entry);
    return entry;
  }

  /** Entries that the heap holds, dead ones included: for checks of its bound. */
  get size(): number {
    return this.#heap.length;
  }

  #insert(entry: Entry): void {
    const heap = this.#heap;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!entry.isBefore(heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
  }

  /** An agent may set and cancel without end what is due much later: dead entries never outnumber live ones for long. */
  #clean(): void {
    const live = this.#heap.filter((entry) => !entry.isDead);
    this.#heap = [];
    for (const entry of live) this.#insert(entry);
    this.#sizeMax = Math.max(SIZE_BEFORE_CLEANING, 2 * live.length);
  }

  /** When the next task is due, or Infinity. */
  get nextUs(): number {
    const heap = this.#heap;
    while (heap.length > 0 && heap[0]!.isDead) this.#pop();
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
