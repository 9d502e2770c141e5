// The GPIO lines of a board: sensors and actors that guests reach as pins of a GPIO device, beside SCMI. What a line does
// over time is scp/model/gpio_line.ts; how a guest gets it is transports/gpio.

/** The wheels of a vehicle, as the names of signals have them: front left, front right, rear left, rear right. */
export const WHEEL_NAMES = ["Fl", "Fr", "Rl", "Rr"] as const;

/** A wheel of the board's vehicle. */
export type WheelName = typeof WHEEL_NAMES[number];

/** What a line follows. */
export type GpioLineSource =
  /**
   * A switch: the outside sets it through the model's input of this name, 0 or 1; high = 1 unless it is active low. Lines
   * may share an input.
   */
  | { readonly kind: "switch"; readonly input: string; readonly isActiveLow: boolean }
  /** A wheel of the vehicle: so many pulses per turn, each high for half of it. */
  | { readonly kind: "wheelPulse"; readonly wheel: WheelName; readonly pulsesPerTurn: number }
  /** The guest: an output, low until it is driven. */
  | { readonly kind: "guest" };

/** What a line follows, as it is written. */
export type GpioLineSourceInput =
  | { readonly kind: "switch"; readonly input: string; readonly isActiveLow?: boolean }
  | { readonly kind: "wheelPulse"; readonly wheel: WheelName; readonly pulsesPerTurn: number }
  | { readonly kind: "guest" };

/** A line, complete. */
export interface GpioLineDescription {
  /** Unique among the lines; guests are told. */
  readonly name: string;
  readonly follows: GpioLineSource;
}

/** A line as it is written. */
export interface GpioLineInput {
  readonly name: string;
  readonly follows: GpioLineSourceInput;
}

/** Completes a line with the defaults. */
export function completeGpioLine({ name, follows }: GpioLineInput): GpioLineDescription {
  if (follows.kind !== "switch") return { name, follows };
  return { name, follows: { ...follows, isActiveLow: follows.isActiveLow ?? false } };
}
