// The back-end side of the transport benchmarks: a thread of its own with a blocking event loop, as the simulator's core
// runs. Serves a platform of constants or a real one over any transport, or, as the floor, just answers one eventfd with another.

import type { MediationDescription } from "../../boards/mediation.ts";
import type { Endpoint } from "../../transports/channel.ts";
import { libc, READABLE } from "../../transports/ffi/libc.ts";
import { createReactor, type Reactor, type ReadyHandler } from "../../transports/ffi/reactor.ts";
import type { InterruptLine } from "../../transports/gpio/interrupt_line.ts";
import { listenMailbox } from "../../transports/mailbox/mailbox.ts";
import type { MailboxOptions } from "../../transports/mailbox/options.ts";
import { listenMessage } from "../../transports/message/listener.ts";
import { listenShmem, type ShmemOptions } from "../../transports/shmem/listener.ts";
import { listenVhostUser } from "../../transports/vhost_user/vhost_user.ts";
import type { ClosablePort } from "../contract/transport.ts";
import { ConstantPort } from "../support/front_end_constant_port.ts";
import { createMachine } from "../support/platform.ts";
import { benchSensors } from "./dispatch_bench.ts";
import { type ProcessorSet, stayOn } from "./processors.ts";

/** What is served, and where. */
export type ServedTransport =
  | { readonly scheme: "virtio" | "message"; readonly path: string }
  | { readonly scheme: "shmem"; readonly options: ShmemOptions }
  /** `callFd` is an eventfd that is written when the agent is to be interrupted; null = it looks by itself. */
  | {
    readonly scheme: "mailbox";
    readonly options: Omit<MailboxOptions, "interrupts">;
    readonly callFd: number | null;
  };

/** An agent of a platform at a virtio socket of its own. */
export interface AgentOrder {
  readonly name: string;
  readonly path: string;
  readonly mediation: MediationDescription;
}

/** What answers: a platform over a transport, one with several agents over virtio, or one eventfd with another. */
export type BackEndOrder =
  | { readonly kind: "agents"; readonly agents: readonly AgentOrder[] }
  | { readonly kind: "constant" | "platform"; readonly transport: ServedTransport }
  | { readonly kind: "echo"; readonly kickFd: number; readonly callFd: number };

/** What the worker is told. */
export interface BackEndStart {
  readonly order: BackEndOrder;
  /** Its first word becomes 1 when the worker shall end; then its `wakeFd` is written. */
  readonly stop: SharedArrayBuffer;
  /** The processors it may run on; null = any. */
  readonly affinity: ProcessorSet | null;
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

/** An interrupt line that wakes whoever waits for an eventfd. */
class CallLine implements InterruptLine {
  beforeSample: (() => void) | null = null;
  onGuestLost: (() => void) | null = null;
  readonly #callFd: number;

  constructor(callFd: number) {
    this.#callFd = callFd;
  }

  raise(): void {
    libc.write(this.#callFd, ONE, 8);
  }

  lower(): void {}
}

/** What opens a channel of a platform of constants, or of a real one with a small accelerometer as sensor 0. */
function platformOf(kind: "constant" | "platform"): () => ClosablePort {
  if (kind === "constant") return () => Object.assign(new ConstantPort(), { close() {} });
  const machine = createMachine({ sensors: benchSensors() });
  return () => machine.openChannel("OSPM")!;
}

function listenForAgents(reactor: Reactor, agents: readonly AgentOrder[]) {
  const machine = createMachine({
    sensors: benchSensors(),
    agents: agents.map(({ name, mediation }) => ({ name, mediation, isTrusted: false })),
  });
  return agents.map(({ name, path }) => listenVhostUser(reactor, path, machine.openChannel(name)!));
}

function listen(
  reactor: Reactor,
  transport: ServedTransport,
  openPort: () => ClosablePort,
): Endpoint | { error: string } {
  switch (transport.scheme) {
    case "virtio":
      return listenVhostUser(reactor, transport.path, openPort());
    case "message":
      return listenMessage(reactor, transport.path, openPort);
    case "shmem":
      return listenShmem(reactor, transport.options, openPort);
    case "mailbox": {
      const interrupts = transport.callFd === null ? [] : [new CallLine(transport.callFd)];
      return listenMailbox(reactor, { ...transport.options, interrupts }, openPort());
    }
  }
}

self.onmessage = ({ data: { order, stop, affinity } }: MessageEvent<BackEndStart>) => {
  if (affinity !== null) stayOn(affinity);
  const reactor = createReactor();
  let close = () => {};
  if (order.kind === "echo") reactor.register(order.kickFd, READABLE, true, new Echo(order.callFd));
  else {
    const endpoints = order.kind === "agents"
      ? listenForAgents(reactor, order.agents)
      : [listen(reactor, order.transport, platformOf(order.kind))];
    for (const endpoint of endpoints) if ("error" in endpoint) throw new Error(endpoint.error);
    close = () => endpoints.forEach((endpoint) => "close" in endpoint && endpoint.close());
  }
  const stopWord = new Int32Array(stop);
  self.postMessage(reactor.wakeFd);
  while (Atomics.load(stopWord, 0) === 0) reactor.runOnce(-1);
  close();
  reactor.close();
  self.close();
};
