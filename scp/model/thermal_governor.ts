// What the firmware does against heat by itself: while a thermal node is too hot it takes the ceilings of performance
// domains down by one level a period, and gives them back in the same way once the node has cooled down. It works on its
// own period in virtual time, whoever reads which sensor. Splitting a power budget by weights (Linux' IPA) is left out.
import type { ThermalGovernorPlan } from "../../boards/thermal_governor.ts";
import { nextMultiple } from "../core/period.ts";
import type { Scheduler } from "../core/timeline.ts";
import type { PerformanceDomain } from "./performance_domain.ts";

/** What a governor works with. */
export interface GovernedHardware {
  readonly scheduler: Scheduler;
  readonly domains: readonly PerformanceDomain[];
  /** The temperature of the node at the present, degree Celsius. */
  readC(): number;
}

/** The governor of one thermal node. */
export class ThermalGovernor {
  readonly #plan: ThermalGovernorPlan;
  readonly #hardware: GovernedHardware;
  readonly #source: string;
  /** Its ceilings by place of the domain; null = none. */
  readonly #ceilings: (number | null)[];

  /** Starts to look at the first multiple of its period. */
  constructor(plan: ThermalGovernorPlan, hardware: GovernedHardware) {
    this.#plan = plan;
    this.#hardware = hardware;
    this.#source = `thermal ${plan.node}`;
    this.#ceilings = hardware.domains.map(() => null);
    this.#schedule();
  }

  /** Whether it holds a domain back. */
  get isThrottling(): boolean {
    return this.#ceilings.some((ceiling) => ceiling !== null);
  }

  #schedule(): void {
    const { periodUs } = this.#plan;
    const { scheduler } = this.#hardware;
    scheduler.at(nextMultiple(scheduler.nowUs(), periodUs), () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    const temperatureC = this.#hardware.readC();
    const { passiveC, hysteresisC } = this.#plan;
    if (temperatureC >= passiveC) this.#each((domain, ceiling) => lower(domain, ceiling));
    else if (temperatureC < passiveC - hysteresisC) this.#each((domain, ceiling) => raise(domain, ceiling));
  }

  #each(change: (domain: PerformanceDomain, ceiling: number | null) => number | null): void {
    this.#hardware.domains.forEach((domain, place) => {
      const before = this.#ceilings[place]!;
      const ceiling = change(domain, before);
      if (ceiling === before) return;
      this.#ceilings[place] = ceiling;
      domain.imposeCeiling(this.#source, ceiling);
    });
  }
}

/** One level below the present ceiling; the first is one below the level in force, so that it is felt at once. */
function lower(domain: PerformanceDomain, ceiling: number | null): number {
  return Math.max(0, Math.min(ceiling ?? Infinity, domain.level.index) - 1);
}

/** One level above the present ceiling; none when that is the fastest. */
function raise(domain: PerformanceDomain, ceiling: number | null): number | null {
  return ceiling === null || ceiling + 1 >= domain.levels.length - 1 ? null : ceiling + 1;
}
