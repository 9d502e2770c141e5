// The commands that may have a FastChannel, and what a step that uses one means as a message: the judge holds the two against each
// other. Where FastChannels are in memory, and their doorbells, is the transports' matter: their own tests cover that.
import type { CommandSchema } from "../core/schema.ts";
import { PROTOCOL_MESSAGES, PROTOCOLS } from "../../protocols/registry.ts";
import type { ProtocolMessages } from "../../protocols/protocol.ts";
import { encodeCommandStep, type FastStep } from "./program.ts";

/** A command that may have a FastChannel. */
export interface FastCommand {
  readonly protocol: ProtocolMessages;
  readonly messageId: number;
  readonly name: string;
  /** Words that are written or read. */
  readonly wordCount: number;
  readonly isWritten: boolean;
  /** The first version of the protocol that has FastChannels. */
  readonly since: number;
}

/** All of them. */
export const FAST_COMMANDS: readonly FastCommand[] = PROTOCOLS.flatMap(({ id, fastChannels }) => {
  const protocol = PROTOCOL_MESSAGES.find((each) => each.id === id)!;
  return (fastChannels?.commands ?? []).map((command) => ({
    ...command,
    protocol,
    name: protocol.commands.find((schema) => schema.id === command.messageId)!.name,
    since: fastChannels!.since,
  }));
});

/** Finds the command of a step. */
export function fastCommandOf({ protocol, messageId }: FastStep): FastCommand {
  return FAST_COMMANDS.find((each) => each.protocol.id === protocol.id && each.messageId === messageId)!;
}

/** The message that does the same as a step, laid out as a declaration says: what was not written is 0. */
export function messageOf(step: FastStep, schema: CommandSchema): Uint8Array {
  const { channel, protocol, domainId, words } = step;
  const names = Object.keys(schema.params);
  const written = names.slice(names.length - words.length);
  const values = names.map((name) => {
    const place = written.indexOf(name);
    return [name, name === "domainId" ? domainId : words[place] ?? 0] as const;
  });
  return encodeCommandStep({
    kind: "command",
    channel,
    protocol,
    schema,
    token: 0,
    params: Object.fromEntries(values),
  });
}
