// Judges what the platform sends on its own: a delayed response once for each that was promised, a notification only to who
// asked for it, both laid out as declared.
import type { Values } from "../core/codec.ts";
import { HEADER_SIZE, MESSAGE_TYPE, messageIdOf, messageTypeOf, protocolIdOf } from "../core/header.ts";
import type { CommandSchema, NotificationSchema } from "../core/schema.ts";
import { STATUS, statusName } from "../core/status.ts";
import type { ChannelState, PendingResponse } from "./channel_state.ts";
import { readExactly } from "./layout_rules.ts";
import { judgeNamedCount } from "./paging_rules.ts";
import { REPLY_SIZE_MIN } from "./refusals.ts";
import { judgeReadings } from "./sensor_rules.ts";
import type { ProtocolFacts } from "./target.ts";

/** What is wrong with a message, and by which rule; null = nothing. */
export type Complaint = { readonly rule: string; readonly problem: string } | null;

/** Judges a message of the platform's own. */
export function judgeIncoming(state: ChannelState, message: Uint8Array, nowUs: number | null): Complaint {
  if (message.length < HEADER_SIZE) {
    return { rule: "message-size", problem: `${message.length} bytes without a header` };
  }
  const header = new DataView(message.buffer, message.byteOffset).getUint32(0, true);
  const protocol = state.facts.protocols.find(({ id }) => id === protocolIdOf(header));
  if (protocol === undefined) {
    return {
      rule: "message-header",
      problem: `protocol 0x${protocolIdOf(header).toString(16)} speaks unasked`,
    };
  }
  switch (messageTypeOf(header)) {
    case MESSAGE_TYPE.delayedResponse:
      return judgeDelayed(state, header, message, nowUs);
    case MESSAGE_TYPE.notification:
      return judgeNotification(state, protocol, header, message, nowUs);
    default:
      return { rule: "message-header", problem: `message type ${messageTypeOf(header)} came unasked` };
  }
}

function judgeDelayed(
  state: ChannelState,
  header: number,
  message: Uint8Array,
  nowUs: number | null,
): Complaint {
  if (message.length < REPLY_SIZE_MIN) {
    return { rule: "layout", problem: "a delayed response without a status" };
  }
  // Tokens may repeat, and the quicker one comes first: the ids tell which of several it is.
  const candidates = state.pending.filter((pending) => pending.header === header);
  candidates.sort((a, b) => Number(b.isDue) - Number(a.isDue));
  const pending = candidates.find((each) => isAbout(each, message)) ?? candidates[0];
  if (pending === undefined) {
    return { rule: "delayed", problem: `delayed response 0x${header.toString(16)} was not promised` };
  }
  state.pending.splice(state.pending.indexOf(pending), 1);
  const status = new DataView(message.buffer, message.byteOffset).getInt32(HEADER_SIZE, true);
  const { schema } = pending;
  if (status !== STATUS.SUCCESS) {
    // A refusal names no ids: of several with one token it may have been for any.
    for (const candidate of candidates) candidate.isAmbiguous = candidates.length > 1;
    if (message.length !== REPLY_SIZE_MIN) {
      return { rule: "layout", problem: `a refusal of ${message.length} bytes, not ${REPLY_SIZE_MIN}` };
    }
    const name = statusName(status);
    const isAllowed = name === "COMMS_ERROR" || schema.fails.some((each) => each === name);
    return isAllowed ? null : { rule: "status", problem: `delayed ${schema.name} says ${name}` };
  }
  const layout = readExactly(schema.delayed!, message, REPLY_SIZE_MIN);
  if (!layout.ok) return { rule: "layout", problem: `delayed ${schema.name}: ${layout.problem}` };
  if (!isAbout(pending, message)) {
    return {
      rule: "delayed",
      problem: `delayed ${schema.name} is about another resource than was asked for`,
    };
  }
  return judgeReadingsIn(state, layout.values, nowUs);
}

/** Whether a delayed response names the ids of a command. A refusal names none. */
function isAbout({ schema, params, isAmbiguous }: PendingResponse, message: Uint8Array): boolean {
  const layout = readExactly(schema.delayed!, message, REPLY_SIZE_MIN);
  if (!layout.ok) return false;
  return isAmbiguous ||
    Object.entries(schema.params).every(([name, field]) =>
      field.kind !== "u32" || field.resource === null || !(name in layout.values) ||
      layout.values[name] === params[name]
    );
}

function judgeReadingsIn(state: ChannelState, values: Values, nowUs: number | null): Complaint {
  const problem = judgeReadings(state, values.sensorId, values, nowUs, state.heardTimestamps);
  return problem === null ? null : { rule: "reading", problem };
}

function judgeNotification(
  state: ChannelState,
  protocol: ProtocolFacts,
  header: number,
  message: Uint8Array,
  nowUs: number | null,
): Complaint {
  const candidates = state.findNotifications(protocol, messageIdOf(header));
  if (candidates.length === 0) {
    return {
      rule: "notification",
      problem: `${protocol.name} has no notification ${messageIdOf(header)} in the version in force`,
    };
  }
  let problem = "";
  for (const schema of candidates) {
    const layout = readExactly(schema.payload, message, HEADER_SIZE);
    if (!layout.ok) {
      problem = layout.problem;
      continue;
    }
    if (!isAskedFor(state, protocol, schema, layout.values)) {
      return { rule: "notification", problem: `${schema.name} came without having been asked for` };
    }
    const miscount = judgeNamedCount(schema.payload, layout.values);
    if (miscount !== null) return { rule: "layout", problem: `${schema.name}: ${miscount}` };
    return judgeReadingsIn(state, layout.values, nowUs);
  }
  return { rule: "layout", problem: `${candidates[0]!.name}: ${problem}` };
}

/** How many words two names share. */
function kinship(one: string, other: string): number {
  const words = new Set(one.split("_"));
  return other.split("_").filter((word) => words.has(word)).length;
}

/** Whether a command turns a notification on: of those of its protocol that do such things, the one named most like it. */
function isSwitchOf(protocol: ProtocolFacts, command: CommandSchema, schema: NotificationSchema): boolean {
  const switches = protocol.commands.filter(({ needsP2a }) => needsP2a);
  const most = Math.max(...switches.map(({ name }) => kinship(name, schema.name)));
  return kinship(command.name, schema.name) === most;
}

function isAskedFor(
  state: ChannelState,
  protocol: ProtocolFacts,
  schema: NotificationSchema,
  values: Values,
): boolean {
  return state.subscriptions.some((subscription) =>
    subscription.protocolId === protocol.id && isSwitchOf(protocol, subscription.schema, schema) &&
    [...subscription.ids].every(([name, id]) => !(name in values) || values[name] === id)
  );
}
