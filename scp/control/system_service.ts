// What is told of the power of the system as a whole: its condition, what it is to each agent, the log of
// decisions.
import type { SystemView } from "./control_calls.ts";
import type { Platform } from "./platform.ts";

/** Shows the system; null = the board leaves its power to nobody. */
export function showSystem({ machine, model: { systemPower } }: Platform): SystemView | null {
  if (systemPower === null) return null;
  const { all, identities } = machine.agents;
  return {
    condition: systemPower.condition,
    agents: all.map(({ id, name, presence }) => ({
      name,
      isThere: presence.isThere,
      finds: systemPower.conditionFor(id),
    })),
    decisions: systemPower.decisions.all.map(({ agentId, ...decision }) => ({
      ...decision,
      agent: identities[agentId]!.name,
    })),
  };
}
