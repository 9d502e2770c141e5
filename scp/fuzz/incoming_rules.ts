// Judges what the platform sends on its own: a delayed response once for each that was promised, a notification only
// to who asked for it, both laid out as declared.
import type { Values } from "../core/codec.ts";
import { HEADER_SIZE, MESSAGE_TYPE, messageIdOf, messageTypeOf, protocolIdOf } from "../core/header.ts";
import type { CommandSchema, NotificationSchema } from "../core/schema.ts";
import type { ChannelState } from "./channel_state.ts";
import { judgeDelayed } from "./delayed_rules.ts";
import type { Permissions } from "./permissions.ts";
import { readExactly } from "./layout_rules.ts";
import { judgeNamedCount } from "./paging_rules.ts";
import { type Complaint, judgeReadingsIn } from "./reading_rules.ts";
import { judgeTripPoint } from "./sensor_rules.ts";
import type { ProtocolFacts } from "./target.ts";

/** Judges a message of the platform's own. */
export function judgeIncoming(
  state: ChannelState,
  permissions: Permissions,
  message: Uint8Array,
  nowUs: number | null,
): Complaint {
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
      return judgeNotification(state, permissions, protocol, message, nowUs);
    default:
      return { rule: "message-header", problem: `message type ${messageTypeOf(header)} came unasked` };
  }
}

function judgeNotification(
  state: ChannelState,
  permissions: Permissions,
  protocol: ProtocolFacts,
  message: Uint8Array,
  nowUs: number | null,
): Complaint {
  const messageId = messageIdOf(new DataView(message.buffer, message.byteOffset).getUint32(0, true));
  const candidates = state.findNotifications(protocol, messageId);
  if (candidates.length === 0) {
    return {
      rule: "notification",
      problem: `${protocol.name} has no notification ${messageId} in the version in force`,
    };
  }
  let misfit = "";
  for (const schema of candidates) {
    const layout = readExactly(schema.payload, message, HEADER_SIZE);
    if (!layout.ok) {
      misfit = layout.problem;
      continue;
    }
    if (!isAskedFor(state, protocol, schema, layout.values)) {
      return { rule: "notification", problem: `${schema.name} came without having been asked for` };
    }
    if (!state.mayHoldBack && isAboutDenied(state, permissions, protocol, schema, layout.values)) {
      return { rule: "notification", problem: `${schema.name} is about what the agent is denied` };
    }
    const miscount = judgeNamedCount(schema.payload, layout.values);
    if (miscount !== null) return { rule: "layout", problem: `${schema.name}: ${miscount}` };
    const problem = judgeSensorNotification(state, schema.name, layout.values);
    if (problem !== null) return { rule: "notification", problem };
    return judgeReadingsIn(state, layout.values, nowUs, state.heardTimestamps);
  }
  return { rule: "layout", problem: `${candidates[0]!.name}: ${misfit}` };
}

/** Whether a notification tells of a resource that the agent may not touch. */
function isAboutDenied(
  state: ChannelState,
  permissions: Permissions,
  protocol: ProtocolFacts,
  schema: NotificationSchema,
  values: Values,
): boolean {
  return Object.entries(schema.payload).some(([name, field]) =>
    field.kind === "u32" && field.resource === protocol.resource && field.resource !== null &&
    permissions.isDenied(state.agent, protocol, values[name] as number)
  );
}

/** What is known of the notifications of sensors. */
function judgeSensorNotification(state: ChannelState, name: string, values: Values): string | null {
  const sensorId = values.sensorId as number;
  if (name === "SENSOR_UPDATE") state.updateCounts.set(sensorId, (state.updateCounts.get(sensorId) ?? 0) + 1);
  return name === "SENSOR_TRIP_POINT_EVENT" ? judgeTripPoint(state, sensorId, values) : null;
}

/** Which share of the words of two names is in both; `NOTIFY` means nothing. */
function kinship(one: string, other: string): number {
  const words = new Set(one.split("_"));
  const others = new Set(other.split("_"));
  words.delete("NOTIFY");
  others.delete("NOTIFY");
  return words.intersection(others).size / words.union(others).size;
}

/**
 * Whether a command turns a notification on: of those of its protocol that do nothing else, the one named most like
 * it. Where there is none of these, it is one that does other things, too.
 */
function isSwitchOf(protocol: ProtocolFacts, command: CommandSchema, schema: NotificationSchema): boolean {
  const switches = protocol.commands.filter(({ needsP2a }) => needsP2a);
  if (switches.length === 0) return true;
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
