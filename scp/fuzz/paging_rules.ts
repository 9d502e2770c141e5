// Rules of lists that are paged by the room in the agent's buffer: the counts tell the truth, a page is never empty
// while more is to come, and what was skipped, returned and remains adds up to the same total every time.
import type { Values } from "../core/codec.ts";
import type { CommandSchema, Fields } from "../core/schema.ts";
import type { ParamValues } from "./program.ts";

/** What a page says of itself. */
export interface Page {
  readonly returned: number;
  readonly remaining: number;
  readonly itemCount: number;
}

/** The page in return values, if there is one: a word with `returned` and `remaining` before a trailing list. */
export function findPage(returns: Fields, values: Values): Page | null {
  const [listName, list] = Object.entries(returns).at(-1) ?? [];
  if (listName === undefined || (list?.kind !== "list" && list?.kind !== "halves")) return null;
  for (const [name, field] of Object.entries(returns)) {
    if (field.kind !== "bits32" || !("returned" in field.parts) || !("remaining" in field.parts)) continue;
    const counts = values[name] as Record<string, number>;
    const items = values[listName] as readonly unknown[];
    return { returned: counts.returned!, remaining: counts.remaining!, itemCount: items.length };
  }
  return null;
}

/** What is wrong with a page by itself; null = nothing. */
export function judgePage(page: Page): string | null {
  const { returned, remaining, itemCount } = page;
  if (returned !== itemCount) return `says ${returned} items and holds ${itemCount}`;
  if (itemCount === 0 && remaining > 0) return `holds no item while ${remaining} remain`;
  return null;
}

/** Names the list that a command asks about, and how much of it is skipped; null when nothing is. */
export function listAsked(
  schema: CommandSchema,
  params: ParamValues,
): { key: string; skipped: number } | null {
  let skipped: number | null = null;
  let key = `${schema.name} since ${schema.since}`;
  for (const [name, field] of Object.entries(schema.params)) {
    if (field.kind !== "u32") return null;
    if (field.resource !== null) key += ` ${name} ${params[name]}`;
    else if (skipped === null) skipped = params[name] as number;
    else return null;
  }
  return skipped === null ? null : { key, skipped };
}

/** Whether a count named after the trailing list (`reportCount` of `reports`) fits it; null = it does. */
export function judgeNamedCount(fields: Fields, values: Values): string | null {
  const [listName, list] = Object.entries(fields).at(-1) ?? [];
  if (listName === undefined || (list?.kind !== "list" && list?.kind !== "bytes")) return null;
  const countName = `${listName.replace(/s$/, "")}Count`;
  const length = (values[listName] as ArrayLike<unknown>).length;
  for (const [name, field] of Object.entries(fields)) {
    const count = name === countName
      ? values[name]
      : field.kind === "bits32"
      ? (values[name] as Record<string, unknown>)[countName]
      : undefined;
    if (typeof count !== "number") continue;
    const expected = list.kind === "list" ? count : (count + 3) & ~3;
    if (length !== expected) return `${countName} is ${count}, but ${listName} has ${length}`;
  }
  return null;
}
