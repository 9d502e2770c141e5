// What has to hold for a board's clocks beyond their shape: ids without gaps, parents that exist, a tree without loops,
// ratios that have the setting they start with, and rates within the limits of those who keep some.
import { CLOCK_RATE_MAX_HZ } from "../scp/core/clock_ratio.ts";
import {
  type ClockDescription,
  type ClockInput,
  type ClockSettingPlan,
  type ClockSourceInput,
  completeClock,
  completeClockSource,
} from "./clock.ts";
import { ClockFeeds } from "./clock_feeds.ts";
import type { Complaints } from "./complaints.ts";
import { canBeOneOf } from "./part_names.ts";

/** The clocks and sources of a board, null in place of those whose shape is wrong, and all names that can be read. */
export interface ClockParts {
  readonly clocks: readonly (ClockInput | null)[];
  readonly sources: readonly (ClockSourceInput | null)[];
  readonly clockNames: readonly (string | null)[];
  readonly sourceNames: readonly (string | null)[];
  readonly agentNames: readonly (string | null)[];
  readonly blockNames: readonly (string | null)[];
}

/** The same names, to look up. */
interface KnownNames {
  readonly clocks: ReadonlySet<string | null>;
  readonly sources: ReadonlySet<string | null>;
  readonly feeds: ReadonlySet<string | null>;
  readonly agents: ReadonlySet<string | null>;
  readonly blocks: ReadonlySet<string | null>;
}

/** Clocks and sources that may stand above a clock: changes go down the tree by recursion. */
const CLOCK_DEPTH_MAX = 64;

/** Lists what is wrong with the clocks of a board. */
export function checkClocks(parts: ClockParts, complaints: Complaints): void {
  const clockCount = parts.clockNames.length;
  const names = [...parts.clockNames, ...parts.sourceNames];
  complaints.checkUnique(
    names,
    (index) => index < clockCount ? `clocks[${index}].name` : `clockSources[${index - clockCount}].name`,
  );
  const known: KnownNames = {
    clocks: new Set(parts.clockNames),
    sources: new Set(parts.sourceNames),
    feeds: new Set(names),
    agents: new Set(parts.agentNames),
    blocks: new Set(parts.blockNames),
  };
  const feeds = new ClockFeeds(parts.clocks, parts.sources);
  parts.sources.forEach((source, index) => {
    if (source !== null) checkSource(source, `clockSources[${index}]`, known, feeds, complaints);
  });
  complaints.checkIds("clocks", parts.clocks);
  parts.clocks.forEach((input, index) => {
    if (input === null) return;
    const path = `clocks[${index}]`;
    const clock = completeClock(input);
    checkParents(clock, path, known, feeds, complaints);
    checkRatio(clock, path, complaints);
    checkSetting(clock.dutyCyclePercent, `${path}.dutyCyclePercent`, complaints);
    checkSetting(clock.phaseMrad, `${path}.phaseMrad`, complaints);
    checkNames(clock, path, known, complaints);
    checkStartRate(clock, path, feeds, complaints);
  });
}

function checkSource(
  source: ClockSourceInput,
  path: string,
  known: KnownNames,
  feeds: ClockFeeds,
  complaints: Complaints,
): void {
  const { name, parent, rateHz } = completeClockSource(source);
  if (parent === null) {
    if (source.rateHz === undefined) {
      complaints.add(`${path}.rateHz`, "Expected a rate, as there is no parent");
    }
    return;
  }
  if (rateHz !== 0) {
    complaints.add(`${path}.rateHz`, "Expected none, as the rate comes from the parent");
  }
  if (!canBeOneOf(parent, known.sources)) {
    complaints.add(`${path}.parent`, `No clock source ${parent}`);
  } else if (feeds.isInLoop(name)) complaints.add(`${path}.parent`, `${name} is made from itself`);
}

function checkParents(
  clock: ClockDescription,
  path: string,
  known: KnownNames,
  feeds: ClockFeeds,
  complaints: Complaints,
): void {
  const { name, parents, parent, rateHz } = clock;
  complaints.checkUnique(parents, (place) => `${path}.parents[${place}]`);
  parents.forEach((each, place) => {
    // What agents can choose has to have an id.
    const isChoice = parents.length > 1;
    if (canBeOneOf(each, isChoice ? known.clocks : known.feeds)) return;
    const reason = known.feeds.has(each)
      ? `${each} has no id to be chosen by`
      : `No clock or clock source ${each}`;
    complaints.add(`${path}.parents[${place}]`, reason);
  });
  if (parent !== null && !parents.includes(parent)) {
    complaints.add(`${path}.parent`, `Expected one of its parents, got ${parent}`);
  }
  if (parents.length > 0 && rateHz !== 0) {
    complaints.add(`${path}.rateHz`, "Expected none, as the rate comes from the parent");
  }
  if (feeds.isInLoop(name)) complaints.add(`${path}.parents`, `${name} can come to run from itself`);
  if (feeds.depthOf(name) === CLOCK_DEPTH_MAX + 1) {
    complaints.add(`${path}.parents`, `Expected at most ${CLOCK_DEPTH_MAX} clocks and sources above it`);
  }
}

function checkRatio({ ratio }: ClockDescription, path: string, complaints: Complaints): void {
  if (ratio.kind === "dividers") {
    complaints.checkUnique(ratio.dividers.map(String), (place) => `${path}.ratio.dividers[${place}]`);
    if (!ratio.dividers.includes(ratio.divider)) {
      complaints.add(`${path}.ratio.divider`, `Expected one of its dividers, got ${ratio.divider}`);
    }
  }
  if (ratio.kind === "multipliers") {
    const { lowest, highest, multiplier } = ratio;
    if (multiplier < lowest || multiplier > highest) {
      complaints.add(
        `${path}.ratio.multiplier`,
        `Expected a whole number from ${lowest} to ${highest}, got ${multiplier}`,
      );
    }
  }
}

function checkSetting(plan: ClockSettingPlan | null, path: string, complaints: Complaints): void {
  if (plan === null || (plan.lowest <= plan.start && plan.start <= plan.highest)) return;
  complaints.add(
    `${path}.start`,
    `Expected a whole number from ${plan.lowest} to ${plan.highest}, got ${plan.start}`,
  );
}

function checkNames(clock: ClockDescription, path: string, known: KnownNames, complaints: Complaints): void {
  for (const agent of Object.keys(clock.rights)) {
    if (!canBeOneOf(agent, known.agents)) {
      complaints.add(`${path}.rights.${agent}`, `No agent ${agent}`);
    }
  }
  const block = clock.draws?.block;
  if (block !== undefined && !canBeOneOf(block, known.blocks)) {
    complaints.add(`${path}.draws.block`, `No power block ${block}`);
  }
}

function checkStartRate(
  clock: ClockDescription,
  path: string,
  feeds: ClockFeeds,
  complaints: Complaints,
): void {
  const startHz = feeds.startRateOf(clock.name);
  if (startHz === undefined) return;
  const { rateMinHz, rateMaxHz } = clock;
  if (startHz > CLOCK_RATE_MAX_HZ) {
    complaints.add(path, `Starts with ${startHz} Hz; no clock is faster than ${CLOCK_RATE_MAX_HZ} Hz`);
  } else if (startHz < rateMinHz || startHz > rateMaxHz) {
    complaints.add(path, `Starts with ${startHz} Hz, outside its limits ${rateMinHz} to ${rateMaxHz} Hz`);
  }
}
