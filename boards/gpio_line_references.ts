// What GPIO lines say about the rest of a board: a wheel needs a vehicle that turns it no faster than a guest can be told,
// a switch an input of its own.
import type { Complaints } from "./complaints.ts";
import type { GpioLineInput } from "./gpio_line.ts";
import type { Vehicle } from "./vehicle.ts";

/** The most changes of a line in a second of virtual time; each is work for the platform and for the guest. */
export const LINE_CHANGES_PER_S_MAX = 10_000;

/** Inputs that the physics has for itself; those of blocks go on with the name of the block. */
const TAKEN_INPUTS = /^(ambientC|road|mhz|utilisation)\b/;

/** What is looked at. */
export interface GpioLineParts {
  readonly lines: readonly (GpioLineInput | null)[];
  readonly names: readonly (string | null)[];
  /** null = there is none, or its shape is wrong. */
  readonly vehicle: Vehicle | null;
  readonly hasVehicle: boolean;
}

/** Lists what is wrong. */
export function checkGpioLines(
  { lines, names, vehicle, hasVehicle }: GpioLineParts,
  complaints: Complaints,
): void {
  complaints.checkUnique(names, (index) => `gpioLines[${index}].name`);
  lines.forEach((line, index) => {
    if (line === null) return;
    const path = `gpioLines[${index}].follows`;
    const { follows } = line;
    if (follows.kind === "switch" && TAKEN_INPUTS.test(follows.input)) {
      complaints.add(`${path}.input`, `${follows.input} is an input of the physics: take another name`);
    }
    if (follows.kind !== "wheelPulse") return;
    if (!hasVehicle) complaints.add(`${path}.kind`, "A wheel needs a vehicle: give the board one");
    if (vehicle === null) return;
    const most = Math.floor(LINE_CHANGES_PER_S_MAX / (2 * turnsPerSecondMax(vehicle)));
    if (follows.pulsesPerTurn > most) {
      complaints.add(
        `${path}.pulsesPerTurn`,
        `Too many for the speed of this vehicle: at most ${most}, for ${LINE_CHANGES_PER_S_MAX} changes per second`,
      );
    }
  });
}

/** No wheel of the vehicle ever turns faster: that on the outside of the tightest bend. */
function turnsPerSecondMax({ driveCycle, wheelRadiusM, trackM, turning }: Vehicle): number {
  const speedMaxMPerS = Math.max(...driveCycle.map(([_timeS, speedKmPerH]) => speedKmPerH)) / 3.6;
  const outward = 1 + turning.curvatureMaxPerM * trackM / 2;
  // A vehicle that never moves has room for any number.
  return Math.max(1e-6, speedMaxMPerS / (2 * Math.PI * wheelRadiusM) * outward);
}
