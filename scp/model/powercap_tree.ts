// The power capping domains of a board, put together: which blocks each measures, and which performance domains a cap can
// slow down. A domain has its own blocks and those of all domains below it, so that a parent never measures less than its
// children together.
import type { Board } from "../../boards/board.ts";
import type { OperatingPoint, PowerBlock } from "../../boards/chip.ts";
import type { PowercapDomainDescription } from "../../boards/powercap_domain.ts";
import type { Scheduler } from "../core/timeline.ts";
import { LEAKAGE_PER_VOLT } from "./chip.ts";
import type { PerformanceDomain } from "./performance_domain.ts";
import { type PowerMeter, PowerMeters } from "./power_meter.ts";
import type { Lever } from "./powercap_governor.ts";
import { SimulatedPowercapDomain } from "./simulated_powercap_domain.ts";

/** What the domains measure and slow down. */
export interface PowercapHardware {
  readonly scheduler: Scheduler;
  readonly performanceDomains: readonly PerformanceDomain[];
  /** The slot with the power of a block, W. */
  powerSlotOf(block: string): number;
  /** Gets the physics up to the present. */
  catchUp(): void;
}

/** The power capping domains of a board. */
export class PowercapTree {
  /** The place is the wire id. */
  readonly domains: readonly SimulatedPowercapDomain[];
  /** A part of the physics, to step after the chip: the meters of all blocks that belong to a domain, in their order. */
  readonly meters: PowerMeters;

  constructor(board: Board, hardware: PowercapHardware) {
    const plans = board.powercapDomains;
    const names = plans.flatMap(({ blocks }) => blocks);
    const slots = names.map((name) => hardware.powerSlotOf(name));
    this.meters = new PowerMeters(slots, Math.max(0, ...plans.map(longestUsOf)));
    const meters = new Map(names.map((name, place) => [name, this.meters.meters[place]!]));
    const made = new Map<string, SimulatedPowercapDomain>();
    const make = (plan: PowercapDomainDescription): SimulatedPowercapDomain => {
      const known = made.get(plan.name);
      if (known !== undefined) return known;
      const above = plans.find(({ name }) => name === plan.parent);
      const domain = new SimulatedPowercapDomain(plan, {
        parent: above === undefined ? null : make(above),
        setterIds: new Set(board.agents.flatMap(({ kind }, i) => plan.setBy.includes(kind) ? [i + 1] : [])),
        scheduler: hardware.scheduler,
        meters: blocksOf(plan, plans).map((name) => meters.get(name)!),
        levers: leversOf(blocksOf(plan, plans), board.power.blocks, meters, hardware.performanceDomains),
        catchUp: hardware.catchUp,
      });
      made.set(plan.name, domain);
      return domain;
    };
    this.domains = plans.map(make);
  }

  /** What a reset of the system puts back; energy and time go on. */
  reset(): void {
    for (const domain of this.domains) domain.reset();
  }

  /** Lists what may never be; nothing is right. */
  checkInvariants(): string[] {
    return this.domains.flatMap((domain) => domain.checkInvariants());
  }
}

/** The longest interval that anything of a domain can be averaged over. */
function longestUsOf({ averaging, furtherLimits }: PowercapDomainDescription): number {
  return Math.max(averaging.maxUs, ...furtherLimits.map((limit) => limit.averaging.maxUs));
}

/** The blocks of a domain and of those below it. */
function blocksOf(plan: PowercapDomainDescription, plans: readonly PowercapDomainDescription[]): string[] {
  const below = plans.filter(({ parent }) => parent === plan.name);
  return [...plan.blocks, ...below.flatMap((child) => blocksOf(child, plans))];
}

/** The performance domains that drive some blocks. */
function leversOf(
  names: readonly string[],
  blocks: readonly PowerBlock[],
  meters: ReadonlyMap<string, PowerMeter>,
  domains: readonly PerformanceDomain[],
): Lever[] {
  return domains.flatMap((domain) => {
    if (domain.block === null || !names.includes(domain.block)) return [];
    const { operatingPoints } = blocks.find(({ name }) => name === domain.block)!;
    const costs = domain.levels.map(({ frequencyKhz }) => costOf(frequencyKhz / 1000, operatingPoints));
    return [{ domain, meter: meters.get(domain.block)!, costs }];
  });
}

/**
 * How power grows with frequency and voltage, at most: dynamic power with f V^2, leakage with V and the exponential of it. The
 * product is above both, as neither falls from level to level.
 */
function costOf(mhz: number, points: readonly OperatingPoint[]): number {
  const { volts } = points.find((point) => point.mhz >= mhz) ?? points.at(-1)!;
  return mhz * volts * volts * Math.exp(LEAKAGE_PER_VOLT * volts);
}
