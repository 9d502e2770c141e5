// A pin of the package, as the pin control protocol names it.

/** A pin of the package, as the pin control protocol names it. */
export interface Pin {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
}
