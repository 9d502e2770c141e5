// The pulses of a wheel: high for the second half of each part of a turn. While somebody listens each edge is an event at its
// microsecond of virtual time; the board's validator bounds how many there can be.
import type { Scheduler, Timer } from "../core/timeline.ts";
import type { LevelSource, LineLevel } from "./gpio_line.ts";
import type { WheelTurns } from "./wheel_turns.ts";

/** A level that toggles with a wheel. */
export class WheelPulse implements LevelSource {
  readonly drive = null;
  readonly #wheel: WheelTurns;
  readonly #edgesPerTurn: number;
  readonly #scheduler: Scheduler;
  readonly #nowUs: () => number;

  /** `nowUs` is the time that the physics and the scheduler have reached. */
  constructor(wheel: WheelTurns, pulsesPerTurn: number, scheduler: Scheduler, nowUs: () => number) {
    this.#wheel = wheel;
    this.#edgesPerTurn = 2 * pulsesPerTurn;
    this.#scheduler = scheduler;
    this.#nowUs = nowUs;
  }

  read(): LineLevel {
    return this.#edgeCountAt(this.#nowUs()) % 2 === 0 ? 0 : 1;
  }

  get riseCount(): number {
    return Math.ceil(this.#edgeCountAt(this.#nowUs()) / 2);
  }

  watch(onChange: () => void): () => void {
    let timer: Timer;
    const plan = () => {
      timer = this.#scheduler.at(this.#nextUs(), () => {
        // Before it is told: whoever hears of it may stop watching.
        plan();
        onChange();
      });
    };
    plan();
    return () => timer.cancel();
  }

  /** Returns the time of the next edge, or, if none is in sight, when to look again. */
  #nextUs(): number {
    const nowUs = this.#nowUs();
    const edgeCount = this.#edgeCountAt(nowUs);
    let afterUs = this.#wheel.horizonUs(nowUs);
    if (this.#edgeCountAt(afterUs) === edgeCount) return afterUs;
    let beforeUs = nowUs;
    while (afterUs - beforeUs > 1) {
      const middleUs = Math.floor((beforeUs + afterUs) / 2);
      if (this.#edgeCountAt(middleUs) > edgeCount) afterUs = middleUs;
      else beforeUs = middleUs;
    }
    return afterUs;
  }

  #edgeCountAt(timeUs: number): number {
    return Math.floor(this.#wheel.turnsAt(timeUs) * this.#edgesPerTurn);
  }
}
