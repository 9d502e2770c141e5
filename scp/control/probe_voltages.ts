// The voltage part of a probe: levels, present level and mode of each voltage domain, versions 1.0 to 2.1.
// What is read has the same layout in all of them.
import * as voltage from "../../protocols/voltage/messages.ts";
import type { Prober } from "./prober.ts";

/** What was found of a voltage domain; null = not told. */
export interface ProbedVoltageDomain {
  readonly id: number;
  readonly name: string;
  /** uV; a segment is lowest, highest, step. */
  readonly levels: { readonly isSegment: boolean; readonly levelsUv: readonly number[] } | null;
  readonly levelUv: number | null;
  /** `on`, `off`, or a mode of its own. */
  readonly mode: string | null;
  readonly supportsAsync: boolean;
}

const VOLTAGE = voltage.VOLTAGE_MESSAGES.id;
const LEVEL_COUNT_MAX = 4096;

/** Asks for everything about all voltage domains; `version` null = the newest. */
export async function probeVoltageDomains(
  prober: Prober,
  version: number | null,
): Promise<ProbedVoltageDomain[]> {
  const layout = version ?? voltage.V2;
  const protocol = await prober.call(VOLTAGE, voltage.VOLTAGE_PROTOCOL_ATTRIBUTES, {}, "voltage");
  return await prober.each(protocol?.attributes.domainCount ?? 0, async (domainId) => {
    const about = `voltage domain ${domainId}`;
    const told = await prober.call(VOLTAGE, voltage.VOLTAGE_DOMAIN_ATTRIBUTES, { domainId }, about);
    if (told === null) return null;
    const { hasExtendedName, supportsAsync } = told.attributes;
    const hasName = hasExtendedName && layout >= voltage.VOLTAGE_DOMAIN_NAME_GET.since;
    const extended = hasName
      ? await prober.call(VOLTAGE, voltage.VOLTAGE_DOMAIN_NAME_GET, { domainId }, told.name)
      : null;
    const name = extended?.name ?? told.name;
    const level = await prober.call(VOLTAGE, voltage.VOLTAGE_LEVEL_GET, { domainId }, name);
    const mode = await prober.call(VOLTAGE, voltage.VOLTAGE_CONFIG_GET, { domainId }, name);
    return {
      id: domainId,
      name,
      levels: await levelsOf(prober, domainId, name),
      levelUv: level?.levelUv ?? null,
      mode: mode === null ? null : modeText(mode.config),
      supportsAsync: supportsAsync && layout >= voltage.V2,
    };
  });
}

async function levelsOf(
  prober: Prober,
  domainId: number,
  name: string,
): Promise<ProbedVoltageDomain["levels"]> {
  let isSegment = false;
  const levelsUv = await prober.gather(LEVEL_COUNT_MAX, async (levelIndex) => {
    const params = { domainId, levelIndex };
    const page = await prober.call(VOLTAGE, voltage.VOLTAGE_DESCRIBE_LEVELS, params, name);
    if (page === null) return null;
    isSegment = page.counts.isSegment;
    const items = page.levels.slice(0, page.counts.returned).map(({ levelUv }) => levelUv);
    return { items, remaining: page.counts.remaining };
  });
  return levelsUv.length === 0 ? null : { isSegment, levelsUv };
}

function modeText({ isOwnMode, modeId }: { isOwnMode: boolean; modeId: number }): string {
  if (isOwnMode) return `own mode ${modeId}`;
  const known = Object.entries(voltage.ARCHITECTURAL_MODE).find(([, id]) => id === modeId);
  return known?.[0] ?? `mode ${modeId}`;
}
