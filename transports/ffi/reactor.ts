// The event loop of the platform's one thread: waits for descriptors with epoll through a blocking foreign call, and
// hands each event to its handler. A handler does a bounded piece of work; what remains is done in a later turn. In one
// turn all ready handlers of the best rank are called and one of the others, so that an urgent event waits for one piece of
// less urgent work at most, and that for a bounded number of turns. Leaves out: time (the caller says how long to wait).

import { assert } from "../../scp/core/assert.ts";
import { type AgentService, PLAIN_SERVICE } from "../channel.ts";
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
  /**
   * Watches a descriptor on behalf of an agent, or of nobody. False when the kernel cannot watch it (a regular file, no
   * descriptors left).
   */
  register(
    fd: number,
    events: number,
    edgeTriggered: boolean,
    handler: ReadyHandler,
    service?: AgentService,
  ): boolean;
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
  readonly service: AgentService;
  /** Goes into the epoll event: tells a late event of a descriptor's former owner from one of its new owner. */
  readonly generation: number;
  /** What it is watched for, and how. */
  watched: number;
  isEdgeTriggered: boolean;
  /** Events that its handler has not heard of. */
  pending: number;
  /** Whether it stands in the list of those to be called. */
  isReady: boolean;
  /** The turn in which it came into the list. */
  readySince: number;
  /** Whether its agent is held back: the kernel does not watch it then, unless for edges. */
  isParked: boolean;
}

