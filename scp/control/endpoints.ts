// The endpoints of a run: listens at all planned sockets, or at none. The folder that sockets get by default goes with them.
import type { Channel } from "../server/dispatcher.ts";
import type { Machine } from "../server/machine.ts";
import type { Endpoint } from "../../transports/channel.ts";
import type { Reactor } from "../../transports/ffi/reactor.ts";
import { listenMessage } from "../../transports/message/listener.ts";
import { listenVhostUser } from "../../transports/vhost_user/vhost_user.ts";
import { prepareSocketFolder, removeSocketFolder, socketFolderOf } from "./socket_folder.ts";
import { type TransportScheme, transportSpecText } from "./transport_spec.ts";
import type { EndpointPlan } from "./endpoint_plans.ts";

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
