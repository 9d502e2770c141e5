// What a message costs over each transport, in one table: the agent on one thread, the back-end on another, both on one processor,
// where figures repeat. The floor of the same run is two eventfds between the same two threads; the same path with a platform of
// constants tells what of the cost is transport.

import { EFD_CLOEXEC, EFD_NONBLOCK, libc } from "../../transports/ffi/libc.ts";
import type { ShmemOptions } from "../../transports/shmem/listener.ts";
import { benchSensors } from "./dispatch_bench.ts";
import { connectAgent, createMachine } from "../support/platform.ts";
import { BackEndThread, CallWaiter, figuresOf, ONE, type TransportFigures } from "./back_end_thread.ts";
import type { ServedTransport } from "./back_end_worker.ts";
import { benchPolledMailbox, type PolledFigures } from "./polled_mailbox.ts";
import { onOneProcessor, type ProcessorSet } from "./processors.ts";
import { verdict } from "./verdict.ts";
import {
  type BenchAgent,
  openMailboxAgent,
  openMessageAgent,
  openShmemAgent,
  openVirtioAgent,
  READING,
} from "./transport_agents.ts";

/** How much to measure. */
export interface TransportBenchOptions {
  readonly isShort?: boolean;
}

/** A transport as it is measured. */
interface Contestant {
  readonly label: string;
  readonly kind: "constant" | "platform";
  /** Messages on their way at once: an area of shared memory holds one. */
  readonly depths: readonly number[];
  served(folder: string): ServedTransport;
  open(served: ServedTransport): BenchAgent;
}

const AREA_SIZE = 256;
const MAILBOX_CHANNEL_COUNT = 8;
const SHMEM_CHANNEL_COUNT = 32;

function newEventFd(): number {
  return libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

function socketOf(scheme: "virtio" | "message", kind: "constant" | "platform"): Contestant {
  return {
    label: kind === "constant" ? `${scheme}, constant answers` : scheme,
    kind,
    depths: [1, 8, 32],
    served: (folder) => ({ scheme, path: `${folder}/${scheme}-${kind}.sock` }),
    open: (served) => {
      if (!("path" in served)) throw new Error("A socket has a path");
      return scheme === "virtio" ? openVirtioAgent(served.path) : openMessageAgent(served.path);
    },
  };
}

const SHMEM: Contestant = {
  label: "shmem",
  kind: "platform",
  depths: [1, 8, 32],
  served(folder) {
    const channelCount = SHMEM_CHANNEL_COUNT;
    // The areas take half of it.
    const options: ShmemOptions = {
      path: `${folder}/shmem`,
      size: 4 * channelCount * AREA_SIZE,
      channelCount,
    };
    return { scheme: "shmem", options };
  },
  open(served) {
    if (served.scheme !== "shmem") throw new Error("It is served as shmem");
    return openShmemAgent(served.options);
  },
};

const MAILBOX: Contestant = {
  label: "mailbox, interrupt",
  kind: "platform",
  depths: [1, 8],
  served: (folder) => ({
    scheme: "mailbox",
    options: {
      path: `${folder}/mailbox`,
      createSize: 0x10000,
      version: 2,
      mhuOffset: 0,
      commandOffsets: Array.from({ length: MAILBOX_CHANNEL_COUNT }, (_, i) => 0x8000 + i * AREA_SIZE),
      notificationOffset: null,
      areaSize: AREA_SIZE,
    },
    callFd: newEventFd(),
  }),
  open(served) {
    if (served.scheme !== "mailbox" || served.callFd === null) {
      throw new Error("It is served with an interrupt");
    }
    return openMailboxAgent(served.options, served.callFd);
  },
};

/** Does a number of rounds and returns the time of each, us. */
function time(round: () => void, rounds: number): Float64Array {
  const times = new Float64Array(rounds);
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    round();
    times[i] = (performance.now() - start) * 1000;
  }
  return times;
}

async function measureFloor(rounds: number, affinity: ProcessorSet): Promise<TransportFigures> {
  const [kickFd, callFd] = [newEventFd(), newEventFd()];
  const thread = new BackEndThread();
  await thread.start({ kind: "echo", kickFd, callFd }, affinity);
  const waiter = new CallWaiter(callFd);
  const round = () => {
    libc.write(kickFd, ONE, 8);
    waiter.wait();
  };
  time(round, rounds / 5);
  const figures = figuresOf("two eventfds (floor)", 1, time(round, rounds));
  waiter.close();
  thread.stop();
  return figures;
}

