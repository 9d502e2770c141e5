// The clocks of a board: where each takes its rate from, how it can change it, what gates it, and what agents are told
// about it. The laws are scp/model/simulated_clock.ts; wire formats are the clock protocol's matter.
import { CLOCK_RATE_MAX_HZ, type ClockRatio } from "../scp/core/clock_ratio.ts";

/** A part of the clock tree that no agent can name: a crystal, a PLL. It always runs. */
export interface ClockSourceInput {
  /** Unique among clocks and sources. */
  readonly name: string;
  /** The source it is made from; none unless given. */
  readonly parent?: string | null;
  /** Rate of an oscillator, Hz; only without a parent. */
  readonly rateHz?: number;
  /** Rate = parent's rate x multiplier / divider; 1 unless given. */
  readonly multiplier?: number;
  readonly divider?: number;
}

/** A source, complete. */
export interface ClockSourceDescription {
  readonly name: string;
  readonly parent: string | null;
  readonly rateHz: number;
  readonly multiplier: number;
  readonly divider: number;
}

/** A value that extended configuration can set: percent of a duty cycle, milliradians of a phase. */
export interface ClockSettingPlan {
  readonly lowest: number;
  readonly highest: number;
  readonly start: number;
}

/** What one agent may change about a clock; what is not named it may. */
export interface ClockRights {
  readonly state?: boolean;
  readonly rate?: boolean;
  readonly parent?: boolean;
}

/** A clock, complete: every field there. */
export interface ClockDescription {
  /** Wire id: its place in the list, written out because guests match on it. */
  readonly id: number;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  /** Clocks or sources it can run from; none = it is an oscillator. With more than one they are clocks, agents choose. */
  readonly parents: readonly string[];
  /** The one it runs from at start; null = it is an oscillator. */
  readonly parent: string | null;
  /** Rate of an oscillator, Hz; 0 with parents. */
  readonly rateHz: number;
  /** How its rate is made from that of its parent, or of its oscillator; 1 to 1 unless given. */
  readonly ratio: ClockRatio;
  /** Whether it can be stopped; one without a gate runs with its parent. */
  readonly hasGate: boolean;
  readonly startsEnabled: boolean;
  /** Its power domain, which has to be on for it to run; null = none. */
  readonly powerDomain: string | null;
  /** What agents are told about the time to enable it, us; 0 = nothing. */
  readonly enableDelayUs: number;
  /** How long an asynchronous change of its rate takes, us. */
  readonly rateLatencyUs: number;
  /** Its rate stays between these, Hz, whatever happens to its parents. */
  readonly rateMinHz: number;
  readonly rateMaxHz: number;
  readonly dutyCyclePercent: ClockSettingPlan | null;
  readonly phaseMrad: ClockSettingPlan | null;
  /** Whether agents can be told of changes of its rate, and of requests that were not granted at once. */
  readonly notifiesRate: boolean;
  readonly notifiesRequests: boolean;
  /** Rights by the name of the agent; agents not named have all. */
  readonly rights: Readonly<Record<string, ClockRights>>;
  /** The power block it draws from while it runs, and how much; null = its power is counted elsewhere. */
  readonly draws: { readonly block: string; readonly uwPerMhz: number } | null;
  /** Its rate reads as 0, and setting it is accepted without effect: an oddity of real firmware. */
  readonly hidesRate: boolean;
}

/** A clock as it is written: all but id and name may be left out. */
export type ClockInput = Pick<ClockDescription, "id" | "name"> & Partial<ClockDescription>;

/** Completes a clock with the defaults. */
export function completeClock(input: ClockInput): ClockDescription {
  const parents = input.parents ?? [];
  return {
    id: input.id,
    name: input.name,
    parents,
    parent: input.parent ?? parents[0] ?? null,
    rateHz: input.rateHz ?? 0,
    ratio: input.ratio ?? { kind: "fixed", multiplier: 1, divider: 1 },
    hasGate: input.hasGate ?? false,
    startsEnabled: input.startsEnabled ?? true,
    powerDomain: input.powerDomain ?? null,
    enableDelayUs: input.enableDelayUs ?? 0,
    rateLatencyUs: input.rateLatencyUs ?? 0,
    rateMinHz: input.rateMinHz ?? 0,
    rateMaxHz: input.rateMaxHz ?? CLOCK_RATE_MAX_HZ,
    dutyCyclePercent: input.dutyCyclePercent ?? null,
    phaseMrad: input.phaseMrad ?? null,
    notifiesRate: input.notifiesRate ?? false,
    notifiesRequests: input.notifiesRequests ?? false,
    rights: input.rights ?? {},
    draws: input.draws ?? null,
    hidesRate: input.hidesRate ?? false,
  };
}

/** Completes a source with the defaults. */
export function completeClockSource(input: ClockSourceInput): ClockSourceDescription {
  return {
    name: input.name,
    parent: input.parent ?? null,
    rateHz: input.rateHz ?? 0,
    multiplier: input.multiplier ?? 1,
    divider: input.divider ?? 1,
  };
}
