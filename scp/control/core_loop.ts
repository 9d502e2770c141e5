// The loop of the running core: sleep until a descriptor is ready or a timer is due, set virtual time, serve.
// Messages are served by the transports' handlers inside a turn; nothing is allocated here. Leaves out: what
// a turn serves.
import type { TimeDriver } from "../core/clock.ts";
import type { Model } from "../model/model.ts";
import type { Machine } from "../server/machine.ts";
import { assert } from "../core/assert.ts";
import { type Alarm, openAlarm } from "../../transports/ffi/alarm.ts";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";

/**
 * Longest sleep while time passes by itself, host ms. The physics is brought up to date then, so that no agent waits for
 * hours of it to be caught up with.
 */
const SLEEP_MAX_MS = 100;

/** Runs a machine and its model on a reactor, in the time of a driver. */
export class CoreLoop {
  /** What transports register with: its handlers find virtual time set to the moment the wait ended. */
  readonly reactor: Reactor;
  readonly #alarm: Alarm;
  readonly #machine: Machine;
  readonly #model: Model;
  readonly #driver: TimeDriver;
  /** Virtual time until which the alarm is set; -1 = it has expired (it may do so a little early). */
  #alarmUs = -1;
  #isStopped = false;

  constructor(machine: Machine, model: Model, driver: TimeDriver) {
    this.#machine = machine;
    this.#model = model;
    this.#driver = driver;
    this.reactor = createReactor(() => machine.step(driver.nowUs()));
    const alarm = openAlarm(this.reactor, () => this.#alarmUs = -1);
    assert(alarm !== null, "the loop gets its timer");
    this.#alarm = alarm;
  }

  /** Has `run()` return after the turn in progress. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Serves until stopped. */
  run(): void {
    while (!this.#isStopped) {
      const isDue = this.#setAlarm();
      this.reactor.runOnce(isDue ? 0 : -1);
    }
    this.#alarm.close();
  }

  /** Sees to it that the next wait ends in time; returns whether something is due already. */
  #setAlarm(): boolean {
    const nowUs = this.#machine.nowUs();
    const dueUs = this.#machine.nextUs;
    if (dueUs <= nowUs) return true;
    if (this.#driver.usPerHostMs === 0) return false;
    const isSet = this.#alarmUs > nowUs;
    if (isSet && dueUs >= this.#alarmUs) return false;
    if (!isSet) {
      this.#model.advanceTo(nowUs);
      this.#alarmUs = nowUs + SLEEP_MAX_MS * this.#driver.usPerHostMs;
    }
    this.#alarmUs = Math.min(this.#alarmUs, dueUs);
    this.#alarm.set(this.#driver.waitMs(this.#alarmUs));
    return false;
  }
}
