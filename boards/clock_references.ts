// What has to hold for a board's clocks beyond their shape: ids without gaps, parents that exist, a tree without loops,
// ratios that have the setting they start with, and rates within the limits of those who keep some.
import { CLOCK_RATE_MAX_HZ, rateOf, startSetting } from "../scp/core/clock_ratio.ts";
import {
  type ClockDescription,
  type ClockInput,
  type ClockSettingPlan,
  type ClockSourceInput,
  completeClock,
  completeClockSource,
} from "./clock.ts";
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
  const tree = new TreeOfInputs(parts);
  parts.sources.forEach((source, index) => {
    if (source !== null) checkSource(source, `clockSources[${index}]`, known, tree, complaints);
  });
  parts.clocks.forEach((input, index) => {
    if (input === null) return;
    const path = `clocks[${index}]`;
    const clock = completeClock(input);
    if (clock.id !== index) {
      complaints.add(
        `${path}.id`,
        `Expected ${index}, as wire ids count from 0 without gaps; got ${clock.id}`,
      );
    }
    checkParents(clock, path, known, tree, complaints);
    checkRatio(clock, path, complaints);
    checkSetting(clock.dutyCyclePercent, `${path}.dutyCyclePercent`, complaints);
    checkSetting(clock.phaseMrad, `${path}.phaseMrad`, complaints);
    checkNames(clock, path, known, complaints);
    checkStartRate(clock, path, tree, complaints);
  });
}

/** The feeds of clocks and sources by name, and the rates they start with. */
class TreeOfInputs {
  readonly #feeds = new Map<string, readonly string[]>();
  readonly #inputs = new Map<string, () => number | undefined>();

  constructor(parts: ClockParts) {
    for (const source of parts.sources) {
      if (source === null) continue;
      const { name, parent, rateHz, multiplier, divider } = completeClockSource(source);
      this.#feeds.set(name, parent === null ? [] : [parent]);
      this.#inputs.set(name, () => {
        const inputHz = parent === null ? rateHz : this.#rateOf(parent);
        return inputHz === undefined ? undefined : Math.floor(inputHz * multiplier / divider);
      });
    }
    for (const input of parts.clocks) {
      if (input === null) continue;
      const clock = completeClock(input);
      this.#feeds.set(clock.name, clock.parents);
      this.#inputs.set(clock.name, () => this.startRateOf(clock));
    }
  }

  /** Tells whether a clock can come to run from itself, by any choice of parents. */
  isInLoop(name: string): boolean {
    const seen = new Set<string>();
    const open = [...this.#feeds.get(name) ?? []];
    for (let feed = open.pop(); feed !== undefined; feed = open.pop()) {
      if (feed === name) return true;
      if (seen.has(feed)) continue;
      seen.add(feed);
      open.push(...this.#feeds.get(feed) ?? []);
    }
    return false;
  }

  /** The rate a clock starts with, Hz; undefined when what it runs from is wrong. */
  startRateOf(clock: ClockDescription): number | undefined {
    const inputHz = clock.parent === null ? clock.rateHz : this.#rateOf(clock.parent);
    return inputHz === undefined ? undefined : rateOf(clock.ratio, startSetting(clock.ratio), inputHz);
  }

  #rateOf(name: string): number | undefined {
    return this.isInLoop(name) ? undefined : this.#inputs.get(name)?.();
  }
}

function checkSource(
  source: ClockSourceInput,
  path: string,
  known: KnownNames,
  tree: TreeOfInputs,
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
  } else if (tree.isInLoop(name)) complaints.add(`${path}.parent`, `${name} is made from itself`);
}

function checkParents(
  clock: ClockDescription,
  path: string,
  known: KnownNames,
  tree: TreeOfInputs,
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
  if (tree.isInLoop(name)) complaints.add(`${path}.parents`, `${name} can come to run from itself`);
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
  tree: TreeOfInputs,
  complaints: Complaints,
): void {
  const startHz = tree.startRateOf(clock);
  if (startHz === undefined) return;
  const { rateMinHz, rateMaxHz } = clock;
  if (startHz > CLOCK_RATE_MAX_HZ) {
    complaints.add(path, `Starts with ${startHz} Hz; no clock is faster than ${CLOCK_RATE_MAX_HZ} Hz`);
  } else if (startHz < rateMinHz || startHz > rateMaxHz) {
    complaints.add(path, `Starts with ${startHz} Hz, outside its limits ${rateMinHz} to ${rateMaxHz} Hz`);
  }
}
