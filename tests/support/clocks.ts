// Small clock trees for tests, with power domains that a test switches.
import {
  type ClockInput,
  type ClockSourceInput,
  completeClock,
  completeClockSource,
} from "../../boards/clock.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { ClockTree } from "../../scp/model/clock_tree.ts";
import type { PowerGate } from "../../scp/model/clock_feed.ts";
import type { SimulatedClock } from "../../scp/model/simulated_clock.ts";

/** A power domain that a test switches. */
export class Switch implements PowerGate {
  #isOn = true;
  readonly #listeners = new Set<() => void>();

  get isOn(): boolean {
    return this.#isOn;
  }

  set isOn(isOn: boolean) {
    this.#isOn = isOn;
    for (const listener of this.#listeners) listener();
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** A tree with what a test needs of it. */
export interface TestClocks {
  readonly timeline: Timeline;
  readonly tree: ClockTree;
  /** The power domain `island`. */
  readonly island: Switch;
  /** Finds a clock. */
  get(name: string): SimulatedClock;
}

/** Makes a tree; ids are the places. Agents are OSPM (id 1) and VM1 (id 2). */
export function createClocks(
  clocks: readonly Omit<ClockInput, "id">[],
  sources: readonly ClockSourceInput[] = [],
): TestClocks {
  const timeline = new Timeline();
  const island = new Switch();
  const tree = new ClockTree({
    clocks: clocks.map((clock, id) => completeClock({ id, ...clock })),
    clockSources: sources.map(completeClockSource),
    agentNames: ["OSPM", "VM1"],
    gates: new Map([["island", island]]),
    scheduler: timeline,
  });
  return { timeline, tree, island, get: (name) => tree.clocks.find((clock) => clock.name === name)! };
}
