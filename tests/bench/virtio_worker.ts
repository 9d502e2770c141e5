// The back-end side of the virtio benchmark: a thread of its own with a blocking event loop, as the simulator's core
// runs. Serves a constant platform, a real one, or, as the floor, just answers one eventfd with another.

import type { MediationDescription } from "../../boards/mediation.ts";
import type { AgentPort } from "../../transports/channel.ts";
import { libc, READABLE } from "../../transports/ffi/libc.ts";
import { createReactor, type ReadyHandler } from "../../transports/ffi/reactor.ts";
import { listenVhostUser } from "../../transports/vhost_user/vhost_user.ts";
import { ConstantPort } from "../support/front_end_constant_port.ts";
import { connectAgent, createMachine } from "../support/platform.ts";
import { benchSensors } from "./dispatch_bench.ts";

/** An agent at a socket of its own. */
export interface AgentOrder {
  readonly name: string;
  readonly path: string;
  readonly mediation: MediationDescription;
}

/** What answers: a platform at a socket, or one eventfd with another. */
export type BackEndOrder =
  | { readonly kind: "constant" | "platform"; readonly path: string }
  | { readonly kind: "agents"; readonly agents: readonly AgentOrder[] }
  | { readonly kind: "echo"; readonly kickFd: number; readonly callFd: number };

/** What the worker is told. */
export interface BackEndStart {
  readonly order: BackEndOrder;
  /** Its first word becomes 1 when the worker shall end; then its `wakeFd` is written. */
  readonly stop: SharedArrayBuffer;
  readonly affinity: Uint8Array<ArrayBuffer>;
}

const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);

class Echo implements ReadyHandler {
  readonly #callFd: number;

  constructor(callFd: number) {
    this.#callFd = callFd;
  }

  onReady(_events: number): boolean {
    libc.write(this.#callFd, ONE, 8);
    return false;
  }
}

type ServedOrder = Exclude<BackEndOrder, { readonly kind: "echo" }>;

function portsOf(order: ServedOrder): (readonly [path: string, port: AgentPort])[] {
  const sensors = benchSensors();
  if (order.kind !== "agents") {
    const { kind, path } = order;
    return [[
      path,
      kind === "constant" ? new ConstantPort() : connectAgent(createMachine({ sensors })).channel,
    ]];
  }
  const agents = order.agents.map(({ name, mediation }) => ({ name, mediation, isTrusted: false }));
  const machine = createMachine({ sensors, agents });
  return order.agents.map(({ name, path }) => [path, machine.openChannel(name)!]);
}

self.onmessage = ({ data: { order, stop, affinity } }: MessageEvent<BackEndStart>) => {
  libc.sched_setaffinity(0, affinity.length, affinity);
  const reactor = createReactor();
  let close = () => {};
  if (order.kind === "echo") reactor.register(order.kickFd, READABLE, true, new Echo(order.callFd));
  else {
    const endpoints = portsOf(order).map(([path, port]) => {
      const endpoint = listenVhostUser(reactor, path, port);
      if ("error" in endpoint) throw new Error(endpoint.error);
      return endpoint;
    });
    close = () => endpoints.forEach((endpoint) => endpoint.close());
  }
  const stopWord = new Int32Array(stop);
  self.postMessage(reactor.wakeFd);
  while (Atomics.load(stopWord, 0) === 0) reactor.runOnce(-1);
  close();
  reactor.close();
  self.close();
};
