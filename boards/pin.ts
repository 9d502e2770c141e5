// The pins of a board, the groups they are used in and the functions that groups (or pins) can be put to. How they are
// taken and set is scp/model/pin_control.ts; wire formats are the pin control protocol's matter.

/** A config type that a pin has, with the values it takes: `min`, `min` + `step`, ... `max`. */
export interface PinConfigDescription {
  /** A code of PIN_CONFIG (scp/core/pin_config.ts), or 192 to 255. */
  readonly typeCode: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Its value at boot; of an input value (14) it means nothing, as that is what is at the pin. */
  readonly start: number;
}

/** A config type as it is written: off and on, off at boot, unless given. */
export type PinConfigInput = Pick<PinConfigDescription, "typeCode"> & Partial<PinConfigDescription>;

/** A pin, complete. */
export interface PinDescription {
  /** Wire id: its place in the list, written out because guests match on it. */
  readonly id: number;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  /** By rising type. */
  readonly configs: readonly PinConfigDescription[];
}

/** A pin as it is written. */
export interface PinInput {
  readonly id: number;
  readonly name: string;
  /** In any order; none unless given. */
  readonly configs?: readonly PinConfigInput[];
}

/** Pins that are used as one, complete. */
export interface PinGroupDescription {
  /** Wire id: its place in the list, written out because guests match on it. */
  readonly id: number;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  /** Names of its pins, one or more. */
  readonly pins: readonly string[];
  /** The function it is put to at boot; null = none. */
  readonly bootFunction: string | null;
}

/** Pins that are used as one, as they are written: without function at boot unless given. */
export type PinGroupInput =
  & Pick<PinGroupDescription, "id" | "name" | "pins">
  & Partial<PinGroupDescription>;

/** A function, complete. It works on groups or on pins: one of the two lists is empty. */
export interface PinFunctionDescription {
  /** Wire id: its place in the list, written out because guests match on it. */
  readonly id: number;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  /** Whether it is the use of pins as general inputs and outputs. */
  readonly isGpio: boolean;
  /** Names of the groups that can be put to it. */
  readonly groups: readonly string[];
  /** Names of the pins that can be put to it. */
  readonly pins: readonly string[];
}

/** A function as it is written. */
export type PinFunctionInput =
  & Pick<PinFunctionDescription, "id" | "name">
  & Partial<PinFunctionDescription>;

/** Completes a pin with the defaults. */
export function completePin(input: PinInput): PinDescription {
  const configs = (input.configs ?? []).map(completePinConfig);
  return { id: input.id, name: input.name, configs: configs.sort((a, b) => a.typeCode - b.typeCode) };
}

/** Completes a config type with the defaults. */
export function completePinConfig(input: PinConfigInput): PinConfigDescription {
  const min = input.min ?? 0;
  return {
    typeCode: input.typeCode,
    min,
    max: input.max ?? 1,
    step: input.step ?? 1,
    start: input.start ?? min,
  };
}

/** Completes a group with the defaults. */
export function completePinGroup(input: PinGroupInput): PinGroupDescription {
  return { id: input.id, name: input.name, pins: input.pins, bootFunction: input.bootFunction ?? null };
}

/** The pins of some groups; groups that are not there have none, nor have those that cannot be read. */
export function pinsOfGroups(
  groups: readonly (Pick<PinGroupDescription, "name" | "pins"> | null)[],
  names: Iterable<string>,
): string[] {
  const wanted = new Set(names);
  return groups.flatMap((group) => group !== null && wanted.has(group.name) ? group.pins : []);
}

/** Completes a function with the defaults. */
export function completePinFunction(input: PinFunctionInput): PinFunctionDescription {
  return {
    id: input.id,
    name: input.name,
    isGpio: input.isGpio ?? false,
    groups: input.groups ?? [],
    pins: input.pins ?? [],
  };
}
