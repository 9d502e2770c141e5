// A part of the chip that can be reset on its own, as the reset protocol names it.

/** A part of the chip that can be reset on its own, as the reset protocol names it. */
export interface ResetDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
}
