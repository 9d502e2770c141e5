// What has to hold for a board's power capping domains beyond their shape: ids without gaps, a tree without loops, blocks with
// one domain, ranges that are some, no cap where nothing can be slowed down, a child's caps within those of its parent.
import type { Complaints } from "./complaints.ts";
import { findPlaces, TREE_DEPTH_MAX, type TreePlace } from "./parent_tree.ts";
import { canBeOneOf } from "./part_names.ts";
import type { PerformanceDomainInput } from "./performance_domain.ts";
import {
  completePowercapDomain,
  type PowercapDomainDescription,
  type PowercapDomainInput,
  type PowerLimitDescription,
} from "./powercap_domain.ts";

/** The parts concerned, null in place of those whose shape is wrong, and all names that can be read. */
export interface PowercapParts {
  readonly domains: readonly (PowercapDomainInput | null)[];
  readonly names: readonly (string | null)[];
  readonly blockNames: readonly (string | null)[];
  readonly performanceDomains: readonly (PerformanceDomainInput | null)[];
}

/** What a lower level does is measured after so long, us: the tick in which it begins has to end, and a whole one. */
const MEASURED_AFTER_US = 10_000;

/** An asynchronous cap has to be in force after so long, us: Linux waits for 2 s. */
const ASYNC_US_MAX = 1_500_000;

/** Lists what is wrong with the power capping domains of a board. */
export function checkPowercapDomains(parts: PowercapParts, complaints: Complaints): void {
  complaints.checkUnique(parts.names, (index) => `powercapDomains[${index}].name`);
  const all = parts.domains.map((input) => input === null ? null : completePowercapDomain(input));
  const byName = new Map<string, PowercapDomainDescription>();
  for (const domain of all) if (domain !== null && !byName.has(domain.name)) byName.set(domain.name, domain);
  const users = new Map<string, number>();
  const names = new Set(parts.names);
  const blockNames = new Set(parts.blockNames);
  const places = findPlaces(new Map([...byName].map(([name, { parent }]) => [name, parent])));
  const levers = leversOf(byName, parts.performanceDomains);
  const mayBeAnyLever = parts.performanceDomains.includes(null);
  const isWhole = !all.includes(null);
  complaints.checkIds("powercapDomains", parts.domains);
  all.forEach((domain, index) => {
    if (domain === null) return;
    const path = `powercapDomains[${index}]`;
    checkParent(domain, byName, places, names, path, complaints);
    checkBlocks(domain, index, blockNames, users, path, complaints);
    checkUnit(domain, parts.domains[index]!, path, complaints);
    checkValues(domain, path, complaints);
    if (!domain.isMonitored && domain.notifiesPower) {
      complaints.add(`${path}.notifiesPower`, "Expected false, as the domain is not monitored");
    }
    if (!domain.isMonitored && isFixed(domain)) {
      complaints.add(`${path}.isMonitored`, "Expected true, as the domain cannot be capped either");
    }
    // A performance domain that cannot be read may be any.
    if (mayBeAnyLever) return;
    checkLevers(domain, [...levers.get(domain.name) ?? []], isWhole, path, complaints);
  });
}

/** Whether agents can set no cap. */
function isFixed({ cap }: PowercapDomainDescription): boolean {
  return cap.min === cap.max;
}

function checkParent(
  domain: PowercapDomainDescription,
  byName: ReadonlyMap<string, PowercapDomainDescription>,
  places: ReadonlyMap<string, TreePlace>,
  names: ReadonlySet<string | null>,
  path: string,
  complaints: Complaints,
): void {
  if (domain.parent === null) return;
  const place = places.get(domain.name)!;
  if (!canBeOneOf(domain.parent, names)) {
    complaints.add(`${path}.parent`, `No power capping domain ${domain.parent}`);
  } else if (place.isInLoop) {
    complaints.add(`${path}.parent`, `${domain.name} is above itself`);
  } else if (place.depth === TREE_DEPTH_MAX + 1) {
    complaints.add(`${path}.parent`, `Expected at most ${TREE_DEPTH_MAX} domains above it`);
  }
  const parent = byName.get(domain.parent);
  if (parent === undefined) return;
  if (parent.unit === "abstract") {
    complaints.add(
      `${path}.parent`,
      `Expected a domain that is measured in uW or mW; agents cannot add up those below ${parent.name}`,
    );
  }
  const mostUw = parent.cap.max * parent.unitUw;
  if (domain.cap.max * domain.unitUw > mostUw) {
    complaints.add(
      `${path}.cap.max`,
      `Expected ${Math.floor(mostUw / domain.unitUw)} or less, as ${parent.name} is never capped higher; ` +
        `got ${domain.cap.max}`,
    );
  }
}

/** What can slow down the blocks of each domain and of those below it, by the domain's name. */
function leversOf(
  byName: ReadonlyMap<string, PowercapDomainDescription>,
  performanceDomains: readonly (PerformanceDomainInput | null)[],
): Map<string, Set<PerformanceDomainInput>> {
  const drivers = Map.groupBy(performanceDomains, (each) => each?.block ?? null);
  const levers = new Map<string, Set<PerformanceDomainInput>>();
  for (const domain of byName.values()) {
    const own = domain.blocks.flatMap((block) => drivers.get(block) ?? []);
    let above: PowercapDomainDescription | undefined = own.length === 0 ? undefined : domain;
    // As far as a tree may reach: a loop has been told.
    for (let depth = 0; above !== undefined && depth <= TREE_DEPTH_MAX; depth++) {
      const known = levers.get(above.name) ?? new Set();
      for (const lever of own) if (lever !== null) known.add(lever);
      levers.set(above.name, known);
      above = byName.get(above.parent ?? "");
    }
  }
  return levers;
}

