// The clocks of a board as one tree: made from their descriptions, joined from the roots to the leaves. Sources, which no
// agent can name, feed clocks and never change.
import type { ClockDescription, ClockSourceDescription } from "../../boards/clock.ts";
import { assert } from "../core/assert.ts";
import type { Scheduler } from "../core/timeline.ts";
import type { ClockPermissions } from "./clock.ts";
import type { ClockFeed, PowerGate } from "./clock_feed.ts";
import { SimulatedClock } from "./simulated_clock.ts";

/** What a tree is made from. */
export interface ClockTreePlan {
  readonly clocks: readonly ClockDescription[];
  readonly clockSources: readonly ClockSourceDescription[];
  /** Names of the agents; the place + 1 is the id. */
  readonly agentNames: readonly string[];
  /** Power domains by name. */
  readonly gates: ReadonlyMap<string, PowerGate>;
  readonly scheduler: Scheduler;
}

/** A crystal or a PLL. */
class ClockSource implements ClockFeed {
  readonly isRunning = true;
  readonly fed = new Set<SimulatedClock>();

  constructor(readonly name: string, readonly outputHz: number) {}
}

/** All clocks of a board. */
export class ClockTree {
  /** In the order of their wire ids. */
  readonly clocks: readonly SimulatedClock[];
  readonly #sources = new Map<string, ClockSource>();
  readonly #byName: ReadonlyMap<string, SimulatedClock>;
  /** Each after all it can run from. */
  readonly #rootsFirst = new Set<SimulatedClock>();

  constructor(readonly plan: ClockTreePlan) {
    const { agentNames, scheduler } = plan;
    this.clocks = plan.clocks.map((each) => new SimulatedClock(each, rightsOf(each, agentNames), scheduler));
    this.#byName = new Map(this.clocks.map((clock) => [clock.name, clock]));
    for (const clock of this.clocks) this.#join(clock);
  }

  /** Whether an agent that takes the power from all clocks of a domain would stop one that is another's own, or above such a one. */
  isDisturbedBy(powerDomain: string, agentId: number): boolean {
    return this.clocks.some((clock) =>
      clock.description.powerDomain === powerDomain && clock.disturbs(agentId)
    );
  }

  /** Puts all clocks into the state they boot in, as any reset of the system does. */
  reset(): void {
    for (const clock of this.clocks) clock.restart();
    for (const clock of this.#rootsFirst) clock.refresh(0);
  }

  /** What is wrong with the tree, if anything. */
  checkInvariants(): string[] {
    return this.clocks.flatMap((clock) => clock.checkInvariants());
  }

  /** Joins a clock after those it can run from. */
  #join(clock: SimulatedClock): void {
    if (this.#rootsFirst.has(clock)) return;
    const { parent, parents, powerDomain } = clock.description;
    const feeds = parents.map((name) => this.#byName.get(name) ?? this.#sourceOf(name));
    const choices = feeds.filter((feed) => feed instanceof SimulatedClock);
    for (const choice of choices) this.#join(choice);
    const gate = powerDomain === null ? null : this.plan.gates.get(powerDomain);
    assert(gate !== undefined, `power domain ${powerDomain} of clock ${clock.name} exists`);
    const feed = feeds.find(({ name }) => name === parent) ?? null;
    clock.join(feed, choices.length > 1 ? choices : [], gate);
    this.#rootsFirst.add(clock);
  }

  /** Returns a source, made when it is asked for first: it may stand behind those made from it. */
  #sourceOf(name: string): ClockSource {
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    const description = this.plan.clockSources.find((source) => source.name === name);
    assert(description !== undefined, `clock or source ${name} exists`);
    const { parent, rateHz, multiplier, divider } = description;
    const inputHz = parent === null ? rateHz : this.#sourceOf(parent).outputHz;
    const source = new ClockSource(name, Math.floor(inputHz * multiplier / divider));
    this.#sources.set(name, source);
    return source;
  }
}

/** The rights of agents by their ids; those that are not named have all. */
function rightsOf(
  description: ClockDescription,
  agentNames: readonly string[],
): ReadonlyMap<number, ClockPermissions> {
  const all = { state: true, rate: true, parent: true };
  return new Map(
    Object.entries(description.rights).map((
      [name, rights],
    ) => [agentNames.indexOf(name) + 1, { ...all, ...rights }]),
  );
}
