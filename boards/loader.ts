// Finds a board by its built-in name, or in a user's .ts, .json, .yaml or .yml file; every failure is one line that says
// what is wrong, where, and what to do. Built-in boards skip the validator: the compiler and a test have judged them, and
// neither zod nor a parser burdens the start. The one file of this folder that reads files.
import { errorText } from "../scp/core/error_text.ts";
import { BUILT_IN_BOARDS } from "./registry.ts";
import type { BoardResult } from "./validator.ts";

/** A board file larger than this is refused, bytes. */
const FILE_SIZE_MAX = 64 * 1024 * 1024;

const EXTENSIONS = [".ts", ".json", ".yaml", ".yml"] as const;

type Extension = typeof EXTENSIONS[number];

/** The content of a file, or what is wrong with it. */
type Content = { readonly value: unknown } | { readonly error: string };

/** Returns the board that a name or a file stands for, or everything that keeps it from being used, a line each. */
export async function loadBoard(nameOrFile: string): Promise<BoardResult> {
  const builtIn = BUILT_IN_BOARDS.find((board) => board.name === nameOrFile);
  if (builtIn !== undefined) return { board: await builtIn.load() };
  const extension = EXTENSIONS.find((ending) => nameOrFile.toLowerCase().endsWith(ending));
  if (extension === undefined) return { errors: [unknownText(nameOrFile)] };
  const content = await readContent(nameOrFile, extension);
  if ("error" in content) return { errors: [`${nameOrFile}: ${content.error}`] };
  const { validateBoard } = await import("./validator.ts");
  const result = validateBoard(content.value);
  return "board" in result ? result : { errors: result.errors.map((line) => `${nameOrFile}: ${line}`) };
}

function unknownText(name: string): string {
  const known = BUILT_IN_BOARDS.map((board) => board.name).join(", ");
  return /[\\/.]/.test(name)
    ? `${name}: a board file ends in ${EXTENSIONS.join(", ")}; built-in boards are ${known}`
    : `Unknown board ${JSON.stringify(name)}: take one of ${known}, or a file that ends in ${
      EXTENSIONS.join(", ")
    }`;
}

async function readContent(file: string, extension: Extension): Promise<Content> {
  try {
    const found = await Deno.stat(file);
    if (!found.isFile) return { error: "not a file; give the path of a board file" };
    if (found.size > FILE_SIZE_MAX) return { error: `${found.size} bytes are too many for a board file` };
    if (extension === ".ts") return await importModule(await Deno.realPath(file));
    return await parseText(await Deno.readTextFile(file), extension);
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

async function importModule(path: string): Promise<Content> {
  const url = `file://${path.split("/").map(encodeURIComponent).join("/")}`;
  let module: Record<string, unknown>;
  try {
    module = await import(url);
  } catch (error) {
    return { error: `does not load: ${firstLine(error)}` };
  }
  if (module.default === undefined) {
    return { error: "has no default export; end it with `export default defineBoard({ ... })`" };
  }
  return { value: module.default };
}

async function parseText(text: string, extension: Extension): Promise<Content> {
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
  if (error instanceof Deno.errors.NotFound) return "no such file; check the path";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "no permission to read it";
  }
  return `cannot be read: ${firstLine(error)}`;
}

function firstLine(error: unknown): string {
  const text = errorText(error);
  return text.split("\n")[0]!.trim().replace(/:$/, "");
}
