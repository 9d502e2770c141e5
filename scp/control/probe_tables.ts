// What a probe found of clocks, domains and pins, as tables for people. What many resources have alike is
// said once, with the names below it: hundreds of resets or pins stay on a page.
import { PIN_CONFIG } from "../core/pin_config.ts";
import type { ProbedClock, ProbedRates } from "./probe_clocks.ts";
import type { ProbedPerformanceDomain } from "./probe_performance.ts";
import type { ProbedPin, ProbedPins } from "./probe_pins.ts";
import type { ProbedPowercapDomain } from "./probe_powercaps.ts";
import type { ProbedPowerDomain } from "./probe_power.ts";
import type { ProbedResetDomain } from "./probe_resets.ts";
import type { ProbedVoltageDomain } from "./probe_voltages.ts";
import { alikeLines, tableLines } from "./terminal.ts";

/** Foreign text without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/[^ -~]/g, "?");
}

/** Writes the table of power domains. */
export function powerDomainLines(domains: readonly ProbedPowerDomain[]): string[] {
  if (domains.length === 0) return [];
  return tableLines(
    ["#ID", "POWER DOMAIN", "STATE", "SET", "TELLS"],
    domains.map(({ id, name, state, ...rest }) => [
      `${id}`,
      printable(name),
      state ?? "?",
      listText({ "at once": rest.supportsSync, "in its time": rest.supportsAsync }),
      listText({ changes: rest.notifiesChanges, requests: rest.notifiesRequests }),
    ]),
  );
}

/** Writes the table of performance domains. */
export function performanceLines(domains: readonly ProbedPerformanceDomain[]): string[] {
  if (domains.length === 0) return [];
  const limitsText = ({ limits }: ProbedPerformanceDomain) =>
    limits === null ? "?" : `${limits.min} to ${limits.max}`;
  return tableLines(
    ["#ID", "PERFORMANCE", "#LEVEL", "LIMITS", "LEVELS", "COST", "LATENCY", "SET", "TELLS"],
    domains.map((domain) => [
      `${domain.id}`,
      printable(domain.name),
      `${domain.level ?? "?"}`,
      limitsText(domain),
      domain.levels.map(({ level }) => level).join(" "),
      `${domain.levels.map(({ powerCost }) => powerCost).join(" ")} ${domain.powerUnit ?? ""}`.trim(),
      latencyText(domain.levels.at(-1)?.latencyUs ?? null),
      listText({ level: domain.maySetLevel, limits: domain.maySetLimits }),
      listText({ level: domain.notifiesLevel, limits: domain.notifiesLimits }),
    ]),
  );
}

/** Writes the table of clocks. */
export function clockLines(clocks: readonly ProbedClock[]): string[] {
  if (clocks.length === 0) return [];
  return tableLines(
    ["#ID", "CLOCK", "STATE", "#RATE Hz", "RATES Hz", "PARENT", "SET", "MORE"],
    clocks.map((clock) => [
      `${clock.id}`,
      printable(clock.name),
      stateText(clock.isEnabled),
      `${clock.rateHz ?? "?"}`,
      ratesText(clock.rates),
      parentText(clock),
      clock.permissions === null ? "all" : listText({ ...clock.permissions }),
      [
        ...(clock.dutyCyclePercent === null ? [] : [`duty cycle ${clock.dutyCyclePercent} %`]),
        ...(clock.phaseMrad === null ? [] : [`phase ${clock.phaseMrad} mrad`]),
      ].join(", "),
    ]),
  );
}

/** Writes the reset domains: those that are reset alike together. */
export function resetLines(domains: readonly ProbedResetDomain[]): string[] {
  return alikeLines("reset", domains.map(withPrintableName), ({ supportsAsync, notifies, latencyUs }) =>
    [
      supportsAsync ? "at once or with a delayed response" : "at once",
      `takes ${latencyUs === null ? "a time not told" : latencyText(latencyUs)}`,
      notifies ? "tells of resets" : "",
    ].filter((part) => part !== "").join(", "));
}

/** Writes the table of voltage domains. */
export function voltageLines(domains: readonly ProbedVoltageDomain[]): string[] {
  if (domains.length === 0) return [];
  return tableLines(
    ["#ID", "VOLTAGE", "MODE", "#LEVEL V", "LEVELS V", "ASYNC"],
    domains.map(({ id, name, mode, levelUv, levels, supportsAsync }) => [
      `${id}`,
      printable(name),
      mode ?? "?",
      levelUv === null ? "?" : voltText(levelUv),
      levels === null ? "?" : offerText(levels.isSegment, levels.levelsUv.map(voltText)),
      supportsAsync ? "yes" : "no",
    ]),
  );
}

