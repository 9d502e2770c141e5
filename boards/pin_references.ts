// What has to hold for a board's pins beyond their shape: names and ids, groups of pins that exist, functions that work on
// something, configurations that can be, and a boot in which no pin has two functions.
import { PIN_CONFIG_FAMILIES } from "../scp/core/pin_config.ts";
import type { Complaints } from "./complaints.ts";
import { canBeOneOf } from "./part_names.ts";
import { completePinConfig, type PinFunctionInput, type PinGroupInput, type PinInput } from "./pin.ts";

/** The pins of a board with groups and functions, null in place of those whose shape is wrong, and all names that can be read. */
export interface PinParts {
  readonly pins: readonly (PinInput | null)[];
  readonly groups: readonly (PinGroupInput | null)[];
  readonly functions: readonly (PinFunctionInput | null)[];
  readonly pinNames: readonly (string | null)[];
  readonly groupNames: readonly (string | null)[];
  readonly functionNames: readonly (string | null)[];
}

/** Lists what is wrong with the pins, groups and functions of a board. */
export function checkPins(parts: PinParts, complaints: Complaints): void {
  complaints.checkUnique(parts.pinNames, (index) => `pins[${index}].name`);
  complaints.checkUnique(parts.groupNames, (index) => `pinGroups[${index}].name`);
  complaints.checkUnique(parts.functionNames, (index) => `pinFunctions[${index}].name`);
  complaints.checkIds("pins", parts.pins);
  complaints.checkIds("pinGroups", parts.groups);
  complaints.checkIds("pinFunctions", parts.functions);
  parts.pins.forEach((pin, index) => {
    if (pin !== null) checkConfigs(pin, `pins[${index}].configs`, complaints);
  });
  const pinNames = new Set(parts.pinNames);
  parts.groups.forEach((group, index) => {
    if (group !== null) checkNames(`pinGroups[${index}].pins`, "pin", group.pins, pinNames, complaints);
  });
  checkFunctions(parts, complaints);
  checkBoot(parts, complaints);
}

/** Adds a mistake for each name that nothing has, and for each that is there twice. */
function checkNames(
  path: string,
  kind: string,
  names: readonly string[],
  known: ReadonlySet<string | null>,
  complaints: Complaints,
): void {
  complaints.checkUnique(names, (place) => `${path}[${place}]`);
  names.forEach((name, place) => {
    if (!canBeOneOf(name, known)) complaints.add(`${path}[${place}]`, `No ${kind} ${name}`);
  });
}

function checkConfigs(pin: PinInput, path: string, complaints: Complaints): void {
  const configs = (pin.configs ?? []).map(completePinConfig);
  complaints.checkUnique(
    configs.map(({ typeCode }) => `Type ${typeCode}`),
    (place) => `${path}[${place}].typeCode`,
  );
  configs.forEach(({ typeCode, min, max, step, start }, place) => {
    const isOfFamily = PIN_CONFIG_FAMILIES.some((family) => family.includes(typeCode));
    if (isOfFamily && min !== 0) {
      complaints.add(
        `${path}[${place}].min`,
        `Expected 0, as others of its family turn type ${typeCode} off`,
      );
    } else if (max < min) complaints.add(`${path}[${place}].max`, `Expected ${min} at least, got ${max}`);
    else if ((max - min) % step !== 0) {
      complaints.add(`${path}[${place}].step`, `Expected a step from ${min} to ${max}, got ${step}`);
    } else if (
      (start < min || start > max || (start - min) % step !== 0)
    ) {
      complaints.add(
        `${path}[${place}].start`,
        `Expected a value from ${min} to ${max} by ${step}, got ${start}`,
      );
    }
  });
  for (const family of PIN_CONFIG_FAMILIES) {
    const on = configs.map(({ typeCode, start }, place) => ({ typeCode, start, place }))
      .filter(({ typeCode, start }) => family.includes(typeCode) && start !== 0);
    for (const { place, typeCode } of on.slice(1)) {
      complaints.add(
        `${path}[${place}].start`,
        `Expected 0, as type ${on[0]!.typeCode} is on already and excludes type ${typeCode}`,
      );
    }
  }
}

function checkFunctions(parts: PinParts, complaints: Complaints): void {
  const pinNames = new Set(parts.pinNames);
  const groupNames = new Set(parts.groupNames);
  parts.functions.forEach((each, index) => {
    if (each === null) return;
    const path = `pinFunctions[${index}]`;
    const groups = each.groups ?? [];
    const pins = each.pins ?? [];
    if ((groups.length === 0) === (pins.length === 0)) {
      complaints.add(path, "Expected groups or pins that it works on, and not both");
    }
    checkNames(`${path}.groups`, "pin group", groups, groupNames, complaints);
    checkNames(`${path}.pins`, "pin", pins, pinNames, complaints);
  });
}

/** No pin may have two functions, at boot as later; a group has one that works on it. */
function checkBoot(parts: PinParts, complaints: Complaints): void {
  const functionNames = new Set(parts.functionNames);
  const groupsOf = new Map(parts.functions.map((each) => [each?.name, new Set(each?.groups)]));
  const users = new Map<string, number>();
  parts.groups.forEach((group, index) => {
    const name = group?.bootFunction ?? null;
    if (group === null || name === null) return;
    const path = `pinGroups[${index}].bootFunction`;
    if (!canBeOneOf(name, functionNames)) complaints.add(path, `No pin function ${name}`);
    else if (groupsOf.get(name)?.has(group.name) === false) {
      complaints.add(path, `${name} does not work on ${group.name}`);
    }
    for (const pin of group.pins) {
      const user = users.get(pin);
      if (user === undefined) users.set(pin, index);
      else complaints.add(path, `Pin ${pin} has the function of pinGroups[${user}] at boot`);
    }
  });
}
