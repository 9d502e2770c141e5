// A GPIO line between the platform and a guest, as the device that serves it sees it. What moves the line is elsewhere:
// the board's model, or a mailbox that interrupts the guest.

/** The level of a line. */
export type Level = 0 | 1;

/** A line; several guests may have it. */
export interface GpioLine {
  /** 1 to 63 ASCII characters; the guest is told. */
  readonly name: string;
  /** Whether the guest drives it; otherwise the platform does. */
  readonly isOutput: boolean;
  /** Returns its level now. Whoever drives it may find that it has changed: listeners are told before this returns. */
  read(): Level;
  /** Drives it; only for outputs. */
  write(level: Level): void;
  /** Tells that a guest which it could interrupt is gone, or starts anew; absent where nothing hangs on it. */
  guestLost?(): void;
  /**
   * Has the listener told of each change of level, in their order, with the new level; returns the function that ends
   * that. What moves without anybody listening may cost nothing.
   */
  listen(listener: (level: Level) => void): () => void;
}
