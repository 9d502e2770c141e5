// How the load profile of a board and its performance domains share control of the frequency. The profile always says how
// busy a block is. The frequency it names is a request, as a governor of the firmware would make it: it counts until an
// agent asks for a level, and the limits hold for it, too. Blocks without a domain take it as it is (scp/model/chip.ts).
import type { LoadPhase } from "../../boards/chip.ts";
import type { Scheduler } from "../core/timeline.ts";
import type { SimulatedPerformanceDomain } from "./simulated_performance_domain.ts";

/** When each phase ends, us from the start of a round: whole ones, as all of virtual time. */
export function phaseEndsUs(phases: readonly LoadPhase[]): number[] {
  let endS = 0;
  return phases.map(({ durationS }) => Math.round((endS += durationS) * 1e6));
}

/** Asks the domains for the frequencies of each phase, when it begins; the phases repeat for ever. */
export class LoadProfile {
  readonly #phases: readonly LoadPhase[];
  readonly #endsUs: readonly number[];
  readonly #domains: readonly SimulatedPerformanceDomain[];
  readonly #scheduler: Scheduler;

  /** The first phase is in force already. */
  constructor(
    phases: readonly LoadPhase[],
    domains: readonly SimulatedPerformanceDomain[],
    scheduler: Scheduler,
  ) {
    this.#phases = phases;
    this.#endsUs = phaseEndsUs(phases);
    this.#domains = domains.filter(({ block }) => block !== null);
    this.#scheduler = scheduler;
    if (phases.length > 1 && this.#domains.length > 0) this.#await(0, 0);
  }

  /** Waits for the end of a phase of the round that began at `roundUs`. */
  #await(place: number, roundUs: number): void {
    const endUs = this.#endsUs[place]!;
    this.#scheduler.at(roundUs + endUs, () => {
      const isLast = place === this.#phases.length - 1;
      const next = isLast ? 0 : place + 1;
      const { loads } = this.#phases[next]!;
      for (const domain of this.#domains) domain.followProfile(loads[domain.block!]?.mhz ?? 0);
      this.#await(next, isLast ? roundUs + endUs : roundUs);
    });
  }
}
