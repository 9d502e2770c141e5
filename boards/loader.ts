// Finds a board by its built-in name, or in a user's file. Built-in boards skip the validator: the compiler and a test
// have judged them, and neither zod nor a parser burdens the start.
import { BUILT_IN_BOARDS } from "./registry.ts";
import type { BoardResult } from "./validator.ts";

const EXTENSIONS = [".ts", ".json", ".yaml", ".yml"];

/** Returns the board that a name or a file stands for, or everything that keeps it from being used, a line each. */
export async function loadBoard(nameOrFile: string): Promise<BoardResult> {
  const builtIn = BUILT_IN_BOARDS.find((board) => board.name === nameOrFile);
  if (builtIn !== undefined) return { board: await builtIn.load() };
  if (!EXTENSIONS.some((extension) => nameOrFile.toLowerCase().endsWith(extension))) {
    return { errors: [unknownText(nameOrFile)] };
  }
  const { loadBoardFile } = await import("./board_file.ts");
  return await loadBoardFile(nameOrFile);
}

function unknownText(name: string): string {
  const known = BUILT_IN_BOARDS.map((board) => board.name).join(", ");
  return /[\\/.]/.test(name)
    ? `${name}: a board file ends in ${EXTENSIONS.join(", ")}; built-in boards are ${known}`
    : `Unknown board ${JSON.stringify(name)}: take one of ${known}, or a file that ends in ${
      EXTENSIONS.join(", ")
    }`;
}
