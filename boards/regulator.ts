// The regulator behind a rail of a board: which voltages it can be set to, how fast it gets there, whether it can be
// switched off. What it does over time is scp/model/rail.ts.

/** The voltages a regulator can be set to, uV, signed 32 bits: some rising ones, or equal steps from lowest to highest. */
export type VoltageSteps =
  | { readonly kind: "list"; readonly levelsUv: readonly number[] }
  | {
    readonly kind: "segment";
    readonly lowestUv: number;
    readonly highestUv: number;
    /** 1 or more, also when the ends are equal: Linux divides by it. */
    readonly stepUv: number;
  };

/** A mode of the regulator's own, beside off and on. */
export interface RegulatorMode {
  /** 0 to 7; Linux takes the rail for switched off in mode 0. */
  readonly id: number;
  /** Whether the rail is supplied in this mode. */
  readonly isSupplied: boolean;
}

/** A regulator whose voltage can be set. */
export interface Regulator {
  readonly steps: VoltageSteps;
  /** The voltage at start; raised there if what the rail feeds needs more. */
  readonly startUv: number;
  readonly startsOn: boolean;
  readonly canSwitchOff: boolean;
  /** Modes of its own; mostly none. */
  readonly ownModes: readonly RegulatorMode[];
  /** How fast its voltage moves, uV per us. */
  readonly slewUvPerUs: number;
  /** How long it takes to tell it so, us: a transfer on its bus. */
  readonly commandUs: number;
}
