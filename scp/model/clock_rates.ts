// Which rates a clock can give: what its ratio offers at the rate that comes in, within its limits, and which setting of
// the ratio (its divider or multiplier) serves a request.
import { type ClockRatio, rateOf, startSetting } from "../core/clock_ratio.ts";
import type { RateOffer, Rounding } from "./clock.ts";

/** Limits that a clock keeps, Hz. */
export interface RateLimits {
  readonly rateMinHz: number;
  readonly rateMaxHz: number;
}

/** Tells whether a rate is inside the limits. */
export function isWithin(limits: RateLimits, rateHz: number): boolean {
  return limits.rateMinHz <= rateHz && rateHz <= limits.rateMaxHz;
}

/** A setting and the rate it gives. */
interface Candidate {
  readonly setting: number;
  readonly rateHz: number;
}

type Multipliers = Extract<ClockRatio, { kind: "multipliers" }>;

/** The rates of a ratio at one rate that comes in. At least one is within the limits: the one in force. */
export class ClockRates {
  /** What agents are told. */
  readonly offer: RateOffer;
  readonly #pick: (wantedHz: number) => readonly Candidate[];

  constructor(ratio: ClockRatio, readonly inputHz: number, limits: RateLimits) {
    const stepHz = ratio.kind === "multipliers" ? Math.floor(inputHz / ratio.divider) : 0;
    // A step of 0 makes agents divide by it: without an input there is one rate only.
    if (ratio.kind === "multipliers" && stepHz > 0) {
      const ends = multipliersWithin(ratio, stepHz, limits);
      this.offer = {
        kind: "steps",
        lowestHz: ends.lowest * stepHz,
        highestHz: ends.highest * stepHz,
        stepHz,
      };
      this.#pick = (wantedHz) => multipliersNear(ends, stepHz, wantedHz);
      return;
    }
    const all = reachable(ratio, inputHz, limits);
    const ratesHz = all.map(({ rateHz }) => rateHz);
    const lowestHz = ratesHz[0]!;
    const isToldInSteps = ratio.kind === "dividers" && ratio.isToldInSteps === true && lowestHz > 0;
    this.offer = isToldInSteps
      ? { kind: "steps", lowestHz, highestHz: ratesHz[ratesHz.length - 1]!, stepHz: lowestHz }
      : { kind: "list", ratesHz };
    this.#pick = () => all;
  }

  /** Returns the setting that serves a request best, or null when it lies beyond the lowest or highest rate. */
  choose(wantedHz: number, rounding: Rounding): number | null {
    const candidates = this.#pick(wantedHz);
    const upper = candidates.findIndex(({ rateHz }) => rateHz >= wantedHz);
    if (upper < 0) return null;
    const above = candidates[upper]!;
    if (above.rateHz === wantedHz) return above.setting;
    if (upper === 0) return null;
    const below = candidates[upper - 1]!;
    const isUp = rounding === "nearest"
      ? above.rateHz - wantedHz <= wantedHz - below.rateHz
      : rounding === "up";
    return isUp ? above.setting : below.setting;
  }
}

/** The rates of a list, ascending, each once. */
function reachable(ratio: ClockRatio, inputHz: number, limits: RateLimits): Candidate[] {
  const settings = ratio.kind === "dividers" ? ratio.dividers : [startSetting(ratio)];
  return settings.map((setting) => ({ setting, rateHz: rateOf(ratio, setting, inputHz) }))
    .filter(({ rateHz }) => isWithin(limits, rateHz))
    .sort((a, b) => a.rateHz - b.rateHz)
    .filter(({ rateHz }, place, all) => place === 0 || all[place - 1]!.rateHz !== rateHz);
}

interface Ends {
  readonly lowest: number;
  readonly highest: number;
}

/** The multipliers whose rates are within the limits. */
function multipliersWithin(ratio: Multipliers, stepHz: number, limits: RateLimits): Ends {
  return {
    lowest: Math.max(ratio.lowest, Math.ceil(limits.rateMinHz / stepHz)),
    highest: Math.min(ratio.highest, Math.floor(limits.rateMaxHz / stepHz)),
  };
}

/** The multipliers on both sides of a wanted rate, as far as there are any. */
function multipliersNear({ lowest, highest }: Ends, stepHz: number, wantedHz: number): Candidate[] {
  const below = Math.floor(wantedHz / stepHz);
  return [below, below + 1]
    .filter((setting) => lowest <= setting && setting <= highest)
    .map((setting) => ({ setting, rateHz: setting * stepHz }));
}
