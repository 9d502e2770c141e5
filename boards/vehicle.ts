// The vehicle part of a board: mass and drag, the drive cycle, the two batteries, wheels and tires. The laws that use
// these numbers are scp/model/kinematics.ts and scp/model/vehicle.ts.

/** How the inertial sensors sit in the car: turned about its X, then Y, then Z axis, in radian. */
export interface Mounting {
  readonly rollRad: number;
  readonly pitchRad: number;
  readonly yawRad: number;
}

/** How the car swings through bends, the same at each run: a curvature that shrinks with speed. */
export interface Turning {
  /** Curvature at standstill, 1/m: the tightest bend. */
  readonly curvatureMaxPerM: number;
  /** At this speed the curvature is half of that, m/s; lateral acceleration stays below curvature x speed^2. */
  readonly speedScaleMPerS: number;
  /** Two periods of the weave, s; no whole multiples of one another, so that it hardly repeats. */
  readonly periodsS: readonly [number, number];
}

/** The traction battery. */
export interface TractionBattery {
  readonly cellCount: number;
  /** Open-circuit voltage of a cell: state of charge 0..1 and volts, rising, from 0 to 1. */
  readonly cellVolts: readonly (readonly [number, number])[];
  /** At 25 degree Celsius, Ohm; doubles per 25 K below. */
  readonly resistanceOhm: number;
  readonly capacityAh: number;
  readonly initialCharge: number;
  readonly heatCapacityJPerK: number;
  /** From the cells to the surroundings. */
  readonly thermalResistanceKPerW: number;
}

/** The 12 V battery and the converter that charges it. */
export interface LowVoltageBattery {
  /** Open-circuit volts when empty, and what a full charge adds. */
  readonly emptyVolts: number;
  readonly chargeVolts: number;
  readonly capacityAh: number;
  readonly initialCharge: number;
  /** Resistance against charging when empty, Ohm; it grows as the battery fills. */
  readonly acceptanceOhm: number;
  /** The converter's voltage at 25 degree Celsius, and its change per kelvin. */
  readonly converterVolts: number;
  readonly converterVoltsPerK: number;
  /** Wiring between converter and battery, Ohm. */
  readonly wiringOhm: number;
}

/** A tire: gauge pressure when cold (20 degree Celsius). */
export interface Tire {
  readonly coldKpa: number;
}

/** Everything about the vehicle. */
export interface Vehicle {
  readonly massKg: number;
  readonly rollingCoefficient: number;
  readonly dragCoefficient: number;
  readonly frontalAreaM2: number;
  readonly driveEfficiency: number;
  readonly regenerationEfficiency: number;
  readonly regenerationMaxW: number;
  readonly auxiliariesW: number;
  readonly wheelRadiusM: number;
  readonly trackM: number;
  /** Front left, front right, rear left, rear right. */
  readonly tires: readonly [Tire, Tire, Tire, Tire];
  readonly mounting: Mounting;
  readonly turning: Turning;
  /** Time in s and speed in km/h, linear between, repeated for ever; starts at 0 s, ends at the speed it starts with. */
  readonly driveCycle: readonly (readonly [number, number])[];
  readonly traction: TractionBattery;
  readonly lowVoltage: LowVoltageBattery;
}