/** No second thread: what remains of a message when it has no way to go. */
function measureLoopback(rounds: number): TransportFigures {
  const { loopback } = connectAgent(createMachine({ sensors: benchSensors() }));
  loopback.onMessage = null;
  // One is too short for the clock.
  const batch = 32;
  const round = () => {
    for (let i = 0; i < batch; i++) loopback.exchange(READING);
  };
  time(round, rounds / 5);
  const times = time(round, rounds / 5).map((us) => us / batch);
  return figuresOf("loopback", 1, times);
}

async function measure(
  { label, kind, depths, served, open }: Contestant,
  folder: string,
  rounds: number,
  affinity: ProcessorSet,
): Promise<TransportFigures[]> {
  const thread = new BackEndThread();
  const transport = served(folder);
  await thread.start({ kind, transport }, affinity);
  const agent = open(transport);
  const figures = depths.map((depth) => {
    const depthRounds = Math.ceil(rounds / Math.sqrt(depth));
    const round = agent.rounds(depth);
    time(round, depthRounds / 5);
    return figuresOf(label, depth, time(round, depthRounds));
  });
  agent.close();
  thread.stop();
  return figures;
}

/** What the polled mailbox is to reach, us. */
const POLLED_P50_MAX_US = 100;

function describePolled(polled: PolledFigures | null): string {
  if (polled === null) return "mailbox, polled: not measured, which takes two processors and a C compiler";
  const { platform, floor } = polled;
  const figures = `p50 ${platform.p50Us.toFixed(1)} us; ${floor.label} takes ${floor.p50Us.toFixed(1)} us`;
  return `mailbox, polled by an agent in C: ${figures}; ${verdict(platform.p50Us, POLLED_P50_MAX_US, "us")}`;
}

/** Measures and prints. The calling thread stays on one processor meanwhile, but for the agent that polls. */
export async function benchTransports(options: TransportBenchOptions = {}): Promise<void> {
  const rounds = options.isShort ? 20_000 : 100_000;
  const folder = await Deno.makeTempDir({ prefix: "scmi-bench-" });
  try {
    const measured = await onOneProcessor(async (affinity) => {
      const all = [[await measureFloor(rounds, affinity)], [measureLoopback(rounds)]];
      const contestants = [
        socketOf("message", "platform"),
        socketOf("virtio", "platform"),
        socketOf("virtio", "constant"),
        SHMEM,
        MAILBOX,
      ];
      for (const each of contestants) all.push(await measure(each, folder, rounds, affinity));
      return all;
    });
    // Whoever looks all the time needs a processor to himself, or the platform would have to wait for it.
    const polled = navigator.hardwareConcurrency > 1
      ? await benchPolledMailbox(folder, options.isShort ? 100 : 500)
      : null;
    print(polled === null ? measured : [...measured, [polled.platform]]);
    console.log(describePolled(polled));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const DEPTHS = [1, 8, 32] as const;

function print(all: readonly (readonly TransportFigures[])[]): void {
  const floorUs = all[0]![0]!.p50Us;
  const row = (cells: readonly string[]) =>
    `  ${cells[0]!.padEnd(28)}${cells.slice(1).map((cell) => cell.padStart(12)).join("")}`;
  console.log("transports: a reading of 56 bytes; agent and platform are two threads on one processor");
  console.log(row(["", "p50, us", "x floor", "p99, us", ...DEPTHS.map((depth) => `M/s with ${depth}`)]));
  for (const figures of all) {
    const [first] = figures;
    const speeds = DEPTHS.map((depth) => figures.find((each) => each.depth === depth)?.perSecond)
      .map((perSecond) => perSecond === undefined ? "-" : (perSecond / 1e6).toFixed(3));
    const { label, p50Us, p99Us } = first!;
    console.log(row([label, p50Us.toFixed(1), (p50Us / floorUs).toFixed(2), p99Us.toFixed(1), ...speeds]));
  }
}
