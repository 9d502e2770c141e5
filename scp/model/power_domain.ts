// A power domain of the chip, as the power domain protocol names it.

/** A power domain of the chip, as the power domain protocol names it. */
export interface PowerDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
}
