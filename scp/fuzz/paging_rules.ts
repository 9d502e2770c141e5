// Rules of lists that are paged by the room in the agent's buffer: the counts tell the truth, a page is never empty
// while more is to come, and what was skipped, returned and remains adds up to the same total every time.
import type { Values } from "../core/codec.ts";
import { type CommandSchema, type Fields, maskOf } from "../core/schema.ts";
import { SETTINGS } from "../../protocols/pin_control/messages.ts";
import type { ParamValues } from "./program.ts";

/** What a page says of itself. */
export interface Page {
  readonly returned: number;
  readonly remaining: number;
  readonly itemCount: number;
  /** Whether the items stand for many, which are not in pages: lowest, highest and step. */
  readonly isSegment: boolean;
}

/** The page in return values, if there is one: a word with `returned` and `remaining` before a trailing list. */
export function findPage(returns: Fields, values: Values): Page | null {
  const [listName, list] = Object.entries(returns).at(-1) ?? [];
  if (listName === undefined || (list?.kind !== "list" && list?.kind !== "halves")) return null;
  for (const [name, field] of Object.entries(returns)) {
    if (field.kind !== "bits32" || !("returned" in field.parts) || !("remaining" in field.parts)) continue;
    const counts = values[name] as Record<string, number | boolean>;
    const { returned, remaining } = counts as Record<string, number> & {
      returned: number;
      remaining: number;
    };
    const items = values[listName] as readonly unknown[];
    const isSegment = [counts.isSegment, counts.isTriplet].includes(true);
    return { returned, remaining, itemCount: items.length, isSegment };
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

/** Parameters, or parts of them, that say where a page begins. */
const SKIPS: ReadonlySet<string> = new Set(["skip", "index", "rateIndex", "levelIndex"]);

/** Lists that may get longer or shorter by what agents set. */
export const CHANGING_LISTS: ReadonlySet<string> = new Set([
  "CLOCK_DESCRIBE_RATES",
  "TELEMETRY_DE_ENABLED_LIST",
]);

/** Names the list that a command asks about, and how much of it is skipped; null when nothing is. */
export function listAsked(
  schema: CommandSchema,
  params: ParamValues,
): { key: string; skipped: number } | null {
  let skipped: number | null = null;
  let key = `${schema.name} since ${schema.since}`;
  for (const [name, field] of Object.entries(schema.params)) {
    if (field.kind !== "u32" && field.kind !== "bits32") return null;
    let value = params[name] as number;
    const part = field.kind === "bits32" ? field.parts.skip : undefined;
    if (SKIPS.has(name)) skipped = value;
    if (part !== undefined && field.kind === "bits32") {
      // Who asks for one configuration skips none.
      const { mode } = field.parts;
      if (mode !== undefined && ((value >>> mode.low) & maskOf(mode)) !== SETTINGS.allConfigs) return null;
      skipped = (value >>> part.low) & maskOf(part);
      value = (value & ~(maskOf(part) << part.low)) >>> 0;
    }
    if (!SKIPS.has(name)) key += ` ${name} ${value}`;
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
