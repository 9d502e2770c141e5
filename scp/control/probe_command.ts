// The `probe` command: connects to a platform as an agent, walks it, prints what it offers.
import { AgentClient } from "../agent/agent.ts";
import { connectMessage } from "../../transports/message/client.ts";
import { type ProbeOptions, probePlatform, type ProbeReport } from "./probe.ts";
import type { ProbedSensor } from "./probe_sensors.ts";
import { EXIT, tableLines, type Terminal } from "./terminal.ts";
import type { TransportSpec } from "./transport_spec.ts";

/** Probes the platform behind a socket; returns the exit code. */
export async function probe(
  spec: TransportSpec,
  options: ProbeOptions,
  isJson: boolean,
  terminal: Terminal,
): Promise<number> {
  const channel = await connectMessage(spec.path);
  if ("error" in channel) {
    terminal.complain(`error: ${channel.error}`);
    return EXIT.failure;
  }
  const client = new AgentClient(channel);
  const report = await probePlatform(client, options);
  client.close();
  if (report === null) {
    terminal.complain(`error: nothing at ${spec.path} answers SCMI messages: is it a message: endpoint?`);
    return EXIT.failure;
  }
  if (isJson) terminal.print(JSON.stringify(report, null, 2));
  else for (const line of reportLines(report)) terminal.print(line);
  return EXIT.success;
}

function reportLines(report: ProbeReport): string[] {
  const { vendor, subVendor, implementationVersion: version, agents, protocols, sensors, failures } = report;
  const lines = [
    `vendor      ${vendor ?? "?"}, sub-vendor ${subVendor ?? "?"}, ` +
    `implementation version ${version === null ? "?" : `0x${version.toString(16)}`}`,
    `agents      ${agents.map(({ id, name }) => `${id} ${printable(name)}`).join(", ")}`,
    `protocols   ${
      protocols.map(({ id, name, version }) =>
        `0x${id.toString(16)} ${name ?? "unknown"} ${versionText(version)}`
      )
        .join(", ")
    }`,
  ];
  if (sensors.length > 0) {
    const headings = ["#ID", "SENSOR", "TYPE", "#READING", "UNIT", "RANGE", "STEP", "#TRIPS", "UPDATES"];
    lines.push("", ...tableLines(headings, sensors.flatMap(sensorRows)));
  }
  if (sensors.some(({ isEnabled, reading }) => isEnabled === false && reading === null)) {
    lines.push("", "off: --enable switches such sensors on for the reading, and off again");
  }
  if (failures.length > 0) lines.push("", "failed:", ...failures.map((line) => `  ${printable(line)}`));
  return lines;
}

/** One row for a scalar sensor; one for a vector, and one for each of its axes. */
function sensorRows(sensor: ProbedSensor): string[][] {
  const { id, name, axes, isVector, isEnabled, reading, failure, tripPointCount } = sensor;
  const isOff = isEnabled === false && reading === null;
  const noReading = isOff ? "off" : failure ?? "?";
  const first = [`${id}`, printable(name)];
  const last = [`${tripPointCount}`, updatesText(sensor)];
  const cellsOf = (index: number) => {
    const axis = axes[index]!;
    const { range } = axis;
    return [
      axis.type,
      reading?.[index] ?? noReading,
      axis.unit,
      range === null ? "" : `${range.min} to ${range.max}`,
      range?.step ?? "",
    ];
  };
  if (!isVector && axes.length === 1) return [[...first, ...cellsOf(0), ...last]];
  return [
    [...first, `${axes.length} axes`, "", "", "", "", ...last],
    ...axes.map((axis, index) => ["", `  ${printable(axis.name)}`, ...cellsOf(index), "", ""]),
  ];
}

function updatesText({ intervals, supportsContinuousUpdate }: ProbedSensor): string {
  if (intervals === null) return supportsContinuousUpdate ? "yes" : "-";
  const [lowest, highest, step] = intervals.seconds;
  const offered = intervals.isSegment ? `${lowest} to ${highest} by ${step}` : intervals.seconds.join(", ");
  return `${offered} s${supportsContinuousUpdate ? "" : ", no notifications"}`;
}

function versionText(version: number | null): string {
  return version === null ? "?" : `${version >>> 16}.${version & 0xffff}`;
}

/** Foreign text without anything that a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, "?");
}
