// What became of an agent's ids from one board to another: which moved, came, went or have another right, and what of a device
// tree made for the old board means something else on the new one, or nothing. Pins, groups and functions are named in a
// tree, not numbered; power caps and the system's power are not in it at all.
import { HARDWARE_KINDS, type HardwareKind } from "../core/schema.ts";
import type { ViewReport } from "./agent_view.ts";
import { deviceTreeLabel, type GuestDescription, zoneNames } from "./device_tree.ts";
import { KIND_TITLES } from "./view_text.ts";

/** A resource whose id or right is another one; null = it is not in the view. */
export interface ViewChange {
  readonly kind: HardwareKind;
  readonly name: string;
  readonly before: { readonly id: number; readonly right: string } | null;
  readonly after: { readonly id: number; readonly right: string } | null;
}

/** A place of a device tree that is wrong on the new board. */
export interface TreeBreak {
  /** A phandle with its specifier, or a node. */
  readonly place: string;
  /** What it was for, and what it is now. */
  readonly problem: string;
}

/** What became of an agent. */
export interface ViewDiff {
  readonly agent: string;
  readonly changes: readonly ViewChange[];
  readonly breaks: readonly TreeBreak[];
}

/** An agent's view with what its guest is told; null = the board has no such agent. */
export interface ViewedGuest {
  readonly report: ViewReport;
  readonly guest: GuestDescription;
}

/** By kind, the protocol whose node has the ids. */
const PROTOCOL_OF: Readonly<Partial<Record<HardwareKind, number>>> = {
  sensor: 0x15,
  clock: 0x14,
  powerDomain: 0x11,
  performanceDomain: 0x13,
  resetDomain: 0x16,
  voltageDomain: 0x17,
};

/** Compares an agent of two boards. */
export function diffViews(agent: string, before: ViewedGuest | null, after: ViewedGuest | null): ViewDiff {
  const changes = HARDWARE_KINDS.flatMap((kind) => changesOf(kind, before?.report, after?.report));
  if (before === null) return { agent, changes, breaks: [] };
  const gone = before.guest.protocolIds
    .filter((id) => after?.guest.protocolIds.includes(id) !== true)
    .map((id) => ({
      place: `protocol@${id.toString(16)}`,
      problem: after === null ? "the board has no such agent" : "the agent is not served this protocol",
    }));
  return {
    agent,
    changes,
    breaks: [...gone, ...changes.flatMap((change) => breaksOf(change, before, after))],
  };
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

/** What breaks where a tree names the old id of something that has another one now, or none. */
function breaksOf(
  { kind, name, before, after }: ViewChange,
  old: ViewedGuest,
  now: ViewedGuest | null,
): TreeBreak[] {
  const protocolId = PROTOCOL_OF[kind];
  if (protocolId === undefined || before === null || before.id === after?.id) return [];
  const heir = now?.report.resources.find((each) => each.kind === kind && each.id === before.id)?.name;
  const title = KIND_TITLES[kind];
  const problem = `was ${title} ${name}, is ${heir === undefined ? "nothing" : heir} now`;
  const label = deviceTreeLabel(protocolId);
  const places = label === null ? [] : [`<&${label} ${before.id}>`];
  return [...places, ...nodesOf(kind, before.id, old.guest)].map((place) => ({ place, problem }));
}

/** The nodes of the old overlay itself that have the id. */
function nodesOf(kind: HardwareKind, id: number, guest: GuestDescription): string[] {
  if (kind === "voltageDomain") {
    const isThere = guest.regulators.some((regulator) => regulator.id === id);
    return isThere ? [`protocol@17/regulators/regulator@${id.toString(16)}`] : [];
  }
  if (kind !== "sensor") return [];
  const zoned = guest.sensors.filter(({ zone }) => zone !== null);
  const place = zoned.findIndex((sensor) => sensor.id === id);
  return place < 0 ? [] : [`thermal-zones/${zoneNames(zoned.map((sensor) => sensor.name))[place]}`];
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