function checkBlocks(
  domain: PowercapDomainDescription,
  index: number,
  blockNames: ReadonlySet<string | null>,
  users: Map<string, number>,
  path: string,
  complaints: Complaints,
): void {
  domain.blocks.forEach((name, place) => {
    const user = users.get(name);
    if (!canBeOneOf(name, blockNames)) complaints.add(`${path}.blocks[${place}]`, `No power block ${name}`);
    else if (user !== undefined) {
      complaints.add(`${path}.blocks[${place}]`, `${name} is measured by powercapDomains[${user}]`);
    }
    users.set(name, index);
  });
}

function checkUnit(
  { unit, unitUw }: PowercapDomainDescription,
  input: PowercapDomainInput,
  path: string,
  complaints: Complaints,
): void {
  if (unit === "abstract" && input.unitUw === undefined) {
    complaints.add(`${path}.unitUw`, "Expected what one of the abstract unit is, in uW");
  }
  const rightUw = unit === "mW" ? 1000 : 1;
  if (unit !== "abstract" && unitUw !== rightUw) {
    complaints.add(`${path}.unitUw`, `Expected ${rightUw} for ${unit}, got ${unitUw}`);
  }
}

function checkValues(domain: PowercapDomainDescription, path: string, complaints: Complaints): void {
  checkLimit(domain, path, complaints);
  const names = [domain.firstLimitName, ...domain.furtherLimits.map(({ name }) => name)];
  domain.furtherLimits.forEach((limit, place) => {
    const limitPath = `${path}.furtherLimits[${place}]`;
    checkLimit(limit, limitPath, complaints);
    if (names.indexOf(limit.name) <= place) {
      complaints.add(`${limitPath}.name`, `Expected a name of its own, ${limit.name} is another limit's`);
    }
  });
  if (domain.furtherLimits.length > 0 && isFixed(domain)) {
    complaints.add(`${path}.furtherLimits`, "Expected none, as the domain's own cap cannot be set");
  }
}

/** Looks at the values of one limit. */
function checkLimit(
  { cap, averaging, bootCap, bootAveragingUs }: Omit<PowerLimitDescription, "name">,
  path: string,
  complaints: Complaints,
): void {
  const interval = { min: averaging.minUs, max: averaging.maxUs, step: averaging.stepUs };
  const capKeys = { min: "cap.min", max: "cap.max", step: "cap.step", boot: "bootCap" };
  checkRange(cap, bootCap, capKeys, path, complaints);
  const keys = {
    min: "averaging.minUs",
    max: "averaging.maxUs",
    step: "averaging.stepUs",
    boot: "bootAveragingUs",
  };
  checkRange(interval, bootAveragingUs, keys, path, complaints);
}

type Range = Readonly<Record<"min" | "max" | "step", number>>;

function checkRange(
  { min, max, step }: Range,
  boot: number | null,
  keys: Readonly<Record<keyof Range | "boot", string>>,
  path: string,
  complaints: Complaints,
): void {
  const values = { min, max, ...(boot === null ? {} : { boot }) };
  if (max < min) {
    complaints.add(`${path}.${keys.max}`, `Expected ${min} or more, got ${max}`);
  } else if (boot !== null && (boot < min || boot > max)) {
    complaints.add(`${path}.${keys.boot}`, `Expected ${min} to ${max}, got ${boot}`);
  }
  if (min === max) return;
  if (step === 0) complaints.add(`${path}.${keys.step}`, "Expected 1 or more, as there is a choice");
  for (const [key, value] of Object.entries(values) as [keyof typeof values, number][]) {
    if (step === 0 || value % step === 0) continue;
    complaints.add(`${path}.${keys[key]}`, `Expected a multiple of the step ${step}, got ${value}`);
  }
}

/** Looks at what a cap of a domain could slow down; `isWhole` unless there are domains that cannot be read. */
function checkLevers(
  domain: PowercapDomainDescription,
  levers: readonly PerformanceDomainInput[],
  isWhole: boolean,
  path: string,
  complaints: Complaints,
): void {
  const needsLevers = !isFixed(domain) || domain.bootCap !== null;
  if (needsLevers && levers.length === 0 && isWhole) {
    complaints.add(
      isFixed(domain) ? `${path}.bootCap` : `${path}.cap`,
      isFixed(domain)
        ? "Expected none, as no performance domain drives a block of it or below"
        : "Expected equal ends, as no performance domain drives a block of it or below",
    );
  }
  if (isFixed(domain)) {
    if (domain.supportsAsync) {
      complaints.add(`${path}.supportsAsync`, "Expected false, as no cap can be set");
    }
    return;
  }
  const latencyUs = Math.max(0, ...levers.map((lever) => lever.latencyUs ?? 0));
  const leastUs = latencyUs + MEASURED_AFTER_US;
  if (domain.periodUs < leastUs) {
    complaints.add(
      `${path}.periodUs`,
      `Expected ${leastUs} or more, so that a lower level is measured before the next; got ${domain.periodUs}`,
    );
  }
  const steps = levers.reduce((sum, lever) => sum + lever.levels.length - 1, 0);
  const mostUs = Math.floor(ASYNC_US_MAX / (steps + 1));
  if (domain.supportsAsync && domain.periodUs > mostUs) {
    complaints.add(
      `${path}.periodUs`,
      `Expected ${mostUs} or less, as agents wait for an asynchronous cap through ${steps} levels; ` +
        `got ${domain.periodUs}`,
    );
  }
}
