// The power domains of a board: the tree they form, their states and latencies, and which agents may set them. What follows
// from these numbers is scp/model/power_tree.ts.
import { AGENT_KINDS, type AgentKind } from "./agent.ts";

/** What a domain supplies; it decides the defaults of who may set it, and how. */
export type PowerDomainKind = "core" | "cluster" | "device" | "system";

/** The kinds of power domains. */
export const POWER_DOMAIN_KINDS = [
  "core",
  "cluster",
  "device",
  "system",
] as const satisfies readonly PowerDomainKind[];

/** A state of a domain between `on` and `off`, which all have. */
export interface PowerStateDescription {
  readonly name: string;
  /** Wire number among the states with the same loss of context, 0 to 2^28-1; 0 is taken by `on` and `off`. */
  readonly stateId: number;
  readonly isContextLost: boolean;
  /** 1 to 254: a domain is never deeper than those that hang below it. `on` has 0, `off` 255. */
  readonly depth: number;
  /** Time it takes to get into the state, us. */
  readonly latencyUs: number;
}

/** A power domain as it is written. */
export interface PowerDomainInput {
  /** Wire id: its place in the list; null = no agent is shown it. Those come last. */
  readonly id: number | null;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  readonly kind: PowerDomainKind;
  /** The domain that has to be on for this one to be on; none unless given. */
  readonly parent?: string | null;
  /** Its states between `on` and `off`, by rising depth; none unless given. */
  readonly states?: readonly PowerStateDescription[];
  /** Time it takes to get on and off, us; 0 unless given. */
  readonly onLatencyUs?: number;
  readonly offLatencyUs?: number;
  /** The state it is in when agents start; `off` unless given, or `on` for one that is always on. */
  readonly bootState?: string;
  /** Whether it stays on while the system is up, whatever agents ask for; false unless given. */
  readonly isAlwaysOn?: boolean;
  /** Kinds of agents that may set it: all for a device, PSCI for cores and clusters, none for the system unless given. */
  readonly setBy?: readonly AgentKind[];
  /** Ways of setting it: asynchronous for cores, synchronous for the others unless given. */
  readonly supportsSync?: boolean;
  readonly supportsAsync?: boolean;
  /** Whether agents can be notified of its changes; true for devices unless given. */
  readonly hasNotifications?: boolean;
}

/** A complete power domain. */
export type PowerDomainDescription = Required<PowerDomainInput>;

const SET_BY: Readonly<Record<PowerDomainKind, readonly AgentKind[]>> = {
  core: ["PSCI"],
  cluster: ["PSCI"],
  device: AGENT_KINDS,
  system: [],
};

/** Completes a power domain with the defaults of its kind. */
export function completePowerDomain(input: PowerDomainInput): PowerDomainDescription {
  const { kind } = input;
  return {
    id: input.id,
    name: input.name,
    kind,
    parent: input.parent ?? null,
    states: input.states ?? [],
    onLatencyUs: input.onLatencyUs ?? 0,
    offLatencyUs: input.offLatencyUs ?? 0,
    bootState: input.bootState ?? (input.isAlwaysOn ? "on" : "off"),
    isAlwaysOn: input.isAlwaysOn ?? false,
    setBy: input.setBy ?? SET_BY[kind],
    supportsSync: input.supportsSync ?? kind !== "core",
    supportsAsync: input.supportsAsync ?? kind === "core",
    hasNotifications: input.hasNotifications ?? kind === "device",
  };
}
