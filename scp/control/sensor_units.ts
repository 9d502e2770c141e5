// Names of the sensor types (unit codes) for people, and numbers in their units. SCMI 4.7.2.5, sensor type
// table.

/** `type` is what is measured or counted, `unit` its symbol. */
export interface SensorUnit {
  readonly type: string;
  readonly unit: string;
}

const UNITS: Readonly<Record<number, readonly [type: string, unit: string]>> = {
  0: ["none", ""],
  1: ["unspecified", ""],
  2: ["temperature", "\u00b0C"],
  3: ["temperature", "\u00b0F"],
  4: ["temperature", "K"],
  5: ["voltage", "V"],
  6: ["current", "A"],
  7: ["power", "W"],
  8: ["energy", "J"],
  9: ["charge", "C"],
  10: ["apparent power", "VA"],
  11: ["luminance", "nt"],
  12: ["luminous flux", "lm"],
  13: ["illuminance", "lx"],
  14: ["luminous intensity", "cd"],
  15: ["pressure", "kPa"],
  16: ["pressure", "psi"],
  17: ["force", "N"],
  18: ["air flow", "cfm"],
  19: ["rotation", "rpm"],
  20: ["frequency", "Hz"],
  21: ["time", "s"],
  22: ["time", "min"],
  23: ["time", "h"],
  24: ["time", "d"],
  25: ["time", "week"],
  26: ["length", "mil"],
  27: ["length", "in"],
  28: ["length", "ft"],
  29: ["volume", "in\u00b3"],
  30: ["volume", "ft\u00b3"],
  31: ["length", "m"],
  32: ["volume", "cm\u00b3"],
  33: ["volume", "m\u00b3"],
  34: ["volume", "l"],
  35: ["volume", "fl oz"],
  36: ["angle", "rad"],
  37: ["solid angle", "sr"],
  38: ["revolutions", "rev"],
  39: ["cycles", "cycles"],
  40: ["acceleration", "g"],
  41: ["mass", "oz"],
  42: ["mass", "lb"],
  43: ["torque", "ft lb"],
  44: ["torque", "oz in"],
  45: ["magnetic flux density", "G"],
  46: ["magnetomotive force", "Gb"],
  47: ["inductance", "H"],
  48: ["capacitance", "F"],
  49: ["resistance", "\u03a9"],
  50: ["conductance", "S"],
  51: ["amount", "mol"],
  52: ["radioactivity", "Bq"],
  53: ["share", "ppm"],
  54: ["level", "dB"],
  55: ["sound level", "dBA"],
  56: ["sound level", "dBC"],
  57: ["absorbed dose", "Gy"],
  58: ["equivalent dose", "Sv"],
  59: ["colour temperature", "K"],
  60: ["amount", "bits"],
  61: ["amount", "bytes"],
  62: ["amount", "words"],
  63: ["amount", "double words"],
  64: ["amount", "quad words"],
  65: ["share", "%"],
  66: ["pressure", "Pa"],
  67: ["count", ""],
  68: ["mass", "g"],
  69: ["torque", "N m"],
  70: ["count", "hits"],
  71: ["count", "misses"],
  72: ["count", "retries"],
  73: ["count", "overruns"],
  74: ["count", "underruns"],
  75: ["count", "collisions"],
  76: ["count", "packets"],
  77: ["count", "messages"],
  78: ["count", "characters"],
  79: ["count", "errors"],
  80: ["count", "corrected errors"],
  81: ["count", "uncorrectable errors"],
  82: ["area", "mil\u00b2"],
  83: ["area", "in\u00b2"],
  84: ["area", "ft\u00b2"],
  85: ["area", "cm\u00b2"],
  86: ["area", "m\u00b2"],
  87: ["angular rate", "rad/s"],
  88: ["rate", "bpm"],
  89: ["acceleration", "m/s\u00b2"],
  90: ["speed", "m/s"],
  91: ["flow", "m\u00b3/s"],
  92: ["pressure", "mmHg"],
  93: ["angular acceleration", "rad/s\u00b2"],
  255: ["vendor", ""],
};

/** Returns the names for a type code; a reserved one is named by its number. */
export function sensorUnit(typeCode: number): SensorUnit {
  const [type, unit] = UNITS[typeCode] ?? [`type ${typeCode}`, ""];
  return { type, unit };
}

/** Returns the physical value of a wire value: the double nearest to value x 10^exponent. */
export function physicalValue(value: number, exponent: number): number {
  // Dividing by an exact power gives the nearest double; multiplying by 10^-3, which is none, would not.
  return exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent;
}

/** Writes value x 10^exponent in decimal, exactly, with as many places as the exponent has. */
export function decimalText(value: number | bigint, exponent: number): string {
  const isNegative = value < 0;
  const digits = BigInt(value).toString().replace("-", "");
  const sign = isNegative ? "-" : "";
  if (exponent >= 0) return sign + digits + (digits === "0" ? "" : "0".repeat(exponent));
  const padded = digits.padStart(-exponent + 1, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
