// What zod finds wrong with the shape of a board file, said in words: the path to the field, what is expected, what stands there.
// Of a value that may be one of several things, the mistake within the one that it is meant to be is told.
import type * as z from "zod";
import type { Complaints } from "./complaints.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Adds what an issue of a file is about. */
export function tellIssue(issue: Issue, input: unknown, complaints: Complaints): void {
  for (const { path, message } of explained(issue, [], input)) complaints.add(pathText(path), message);
}

/** Tells whether a value has fields; lists do, by number. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Takes an issue apart; its own path begins at another one. */
function explained(issue: Issue, above: Path, input: unknown): { path: Path; message: string }[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") return [{ path, message: issue.message }];
  if (issue.code === "invalid_key") {
    const { message } = issue.issues[0] ?? issue;
    return [{ path, message: `${message}, got ${foundText(path.at(-1))}` }];
  }
  const meant = issue.code === "invalid_union" ? meantOf(issue.errors, path, input) : null;
  if (meant !== null) return meant.flatMap((nested) => explained(nested, path, input));
  return [{ path, message: `${issue.message}, got ${foundText(valueAt(path, input))}` }];
}

/**
 * Returns the issues of that branch of a union that the value is meant to be: it fits as a whole, and has the fewest keys too many
 * and too few. null where none fits, or several fit as well.
 */
function meantOf(branches: readonly Issue[][], path: Path, input: unknown): Issue[] | null {
  const fitting = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys")
  );
  const oddities = (issues: Issue[]) =>
    issues.reduce((sum, issue) => {
      if (issue.code === "unrecognized_keys") return sum + issue.keys.length;
      return sum + (valueAt([...path, ...issue.path], input) === undefined ? 1 : 0);
    }, 0);
  const least = Math.min(...fitting.map(oddities));
  const [meant, another] = fitting.filter((issues) => oddities(issues) === least);
  return another === undefined ? meant ?? null : null;
}

function valueAt(path: Path, input: unknown): unknown {
  let found = input;
  for (const part of path) found = isRecord(found) ? found[String(part)] : undefined;
  return found;
}

/** Writes a path as one would in code: `sensors[3].step.mantissa`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((part, place) =>
    typeof part === "number" ? `[${part}]` : place === 0 ? String(part) : `.${String(part)}`
  ).join("");
}

/** Shows a value in few characters. */
function foundText(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
