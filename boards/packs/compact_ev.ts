// An electric compact car: the numbers behind the vehicle sensors. All of them are guesses of ordinary size, chosen so
// that an NEDC takes about 12.9 kWh per 100 km, as such cars do.
import type { Vehicle } from "../vehicle.ts";
import { NEDC } from "./nedc.ts";

/** The car. Spread it to change a part: `{ ...COMPACT_EV, massKg: 2100 }`. */
export const COMPACT_EV: Vehicle = {
  massKg: 1800,
  rollingCoefficient: 0.009,
  dragCoefficient: 0.28,
  frontalAreaM2: 2.3,
  driveEfficiency: 0.88,
  regenerationEfficiency: 0.65,
  regenerationMaxW: 60_000,
  auxiliariesW: 400,
  wheelRadiusM: 0.316, // 205/55 R16
  trackM: 1.55,
  tires: [{ coldKpa: 250 }, { coldKpa: 247.5 }, { coldKpa: 245 }, { coldKpa: 252.5 }],
  mounting: { rollRad: 0, pitchRad: 0, yawRad: 0 },
  turning: { curvatureMaxPerM: 0.03, speedScaleMPerS: 8, periodsS: [47, 113] },
  driveCycle: NEDC,
  traction: {
    cellCount: 96,
    cellVolts: [[0, 3], [0.1, 3.45], [0.2, 3.55], [0.5, 3.68], [0.8, 3.95], [1, 4.17]],
    resistanceOhm: 0.06,
    capacityAh: 169, // 60 kWh at 355 V
    initialCharge: 0.8,
    heatCapacityJPerK: 350_000, // 350 kg at 1 kJ/(kg K)
    thermalResistanceKPerW: 0.1, // passive cooling
  },
  lowVoltage: {
    emptyVolts: 11.9,
    chargeVolts: 0.75,
    capacityAh: 70,
    initialCharge: 0.85,
    acceptanceOhm: 0.08,
    converterVolts: 14.3,
    converterVoltsPerK: -0.01,
    wiringOhm: 0.006,
  },
};
