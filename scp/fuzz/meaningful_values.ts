// Numbers that mean something to the hardware of an agent, by the names of the fields that carry them: rates that a clock
// gives and some between, levels, caps, states. Random numbers would hardly ever be one.
import type { ResourceKind } from "../core/schema.ts";
import type { HardwareView } from "../model/hardware.ts";
import type { Clock } from "../model/clock.ts";
import type { VoltageDomain } from "../model/voltage_domain.ts";

/** How many resources of a kind lend their values: those that the programs of a batch favour. */
const FAVOURITES = 2;

/** First, last and some between. */
function some(all: readonly number[]): number[] {
  const places = [0, 1, all.length >> 1, all.length - 2, all.length - 1];
  return [...new Set(places)].flatMap((place) => all[place] ?? []);
}

/** Rates that it gives, and as many between two of them. */
function ratesOf({ offer }: Clock): number[] {
  if (offer.kind === "list") {
    const { ratesHz } = offer;
    const between = ratesHz.slice(1).map((rateHz, i) => Math.ceil((2 * ratesHz[i]! + rateHz) / 3));
    return [...some(ratesHz), ...some(between)];
  }
  const { lowestHz, highestHz, stepHz } = offer;
  const between = [lowestHz, lowestHz + stepHz, highestHz - stepHz].map((hz) =>
    hz + Math.floor(stepHz * 0.4)
  );
  return [lowestHz, highestHz, lowestHz + stepHz, ...between];
}

/** The present level is the least that what hangs on the rail allows: asked for, it is too little for more. */
function levelsOf({ levelUv, steps }: VoltageDomain): number[] {
  if (steps.kind === "list") return [levelUv, ...some(steps.levelsUv)];
  const { lowestUv, highestUv, stepUv } = steps;
  return [levelUv, lowestUv, lowestUv + stepUv, highestUv - stepUv, highestUv, highestUv + stepUv];
}

/** Collects the values of the first live ids of each kind. */
export function meaningfulValues(
  view: HardwareView,
  liveIds: Readonly<Partial<Record<ResourceKind, readonly number[]>>>,
): Record<string, readonly number[]> {
  const favourites = <K extends keyof HardwareView>(kind: K): HardwareView[K][number][] =>
    (liveIds[kind] ?? []).flatMap((id) => view[kind][id] ?? []).slice(0, FAVOURITES);
  const performance = favourites("performanceDomain").flatMap(({ levels }) =>
    some(levels.map((_, index) => index)).flatMap((index) => [levels[index]!.value, index + 1])
  );
  const caps = favourites("powercapDomain").flatMap(({ capRange: { min, max, step } }) =>
    [min, max, min + step, max - step].filter((cap) => cap >= 0)
  );
  const averagings = favourites("powercapDomain").flatMap((
    { averagingRangeUs: { min, max, step } },
  ) => [min, max, min + step]);
  const sensorIds = (liveIds.sensor ?? []).slice(0, FAVOURITES);
  // Most lists are short: where one goes on is seldom far from its start.
  const places = [0, 0, 1, 2];
  return {
    index: places,
    skip: places,
    rateIndex: places,
    levelIndex: places,
    // Data events of telemetry, and groups of them: the others that are called so are drawn by their kind.
    identifier: [0, ...sensorIds.flatMap((id) => [id << 8, (id << 8) + 1])],
    rateMantissa: [1, 2, 5],
    rateExponent: [0x1f, 0x1e, 0],
    rateHz: favourites("clock").flatMap(ratesOf),
    levelUv: favourites("voltageDomain").flatMap(levelsOf),
    level: performance,
    rangeMax: performance,
    rangeMin: performance,
    powerCap: caps,
    powerLow: caps,
    powerHigh: caps,
    averagingUs: averagings,
    stateId: favourites("powerDomain").flatMap(({ states }) => states.map(({ stateId }) => stateId)),
  };
}