/** Whoever has waited for so many turns is called before those of a better rank: nobody starves. */
const TURNS_WAITED_MAX = 16;

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
  /** Those to be called. The lists change places every turn and only grow, hence the count. */
  #ready: Registration[] = [];
  #readyCount = 0;
  #readyBefore: Registration[] = [];

  constructor(private readonly onWake: () => void) {
    this.#epollFd = libc.epoll_create1(EPOLL_CLOEXEC);
    this.wakeFd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert(this.#epollFd >= 0 && this.wakeFd >= 0, "the event loop gets its two descriptors");
    this.#controlEpoll(EPOLL_CTL_ADD, this.wakeFd, READABLE, false, 0);
  }

  register(
    fd: number,
    events: number,
    edgeTriggered: boolean,
    handler: ReadyHandler,
    service: AgentService = PLAIN_SERVICE,
  ): boolean {
    assert(this.#registrations[fd] === undefined, `descriptor ${fd} is not watched twice`);
    this.#generation = (this.#generation + 1) & COUNTER_MASK;
    if (!this.#controlEpoll(EPOLL_CTL_ADD, fd, events, edgeTriggered, this.#generation)) return false;
    while (this.#registrations.length <= fd) this.#registrations.push(undefined);
    this.#registrations[fd] = {
      fd,
      handler,
      service,
      generation: this.#generation,
      watched: events,
      isEdgeTriggered: edgeTriggered,
      pending: 0,
      isReady: false,
      readySince: 0,
      isParked: false,
    };
    return true;
  }

  modify(fd: number, events: number, edgeTriggered: boolean): void {
    const registration = this.#registrations[fd];
    assert(registration !== undefined, `descriptor ${fd} is watched`);
    registration.watched = events;
    registration.isEdgeTriggered = edgeTriggered;
    if (registration.isParked) return;
    this.#controlEpoll(EPOLL_CTL_MOD, fd, events, edgeTriggered, registration.generation);
  }

  unregister(fd: number): void {
    const registration = this.#registrations[fd];
    assert(registration !== undefined, `descriptor ${fd} is watched`);
    this.#registrations[fd] = undefined;
    // Fails where it is parked already, which is as good.
    this.#controlEpoll(EPOLL_CTL_DEL, fd, 0, false, 0);
  }

  callAgain(fd: number): void {
    const registration = this.#registrations[fd];
    assert(registration !== undefined, `descriptor ${fd} is watched`);
    this.#keepReady(registration);
  }

  runOnce(timeoutMs: number): number {
    this.#turn = (this.#turn + 1) & COUNTER_MASK;
    // A fraction of a millisecond is waited for as a whole one: a timer that is due must not find itself early.
    const leftCount = this.#readyCount;
    const waitMs = leftCount > 0 ? 0 : Math.ceil(timeoutMs);
    // Fails for nothing but a signal: then there are no events.
    const count = libc.epoll_wait(this.#epollFd, this.#events, EVENTS_PER_TURN, waitMs);
    this.onWake();
    for (let i = 0; i < count; i++) {
      const at = i * EPOLL_EVENT_SIZE;
      const fd = this.#eventsView.getInt32(at + EPOLL_EVENT_DATA, true);
      const registration = this.#registrations[fd];
      const generation = this.#eventsView.getInt32(at + EPOLL_EVENT_DATA + 4, true);
      if (registration === undefined) {
        if (fd === this.wakeFd) libc.read(fd, this.#wakeCount, 8);
      } else if (registration.generation === generation) {
        registration.pending |= this.#eventsView.getUint32(at, true);
        this.#keepReady(registration);
      }
    }
    return this.#callReady(leftCount);
  }

  close(): void {
    libc.close(this.wakeFd);
    libc.close(this.#epollFd);
  }

  /**
   * Calls all of the best rank that are ready, and one of the others; keeps the rest for the next turn. What the clock has
   * made due is always called. The first `leftCount` had a turn before, hence come last.
   */
  #callReady(leftCount: number): number {
    const ready = this.#ready;
    const count = this.#readyCount;
    this.#ready = this.#readyBefore;
    this.#readyBefore = ready;
    this.#readyCount = 0;
    let bestRank = Infinity;
    for (let i = 0; i < count; i++) {
      const { service } = ready[i]!;
      if (service.rank < bestRank && service.rank > 0 && !service.isHeld) bestRank = service.rank;
    }
    let calls = 0;
    let other: Registration | null = null;
    for (let i = 0; i < count; i++) {
      const registration = ready[(i + leftCount) % count]!;
      // It may have been given up since, also by a handler of this turn.
      if (this.#registrations[registration.fd] !== registration) continue;
      if (registration.service.isHeld) this.#park(registration);
      else if (registration.service.rank === bestRank || registration.service.rank === 0) {
        calls++;
        this.#call(registration);
      } else if (other === null) other = registration;
      else {
        const goesFirst = this.#goesBefore(registration, other);
        this.#wait(goesFirst ? other : registration);
        if (goesFirst) other = registration;
      }
    }
    if (other !== null && this.#registrations[other.fd] === other) {
      calls++;
      this.#call(other);
    }
    return calls;
  }

  /** Whether one of two that came in this order is to be called first. */
  #goesBefore(late: Registration, early: Registration): boolean {
    const earlyWaited = (this.#turn - early.readySince) & COUNTER_MASK;
    const lateWaited = (this.#turn - late.readySince) & COUNTER_MASK;
    if (earlyWaited >= TURNS_WAITED_MAX) return false;
    if (lateWaited >= TURNS_WAITED_MAX) return true;
    const ranks = early.service.rank - late.service.rank;
    // Of one rank whoever has waited for longer: a handler of this turn may have put others before it.
    return ranks > 0 || (ranks === 0 && lateWaited > earlyWaited);
  }

  #call(registration: Registration): void {
    const { pending } = registration;
    registration.isReady = false;
    registration.pending = 0;
    if (registration.handler.onReady(pending)) this.#keepReady(registration);
  }

  #keepReady(registration: Registration): void {
    if (registration.isReady || registration.isParked) return;
    registration.readySince = this.#turn;
    this.#wait(registration);
  }

  #wait(registration: Registration): void {
    registration.isReady = true;
    this.#ready[this.#readyCount++] = registration;
  }

  /** Lets a handler be until its agent may send again. What is level-triggered would be reported all the time. */
  #park(registration: Registration): void {
    const { fd, generation } = registration;
    registration.isReady = false;
    registration.isParked = true;
    if (!registration.isEdgeTriggered) this.#controlEpoll(EPOLL_CTL_DEL, fd, 0, false, generation);
    registration.service.whenReleased(() => {
      if (this.#registrations[fd] !== registration) return;
      registration.isParked = false;
      const { watched, isEdgeTriggered } = registration;
      if (!isEdgeTriggered) this.#controlEpoll(EPOLL_CTL_ADD, fd, watched, false, generation);
      this.#keepReady(registration);
    });
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
