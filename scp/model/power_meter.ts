// Measures the power of a block of the chip over time: the energy since start, kept at every tick of the physics as far back as
// the longest averaging interval reaches. An average is the difference of two energies, so it is exact for any interval, and
// costs the same for all. It has no error; what an agent is told is rounded elsewhere.
import type { Signal } from "./signal.ts";
import { type Part, TICK_US } from "./world.ts";

const TICK_S = TICK_US / 1e6;

/** The meter of a block. */
export class PowerMeter implements Part {
  readonly ticksPerStep = 1;
  readonly #signal: Signal;
  /** Energy since start at the end of each of the last ticks, J, by the number of the tick. */
  readonly #energyJ: Float64Array;
  readonly #value = new Float64Array(1);
  #tick = 0;

  /** The signal is a power, W; averages reach back `averagingUsMax`. Steps after the part that makes the signal. */
  constructor(signal: Signal, averagingUsMax: number) {
    this.#signal = signal;
    this.#energyJ = new Float64Array(Math.ceil(averagingUsMax / TICK_US) + 2);
  }

  start(state: Float64Array): void {
    this.#signal.read(state, 0, this.#value);
  }

  step(state: Float64Array, startUs: number): void {
    this.#signal.read(state, startUs, this.#value);
    const energyJ = this.#at(this.#tick) + this.presentW * TICK_S;
    this.#tick++;
    this.#energyJ[this.#tick % this.#energyJ.length] = energyJ;
  }

  /** The power drawn during the last tick, W. */
  get presentW(): number {
    return this.#value[0]!;
  }

  /** The average over the interval that ends with the last tick, W; over the time since start when that is shorter. */
  averageW(intervalUs: number): number {
    // Within a tick power is constant; the difference of two energies would lose digits there.
    if (this.#tick === 0 || intervalUs <= TICK_US) return this.presentW;
    const nowUs = this.#tick * TICK_US;
    const fromUs = Math.max(0, nowUs - intervalUs);
    const before = Math.floor(fromUs / TICK_US);
    const share = fromUs / TICK_US - before;
    const fromJ = this.#at(before) * (1 - share) + this.#at(before + 1) * share;
    return (this.#at(this.#tick) - fromJ) / ((nowUs - fromUs) / 1e6);
  }

  #at(tick: number): number {
    return this.#energyJ[tick % this.#energyJ.length]!;
  }
}
