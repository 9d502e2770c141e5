// Walks a platform as an agent and gathers what it offers: Base, then Sensor, in the layouts of the versions it reports.
// It trusts nothing: lists are bounded, and a command that fails costs what it would have told, nothing else.
import { hostDelay } from "../core/clock.ts";
import type { CommandSchema, ParamsOf, ReturnsOf } from "../core/schema.ts";
import type { AgentClient, CallResult } from "../agent/agent.ts";
import * as base from "../../protocols/base/messages.ts";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { type ProbedSensor, probeSensors } from "./probe_sensors.ts";

/** A protocol the platform lists. */
export interface ProbedProtocol {
  readonly id: number;
  /** null = one we do not know. */
  readonly name: string | null;
  /** null = not told. */
  readonly version: number | null;
}

/** What was found; null stands for what was not told. */
export interface ProbeReport {
  readonly vendor: string | null;
  readonly subVendor: string | null;
  readonly implementationVersion: number | null;
  readonly agents: readonly { readonly id: number; readonly name: string }[];
  readonly protocols: readonly ProbedProtocol[];
  readonly sensors: readonly ProbedSensor[];
  /** One line for each command that failed. */
  readonly failures: readonly string[];
}

/** How to probe. */
export interface ProbeOptions {
  /** How long an answer may take, ms. */
  readonly timeoutMs: number;
  /** Whether sensors that are off are switched on for their reading and off again. */
  readonly enables: boolean;
}

const BASE = base.BASE_MESSAGES.id;
const SENSOR = 0x15;
/** Protocols a platform may list: their ids have 8 bits. */
const PROTOCOL_COUNT_MAX = 256;

/** Calls of one probe: each ends in time, and each failure is noted. */
export class Prober {
  readonly failures: string[] = [];
  readonly options: ProbeOptions;
  readonly #client: AgentClient;
  /** Set once the platform stops to answer: the rest of the walk then ends quickly. */
  isLost = false;

  constructor(client: AgentClient, options: ProbeOptions) {
    this.#client = client;
    this.options = options;
  }

  /** Calls a command and returns its values, or null when it fails; `about` completes the note. */
  async call<S extends CommandSchema>(
    protocolId: number,
    schema: S,
    params: ParamsOf<S>,
    about = "",
  ): Promise<ReturnsOf<S> | null> {
    const result = await this.tryCall(protocolId, schema, params);
    if (result.ok) return result.values;
    this.failures.push(`${schema.name}${about === "" ? "" : ` of ${about}`}: ${result.status}`);
    return null;
  }

  /** The same for a command whose failure is an answer, too. */
  async tryCall<S extends CommandSchema>(
    protocolId: number,
    schema: S,
    params: ParamsOf<S>,
  ): Promise<CallResult<ReturnsOf<S>>> {
    if (this.isLost) return { ok: false, status: "NO_ANSWER" };
    const answered = new AbortController();
    const late = hostDelay(this.options.timeoutMs, answered.signal)
      .then((): CallResult<ReturnsOf<S>> => ({ ok: false, status: "NO_ANSWER" }));
    const result = await Promise.race([this.#client.call(protocolId, schema, params), late]);
    answered.abort();
    if (!result.ok && result.status === "NO_ANSWER") this.isLost = true;
    return result;
  }
}

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
    const name = PROTOCOL_MESSAGES.find((known) => known.id === id)?.name ?? null;
    const told = await prober.call(id, PROTOCOL_VERSION, {}, name ?? `protocol 0x${id.toString(16)}`);
    protocols.push({ id, name, version: told?.version ?? null });
  }
  const sensor = protocols.find(({ id }) => id === SENSOR);
  const sensors = sensor === undefined ? [] : await probeSensors(prober, sensor.version);
  return {
    vendor: vendor?.vendor ?? null,
    subVendor: subVendor?.subVendor ?? null,
    implementationVersion: implementation?.version ?? null,
    agents,
    protocols,
    sensors,
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
      prober.failures.push(
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
