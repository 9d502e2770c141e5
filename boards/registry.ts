// The built-in boards: a name, a line about it, and how to load it. A new board is one file and one entry here.
import type { Board } from "./board.ts";

/** A board that comes with the simulator. */
export interface BuiltInBoard {
  readonly name: string;
  readonly title: string;
  load(): Promise<Board>;
}

/** All built-in boards; loaded one by one, so that start-up does not pay for the others. */
export const BUILT_IN_BOARDS: readonly BuiltInBoard[] = [
  {
    name: "rcar",
    title: "R-Car Gen3 H3 in an electric car: chip, board and vehicle sensors, five agents",
    load: async () => (await import("./rcar.ts")).rcarBoard,
  },
  {
    name: "rcar-faithful",
    title: "R-Car Gen3 H3 with the oddities of its firmware and without our extensions",
    load: async () => (await import("./rcar_faithful.ts")).rcarFaithfulBoard,
  },
  {
    name: "rcar-guests",
    title: "The R-Car H3 shared by a host and three guests: cockpit, instrument cluster and safety",
    load: async () => (await import("./rcar_guests.ts")).rcarGuestsBoard,
  },
  {
    name: "minimal",
    title: "One agent and three sensors, to copy from",
    load: async () => (await import("./minimal.ts")).minimalBoard,
  },
];
