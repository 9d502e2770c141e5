// One ring of a connection: its eventfds and its state (started, enabled). The kick eventfd is watched edge-triggered
// and never read, which saves a system call per wake-up; hence it has to be an eventfd. vhost-user "Ring states".

import {
  errno,
  errnoText,
  F_GETFL,
  F_SETFL,
  isEventDescriptor,
  libc,
  O_NONBLOCK,
  READABLE,
} from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";
import type { AgentService } from "../channel.ts";
import type { Virtqueue } from "../virtio/virtqueue.ts";

/** What serves the queue of a ring. */
export interface RingService {
  /** Serves the ring after a kick, or as the rest of one. Returns whether work remains. */
  serveRing(ring: Vring): boolean;
  /** Tells that a ring which was not running now is. */
  ringRuns(ring: Vring): void;
}

const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);

/** One ring. */
export class Vring implements ReadyHandler {
  readonly index: number;
  readonly queue: Virtqueue;
  isEnabled = false;
  /** Whether the driver made it unusable: it is failed when it is served next. */
  isBroken = false;
  readonly #reactor: Reactor;
  readonly #service: RingService;
  readonly #agentService: AgentService;
  #kickFd = -1;
  #callFd = -1;
  #errorFd = -1;
  #isStarted = false;
  #hasRun = false;

  constructor(
    index: number,
    queue: Virtqueue,
    reactor: Reactor,
    service: RingService,
    agentService: AgentService,
  ) {
    this.index = index;
    this.queue = queue;
    this.#reactor = reactor;
    this.#service = service;
    this.#agentService = agentService;
  }

  /** Whether it is started: kicked, with its memory in place. Only then may it be enabled to run. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  get isRunning(): boolean {
    return this.#isStarted && this.isEnabled;
  }

  /** Whether it was started since the connection began. */
  get hasRun(): boolean {
    return this.#hasRun;
  }

  onReady(_events: number): boolean {
    return this.isRunning && this.#service.serveRing(this);
  }

  /**
   * Takes over the kick eventfd. Returns null, or why it cannot; then the descriptor is closed. One that is no eventfd leaves the
   * former one in its place.
   */
  setKick(fd: number): string | null {
    const error = eventDescriptorError(fd);
    if (error !== null) return error;
    this.#dropKick();
    if (!this.#reactor.register(fd, READABLE, true, this, this.#agentService)) {
      libc.close(fd);
      return `it cannot be watched: ${errnoText(errno())}`;
    }
    this.#kickFd = fd;
    if (this.isRunning) this.serveAgain(); // a kick through the former one may have been missed
    return null;
  }

  /** Takes over the call eventfd, -1 for none. Returns null, or why it cannot; then as `setKick`. */
  setCall(fd: number): string | null {
    const error = fd < 0 ? null : signalDescriptorError(fd);
    if (error !== null) return error;
    if (this.#callFd >= 0) libc.close(this.#callFd);
    this.#callFd = fd;
    if (this.isRunning) this.call(); // a call through the former one may have got lost
    return null;
  }

  /** Takes over the error eventfd, -1 for none. Returns null, or why it cannot; then as `setKick`. */
  setError(fd: number): string | null {
    const error = fd < 0 ? null : signalDescriptorError(fd);
    if (error !== null) return error;
    if (this.#errorFd >= 0) libc.close(this.#errorFd);
    this.#errorFd = fd;
    return null;
  }

  /** Starts when all is there: the kick eventfd and the ring's memory. Returns whether it has. */
  startIfReady(hasEventIndex: boolean, allowsIndirect: boolean): boolean {
    if (this.#isStarted || this.#kickFd < 0 || !this.queue.isMapped) return false;
    this.queue.start(hasEventIndex, allowsIndirect);
    this.isBroken = false;
    this.#isStarted = true;
    this.#hasRun = true;
    if (this.isEnabled) this.#run();
    return true;
  }

  /** Enables or disables. A kick that came while it was disabled is not lost: the ring is looked at. */
  setEnabled(isEnabled: boolean): void {
    const wasRunning = this.isRunning;
    this.isEnabled = isEnabled;
    if (!wasRunning && this.isRunning) this.#run();
  }

  /** Has the ring served again in the next turn. */
  serveAgain(): void {
    if (this.#kickFd >= 0) this.#reactor.callAgain(this.#kickFd);
  }

  /** Stops: from now on nothing is read or written in the ring. The eventfds go, that for errors stays. */
  stop(): void {
    this.#isStarted = false;
    this.#dropKick();
    if (this.#callFd >= 0) libc.close(this.#callFd);
    this.#callFd = -1;
  }

  /** Stops after the driver broke a rule that leaves no way on, and tells the front-end. */
  fail(): void {
    this.stop();
    this.queue.release();
    if (this.#errorFd >= 0) signal(this.#errorFd);
  }

  /** Frees everything. */
  close(): void {
    this.stop();
    if (this.#errorFd >= 0) libc.close(this.#errorFd);
    this.#errorFd = -1;
    this.queue.reset();
  }

  /** Calls the driver. */
  call(): void {
    if (this.#callFd >= 0) signal(this.#callFd);
  }

  #run(): void {
    this.serveAgain();
    this.#service.ringRuns(this);
  }

  #dropKick(): void {
    if (this.#kickFd < 0) return;
    this.#reactor.unregister(this.#kickFd);
    libc.close(this.#kickFd);
    this.#kickFd = -1;
  }
}

/** A counter that is full has been signalled often enough, so a failure is none. */
function signal(fd: number): void {
  libc.write(fd, ONE, 8);
}

/**
 * As `eventDescriptorError`, for one that is written. It must not block us when its counter is full, and the front-end can fill that
 * at any moment, hence the flag is set, though the front-end shares it: all that are known set it themselves.
 */
function signalDescriptorError(fd: number): string | null {
  const error = eventDescriptorError(fd);
  if (error !== null) return error;
  const flags = libc.fcntl(fd, F_GETFL, 0);
  if ((flags & O_NONBLOCK) !== 0 || libc.fcntl(fd, F_SETFL, flags | O_NONBLOCK) === 0) return null;
  libc.close(fd);
  return "its eventfd blocks";
}

/** Returns null, or what is wrong; closes the descriptor then. */
function eventDescriptorError(fd: number): string | null {
  if (isEventDescriptor(fd)) return null;
  libc.close(fd);
  return "its descriptor is no eventfd";
}
