// What has to hold for a board's power domains beyond their shape: ids without gaps, a tree without loops, states that rise
// in depth, a boot in which nothing is on under something that is off, and a system that can be switched.
import type { Complaints } from "./complaints.ts";
import { findPlaces, TREE_DEPTH_MAX } from "./parent_tree.ts";
import { canBeOneOf } from "./part_names.ts";
import { completePowerDomain, type PowerDomainDescription, type PowerDomainInput } from "./power_domain.ts";
import { completeSystemPower, type SystemPowerInput } from "./system_power.ts";

/** The power domains of a board, null in place of those whose shape is wrong, and all names that can be read. */
export interface PowerDomainParts {
  readonly domains: readonly (PowerDomainInput | null)[];
  readonly names: readonly (string | null)[];
  /** null = the board has none, or its shape is wrong. */
  readonly systemPower: SystemPowerInput | null;
}

/** Lists what is wrong with the power domains of a board and with its system power. */
export function checkPowerDomains(parts: PowerDomainParts, complaints: Complaints): void {
  const pathOf = (index: number) => `powerDomains[${index}]`;
  complaints.checkUnique(parts.names, (index) => `${pathOf(index)}.name`);
  const byName = new Map<string, PowerDomainDescription>();
  for (const input of parts.domains) {
    if (input !== null && !byName.has(input.name)) byName.set(input.name, completePowerDomain(input));
  }
  const known = new Set(parts.names);
  const places = findPlaces(new Map([...byName].map(([name, { parent }]) => [name, parent])));
  const firstHidden = parts.domains.findIndex((domain) => domain?.id === null);
  parts.domains.forEach((input, index) => {
    if (input === null) return;
    checkId(input, index, firstHidden, complaints);
    checkStates(input, pathOf(index), complaints);
    const path = `${pathOf(index)}.parent`;
    const parent = input.parent ?? null;
    if (parent === null) return;
    if (input.kind === "system") {
      complaints.add(path, "Expected none, as a system domain is above all others");
    }
    const place = places.get(input.name)!;
    if (!canBeOneOf(parent, known)) complaints.add(path, `No power domain ${parent}`);
    else if (place.isInLoop) complaints.add(path, `${input.name} is above itself`);
    else if (place.depth === TREE_DEPTH_MAX + 1) {
      complaints.add(path, `Expected at most ${TREE_DEPTH_MAX} domains above it`);
    } else checkBoot(completePowerDomain(input), byName.get(parent), pathOf(index), complaints);
  });
  if (parts.systemPower !== null) checkSystemPower(parts.systemPower, byName, parts.names, complaints);
}

function checkId(
  input: PowerDomainInput,
  index: number,
  firstHidden: number,
  complaints: Complaints,
): void {
  const path = `powerDomains[${index}].id`;
  if (input.id !== null && firstHidden >= 0 && firstHidden < index) {
    complaints.add(path, "Expected null, as those without an id come last");
  } else if (input.id !== null && input.id !== index) {
    complaints.add(path, `Expected ${index}, as wire ids count from 0 without gaps; got ${input.id}`);
  }
}

function checkStates(input: PowerDomainInput, path: string, complaints: Complaints): void {
  const states = input.states ?? [];
  states.forEach(({ name, depth }, place) => {
    if (name === "on" || name === "off") {
      complaints.add(`${path}.states[${place}].name`, `Every domain has the state ${name} already`);
    }
    if (place > 0 && depth <= states[place - 1]!.depth) {
      complaints.add(`${path}.states[${place}].depth`, "Expected more than the one before");
    }
  });
  complaints.checkUnique(states.map(({ name }) => name), (place) => `${path}.states[${place}].name`);
  complaints.checkUnique(
    states.map(({ stateId, isContextLost }) => `Number ${stateId} with${isContextLost ? "out" : ""} context`),
    (place) => `${path}.states[${place}].stateId`,
  );
  const domain = completePowerDomain(input);
  const boot = domain.bootState;
  if (depthOf(domain, boot) === undefined) {
    const names = ["on", ...states.map(({ name }) => name), "off"];
    complaints.add(`${path}.bootState`, `Expected one of ${names.join(", ")}; got ${boot}`);
  } else if (domain.isAlwaysOn && boot !== "on") {
    complaints.add(`${path}.bootState`, `Expected on, as the domain is always on; got ${boot}`);
  }
}

/** Returns the depth of a state, or undefined when the domain has none of this name. */
function depthOf(domain: PowerDomainDescription, name: string): number | undefined {
  if (name === "on") return 0;
  return name === "off" ? Infinity : domain.states.find((state) => state.name === name)?.depth;
}

function checkBoot(
  domain: PowerDomainDescription,
  parent: PowerDomainDescription | undefined,
  path: string,
  complaints: Complaints,
): void {
  const depth = depthOf(domain, domain.bootState);
  const depthAbove = parent === undefined ? undefined : depthOf(parent, parent.bootState);
  if (depth === undefined || depthAbove === undefined || depthAbove <= depth) return;
  complaints.add(
    `${path}.bootState`,
    `${domain.bootState} is not possible while its parent ${parent!.name} boots ${parent!.bootState}`,
  );
}

function checkSystemPower(
  input: SystemPowerInput,
  byName: ReadonlyMap<string, PowerDomainDescription>,
  names: readonly (string | null)[],
  complaints: Complaints,
): void {
  const { domain, suspendState, transitions } = completeSystemPower(input);
  if (domain !== null && !canBeOneOf(domain, new Set(names))) {
    complaints.add("systemPower.domain", `No power domain ${domain}`);
  }
  const root = domain === null ? undefined : byName.get(domain);
  if ((root?.parent ?? null) !== null) {
    complaints.add(
      "systemPower.domain",
      `Expected a domain without a parent; ${domain} hangs below ${root!.parent}`,
    );
  }
  if (transitions.includes("suspend") && suspendState === null) {
    complaints.add(
      "systemPower.suspendState",
      "Expected a state of the domain, as the system can be suspended",
    );
  }
  if (suspendState === null) return;
  const offered = root?.states.map(({ name }) => name) ?? [];
  if (domain === null || (root !== undefined && !offered.includes(suspendState))) {
    complaints.add(
      "systemPower.suspendState",
      `Expected a state of the domain between on and off (${
        offered.join(", ") || "there is none"
      }), got ${suspendState}`,
    );
  }
}

/** Lists those parts that name a power domain which is not there. */
export function checkPowerDomainUsers(
  users: readonly { readonly path: string; readonly powerDomain?: string | null }[],
  names: readonly (string | null)[],
  complaints: Complaints,
): void {
  const known = new Set(names);
  for (const { path, powerDomain } of users) {
    if (powerDomain === undefined || powerDomain === null || canBeOneOf(powerDomain, known)) continue;
    complaints.add(`${path}.powerDomain`, `No power domain ${powerDomain}`);
  }
}
