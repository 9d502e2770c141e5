// What is told of hardware that agents share: the votes that count, where what an agent believes and what is so differ now, and
// when that began and ended.
import type { HardwareKind } from "../core/schema.ts";
import type { BeliefEvent } from "../model/arbitration/belief.ts";
import type { ArbitrationView, BeliefView, SharedResourceView } from "./control_calls.ts";
import type { Platform } from "./platform.ts";

/** Shows what is under a policy; nothing is where the board has none. */
export function showArbitration({ machine, model: { arbitration } }: Platform): ArbitrationView {
  const nameOf = (agentId: number) => machine.agents.identities[agentId]!.name;
  const showBelief = ({ agentId, differs: _, ...event }: BeliefEvent): BeliefView => ({
    ...event,
    agent: nameOf(agentId),
  });
  const shared = new Map<
    string,
    { kind: HardwareKind; name: string; votes: SharedResourceView["votes"][number][] }
  >();
  for (const { kind, name, about, agentId, wanted } of arbitration.votes()) {
    const key = `${kind}/${name}`;
    const known = shared.get(key) ?? { kind, name, votes: [] };
    shared.set(key, known);
    known.votes.push({ agent: nameOf(agentId), about, wanted });
  }
  return {
    resources: [...shared.values()],
    differences: arbitration.beliefs.differences.map(showBelief),
    log: arbitration.beliefs.log.map((event) => ({ ...showBelief(event), differs: event.differs })),
  };
}
