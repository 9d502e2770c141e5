// Virtual time and the work due in it: a binary heap, in which equal times keep the order they were asked for. The model
// and the server of one platform share one.
import { assert } from "./assert.ts";

/** Work to be done at a virtual time. */
export interface Timer {
  cancel(): void;
}

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

/** What asks for work at virtual times. */
export interface Scheduler {
  /** Virtual time, us. */
  nowUs(): number;
  /** Runs a task at a virtual time; those due at the same time run in the order they were asked for. */
  at(timeUs: number, task: () => void): Timer;
}

/** One platform's time. Whoever owns it advances it; it has no clock of its own. */
export class Timeline implements Scheduler {
  #nowUs = 0;
  #heap: Entry[] = [];
  #order = 0;
  /** The heap is cleaned when it grows beyond this. */
  #sizeMax = SIZE_BEFORE_CLEANING;

  /** Asks for a task at a time, whole us; one in the past is due at once. It is not done when its owner is closed by then. */
  at(timeUs: number, task: () => void, owner: TimerOwner | null = null): Timer {
    assert(Number.isInteger(timeUs) || timeUs === Infinity, `${timeUs} us is a time`);
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

  nowUs(): number {
    return this.#nowUs;
  }

  /** Does all work that is due up to a virtual time, in its order, and makes that the present. Time never falls. */
  advanceTo(untilUs: number): void {
    assert(untilUs >= this.#nowUs, `time falls from ${this.#nowUs} to ${untilUs} us`);
    while (this.nextUs <= untilUs) {
      this.#nowUs = Math.max(this.#nowUs, this.nextUs);
      this.#pop().task();
    }
    this.#nowUs = untilUs;
  }

  /** When the next task is due, or Infinity. */
  get nextUs(): number {
    const heap = this.#heap;
    while (heap.length > 0 && heap[0]!.isDead) this.#pop();
    return heap.length > 0 ? heap[0]!.timeUs : Infinity;
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
