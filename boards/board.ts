// What a board file consists of: identity, agents, the physics behind the sensors, and the sensors with their wire ids.
// Types and defaults only; the validator of users' files is boards/validator.ts, and what the numbers do is scp/model.
// Parts refer to each other by name; keys carry their unit.
import type { HardwareKind } from "../scp/core/schema.ts";
import { type AgentDescription, type AgentInput, completeAgent } from "./agent.ts";
import type { ArbitrationInput } from "./arbitration.ts";
import type { PowerPlan, ThermalPlan } from "./chip.ts";
import { completeGpioLine, type GpioLineDescription, type GpioLineInput } from "./gpio_line.ts";
import {
  type ClockDescription,
  type ClockInput,
  type ClockSourceDescription,
  type ClockSourceInput,
  completeClock,
  completeClockSource,
} from "./clock.ts";
import {
  completePerformanceDomain,
  type PerformanceDomainDescription,
  type PerformanceDomainInput,
} from "./performance_domain.ts";
import {
  completePin,
  completePinFunction,
  completePinGroup,
  type PinDescription,
  type PinFunctionDescription,
  type PinFunctionInput,
  type PinGroupDescription,
  type PinGroupInput,
  type PinInput,
} from "./pin.ts";
import {
  completePowercapDomain,
  type PowercapDomainDescription,
  type PowercapDomainInput,
} from "./powercap_domain.ts";
import { completePowerDomain, type PowerDomainDescription, type PowerDomainInput } from "./power_domain.ts";
import { completeResetDomain, type ResetDomainDescription, type ResetDomainInput } from "./reset_domain.ts";
import type { SensorDescription, SensorInput } from "./sensor_description.ts";
import { completeSensor } from "./sensor_description.ts";
import { completeSystemPower, type SystemPowerDescription, type SystemPowerInput } from "./system_power.ts";
import type { ThermalGovernorPlan } from "./thermal_governor.ts";
import type { Vehicle } from "./vehicle.ts";
import type { ForeignAnswer, ViewInput } from "./view.ts";
import {
  completeVoltageDomain,
  type VoltageDomainDescription,
  type VoltageDomainInput,
} from "./voltage_domain.ts";

/**
 * How imperfect the sensors are: `clean` only quantises and saturates, `lab` adds half a step of noise, `road` takes lag,
 * gain, offset and noise of each sensor.
 */
export type ErrorProfile = "clean" | "lab" | "road";

/** The error profiles, mildest first. */
export const ERROR_PROFILES = ["clean", "lab", "road"] as const satisfies readonly ErrorProfile[];

/** A group of resources that permissions name as one; its device id is its place in the list. */
export interface DeviceDescription {
  /** 1 to 40 letters, digits, `-` and `_`. */
  readonly name: string;
  /** Names of its resources, by kind. */
  readonly resources: Readonly<Partial<Record<HardwareKind, readonly string[]>>>;
}

/** Who the platform says it is. Up to 15 ASCII characters each; the version is any 32-bit number. */
export interface Identity {
  readonly vendor: string;
  readonly subVendor: string;
  readonly implementationVersion: number;
}

/** A board as it is written: what has a sensible default may be left out. */
export interface BoardInput {
  /** What `--board` takes: lower case letters, digits, `-` and `_`. */
  readonly name: string;
  /** One line for lists of boards. */
  readonly title: string;
  readonly identity: Identity;
  readonly agents: readonly AgentInput[];
  /** Views by name, for those of agents to begin with; none unless given. */
  readonly views?: Readonly<Record<string, ViewInput>>;
  /** What ids beyond an agent's view are answered; as ids that do not exist unless given. */
  readonly foreignIds?: ForeignAnswer;
  /** What becomes of requests of several agents for one resource; nothing special unless given. */
  readonly arbitration?: ArbitrationInput;
  /** What BASE_SET_DEVICE_PERMISSIONS can name; nothing unless given. */
  readonly devices?: readonly DeviceDescription[];
  /** Temperature of the surroundings, degree Celsius; 25 unless given. */
  readonly ambientC?: number;
  /** `lab` unless given. */
  readonly profile?: ErrorProfile;
  /** Bodies that have a temperature, and the paths of heat; none unless given. */
  readonly thermal?: ThermalPlan;
  /** Blocks that draw power, and what they do over time; none unless given. */
  readonly power?: PowerPlan;
  /** The vehicle the board drives in; null unless given. */
  readonly vehicle?: Vehicle | null;
  /** In order of their wire ids, those that agents are not shown last; none unless given. */
  readonly powerDomains?: readonly PowerDomainInput[];
  /** The power of the system as a whole; null unless given: agents have no say in it. */
  readonly systemPower?: SystemPowerInput | null;
  /** In order of their wire ids; none unless given. */
  readonly performanceDomains?: readonly PerformanceDomainInput[];
  readonly voltageDomains?: readonly VoltageDomainInput[];
  /** In order of their wire ids; none unless given. */
  readonly powercapDomains?: readonly PowercapDomainInput[];
  /** What feeds clocks and has no id; none unless given. */
  readonly clockSources?: readonly ClockSourceInput[];
  /** In order of their wire ids; none unless given. */
  readonly clocks?: readonly ClockInput[];
  readonly resetDomains?: readonly ResetDomainInput[];
  /** Each in order of its wire ids; none unless given. */
  readonly pins?: readonly PinInput[];
  readonly pinGroups?: readonly PinGroupInput[];
  readonly pinFunctions?: readonly PinFunctionInput[];
  /** What the firmware does against heat; nothing unless given. */
  readonly thermalGovernors?: readonly ThermalGovernorPlan[];
  /** Pins of a GPIO device that guests can have, in the order in which they lie there; none unless given. */
  readonly gpioLines?: readonly GpioLineInput[];
  /** In order of their wire ids, which are written out: 0, 1, 2... */
  readonly sensors: readonly SensorInput[];
}

