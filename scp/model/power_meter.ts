// Measures the power of blocks of the chip over time: the energy of each since start, kept at every tick of the physics as far
// back as the longest averaging interval reaches. An average is the difference of two energies, so it is exact for any
// interval, and costs the same for all. It has no error; what an agent is told is rounded elsewhere.
import { assert } from "../core/assert.ts";
import { type Part, TICK_US } from "./world.ts";

const TICK_S = TICK_US / 1e6;

/** What one block draws. */
export interface PowerMeter {
  /** The power drawn during the last tick, W. */
  readonly presentW: number;
  /** The average over the interval that ends with the last tick, W; over the time since start when that is shorter. */
  averageW(intervalUs: number): number;
}

/** The meters of some blocks, one part of the physics: it steps with every tick, and has to be quick. */
export class PowerMeters implements Part {
  readonly ticksPerStep = 1;
  /** The place is that of the block's slot. */
  readonly meters: readonly PowerMeter[];
  readonly #slots: Int32Array;
  /** A row for each of the last ticks, by its number modulo their count: the energy of each block since start, J. */
  readonly #energyJ: Float64Array;
  readonly #rowCount: number;
  #state: Float64Array | null = null;
  #tick = 0;
  #row = 0;

  /** The slots hold powers, W, made by a part that steps before; averages reach back `averagingUsMax`. */
  constructor(slots: readonly number[], averagingUsMax: number) {
    this.#slots = Int32Array.from(slots);
    this.#rowCount = Math.ceil(averagingUsMax / TICK_US) + 1;
    this.#energyJ = new Float64Array(this.#rowCount * slots.length);
    this.meters = slots.map((slot, place) => this.#meterOf(slot, place));
  }

  start(state: Float64Array): void {
    this.#state = state;
  }

  step(state: Float64Array): void {
    const slots = this.#slots;
    const energyJ = this.#energyJ;
    const from = this.#row * slots.length;
    this.#row = this.#row + 1 === this.#rowCount ? 0 : this.#row + 1;
    const to = this.#row * slots.length;
    for (let place = 0; place < slots.length; place++) {
      energyJ[to + place] = energyJ[from + place]! + state[slots[place]!]! * TICK_S;
    }
    this.#tick++;
  }

  #meterOf(slot: number, place: number): PowerMeter {
    const presentW = () => {
      assert(this.#state !== null, "meters are read after the start");
      return this.#state[slot]!;
    };
    return {
      get presentW() {
        return presentW();
      },
      // Within a tick power is constant; the difference of two energies would lose digits there.
      averageW: (intervalUs) =>
        this.#tick === 0 || intervalUs <= TICK_US ? presentW() : this.#averageW(place, intervalUs),
    };
  }

  #averageW(place: number, intervalUs: number): number {
    const nowUs = this.#tick * TICK_US;
    const fromUs = Math.max(0, nowUs - intervalUs);
    const before = Math.floor(fromUs / TICK_US);
    const share = fromUs / TICK_US - before;
    const fromJ = this.#at(before, place) * (1 - share) + this.#at(before + 1, place) * share;
    return (this.#at(this.#tick, place) - fromJ) / ((nowUs - fromUs) / 1e6);
  }

  #at(tick: number, place: number): number {
    return this.#energyJ[(tick % this.#rowCount) * this.#slots.length + place]!;
  }
}
