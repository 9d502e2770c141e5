// The kinds of resources that ids on the wire name. Each agent has its own ids of every kind, from 0 on without gaps.

/** What an id on the wire may point at; each agent has its own pool of every kind. */
export type ResourceKind =
  | "agent"
  | "device"
  /** A sensor whose values the agent supplies: what it has to tell, not what it sees. */
  | "suppliedSensor"
  | HardwareKind;

/** The kinds of hardware that protocols name. */
export const HARDWARE_KINDS = [
  "sensor",
  "clock",
  "powerDomain",
  // At most one: its protocol has no ids, but devices can name it.
  "systemPower",
  "performanceDomain",
  "resetDomain",
  "voltageDomain",
  "powercapDomain",
  "pin",
  "pinGroup",
  "pinFunction",
] as const;

/** The name of the one resource of the kind `systemPower`. */
export const SYSTEM_POWER_NAME = "system";

/** One of the kinds of hardware. */
export type HardwareKind = typeof HARDWARE_KINDS[number];

/** Makes something for each kind of hardware. */
export function byKind<T>(make: (kind: HardwareKind) => T): Readonly<Record<HardwareKind, T>> {
  return Object.fromEntries(HARDWARE_KINDS.map((kind) => [kind, make(kind)])) as Record<HardwareKind, T>;
}
