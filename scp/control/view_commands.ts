// The commands about views: `view` prints what an agent of a board sees, `view diff` what became of that on
// another board.
import type { Board } from "../../boards/board.ts";
import type { Release } from "../../protocols/protocol.ts";
import { findAgentProblem } from "./agent_choice.ts";
import { reportView } from "./agent_view.ts";
import { loadBoardOrComplain } from "./board_commands.ts";
import { deviceTreeOverlay } from "./device_tree.ts";
import { describeGuest } from "./guest_description.ts";
import { EXIT, failWith, type Terminal } from "./terminal.ts";
import { type ViewedGuest, viewGuest } from "./tree_breaks.ts";
import { diffLines, diffViews } from "./view_diff.ts";
import { viewHeader, viewLines } from "./view_text.ts";

/** What `view` prints: a table, JSON, the device-tree overlay, or a C header. */
export type ViewForm = "table" | "json" | "dts" | "header";

/** Which view is meant. */
export interface ViewRequest {
  readonly board: string;
  /** null = the board's first. */
  readonly agent: string | null;
  readonly release: Release;
  readonly form: ViewForm;
}

/** Prints the view of an agent. Returns the exit code. */
export async function printView(request: ViewRequest, terminal: Terminal): Promise<number> {
  const board = await loadBoardOrComplain(request.board, terminal);
  if (board === null) return EXIT.failure;
  const agent = request.agent ?? board.agents[0]!.name;
  const problem = findAgentProblem(board, agent);
  if (problem !== null) return failWith(terminal, problem);
  if (request.form === "dts") {
    const overlay = deviceTreeOverlay(describeGuest(board, agent, request.release));
    if (!overlay.ok) return failWith(terminal, overlay.problem);
    terminal.print(overlay.text.trimEnd());
    return EXIT.success;
  }
  const report = reportView(board, agent);
  if (request.form === "table") { for (const line of viewLines(report)) terminal.print(line); }
  else terminal.print(request.form === "json" ? JSON.stringify(report, null, 2) : viewHeader(report));
  return EXIT.success;
}

/** What `view diff` compares. */
export interface ViewDiffRequest {
  readonly before: string;
  readonly after: string;
  /** null = all agents of both boards. */
  readonly agent: string | null;
  readonly release: Release;
  readonly isJson: boolean;
}

/** Prints what became of the ids of agents. The exit code is that of a failure when a device tree breaks. */
export async function printViewDiff(request: ViewDiffRequest, terminal: Terminal): Promise<number> {
  const before = await loadBoardOrComplain(request.before, terminal);
  const after = await loadBoardOrComplain(request.after, terminal);
  if (before === null || after === null) return EXIT.failure;
  const { agent, release } = request;
  if (agent !== null && findAgentProblem(after, agent) !== null) {
    const problem = findAgentProblem(before, agent);
    if (problem !== null) return failWith(terminal, problem);
  }
  const all = [...before.agents, ...after.agents].map(({ name }) => name);
  const diffs = (agent === null ? [...new Set(all)] : [agent]).map((name) =>
    diffViews(name, viewedGuest(before, name, release), viewedGuest(after, name, release))
  );
  const lines = diffs.flatMap(diffLines);
  if (request.isJson) terminal.print(JSON.stringify(diffs, null, 2));
  else {for (const line of lines.length === 0 ? ["no id and no right is another one"] : lines) {
      terminal.print(line);
    }}
  return diffs.some(({ breaks }) => breaks.length > 0) ? EXIT.failure : EXIT.success;
}

function viewedGuest(board: Board, agent: string, release: Release): ViewedGuest | null {
  if (findAgentProblem(board, agent) !== null) return null;
  return viewGuest(board, agent, release);
}
