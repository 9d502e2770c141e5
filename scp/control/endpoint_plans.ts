// Which agent is to be served at which socket, by which transport. Plans only: endpoints.ts opens them.
import type { Board } from "../../boards/board.ts";
import { socketFolderOf } from "./socket_folder.ts";
import { TRANSPORT_SCHEMES, type TransportScheme, type TransportSpec } from "./transport_spec.ts";

/** A socket that is to be served, its agent known. */
export interface EndpointPlan {
  readonly scheme: TransportScheme;
  readonly path: string;
  readonly agent: string;
}

/** A list, or everything that is wrong with what was asked for. */
export type PlanResult = { readonly plans: readonly EndpointPlan[] } | {
  readonly problems: readonly string[];
};

/** Returns what is served when nothing was asked for: every agent by every transport, files named after the agent. */
export function defaultEndpointPlans(board: Board): EndpointPlan[] {
  const folder = socketFolderOf(board.name);
  const stems = fileStems(board.agents.map(({ name }) => name));
  return board.agents.flatMap(({ name: agent }, index) =>
    TRANSPORT_SCHEMES.map((scheme) => ({
      scheme,
      path: `${folder}/${stems[index]}.${scheme}.sock`,
      agent,
    }))
  );
}

/** Gives each specification its agent: the named one, which the board has to have, or the board's first. No socket serves twice. */
export function planEndpoints(board: Board, specs: readonly TransportSpec[]): PlanResult {
  const names = board.agents.map(({ name }) => name);
  const problems: string[] = [];
  const plans = specs.map(({ scheme, path, agent }) => {
    if (agent !== null && !names.includes(agent)) {
      problems.push(
        `board ${board.name} has no agent ${JSON.stringify(agent)}: take one of ${names.join(", ")}`,
      );
    }
    return { scheme, path, agent: agent ?? names[0]! };
  });
  plans.forEach(({ path }, index) => {
    const first = plans.findIndex((plan) => plan.path === path);
    if (first < index) problems.push(`socket ${path} is given twice: give each transport a path of its own`);
  });
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
