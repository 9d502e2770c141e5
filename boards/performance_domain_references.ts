// What has to hold for a board's performance domains and thermal governors beyond their shape: ids without gaps, levels
// that rise and that their block can run at, one domain per block, domains and nodes that exist.
import type { PowerBlock } from "./chip.ts";
import type { Complaints } from "./complaints.ts";
import { canBeOneOf } from "./part_names.ts";
import { completePerformanceDomain, type PerformanceDomainInput } from "./performance_domain.ts";
import type { ThermalGovernorPlan } from "./thermal_governor.ts";

/** The parts concerned, null in place of those whose shape is wrong, and all names that can be read. */
export interface PerformanceParts {
  readonly domains: readonly (PerformanceDomainInput | null)[];
  readonly names: readonly (string | null)[];
  readonly blocks: readonly (PowerBlock | null)[];
  readonly blockNames: readonly (string | null)[];
  readonly governors: readonly (ThermalGovernorPlan | null)[];
  readonly nodeNames: readonly (string | null)[];
}

/** Lists what is wrong with the performance domains of a board and with its thermal governors. */
export function checkPerformanceDomains(parts: PerformanceParts, complaints: Complaints): void {
  complaints.checkUnique(parts.names, (index) => `performanceDomains[${index}].name`);
  const blocks = new Map(parts.blocks.flatMap((block) => block === null ? [] : [[block.name, block]]));
  const blockNames = new Set(parts.blockNames);
  const users = new Map<string, number>();
  const first = parts.domains.find((domain) => domain !== null);
  complaints.checkIds("performanceDomains", parts.domains);
  parts.domains.forEach((domain, index) => {
    if (domain === null) return;
    const path = `performanceDomains[${index}]`;
    checkLevels(domain, path, complaints);
    const unit = completePerformanceDomain(first!).powerUnit;
    if (completePerformanceDomain(domain).powerUnit !== unit) {
      complaints.add(`${path}.powerUnit`, `Expected ${unit}, as agents are told one unit for all domains`);
    }
    const name = domain.block ?? null;
    if (name === null) return;
    const user = users.get(name);
    if (!canBeOneOf(name, blockNames)) complaints.add(`${path}.block`, `No power block ${name}`);
    else if (user !== undefined) {
      complaints.add(`${path}.block`, `${name} is driven by performanceDomains[${user}]`);
    }
    users.set(name, index);
    const block = blocks.get(name);
    if (block !== undefined) checkBlock(domain, block, path, complaints);
  });
  checkGovernors(parts, complaints);
}

function checkLevels(domain: PerformanceDomainInput, path: string, complaints: Complaints): void {
  domain.levels.forEach((level, place) => {
    const before = domain.levels[place - 1];
    if (before === undefined) return;
    for (const key of ["level", "mhz"] as const) {
      if (level[key] <= before[key]) {
        complaints.add(`${path}.levels[${place}].${key}`, "Expected more than the one before");
      }
    }
  });
  const { sustainedMhz, bootMhz } = completePerformanceDomain(domain);
  for (const [key, mhz] of Object.entries({ sustainedMhz, bootMhz })) {
    if (domain.levels.some((level) => level.mhz === mhz)) continue;
    const offered = domain.levels.map((level) => level.mhz).join(", ");
    complaints.add(`${path}.${key}`, `Expected the frequency of a level (${offered}), got ${mhz}`);
  }
}

function checkBlock(
  domain: PerformanceDomainInput,
  block: PowerBlock,
  path: string,
  complaints: Complaints,
): void {
  domain.levels.forEach(({ mhz }, place) => {
    if (block.operatingPoints.some((point) => point.mhz === mhz)) return;
    const offered = block.operatingPoints.map((point) => point.mhz).join(", ");
    complaints.add(
      `${path}.levels[${place}].mhz`,
      `Expected an operating point of ${block.name} (${offered}), got ${mhz}`,
    );
  });
}

function checkGovernors(parts: PerformanceParts, complaints: Complaints): void {
  const nodeNames = new Set(parts.nodeNames);
  const domainNames = new Set(parts.names);
  complaints.checkUnique(
    parts.governors.map((governor) => governor?.node ?? null),
    (index) => `thermalGovernors[${index}].node`,
  );
  parts.governors.forEach((governor, index) => {
    if (governor === null) return;
    const path = `thermalGovernors[${index}]`;
    if (!canBeOneOf(governor.node, nodeNames)) {
      complaints.add(`${path}.node`, `No thermal node ${governor.node}`);
    }
    complaints.checkUnique(governor.performanceDomains, (place) => `${path}.performanceDomains[${place}]`);
    governor.performanceDomains.forEach((name, place) => {
      if (canBeOneOf(name, domainNames)) return;
      complaints.add(`${path}.performanceDomains[${place}]`, `No performance domain ${name}`);
    });
  });
}
