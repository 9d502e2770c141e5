// The performance part of a probe: attributes, levels, limits and present level of each domain, in the
// layouts of versions 1.0 to 4.0; a newer version is taken for the newest known.
import * as performance from "../../protocols/performance/messages.ts";
import type { Prober } from "./prober.ts";

/** A level that a domain offers. */
export interface ProbedLevel {
  readonly level: number;
  /** In the unit that the protocol tells. */
  readonly powerCost: number;
  readonly latencyUs: number;
  /** Since version 4.0; null before. */
  readonly frequencyKhz: number | null;
  readonly levelIndex: number | null;
}

/** What was found of a performance domain; null = not told. */
export interface ProbedPerformanceDomain {
  readonly id: number;
  readonly name: string;
  /** Unit of the power costs; null = a number that has no meaning. */
  readonly powerUnit: string | null;
  readonly levels: readonly ProbedLevel[];
  /** Whether `level` and `limits` are indices of levels instead of their values. */
  readonly usesLevelIndexing: boolean;
  readonly level: number | null;
  readonly limits: { readonly min: number; readonly max: number } | null;
  readonly sustainedFrequencyKhz: number;
  readonly sustainedLevel: number;
  readonly rateLimitUs: number;
  readonly maySetLevel: boolean;
  readonly maySetLimits: boolean;
  readonly notifiesLevel: boolean;
  readonly notifiesLimits: boolean;
  readonly hasFastChannels: boolean;
}

const PERFORMANCE = performance.PERFORMANCE_MESSAGES.id;
const LEVEL_COUNT_MAX = 4096;

/** Asks for everything about all performance domains; `version` null = the newest. */
export async function probePerformanceDomains(
  prober: Prober,
  version: number | null,
): Promise<ProbedPerformanceDomain[]> {
  const layout = version ?? performance.V4;
  const protocol = await prober.call(
    PERFORMANCE,
    performance.PERFORMANCE_PROTOCOL_ATTRIBUTES,
    {},
    "performance",
  );
  const powerUnit = unitName(protocol?.attributes.powerUnit);
  return await prober.each(protocol?.attributes.domainCount ?? 0, async (domainId) => {
    const params = { domainId };
    const told = await prober.call(
      PERFORMANCE,
      performance.PERFORMANCE_DOMAIN_ATTRIBUTES,
      params,
      `performance domain ${domainId}`,
    );
    if (told === null) return null;
    const { hasExtendedName, usesLevelIndexing, ...attributes } = told.attributes;
    const hasName = hasExtendedName && layout >= performance.V3;
    const extended = hasName
      ? await prober.call(PERFORMANCE, performance.PERFORMANCE_DOMAIN_NAME_GET, params, told.name)
      : null;
    const name = extended?.name ?? told.name;
    const level = await prober.call(PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, params, name);
    const limits = await prober.call(PERFORMANCE, performance.PERFORMANCE_LIMITS_GET, params, name);
    return {
      id: domainId,
      name,
      powerUnit,
      levels: await (layout >= performance.V4 ? levelsOf : levelsBefore4)(prober, domainId, name),
      usesLevelIndexing: usesLevelIndexing && layout >= performance.V4,
      level: level?.level ?? null,
      limits: limits === null ? null : { min: limits.rangeMin, max: limits.rangeMax },
      sustainedFrequencyKhz: told.sustainedFrequencyKhz,
      sustainedLevel: told.sustainedLevel,
      rateLimitUs: told.rateLimit.intervalUs,
      ...attributes,
    };
  });
}

async function levelsOf(prober: Prober, domainId: number, name: string): Promise<ProbedLevel[]> {
  return await prober.gather(LEVEL_COUNT_MAX, async (skip) => {
    const params = { domainId, skip };
    const page = await prober.call(PERFORMANCE, performance.PERFORMANCE_DESCRIBE_LEVELS, params, name);
    if (page === null) return null;
    const items = page.levels.slice(0, page.counts.returned).map(({ attributes, ...rest }) => ({
      ...rest,
      latencyUs: attributes.latencyUs,
    }));
    return { items, remaining: page.counts.remaining };
  });
}

async function levelsBefore4(prober: Prober, domainId: number, name: string): Promise<ProbedLevel[]> {
  return await prober.gather(LEVEL_COUNT_MAX, async (skip) => {
    const params = { domainId, skip };
    const page = await prober.call(PERFORMANCE, performance.PERFORMANCE_DESCRIBE_LEVELS_V1, params, name);
    if (page === null) return null;
    const items = page.levels.slice(0, page.counts.returned).map(({ attributes, ...rest }) => ({
      ...rest,
      latencyUs: attributes.latencyUs,
      frequencyKhz: null,
      levelIndex: null,
    }));
    return { items, remaining: page.counts.remaining };
  });
}

function unitName(code: number | undefined): string | null {
  return Object.entries(performance.POWER_UNIT_CODE).find(([, value]) => value === code)?.[0] ?? null;
}
