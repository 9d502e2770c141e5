// A use that groups of pins can be put to, as the pin control protocol names it.

/** A use that groups of pins can be put to, as the pin control protocol names it. */
export interface PinFunction {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
}
