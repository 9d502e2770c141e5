// What views say about a board and about each other: names that have to exist, patterns that have to fit something, and
// rights of several agents to one resource.
import { byKind, HARDWARE_KINDS, type HardwareKind } from "../scp/core/schema.ts";
import type { AgentInput } from "./agent.ts";
import { type Complaints, listed, shortList } from "./complaints.ts";
import { canBeOneOf, known } from "./part_names.ts";
import { compileView, findView, type ViewEntry, type ViewOwner } from "./view_compiler.ts";
import { fitsPattern } from "../scp/core/name_pattern.ts";
import type { ViewInput } from "./view.ts";

/** The parts of a board that views are about; an agent is null where its shape is wrong. */
export interface ViewParts {
  readonly agents: readonly (AgentInput | null)[];
  /** Also of agents whose shape is wrong; null = it cannot be read. */
  readonly agentNames: readonly (string | null)[];
  readonly views: Readonly<Record<string, ViewInput>>;
  /** By kind, null among them for a name that cannot be read; hidden power domains are not there. */
  readonly names: Readonly<Record<HardwareKind, readonly (string | null)[]>>;
  /** Null where the shape is wrong. */
  readonly pinGroups: readonly ({ readonly name: string; readonly pins: readonly string[] } | null)[];
}

/** Lists what is wrong with the views of a board, and returns what each agent sees. */
export function checkViews(
  parts: ViewParts,
  complaints: Complaints,
): Readonly<Record<HardwareKind, readonly ViewEntry[]>>[] {
  const agents = parts.agents.map((agent, index): ViewOwner => ({
    name: parts.agentNames[index] ?? "",
    view: agent === null ? {} : agent.view ?? null,
  }));
  const board = {
    names: byKind((kind) => known(parts.names[kind])),
    agents,
    views: parts.views,
  };
  const written: [path: string, view: ViewInput][] = Object.entries(parts.views).map(([name, view]) => [
    `views.${name}`,
    view,
  ]);
  parts.agents.forEach((agent, index) => {
    if (agent?.view) written.push([`agents[${index}].view`, agent.view]);
  });
  for (const [path, view] of written) {
    checkRules(path, view, parts, complaints);
    checkExtends(path, view, board, complaints);
  }
  for (const name of Object.keys(parts.views)) {
    if (agents.some((agent) => agent.name === name)) {
      complaints.add(`views.${name}`, "An agent has this name too: give the view another one");
    }
  }
  const compiled = agents.map((agent) => compileView(board, agent).resources);
  compiled.forEach((resources, index) => checkPinGroups(index, resources, parts, complaints));
  for (const kind of HARDWARE_KINDS) {
    checkExclusive(kind, agents, compiled.map((resources) => resources[kind]), complaints);
  }
  return compiled;
}

function checkRules(path: string, view: ViewInput, parts: ViewParts, complaints: Complaints): void {
  for (const kind of HARDWARE_KINDS) {
    const rules = view[kind];
    if (rules === undefined || typeof rules === "string") continue;
    const names = parts.names[kind];
    const boardNames = new Set(names);
    for (const pattern of Object.keys(rules)) {
      const at = `${path}.${kind}.${pattern}`;
      if (/^\d+$/.test(pattern)) {
        // Such keys come before all others, whatever their order in the file, so that ids would not be as written.
        complaints.add(
          at,
          `A name of digits only has no place among others: write a pattern such as ${pattern}*`,
        );
      }
      if (pattern === "*" || canBeOneOf(pattern, boardNames)) continue;
      if (names.some((name) => name !== null && fitsPattern(name, pattern))) continue;
      complaints.add(
        at,
        pattern.includes("*")
          ? `No ${kind} of the board fits: correct the pattern, or leave it out`
          : `No ${kind} ${pattern}: correct the name, or leave it out`,
      );
    }
  }
}

function checkExtends(
  path: string,
  view: ViewInput,
  board: Parameters<typeof findView>[0],
  complaints: Complaints,
): void {
  view.extends?.forEach((name, place) => {
    const base = findView(board, name);
    const at = `${path}.extends[${place}]`;
    if (base === undefined) {
      const all = [...Object.keys(board.views), ...board.agents.map((agent) => agent.name)];
      complaints.add(at, `No view or agent ${name}: take one of ${all.join(", ")}`);
    } else if (leadsTo(base, view, board)) {
      complaints.add(at, `${name} begins with this view itself: leave one of the two out`);
    }
  });
}

/** Whether a view is another one, or extends it over any number of steps. */
function leadsTo(from: ViewInput, wanted: ViewInput, board: Parameters<typeof findView>[0]): boolean {
  const seen = new Set<ViewInput>();
  const waiting = [from];
  for (let view = waiting.pop(); view !== undefined; view = waiting.pop()) {
    if (view === wanted) return true;
    if (seen.has(view)) continue;
    seen.add(view);
    for (const name of view.extends ?? []) {
      const base = findView(board, name);
      if (base !== undefined) waiting.push(base);
    }
  }
  return false;
}

/**
 * Whoever uses a group uses its pins: without a right to each of them, an agent would have them behind the back of one to whom
 * they are exclusive.
 */
function checkPinGroups(
  index: number,
  resources: Readonly<Record<HardwareKind, readonly ViewEntry[]>>,
  { pinGroups, names }: ViewParts,
  complaints: Complaints,
): void {
  const rights = new Map(resources.pin.map(({ name, right }) => [name, right]));
  const pinsOf = new Map(pinGroups.map((group) => [group?.name, group?.pins]));
  const pinNames = new Set(names.pin);
  for (const { name, right } of resources.pinGroup) {
    const pins = pinsOf.get(name) ?? [];
    const lacking = pins.filter((pin) => {
      const ofPin = rights.get(pin);
      // Pins that are not there have been complained about.
      if (!pinNames.has(pin)) return false;
      return ofPin === undefined || (ofPin === "read" && right !== "read");
    });
    if (lacking.length === 0) continue;
    const wanted = right === "read" ? "read" : "control";
    complaints.add(
      `agents[${index}].view.pinGroup`,
      `${name} has pins beyond the agent's rights (${shortList(lacking)}): give ${wanted} of these too`,
    );
  }
}

/** What one agent has alone no other may change. */
function checkExclusive(
  kind: HardwareKind,
  agents: readonly ViewOwner[],
  entries: readonly (readonly ViewEntry[])[],
  complaints: Complaints,
): void {
  const ownerOf = new Map<string, number>();
  entries.forEach((all, owner) => {
    const twice = new Map<number, string[]>();
    for (const { name, right } of all) {
      if (right !== "exclusive") continue;
      const first = ownerOf.get(name);
      if (first === undefined) ownerOf.set(name, owner);
      else twice.set(first, [...twice.get(first) ?? [], name]);
    }
    for (const [first, names] of twice) {
      complaints.add(
        `agents[${owner}].view.${kind}`,
        `${listed(names)} exclusive to ${agents[first]!.name} and to ${agents[owner]!.name}: ` +
          "leave it to one of them",
      );
    }
  });
  entries.forEach((all, index) => {
    const taken = new Map<number, string[]>();
    for (const { name, right } of all) {
      const owner = ownerOf.get(name);
      if (right !== "control" || owner === undefined) continue;
      taken.set(owner, [...taken.get(owner) ?? [], name]);
    }
    for (const [owner, names] of taken) {
      complaints.add(
        `agents[${index}].view.${kind}`,
        `${listed(names)} exclusive to ${agents[owner]!.name}: give ${
          agents[index]!.name
        } read, or both control`,
      );
    }
  });
}
