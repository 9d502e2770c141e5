// How a clock makes its rate from the one that comes in. Boards describe it, their validator and the model compute with it.
// Rates are whole Hz, cut off as a counter would; they stay below 2^53 through all of this.

/**
 * A fixed ratio, one of several dividers, or a reference divider and a multiplier from a range, which gives rates in equal
 * steps.
 */
export type ClockRatio =
  | { readonly kind: "fixed"; readonly multiplier: number; readonly divider: number }
  | {
    readonly kind: "dividers";
    /** Each once, 1 or more, in any order. */
    readonly dividers: readonly number[];
    /** The one at start. */
    readonly divider: number;
    /**
     * Agents are told a triplet with equal steps between the lowest and the highest rate, although a divider has none: an
     * oddity of real firmware. Requests are served with the rate that the dividers really give. False unless given.
     */
    readonly isToldInSteps?: boolean;
  }
  | {
    readonly kind: "multipliers";
    readonly lowest: number;
    readonly highest: number;
    /** The one at start. */
    readonly multiplier: number;
    /** Divides the rate that comes in; the result is the step. */
    readonly divider: number;
  };

/** The highest rate there is, Hz. */
export const CLOCK_RATE_MAX_HZ = 1e12;

/** The largest multiplier and divider; with the highest rate the product is still exact. */
export const CLOCK_FACTOR_MAX = 8192;

/** Returns the divider or multiplier in force at start: the setting of the ratio. */
export function startSetting(ratio: ClockRatio): number {
  return ratio.kind === "dividers" ? ratio.divider : ratio.multiplier;
}

/** Returns the rate that a setting gives. */
export function rateOf(ratio: ClockRatio, setting: number, inputHz: number): number {
  switch (ratio.kind) {
    case "fixed":
      return Math.floor(inputHz * ratio.multiplier / ratio.divider);
    case "dividers":
      return Math.floor(inputHz / setting);
    case "multipliers":
      return Math.floor(inputHz / ratio.divider) * setting;
  }
}

/** Whether a ratio has a setting. */
export function hasSetting(ratio: ClockRatio, setting: number): boolean {
  switch (ratio.kind) {
    case "dividers":
      return ratio.dividers.includes(setting);
    case "multipliers":
      return ratio.lowest <= setting && setting <= ratio.highest;
    default:
      return setting === ratio.multiplier;
  }
}

/** Whether a ratio has a setting that gives a rate between two, both included. */
export function hasRateWithin(ratio: ClockRatio, inputHz: number, minHz: number, maxHz: number): boolean {
  const isWithin = (rateHz: number) => minHz <= rateHz && rateHz <= maxHz;
  if (ratio.kind === "dividers") {
    return ratio.dividers.some((setting) => isWithin(rateOf(ratio, setting, inputHz)));
  }
  if (ratio.kind === "fixed") return isWithin(rateOf(ratio, ratio.multiplier, inputHz));
  const stepHz = rateOf(ratio, 1, inputHz);
  if (stepHz === 0) return isWithin(0);
  const [lowest, highest] = [Math.ceil(minHz / stepHz), Math.floor(maxHz / stepHz)];
  return Math.max(ratio.lowest, lowest) <= Math.min(ratio.highest, highest);
}
