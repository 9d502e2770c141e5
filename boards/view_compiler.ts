// Makes ids of an agent's view: of each kind from 0 on without gaps. First come the resources whose name is written out, in
// the order of mention, those of extended views before the view's own; behind them what only patterns name, in the order of
// the board. So a resource added at the end of a board moves no id, nor does a name added at the end of a view without
// patterns, nor another right for what is in the view already.
import { byKind, type HardwareKind } from "../scp/core/schema.ts";
import type { AgentDescription } from "./agent.ts";
import type { Board } from "./board.ts";
import { type ResourceNames, resourceNames } from "./resource_names.ts";
import { fitsPattern } from "../scp/core/name_pattern.ts";
import { type GrantedRight, type Right, type ViewInput, WHOLE_BOARD } from "./view.ts";

/** A resource in a view; its place in the list is the agent's id. */
export interface ViewEntry {
  readonly name: string;
  /** The board's own id: the place among all of the kind. */
  readonly boardId: number;
  readonly right: GrantedRight;
}

/** A view, compiled. */
export interface CompiledView {
  readonly resources: Readonly<Record<HardwareKind, readonly ViewEntry[]>>;
  /** By the name of a protocol, patterns of the only commands that the agent may use; protocols not named: all. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
}

/** An agent with its view as it is written; null = the default. */
export type ViewOwner = Pick<AgentDescription, "name" | "view">;

/** What has to be known of a board to compile views. */
export interface ViewedBoard {
  readonly names: ResourceNames;
  readonly agents: readonly ViewOwner[];
  readonly views: Readonly<Record<string, ViewInput>>;
}

/** Names and patterns of one view with their rights, in the order in which they count. */
export type OrderedRules = readonly (readonly [pattern: string, right: Right])[];

/** Views of boards that were asked for: a board never changes. */
const compiledViews = new WeakMap<Board, readonly CompiledView[]>();

/** Compiles the views of all agents of a board, in their order; the second time they are there already. */
export function compileViews(board: Board): readonly CompiledView[] {
  const known = compiledViews.get(board);
  if (known !== undefined) return known;
  const { agents, views } = board;
  const names = resourceNames(board);
  const compiled = agents.map((agent) => compileView({ names, agents, views }, agent));
  compiledViews.set(board, compiled);
  return compiled;
}

/** Compiles the view of one agent. What it names that does not exist is left out: the validator has told of it. */
export function compileView(board: ViewedBoard, agent: ViewOwner): CompiledView {
  const chain = chainOf(board, agent);
  const resources = byKind((kind) =>
    grantedOf(board.names[kind], chain.flatMap((view) => rulesOf(view, kind)))
  );
  return { resources, commands: Object.assign({}, ...chain.map(({ commands }) => commands ?? {})) };
}

/** The view of an agent as it is written, or the default. */
export function viewInputOf(
  board: Pick<ViewedBoard, "agents">,
  { view }: ViewOwner,
): ViewInput {
  return view ?? (board.agents.length === 1 ? WHOLE_BOARD : {});
}

/** The views that an agent's view consists of, in the order in which their rules count. */
function chainOf(board: ViewedBoard, agent: ViewOwner): ViewInput[] {
  const chain: ViewInput[] = [];
  const seen = new Set<ViewInput>();
  const add = (view: ViewInput): void => {
    // A view that is extended by several of them counts where it comes first.
    if (seen.has(view)) return;
    seen.add(view);
    for (const name of view.extends ?? []) {
      const base = findView(board, name);
      if (base !== undefined) add(base);
    }
    chain.push(view);
  };
  add(viewInputOf(board, agent));
  return chain;
}

/** The view of a name: one of the section `views`, or that of an agent. */
export function findView(
  board: Pick<ViewedBoard, "agents" | "views">,
  name: string,
): ViewInput | undefined {
  if (Object.hasOwn(board.views, name)) return board.views[name];
  const agent = board.agents.find((each) => each.name === name);
  return agent === undefined ? undefined : viewInputOf(board, agent);
}

/** The rules of a view for one kind. */
export function rulesOf(view: ViewInput, kind: HardwareKind): OrderedRules {
  const general = view["*"] === undefined ? [] : [["*", view["*"]] as const];
  const own = view[kind];
  if (own === undefined) return general;
  return [...general, ...typeof own === "string" ? [["*", own] as const] : Object.entries(own)];
}

/** What rules grant, in the order of the agent's ids. */
function grantedOf(names: readonly string[], rules: OrderedRules): ViewEntry[] {
  /** By the board's ids. A place among those written out, or null = named by a pattern. */
  const granted = new Map<number, { right: GrantedRight; readonly mention: number | null }>();
  const idOf = new Map(names.map((name, boardId) => [name, boardId]));
  rules.forEach(([pattern, right], mention) => {
    const grant = (boardId: number, place: number | null) => {
      const before = granted.get(boardId);
      if (right === "none") granted.delete(boardId);
      else if (before !== undefined) before.right = right;
      else granted.set(boardId, { right, mention: place });
    };
    const exact = idOf.get(pattern);
    if (exact !== undefined) return grant(exact, mention);
    names.forEach((name, boardId) => {
      if (fitsPattern(name, pattern)) grant(boardId, null);
    });
  });
  const entries = [...granted].map(([boardId, { right, mention }]) => ({ boardId, right, mention }));
  entries.sort((a, b) => (a.mention ?? Infinity) - (b.mention ?? Infinity) || a.boardId - b.boardId);
  return entries.map(({ boardId, right }) => ({ name: names[boardId]!, boardId, right }));
}
