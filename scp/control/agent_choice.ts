// Which agent of a board is meant, for commands and plans that are about one.
import type { Board } from "../../boards/board.ts";

/** Returns one line about an agent that the board does not have, or null when it has it. */
export function findAgentProblem(board: Board, agent: string): string | null {
  const names = board.agents.map(({ name }) => name);
  if (names.includes(agent)) return null;
  return `board ${board.name} has no agent ${JSON.stringify(agent)}: take one of ${names.join(", ")}`;
}
