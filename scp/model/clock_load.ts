// The power that running clocks draw, for the physics: one slot of the state for each power block that some draw from. It
// follows every start, stop and change of rate at its own time.
import type { ClockTree } from "./clock_tree.ts";
import type { StateLayout } from "./signal.ts";
import type { SimulatedClock } from "./simulated_clock.ts";

/** The clocks of one block. */
interface Load {
  readonly slot: number;
  /** Whole nanowatts: a sum that is kept up to date by differences must not drift. */
  totalNw: number;
}

/** What clocks draw from the blocks of a board. */
export class ClockLoad {
  readonly #tree: ClockTree;
  readonly #loads = new Map<string, Load>();
  readonly #noSlot: number;

  /** Takes the slots, with what the clocks draw at start. */
  constructor(tree: ClockTree, layout: StateLayout) {
    this.#tree = tree;
    this.#noSlot = layout.take(0);
    const totals = new Map<string, number>();
    for (const clock of tree.clocks) {
      const { draws } = clock.description;
      if (draws !== null) totals.set(draws.block, (totals.get(draws.block) ?? 0) + powerNwOf(clock));
    }
    for (const [block, totalNw] of totals) {
      this.#loads.set(block, { slot: layout.take(totalNw * 1e-9), totalNw });
    }
  }

  /** Returns the slot that holds what clocks draw from a block, W. */
  slotOf(block: string): number {
    return this.#loads.get(block)?.slot ?? this.#noSlot;
  }

  /** Keeps the slots of a live state up with the clocks from now on; `beforeChange` gets physics up to the present. */
  follow(state: Float64Array, beforeChange: () => void): void {
    for (const clock of this.#tree.clocks) {
      const { draws } = clock.description;
      if (draws === null) continue;
      const load = this.#loads.get(draws.block)!;
      let drawnNw = powerNwOf(clock);
      clock.activity.add(() => {
        beforeChange();
        const nowNw = powerNwOf(clock);
        load.totalNw += nowNw - drawnNw;
        drawnNw = nowNw;
        state[load.slot] = load.totalNw * 1e-9;
      });
    }
  }
}

/** What a clock draws now: in proportion to its rate, nothing when it stands. */
function powerNwOf(clock: SimulatedClock): number {
  const { draws } = clock.description;
  return draws !== null && clock.isRunning ? Math.round(draws.uwPerMhz * 1e-3 * clock.outputHz) : 0;
}
