// Pins that are used as one, as the pin control protocol names them.

/** Pins that are used as one, as the pin control protocol names them. */
export interface PinGroup {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
}
