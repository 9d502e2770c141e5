// Names and numbers of resources, in any protocol: what a command tells as the name of what one of its ids means, and how
// many of a kind PROTOCOL_ATTRIBUTES counts.
import type { Values } from "../core/codec.ts";
import type { ResourceKind } from "../core/schema.ts";
import type { ChannelState } from "./channel_state.ts";
import { kindOf, type Understood } from "./refusals.ts";

const BASE_ID = 0x10;

/** Judges names and numbers in what a successful command tells; null = nothing is wrong. */
export function judgeResourceReply(
  state: ChannelState,
  understood: Understood,
  values: Values,
): string | null {
  const { protocol, schema } = understood;
  if (!state.facts.isOurs || protocol.id === BASE_ID) return null;
  return judgeName(state, understood, values) ??
    (schema.name === "PROTOCOL_ATTRIBUTES" ? judgeCounts(state, understood, values) : null);
}

/** The name at the top of the return values is that of what the first id means, as much of it as has room. */
function judgeName(state: ChannelState, { schema, params }: Understood, values: Values): string | null {
  const field = schema.returns.name;
  const [idName, id] = Object.entries(schema.params)[0] ?? ["", null];
  if (field?.kind !== "text" || id?.kind !== "u32") return null;
  const kind = kindOf(id, schema, params);
  if (kind === null || kind === undefined) return null;
  const expected = state.agent.namesOf(kind)[params[idName] as number]?.slice(0, field.size - 1);
  return values.name === expected
    ? null
    : `${kind} ${params[idName]} is called '${values.name}', not '${expected}'`;
}

/** Parts named after a kind (`pinCount`), or after domains, tell how many of it the agent has. */
function judgeCounts(state: ChannelState, { protocol, schema }: Understood, values: Values): string | null {
  for (const [name, field] of Object.entries(schema.returns)) {
    if (field.kind !== "bits32") continue;
    for (const [part, count] of Object.entries(values[name] as Record<string, number | boolean>)) {
      if (!part.endsWith("Count")) continue;
      const noun = part.slice(0, -"Count".length);
      const kind = noun === "domain" ? protocol.resource : noun as ResourceKind;
      const expected = kind === null ? undefined : state.agent.counts[kind];
      if (count !== expected) return `${protocol.name} says ${part} ${count}, there are ${expected}`;
    }
  }
  return null;
}
