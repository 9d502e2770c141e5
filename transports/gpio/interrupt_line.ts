// An interrupt line as a device drives it: the seam between what wants to interrupt a guest (a mailbox in the guest's
// RAM) and what carries that to the guest (a GPIO line). Leaves out how the guest is told; that is gpio_device.ts.

/**
 * A line with a level. A guest that listens to rising edges hears each change from low to high once, also one that came
 * while it had the line masked; one that listens to the level hears of it as long as it stays high. Both calls may come
 * at any time, also without a guest, and change nothing when the line has that level already. They never block.
 */
export interface InterruptLine {
  /**
   * Is called each time before a level is looked at because the guest unmasked the line; null = the level is what the
   * last call made it. A device whose registers are plain memory learns nothing when the guest clears an interrupt there:
   * it looks now and calls `lower()` if need be, else the guest would hear of the same thing twice.
   */
  beforeSample: (() => void) | null;
  /**
   * Is called when the guest behind the line is gone, or starts anew: what was told it before was told another one; null =
   * nobody minds. A guest's memory outlives it, so whoever keeps something there learns of its end in no other way.
   */
  onGuestLost: (() => void) | null;
  /** Makes the line high: there is something for the guest. */
  raise(): void;
  /** Makes the line low: the guest has seen everything. */
  lower(): void;
}
