// Names of resources in descriptors and their *_NAME_GET commands. A descriptor has room for 15 characters; a longer name is
// cut there, flagged as extended and told whole by a command of its own. SCMI 4.3.2.9 and its like, since SCMI 3.1.
import { text, u32 } from "../scp/core/schema.ts";

/** Bytes of a short name, its NUL included. */
export const SHORT_NAME_SIZE = 16;

/** Bytes of an extended name, its NUL included. */
export const EXTENDED_NAME_SIZE = 64;

/** The return values of a *_NAME_GET command. */
export const NAME_GET_RETURNS = { flags: u32(), name: text(EXTENDED_NAME_SIZE) } as const;

/** Tells whether a name does not fit the descriptor and has to be asked for. */
export function hasExtendedName(name: string): boolean {
  return name.length >= SHORT_NAME_SIZE;
}

/** Answers a *_NAME_GET command: a resource without an extended name has nothing to tell there. */
export function nameReply(name: string): { flags: number; name: string } | "NOT_SUPPORTED" {
  return hasExtendedName(name) ? { flags: 0, name } : "NOT_SUPPORTED";
}
