// The loop of the running core: sleep until a descriptor is ready or a timer is due, set virtual time, serve. Messages are
// served by the transports' handlers inside a turn; nothing is allocated here. Leaves out: what a turn serves.
import type { TimeDriver } from "../core/clock.ts";
import type { Model } from "../model/model.ts";
import type { Machine } from "../server/machine.ts";
import type { Reactor, ReadyHandler } from "../../transports/ffi/reactor.ts";

/**
 * Longest sleep while time passes by itself, host ms. The physics is brought up to date at each turn, so that no agent
 * waits for hours of it to be caught up with.
 */
const SLEEP_MAX_MS = 100;

/** A reactor whose handlers find virtual time set to the moment the wait ended. */
class TimedReactor implements Reactor {
  readonly #inner: Reactor;
  readonly #setTime: () => void;
  /** Whether no handler has been called yet in this turn. */
  #isBeforeFirst = false;

  constructor(inner: Reactor, setTime: () => void) {
    this.#inner = inner;
    this.#setTime = setTime;
  }

  get wakeFd(): number {
    return this.#inner.wakeFd;
  }

  register(fd: number, events: number, edgeTriggered: boolean, handler: ReadyHandler): boolean {
    const onReady = (ready: number): boolean => {
      if (this.#isBeforeFirst) this.#begin();
      return handler.onReady(ready);
    };
    return this.#inner.register(fd, events, edgeTriggered, { onReady });
  }

  modify(fd: number, events: number, edgeTriggered: boolean): void {
    this.#inner.modify(fd, events, edgeTriggered);
  }

  unregister(fd: number): void {
    this.#inner.unregister(fd);
  }

  callAgain(fd: number): void {
    this.#inner.callAgain(fd);
  }

  runOnce(timeoutMs: number): number {
    this.#isBeforeFirst = true;
    const calls = this.#inner.runOnce(timeoutMs);
    if (this.#isBeforeFirst) this.#begin();
    return calls;
  }

  close(): void {
    this.#inner.close();
  }

  #begin(): void {
    this.#isBeforeFirst = false;
    this.#setTime();
  }
}

/** Runs a machine and its model on a reactor, in the time of a driver. */
export class CoreLoop {
  /** What transports register with. */
  readonly reactor: Reactor;
  readonly #machine: Machine;
  readonly #model: Model;
  readonly #driver: TimeDriver;
  #isStopped = false;

  constructor(inner: Reactor, machine: Machine, model: Model, driver: TimeDriver) {
    this.#machine = machine;
    this.#model = model;
    this.#driver = driver;
    this.reactor = new TimedReactor(inner, () => this.#machine.step(this.#driver.nowUs()));
  }

  /** Has `run()` return after the turn in progress. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Serves until stopped. */
  run(): void {
    while (!this.#isStopped) {
      this.reactor.runOnce(this.#sleepMs());
      this.#model.advanceTo(this.#machine.nowUs());
    }
  }

  #sleepMs(): number {
    const dueMs = this.#driver.waitMs(this.#machine.nextUs);
    if (this.#driver.usPerHostMs === 0) return dueMs;
    return dueMs < 0 ? SLEEP_MAX_MS : Math.min(dueMs, SLEEP_MAX_MS);
  }
}
