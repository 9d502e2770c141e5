// The endpoints of a run: which agent is served at which socket, by which transport. Opens all or none; the folder that
// sockets get by default goes with them.
import type { Board } from "../../boards/board.ts";
import type { Channel } from "../server/dispatcher.ts";
import type { Machine } from "../server/machine.ts";
import type { Endpoint } from "../../transports/channel.ts";
import type { Reactor } from "../../transports/ffi/reactor.ts";
import { listenMessage } from "../../transports/message/listener.ts";
import { listenVhostUser } from "../../transports/vhost_user/vhost_user.ts";
import { prepareSocketFolder, removeSocketFolder, socketFolderOf } from "./socket_folder.ts";
import {
  TRANSPORT_SCHEMES,
  type TransportScheme,
  type TransportSpec,
  transportSpecText,
} from "./transport_spec.ts";

/** A socket that is to be served, its agent known. */
export interface EndpointPlan {
  readonly scheme: TransportScheme;
  readonly path: string;
  readonly agent: string;
}

/** An endpoint that is served. */
export interface OpenEndpoint extends EndpointPlan {
  readonly spec: string;
  readonly endpoint: Endpoint;
}

/** All endpoints of a run. */
export interface Endpoints {
  readonly open: readonly OpenEndpoint[];
  /** Returns the specification of the endpoint that a channel belongs to, or null when it belongs to none. */
  specOf(channel: Channel): string | null;
  /** Closes all of them and removes the default folder. */
  close(): void;
}

/** A list, or everything that is wrong with what was asked for. */
export type PlanResult = { readonly plans: readonly EndpointPlan[] } | {
  readonly problems: readonly string[];
};

/** Hears one line for each thing that an agent's side of a transport does wrong. */
export type Report = (line: string) => void;

type Listen = (
  reactor: Reactor,
  path: string,
  openChannel: () => Channel,
  report: Report,
) => Endpoint | { error: string };

const LISTENERS: Readonly<Record<TransportScheme, Listen>> = {
  // One driver at a time, whoever it is: a device has one channel.
  virtio: (reactor, path, openChannel, report) => listenVhostUser(reactor, path, openChannel(), report),
  message: listenMessage,
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

/** Gives each specification its agent: the named one, which the board has to have, or the board's first. */
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
  return problems.length > 0 ? { problems: [...new Set(problems)] } : { plans };
}

/** Opens endpoints; when one cannot be opened, none is. */
export function openEndpoints(
  reactor: Reactor,
  machine: Machine,
  plans: readonly EndpointPlan[],
  defaultFolderOf: string | null,
  report: Report,
): Endpoints | { readonly problem: string } {
  if (defaultFolderOf !== null) {
    const folder = prepareSocketFolder(defaultFolderOf);
    if (!folder.ok) return { problem: folder.problem };
  }
  const open: OpenEndpoint[] = [];
  const specs = new WeakMap<Channel, string>();
  const close = () => {
    for (const { endpoint } of open) endpoint.close();
    open.length = 0;
    if (defaultFolderOf !== null) removeSocketFolder(socketFolderOf(defaultFolderOf));
  };
  for (const plan of plans) {
    const spec = transportSpecText(plan.scheme, plan.path, plan.agent);
    const openChannel = () => {
      const channel = machine.openChannel(plan.agent)!;
      specs.set(channel, spec);
      return channel;
    };
    const endpoint = LISTENERS[plan.scheme](reactor, plan.path, openChannel, report);
    if ("error" in endpoint) {
      close();
      return { problem: endpoint.error };
    }
    open.push({ ...plan, spec, endpoint });
  }
  return { open, specOf: (channel) => specs.get(channel) ?? null, close };
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
