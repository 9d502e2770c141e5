// What has to hold for a board's regulators and voltage domains beyond their shape: steps that are some, a voltage that
// feeds what hangs on the rail, ids without gaps, rails that can be set.
import type { PowerBlock, Rail } from "./chip.ts";
import type { Complaints } from "./complaints.ts";
import { canBeOneOf } from "./part_names.ts";
import type { Regulator, VoltageSteps } from "./regulator.ts";
import type { VoltageDomainInput } from "./voltage_domain.ts";

/** The rails and voltage domains of a board, null in place of those whose shape is wrong, and all names that can be read. */
export interface VoltageParts {
  readonly domains: readonly (VoltageDomainInput | null)[];
  readonly names: readonly (string | null)[];
  readonly rails: readonly (Rail | null)[];
  readonly railNames: readonly (string | null)[];
  readonly blocks: readonly (PowerBlock | null)[];
}

/** Lists what is wrong with the regulators and voltage domains of a board. */
export function checkVoltageDomains(parts: VoltageParts, complaints: Complaints): void {
  parts.rails.forEach((rail, index) => {
    const regulator = rail?.regulator ?? null;
    if (regulator === null) return;
    const path = `power.rails[${index}].regulator`;
    checkRegulator(regulator, path, complaints);
    checkFeed(regulator, parts.blocks.filter((block) => block?.rail === rail!.name), path, complaints);
  });
  complaints.checkUnique(parts.names, (index) => `voltageDomains[${index}].name`);
  const rails = new Map(parts.rails.flatMap((rail) => rail === null ? [] : [[rail.name, rail]]));
  const railNames = new Set(parts.railNames);
  const users = new Map<string, number>();
  complaints.checkIds("voltageDomains", parts.domains);
  parts.domains.forEach((domain, index) => {
    if (domain === null) return;
    const path = `voltageDomains[${index}]`;
    const user = users.get(domain.rail);
    const rail = rails.get(domain.rail);
    if (!canBeOneOf(domain.rail, railNames)) complaints.add(`${path}.rail`, `No rail ${domain.rail}`);
    else if (user !== undefined) {
      complaints.add(`${path}.rail`, `${domain.rail} is set by voltageDomains[${user}]`);
    } else if (rail !== undefined && (rail.regulator ?? null) === null) {
      complaints.add(`${path}.rail`, `Rail ${domain.rail} has no regulator`);
    }
    users.set(domain.rail, index);
  });
}

function checkRegulator(regulator: Regulator, path: string, complaints: Complaints): void {
  const { steps } = regulator;
  if (steps.kind === "list") {
    steps.levelsUv.forEach((levelUv, place) => {
      if (place > 0 && levelUv <= steps.levelsUv[place - 1]!) {
        complaints.add(`${path}.steps.levelsUv[${place}]`, "Expected more than the one before");
      }
    });
  } else if (steps.highestUv < steps.lowestUv) {
    complaints.add(`${path}.steps.highestUv`, `Expected no less than lowestUv, ${steps.lowestUv}`);
  } else if ((steps.highestUv - steps.lowestUv) % steps.stepUv !== 0) {
    complaints.add(`${path}.steps.stepUv`, "Expected a divisor of highestUv - lowestUv");
  }
  if (!isStep(steps, regulator.startUv)) {
    complaints.add(`${path}.startUv`, `Expected one of the steps, got ${regulator.startUv}`);
  }
  complaints.checkUnique(
    regulator.ownModes.map(({ id }) => `Mode ${id}`),
    (place) => `${path}.ownModes[${place}].id`,
  );
}

function isStep(steps: VoltageSteps, uv: number): boolean {
  if (steps.kind === "list") return steps.levelsUv.includes(uv);
  return uv >= steps.lowestUv && uv <= steps.highestUv && (uv - steps.lowestUv) % steps.stepUv === 0;
}

/** A rail with blocks on it has to be on, and has to reach what they need. */
function checkFeed(
  regulator: Regulator,
  blocks: readonly (PowerBlock | null)[],
  path: string,
  complaints: Complaints,
): void {
  const { steps } = regulator;
  const lowestUv = steps.kind === "list" ? steps.levelsUv[0]! : steps.lowestUv;
  const highestUv = steps.kind === "list" ? steps.levelsUv.at(-1)! : steps.highestUv;
  for (const block of blocks) {
    if (block === null) continue;
    if (!regulator.startsOn) complaints.add(`${path}.startsOn`, `Expected true, as it feeds ${block.name}`);
    if (lowestUv <= 0) {
      complaints.add(`${path}.steps`, `Expected voltages above 0, as it feeds ${block.name}`);
    }
    const neededUv = Math.max(...block.operatingPoints.map(({ volts }) => Math.round(volts * 1e6)));
    if (neededUv > highestUv) {
      complaints.add(`${path}.steps`, `Expected ${neededUv} uV at least, which ${block.name} needs`);
    }
  }
}
