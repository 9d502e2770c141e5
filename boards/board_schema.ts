// The shape of a board file as zod schemas: kinds, ranges, no unknown keys. What one part says about another (references,
// dense ids, stability) is boards/board_references.ts. Loaded only for users' files, as zod costs start-up time.
import * as z from "zod";
import { AGENT_COUNT_MAX, SENSOR_COUNT_MAX } from "../scp/core/limits.ts";
import { HARDWARE_KINDS } from "../scp/core/schema.ts";
import { arbitrationSchema } from "./arbitration_schema.ts";
import { agentSchema } from "./agent_schema.ts";
import { type BoardInput, type DeviceDescription, ERROR_PROFILES } from "./board.ts";
import type { LoadPhase, PowerBlock, Rail, ThermalLinkPlan, ThermalNodePlan } from "./chip.ts";
import { clockSchema, clockSourceSchema } from "./clock_schema.ts";
import { gpioLineSchema } from "./gpio_line_schema.ts";
import { performanceDomainSchema, thermalGovernorSchema } from "./performance_domain_schema.ts";
import { pinFunctionSchema, pinGroupSchema, pinSchema } from "./pin_schema.ts";
import { powercapDomainSchema } from "./powercap_domain_schema.ts";
import { powerDomainSchema, systemPowerSchema } from "./power_domain_schema.ts";
import { resetDomainSchema } from "./reset_domain_schema.ts";
import type { SensorInput } from "./sensor_description.ts";
import {
  ascii,
  between,
  list,
  MHZ_MAX,
  notNegative,
  oneOf,
  optional,
  orNull,
  partName,
  positive,
  record,
  seconds,
  truth,
  whole,
} from "./shapes.ts";
import type { Vehicle } from "./vehicle.ts";
import { foreignAnswerSchema, viewsSchema } from "./view_schema.ts";
import { regulatorSchema, voltageDomainSchema } from "./voltage_domain_schema.ts";

/** A group of resources. */
export const deviceSchema: z.ZodType<DeviceDescription> = record({
  name: partName(),
  resources: record(
    Object.fromEntries(HARDWARE_KINDS.map((kind) => [kind, optional(list(ascii(63), 1))])),
  ),
});

const step = record({ mantissa: whole(0, 0x7ffffff), exponent: whole(-16, 15) });
const interval = record({ mantissa: whole(1, 65_535), exponent: whole(-16, 15) });
const intervals = z.discriminatedUnion("kind", [
  record({ kind: z.literal("none") }),
  record({ kind: z.literal("list"), list: list(interval, 1, 1024) }),
  record({ kind: z.literal("segment"), lowest: interval, highest: interval, step: interval }),
], "Expected an object with kind none, list or segment");

/** A sensor as it is written. */
export const sensorSchema: z.ZodType<SensorInput> = record({
  id: whole(0, 65_534),
  name: ascii(63),
  typeCode: whole(0, 255),
  unitExponent: whole(-16, 15),
  signal: optional(orNull(ascii(100))),
  suppliedBy: optional(orNull(ascii(15))),
  staleAfterMs: optional(orNull(whole(1, 3_600_000))),
  powerDomain: optional(orNull(ascii(63))),
  axes: optional(orNull(list(ascii(63), 1, 63))),
  rangeMin: z.number("Expected a number"),
  rangeMax: z.number("Expected a number"),
  step,
  samplePeriodUs: whole(1, 3_600_000_000),
  errors: optional(record({
    lagS: optional(notNegative()),
    offsetMax: optional(notNegative()),
    gainMax: optional(between(0, 1)),
    noiseSigma: optional(orNull(notNegative())),
  })),
  powerUw: optional(whole(0, 0xffff_ffff)),
  hasExtendedAttributes: optional(truth()),
  tripPointCount: optional(whole(0, 255)),
  asyncLatencyUs: optional(orNull(whole(0, 3_600_000_000))),
  supportsContinuousUpdate: optional(truth()),
  timestampExponent: optional(orNull(whole(-16, 15))),
  intervals: optional(intervals),
  defaultInterval: optional(orNull(interval)),
  startsEnabled: optional(truth()),
});

/** A thermal node. */
export const nodeSchema: z.ZodType<ThermalNodePlan> = record({
  name: partName(),
  heatCapacityJPerK: positive(),
});

/** A thermal link. */
export const linkSchema: z.ZodType<ThermalLinkPlan> = record({
  from: partName(),
  to: partName(),
  resistanceKPerW: positive(),
});

/** A power block. */
export const blockSchema: z.ZodType<PowerBlock> = record({
  name: partName(),
  node: partName(),
  rail: orNull(partName()),
  powerDomain: optional(orNull(ascii(63))),
  fixedW: notNegative(),
  loadW: notNegative(),
  dynamicUwPerMhzV2: notNegative(),
  idleActivity: between(0, 1),
  leakageA: notNegative(),
  leakageVolts: positive(),
  operatingPoints: list(record({ mhz: notNegative(MHZ_MAX), volts: between(0.001, 100) }), 1, 256),
});

