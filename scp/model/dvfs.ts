// Rails, voltage domains and performance domains of a board, put together: which domain drives which block and is fed by
// which rail. What they do reaches the physics through slots of the state, at its time.
import type { AgentKind } from "../../boards/agent.ts";
import type { Board } from "../../boards/board.ts";
import type { PowerBlock } from "../../boards/chip.ts";
import { assert } from "../core/assert.ts";
import type { Scheduler } from "../core/timeline.ts";
import { Rail } from "./rail.ts";
import type { ModelInput, StateLayout } from "./signal.ts";
import { SimulatedPerformanceDomain } from "./simulated_performance_domain.ts";
import { SimulatedVoltageDomain } from "./simulated_voltage_domain.ts";

/** Everything of a board that scales voltage and frequency. */
export class Dvfs {
  readonly rails: readonly Rail[];
  /** The place is the wire id. */
  readonly performanceDomains: readonly SimulatedPerformanceDomain[];
  readonly voltageDomains: readonly SimulatedVoltageDomain[];
  /** Blocks that nobody drives, with what they need, uV, of their rails. */
  readonly #undriven: readonly { readonly block: string; readonly rail: Rail; readonly neededUv: number }[];
  readonly #voltSlots = new Map<string, number>();
  readonly #mhzSlots = new Map<string, number>();
  #state: Float64Array | null = null;
  #beforeChange: () => void = () => {};

  constructor(board: Board, layout: StateLayout, scheduler: Scheduler) {
    const { blocks, rails, phases } = board.power;
    const idsOf = (kinds: readonly AgentKind[]) =>
      new Set(board.agents.flatMap(({ kind }, place) => kinds.includes(kind) ? [place + 1] : []));
    this.rails = rails.flatMap(({ name, regulator }) => {
      if (regulator === undefined || regulator === null) return [];
      return [new Rail(name, regulator, scheduler, (volts) => this.#put(this.voltSlotOf(name), volts))];
    });
    const railNamed = (name: string | null) => this.rails.find((rail) => rail.name === name) ?? null;

    this.performanceDomains = board.performanceDomains.map((plan) => {
      const block = blocks.find(({ name }) => name === plan.block);
      return new SimulatedPerformanceDomain(
        plan,
        {
          scheduler,
          rail: railNamed(block?.rail ?? null),
          neededUv: plan.levels.map(({ mhz }) => block === undefined ? 0 : neededUv(block, mhz)),
          setMhz: (mhz) => block === undefined ? undefined : this.#put(this.mhzSlotOf(block.name), mhz),
        },
        { levelSetterIds: idsOf(plan.levelSetBy), limitsSetterIds: idsOf(plan.limitsSetBy) },
        block === undefined ? null : phases[0]?.loads[block.name]?.mhz ?? null,
      );
    });
    // The load of a block that nobody drives may change at any time: it always has enough for all it can do.
    this.#undriven = blocks.flatMap((block) => {
      const rail = railNamed(block.rail);
      if (rail === null || this.driverOf(block.name) !== undefined) return [];
      const mostUv = Math.max(...block.operatingPoints.map(({ mhz }) => neededUv(block, mhz)));
      return [{ block: block.name, rail, neededUv: mostUv }];
    });
    for (const each of this.#undriven) each.rail.holdAtOnce(`block ${each.block}`, each.neededUv);
    this.voltageDomains = board.voltageDomains.map((plan) => {
      const rail = railNamed(plan.rail);
      assert(rail !== null, `rail ${plan.rail} has a regulator`);
      return new SimulatedVoltageDomain(plan, rail, idsOf(plan.setBy));
    });

    // The slots begin with what is in force now.
    for (const rail of this.rails) this.#voltSlots.set(rail.name, layout.take(rail.volts));
    for (const { block, level } of this.performanceDomains) {
      if (block !== null) this.#mhzSlots.set(block, layout.take(level.frequencyKhz / 1000));
    }
  }

  /** The slot with the voltage of a rail, V; -1 = it has no regulator. */
  voltSlotOf(rail: string): number {
    return this.#voltSlots.get(rail) ?? -1;
  }

  /** The slot with the frequency of a block, MHz; -1 = no domain drives it. */
  mhzSlotOf(block: string): number {
    return this.#mhzSlots.get(block) ?? -1;
  }

  /** The domain that drives a block, if one does. */
  driverOf(block: string): SimulatedPerformanceDomain | undefined {
    return this.performanceDomains.find((domain) => domain.block === block);
  }

  /** What `setInput` takes. */
  get inputs(): readonly ModelInput[] {
    return this.performanceDomains.flatMap(({ block, levels }) =>
      block === null ? [] : [{ name: inputNameOf(block), min: 0, max: levels.at(-1)!.frequencyKhz / 1000 }]
    );
  }

  /**
   * Asks for a frequency of a block, MHz, as the platform, or (null) leaves it to the load profile. False: out of bounds;
   * null: no domain of ours has an input of this name.
   */
  setInput(name: string, value: number | null): boolean | null {
    const domain = this.performanceDomains.find(({ block }) => block !== null && inputNameOf(block) === name);
    if (domain === undefined) return null;
    if (value !== null && !(value >= 0 && value <= domain.levels.at(-1)!.frequencyKhz / 1000)) return false;
    domain.demand(value);
    return true;
  }

  /** Puts changes into a live state from now on; `beforeChange` is called before, so that physics gets up to the present. */
  follow(state: Float64Array, beforeChange: () => void): void {
    this.#state = state;
    this.#beforeChange = beforeChange;
  }

  /** What a reset of the system puts back. Regulators keep what they were told while they are supplied. */
  reset(isCold: boolean): void {
    for (const domain of this.performanceDomains) domain.reset();
    if (isCold) { for (const rail of this.rails) rail.reset(); }
  }

  /** Lists what may never be; nothing is right. */
  checkInvariants(): string[] {
    const starved = this.#undriven.filter(({ rail, neededUv }) => Math.round(rail.volts * 1e6) < neededUv);
    return [
      ...[...this.rails, ...this.performanceDomains].flatMap((each) => each.checkInvariants()),
      ...starved.map(({ block, rail, neededUv }) =>
        `block ${block} needs ${neededUv} uV, its rail ${rail.name} gives ${rail.volts} V`
      ),
    ];
  }

  /** Puts a change into the physics; before that is there, nothing has to be told. */
  #put(slot: number, value: number): void {
    if (this.#state === null) return;
    this.#beforeChange();
    this.#state[slot] = value;
  }
}

function inputNameOf(block: string): string {
  return `mhz.${block}`;
}

/** What a block needs at a frequency, uV: the voltage of the slowest operating point that is fast enough. */
function neededUv(block: PowerBlock, mhz: number): number {
  const points = block.operatingPoints;
  return Math.round((points.find((point) => point.mhz >= mhz) ?? points.at(-1)!).volts * 1e6);
}
