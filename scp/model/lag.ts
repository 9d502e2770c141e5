// First-order lag between a signal and the sensors that follow it slowly (a probe in air, in a tire). Sensors with the
// same signal and the same time constant share one memory, so many sensors cost no more than few.
import type { Signal, StateLayout } from "./signal.ts";
import { type Part, TICK_US } from "./world.ts";

const TICKS_PER_STEP = 10;

/** A lag shorter than one step is not seen, s. */
export const LAG_MIN_S = TICKS_PER_STEP * TICK_US / 1e6;

interface Follower {
  readonly source: Signal;
  readonly gain: number;
  readonly slots: readonly number[];
}

/** All lags of a model; one step per 50 ms, after the other parts. */
export class LagPart implements Part {
  readonly ticksPerStep = TICKS_PER_STEP;
  readonly #layout: StateLayout;
  readonly #followers: Follower[] = [];
  readonly #known = new Map<string, Signal>();
  readonly #values = new Float64Array(3);

  constructor(layout: StateLayout) {
    this.#layout = layout;
  }

  /** Returns the signal that follows `source` with a time constant of `lagS`; the source itself when that is too short. */
  follow(name: string, source: Signal, lagS: number): Signal {
    if (lagS < LAG_MIN_S) return source;
    const key = `${name} ${lagS}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const slots = Array.from({ length: source.width }, () => this.#layout.take(0));
    this.#followers.push({ source, gain: 1 - Math.exp(-LAG_MIN_S / lagS), slots });
    const lagged: Signal = {
      width: source.width,
      typeCode: source.typeCode,
      read: (state, _timeUs, out) => {
        for (let place = 0; place < slots.length; place++) out[place] = state[slots[place]!]!;
      },
    };
    this.#known.set(key, lagged);
    return lagged;
  }

  /** A probe starts at the temperature of what it probes. */
  start(state: Float64Array): void {
    for (const follower of this.#followers) this.#approach(follower, state, 0, 1);
  }

  /** Moves each memory towards its signal. */
  step(state: Float64Array, startUs: number): void {
    const endUs = startUs + TICKS_PER_STEP * TICK_US;
    for (const follower of this.#followers) this.#approach(follower, state, endUs, follower.gain);
  }

  #approach(follower: Follower, state: Float64Array, timeUs: number, gain: number): void {
    follower.source.read(state, timeUs, this.#values);
    follower.slots.forEach((slot, place) => {
      state[slot] = state[slot]! + (this.#values[place]! - state[slot]!) * gain;
    });
  }
}
