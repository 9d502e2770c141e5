// The pin control part of a probe, version 1.0: pins and groups with function and configuration, functions,
// and what belongs to what.
import * as pins from "../../protocols/pin_control/messages.ts";
import type { Prober } from "./prober.ts";

/** One config type with its value. */
export interface ProbedPinConfig {
  readonly typeCode: number;
  readonly value: number;
}

/** What was found of a pin. */
export interface ProbedPin {
  readonly id: number;
  readonly name: string;
  /** The function it is put to; null = none, or not told. */
  readonly functionId: number | null;
  readonly configs: readonly ProbedPinConfig[];
}

/** What was found of a group of pins. */
export interface ProbedPinGroup extends ProbedPin {
  readonly pinIds: readonly number[];
}

/** What was found of a function. */
export interface ProbedPinFunction {
  readonly id: number;
  readonly name: string;
  readonly isGpio: boolean;
  /** Whether the next are pins instead of groups. */
  readonly worksOnPins: boolean;
  readonly elementIds: readonly number[];
}

/** What was found of pin control. */
export interface ProbedPins {
  readonly pins: readonly ProbedPin[];
  readonly groups: readonly ProbedPinGroup[];
  readonly functions: readonly ProbedPinFunction[];
}

const PINS = pins.PIN_CONTROL_MESSAGES.id;
const ELEMENT_COUNT_MAX = 0xffff;
const CONFIG_COUNT_MAX = 256;

type Kind = typeof pins.SELECTED[number];

/** Asks for everything about all pins, groups and functions. */
export async function probePins(prober: Prober): Promise<ProbedPins> {
  const told = await prober.call(PINS, pins.PINCTRL_PROTOCOL_ATTRIBUTES, {}, "pin_control");
  const { pinCount = 0, pinGroupCount = 0 } = told?.attributesLow ?? {};
  const { pinFunctionCount = 0 } = told?.attributesHigh ?? {};
  return {
    pins: await prober.each(pinCount, async (id) => {
      const named = await attributesOf(prober, "pin", id);
      return named === null ? null : { id, name: named.name, ...await settingsOf(prober, "pin", id) };
    }),
    groups: await prober.each(pinGroupCount, async (id) => {
      const named = await attributesOf(prober, "pinGroup", id);
      if (named === null) return null;
      const pinIds = await elementsOf(prober, "pinGroup", id);
      return { id, name: named.name, pinIds, ...await settingsOf(prober, "pinGroup", id) };
    }),
    functions: await prober.each(pinFunctionCount, async (id) => {
      const named = await attributesOf(prober, "pinFunction", id);
      if (named === null) return null;
      const { name, isGpio, worksOnPins } = named;
      return { id, name, isGpio, worksOnPins, elementIds: await elementsOf(prober, "pinFunction", id) };
    }),
  };
}

async function attributesOf(prober: Prober, kind: Kind, identifier: number) {
  const flags = { selector: pins.SELECTED.indexOf(kind) };
  const about = `${kind} ${identifier}`;
  const told = await prober.call(PINS, pins.PINCTRL_ATTRIBUTES, { identifier, flags }, about);
  if (told === null) return null;
  const extended = told.attributes.hasExtendedName
    ? await prober.call(PINS, pins.PINCTRL_NAME_GET, { identifier, flags }, about)
    : null;
  const { isGpio, worksOnPins } = told.attributes;
  return { name: extended?.name ?? told.name, isGpio, worksOnPins };
}

async function elementsOf(prober: Prober, kind: Kind, identifier: number): Promise<number[]> {
  const flags = { selector: pins.SELECTED.indexOf(kind) };
  return await prober.gather(ELEMENT_COUNT_MAX, async (index) => {
    const params = { identifier, flags, index };
    const about = `${kind} ${identifier}`;
    const page = await prober.call(PINS, pins.PINCTRL_LIST_ASSOCIATIONS, params, about);
    if (page === null) return null;
    const items = [...page.identifiers].slice(0, page.counts.returned);
    return { items, remaining: page.counts.remaining };
  });
}

async function settingsOf(
  prober: Prober,
  kind: Kind,
  identifier: number,
): Promise<Pick<ProbedPin, "functionId" | "configs">> {
  let functionId: number | null = null;
  const configs = await prober.gather(CONFIG_COUNT_MAX, async (skip) => {
    const selector = pins.SELECTED.indexOf(kind);
    const attributes = { mode: pins.SETTINGS.allConfigs, selector, skip, typeCode: 0 };
    const params = { identifier, attributes };
    const page = await prober.call(PINS, pins.PINCTRL_SETTINGS_GET, params, `${kind} ${identifier}`);
    if (page === null) return null;
    functionId = page.functionId === pins.NO_FUNCTION ? null : page.functionId;
    const items = page.configs.slice(0, page.counts.returned).map(({ type, value }) => ({
      typeCode: type.typeCode,
      value,
    }));
    return { items, remaining: page.counts.remaining };
  });
  return { functionId, configs };
}
