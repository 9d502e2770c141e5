// Sensors of a vehicle, named after COVESA VSS signals: what a cockpit or ADAS guest reads. Ranges, steps and periods are
// guesses after usual CAN and OBD encodings, error terms are of the size that data sheets of such parts give. A board
// gives each sensor its wire id: `{ id: 8, ...VEHICLE_SENSORS.accel }`. They read the signals of a board's `vehicle`.
import type { Decimal, SensorTemplate } from "../sensor_description.ts";

/** Intervals of the inertial sensors: 1, 2.5, 5, 10, 20, 50, 100 ms. */
const INERTIAL_INTERVALS: readonly Decimal[] = [
  { mantissa: 1, exponent: -3 },
  { mantissa: 25, exponent: -4 },
  { mantissa: 5, exponent: -3 },
  { mantissa: 10, exponent: -3 },
  { mantissa: 20, exponent: -3 },
  { mantissa: 50, exponent: -3 },
  { mantissa: 100, exponent: -3 },
];

/** What accelerometer and gyroscope share; Linux' IIO driver enables them itself and wants updates and intervals. */
const INERTIAL = {
  unitExponent: -6,
  samplePeriodUs: 500, // divides each of the intervals
  powerUw: 1_800,
  hasExtendedAttributes: true,
  supportsContinuousUpdate: true,
  timestampExponent: -6,
  intervals: { kind: "list", list: INERTIAL_INTERVALS },
  defaultInterval: { mantissa: 10, exponent: -3 },
  startsEnabled: false,
} as const;

/** A probe for degree Celsius. */
const TEMPERATURE = {
  typeCode: 2,
  unitExponent: -3,
  step: { mantissa: 5, exponent: -1 },
  samplePeriodUs: 1_000_000,
  hasExtendedAttributes: true,
} as const;

/** Angular speed of one wheel. */
const WHEEL = {
  typeCode: 87,
  unitExponent: -3,
  rangeMin: -250,
  rangeMax: 250,
  step: { mantissa: 10, exponent: -3 },
  samplePeriodUs: 10_000,
  errors: { gainMax: 0.003 },
} as const;

/** Gauge pressure of one tire; sent every 30 s by the unit in the wheel. */
const TIRE = {
  typeCode: 15,
  unitExponent: -1,
  rangeMin: 0,
  rangeMax: 637.5,
  step: { mantissa: 25, exponent: -1 },
  samplePeriodUs: 30_000_000,
  errors: { offsetMax: 5 },
  tripPointCount: 1, // 180 kPa falling
} as const;

