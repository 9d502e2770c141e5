// What an agent of a board sees and may do: resources by name, with a right each. How that becomes ids is view_compiler.ts;
// what is wrong with it is told by view_references.ts. A view of nothing is the default where a board has several agents.
export { fitsPattern } from "../scp/core/name_pattern.ts";
import type { HardwareKind } from "../scp/core/schema.ts";

/**
 * What an agent may do with a resource. `read` takes everything that changes nothing for others: descriptions, values,
 * notifications, and settings that each agent has for itself. `control` changes the resource; `exclusive` does too, and no
 * other agent may have it so.
 */
export type Right = "none" | "read" | "control" | "exclusive";

/** The rights, least first. */
export const RIGHTS = ["none", "read", "control", "exclusive"] as const satisfies readonly Right[];

/** A right to something that an agent sees. */
export type GrantedRight = Exclude<Right, "none">;

/**
 * Rights by the names of resources of a kind, in which `*` stands for any characters: of several that fit, the last one
 * counts. A right alone is for all of the kind.
 */
export type ViewRules = Right | Readonly<Record<string, Right>>;

/** A view as it is written: the kinds of hardware by the names they have everywhere, and `*` for all of them. */
export interface ViewInput extends Readonly<Partial<Record<HardwareKind, ViewRules>>> {
  /** Views to begin with, in this order: names of the board's section `views`, or agents for theirs. */
  readonly extends?: readonly string[];
  /** A right to everything of every kind, before the rules of kinds. */
  readonly "*"?: Right;
  /**
   * By the name of a protocol, the only commands of it that the agent may use, `*` as in names; those that every protocol has
   * it may always use. Protocols not named are not restricted.
   */
  readonly commands?: Readonly<Record<string, readonly string[]>>;
}

/**
 * What an id is answered that is none of the agent's, but could be: one below the number of such resources that the board
 * has. `NOT_FOUND`: as any other. `DENIED`: as one that exists.
 */
export type ForeignAnswer = "NOT_FOUND" | "DENIED";

/** The answers, the default first. */
export const FOREIGN_ANSWERS = ["NOT_FOUND", "DENIED"] as const satisfies readonly ForeignAnswer[];

/** The view of a board's only agent, unless it has one of its own. */
export const WHOLE_BOARD: ViewInput = { "*": "control" };
