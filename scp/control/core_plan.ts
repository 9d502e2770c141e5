// What a run is to be: everything the core's worker has to know to start.
import type { TimeMode } from "../core/clock.ts";
import type { Release } from "../../protocols/protocol.ts";
import type { TransportSpec } from "./transport_spec.ts";

/** A run, as the command line describes it. */
export interface CorePlan {
  /** Name of a built-in board, or a board file. */
  readonly board: string;
  /** null = every agent at every transport, in the default folder. */
  readonly transports: readonly TransportSpec[] | null;
  readonly seed: number;
  readonly release: Release;
  readonly time: TimeMode;
}
