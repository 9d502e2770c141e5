// A part of the chip whose power is measured and can be capped, as the power capping protocol sees it. What measures it is
// power_meter.ts, what keeps a cap is powercap_governor.ts; wire formats are the protocol's matter.
import type { PowercapUnit } from "../../boards/powercap_domain.ts";

/** What caps and measurements are told in: the board says it, the protocol tells it. */
export type { PowercapUnit } from "../../boards/powercap_domain.ts";

/** Values that can be set: multiples of the step between two ends. Equal ends: the value is fixed. */
export interface SettableRange {
  readonly min: number;
  readonly max: number;
  /** 0 = the value is fixed. */
  readonly step: number;
}

/** Whether a value is one of a range. */
export function isSettable(value: number, { min, max, step }: SettableRange): boolean {
  return value >= min && value <= max && (step === 0 || value % step === 0);
}

/** Another cap or averaging interval is in force. */
export interface PowercapChange {
  /** In the domain's unit; null = power is not capped. */
  readonly cap: number | null;
  readonly averagingUs: number;
  /** Who caused it; 0 = the platform. */
  readonly agentId: number;
}

/** Why a value is not set: it is fixed; not by this agent; it is none that can be set; another cap is on its way. */
export type PowercapFailure = "FIXED" | "DENIED" | "OUT_OF_RANGE" | "BUSY";

/** A change of cap that is over when the cap is in force. */
export interface CapChange {
  /** Sets who hears, once, what came of it: it is in force, or (false) it was given up. Never before this call returns. */
  whenOver(listener: (isInForce: boolean) => void): void;
  /** Gives it up: the cap stays what it is, and nobody hears of it. */
  cancel(): void;
}

/** One of the limits that are kept for a domain at the same time; the lowest that is felt counts. */
export interface PowerLimit {
  /** Up to 15 ASCII characters, unique in its domain. */
  readonly name: string;
  readonly capRange: SettableRange;
  /** Of the interval over which power is averaged to compare it with the cap. */
  readonly averagingRangeUs: SettableRange;
  /** The cap in force; null = there is none. */
  readonly cap: number | null;
  readonly averagingUs: number;
  /** Sets a cap, or (null) none, at once: from now on power is brought below it. */
  setCap(agentId: number, cap: number | null): "SUCCESS" | PowercapFailure;
  /** Begins to bring power below a cap; the cap in force is another one until that is done. */
  beginCapChange(agentId: number, cap: number | null): CapChange | PowercapFailure;
  setAveraging(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY">;
  /** Adds a listener to its changes; returns the function that takes it away. */
  listen(listener: (change: PowercapChange) => void): () => void;
}

/** A power capping domain. Powers are whole numbers of its unit. What is called its cap is that of its first limit. */
export interface PowercapDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
  /** The domain it is part of; null = none. */
  readonly parent: PowercapDomain | null;
  readonly unit: PowercapUnit;
  readonly capRange: SettableRange;
  /** Of the interval over which measurements are averaged, and of that of the first limit. */
  readonly averagingRangeUs: SettableRange;
  /** One at least. */
  readonly limits: readonly PowerLimit[];
  /** The power that can be kept up for good. */
  readonly sustainablePower: number;
  /** How exact measurements are said to be, percent. */
  readonly accuracyPercent: number;
  readonly isMonitored: boolean;
  /** Whether a cap can be set without waiting until it is in force. */
  readonly supportsAsync: boolean;
  /** Whether other caps and intervals, and power beyond thresholds, can be heard of. */
  readonly notifiesCap: boolean;
  readonly notifiesPower: boolean;
  /** The cap in force; null = power is not capped. */
  readonly cap: number | null;
  /** The interval over which measurements are averaged. */
  readonly averagingUs: number;
  /** Whether an agent may set its caps and intervals. */
  maySet(agentId: number): boolean;
  /** Sets a cap, or (null) none, at once: from now on power is brought below it. */
  setCap(agentId: number, cap: number | null): "SUCCESS" | PowercapFailure;
  /** Begins to bring power below a cap; the cap in force is another one until that is done. */
  beginCapChange(agentId: number, cap: number | null): CapChange | PowercapFailure;
  /** Sets the interval of measurements and that of the first limit. */
  setAveraging(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY">;
  /** Sets the interval of measurements alone. */
  setMeasuring(agentId: number, averagingUs: number): "SUCCESS" | Exclude<PowercapFailure, "BUSY">;
  /** The power drawn, averaged over the interval that ends now; soon after start, over the time since. */
  measure(): number;
  /** Adds a listener to its cap and the interval of measurements; returns the function that takes it away. */
  listen(listener: (change: PowercapChange) => void): () => void;
  /** Adds a listener that is told what is measured at the end of every interval; returns the function that takes it away. */
  watch(listener: (power: number) => void): () => void;
}
