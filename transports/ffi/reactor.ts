// The event loop of the platform's one thread: waits for descriptors with epoll through a blocking foreign call, and
// hands each event to its handler. A handler does a bounded piece of work; what remains is done in the next turn,
// after all others had theirs. Nothing is allocated per turn. Leaves out: time (the caller says how long to wait).

import { assert } from "../../scp/core/assert.ts";
import {
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLL_EVENT_DATA,
  EPOLL_EVENT_SIZE,
  EPOLLET,
  libc,
  READABLE,
} from "./libc.ts";

/** What is called when a descriptor is ready. */
export interface ReadyHandler {
  /**
   * Does a bounded piece of work. `events` are the bits of epoll (READABLE, WRITABLE, HUNG_UP ...), 0 when called only
   * because work remained. Returns whether work remains: it is then called again without sleeping.
   */
  onReady(events: number): boolean;
}

/** An event loop of one thread. */
export interface Reactor {
  /** An eventfd: writing 8 bytes (a number above 0) to it, from any thread, ends the wait of `runOnce`. */
  readonly wakeFd: number;
  /** Watches a descriptor. False when the kernel cannot watch it (a regular file, no descriptors left). */
  register(fd: number, events: number, edgeTriggered: boolean, handler: ReadyHandler): boolean;
  /** Changes what a watched descriptor is watched for. */
  modify(fd: number, events: number, edgeTriggered: boolean): void;
  /** Stops watching; its handler is not called again, not even for events that were already fetched. */
  unregister(fd: number): void;
  /** Has the handler of a watched descriptor called in the next turn, with events 0. */
  callAgain(fd: number): void;
  /**
   * One turn: waits up to `timeoutMs` (0: does not wait; -1: as long as it takes) unless work remained, then calls the
   * handlers. Returns how many calls of handlers were made; a mere wake-up counts as none.
   */
  runOnce(timeoutMs: number): number;
  /** Frees the descriptors of the loop itself. */
  close(): void;
}

/** One watched descriptor. */
interface Registration {
  readonly fd: number;
  readonly handler: ReadyHandler;
  /** Goes into the epoll event: tells a late event of a descriptor's former owner from one of its new owner. */
  readonly generation: number;
  /** Whether it stands in the list of those to be called in the next turn. */
  hasWork: boolean;
  /** The turn in which it was called last: nobody is called twice in one turn. */
  turn: number;
}

const EVENTS_PER_TURN = 64;
const COUNTER_MASK = 0x7fffffff;

class EpollReactor implements Reactor {
  readonly wakeFd: number;
  readonly #epollFd: number;
  readonly #events = new Uint8Array(EVENTS_PER_TURN * EPOLL_EVENT_SIZE);
  readonly #eventsView = new DataView(this.#events.buffer);
  readonly #control = new Uint8Array(EPOLL_EVENT_SIZE);
  readonly #controlView = new DataView(this.#control.buffer);
  readonly #wakeCount = new Uint8Array(8);
  /** Indexed by descriptor number: the kernel keeps these small. */
  readonly #registrations: (Registration | undefined)[] = [];
  #generation = 0;
  #turn = 0;
  /** Those to be called in the next turn. The lists change places every turn and only grow, hence the count. */
  #work: Registration[] = [];
  #workCount = 0;
  #workBefore: Registration[] = [];

