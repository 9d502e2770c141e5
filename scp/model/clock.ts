// A clock of the chip, as the clock protocol names it.

/** A clock of the chip, as the clock protocol names it. */
export interface Clock {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
}
