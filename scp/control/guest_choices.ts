// What can be chosen for a guest beside its board, agent and release: performance domains of its processors,
// devices that use a resource. Names are looked up in the agent's view.
import type { Board } from "../../boards/board.ts";
import type { CompiledView } from "../../boards/view_compiler.ts";
import type { HardwareKind } from "../core/schema.ts";
import { viewOf } from "./agent_view.ts";
import { CONSUMER_KINDS, type ConsumerKind, type GuestConsumer } from "./device_tree_consumers.ts";
import type { GuestDescription } from "./device_tree.ts";

const RESOURCE_OF = {
  clock: "clock",
  power: "powerDomain",
  regulator: "voltageDomain",
  reset: "resetDomain",
  voltage: "voltageDomain",
} as const satisfies Record<ConsumerKind, HardwareKind>;

/** The parts of a guest's description that are chosen. */
export type GuestChoices = Pick<GuestDescription, "processorDomains" | "consumers">;

/** Choices as they are written. */
export interface NamedChoices {
  readonly cpuCount: number;
  /** Names of performance domains, one for each processor; the last one counts for those that follow. Empty = none. */
  readonly cpuPerf: readonly string[];
  /** Resources that get a device to use them: a kind and a name, as `clock:etheravb`. */
  readonly consumers: readonly string[];
}

/** Looks everything up; a problem is one line: what, where, what to do. */
export function chooseForGuest(
  board: Board,
  agentName: string,
  { cpuCount, cpuPerf, consumers }: NamedChoices,
): GuestChoices | { readonly problem: string } {
  const view = viewOf(board, agentName);
  const domains = view.resources.performanceDomain.map(({ name }) => name);
  const unknown = cpuPerf.find((name) => !domains.includes(name));
  if (unknown !== undefined) {
    const advice = domains.length === 0 ? "it sees none" : `take one of ${domains.join(", ")}`;
    const about = `agent ${agentName} of board ${board.name} sees no performance domain`;
    return { problem: `${about} ${JSON.stringify(unknown)}: ${advice}` };
  }
  const found: GuestConsumer[] = [];
  for (const text of consumers) {
    const consumer = findConsumer(board, agentName, view, text);
    if ("problem" in consumer) return consumer;
    found.push(consumer);
  }
  const ids = cpuPerf.map((name) => domains.indexOf(name));
  const processorDomains = ids.length === 0
    ? []
    : Array.from({ length: cpuCount }, (_, cpu) => ids[Math.min(cpu, ids.length - 1)]!);
  return { processorDomains, consumers: found };
}

/** The resource that `KIND:NAME` means. */
function findConsumer(
  board: Board,
  agentName: string,
  { resources }: CompiledView,
  text: string,
): GuestConsumer | { readonly problem: string } {
  const kind = CONSUMER_KINDS.find((each) => text.startsWith(`${each}:`));
  if (kind === undefined) {
    const wanted = CONSUMER_KINDS.map((each) => `${each}:NAME`).join(", ");
    return { problem: `consumer ${JSON.stringify(text)} is none of ${wanted}` };
  }
  const name = text.slice(kind.length + 1);
  const id = resources[RESOURCE_OF[kind]].findIndex((each) => each.name === name);
  if (id >= 0) return { kind, id, name };
  const about = `board ${board.name} shows agent ${agentName} no ${kind} ${JSON.stringify(name)}`;
  return { problem: `${about}: scp view --board ${board.name} --agent ${agentName} lists what it sees` };
}
