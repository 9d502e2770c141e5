// What has to hold for a board's power capping domains beyond their shape: ids without gaps, a tree without loops, blocks with
// one domain, ranges that are some, no cap where nothing can be slowed down, a child's caps within those of its parent.
import type { Complaints } from "./complaints.ts";
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
  all.forEach((domain, index) => {
    if (domain === null) return;
    const path = `powercapDomains[${index}]`;
    if (domain.id !== index) {
      complaints.add(
        `${path}.id`,
        `Expected ${index}, as wire ids count from 0 without gaps; got ${domain.id}`,
      );
    }
    checkParent(domain, byName, parts.names, path, complaints);
    checkBlocks(domain, index, parts.blockNames, users, path, complaints);
    checkUnit(domain, parts.domains[index]!, path, complaints);
    checkValues(domain, path, complaints);
    if (!domain.isMonitored && domain.notifiesPower) {
      complaints.add(`${path}.notifiesPower`, "Expected false, as the domain is not monitored");
    }
    if (!domain.isMonitored && isFixed(domain)) {
      complaints.add(`${path}.isMonitored`, "Expected true, as the domain cannot be capped either");
    }
    // A performance domain that cannot be read may be any.
    if (!parts.performanceDomains.includes(null)) checkLevers(domain, all, parts, path, complaints);
  });
}

/** Whether agents can set no cap. */
function isFixed({ cap }: PowercapDomainDescription): boolean {
  return cap.min === cap.max;
}

function checkParent(
  domain: PowercapDomainDescription,
  byName: ReadonlyMap<string, PowercapDomainDescription>,
  names: readonly (string | null)[],
  path: string,
  complaints: Complaints,
): void {
  if (domain.parent === null) return;
  if (!canBeOneOf(domain.parent, new Set(names))) {
    complaints.add(`${path}.parent`, `No power capping domain ${domain.parent}`);
  } else if (ancestorsOf(domain, byName).includes(domain)) {
    complaints.add(`${path}.parent`, `${domain.name} is above itself`);
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

/** The domains above one, itself at the end when it is among them. */
function ancestorsOf(
  domain: PowercapDomainDescription,
  byName: ReadonlyMap<string, PowercapDomainDescription>,
): PowercapDomainDescription[] {
  const found: PowercapDomainDescription[] = [];
  let above: PowercapDomainDescription | undefined = domain;
  do {
    above = above.parent === null ? undefined : byName.get(above.parent);
    if (above === undefined || found.includes(above)) break;
    found.push(above);
  } while (above !== domain);
  return found;
}

function checkBlocks(
  domain: PowercapDomainDescription,
  index: number,
  blockNames: readonly (string | null)[],
  users: Map<string, number>,
  path: string,
  complaints: Complaints,
): void {
  const known = new Set(blockNames);
  domain.blocks.forEach((name, place) => {
    const user = users.get(name);
    if (!canBeOneOf(name, known)) complaints.add(`${path}.blocks[${place}]`, `No power block ${name}`);
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

/** Looks at what a cap of a domain could slow down. */
function checkLevers(
  domain: PowercapDomainDescription,
  all: readonly (PowercapDomainDescription | null)[],
  parts: PowercapParts,
  path: string,
  complaints: Complaints,
): void {
  const blocks = new Set(blocksBelow(domain, all));
  const levers = parts.performanceDomains.filter((each) => each !== null && blocks.has(each.block ?? ""));
  const needsLevers = !isFixed(domain) || domain.bootCap !== null;
  if (needsLevers && levers.length === 0 && !all.includes(null)) {
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
  const latencyUs = Math.max(0, ...levers.map((lever) => lever?.latencyUs ?? 0));
  const leastUs = latencyUs + MEASURED_AFTER_US;
  if (domain.periodUs < leastUs) {
    complaints.add(
      `${path}.periodUs`,
      `Expected ${leastUs} or more, so that a lower level is measured before the next; got ${domain.periodUs}`,
    );
  }
  const steps = levers.reduce((sum, lever) => sum + (lever?.levels.length ?? 1) - 1, 0);
  const mostUs = Math.floor(ASYNC_US_MAX / (steps + 1));
  if (domain.supportsAsync && domain.periodUs > mostUs) {
    complaints.add(
      `${path}.periodUs`,
      `Expected ${mostUs} or less, as agents wait for an asynchronous cap through ${steps} levels; ` +
        `got ${domain.periodUs}`,
    );
  }
}

/** The blocks of a domain and of all below it. */
function blocksBelow(
  domain: PowercapDomainDescription,
  all: readonly (PowercapDomainDescription | null)[],
): string[] {
  const inside = new Set([domain.name]);
  const found = [...domain.blocks];
  for (let before = 0; before !== inside.size;) {
    before = inside.size;
    for (const each of all) {
      if (each === null || inside.has(each.name) || !inside.has(each.parent ?? "")) continue;
      inside.add(each.name);
      found.push(...each.blocks);
    }
  }
  return found;
}
