// Contacts and pulses of a vehicle, as a body controller has them on pins. A board lists those it has; their order gives
// the numbers of the lines.
import type { GpioLineInput } from "../gpio_line.ts";

/** The lines, by what they are. */
export const VEHICLE_GPIO_LINES = {
  // Vehicle.Cabin.Door.Row1.DriverSide.IsOpen and its fellow: the contact is high while the door is open.
  doorFrontLeft: { name: "door-front-left", follows: { kind: "switch", input: "vehicle.doorFrontLeft" } },
  doorFrontRight: { name: "door-front-right", follows: { kind: "switch", input: "vehicle.doorFrontRight" } },
  // A Hall sensor and four magnets on the wheel, as for speedometers.
  wheelFrontLeft: {
    name: "wheel-front-left",
    follows: { kind: "wheelPulse", wheel: "Fl", pulsesPerTurn: 4 },
  },
  // Vehicle.Body.Lights.Hazard.IsSignaling
  hazardLamp: { name: "hazard-lamp", follows: { kind: "guest" } },
} as const satisfies Record<string, GpioLineInput>;
