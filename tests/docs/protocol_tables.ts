// Tables of what is implemented: releases, protocols and their messages, from the declarations that the platform runs on.
import type { CommandSchema, NotificationSchema } from "../../scp/core/schema.ts";
import {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "../../protocols/every_protocol.ts";
import { isVendorProtocol, PROTOCOLS } from "../../protocols/registry.ts";
import { type ProtocolDefinition, RELEASES } from "../../protocols/protocol.ts";

/** Messages that every protocol has. */
const EVERY_PROTOCOL = [
  PROTOCOL_VERSION,
  { id: 0x1, name: "PROTOCOL_ATTRIBUTES" },
  PROTOCOL_MESSAGE_ATTRIBUTES,
  NEGOTIATE_PROTOCOL_VERSION,
];
const COMMON_IDS = new Set(EVERY_PROTOCOL.map(({ id }) => id));

function versionText(version: number): string {
  return `${version >>> 16}.${version & 0xffff}`;
}

function hexId(id: number): string {
  return `0x${id.toString(16).toUpperCase()}`;
}

/** The protocols of the specification, and those that are a vendor's: ours. */
const STANDARD_PROTOCOLS = PROTOCOLS.filter(({ id }) => !isVendorProtocol(id));
const VENDOR_PROTOCOLS = PROTOCOLS.filter(({ id }) => isVendorProtocol(id));

/** The version of every protocol in every release of the specification. */
export function versionTable(): string[] {
  const rows = STANDARD_PROTOCOLS.map((protocol) => {
    const versions = RELEASES.map((release) => protocol.releases[release]);
    return `| ${hexId(protocol.id)} ${protocol.name} | ${
      versions.map((version) => version === null ? "–" : versionText(version)).join(" | ")
    } |`;
  });
  const head = `| \`--spec\` | ${RELEASES.join(" | ")} |`;
  return [head, `| --- |${" --- |".repeat(RELEASES.length)}`, ...rows];
}

/** A message, whatever its layouts. */
interface Message {
  readonly name: string;
  /** The first protocol version that has it. */
  readonly since: number;
  readonly isAsync: boolean;
}

/** Messages by id, by rising id; a message with several layouts is one. */
function messagesById(
  schemas: readonly (CommandSchema | NotificationSchema)[],
): [id: number, message: Message][] {
  const all = new Map<number, Message>();
  for (const schema of schemas) {
    const known = all.get(schema.id);
    all.set(schema.id, {
      name: schema.name,
      since: Math.min(schema.since, known?.since ?? schema.since),
      isAsync: known?.isAsync === true || ("delayed" in schema && schema.delayed !== null),
    });
  }
  return [...all].sort(([a], [b]) => a - b);
}

function messageText([id, { name, since, isAsync }]: [number, Message]): string {
  return `${hexId(id)}\u00a0${name}${isAsync ? "\\*" : ""}${
    since > 0x10000 ? ` (${versionText(since)})` : ""
  }`;
}

/** The messages of a protocol on one line: ids and names; `*` = also asynchronous, the version where it is not the first. */
function messagesOf(protocol: ProtocolDefinition): string {
  const own = messagesById(protocol.bindings.map(({ schema }) => schema)).filter(([id]) =>
    !COMMON_IDS.has(id)
  );
  const notified = messagesById(protocol.notifications);
  const cells = [own, notified].map((messages) => messages.map(messageText).join(", "));
  return `| ${hexId(protocol.id)} ${protocol.name} | ${cells.join(" | ")} |`;
}

/** The messages that every protocol has; negotiation came to all of them with SCMI 3.2. */
function commonMessages(): string {
  const named = EVERY_PROTOCOL.map(({ id, name }) => `${hexId(id)}\u00a0${name}`);
  return `| every protocol | ${named.join(", ")} (SCMI 3.2) | |`;
}

const MESSAGES_HEAD = ["| protocol | commands | notifications |", "| --- | --- | --- |"];

/** The messages of the protocols of the specification. */
export function messageTable(): string[] {
  return [...MESSAGES_HEAD, commonMessages(), ...STANDARD_PROTOCOLS.map(messagesOf)];
}

/** The messages of our own protocols. */
export function vendorMessageTable(): string[] {
  return [...MESSAGES_HEAD, ...VENDOR_PROTOCOLS.map(messagesOf)];
}
