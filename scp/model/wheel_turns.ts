// How far a wheel has turned: its speed, integrated over virtual time by Simpson's rule in fixed windows, so that the result
// does not depend on who asks when. Turning backwards counts as turning, as for a sensor that cannot tell.
import { assert } from "../core/assert.ts";
import type { Kinematics } from "./kinematics.ts";
import { type Part, TICK_US } from "./world.ts";

const WINDOW_US = 50_000;

/** The turns of one wheel. */
export class WheelTurns implements Part {
  readonly ticksPerStep = WINDOW_US / TICK_US;
  readonly #kinematics: Kinematics;
  readonly #side: 1 | -1;
  /** Begin of the present window, and the turns and the speed there. */
  #startUs = 0;
  #startTurns = 0;
  #startPerS: number;

  /** `side` is 1 on the left, -1 on the right. */
  constructor(kinematics: Kinematics, side: 1 | -1) {
    this.#kinematics = kinematics;
    this.#side = side;
    this.#startPerS = this.#perSecondAt(0);
  }

  /** Nothing to prepare: it has no slots. */
  start(): void {}

  /** Goes through the windows with the physics, so that nobody has to catch up with hours of them. */
  step(_state: Float64Array, startUs: number): void {
    this.turnsAt(Math.max(this.#startUs, startUs + WINDOW_US));
  }

  /** Returns the end of the window that begins at a time or holds it: as far as one can look ahead from there. */
  horizonUs(timeUs: number): number {
    while (timeUs >= this.#endUs) this.#moveOn();
    return this.#endUs;
  }

  /** Returns the turns since the start at a time that is not before the present window, which moves on if need be. */
  turnsAt(timeUs: number): number {
    assert(timeUs >= this.#startUs, "the wheel is not asked about a window that is over");
    while (timeUs > this.#endUs) this.#moveOn();
    return this.#turnsInWindow(timeUs);
  }

  get #endUs(): number {
    return this.#startUs + WINDOW_US;
  }

  #moveOn(): void {
    this.#startTurns = this.#turnsInWindow(this.#endUs);
    this.#startUs = this.#endUs;
    this.#startPerS = this.#perSecondAt(this.#startUs);
  }

  #turnsInWindow(timeUs: number): number {
    const middle = this.#perSecondAt((this.#startUs + timeUs) / 2);
    const end = this.#perSecondAt(timeUs);
    return this.#startTurns + (this.#startPerS + 4 * middle + end) / 6 * (timeUs - this.#startUs) / 1e6;
  }

  #perSecondAt(timeUs: number): number {
    return Math.abs(this.#kinematics.wheelSpeedAt(timeUs, this.#side)) / (2 * Math.PI);
  }
}