/** Writes the table of power capping domains. */
export function powercapLines(domains: readonly ProbedPowercapDomain[]): string[] {
  if (domains.length === 0) return [];
  return tableLines(
    ["#ID", "POWER CAP", "#PARENT", "#POWER", "#CAP", "UNIT", "CAPS", "AVERAGED OVER", "SET"],
    domains.map((domain) => [
      `${domain.id}`,
      printable(domain.name),
      `${domain.parentId ?? "-"}`,
      domain.isMonitored ? `${domain.power ?? "?"}` : "-",
      domain.isUncapped ? "none" : `${domain.cap ?? "?"}`,
      domain.unit ?? "?",
      offerText(true, [domain.caps.min, domain.caps.max, domain.caps.step].map(String)),
      `${domain.averagingUs ?? "?"} us`,
      listText({ cap: domain.isCapConfigurable, averaging: domain.isAveragingConfigurable }),
    ]),
  );
}

/** Writes the limits of power capping domains, where a version tells of several. */
export function powerLimitLines(domains: readonly ProbedPowercapDomain[]): string[] {
  const rows = domains.flatMap(({ id, limits }) =>
    (limits ?? []).map(({ name, cap, caps, averagingUs, averagings }) => [
      `${id}`,
      printable(name),
      cap === 0 ? "none" : `${cap ?? "?"}`,
      offerText(true, [caps.min, caps.max, caps.step].map(String)),
      `${averagingUs ?? "?"} us`,
      offerText(true, [averagings.minUs, averagings.maxUs, averagings.stepUs].map(String)),
    ])
  );
  if (rows.length === 0) return [];
  return tableLines(["#POWER CAP", "LIMIT", "#CAP", "CAPS", "AVERAGED OVER", "INTERVALS, us"], rows);
}

/** Writes pins, groups and functions: pins that are set alike together. */
export function pinLines(found: ProbedPins | null): string[] {
  if (found === null) return [];
  const { pins, groups, functions } = found;
  const functionName = (id: number | null) => {
    if (id === null) return "no function";
    return printable(functions.find((each) => each.id === id)?.name ?? `function ${id}`);
  };
  // A value of 0 is "not so" for most types: only what is set is told.
  const settings = ({ functionId, configs }: ProbedPin) =>
    [
      functionName(functionId),
      ...configs.filter(({ value }) => value !== 0).map(({ typeCode, value }) =>
        `${configName(typeCode)} ${value}`
      ),
    ].join(", ");
  const groupRows = groups.map((group) => [
    `${group.id}`,
    printable(group.name),
    rangesText(group.pinIds),
    functionName(group.functionId),
  ]);
  const functionRows = functions.map(({ id, name, isGpio, worksOnPins, elementIds }) => [
    `${id}`,
    printable(name) + (isGpio ? " (GPIO)" : ""),
    `${worksOnPins ? "pins" : "groups"} ${rangesText(elementIds)}`,
  ]);
  return [
    ...alikeLines("pin", pins.map(withPrintableName), settings),
    ...(groups.length === 0 ? [] : ["", ...tableLines(["#ID", "PIN GROUP", "PINS", "FUNCTION"], groupRows)]),
    ...(functions.length === 0 ? [] : ["", ...tableLines(["#ID", "PIN FUNCTION", "WORKS ON"], functionRows)]),
  ];
}

function withPrintableName<T extends { readonly name: string }>(each: T): T {
  return { ...each, name: printable(each.name) };
}

function stateText(isEnabled: boolean | null): string {
  return isEnabled === null ? "?" : isEnabled ? "on" : "off";
}

function ratesText(rates: ProbedRates | null): string {
  return rates === null ? "?" : offerText(rates.isTriplet, rates.ratesHz.map(String));
}

/** A short list in full, of a long one the ends. */
function offerText(isTriplet: boolean, offered: readonly string[]): string {
  if (isTriplet) return tripletText(offered);
  return offered.length <= 4
    ? offered.join(" ")
    : `${offered.length} from ${offered[0]} to ${offered.at(-1)}`;
}

/** The lowest, the highest and the step of what is offered; a platform may have told fewer. */
export function tripletText([lowest = "?", highest = "?", step = "?"]: readonly string[]): string {
  return `${lowest} to ${highest} by ${step}`;
}

function parentText({ parentId, possibleParentIds }: ProbedClock): string {
  if (possibleParentIds.length === 0) return "-";
  return `${parentId ?? "?"} of ${possibleParentIds.join(" ")}`;
}

function voltText(uv: number): string {
  return `${uv / 1e6}`;
}

function latencyText(latencyUs: number | null): string {
  return latencyUs === null ? "?" : `${latencyUs} us`;
}

function listText(parts: Readonly<Record<string, boolean>>): string {
  const those = Object.entries(parts).filter(([, is]) => is).map(([name]) => name);
  return those.length === 0 ? "-" : those.join(", ");
}

function configName(typeCode: number): string {
  return Object.entries(PIN_CONFIG).find(([, code]) => code === typeCode)?.[0] ?? `config ${typeCode}`;
}

/** Rising ids, those in a row as `3-7`. */
function rangesText(ids: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < ids.length; i++) {
    const first = ids[i]!;
    while (ids[i + 1] === ids[i]! + 1) i++;
    parts.push(ids[i] === first ? `${first}` : `${first}-${ids[i]}`);
  }
  return parts.join(" ");
}
