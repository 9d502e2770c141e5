// Boards of which every agent sees everything: for tests that are about something else than views.
import type { Board } from "../../boards/board.ts";
import { WHOLE_BOARD } from "../../boards/view.ts";

/** The board with the whole of it in every agent's view, and control of all. */
export function withWholeViews(board: Board): Board {
  return { ...board, agents: board.agents.map((agent) => ({ ...agent, view: WHOLE_BOARD })) };
}