/** The sensors by name. */
export const VEHICLE_SENSORS = {
  // Vehicle.Acceleration.Longitudinal, .Lateral, .Vertical; X forward, Y left, Z up (ISO 8855). As a physical sensor
  // does, it reports specific force: +9.81 on Z at rest.
  accel: {
    ...INERTIAL,
    name: "accel",
    typeCode: 89,
    signal: "vehicle.acceleration",
    axes: ["accel_X", "accel_Y", "accel_Z"],
    rangeMin: -156.9, // 16 g
    rangeMax: 156.9,
    step: { mantissa: 4788, exponent: -6 },
    errors: { offsetMax: 0.4, noiseSigma: 0.04 }, // 1.8 mm/s2/sqrt(Hz) over 500 Hz
  },
  // Vehicle.AngularVelocity.Roll, .Pitch, .Yaw
  gyro: {
    ...INERTIAL,
    name: "gyro",
    typeCode: 87,
    signal: "vehicle.angularRate",
    axes: ["gyro_X", "gyro_Y", "gyro_Z"],
    rangeMin: -34.9, // 2000 degrees per second
    rangeMax: 34.9,
    step: { mantissa: 1065, exponent: -6 },
    errors: { offsetMax: 0.02, noiseSigma: 0.0027 }, // 0.12 mrad/s/sqrt(Hz) over 500 Hz
  },
  // Vehicle.Exterior.AirTemperature
  temp_exterior: {
    ...TEMPERATURE,
    name: "temp_exterior",
    signal: "vehicle.exterior.temperature",
    rangeMin: -40,
    rangeMax: 85,
    errors: { lagS: 10, offsetMax: 1 },
    tripPointCount: 1, // 3 degree Celsius falling: ice warning
    supportsContinuousUpdate: true,
    intervals: {
      kind: "list",
      list: [{ mantissa: 1, exponent: 0 }, { mantissa: 5, exponent: 0 }, { mantissa: 10, exponent: 0 }],
    },
  },
  // Vehicle.Powertrain.TractionBattery.Temperature.Average
  temp_batt_avg: {
    ...TEMPERATURE,
    name: "temp_batt_avg",
    signal: "vehicle.traction.temperature",
    rangeMin: -40,
    rangeMax: 125,
    errors: { lagS: 5, offsetMax: 1 },
    tripPointCount: 3, // 45, 55, 60 degree Celsius
  },
  // Vehicle.LowVoltageBattery.CurrentVoltage
  volt_12v: {
    name: "volt_12v",
    typeCode: 5,
    unitExponent: -3,
    signal: "vehicle.lowVoltage.voltage",
    rangeMin: 0,
    rangeMax: 36,
    step: { mantissa: 10, exponent: -3 },
    samplePeriodUs: 100_000,
    errors: { gainMax: 0.005 },
    tripPointCount: 3, // 10.5 and 11.8 V falling, 15.5 V rising
  },
  // Vehicle.LowVoltageBattery.CurrentCurrent; positive into the battery
  curr_12v: {
    name: "curr_12v",
    typeCode: 6,
    unitExponent: -3,
    signal: "vehicle.lowVoltage.current",
    rangeMin: -1500,
    rangeMax: 1500,
    step: { mantissa: 10, exponent: -3 },
    samplePeriodUs: 100_000,
    errors: { gainMax: 0.01, offsetMax: 0.02 },
  },
  // Vehicle.Powertrain.TractionBattery.CurrentVoltage
  volt_traction: {
    name: "volt_traction",
    typeCode: 5,
    unitExponent: -3,
    signal: "vehicle.traction.voltage",
    rangeMin: 0,
    rangeMax: 500,
    step: { mantissa: 100, exponent: -3 },
    samplePeriodUs: 100_000,
    errors: { gainMax: 0.005 },
  },
  // Vehicle.Powertrain.TractionBattery.CurrentCurrent; positive into the battery
  curr_traction: {
    name: "curr_traction",
    typeCode: 6,
    unitExponent: -3,
    signal: "vehicle.traction.current",
    rangeMin: -800,
    rangeMax: 800,
    step: { mantissa: 100, exponent: -3 },
    samplePeriodUs: 10_000,
    errors: { gainMax: 0.01, offsetMax: 0.02 },
    supportsContinuousUpdate: true,
    timestampExponent: -3,
    intervals: {
      kind: "segment",
      lowest: { mantissa: 10, exponent: -3 },
      highest: { mantissa: 1000, exponent: -3 },
      step: { mantissa: 10, exponent: -3 },
    },
    defaultInterval: { mantissa: 100, exponent: -3 },
  },
  // Vehicle.Powertrain.TractionBattery.CurrentPower; positive into the battery
  power_traction: {
    name: "power_traction",
    typeCode: 7,
    unitExponent: -3,
    signal: "vehicle.traction.power",
    rangeMin: -300_000,
    rangeMax: 300_000,
    step: { mantissa: 10, exponent: 0 },
    samplePeriodUs: 100_000,
    errors: { gainMax: 0.01 },
    hasExtendedAttributes: true,
  },
  // Vehicle.Chassis.Axle.Row1.Wheel.Left.AngularSpeed and its three fellows
  wheel_fl: { ...WHEEL, name: "wheel_fl", signal: "vehicle.wheelFl.speed" },
  wheel_fr: { ...WHEEL, name: "wheel_fr", signal: "vehicle.wheelFr.speed" },
  wheel_rl: { ...WHEEL, name: "wheel_rl", signal: "vehicle.wheelRl.speed" },
  wheel_rr: { ...WHEEL, name: "wheel_rr", signal: "vehicle.wheelRr.speed" },
  // Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure and its three fellows; gauge pressure
  tire_fl: { ...TIRE, name: "tire_fl", signal: "vehicle.tireFl.pressure" },
  tire_fr: { ...TIRE, name: "tire_fr", signal: "vehicle.tireFr.pressure" },
  tire_rl: { ...TIRE, name: "tire_rl", signal: "vehicle.tireRl.pressure" },
  tire_rr: { ...TIRE, name: "tire_rr", signal: "vehicle.tireRr.pressure" },
  // The VSS path itself as name, to show what agents make of one that is longer than 15 characters.
  soc_traction: {
    name: "Vehicle.Powertrain.TractionBattery.StateOfCharge.Current",
    typeCode: 65,
    unitExponent: -2,
    signal: "vehicle.traction.charge",
    rangeMin: 0,
    rangeMax: 100,
    step: { mantissa: 1, exponent: -2 },
    samplePeriodUs: 1_000_000,
    errors: { noiseSigma: 0 }, // counted, not measured
    tripPointCount: 3, // 20, 10, 5 % falling
  },
} as const satisfies Record<string, SensorTemplate>;
