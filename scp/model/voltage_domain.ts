// A supply whose level can be set, as the voltage protocol names it.

/** A supply whose level can be set, as the voltage protocol names it. */
export interface VoltageDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
}
