// Which agent is to be served where, by which transport. Plans only: endpoints.ts opens them.
import type { Board } from "../../boards/board.ts";
import { findAgentProblem } from "./agent_choice.ts";
import { findPlaceProblem } from "./endpoint_places.ts";
import { socketFolderOf } from "./socket_folder.ts";
import type { TransportSpec } from "./transport_spec.ts";

/** A socket or a place in a file that is to be served, its agent known. */
export type EndpointPlan = TransportSpec & { readonly agent: string };

/** What every agent is served by when nobody says otherwise: the other transports need a file or a guest of some kind. */
const DEFAULT_SCHEMES = ["virtio", "message"] as const;

/** A list, or everything that is wrong with what was asked for. */
export type PlanResult = { readonly plans: readonly EndpointPlan[] } | {
  readonly problems: readonly string[];
};

/** Returns what is served when nothing was asked for: a virtio and a message socket for every agent, named after it. */
export function defaultEndpointPlans(board: Board): EndpointPlan[] {
  const folder = socketFolderOf(board.name);
  const stems = fileStems(board.agents.map(({ name }) => name));
  return board.agents.flatMap(({ name: agent }, index) =>
    DEFAULT_SCHEMES.map((scheme) => ({
      scheme,
      path: `${folder}/${stems[index]}.${scheme}.sock`,
      agent,
    }))
  );
}

/**
 * Gives each specification its agent: the named one, which the board has to have, or the board's first. No place serves
 * twice.
 */
export function planEndpoints(board: Board, specs: readonly TransportSpec[]): PlanResult {
  const problems: string[] = [];
  const plans = specs.map((spec): EndpointPlan => {
    const agent = spec.agent ?? board.agents[0]!.name;
    const problem = findAgentProblem(board, agent);
    if (problem !== null) problems.push(problem);
    return { ...spec, agent };
  });
  const placeProblem = findPlaceProblem(specs);
  if (placeProblem !== null) problems.push(placeProblem);
  const gpioAgents = plans.filter(({ scheme }) => scheme === "gpio").map(({ agent }) => agent);
  const twice = gpioAgents.find((agent, index) => gpioAgents.indexOf(agent) < index);
  if (twice !== undefined) problems.push(`agent ${twice} has two gpio: endpoints: give it one`);
  return problems.length > 0 ? { problems: [...new Set(problems)] } : { plans };
}

/** File names for agents: lower case, nothing but letters, digits, `-` and `_`, each different. */
function fileStems(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = name.toLowerCase().replace(/[^a-z0-9_-]+/g, "-");
    let stem = plain;
    for (let number = 2; taken.has(stem); number++) stem = `${plain}-${number}`;
    taken.add(stem);
    return stem;
  });
}
