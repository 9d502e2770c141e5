// The slow and the electrical side of a vehicle: traction battery (charge, heat, voltage under load), 12 V battery on its
// converter, tires, and the air outside. What moves fast is in kinematics.ts. Start, crash and charging are left out.
import type { LowVoltageBattery, TractionBattery, Vehicle } from "../../boards/vehicle.ts";
import { GRAVITY_M_PER_S2, Kinematics } from "./kinematics.ts";
import { scalarSignal, type SignalTable, slotSignal, type StateLayout, UNIT } from "./signal.ts";
import { type Part, TICK_US } from "./world.ts";

const AIR_KG_PER_M3 = 1.2;
/** Rotating masses count as 5 % more inertia. */
const INERTIA_FACTOR = 1.05;
/** The air outside swings by 1.5 K over the hour. */
const AIR_SWING_K = 1.5;
const AIR_PERIOD_US = 3_600e6;
/** Rolling warms a tire by 0.18 K per km/h, with a time constant of 600 s. */
const TIRE_K_PER_M_PER_S = 0.18 * 3.6;
const TIRE_LAG_S = 600;
const COLD_TIRE_C = 20;
const KELVIN_AT_0_C = 273.15;
const AIR_KPA = 101.3;
/** Below this charge a fresh battery takes over at the next standstill, so that the drive never ends. */
const CHARGE_MIN = 0.1;
/** The 12 V consumers switch on and off by a quarter around their mean, over 90 s. */
const CONSUMER_PERIOD_US = 90e6;

/** No road is steeper, either way. */
const SLOPE_MAX_RAD = 0.5;

/** The names of the wheels and their side: 1 left, -1 right. */
const WHEELS = [["Fl", 1], ["Fr", -1], ["Rl", 1], ["Rr", -1]] as const;

/** The vehicle's batteries and tires; one step per 50 ms. */
export class VehiclePart implements Part {
  readonly ticksPerStep = 10;
  readonly #vehicle: Vehicle;
  readonly #kinematics: Kinematics;
  readonly #boardAmbientC: number;
  readonly #ambientSlot: number;
  readonly #gradeSlot: number;
  readonly #bankSlot: number;
  readonly #chargeSlot: number;
  readonly #cellSlot: number;
  readonly #lowChargeSlot: number;
  readonly #tireSlots: readonly number[];

  /** Takes its slots and adds its signals; `ambientSlot` is the input for the temperature of the surroundings. */
  constructor(
    vehicle: Vehicle,
    boardAmbientC: number,
    layout: StateLayout,
    signals: SignalTable,
    ambientSlot: number,
  ) {
    this.#vehicle = vehicle;
    this.#kinematics = new Kinematics(vehicle);
    this.#boardAmbientC = boardAmbientC;
    this.#ambientSlot = ambientSlot;
    this.#gradeSlot = layout.takeInput("road.gradeRad", -SLOPE_MAX_RAD, SLOPE_MAX_RAD);
    this.#bankSlot = layout.takeInput("road.bankRad", -SLOPE_MAX_RAD, SLOPE_MAX_RAD);
    this.#chargeSlot = layout.take(vehicle.traction.initialCharge);
    this.#cellSlot = layout.take(boardAmbientC);
    this.#lowChargeSlot = layout.take(vehicle.lowVoltage.initialCharge);
    this.#tireSlots = WHEELS.map(() => layout.take(boardAmbientC));
    this.#addMotionSignals(signals);
    this.#addElectricalSignals(signals);
    this.#addTireSignals(signals);
  }

  /** Nothing to prepare: all slots start with their values. */
  start(): void {}