/** A complete board: every field there. */
export interface Board {
  readonly name: string;
  readonly title: string;
  readonly identity: Identity;
  readonly agents: readonly AgentDescription[];
  readonly views: Readonly<Record<string, ViewInput>>;
  readonly foreignIds: ForeignAnswer;
  readonly arbitration: ArbitrationInput;
  readonly devices: readonly DeviceDescription[];
  readonly ambientC: number;
  readonly profile: ErrorProfile;
  readonly thermal: ThermalPlan;
  readonly power: PowerPlan;
  readonly vehicle: Vehicle | null;
  readonly powerDomains: readonly PowerDomainDescription[];
  readonly systemPower: SystemPowerDescription | null;
  readonly performanceDomains: readonly PerformanceDomainDescription[];
  readonly voltageDomains: readonly VoltageDomainDescription[];
  readonly powercapDomains: readonly PowercapDomainDescription[];
  readonly clockSources: readonly ClockSourceDescription[];
  readonly clocks: readonly ClockDescription[];
  readonly resetDomains: readonly ResetDomainDescription[];
  readonly pins: readonly PinDescription[];
  readonly pinGroups: readonly PinGroupDescription[];
  readonly pinFunctions: readonly PinFunctionDescription[];
  readonly thermalGovernors: readonly ThermalGovernorPlan[];
  readonly gpioLines: readonly GpioLineDescription[];
  readonly sensors: readonly SensorDescription[];
}

/**
 * Completes a board with the defaults. Checks nothing: the compiler has judged the shape, and the tests run the validator
 * over every built-in board.
 */
export function defineBoard(input: BoardInput): Board {
  return {
    name: input.name,
    title: input.title,
    identity: input.identity,
    agents: input.agents.map(completeAgent),
    views: input.views ?? {},
    foreignIds: input.foreignIds ?? "NOT_FOUND",
    arbitration: input.arbitration ?? {},
    devices: input.devices ?? [],
    ambientC: input.ambientC ?? 25,
    profile: input.profile ?? "lab",
    thermal: input.thermal ?? { nodes: [], links: [] },
    power: input.power ?? { blocks: [], rails: [], phases: [] },
    vehicle: input.vehicle ?? null,
    powerDomains: (input.powerDomains ?? []).map(completePowerDomain),
    systemPower: input.systemPower === undefined || input.systemPower === null
      ? null
      : completeSystemPower(input.systemPower),
    performanceDomains: (input.performanceDomains ?? []).map(completePerformanceDomain),
    voltageDomains: (input.voltageDomains ?? []).map(completeVoltageDomain),
    powercapDomains: (input.powercapDomains ?? []).map(completePowercapDomain),
    clockSources: (input.clockSources ?? []).map(completeClockSource),
    clocks: (input.clocks ?? []).map(completeClock),
    resetDomains: (input.resetDomains ?? []).map(completeResetDomain),
    pins: (input.pins ?? []).map(completePin),
    pinGroups: (input.pinGroups ?? []).map(completePinGroup),
    pinFunctions: (input.pinFunctions ?? []).map(completePinFunction),
    thermalGovernors: input.thermalGovernors ?? [],
    gpioLines: (input.gpioLines ?? []).map(completeGpioLine),
    sensors: input.sensors.map(completeSensor),
  };
}
