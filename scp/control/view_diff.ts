// What became of an agent's ids from one board to another: which moved, came, went or have another right.
// What of a device tree that breaks is in tree_breaks.ts.
import { HARDWARE_KINDS, type HardwareKind } from "../core/schema.ts";
import type { ViewReport } from "./agent_view.ts";
import { type TreeBreak, treeBreaks, type ViewedGuest } from "./tree_breaks.ts";
import { KIND_TITLES } from "./view_text.ts";

/** A resource whose id or right is another one; null = it is not in the view. */
export interface ViewChange {
  readonly kind: HardwareKind;
  readonly name: string;
  readonly before: { readonly id: number; readonly right: string } | null;
  readonly after: { readonly id: number; readonly right: string } | null;
}

/** What became of an agent. */
export interface ViewDiff {
  readonly agent: string;
  readonly changes: readonly ViewChange[];
  readonly breaks: readonly TreeBreak[];
}

/** Compares an agent of two boards. */
export function diffViews(agent: string, before: ViewedGuest | null, after: ViewedGuest | null): ViewDiff {
  const changes = HARDWARE_KINDS.flatMap((kind) => changesOf(kind, before?.report, after?.report));
  if (before === null) return { agent, changes, breaks: [] };
  return { agent, changes, breaks: treeBreaks(before, after) };
}

function changesOf(
  kind: HardwareKind,
  before: ViewReport | undefined,
  after: ViewReport | undefined,
): ViewChange[] {
  const [old, now] = [before, after].map((report) =>
    new Map(
      (report?.resources ?? []).filter((each) => each.kind === kind)
        .map(({ name, id, right }) => [name, { id, right }]),
    )
  );
  return [...new Set([...old!.keys(), ...now!.keys()])].flatMap((name) => {
    const change = { kind, name, before: old!.get(name) ?? null, after: now!.get(name) ?? null };
    const isSame = change.before?.id === change.after?.id && change.before?.right === change.after?.right;
    return isSame ? [] : [change];
  });
}

/** Writes what became of an agent; nothing has no lines. */
export function diffLines({ agent, changes, breaks }: ViewDiff): string[] {
  if (changes.length === 0 && breaks.length === 0) return [];
  const count = (is: (change: ViewChange) => boolean) => changes.filter(is).length;
  const moved = count(({ before, after }) => before !== null && after !== null && before.id !== after.id);
  const came = count(({ before }) => before === null);
  const went = count(({ after }) => after === null);
  return [
    `agent ${agent}: ids moved ${moved}, came ${came}, went ${went}, other rights ${
      changes.length - moved - came - went
    }; ` + (breaks.length === 0 ? "device trees hold" : `device trees break in ${breaks.length} places`),
    ...changes.map(({ kind, name, before, after }) =>
      `  ${KIND_TITLES[kind]} ${name}: ${stateText(before)} -> ${stateText(after)}`
    ),
    ...breaks.map(({ place, problem }) => `  breaks ${place}: ${problem}`),
  ];
}

function stateText(state: ViewChange["before"]): string {
  return state === null ? "not there" : `${state.id} ${state.right}`;
}
