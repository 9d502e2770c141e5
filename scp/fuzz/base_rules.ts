// What follows for Base, and for the commands that every protocol has, from who is on the platform: identities, lists
// and counts, versions, what is offered. Only of platforms of ours is all of that known.
import type { Values } from "../core/codec.ts";
import type { StatusName } from "../core/status.ts";
import type { ChannelState } from "./channel_state.ts";
import { isShown, type Understood } from "./refusals.ts";

const BASE_ID = 0x10;
const SELF = 0xffff_ffff;
const PLATFORM_NAME = "platform";

/** Judges the status of a command by what is known of the platform; null = nothing is wrong. */
export function judgeBaseStatus(
  state: ChannelState,
  understood: Understood,
  status: StatusName,
): string | null {
  const { protocol, schema, params } = understood;
  const isSuccess = status === "SUCCESS";
  switch (schema.name) {
    case "NEGOTIATE_PROTOCOL_VERSION": {
      const version = params.version as number;
      if (protocol.versions === null) return null;
      const isKnown = protocol.versions.includes(version) && version <= protocol.versionMax;
      return isKnown === isSuccess ? null : `version 0x${version.toString(16)} is answered with ${status}`;
    }
    case "PROTOCOL_MESSAGE_ATTRIBUTES": {
      const messageId = params.messageId as number;
      const isOffered = offers(state, understood, messageId);
      if (isOffered === null || isOffered === isSuccess) return null;
      return `message 0x${messageId.toString(16)} is ${
        isOffered ? "" : "not "
      }there, its attributes say ${status}`;
    }
    case "BASE_DISCOVER_AGENT": {
      const agentId = params.agentId as number;
      if (!state.facts.isOurs) return null;
      const isThere = agentId <= state.facts.agents.length || (agentId === SELF && schema.since > 0x10000);
      return isThere === isSuccess ? null : `agent ${agentId} is answered with ${status}`;
    }
    default:
      return null;
  }
}

function offers(state: ChannelState, { protocol }: Understood, messageId: number): boolean | null {
  const asked = messageId > 0xff ? undefined : state.findCommand(protocol, messageId);
  if (!state.facts.isOurs) return null;
  if (asked === undefined || (asked.needsP2a && !state.hasP2a)) return false;
  if (state.agent.rights?.forbids(protocol.name, asked)) return false;
  return isShown(state, protocol, asked);
}

/** Judges what a successful command tells by what is known of the platform; null = nothing is wrong. */
export function judgeBaseReply(state: ChannelState, understood: Understood, values: Values): string | null {
  const { protocol, schema, params } = understood;
  if (schema.name === "PROTOCOL_VERSION" && values.version !== protocol.versionMax) {
    return `${protocol.name} was version 0x${protocol.versionMax.toString(16)} and says ${values.version}`;
  }
  if (protocol.id !== BASE_ID || !state.facts.isOurs) return null;
  const { agents } = state.facts;
  const others = (state.agent.protocolIds ?? []).filter((id) => id !== BASE_ID).sort((a, b) => a - b);
  switch (schema.name) {
    case "PROTOCOL_ATTRIBUTES": {
      const { protocolCount, agentCount } = values.attributes as Record<string, number>;
      if (protocolCount === others.length && agentCount === agents.length) return null;
      return `${protocolCount} protocols and ${agentCount} agents, there are ${others.length} and ${agents.length}`;
    }
    case "BASE_DISCOVER_LIST_PROTOCOLS": {
      const skip = params.skip as number;
      const listed = [...values.protocols as Uint8Array].slice(0, values.protocolCount as number);
      const isRight = listed.every((id, i) => id === others[skip + i]) &&
        (listed.length > 0 || skip === others.length);
      return isRight ? null : `protocols ${listed.join(", ")} after ${skip} of ${others.join(", ")}`;
    }
    case "BASE_DISCOVER_AGENT": {
      const asked = params.agentId === SELF ? state.agent.id : params.agentId as number;
      const name = agents.find(({ id }) => id === asked)?.name ?? PLATFORM_NAME;
      const isRight = values.name === name && (schema.since === 0x10000 || values.agentId === asked);
      return isRight
        ? null
        : `agent ${asked} is called '${values.name}', id ${values.agentId}, not '${name}'`;
    }
    default:
      return null;
  }
}