  /** Lets charge, cell temperature and tire temperatures move on by one step. */
  step(state: Float64Array, startUs: number): void {
    const stepS = this.ticksPerStep * TICK_US / 1e6;
    const { traction, lowVoltage } = this.#vehicle;
    const airC = this.#airC(state, startUs);
    const speed = this.#kinematics.speedAt(startUs);

    const ampere = this.#dischargeAmpere(state, startUs);
    const heatW = ampere * ampere * cellResistanceOhm(traction, state[this.#cellSlot]!) -
      (state[this.#cellSlot]! - airC) / traction.thermalResistanceKPerW;
    state[this.#cellSlot] = state[this.#cellSlot]! + heatW / traction.heatCapacityJPerK * stepS;
    const charge = state[this.#chargeSlot]! - ampere * stepS / 3600 / traction.capacityAh;
    const isReplaced = charge < CHARGE_MIN && speed === 0;
    state[this.#chargeSlot] = isReplaced ? traction.initialCharge : Math.min(1, Math.max(0, charge));

    const lowAmpere = this.#lowAmpere(state, startUs);
    const lowCharge = state[this.#lowChargeSlot]! + lowAmpere * stepS / 3600 / lowVoltage.capacityAh;
    state[this.#lowChargeSlot] = Math.min(1, Math.max(0, lowCharge));

    const tireTargetC = airC + TIRE_K_PER_M_PER_S * speed;
    for (const slot of this.#tireSlots) {
      state[slot] = state[slot]! + (tireTargetC - state[slot]!) * stepS / TIRE_LAG_S;
    }
  }

  #addMotionSignals(signals: SignalTable): void {
    const motion = this.#kinematics;
    signals.set(
      "vehicle.speed",
      scalarSignal(UNIT.metrePerSecond, (_state, timeUs) => motion.speedAt(timeUs)),
    );
    signals.set("vehicle.acceleration", {
      width: 3,
      typeCode: UNIT.metrePerSecondSquared,
      read: (state, timeUs, out) => {
        motion.readSpecificForce(timeUs, this.#gradeRad(state), orZero(state[this.#bankSlot]!), out);
      },
    });
    signals.set("vehicle.angularRate", {
      width: 3,
      typeCode: UNIT.radianPerSecond,
      read: (_state, timeUs, out) => motion.readAngularRate(timeUs, out),
    });
    for (const [wheel, side] of WHEELS) {
      signals.set(
        `vehicle.wheel${wheel}.speed`,
        scalarSignal(UNIT.radianPerSecond, (_state, timeUs) => motion.wheelSpeedAt(timeUs, side)),
      );
    }
  }

  #addElectricalSignals(signals: SignalTable): void {
    const discharge = (state: Float64Array, timeUs: number) => this.#dischargeAmpere(state, timeUs);
    const volts = (state: Float64Array, timeUs: number) => this.#packVolts(state, discharge(state, timeUs));
    signals.set("vehicle.traction.voltage", scalarSignal(UNIT.volt, volts));
    // Current and power count as positive into the battery, as the vehicle's signals do.
    signals.set(
      "vehicle.traction.current",
      scalarSignal(UNIT.ampere, (state, timeUs) => -discharge(state, timeUs)),
    );
    signals.set(
      "vehicle.traction.power",
      scalarSignal(UNIT.watt, (state, timeUs) => {
        const ampere = discharge(state, timeUs);
        return -ampere * this.#packVolts(state, ampere);
      }),
    );
    signals.set("vehicle.traction.temperature", slotSignal(this.#cellSlot, UNIT.celsius));
    signals.set("vehicle.traction.charge", slotSignal(this.#chargeSlot, UNIT.percent, 100));
    signals.set(
      "vehicle.lowVoltage.voltage",
      scalarSignal(UNIT.volt, (state, timeUs) => this.#lowVolts(state, timeUs)),
    );
    signals.set(
      "vehicle.lowVoltage.current",
      scalarSignal(UNIT.ampere, (state, timeUs) => this.#lowAmpere(state, timeUs)),
    );
    signals.set(
      "vehicle.exterior.temperature",
      scalarSignal(UNIT.celsius, (state, timeUs) => this.#airC(state, timeUs)),
    );
  }

  #addTireSignals(signals: SignalTable): void {
    WHEELS.forEach(([wheel], index) => {
      const slot = this.#tireSlots[index]!;
      const coldKpa = this.#vehicle.tires[index]!.coldKpa;
      signals.set(`vehicle.tire${wheel}.temperature`, slotSignal(slot, UNIT.celsius));
      signals.set(
        `vehicle.tire${wheel}.pressure`,
        scalarSignal(UNIT.kilopascal, (state) => tireKpa(coldKpa, state[slot]!)),
      );
    });
  }

  #airC(state: Float64Array, timeUs: number): number {
    const setC = state[this.#ambientSlot]!;
    const meanC = Number.isNaN(setC) ? this.#boardAmbientC : setC;
    return meanC + AIR_SWING_K * Math.sin(2 * Math.PI * timeUs / AIR_PERIOD_US);
  }

  #gradeRad(state: Float64Array): number {
    return orZero(state[this.#gradeSlot]!);
  }

  /** Current out of the traction battery, A: what the power at its terminals takes. */
  #dischargeAmpere(state: Float64Array, timeUs: number): number {
    const speed = this.#kinematics.speedAt(timeUs);
    const acceleration = this.#kinematics.accelerationAt(timeUs);
    const powerW = batteryPowerW(this.#vehicle, speed, acceleration, this.#gradeRad(state));
    const openVolts = openPackVolts(this.#vehicle.traction, state[this.#chargeSlot]!);
    const ohm = cellResistanceOhm(this.#vehicle.traction, state[this.#cellSlot]!);
    // P = (V_open - I R) I: the smaller root. Beyond the battery's greatest power it gives that.
    const root = Math.sqrt(Math.max(0, openVolts * openVolts - 4 * ohm * powerW));
    return 2 * powerW / (openVolts + root);
  }

  #packVolts(state: Float64Array, dischargeAmpere: number): number {
    const { traction } = this.#vehicle;
    const ohm = cellResistanceOhm(traction, state[this.#cellSlot]!);
    return openPackVolts(traction, state[this.#chargeSlot]!) - dischargeAmpere * ohm;
  }

  /** Volts at the 12 V battery: the converter's, less what the wiring takes. */
  #lowVolts(state: Float64Array, timeUs: number): number {
    const { lowVoltage, auxiliariesW } = this.#vehicle;
    const airC = this.#airC(state, timeUs);
    const converterVolts = lowVoltage.converterVolts + lowVoltage.converterVoltsPerK * (airC - 25);
    const swing = 1 + 0.25 * Math.sin(2 * Math.PI * timeUs / CONSUMER_PERIOD_US);
    return converterVolts - lowVoltage.wiringOhm * auxiliariesW / converterVolts * swing;
  }

  /** Current into the 12 V battery, A: the fuller, the less it takes. */
  #lowAmpere(state: Float64Array, timeUs: number): number {
    const { lowVoltage } = this.#vehicle;
    const charge = state[this.#lowChargeSlot]!;
    const excessVolts = this.#lowVolts(state, timeUs) - openLowVolts(lowVoltage, charge);
    return excessVolts * (1.02 - charge) / lowVoltage.acceptanceOhm;
  }
}

/** Power out of the traction battery, W: drag, rolling, slope and inertia through the drive, and the auxiliaries. */
export function batteryPowerW(
  vehicle: Vehicle,
  speedMPerS: number,
  accelerationMPerS2: number,
  gradeRad: number,
): number {
  const weightN = vehicle.massKg * GRAVITY_M_PER_S2;
  const forceN = (speedMPerS > 0 ? weightN * vehicle.rollingCoefficient * Math.cos(gradeRad) : 0) +
    AIR_KG_PER_M3 / 2 * vehicle.dragCoefficient * vehicle.frontalAreaM2 * speedMPerS * speedMPerS +
    vehicle.massKg * accelerationMPerS2 * INERTIA_FACTOR + weightN * Math.sin(gradeRad);
  const wheelW = forceN * speedMPerS;
  const driveW = wheelW >= 0
    ? wheelW / vehicle.driveEfficiency
    : Math.max(wheelW * vehicle.regenerationEfficiency, -vehicle.regenerationMaxW);
  return driveW + vehicle.auxiliariesW;
}

/** Gauge pressure of a tire, kPa: absolute pressure in proportion to absolute temperature. */
export function tireKpa(coldKpa: number, temperatureC: number): number {
  const ratio = (temperatureC + KELVIN_AT_0_C) / (COLD_TIRE_C + KELVIN_AT_0_C);
  return (coldKpa + AIR_KPA) * ratio - AIR_KPA;
}

/** Internal resistance of the traction battery, Ohm: doubles per 25 K below 25 degree Celsius. */
function cellResistanceOhm(battery: TractionBattery, temperatureC: number): number {
  return battery.resistanceOhm * 2 ** ((25 - temperatureC) / 25);
}

/** Open-circuit voltage of the traction battery, from the cell's curve. */
function openPackVolts(battery: TractionBattery, charge: number): number {
  const points = battery.cellVolts;
  let place = 1;
  while (place < points.length - 1 && points[place]![0] < charge) place++;
  const [fromCharge, fromVolts] = points[place - 1]!;
  const [toCharge, toVolts] = points[place]!;
  return battery.cellCount *
    (fromVolts + (toVolts - fromVolts) * (charge - fromCharge) / (toCharge - fromCharge));
}

/** Open-circuit voltage of the 12 V battery. */
function openLowVolts(battery: LowVoltageBattery, charge: number): number {
  return battery.emptyVolts + battery.chargeVolts * charge;
}

/** Returns an input, or 0 while nobody has set it. */
function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
