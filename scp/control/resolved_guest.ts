// All that a guest is, from what was asked for: its agent, its connection, its overlay. Text only: nothing is
// opened.
import type { Board } from "../../boards/board.ts";
import { findAgentProblem } from "./agent_choice.ts";
import { deviceTreeOverlay } from "./device_tree.ts";
import { connectGuest, type ConnectionPlaces, type GuestConnection } from "./guest_connection.ts";
import { chooseForGuest } from "./guest_choices.ts";
import { describeGuest } from "./guest_description.ts";
import { defaultPlacesOf } from "./guest_places.ts";
import type { GuestRequest } from "./guest_text.ts";
import type { Outcome } from "./qemu_run.ts";

/** A guest that can be had. */
export interface ResolvedGuest {
  readonly agent: string;
  readonly connection: GuestConnection;
  readonly overlayText: string;
}

/** Finds out all about a guest; a problem is one line: what, where, what to do. */
export function resolveGuest(
  board: Board,
  request: GuestRequest,
  places: ConnectionPlaces | null = null,
): Outcome<ResolvedGuest> {
  const named = typeof request.transport === "string" ? null : request.transport.agent;
  const agent = request.agent ?? named ?? board.agents[0]!.name;
  if (named !== null && named !== agent) {
    return {
      ok: false,
      problem: `--agent ${agent} and agent=${named} of --transport are two agents: name one`,
    };
  }
  const unknown = findAgentProblem(board, agent);
  if (unknown !== null) return { ok: false, problem: unknown };
  const choices = chooseForGuest(board, agent, request);
  if ("problem" in choices) return { ok: false, problem: choices.problem };
  const connected = connectGuest(request, agent, places ?? defaultPlacesOf(board, agent));
  if (!connected.ok) return connected;
  const { connection } = connected;
  const overlay = deviceTreeOverlay(
    describeGuest(board, agent, request.release, { ...choices, ...connection }),
  );
  if (!overlay.ok) return overlay;
  return { ok: true, value: { agent, connection, overlayText: overlay.text } };
}
