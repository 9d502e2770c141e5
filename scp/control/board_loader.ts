// Loads a board and judges what the board's own validator cannot, as boards know no protocols: the commands
// that views leave to agents.
import type { Board } from "../../boards/board.ts";
import { loadBoard as loadBoardFile } from "../../boards/loader.ts";
import type { BoardResult } from "../../boards/validator.ts";
import type { ViewInput } from "../../boards/view.ts";
import { fitsPattern } from "../core/name_pattern.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";

/** Returns the board that a name or a file stands for, or everything that keeps it from being used, a line each. */
export async function loadBoard(nameOrFile: string): Promise<BoardResult> {
  const loaded = await loadBoardFile(nameOrFile);
  if (!("board" in loaded)) return loaded;
  const errors = findUnknownCommands(loaded.board);
  return errors.length === 0 ? loaded : { errors: errors.map((line) => `${nameOrFile}: ${line}`) };
}

/** Lists the protocols and commands in the views of a board that do not exist. */
export function findUnknownCommands(board: Board): string[] {
  const views: [path: string, view: ViewInput][] = [
    ...Object.entries(board.views).map(([name, view]): [string, ViewInput] => [`views.${name}`, view]),
    ...board.agents.flatMap(({ view }, index): [string, ViewInput][] =>
      view === null ? [] : [[`agents[${index}].view`, view]]
    ),
  ];
  return views.flatMap(([path, { commands = {} }]) =>
    Object.entries(commands).flatMap(([protocolName, patterns]) => {
      const at = `${path}.commands.${protocolName}`;
      const protocol = PROTOCOLS.find(({ name }) => name === protocolName);
      if (protocol === undefined) {
        return [
          `${at}: No protocol ${protocolName}: take one of ${PROTOCOLS.map(({ name }) => name).join(", ")}`,
        ];
      }
      const names = protocol.bindings.map(({ schema }) => schema.name);
      return patterns.flatMap((pattern, place) =>
        names.some((name) => fitsPattern(name, pattern))
          ? []
          : [`${at}[${place}]: No command ${pattern}: take some of ${[...new Set(names)].join(", ")}`]
      );
    })
  );
}
