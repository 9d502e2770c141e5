// Answers what is asked about hardware that agents share: the votes that count, where what an agent believes
// and what is so differ now, and when that began and ended.
import { HARDWARE_KINDS, type HardwareKind } from "../core/schema.ts";
import type { BeliefEvent } from "../model/arbitration/belief.ts";
import type { CastVote } from "../model/arbitration/cast_vote.ts";
import {
  BELIEF_PAGE,
  type BeliefView,
  type CallOutcome,
  SHARED_PAGE,
  type SharedResourceView,
  type ToldBeliefView,
} from "./control_calls.ts";
import type { Platform } from "./platform.ts";

/** The calls, each by its name in `ControlCalls`. */
export interface ArbitrationService {
  shared(params: { readonly from: number }): CallOutcome<readonly SharedResourceView[]>;
  differences(params: { readonly from: number }): CallOutcome<readonly BeliefView[]>;
  beliefLog(): CallOutcome<readonly ToldBeliefView[]>;
}

/** A resource under a policy. */
interface SharedResource {
  readonly kind: HardwareKind;
  readonly name: string;
  votes(): CastVote[];
}

/** Makes the functions that answer for a platform. */
export function createArbitrationService({ machine, model: { arbitration } }: Platform): ArbitrationService {
  const nameOf = (agentId: number) => machine.agents.identities[agentId]!.name;
  const showBelief = ({ agentId, differs: _, ...event }: BeliefEvent): BeliefView => ({
    ...event,
    agent: nameOf(agentId),
  });
  const { clocks, powerDomains, performanceDomains, voltageDomains, powercapDomains } = arbitration;
  const arbiters: Readonly<Partial<Record<HardwareKind, ReadonlyMap<string, { votes(): CastVote[] }>>>> = {
    clock: clocks,
    powerDomain: powerDomains,
    performanceDomain: performanceDomains,
    voltageDomain: voltageDomains,
    powercapDomain: powercapDomains,
  };
  const all = HARDWARE_KINDS.flatMap((kind) =>
    [...arbiters[kind] ?? []].map(([name, arbiter]): SharedResource => ({
      kind,
      name,
      votes: () => arbiter.votes(),
    }))
  );
  return {
    shared: ({ from }) => ({
      ok: true,
      value: all.slice(from, from + SHARED_PAGE).map(({ kind, name, votes }) => ({
        kind,
        name,
        votes: votes().map(({ agentId, about, wanted }) => ({ agent: nameOf(agentId), about, wanted })),
      })),
    }),
    differences: ({ from }) => ({
      ok: true,
      value: arbitration.beliefs.differences.slice(from, from + BELIEF_PAGE).map(showBelief),
    }),
    beliefLog: () => ({
      ok: true,
      value: arbitration.beliefs.log.map((event) => ({ ...showBelief(event), differs: event.differs })),
    }),
  };
}
