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

/** Returns what agents are told about the rates. At least one rate is within the limits: the one in force. */
export function offerOf(ratio: ClockRatio, inputHz: number, limits: RateLimits): RateOffer {
  if (ratio.kind === "multipliers") {
    const stepHz = Math.floor(inputHz / ratio.divider);
    const { lowest, highest } = multipliersWithin(ratio, stepHz, limits);
    // A step of 0 makes agents divide by it: without an input there is one rate only.
    if (stepHz > 0) {
      return { kind: "steps", lowestHz: lowest * stepHz, highestHz: highest * stepHz, stepHz };
    }
  }
  const ratesHz = reachable(ratio, inputHz, limits).map(({ rateHz }) => rateHz);
  const lowestHz = ratesHz[0]!;
  if (ratio.kind === "dividers" && ratio.isToldInSteps === true && lowestHz > 0) {
    return { kind: "steps", lowestHz, highestHz: ratesHz[ratesHz.length - 1]!, stepHz: lowestHz };
  }
  return { kind: "list", ratesHz };
}

/** Returns the setting that serves a request best, or null when it lies beyond the lowest or highest rate. */
export function chooseSetting(
  ratio: ClockRatio,
  inputHz: number,
  limits: RateLimits,
  wantedHz: number,
  rounding: Rounding,
): number | null {
  const candidates = ratio.kind === "multipliers"
    ? multipliersNear(ratio, inputHz, limits, wantedHz)
    : reachable(ratio, inputHz, limits);
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

interface Candidate {
  readonly setting: number;
  readonly rateHz: number;
}

/** The rates of a list, ascending, each once. */
function reachable(ratio: ClockRatio, inputHz: number, limits: RateLimits): Candidate[] {
  const settings = ratio.kind === "dividers" ? ratio.dividers : [startSetting(ratio)];
  return settings.map((setting) => ({ setting, rateHz: rateOf(ratio, setting, inputHz) }))
    .filter(({ rateHz }) => isWithin(limits, rateHz))
    .sort((a, b) => a.rateHz - b.rateHz)
    .filter(({ rateHz }, place, all) => place === 0 || all[place - 1]!.rateHz !== rateHz);
}

type Multipliers = Extract<ClockRatio, { kind: "multipliers" }>;

/** The multipliers whose rates are within the limits. */
function multipliersWithin(ratio: Multipliers, stepHz: number, limits: RateLimits) {
  return {
    lowest: Math.max(ratio.lowest, Math.ceil(limits.rateMinHz / stepHz)),
    highest: Math.min(ratio.highest, Math.floor(limits.rateMaxHz / stepHz)),
  };
}

/** The multipliers on both sides of a wanted rate, and the ends. */
function multipliersNear(
  ratio: Multipliers,
  inputHz: number,
  limits: RateLimits,
  wantedHz: number,
): Candidate[] {
  const stepHz = Math.floor(inputHz / ratio.divider);
  if (stepHz === 0) return reachable(ratio, inputHz, limits);
  const { lowest, highest } = multipliersWithin(ratio, stepHz, limits);
  const below = Math.floor(wantedHz / stepHz);
  return [lowest, below, below + 1, highest]
    .filter((setting, place, all) =>
      setting >= lowest && setting <= highest && all.indexOf(setting) === place
    )
    .sort((a, b) => a - b)
    .map((setting) => ({ setting, rateHz: setting * stepHz }));
}
