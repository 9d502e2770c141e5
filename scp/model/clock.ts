// What the clock protocol sees of the simulated hardware: named clocks with a rate, a gate and parents. Rates are whole Hz.
// What makes them is simulated_clock.ts; wire formats are the protocol's matter.
import type { ChangeListeners } from "./change_listeners.ts";

/** The rates a clock can give with its present parent: a list, ascending, each once, or equal steps. */
export type RateOffer =
  | { readonly kind: "list"; readonly ratesHz: readonly number[] }
  | {
    readonly kind: "steps";
    readonly lowestHz: number;
    readonly highestHz: number;
    readonly stepHz: number;
  };

/** Which rate is taken when the one asked for lies between two. */
export type Rounding = "down" | "up" | "nearest";

/** Why a rate is not set: it cannot be given; not by this agent, or not while clocks below need theirs; one is under way. */
export type RateFailure = "UNREACHABLE" | "DENIED" | "BUSY";

/** Why a parent is not set: it is no choice; its rate would lead clocks out of their limits; see `RateFailure`. */
export type ParentFailure = "NO_PARENT" | "OUT_OF_RANGE" | "DENIED" | "BUSY";

/** A change of rate that takes its time. */
export interface RateChange {
  /** Virtual time when it is over, us. */
  readonly dueUs: number;
  /** What came of it; null before, and when it was given up. */
  readonly result: "SUCCESS" | RateFailure | null;
  /** Gives it up: the rate stays what it is. */
  cancel(): void;
}

/** What an agent may change about a clock. */
export interface ClockPermissions {
  readonly state: boolean;
  readonly rate: boolean;
  readonly parent: boolean;
}

/** A rate that came into force, or that was asked for. */
export interface RateEvent {
  /** The agent that caused it; 0 = the platform. */
  readonly agentId: number;
  readonly rateHz: number;
}

/** A value of a clock beside its rate, which agents can set: whole numbers between two ends. */
export interface ClockSetting {
  readonly value: number;
  accepts(value: number): boolean;
}

/** The settings there are: duty cycle in percent, phase in milliradians. */
export type ClockSettingName = "dutyCycle" | "phase";

/** New states of a clock's parts; null = as it is. All take effect or none. */
export interface ClockConfig {
  readonly isEnabled: boolean | null;
  readonly setting: { readonly name: ClockSettingName; readonly value: number } | null;
}

/** A clock of the chip. */
export interface Clock {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
  /** Time it takes to enable it, us; 0 = not told. */
  readonly enableDelayUs: number;
  /** Whether it is switched on; without a gate it always is. */
  readonly isEnabled: boolean;
  /** Whether it ticks: it is switched on, its parent ticks, and its power domain is on. */
  readonly isRunning: boolean;
  /** Its rate when it runs, whether it does or not. */
  readonly rateHz: number;
  readonly offer: RateOffer;
  /** The clocks to choose its parent from; none = there is no choice. */
  readonly parentChoices: readonly Clock[];
  /** The one of them in force; null = there is no choice. */
  readonly parentChoice: Clock | null;
  /** Whether changes of its rate, and requests not granted at once, can be heard of. */
  readonly notifiesRate: boolean;
  readonly notifiesRequests: boolean;
  /** Whether not every agent may change all of it. */
  readonly isRestricted: boolean;
  /** What an agent may change. */
  permissionsOf(agentId: number): ClockPermissions;
  /** The setting of a name, or null when it has none. */
  settingOf(name: ClockSettingName): ClockSetting | null;
  /**
   * Switches the clock and changes a setting. It stops when no agent wants it to run any more. DENIED: not by this agent, or
   * there is no gate; INVALID: the setting is none or does not take the value.
   */
  configure(agentId: number, config: ClockConfig): "SUCCESS" | "DENIED" | "INVALID";
  /** Sets the rate at once. */
  setRate(agentId: number, rateHz: number, rounding: Rounding): "SUCCESS" | RateFailure;
  /** Begins to change the rate. */
  beginRateChange(agentId: number, rateHz: number, rounding: Rounding): RateChange | RateFailure;
  /** Makes another clock the parent; the ratio to it stays. */
  setParent(agentId: number, parent: Clock): "SUCCESS" | ParentFailure;
  /** Tells each rate that came into force. */
  readonly rateChanges: ChangeListeners<RateEvent>;
  /** Tells each rate that was asked for and not granted at once, or not at all. */
  readonly rateRequests: ChangeListeners<RateEvent>;
}
