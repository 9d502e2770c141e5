// Looks at memory that agents write to without telling anybody. How often depends on the silence before: for a while after
// a message in each turn of the event loop, then every 20 us, after 12 ms at each 128th of the silence so far, and from a tenth of
// a second on every 8 ms. Nobody waits for that: a look costs well below a microsecond, and other descriptors have their turns.
// Silence is the sum of the waits: no clock is read, and a host that wakes us late only makes us more watchful.
import { assert } from "../../scp/core/assert.ts";
import { Alarm } from "../ffi/alarm.ts";
import { EFD_CLOEXEC, EFD_NONBLOCK, libc, READABLE } from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";

/** Memory that is looked at. */
export interface WatchedMemory {
  /** Looks once and does a bounded piece of work; returns whether the agent has done anything since the last look. */
  poll(): boolean;
}

/** Turns of the event loop in which memory is looked at before the first wait: an agent may send its next message at once. */
const TURNS_AFTER_MESSAGE = 64;
/** What these turns count as, us. */
const TURNS_US = 100;
const WAIT_MIN_US = 20;
/** An agent that sends every hundredth of a second is waited for like that, us. */
const BUSY_UNTIL_US = 12_000;
/** From then on the wait is the silence shifted by so many bits. */
const SILENCE_SHIFT = 7;
const IDLE_AFTER_US = 100_000;
const WAIT_IDLE_US = 8000;

/** Returns how long to wait for the next look after so much silence. */
export function waitAfterSilence(silenceUs: number): number {
  if (silenceUs >= IDLE_AFTER_US) return WAIT_IDLE_US;
  return silenceUs < BUSY_UNTIL_US ? WAIT_MIN_US : silenceUs >>> SILENCE_SHIFT;
}

/** Looks at all watched memory of one event loop. */
export class MemoryWatcher implements ReadyHandler {
  readonly #reactor: Reactor;
  readonly #alarm: Alarm;
  /** Never signalled: its place in the event loop is where the turns after a message come from. */
  readonly #turnFd: number;
  #watched: readonly WatchedMemory[] = [];
  #turnsLeft = 0;
  #silenceUs = 0;
  #isOpen = true;
  /** How many looks there were. */
  lookCount = 0;

  constructor(reactor: Reactor) {
    this.#reactor = reactor;
    this.#alarm = new Alarm(reactor, () => this.#lookAfterWait());
    this.#turnFd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert(this.#turnFd >= 0, "the watcher gets its descriptor");
    reactor.register(this.#turnFd, READABLE, true, this);
  }

  get isIdle(): boolean {
    return this.#watched.length === 0;
  }

  add(memory: WatchedMemory): void {
    // A new list, as memory may come and go while the old one is gone through.
    this.#watched = [...this.#watched, memory];
    this.expectMessage();
  }

  remove(memory: WatchedMemory): void {
    this.#watched = this.#watched.filter((each) => each !== memory);
  }

  /** Has memory looked at often for a while: the agent has been told something and will do something about it. */
  expectMessage(): void {
    if (!this.#isOpen) return;
    this.#silenceUs = 0;
    if (this.#turnsLeft === 0) this.#reactor.callAgain(this.#turnFd);
    this.#turnsLeft = TURNS_AFTER_MESSAGE;
  }

  /** One turn after a message. */
  onReady(_events: number): boolean {
    this.#turnsLeft--;
    if (this.#look()) this.#turnsLeft = TURNS_AFTER_MESSAGE;
    if (this.#turnsLeft > 0) return true;
    this.#silenceUs = TURNS_US;
    this.#wait();
    return false;
  }

  close(): void {
    this.#isOpen = false;
    this.#reactor.unregister(this.#turnFd);
    libc.close(this.#turnFd);
    this.#alarm.close();
  }

  #lookAfterWait(): void {
    this.#silenceUs += waitAfterSilence(this.#silenceUs);
    if (this.#look()) this.expectMessage();
    else if (this.#turnsLeft === 0) this.#wait(); // turns that began meanwhile end in a wait
  }

  #wait(): void {
    if (this.#isOpen) this.#alarm.set(waitAfterSilence(this.#silenceUs) / 1000);
  }

  #look(): boolean {
    this.lookCount++;
    let hasHappened = false;
    for (const memory of this.#watched) {
      if (memory.poll()) hasHappened = true;
    }
    return hasHappened;
  }
}

const watchers = new WeakMap<Reactor, MemoryWatcher>();

/** Returns the watcher of an event loop, if there is one. */
export function findWatcher(reactor: Reactor): MemoryWatcher | undefined {
  return watchers.get(reactor);
}

/** Has memory watched by the one watcher of an event loop, which comes with the first and goes with the last. */
export function watchMemory(reactor: Reactor, memory: WatchedMemory): MemoryWatcher {
  let watcher = watchers.get(reactor);
  if (watcher === undefined) {
    watcher = new MemoryWatcher(reactor);
    watchers.set(reactor, watcher);
  }
  watcher.add(memory);
  return watcher;
}

/** Ends that. */
export function unwatchMemory(reactor: Reactor, memory: WatchedMemory): void {
  const watcher = watchers.get(reactor);
  assert(watcher !== undefined, "the memory is watched");
  watcher.remove(memory);
  if (!watcher.isIdle) return;
  watchers.delete(reactor);
  watcher.close();
}
