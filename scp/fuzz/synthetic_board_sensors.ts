// The sensors of the synthetic board: three whose values two of its agents supply (one that is soon too old, one of axes, long
// names and coarse timestamps, one that starts switched off and reads in steps), and one that shows the physics of the chip.
// The corners of the sensor contract are made by synthetic_platform.ts.
import type { BoardInput } from "../../boards/board.ts";

const SUPPLIED = {
  typeCode: 0,
  step: { mantissa: 1, exponent: 0 },
  samplePeriodUs: 10_000,
  tripPointCount: 3,
  supportsContinuousUpdate: true,
  asyncLatencyUs: 500,
  intervals: { kind: "list", list: [{ mantissa: 5, exponent: -3 }, { mantissa: 1, exponent: 0 }] },
} as const;

/** The sensors. */
export const SYNTHETIC_BOARD_SENSORS: BoardInput["sensors"] = [
  {
    ...SUPPLIED,
    id: 0,
    name: "supplied",
    unitExponent: 0,
    suppliedBy: "VM1",
    staleAfterMs: 50,
    rangeMin: -3,
    rangeMax: 3,
    timestampExponent: -6,
  },
  {
    ...SUPPLIED,
    id: 1,
    name: "supplied axes".padEnd(63, "."),
    unitExponent: -4,
    suppliedBy: "VM1",
    rangeMin: -1e9,
    rangeMax: 1e9,
    axes: ["left", "an axis that has more than a short name"],
    timestampExponent: 0,
  },
  {
    ...SUPPLIED,
    id: 2,
    name: "supplied by another",
    unitExponent: 3,
    suppliedBy: "OSPM",
    rangeMin: 0,
    rangeMax: 1e6,
    step: { mantissa: 3, exponent: 4 },
    startsEnabled: false,
  },
  {
    id: 3,
    name: "chip",
    typeCode: 2,
    unitExponent: -3,
    signal: "temperature.chip",
    rangeMin: -40,
    rangeMax: 125,
    step: { mantissa: 1, exponent: -1 },
    samplePeriodUs: 100_000,
    tripPointCount: 1,
  },
];
