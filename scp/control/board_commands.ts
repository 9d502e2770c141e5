// The commands about boards: `boards` lists the built-in ones, `describe` prints one with every default
// filled in.
import type { Board } from "../../boards/board.ts";
import { loadBoard } from "./board_loader.ts";
import { BUILT_IN_BOARDS } from "../../boards/registry.ts";
import { boardTables } from "./board_tables.ts";
import { EXIT, tableLines, type Terminal } from "./terminal.ts";

/** Loads a board; where that fails prints everything that is wrong and returns null. */
export async function loadBoardOrComplain(nameOrFile: string, terminal: Terminal): Promise<Board | null> {
  const loaded = await loadBoard(nameOrFile);
  if ("board" in loaded) return loaded.board;
  for (const error of loaded.errors) terminal.complain(`error: ${error}`);
  return null;
}

/** Prints the built-in boards. */
export function listBoards(isJson: boolean, terminal: Terminal): number {
  const boards = BUILT_IN_BOARDS.map(({ name, title }) => ({ name, title }));
  if (isJson) terminal.print(JSON.stringify(boards));
  else {for (const line of tableLines(["NAME", "BOARD"], boards.map(({ name, title }) => [name, title]))) {
      terminal.print(line);
    }}
  return EXIT.success;
}

/** Prints a board: as tables, or as JSON with every field there is. */
export async function describeBoard(
  nameOrFile: string,
  isJson: boolean,
  terminal: Terminal,
): Promise<number> {
  const board = await loadBoardOrComplain(nameOrFile, terminal);
  if (board === null) return EXIT.failure;
  if (isJson) terminal.print(JSON.stringify(board, null, 2));
  else for (const line of boardLines(board)) terminal.print(line);
  return EXIT.success;
}

function boardLines(board: Board): string[] {
  const { vendor, subVendor, implementationVersion } = board.identity;
  return [
    `${board.name}: ${board.title}`,
    `vendor ${vendor}, sub-vendor ${subVendor}, implementation version 0x${
      implementationVersion.toString(16)
    }`,
    `ambient temperature ${board.ambientC} \u00b0C, sensor errors as in profile ${board.profile}`,
    ...boardTables(board).flatMap((lines) => lines.length === 0 ? [] : ["", ...lines]),
  ];
}
