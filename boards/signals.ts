// Which signals the physics of a board offers to its sensors: their names, components and units. What computes them is
// scp/model; a test keeps both lists equal.

/** What is known of a signal without the model. */
export interface SignalShape {
  /** 1 = scalar, 3 = along the axes X, Y, Z. */
  readonly width: 1 | 3;
  /** SCMI sensor type (unit code) of its values. */
  readonly typeCode: number;
}

/** The names that signals are made from; parts without a name are left out. */
export interface SignalSources {
  readonly nodeNames: readonly string[];
  readonly railNames: readonly string[];
  readonly blockNames: readonly string[];
  readonly hasVehicle: boolean;
}

const CELSIUS: SignalShape = { width: 1, typeCode: 2 };
const VOLT: SignalShape = { width: 1, typeCode: 5 };
const AMPERE: SignalShape = { width: 1, typeCode: 6 };
const WATT: SignalShape = { width: 1, typeCode: 7 };
const JOULE: SignalShape = { width: 1, typeCode: 8 };
const KILOPASCAL: SignalShape = { width: 1, typeCode: 15 };
const PERCENT: SignalShape = { width: 1, typeCode: 65 };
const RADIAN_PER_SECOND: SignalShape = { width: 1, typeCode: 87 };
const METRE_PER_SECOND: SignalShape = { width: 1, typeCode: 90 };

/** Current and power of batteries count as positive into the battery. */
const VEHICLE_SIGNALS: readonly (readonly [string, SignalShape])[] = [
  ["vehicle.speed", METRE_PER_SECOND],
  ["vehicle.acceleration", { width: 3, typeCode: 89 }],
  ["vehicle.angularRate", { width: 3, typeCode: 87 }],
  ["vehicle.exterior.temperature", CELSIUS],
  ["vehicle.traction.voltage", VOLT],
  ["vehicle.traction.current", AMPERE],
  ["vehicle.traction.power", WATT],
  ["vehicle.traction.temperature", CELSIUS],
  ["vehicle.traction.charge", PERCENT],
  ["vehicle.lowVoltage.voltage", VOLT],
  ["vehicle.lowVoltage.current", AMPERE],
  ...["Fl", "Fr", "Rl", "Rr"].flatMap((wheel) => [
    [`vehicle.wheel${wheel}.speed`, RADIAN_PER_SECOND] as const,
    [`vehicle.tire${wheel}.temperature`, CELSIUS] as const,
    [`vehicle.tire${wheel}.pressure`, KILOPASCAL] as const,
  ]),
];

/** Returns the signals of a board by name. */
export function signalsOf(sources: SignalSources): Map<string, SignalShape> {
  const signals = new Map<string, SignalShape>([
    ["ambient.temperature", CELSIUS],
    ["chip.power", WATT],
    ["chip.energy", JOULE],
  ]);
  for (const name of sources.nodeNames) signals.set(`temperature.${name}`, CELSIUS);
  for (const name of sources.railNames) {
    signals.set(`rail.${name}.voltage`, VOLT);
    signals.set(`rail.${name}.current`, AMPERE);
    signals.set(`rail.${name}.power`, WATT);
  }
  for (const name of sources.blockNames) signals.set(`block.${name}.power`, WATT);
  if (sources.hasVehicle) { for (const [name, shape] of VEHICLE_SIGNALS) signals.set(name, shape); }
  return signals;
}
