// A pin of the package, and what it has in common with a group of pins: what agents take for themselves, put to functions
// and configure. What it does is simulated_pin.ts.
import type { PinFunction } from "./pin_function.ts";

/** The value of one config type. */
export interface PinConfig {
  /** A code of PIN_CONFIG, or of the implementation's own. */
  readonly typeCode: number;
  readonly value: number;
}

/** What is to be set. */
export interface PinChange {
  /** null = the function stays. */
  readonly function: PinFunction | null;
  /** Later ones win. */
  readonly configs: readonly PinConfig[];
}

/**
 * Somebody who takes pins: an agent on one channel. What an agent took on several channels it loses when it gives it back on one,
 * or when the last of those channels ends.
 */
export interface PinClaim {
  /** 1 or more. */
  readonly agentId: number;
}

/** What came of a change: another agent has a pin for itself, a pin cannot do it, or a value is outside its range. */
export type PinChangeResult = "SUCCESS" | "IN_USE" | "NOT_SUPPORTED" | "OUT_OF_RANGE";

/** A pin or a group of pins. */
export interface PinUnit {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
  /** Its pins; of a pin, itself. */
  readonly pins: readonly Pin[];
  /** The function it is put to as a whole; null = none. */
  readonly function: PinFunction | null;
  /** The present configuration, by rising type: of a group, what all of its pins have and have alike. */
  readonly configs: readonly PinConfig[];
  /** The present value of a config type; null = it does not have the type. */
  valueOf(typeCode: number): number | null;
  /** Takes it for an agent alone; again is no mistake. Nothing is taken when another agent has a pin of it. */
  request(claim: PinClaim): "SUCCESS" | "IN_USE";
  /**
   * Gives back what an agent took; what nobody has is free already. DENIED for a pin that the agent has as a part of a group
   * only: a group's pins belong together.
   */
  release(agentId: number): "SUCCESS" | "IN_USE" | "DENIED";
  /** Gives back what was taken by this claim, if anything. */
  drop(claim: PinClaim): void;
  /** Sets function and configuration of all of its pins, or, when something is wrong with any, of none. */
  configure(agentId: number, change: PinChange): PinChangeResult;
}

/** A pin of the package, as the pin control protocol names it. */
export interface Pin extends PinUnit {
  /** The agent that has it for itself, alone or as a part of a group; 0 = nobody. */
  readonly ownerId: number;
}
