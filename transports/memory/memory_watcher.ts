// Looks at memory that agents write to without telling anybody. How often depends on the silence before: for a while after
// a message in each turn of the event loop, then every 20 us, after 12 ms at each 128th of the silence so far, and from a tenth of
// a second on every 8 ms. Nobody waits for that: a look costs well below a microsecond, and each has its turn in the rank of its
// agent. Silence is the sum of the waits: no clock is read, and a host that wakes us late only makes us more watchful.
import { type AgentService, PLAIN_SERVICE } from "../channel.ts";
import { type Alarm, openAlarm } from "../ffi/alarm.ts";
import { EFD_CLOEXEC, EFD_NONBLOCK, libc, READABLE } from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";

/** Memory that is looked at. */
export interface WatchedMemory {
  /** Looks once and does a bounded piece of work; returns whether the agent has done anything since the last look. */
  poll(): boolean;
}

/** Turns of the event loop in which memory is looked at before the first wait: an agent may send its next message at once. */
const TURNS_AFTER_MESSAGE = 64;
/** What these turns count as, us; while they go on, other memory is looked at as often. */
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

/** The place of an agent's memory in the event loop. */
export class MemoryWatch implements ReadyHandler {
  readonly #watcher: MemoryWatcher;
  readonly #memory: WatchedMemory;
  /** Never signalled: its place in the event loop is where the turns come from. */
  readonly #fd: number;
  #turnsLeft = 0;
  #isPaused = false;
  #isOpen = true;

  /** Takes over an eventfd that `watcher` has registered for it, in the rank of `service`. */
  constructor(watcher: MemoryWatcher, fd: number, memory: WatchedMemory, readonly service: AgentService) {
    this.#watcher = watcher;
    this.#fd = fd;
    this.#memory = memory;
  }

  /** Whether it is looked at in each turn. */
  get isInTurns(): boolean {
    return this.#turnsLeft > 0;
  }

  /** Whether it is not looked at. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Has memory looked at often for a while: the agent has been told something and will do something about it. */
  expectMessage(): void {
    if (!this.#isOpen) return;
    this.#isPaused = false;
    this.#turnsLeft = TURNS_AFTER_MESSAGE;
    this.#watcher.messageCame();
    this.look();
  }

  /** Ends the looks until a message is expected: there is no agent. */
  pause(): void {
    this.#isPaused = true;
    this.#turnsLeft = 0;
  }

  /** Has memory looked at in the next turn, when its agent's rank has come. */
  look(): void {
    if (!this.#isPaused) this.#watcher.reactor.callAgain(this.#fd);
  }

  /** One look. */
  onReady(_events: number): boolean {
    if (this.#isPaused) return false;
    const isInTurns = this.#turnsLeft > 0;
    if (isInTurns) this.#turnsLeft--;
    if (this.#memory.poll()) this.expectMessage();
    if (!this.#isOpen || this.#turnsLeft > 0) return this.#isOpen;
    if (isInTurns) this.#watcher.turnsEnded();
    return false;
  }

  /** Ends the looks for good. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.pause();
    this.#watcher.remove(this);
    this.#watcher.reactor.unregister(this.#fd);
    libc.close(this.#fd);
  }
}

/** Sees to the looks of one event loop. It comes with the first memory and goes with the last. */
export class MemoryWatcher {
  readonly reactor: Reactor;
  /** null: it could not be had, or the watcher is closed. */
  #alarm: Alarm | null;
  #watches: readonly MemoryWatch[] = [];
  /** What the alarm is served like. */
  readonly #service: { -readonly [K in keyof AgentService]: AgentService[K] } = { ...PLAIN_SERVICE };
  #silenceUs = 0;
  #waitUs = 0;

  constructor(reactor: Reactor) {
    this.reactor = reactor;
    this.#alarm = openAlarm(reactor, () => this.#lookAfterWait(), this.#service);
  }

  /** Watches memory on behalf of an agent; null when there is no descriptor left for that. */
  add(memory: WatchedMemory, service: AgentService): MemoryWatch | null {
    const fd = this.#alarm === null ? -1 : libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) return null;
    const watch = new MemoryWatch(this, fd, memory, service);
    if (!this.reactor.register(fd, READABLE, true, watch, service)) {
      libc.close(fd);
      return null;
    }
    // A new list, as memory may come and go while the old one is gone through.
    this.#watches = [...this.#watches, watch];
    this.#rank();
    watch.expectMessage();
    return watch;
  }

  /** Forgets what is watched no longer; without any it frees what it has. */
  remove(watch: MemoryWatch): void {
    this.#watches = this.#watches.filter((each) => each !== watch);
    this.#rank();
    this.closeIfIdle();
  }

  /** Frees what it has if it watches nothing. */
  closeIfIdle(): void {
    if (this.#watches.length > 0) return;
    watchers.delete(this.reactor);
    this.#alarm?.close();
    this.#alarm = null;
  }

  /** Has all memory looked at often for a while. */
  expectMessage(): void {
    for (const watch of this.#watches) watch.expectMessage();
  }

  /** Ends the silence. */
  messageCame(): void {
    this.#silenceUs = TURNS_US;
  }

  /** The turns after a message are over: from now on there are waits between looks. */
  turnsEnded(): void {
    this.#wait();
  }

  /** The alarm comes in the best rank of those that wait for it. */
  #rank(): void {
    this.#service.rank = Math.min(...this.#watches.map(({ service }) => service.rank));
  }

  /** Those whose turn this is are looked at, the others in theirs. */
  #lookAfterWait(): void {
    this.#silenceUs += this.#waitUs;
    for (const watch of this.#watches) {
      if (watch.service.rank !== this.#service.rank || watch.service.isHeld) watch.look();
      else if (!watch.isInTurns) watch.onReady(0);
    }
    this.#wait();
  }

  #wait(): void {
    let isInTurns = false;
    let isPaused = true;
    for (const watch of this.#watches) {
      if (watch.isInTurns) isInTurns = true;
      if (!watch.isPaused) isPaused = false;
    }
    if (isPaused) return;
    const waitUs = waitAfterSilence(this.#silenceUs);
    this.#waitUs = isInTurns && waitUs < TURNS_US ? TURNS_US : waitUs;
    this.#alarm?.set(this.#waitUs / 1000);
  }
}

const watchers = new WeakMap<Reactor, MemoryWatcher>();

/** Returns the watcher of an event loop, if there is one. */
export function findWatcher(reactor: Reactor): MemoryWatcher | undefined {
  return watchers.get(reactor);
}

/** Has memory watched in the turns of its agent. null when there is no descriptor left for that. */
export function watchMemory(
  reactor: Reactor,
  memory: WatchedMemory,
  service: AgentService,
): MemoryWatch | null {
  let watcher = watchers.get(reactor);
  if (watcher === undefined) {
    watcher = new MemoryWatcher(reactor);
    watchers.set(reactor, watcher);
  }
  const watch = watcher.add(memory, service);
  if (watch === null) watcher.closeIfIdle();
  return watch;
}
