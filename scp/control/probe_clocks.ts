// The clock part of a probe: attributes, rates, parents, settings and permissions of each clock, in the
// layouts of versions 1.0 to 3.0; a newer version is taken for the newest known.
import * as clock from "../../protocols/clock/messages.ts";
import type { Prober } from "./prober.ts";

/** The rates that a clock offers, Hz. */
export interface ProbedRates {
  /** Whether they are lowest, highest and step instead of a list. */
  readonly isTriplet: boolean;
  readonly ratesHz: readonly number[];
}

/** What was found of a clock; null = not told. */
export interface ProbedClock {
  readonly id: number;
  readonly name: string;
  readonly isEnabled: boolean | null;
  /** Time it takes to enable it; version 1.0 does not tell. */
  readonly enableDelayUs: number | null;
  readonly rateHz: number | null;
  readonly rates: ProbedRates | null;
  /** The clocks that it can run from. */
  readonly possibleParentIds: readonly number[];
  readonly parentId: number | null;
  /** What the agent may change; null = anything. */
  readonly permissions: { readonly state: boolean; readonly parent: boolean; readonly rate: boolean } | null;
  readonly dutyCyclePercent: number | null;
  readonly phaseMrad: number | null;
  readonly notifiesRate: boolean;
  readonly notifiesRequests: boolean;
}

const CLOCK = clock.CLOCK_MESSAGES.id;
const RATE_COUNT_MAX = 4096;
const PARENT_COUNT_MAX = 256;
const NEWEST = 0x30000;

/** What CLOCK_ATTRIBUTES tells, whatever its layout. */
interface Attributes extends
  Pick<
    ProbedClock,
    "name" | "isEnabled" | "enableDelayUs" | "notifiesRate" | "notifiesRequests"
  > {
  readonly hasExtendedName: boolean;
  readonly hasParents: boolean;
  readonly hasExtendedConfig: boolean;
  readonly isRestricted: boolean;
}

/** Asks for everything about all clocks; `version` null = the newest. */
export async function probeClocks(prober: Prober, version: number | null): Promise<ProbedClock[]> {
  const layout = version ?? NEWEST;
  const protocol = await prober.call(CLOCK, clock.CLOCK_PROTOCOL_ATTRIBUTES, {}, "clock");
  return await prober.each(protocol?.attributes.clockCount ?? 0, async (id) => {
    const attributes = await attributesOf(prober, id, layout);
    return attributes === null ? null : await probeClock(prober, id, attributes, layout);
  });
}

async function probeClock(
  prober: Prober,
  clockId: number,
  attributes: Attributes,
  layout: number,
): Promise<ProbedClock> {
  const { hasParents, hasExtendedConfig, isRestricted, hasExtendedName, ...told } = attributes;
  const hasName = hasExtendedName && layout >= clock.CLOCK_NAME_GET.since;
  const extended = hasName ? await prober.call(CLOCK, clock.CLOCK_NAME_GET, { clockId }, told.name) : null;
  const name = extended?.name ?? told.name;
  // All of these came with version 3.0.
  const isNew = layout >= clock.CLOCK_CONFIG_GET.since;
  const parent = isNew && hasParents
    ? await prober.call(CLOCK, clock.CLOCK_PARENT_GET, { clockId }, name)
    : null;
  const permitted = isNew && isRestricted
    ? await prober.call(CLOCK, clock.CLOCK_GET_PERMISSIONS, { clockId }, name)
    : null;
  const setting = async (type: number) =>
    isNew && hasExtendedConfig ? await settingOf(prober, clockId, type) : null;
  return {
    id: clockId,
    ...told,
    name,
    rateHz: (await prober.call(CLOCK, clock.CLOCK_RATE_GET, { clockId }, name))?.rateHz ?? null,
    rates: await ratesOf(prober, clockId, name),
    possibleParentIds: isNew && hasParents ? await parentsOf(prober, clockId, name) : [],
    parentId: parent?.parentId ?? null,
    permissions: permitted?.permissions ?? null,
    dutyCyclePercent: await setting(clock.EXTENDED_CONFIG.dutyCycle),
    phaseMrad: await setting(clock.EXTENDED_CONFIG.phase),
  };
}

async function attributesOf(prober: Prober, clockId: number, layout: number): Promise<Attributes | null> {
  const about = `clock ${clockId}`;
  if (layout <= clock.CLOCK_ATTRIBUTES_V1.until) {
    const told = await prober.call(CLOCK, clock.CLOCK_ATTRIBUTES_V1, { clockId }, about);
    return told === null ? null : {
      name: told.name,
      isEnabled: told.attributes.isEnabled,
      enableDelayUs: null,
      notifiesRate: false,
      notifiesRequests: false,
      hasExtendedName: false,
      hasParents: false,
      hasExtendedConfig: false,
      isRestricted: false,
    };
  }
  const told = await prober.call(CLOCK, clock.CLOCK_ATTRIBUTES, { clockId }, about);
  return told === null ? null : { ...told.attributes, name: told.name, enableDelayUs: told.enableDelayUs };
}

async function ratesOf(prober: Prober, clockId: number, name: string): Promise<ProbedRates | null> {
  let isTriplet = false;
  const ratesHz = await prober.gather(RATE_COUNT_MAX, async (rateIndex) => {
    const page = await prober.call(CLOCK, clock.CLOCK_DESCRIBE_RATES, { clockId, rateIndex }, name);
    if (page === null) return null;
    isTriplet = page.counts.isTriplet;
    const items = page.rates.slice(0, page.counts.returned).map(({ rateHz }) => rateHz);
    return { items, remaining: page.counts.remaining };
  });
  return ratesHz.length === 0 ? null : { isTriplet, ratesHz };
}

async function parentsOf(prober: Prober, clockId: number, name: string): Promise<number[]> {
  return await prober.gather(PARENT_COUNT_MAX, async (skip) => {
    const page = await prober.call(CLOCK, clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId, skip }, name);
    if (page === null) return null;
    const items = page.parents.slice(0, page.counts.returned).map(({ clockId }) => clockId);
    return { items, remaining: page.counts.remaining };
  });
}

/** A clock that has one of the two settings says of the other that it has it not. */
async function settingOf(prober: Prober, clockId: number, extendedType: number): Promise<number | null> {
  const told = await prober.tryCall(CLOCK, clock.CLOCK_CONFIG_GET, { clockId, flags: { extendedType } });
  return told.ok ? told.values.extendedValue : null;
}
