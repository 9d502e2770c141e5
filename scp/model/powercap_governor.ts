// Keeps the power of a domain below its cap: while the average is too high, and what is drawn at present would keep it there,
// the performance domain whose block draws most goes down by one level a period; a level is given back when the power
// expected with it leaves a margin below the cap. Each cap has a governor of its own, so that the lowest ceiling counts
// where a domain and one above it are capped.
import type { Scheduler, Timer } from "../core/timeline.ts";
import type { PerformanceDomain } from "./performance_domain.ts";
import type { PowerMeter } from "./power_meter.ts";

/** It works towards this share of the cap: leakage that grows with the temperature does not take power above the cap. */
const TARGET_SHARE = 0.99;

/** A level is given back when no more than this share of the cap is expected with it. */
const GIVE_BACK_SHARE = 0.95;

/** A performance domain that can be slowed down. */
export interface Lever {
  readonly domain: PerformanceDomain;
  /** Of the block that it drives. */
  readonly meter: PowerMeter;
  /** How the power of the block at most grows from level to level, in any unit, by index. */
  readonly costs: readonly number[];
}

/** What a governor works with. */
export interface GovernedPower {
  readonly scheduler: Scheduler;
  /** Names its ceilings. */
  readonly source: string;
  readonly periodUs: number;
  /** Of all blocks of the domain and below. */
  readonly meters: readonly PowerMeter[];
  readonly levers: readonly Lever[];
  /** The averaging interval in force. */
  averagingUs(): number;
  /** Gets the physics, and so the meters, up to the present. */
  catchUp(): void;
}

/** The governor of one domain. */
export class PowercapGovernor {
  readonly #hardware: GovernedPower;
  /** Its ceilings by place of the lever; null = none. */
  readonly #ceilings: (number | null)[];
  #capW: number | null = null;
  #whenKept: (() => void) | null = null;
  #timer: Timer | null = null;

  constructor(hardware: GovernedPower) {
    this.#hardware = hardware;
    this.#ceilings = hardware.levers.map(() => null);
  }

  /**
   * Keeps power below a cap from now on, or (null) lets it go. `whenKept` is called, never before this returns, as soon as
   * there is nothing to lower any more: power is below the cap, or everything is at its lowest level.
   */
  keep(capW: number | null, whenKept: (() => void) | null): void {
    this.#capW = capW;
    this.#whenKept = whenKept;
    if (capW === null) this.#ceilings.forEach((_, place) => this.#impose(place, null));
    if (this.#timer === null && (capW !== null || whenKept !== null)) {
      this.#lookAt(this.#hardware.scheduler.nowUs());
    }
  }

  /** The average over an interval, W; the present is that of the meters. */
  averageW(intervalUs: number): number {
    return this.#hardware.meters.reduce((sum, meter) => sum + meter.averageW(intervalUs), 0);
  }

  /** Lists what it may never be in; nothing is right. */
  checkInvariants(about: string): string[] {
    const wrong: string[] = [];
    this.#hardware.levers.forEach(({ domain }, place) => {
      const ceiling = this.#ceilings[place]!;
      if (ceiling === null) return;
      if (this.#capW === null) wrong.push(`${about} holds ${domain.name} back without a cap`);
      if (domain.limits.max.index > ceiling) wrong.push(`${domain.name} ignores the ceiling of ${about}`);
    });
    if (this.#capW !== null && this.#timer === null) wrong.push(`nobody keeps the cap of ${about}`);
    return wrong;
  }

  get #presentW(): number {
    return this.#hardware.meters.reduce((sum, { presentW }) => sum + presentW, 0);
  }

  #lookAt(timeUs: number): void {
    this.#timer = this.#hardware.scheduler.at(timeUs, () => {
      this.#timer = null;
      this.#look();
    });
  }

  #look(): void {
    const { scheduler, periodUs } = this.#hardware;
    const hasLowered = this.#capW !== null && this.#move(this.#capW);
    const whenKept = hasLowered ? null : this.#whenKept;
    if (!hasLowered) this.#whenKept = null;
    if (this.#capW !== null) this.#lookAt(scheduler.nowUs() + periodUs);
    whenKept?.();
  }

  /** Moves one ceiling if need be; returns whether it was lowered. */
  #move(capW: number): boolean {
    this.#hardware.catchUp();
    const averageW = this.averageW(this.#hardware.averagingUs());
    const targetW = capW * TARGET_SHARE;
    // A high average falls by itself when little is drawn now.
    if (averageW > targetW) return this.#presentW > targetW && this.#lower();
    this.#giveBack(averageW, capW * GIVE_BACK_SHARE);
    return false;
  }

  /** Takes the domain down whose block draws most; false: there is nothing more to win. */
  #lower(): boolean {
    let most = -1;
    let mostW = 0;
    this.#hardware.levers.forEach(({ domain, meter }, place) => {
      if (domain.level.index === 0 || meter.presentW <= mostW) return;
      most = place;
      mostW = meter.presentW;
    });
    if (most < 0) return false;
    // One level below the one in force, so that it is felt at once.
    this.#impose(most, this.#hardware.levers[most]!.domain.level.index - 1);
    return true;
  }

  /** Gives a level back to the domain where that costs least, if there is room for it. */
  #giveBack(powerW: number, mostW: number): void {
    let least = -1;
    let leastW = mostW - powerW;
    this.#hardware.levers.forEach((lever, place) => {
      const ceiling = this.#ceilings[place]!;
      if (ceiling === null) return;
      const moreW = this.#expectedRiseW(lever, ceiling + 1);
      if (moreW > leastW || (moreW === leastW && least >= 0)) return;
      least = place;
      leastW = moreW;
    });
    if (least < 0) return;
    const above = this.#ceilings[least]! + 1;
    const isFastest = above === this.#hardware.levers[least]!.domain.levels.length - 1;
    this.#impose(least, isFastest ? null : above);
  }

  /** What a block draws more at a level than it does now, W, at most: all of its power might grow as the costs do. */
  #expectedRiseW({ domain, meter, costs }: Lever, index: number): number {
    const drawnW = Math.max(meter.presentW, meter.averageW(this.#hardware.averagingUs()));
    return Math.max(0, drawnW * (costs[index]! / costs[domain.runningLevel.index]! - 1));
  }

  #impose(place: number, ceiling: number | null): void {
    this.#ceilings[place] = ceiling;
    this.#hardware.levers[place]!.domain.imposeCeiling(this.#hardware.source, ceiling);
  }
}
