// A part whose power is measured and can be capped, as the power capping protocol names it.

/** A part whose power is measured and can be capped, as the power capping protocol names it. */
export interface PowercapDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
}
