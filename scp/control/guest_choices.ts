// What can be chosen for a guest beside its board, agent and release: performance domains of its processors, devices that use
// a resource. Names are looked up on the board.
import type { Board } from "../../boards/board.ts";
import { CONSUMER_KINDS, type ConsumerKind, type GuestConsumer } from "./device_tree_consumers.ts";
import type { GuestDescription } from "./device_tree.ts";

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
  { cpuCount, cpuPerf, consumers }: NamedChoices,
): GuestChoices | { readonly problem: string } {
  const domains = board.performanceDomains.map(({ name }) => name);
  const unknown = cpuPerf.find((name) => !domains.includes(name));
  if (unknown !== undefined) {
    const advice = domains.length === 0 ? "it has none" : `take one of ${domains.join(", ")}`;
    return { problem: `board ${board.name} has no performance domain ${JSON.stringify(unknown)}: ${advice}` };
  }
  const found: GuestConsumer[] = [];
  for (const text of consumers) {
    const consumer = findConsumer(board, text);
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
function findConsumer(board: Board, text: string): GuestConsumer | { readonly problem: string } {
  const kind = CONSUMER_KINDS.find((each) => text.startsWith(`${each}:`));
  if (kind === undefined) {
    const wanted = CONSUMER_KINDS.map((each) => `${each}:NAME`).join(", ");
    return { problem: `consumer ${JSON.stringify(text)} is none of ${wanted}` };
  }
  const name = text.slice(kind.length + 1);
  const all: Record<ConsumerKind, readonly { readonly id: number | null; readonly name: string }[]> = {
    clock: board.clocks,
    power: board.powerDomains,
    regulator: board.voltageDomains,
    reset: board.resetDomains,
    voltage: board.voltageDomains,
  };
  const id = all[kind].find((each) => each.name === name)?.id ?? null;
  if (id !== null) return { kind, id, name };
  const about = `board ${board.name} shows agents no ${kind} ${JSON.stringify(name)}`;
  return { problem: `${about}: scp describe --board ${board.name} lists them` };
}