  constructor(private readonly onWake: () => void) {
    this.#epollFd = libc.epoll_create1(EPOLL_CLOEXEC);
    this.wakeFd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert(this.#epollFd >= 0 && this.wakeFd >= 0, "the event loop gets its two descriptors");
    this.#controlEpoll(EPOLL_CTL_ADD, this.wakeFd, READABLE, false, 0);
  }

  register(fd: number, events: number, edgeTriggered: boolean, handler: ReadyHandler): boolean {
    assert(this.#registrations[fd] === undefined, `descriptor ${fd} is not watched twice`);
    this.#generation = (this.#generation + 1) & COUNTER_MASK;
    if (!this.#controlEpoll(EPOLL_CTL_ADD, fd, events, edgeTriggered, this.#generation)) return false;
    while (this.#registrations.length <= fd) this.#registrations.push(undefined);
    this.#registrations[fd] = { fd, handler, generation: this.#generation, hasWork: false, turn: 0 };
    return true;
  }

  modify(fd: number, events: number, edgeTriggered: boolean): void {
    const registration = this.#registrations[fd];
    assert(registration !== undefined, `descriptor ${fd} is watched`);
    this.#controlEpoll(EPOLL_CTL_MOD, fd, events, edgeTriggered, registration.generation);
  }

  unregister(fd: number): void {
    const registration = this.#registrations[fd];
    assert(registration !== undefined, `descriptor ${fd} is watched`);
    this.#registrations[fd] = undefined;
    this.#controlEpoll(EPOLL_CTL_DEL, fd, 0, false, 0);
  }

  callAgain(fd: number): void {
    const registration = this.#registrations[fd];
    assert(registration !== undefined, `descriptor ${fd} is watched`);
    this.#keepWork(registration);
  }

  runOnce(timeoutMs: number): number {
    const work = this.#work;
    const workCount = this.#workCount;
    this.#work = this.#workBefore;
    this.#workBefore = work;
    this.#workCount = 0;
    this.#turn = (this.#turn + 1) & COUNTER_MASK;
    // A fraction of a millisecond is waited for as a whole one: a timer that is due must not find itself early.
    const waitMs = workCount > 0 ? 0 : Math.ceil(timeoutMs);
    // Fails for nothing but a signal: then there are no events.
    const count = libc.epoll_wait(this.#epollFd, this.#events, EVENTS_PER_TURN, waitMs);
    this.onWake();
    let calls = 0;
    for (let i = 0; i < count; i++) {
      const at = i * EPOLL_EVENT_SIZE;
      const fd = this.#eventsView.getInt32(at + EPOLL_EVENT_DATA, true);
      const registration = this.#registrations[fd];
      const generation = this.#eventsView.getInt32(at + EPOLL_EVENT_DATA + 4, true);
      if (registration === undefined) {
        if (fd === this.wakeFd) libc.read(fd, this.#wakeCount, 8);
      } else if (registration.generation === generation) {
        calls++;
        this.#call(registration, this.#eventsView.getUint32(at, true));
      }
    }
    for (let i = 0; i < workCount; i++) {
      const registration = work[i];
      if (registration === undefined || registration.turn === this.#turn) continue;
      if (this.#registrations[registration.fd] !== registration) continue;
      calls++;
      this.#call(registration, 0);
    }
    return calls;
  }

  close(): void {
    libc.close(this.wakeFd);
    libc.close(this.#epollFd);
  }

  #call(registration: Registration, events: number): void {
    registration.hasWork = false;
    registration.turn = this.#turn;
    if (registration.handler.onReady(events)) this.#keepWork(registration);
  }

  #keepWork(registration: Registration): void {
    if (registration.hasWork) return;
    registration.hasWork = true;
    this.#work[this.#workCount++] = registration;
  }

  #controlEpoll(
    operation: number,
    fd: number,
    events: number,
    edgeTriggered: boolean,
    generation: number,
  ): boolean {
    this.#controlView.setUint32(0, (edgeTriggered ? events | EPOLLET : events) >>> 0, true);
    this.#controlView.setInt32(EPOLL_EVENT_DATA, fd, true);
    this.#controlView.setInt32(EPOLL_EVENT_DATA + 4, generation, true);
    return libc.epoll_ctl(this.#epollFd, operation, fd, this.#control) === 0;
  }
}

/**
 * Makes an event loop. It belongs to the thread that made it, but for `wakeFd`. `onWake` is called in each turn when the
 * wait is over, before any handler.
 */
export function createReactor(onWake: () => void = () => {}): Reactor {
  return new EpollReactor(onWake);
}
