// The voltage domains of a board: the rails that agents may see and set. The rail and its regulator are part of the power
// plan (boards/chip.ts, boards/regulator.ts); wire formats are the voltage protocol's matter.
import { AGENT_KINDS, type AgentKind } from "./agent.ts";

/** A voltage domain, complete: every field there. */
export interface VoltageDomainDescription {
  /** Wire id: its place in the list, written out because guests match on it. */
  readonly id: number;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  /** The rail, which has a regulator. A rail has one domain at most. */
  readonly rail: string;
  /** Whether a level can be set without waiting for the regulator. */
  readonly supportsAsync: boolean;
  /** Kinds of agents that may set it; all unless given. */
  readonly setBy: readonly AgentKind[];
}

/** A voltage domain as it is written. */
export type VoltageDomainInput =
  & Pick<VoltageDomainDescription, "id" | "name" | "rail">
  & Partial<VoltageDomainDescription>;

/** Completes a voltage domain with the defaults. */
export function completeVoltageDomain(input: VoltageDomainInput): VoltageDomainDescription {
  return {
    id: input.id,
    name: input.name,
    rail: input.rail,
    supportsAsync: input.supportsAsync ?? true,
    setBy: input.setBy ?? AGENT_KINDS,
  };
}
