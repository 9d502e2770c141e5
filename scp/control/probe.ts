// Walks a platform as an agent and gathers what it offers: Base, then the protocols that it lists, in the
// layouts of the versions it reports. A command that fails costs what it would have told, nothing else. Each
// noun has a file of its own.
import type { AgentClient } from "../agent/agent.ts";
import * as base from "../../protocols/base/messages.ts";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { isVendorProtocol, PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { probeClocks, type ProbedClock } from "./probe_clocks.ts";
import { type ProbedPerformanceDomain, probePerformanceDomains } from "./probe_performance.ts";
import { type ProbedPins, probePins } from "./probe_pins.ts";
import {
  type ProbedPowerDomain,
  type ProbedSystemPower,
  probePowerDomains,
  probeSystemPower,
} from "./probe_power.ts";
import { type ProbedPowercapDomain, probePowercapDomains } from "./probe_powercaps.ts";
import { type ProbedResetDomain, probeResetDomains } from "./probe_resets.ts";
import { type ProbedSensor, probeSensors } from "./probe_sensors.ts";
import { type ProbedTelemetry, probeTelemetry } from "./probe_telemetry.ts";
import { type ProbedVoltageDomain, probeVoltageDomains } from "./probe_voltages.ts";
import { type ProbeOptions, Prober } from "./prober.ts";

/** A protocol the platform lists. */
export interface ProbedProtocol {
  readonly id: number;
  /** null = one we do not know, as we do not what a vendor means by an id. */
  readonly name: string | null;
  /** null = not told. */
  readonly version: number | null;
}

/** What was found; null stands for what was not told, or for a protocol that is not there where it has no list. */
export interface ProbeReport {
  readonly vendor: string | null;
  readonly subVendor: string | null;
  readonly implementationVersion: number | null;
  readonly agents: readonly { readonly id: number; readonly name: string }[];
  readonly protocols: readonly ProbedProtocol[];
  readonly powerDomains: readonly ProbedPowerDomain[];
  readonly systemPower: ProbedSystemPower | null;
  readonly performanceDomains: readonly ProbedPerformanceDomain[];
  readonly clocks: readonly ProbedClock[];
  readonly sensors: readonly ProbedSensor[];
  readonly resetDomains: readonly ProbedResetDomain[];
  readonly voltageDomains: readonly ProbedVoltageDomain[];
  readonly powercapDomains: readonly ProbedPowercapDomain[];
  readonly pins: ProbedPins | null;
  readonly telemetry: ProbedTelemetry | null;
  /** Whether the platform stopped to answer: what comes after is missing. */
  readonly isLost: boolean;
  /** One line for each command that failed. */
  readonly failures: readonly string[];
}

const BASE = base.BASE_MESSAGES.id;
/** Protocols a platform may list: their ids have 8 bits. */
const PROTOCOL_COUNT_MAX = 256;

/** Probes a platform; null when it does not answer at all. */
export async function probePlatform(client: AgentClient, options: ProbeOptions): Promise<ProbeReport | null> {
  const prober = new Prober(client, options);
  const version = await prober.call(BASE, PROTOCOL_VERSION, {}, "base");
  if (prober.isLost) return null;
  const attributes = await prober.call(BASE, base.BASE_PROTOCOL_ATTRIBUTES, {}, "base");
  const vendor = await prober.call(BASE, base.BASE_DISCOVER_VENDOR, {});
  const subVendor = await prober.call(BASE, base.BASE_DISCOVER_SUB_VENDOR, {});
  const implementation = await prober.call(BASE, base.BASE_DISCOVER_IMPLEMENTATION_VERSION, {});
  const { protocolCount = 0, agentCount = 0 } = attributes?.attributes ?? {};
  const protocolIds = await listProtocols(prober, protocolCount);
  const agents = await listAgents(prober, agentCount, version?.version ?? null);
  const protocols: ProbedProtocol[] = [
    { id: BASE, name: base.BASE_MESSAGES.name, version: version?.version ?? null },
  ];
  for (const id of protocolIds) {
    const known = PROTOCOL_MESSAGES.find((each) => each.id === id && !isVendorProtocol(id));
    const name = known?.name ?? null;
    const told = await prober.call(id, PROTOCOL_VERSION, {}, name ?? `protocol 0x${id.toString(16)}`);
    protocols.push({ id, name, version: told?.version ?? null });
  }
  /** Walks a protocol if the platform lists it. */
  const walk = async <T>(protocolId: number, probe: (version: number | null) => Promise<T>, absent: T) => {
    const protocol = protocols.find(({ id }) => id === protocolId);
    return protocol === undefined ? absent : await probe(protocol.version);
  };
  return {
    vendor: vendor?.vendor ?? null,
    subVendor: subVendor?.subVendor ?? null,
    implementationVersion: implementation?.version ?? null,
    agents,
    protocols,
    powerDomains: await walk(0x11, (version) => probePowerDomains(prober, version), []),
    systemPower: await walk<ProbedSystemPower | null>(0x12, () => probeSystemPower(prober), null),
    performanceDomains: await walk(0x13, (version) => probePerformanceDomains(prober, version), []),
    clocks: await walk(0x14, (version) => probeClocks(prober, version), []),
    sensors: await walk(0x15, (version) => probeSensors(prober, version), []),
    resetDomains: await walk(0x16, (version) => probeResetDomains(prober, version), []),
    voltageDomains: await walk(0x17, (version) => probeVoltageDomains(prober, version), []),
    powercapDomains: await walk(0x18, (version) => probePowercapDomains(prober, version), []),
    pins: await walk<ProbedPins | null>(0x19, () => probePins(prober), null),
    telemetry: await walk<ProbedTelemetry | null>(0x1b, () => probeTelemetry(prober), null),
    isLost: prober.isLost,
    failures: prober.failures,
  };
}

async function listProtocols(prober: Prober, expectedCount: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < Math.min(expectedCount, PROTOCOL_COUNT_MAX)) {
    const page = await prober.call(BASE, base.BASE_DISCOVER_LIST_PROTOCOLS, { skip: ids.length });
    if (page === null) break;
    const found = page.protocols.subarray(0, page.protocolCount);
    if (found.length === 0) {
      prober.note(
        `BASE_DISCOVER_LIST_PROTOCOLS: ends after ${ids.length} of ${expectedCount} protocols`,
      );
      break;
    }
    ids.push(...found);
  }
  return [...new Set(ids)];
}

async function listAgents(
  prober: Prober,
  agentCount: number,
  version: number | null,
): Promise<{ id: number; name: string }[]> {
  const agents: { id: number; name: string }[] = [];
  const isFirstVersion = version !== null && version <= base.BASE_DISCOVER_AGENT_V1.until;
  for (let agentId = 0; agentId <= agentCount && !prober.isLost; agentId++) {
    const agent = isFirstVersion
      ? await prober.call(BASE, base.BASE_DISCOVER_AGENT_V1, { agentId }, `agent ${agentId}`)
      : await prober.call(BASE, base.BASE_DISCOVER_AGENT, { agentId }, `agent ${agentId}`);
    if (agent !== null) agents.push({ id: agentId, name: agent.name });
  }
  return agents;
}
