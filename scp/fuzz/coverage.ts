// Which answers have been seen, of all that the declarations allow: message, version and status.
import { fixedSizeOf, reservedMaskOf } from "../core/schema.ts";
import type { CommandSchema } from "../core/schema.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import type { Answered } from "./judge.ts";

/** What the dispatcher itself may answer to a command that has the right size. */
function statusesOf(schema: CommandSchema, hasResource: boolean): Set<string> {
  const statuses = new Set<string>(["SUCCESS", "PROTOCOL_ERROR", ...schema.fails]);
  if (schema.needsP2a) statuses.add("NOT_SUPPORTED");
  if (hasResource) statuses.add("DENIED");
  if (fixedSizeOf(schema.returns) > 0) statuses.add("COMMS_ERROR");
  for (const field of Object.values(schema.params)) {
    if (field.kind === "u32" && field.resource !== null) statuses.add("NOT_FOUND");
    if (field.kind === "u32" && field.selector !== null) statuses.add("NOT_FOUND").add("INVALID_PARAMETERS");
    if (field.kind === "bits32" && reservedMaskOf(field) !== 0) statuses.add("INVALID_PARAMETERS");
  }
  return statuses;
}

function keyOf(protocolId: number, messageId: number, version: number, status: string): string {
  return `${protocolId}/${messageId}/${version}/${status}`;
}

/** The answers seen so far. */
export class Coverage {
  readonly #possible = new Set<string>();
  readonly #seen = new Set<string>();

  constructor() {
    for (const { id, versions, bindings, resource } of PROTOCOLS) {
      for (const version of versions) {
        for (const { schema } of bindings) {
          if (version < schema.since || version > schema.until) continue;
          for (const status of statusesOf(schema, resource !== null)) {
            this.#possible.add(keyOf(id, schema.id, version, status));
          }
        }
      }
    }
  }

  /** Notes an answer. */
  add({ protocolId, messageId, version, status }: Answered): void {
    this.#seen.add(keyOf(protocolId, messageId, version, status));
  }

  /** How many of the possible ones have been seen. */
  get seenCount(): number {
    let count = 0;
    for (const key of this.#seen) if (this.#possible.has(key)) count++;
    return count;
  }

  /** How many are possible. */
  get possibleCount(): number {
    return this.#possible.size;
  }
}
