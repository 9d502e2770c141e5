// The reset domains of a board: the parts of it that agents can put into reset on their own. What a reset does over time is
// scp/model/reset_domain.ts; wire formats are the reset protocol's matter.

/** A reset domain, complete: every field there. */
export interface ResetDomainDescription {
  /** Wire id: its place in the list, written out because guests match on it. */
  readonly id: number;
  /** Unique, 1..63 ASCII characters; the first 15 are the short name. */
  readonly name: string;
  /** Whether an autonomous reset can be asked for without waiting for it. */
  readonly supportsAsync: boolean;
  /** Whether agents can be told of resets. */
  readonly notifies: boolean;
  /** How long an autonomous reset takes, us. */
  readonly pulseUs: number;
  /** Whether agents are told `pulseUs`; otherwise the latency is unspecified. */
  readonly tellsLatency: boolean;
  /** Ids of the reset states of the implementation's own, 0 to 2^31 - 1, beside the architectural cold reset. */
  readonly ownStates: readonly number[];
  /** Whether it is held in reset until an agent releases it. */
  readonly startsAsserted: boolean;
}

/** A reset domain as it is written: all but id and name may be left out. */
export type ResetDomainInput =
  & Pick<ResetDomainDescription, "id" | "name">
  & Partial<ResetDomainDescription>;

/** Completes a reset domain with the defaults. */
export function completeResetDomain(input: ResetDomainInput): ResetDomainDescription {
  return {
    id: input.id,
    name: input.name,
    supportsAsync: input.supportsAsync ?? false,
    notifies: input.notifies ?? false,
    pulseUs: input.pulseUs ?? 0,
    tellsLatency: input.tellsLatency ?? true,
    ownStates: input.ownStates ?? [],
    startsAsserted: input.startsAsserted ?? false,
  };
}