/** A rail. */
export const railSchema: z.ZodType<Rail> = record({
  name: partName(),
  loadLineOhm: notNegative(),
  regulator: optional(orNull(regulatorSchema)),
});

/** A load phase. */
export const phaseSchema: z.ZodType<LoadPhase> = record({
  name: partName(),
  durationS: seconds(0.001, 1e6),
  loads: z.record(
    partName(),
    record({ mhz: notNegative(MHZ_MAX), utilisation: between(0, 1) }),
    "Expected an object of block names",
  ),
});

const pair = <T extends z.ZodType>(first: T, second: T) =>
  z.tuple([first, second], "Expected a pair of numbers");
const tire = record({ coldKpa: positive() });
const angle = () => between(-2 * Math.PI, 2 * Math.PI);

/** The vehicle. */
export const vehicleSchema: z.ZodType<Vehicle> = record({
  massKg: positive(),
  rollingCoefficient: notNegative(),
  dragCoefficient: notNegative(),
  frontalAreaM2: notNegative(),
  driveEfficiency: between(0.01, 1),
  regenerationEfficiency: between(0, 1),
  regenerationMaxW: notNegative(),
  auxiliariesW: notNegative(),
  wheelRadiusM: positive(),
  trackM: positive(),
  tires: z.tuple(
    [tire, tire, tire, tire],
    "Expected a list of 4: front left, front right, rear left, rear right",
  ),
  mounting: record({ rollRad: angle(), pitchRad: angle(), yawRad: angle() }),
  turning: record({
    curvatureMaxPerM: between(0, 1),
    speedScaleMPerS: positive(),
    periodsS: pair(positive(), positive()),
  }),
  driveCycle: list(pair(notNegative(), between(0, 1000)), 2, 100_000),
  traction: record({
    cellCount: whole(1, 10_000),
    cellVolts: list(pair(between(0, 1), positive()), 2, 1000),
    resistanceOhm: positive(),
    capacityAh: positive(),
    initialCharge: between(0, 1),
    heatCapacityJPerK: positive(),
    thermalResistanceKPerW: positive(),
  }),
  lowVoltage: record({
    emptyVolts: positive(),
    chargeVolts: notNegative(),
    capacityAh: positive(),
    initialCharge: between(0, 1),
    acceptanceOhm: positive(),
    converterVolts: positive(),
    converterVoltsPerK: between(-1, 1),
    wiringOhm: notNegative(),
  }),
});

/** The name of a board. */
export const boardName = () => {
  const error = "Expected a name of 1 to 40 lower case letters, digits, - and _";
  return z.string(error).regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, error);
};

/** A whole board as it is written. */
export const boardSchema: z.ZodType<BoardInput> = record({
  name: boardName(),
  title: ascii(120),
  identity: record({
    vendor: ascii(15),
    subVendor: ascii(15),
    implementationVersion: whole(0, 0xffff_ffff),
  }),
  agents: list(agentSchema, 1, AGENT_COUNT_MAX),
  views: optional(viewsSchema),
  foreignIds: optional(foreignAnswerSchema),
  arbitration: optional(arbitrationSchema),
  devices: optional(list(deviceSchema, 0, 1024)),
  ambientC: optional(between(-60, 200)),
  profile: optional(oneOf(ERROR_PROFILES)),
  thermal: optional(record({ nodes: list(nodeSchema, 0, 1024), links: list(linkSchema, 0, 4096) })),
  power: optional(record({
    blocks: list(blockSchema, 0, 1024),
    rails: list(railSchema, 0, 1024),
    phases: list(phaseSchema, 0, 4096),
  })),
  vehicle: optional(orNull(vehicleSchema)),
  powerDomains: optional(list(powerDomainSchema)),
  systemPower: optional(orNull(systemPowerSchema)),
  performanceDomains: optional(list(performanceDomainSchema)),
  clocks: optional(list(clockSchema)),
  clockSources: optional(list(clockSourceSchema)),
  resetDomains: optional(list(resetDomainSchema)),
  pins: optional(list(pinSchema)),
  pinGroups: optional(list(pinGroupSchema)),
  pinFunctions: optional(list(pinFunctionSchema)),
  voltageDomains: optional(list(voltageDomainSchema)),
  powercapDomains: optional(list(powercapDomainSchema)),
  thermalGovernors: optional(list(thermalGovernorSchema, 0, 1024)),
  gpioLines: optional(list(gpioLineSchema, 0, 256)),
  sensors: list(sensorSchema, 0, SENSOR_COUNT_MAX),
});
