// What a clock of the model hangs on: what feeds it, and the power domain it stops with.
import type { SimulatedClock } from "./simulated_clock.ts";

/** What can feed a clock. */
export interface ClockFeed {
  readonly name: string;
  /** What it hands on, Hz. */
  readonly outputHz: number;
  readonly isRunning: boolean;
  /** The clocks that run from it. */
  readonly fed: Set<SimulatedClock>;
}

/** A power domain as a clock sees it. */
export interface PowerGate {
  readonly isOn: boolean;
  /** Calls the listener after each change; returns the function that takes it away. */
  listen(listener: () => void): () => void;
}
