// A GPIO line that a device of the platform drives as its interrupt: what a mailbox in guest RAM raises is what the guest
// hears on the line.

import type { GpioLine, Level } from "./gpio_line.ts";
import type { InterruptLine } from "./interrupt_line.ts";

/** A line with both its ends: the device's and the guest's. It begins low. */
export class InterruptGpioLine implements GpioLine, InterruptLine {
  readonly name: string;
  readonly isOutput = false;
  beforeSample: (() => void) | null = null;
  onGuestLost: (() => void) | null = null;
  readonly #listeners = new Set<(level: Level) => void>();
  #level: Level = 0;

  constructor(name: string) {
    this.name = name;
  }

  raise(): void {
    this.#change(1);
  }

  lower(): void {
    this.#change(0);
  }

  read(): Level {
    this.beforeSample?.();
    return this.#level;
  }

  /** Does nothing: the guest does not drive it. */
  write(): void {}

  guestLost(): void {
    this.onGuestLost?.();
  }

  listen(listener: (level: Level) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #change(level: Level): void {
    if (level === this.#level) return;
    this.#level = level;
    for (const listener of this.#listeners) listener(level);
  }
}
