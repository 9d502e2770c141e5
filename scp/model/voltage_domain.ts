// A supply whose level can be set, as the voltage protocol sees it. What the regulator behind it does over time is
// scp/model/rail.ts.
import type { VoltageSteps } from "../../boards/regulator.ts";

/** Whether, and how, a supply is on. */
export type VoltageMode =
  | { readonly kind: "off" }
  | { readonly kind: "on" }
  /** A mode of the regulator's own, 0 to 7. */
  | { readonly kind: "own"; readonly id: number; readonly isSupplied: boolean };

/**
 * What became of a request: `INVALID_PARAMETERS` = not a level of it; `DENIED` = the agent may not set it, or what it feeds
 * needs more; `BUSY` = it is on its way to another level.
 */
export type VoltageResult = "SUCCESS" | "INVALID_PARAMETERS" | "DENIED" | "BUSY";

/** A change of level that takes its time. */
export interface VoltageChange {
  /** When it is done, virtual us. */
  readonly doneUs: number;
  /** What came of it; null before, and when it was given up. */
  readonly result: "SUCCESS" | null;
  /** Takes it back; only in the moment in which it was begun. */
  cancel(): void;
}

/** A supply. */
export interface VoltageDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
  /** The levels it can be set to. */
  readonly steps: VoltageSteps;
  /** The modes it can be in. */
  readonly modes: readonly VoltageMode[];
  readonly mode: VoltageMode;
  /** The level it has, uV; on the way to another one, the one it comes from; while it is off, the one it will have. */
  readonly levelUv: number;
  readonly supportsAsync: boolean;
  maySet(agentId: number): boolean;
  /** Puts it into one of its modes, at once. */
  setMode(mode: VoltageMode, agentId: number): VoltageResult;
  /** Sets a level and waits for it: it is in force when this returns `SUCCESS`. Off stays off. */
  setLevel(levelUv: number, agentId: number): VoltageResult;
  /** Begins to set a level. */
  beginLevel(levelUv: number, agentId: number): VoltageChange | Exclude<VoltageResult, "SUCCESS">;
}
