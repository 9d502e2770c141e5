// What can be asked of the running core about the hardware that agents set: shapes of clocks, domains and
// pins, what agents are told (`wire`) beside what the model does (`truth`). Plain data. JSON schemas of the
// same: views_hardware.ts.

/** One resource: what agents are told, and what is so. */
interface HardwareItem<W, T> {
  /** The wire id; null = agents are not shown it. */
  readonly id: number | null;
  readonly name: string;
  readonly wire: W;
  readonly truth: T;
}

/** A config type of a pin, by the code that goes on the wire. */
interface PinConfigView {
  readonly typeCode: number;
  readonly value: number;
}

/** One of the limits of a power capping domain; only version 3.0 of the protocol, a draft, shows others than the first. */
interface PowerLimitView {
  readonly name: string;
  readonly cap: number | null;
  readonly averagingUs: number;
}

/** The shapes by kind. */
export interface HardwareViews {
  readonly clocks: HardwareItem<
    { readonly isEnabled: boolean; readonly rateHz: number; readonly parent: string | null },
    /** What comes out: 0 while it does not run. */
    { readonly isRunning: boolean; readonly outputHz: number }
  >;
  readonly powerDomains: HardwareItem<
    { readonly state: string },
    /** `goal`: the state it is on its way to; `above`: the domain that it needs. */
    { readonly isOn: boolean; readonly goal: string | null; readonly above: string | null }
  >;
  readonly systemPower: HardwareItem<
    { readonly condition: string },
    { readonly runningCoreCount: number }
  >;
  readonly performanceDomains: HardwareItem<
    /** Values of levels, also where agents use indices. */
    { readonly level: number; readonly limitMin: number; readonly limitMax: number },
    /** The level that the block runs at, and the limits that agents have set, which ceilings of the platform may lower. */
    {
      readonly runningLevel: number;
      readonly frequencyKhz: number;
      readonly agentLimitMin: number;
      readonly agentLimitMax: number;
    }
  >;
  readonly resets: HardwareItem<
    { readonly latencyUs: number | null; readonly supportsAsync: boolean },
    { readonly isInReset: boolean }
  >;
  readonly voltages: HardwareItem<
    { readonly levelUv: number; readonly mode: string },
    /** What it supplies: 0 while it is off. */
    { readonly volts: number; readonly isOnItsWay: boolean; readonly neededUv: number | null }
  >;
  readonly powerCaps: HardwareItem<
    /**
     * In `unit`; a cap of null = power is not capped, a power of null = agents may not measure it. `cap` is that of the first
     * limit, `averagingUs` the interval of measurements.
     */
    {
      readonly unit: string;
      readonly cap: number | null;
      readonly averagingUs: number;
      readonly power: number | null;
      readonly limits: readonly PowerLimitView[];
    },
    /** The average power, in `unit`, whether agents may measure it or not. */
    { readonly power: number; readonly partOf: string | null }
  >;
  readonly pins: HardwareItem<
    { readonly function: string | null; readonly configs: readonly PinConfigView[] },
    /** The agent that has it for itself, 0 = nobody; the level at the pin. */
    { readonly ownerId: number; readonly level: 0 | 1 }
  >;
  /** The id is the number of the line on an agent's GPIO device. */
  readonly gpioLines: HardwareItem<
    { readonly level: 0 | 1; readonly isOutput: boolean },
    /** What moves it, the level that gives it, and how often that has risen since the start. */
    {
      readonly follows: "switch" | "wheelPulse" | "guest";
      readonly level: 0 | 1;
      readonly riseCount: number;
      readonly isOverridden: boolean;
    }
  >;
  readonly pinGroups: HardwareItem<
    /** The configuration that all of its pins have alike; a function of null = none as a whole. */
    {
      readonly function: string | null;
      readonly configs: readonly PinConfigView[];
      readonly pins: readonly string[];
    },
    /** The agent that has it as a whole, 0 = nobody; agents that have pins of it, in whatever way. */
    { readonly ownerId: number; readonly pinOwnerIds: readonly number[] }
  >;
  readonly pinFunctions: HardwareItem<
    /** What it can be given to: groups, or pins. */
    { readonly isGpio: boolean; readonly groups: readonly string[]; readonly pins: readonly string[] },
    /** Names of those that have it now. */
    { readonly usedBy: readonly string[] }
  >;
}

/** The kinds. */
export type HardwareViewKind = keyof HardwareViews;

/** Any of the shapes. */
export type HardwareView = HardwareViews[HardwareViewKind];

/** The kinds, in the order of their protocols, with their places under `/api/hardware/`. */
export const HARDWARE_PATHS: Readonly<Record<HardwareViewKind, string>> = {
  powerDomains: "power-domains",
  systemPower: "system-power",
  performanceDomains: "performance-domains",
  clocks: "clocks",
  resets: "resets",
  voltages: "voltages",
  powerCaps: "power-caps",
  pins: "pins",
  gpioLines: "gpio-lines",
  pinGroups: "pin-groups",
  pinFunctions: "pin-functions",
};

/** Resources told by one call: the core must not be kept from its agents. */
export const HARDWARE_PAGE = 16;
