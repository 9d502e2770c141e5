// What one agent of a board sees, as the commands that describe it and its guest need it: resources by kind
// with their ids and rights, and the protocols that follow from them.
import type { Board } from "../../boards/board.ts";
import { type CompiledView, compileViews, type ViewEntry } from "../../boards/view_compiler.ts";
import type { ForeignAnswer } from "../../boards/view.ts";
import { HARDWARE_KINDS, type HardwareKind } from "../core/schema.ts";
import type { Release } from "../../protocols/protocol.ts";
import { isVendorProtocol, PROTOCOLS } from "../../protocols/registry.ts";

/** A resource that an agent sees. */
export interface SeenResource {
  readonly kind: HardwareKind;
  /** The agent's id. */
  readonly id: number;
  readonly name: string;
  readonly right: ViewEntry["right"];
}

/** An agent's view, as it is printed. */
export interface ViewReport {
  readonly board: string;
  readonly agent: string;
  readonly foreignIds: ForeignAnswer;
  /** By the name of a protocol, patterns of the only commands that the agent may use; protocols not named: all. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
  /** By kind, and by the agent's ids within a kind. */
  readonly resources: readonly SeenResource[];
}

/** Compiles the view of an agent, which the board has to have. */
export function viewOf(board: Board, agentName: string): CompiledView {
  return compileViews(board)[board.agents.findIndex(({ name }) => name === agentName)]!;
}

/** Reports the view of an agent, which the board has to have. */
export function reportView(board: Board, agentName: string): ViewReport {
  const { resources, commands } = viewOf(board, agentName);
  return {
    board: board.name,
    agent: agentName,
    foreignIds: board.foreignIds,
    commands,
    resources: HARDWARE_KINDS.flatMap((kind) =>
      resources[kind].map(({ name, right }, id) => ({ kind, id, name, right }))
    ),
  };
}

/**
 * The protocols of a release that an agent with this view is served, Base among them; no vendor's, which no guest's tree
 * names.
 */
export function protocolIdsOf({ resources }: CompiledView, release: Release): number[] {
  return PROTOCOLS
    .filter(({ id, releases, resource }) =>
      !isVendorProtocol(id) && releases[release] !== null &&
      (resource === null || resources[resource].length > 0)
    )
    .map(({ id }) => id);
}
