// What `probe` prints for people: who the platform is, a section for each protocol, and what failed. The
// sections of single nouns are in probe_tables.ts and probe_sensor_table.ts.
import type { ProbeReport } from "./probe.ts";
import { sensorLines } from "./probe_sensor_table.ts";
import {
  clockLines,
  performanceLines,
  pinLines,
  powercapLines,
  powerDomainLines,
  powerLimitLines,
  printable,
  resetLines,
  voltageLines,
} from "./probe_tables.ts";
import { telemetryLines } from "./probe_telemetry.ts";

/** Failures that are printed; --json has them all. */
const FAILURE_LINE_MAX = 20;

/** Writes a report. */
export function reportLines(report: ProbeReport): string[] {
  const { vendor, subVendor, implementationVersion: version, agents, protocols, systemPower } = report;
  const sections = [
    sensorLines(report.sensors),
    powerDomainLines(report.powerDomains),
    performanceLines(report.performanceDomains),
    clockLines(report.clocks),
    resetLines(report.resetDomains),
    voltageLines(report.voltageDomains),
    powercapLines(report.powercapDomains),
    powerLimitLines(report.powercapDomains),
    pinLines(report.pins),
    telemetryLines(report.telemetry),
    failureLines(report.failures),
  ];
  return [
    `vendor      ${printable(vendor ?? "?")}, sub-vendor ${printable(subVendor ?? "?")}, ` +
    `implementation version ${version === null ? "?" : `0x${version.toString(16)}`}`,
    `agents      ${agents.map(({ id, name }) => `${id} ${printable(name)}`).join(", ")}`,
    `protocols   ${
      protocols.map(({ id, name, version }) =>
        `0x${id.toString(16)} ${name ?? "unknown"} ${versionText(version)}`
      ).join(", ")
    }`,
    ...(systemPower === null
      ? []
      : [`system      ${systemPower.state ?? `not told: ${systemPower.failure}`}`]),
    ...sections.flatMap((lines) => lines.length === 0 ? [] : ["", ...lines]),
  ];
}

function failureLines(failures: readonly string[]): string[] {
  if (failures.length === 0) return [];
  const hiddenCount = failures.length - FAILURE_LINE_MAX;
  return [
    "failed:",
    ...failures.slice(0, FAILURE_LINE_MAX).map((line) => `  ${printable(line)}`),
    ...(hiddenCount > 0 ? [`  and ${hiddenCount} more: --json lists them`] : []),
  ];
}

function versionText(version: number | null): string {
  return version === null ? "?" : `${version >>> 16}.${version & 0xffff}`;
}
