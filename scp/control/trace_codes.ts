// What the numbers of events mean that the model gives occasion to: the trace keeps whole numbers only, whose
// meaning is known where model and machine meet. Written while agents wait, read when somebody asks.
import { HARDWARE_KINDS, type HardwareKind } from "../core/schema.ts";
import { type Trace, TRACE_KIND, type TraceEvent } from "../core/trace.ts";
import type { BeliefEvent } from "../model/arbitration/belief.ts";
import type { PassThroughFailure } from "../model/arbitration/pass_through.ts";
import type { HardwareView } from "../model/hardware.ts";
import type { SystemDecision, SystemVerdict } from "../model/system_decision.ts";
import type { SystemTransition } from "../model/system_power.ts";
import { PRESENCE_CODE } from "../server/machine.ts";

const VERDICT_CODE: Readonly<Record<SystemVerdict, number>> = {
  carriedOut: 0,
  waiting: 1,
  refused: 2,
  withdrawn: 3,
};

const TRANSITION_CODE: Readonly<Record<SystemTransition, number>> = {
  shutdown: 0,
  coldReset: 1,
  warmReset: 2,
  powerUp: 3,
  suspend: 4,
};

/** What an event of two sides tells of them: an agent or a difference came, or went. */
export const EVENT_CHANGES = [
  "began",
  "ended",
  "came",
  "left",
  "votesDropped",
  "held",
  "released",
] as const;

/** One of them. */
export type EventChange = typeof EVENT_CHANGES[number];

/** A resource, as the board names it. */
export interface EventResource {
  readonly kind: HardwareKind;
  readonly name: string;
}

/** What was decided over the power of the system. */
export interface EventDecision {
  readonly transition: SystemTransition;
  readonly verdict: SystemVerdict;
}

/** Records that what an agent believes of a resource and what is so part, or meet again. */
export function recordBelief(trace: Trace, view: HardwareView, event: BeliefEvent): void {
  const { timeUs, agentId, kind, differs } = event;
  const place = placeOf(view, event);
  const value = differs ? 1 : 0;
  trace.record(TRACE_KIND.beliefDiffers, timeUs, agentId, HARDWARE_KINDS.indexOf(kind), value, place);
}

/** Records that a part of what an agent has to itself is not up. */
export function recordPassThrough(trace: Trace, view: HardwareView, failure: PassThroughFailure): void {
  const { timeUs, agentId, kind } = failure;
  const place = placeOf(view, failure);
  trace.record(TRACE_KIND.passThroughDown, timeUs, agentId, HARDWARE_KINDS.indexOf(kind), 0, place);
}

function placeOf(view: HardwareView, { kind, name }: EventResource): number {
  return view[kind].findIndex((each) => each.name === name);
}

/** Records a decision over the power of the system. */
export function recordDecision(trace: Trace, decision: SystemDecision): void {
  const { timeUs, agentId, verdict, transition } = decision;
  trace.record(
    TRACE_KIND.systemDecision,
    timeUs,
    agentId,
    0,
    VERDICT_CODE[verdict],
    TRANSITION_CODE[transition],
  );
}

/** The resource that an event is about; null = none. */
export function resourceOf(view: HardwareView, { kind, header, extra }: TraceEvent): EventResource | null {
  if (kind !== "beliefDiffers" && kind !== "passThroughDown") return null;
  const resourceKind = HARDWARE_KINDS[header]!;
  const name = view[resourceKind][extra]?.name;
  return name === undefined ? null : { kind: resourceKind, name };
}

/** What an event decided over the power of the system; null = it is about something else. */
export function decisionOf({ kind, value, extra }: TraceEvent): EventDecision | null {
  if (kind !== "systemDecision") return null;
  return { verdict: keyOf(VERDICT_CODE, value), transition: keyOf(TRANSITION_CODE, extra) };
}

/** What came or went; null = the event is about something else. */
export function changeOf({ kind, value }: TraceEvent): EventChange | null {
  switch (kind) {
    case "beliefDiffers":
      return value === 1 ? "began" : "ended";
    case "agentHeld":
      return value === 1 ? "held" : "released";
    case "agentPresence":
      return keyOf(PRESENCE_CODE, value);
    default:
      return null;
  }
}

function keyOf<K extends string>(codes: Readonly<Record<K, number>>, code: number): K {
  return (Object.keys(codes) as K[]).find((key) => codes[key] === code)!;
}
