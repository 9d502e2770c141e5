// A user's board file: .ts (default export), .json, .yaml or .yml. Every failure is one line. Imported by the loader only
// when a file is named: the modules used here cost a tenth of the start-up time that a built-in board needs.
import { readFile, stat } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type BoardResult, validateBoard } from "./validator.ts";

/** A board file larger than this is refused, bytes. */
const FILE_SIZE_MAX = 64 * 1024 * 1024;

/** The content of a file, or what is wrong with it. */
type Content = { readonly value: unknown } | { readonly error: string };

/** Returns the board that a file holds, or all that is wrong with it, each line starting with the file's name. */
export async function loadBoardFile(file: string): Promise<BoardResult> {
  const content = await readContent(file);
  if ("error" in content) return { errors: [`${file}: ${content.error}`] };
  const result = validateBoard(content.value);
  return "board" in result ? result : { errors: result.errors.map((line) => `${file}: ${line}`) };
}

async function readContent(file: string): Promise<Content> {
  const extension = extname(file).toLowerCase();
  try {
    const found = await stat(file);
    if (!found.isFile()) return { error: "not a file; give the path of a board file" };
    if (found.size > FILE_SIZE_MAX) return { error: `${found.size} bytes are too many for a board file` };
    if (extension === ".ts") return await importModule(file);
    return await parseText(await readFile(file, "utf8"), extension);
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

async function importModule(file: string): Promise<Content> {
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    return { error: `does not load: ${firstLine(error)}` };
  }
  if (module.default === undefined) {
    return { error: "has no default export; end it with `export default defineBoard({ ... })`" };
  }
  return { value: module.default };
}

async function parseText(text: string, extension: string): Promise<Content> {
  try {
    if (extension === ".json") return { value: JSON.parse(text) };
    const { parse } = await import("yaml");
    return { value: parse(text, { logLevel: "error" }) };
  } catch (error) {
    return { error: `does not parse: ${firstLine(error)}` };
  }
}

/** Says why a file cannot be read. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code === "ENOENT") return "no such file; check the path";
  if (code === "EACCES" || code === "EPERM") return "no permission to read it";
  return `cannot be read: ${firstLine(error)}`;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0]!.trim().replace(/:$/, "");
}
