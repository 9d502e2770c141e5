// A group of processors or another block whose speed is set as one, as the performance protocol names it.

/** A group of processors or another block whose speed is set as one, as the performance protocol names it. */
export interface PerformanceDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
}
