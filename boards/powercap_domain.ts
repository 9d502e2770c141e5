// The power capping domains of a board: parts of the chip whose power agents can measure and, where performance domains
// below can be slowed down, cap. They form a tree: a domain has its own blocks and those of the domains below it. What they
// do is scp/model/powercap_tree.ts; wire formats are the power capping protocol's matter.
import { AGENT_KINDS, type AgentKind } from "./agent.ts";

/** The unit of everything that agents are told of a domain's power. */
export type PowercapUnit = "abstract" | "uW" | "mW";

/** The units. */
export const POWERCAP_UNITS = ["abstract", "uW", "mW"] as const satisfies readonly PowercapUnit[];

/** The caps that can be set, in the domain's unit; one that cannot be set has the same ends and no step. */
export interface CapRange {
  readonly min: number;
  readonly max: number;
  /** Caps are multiples of it; the ends, too. */
  readonly step: number;
}

/** The averaging intervals that can be set; one that cannot be set has the same ends and no step. */
export interface AveragingRange {
  readonly minUs: number;
  readonly maxUs: number;
  /** Intervals are multiples of it; the ends, too. */
  readonly stepUs: number;
}

/** A limit that is kept for a domain beside others, with caps and an averaging interval of its own. */
export interface PowerLimitDescription {
  /** Unique in its domain, 1..15 ASCII characters. */
  readonly name: string;
  readonly cap: CapRange;
  /** The cap in force at start, in the domain's unit; null = none. */
  readonly bootCap: number | null;
  /** Over which times power can be averaged to compare it with the cap, up to a minute. */
  readonly averaging: AveragingRange;
  readonly bootAveragingUs: number;
}

/** A limit as it is written. */
export type PowerLimitInput =
  & Pick<PowerLimitDescription, "name" | "cap">
  & Partial<PowerLimitDescription>;

/** A power capping domain, complete: every field there. */
export interface PowercapDomainDescription {
  /** Wire id: its place in the list, written out because guests match on it. */
  readonly id: number;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  /** The domain it is part of; null = none. */
  readonly parent: string | null;
  /** The power blocks that belong to it and to no domain below. A block belongs to one domain at most. */
  readonly blocks: readonly string[];
  readonly unit: PowercapUnit;
  /** What one of the unit is, uW: 1, 1000, or for a scale of the board's own any number above 0. */
  readonly unitUw: number;
  readonly cap: CapRange;
  /** The cap in force at start, in the domain's unit; null = none. */
  readonly bootCap: number | null;
  /** Over which times power can be averaged, for measurements and for the cap, up to a minute. */
  readonly averaging: AveragingRange;
  /** The averaging intervals at start. */
  readonly bootAveragingUs: number;
  /** What agents that know of several limits call that of `cap`; up to 15 ASCII characters. */
  readonly firstLimitName: string;
  /** Limits beside that one, up to 14: only version 3.0 of the protocol, a draft, shows them. */
  readonly furtherLimits: readonly PowerLimitDescription[];
  /** The power that can be kept up for good, in the domain's unit. */
  readonly sustainablePower: number;
  /** How exact agents are told that measurements are, percent, in thousandths. The model has no error but rounding. */
  readonly accuracyPercent: number;
  /** Whether agents may measure it. */
  readonly isMonitored: boolean;
  /** Whether a cap can be set without waiting until it is in force. */
  readonly supportsAsync: boolean;
  /** Whether agents can be told of other caps and averaging intervals, and of power beyond thresholds. */
  readonly notifiesCap: boolean;
  readonly notifiesPower: boolean;
  /** How often the firmware compares power and cap, and moves a performance level by one at most, us. */
  readonly periodUs: number;
  /** Kinds of agents that may set cap and averaging interval; all unless given. */
  readonly setBy: readonly AgentKind[];
}

/** A power capping domain as it is written: `unitUw` is for an abstract unit only, and needed there. */
export type PowercapDomainInput =
  & Pick<PowercapDomainDescription, "id" | "name" | "cap">
  & Partial<Omit<PowercapDomainDescription, "furtherLimits">>
  & { readonly furtherLimits?: readonly PowerLimitInput[] };

const UNIT_UW: Readonly<Record<PowercapUnit, number>> = { abstract: 1, uW: 1, mW: 1000 };

/** A tenth of a second, or anything between a hundredth and a second. */
const AVERAGING: AveragingRange = { minUs: 10_000, maxUs: 1_000_000, stepUs: 10_000 };
const BOOT_AVERAGING_US = 100_000;
const PERIOD_US = 20_000;

const FIRST_LIMIT_NAME = "cap";

/** Completes a limit with the defaults. */
function completePowerLimit(input: PowerLimitInput): PowerLimitDescription {
  return {
    name: input.name,
    cap: input.cap,
    bootCap: input.bootCap ?? null,
    averaging: input.averaging ?? AVERAGING,
    bootAveragingUs: input.bootAveragingUs ?? input.averaging?.minUs ?? BOOT_AVERAGING_US,
  };
}

/** Completes a power capping domain with the defaults. */
export function completePowercapDomain(input: PowercapDomainInput): PowercapDomainDescription {
  const unit = input.unit ?? "mW";
  const isMonitored = input.isMonitored ?? true;
  return {
    id: input.id,
    name: input.name,
    parent: input.parent ?? null,
    blocks: input.blocks ?? [],
    unit,
    unitUw: input.unitUw ?? UNIT_UW[unit],
    cap: input.cap,
    bootCap: input.bootCap ?? null,
    averaging: input.averaging ?? AVERAGING,
    bootAveragingUs: input.bootAveragingUs ?? input.averaging?.minUs ?? BOOT_AVERAGING_US,
    firstLimitName: input.firstLimitName ?? FIRST_LIMIT_NAME,
    furtherLimits: (input.furtherLimits ?? []).map(completePowerLimit),
    sustainablePower: input.sustainablePower ?? input.cap.max,
    accuracyPercent: input.accuracyPercent ?? 0,
    isMonitored,
    supportsAsync: input.supportsAsync ?? input.cap.min !== input.cap.max,
    notifiesCap: input.notifiesCap ?? true,
    notifiesPower: input.notifiesPower ?? isMonitored,
    periodUs: input.periodUs ?? PERIOD_US,
    setBy: input.setBy ?? AGENT_KINDS,
  };
}
