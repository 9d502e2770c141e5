// The commands that every protocol has: version, message attributes, version negotiation. Each protocol declares its own
// PROTOCOL_ATTRIBUTES. SCMI 4.1.5 onwards of each protocol chapter; negotiation since 3.2.
import { command, u32 } from "../scp/core/schema.ts";
import { bind, type Binding, type Handler, type Session } from "./protocol.ts";

export const PROTOCOL_VERSION = command({
  id: 0x0,
  name: "PROTOCOL_VERSION",
  summary: "Tells the newest version of the protocol that the platform has: major in bits 31:16, minor below",
  returns: { version: u32() },
});

export const PROTOCOL_MESSAGE_ATTRIBUTES = command({
  id: 0x2,
  name: "PROTOCOL_MESSAGE_ATTRIBUTES",
  summary: "Tells whether a command is implemented for the caller, and its properties",
  params: { messageId: u32() },
  returns: { attributes: u32() },
  fails: ["NOT_FOUND"],
});

export const NEGOTIATE_PROTOCOL_VERSION = command({
  id: 0x10,
  name: "NEGOTIATE_PROTOCOL_VERSION",
  summary: "Puts an older version of the protocol in force for the caller",
  params: { version: u32() },
  fails: ["NOT_SUPPORTED"],
});

/** What the handlers of these commands need of a protocol's context. */
export interface EveryContext {
  readonly session: Session;
}

const protocolVersion: Handler<typeof PROTOCOL_VERSION, EveryContext> = (_params, { session }) => ({
  version: session.versionMax,
});

const messageAttributes: Handler<typeof PROTOCOL_MESSAGE_ATTRIBUTES, EveryContext> = (params, { session }) =>
  session.isOffered(params.messageId)
    ? { attributes: session.messageAttributes(params.messageId) }
    : "NOT_FOUND";

const negotiateVersion: Handler<typeof NEGOTIATE_PROTOCOL_VERSION, EveryContext> = (params, { session }) =>
  session.negotiate(params.version) ? "SUCCESS" : "NOT_SUPPORTED";

/** The bindings a protocol adds to its own; `negotiableSince` is its first version that has negotiation. */
export function everyProtocol(negotiableSince: number): readonly Binding<EveryContext>[] {
  return [
    bind(PROTOCOL_VERSION, protocolVersion),
    bind(PROTOCOL_MESSAGE_ATTRIBUTES, messageAttributes),
    bind({ ...NEGOTIATE_PROTOCOL_VERSION, since: negotiableSince }, negotiateVersion),
  ];
}
