// Rules of FastChannels that no rule of messages covers: a write changes the domain that it names, and nothing at all when the
// message that does the same would be refused; what is read is what the message returns, or zeros.
import type { HardwareView } from "../model/hardware.ts";
import { HEADER_SIZE } from "../core/header.ts";
import { STATUS, statusName } from "../core/status.ts";
import type { ResourceKind } from "../core/schema.ts";
import type { ChannelState } from "./channel_state.ts";
import { fastCommandOf, messageOf } from "./fast_channels.ts";
import type { FastStep } from "./program.ts";
import { REPLY_SIZE_MIN } from "./refusals.ts";
import type { PlatformFacts } from "./target.ts";

/** What FastChannels can set, as all agents have it: by agent, kind and name. */
export type FastSettings = ReadonlyMap<
  string,
  { readonly kind: ResourceKind; readonly text: string; readonly name: string }
>;

const WORD_SIZE = 4;

/** Notes what is set now. */
export function settingsNow({ agents }: PlatformFacts): FastSettings {
  return new Map(
    agents.flatMap(({ name: agentName, view }) =>
      textsOf(view).map((each) => [`${agentName} ${each.kind} ${each.name}`, each] as const)
    ),
  );
}

function textsOf({ performanceDomain, powercapDomain }: HardwareView) {
  return [
    ...performanceDomain.map(({ name, level, limits }) => ({
      kind: "performanceDomain" as const,
      name,
      text: `level ${level.value}, limits ${limits.min.value} to ${limits.max.value}`,
    })),
    ...powercapDomain.map(({ name, averagingUs, limits }) => ({
      kind: "powercapDomain" as const,
      name,
      text: [`over ${averagingUs} us`, ...limits.map((each) => `${each.cap} over ${each.averagingUs} us`)]
        .join(", "),
    })),
  ];
}

/** The status of a write, or the words that were read. */
export type FastOutcome = number | readonly number[];

/** What follows from a use of a FastChannel. */
export interface FastUse {
  /** Null = nothing is wrong. */
  readonly problem: string | null;
  /** The message that does the same; null = there is none. */
  readonly request: Uint8Array | null;
}

/** Judges a use of a FastChannel; `outcome` null = the platform has none there, `before` is what was set before it. */
export function judgeFastUse(
  state: ChannelState,
  step: FastStep,
  outcome: FastOutcome | null,
  before: FastSettings,
): FastUse {
  const { agent, facts } = state;
  const { domainId } = step;
  const protocol = facts.protocols.find(({ id }) => id === step.protocol.id);
  const kind = protocol?.resource ?? null;
  const isThere = protocol !== undefined && kind !== null &&
    agent.protocolIds?.includes(protocol.id) === true && domainId < agent.counts[kind]!;
  if (!isThere || outcome === null) {
    const isRight = isThere === (outcome !== null);
    return { problem: isRight ? null : `it is ${isThere ? "missing" : "one of nothing"}`, request: null };
  }
  const isTooOld = state.versions.get(protocol.id)! < fastCommandOf(step).since;
  const schema = isTooOld ? undefined : state.findCommand(protocol, step.messageId);
  const request = schema === undefined ? null : messageOf(step, schema);
  const name = agent.namesOf(kind)[domainId]!;
  const problem =
    findChange(before, settingsNow(facts), kind, typeof outcome === "number" ? outcome : null, name) ??
      (request === null ? judgeAbsent(outcome) : null);
  return { problem, request };
}

/** What has changed that may not; `status` null = it was a reading. */
function findChange(
  before: FastSettings,
  after: FastSettings,
  kind: ResourceKind,
  status: number | null,
  name: string,
): string | null {
  for (const [key, each] of before) {
    const now = after.get(key)?.text;
    if (now === each.text) continue;
    if (status === null) return `${key} had ${each.text}, after a reading it has ${now}`;
    if (status !== STATUS.SUCCESS) {
      return `${key} had ${each.text}, after a write that was refused it has ${now}`;
    }
    // A cap may hold the speed of domains down.
    if (each.kind !== kind || each.name === name) continue;
    return `${key} had ${each.text}, after a write to ${name} it has ${now}`;
  }
  return null;
}

/** Judges a use in a version without FastChannels. */
function judgeAbsent(outcome: FastOutcome): string | null {
  if (typeof outcome !== "number") return judgeLikeness(outcome, null);
  return outcome === STATUS.NOT_SUPPORTED
    ? null
    : `${statusName(outcome)}, where the version in force has no FastChannels`;
}

/** Judges an outcome by the response to the message that does the same; null = nothing is wrong. */
export function judgeLikeness(outcome: FastOutcome, reply: Uint8Array | null): string | null {
  const view = reply === null ? null : new DataView(reply.buffer, reply.byteOffset, reply.length);
  const status = view?.getInt32(HEADER_SIZE, true) ?? STATUS.NOT_SUPPORTED;
  if (typeof outcome === "number") {
    if (outcome === status) return null;
    return `a write is answered with ${statusName(outcome)}, the message with ${statusName(status)}`;
  }
  const expected = outcome.map((_word, place) =>
    status === STATUS.SUCCESS ? view!.getUint32(REPLY_SIZE_MIN + place * WORD_SIZE, true) : 0
  );
  const isRight = outcome.every((word, place) => word === expected[place]);
  return isRight ? null : `reads ${outcome.join(" ")}, the message returns ${expected.join(" ")}`;
}

/** The response to a message that consists of a status. */
export function responseOf(request: Uint8Array, status: number): Uint8Array {
  const reply = new Uint8Array(REPLY_SIZE_MIN);
  reply.set(request.subarray(0, HEADER_SIZE));
  new DataView(reply.buffer).setInt32(HEADER_SIZE, status, true);
  return reply;
}
