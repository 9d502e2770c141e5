// Many agents on one platform: what a message costs among 64 agents beside one, and how long an agent of the class safety
// waits while another floods. The reference of the same run is the same agent without the others.
import { completeMediation, type MediationDescription } from "../../boards/mediation.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { createMachine } from "../support/platform.ts";
import { createMessageBuffer, type MessageBuffer } from "../../transports/channel.ts";
import { benchSensors, bufferOf } from "./dispatch_bench.ts";
import type { FloodStart } from "./flood_worker.ts";
import { BackEndThread, figuresOf } from "./back_end_thread.ts";
import { letOthersRun, onOneProcessor } from "./processors.ts";
import { openVirtioAgent, READING, ROOM, SENSOR_PROTOCOL, type VirtioAgent } from "./transport_agents.ts";

const AGENT_COUNT = 64;
const SENSOR_COUNT = 10;

/** Costs of one message among one agent and among 64, ns. */
export interface AgentFigures {
  readonly oneNs: number;
  readonly manyNs: number;
}

/** Messages of one turn of a measurement in process: each agent a hundred. */
const SEGMENT = 100 * AGENT_COUNT;

/** Messages that an agent has in flight where agents take turns over virtio. */
const DEPTH = 8;

function readings(): MessageBuffer[] {
  return Array.from({ length: SENSOR_COUNT }, (_, sensorId) =>
    bufferOf(
      encodeCommand(
        SENSOR_PROTOCOL,
        sensor.SENSOR_READING_GET,
        { sensorId, flags: { async: false } },
        sensorId,
      ),
    ));
}

/** Measures readings of one agent of a platform, and of 64 in rotation. */
export function benchAgents(rounds: number): AgentFigures {
  const prepare = (agentCount: number) => {
    const agents = Array.from({ length: agentCount }, (_, i) => ({ name: `agent${i}`, isTrusted: false }));
    const machine = createMachine({ sensors: benchSensors(SENSOR_COUNT), agents });
    const channels = agents.map(({ name }) => machine.openChannel(name)!);
    return { channels };
  };
  const platforms = [prepare(1), prepare(AGENT_COUNT)];
  const requests = readings();
  const reply = createMessageBuffer(4096);
  const serveAll = (channels: ReturnType<typeof prepare>["channels"], count: number) => {
    for (let i = 0; i < count; i++) {
      const request = requests[i % SENSOR_COUNT]!;
      channels[i % channels.length]!.serve(request, request.bytes.length, reply, ROOM);
    }
  };
  // Apart from the loop, whose compiled code the engine would else give up each time it reads the clock.
  const measure = (channels: ReturnType<typeof prepare>["channels"], count: number): number => {
    const start = performance.now();
    serveAll(channels, count);
    return ((performance.now() - start) * 1e6) / count;
  };
  for (const { channels } of platforms) measure(channels, rounds);
  const measures = platforms.map(({ channels }) => () => measure(channels, SEGMENT));
  const [oneNs = NaN, manyNs = NaN] = inTurn(rounds / SEGMENT, measures);
  return { oneNs, manyNs };
}

/**
 * Measures several things in short turns, so that a neighbour on a busy machine hits all alike, and takes what a tenth of the turns
 * stays below: those that nobody disturbed.
 */
function inTurn(turns: number, measures: readonly (() => number)[]): number[] {
  const costs = measures.map(() => [] as number[]);
  for (let i = 0; i < turns; i++) measures.forEach((measure, which) => costs[which]!.push(measure()));
  return costs.map((all) => all.sort((x, y) => x - y)[Math.floor(turns / 10)]!);
}

/** The same over virtio. */
export interface AgentSocketFigures {
  /** Each round of one agent wakes the platform, which has gone to sleep before. */
  readonly inTurn: AgentFigures;
  /** What a message costs where all 64 send before any of them waits, ns. */
  readonly togetherNs: number;
}

/** Measures readings over virtio: of one agent at its socket, and of 64 at theirs. */
export async function benchAgentSockets(rounds: number): Promise<AgentSocketFigures> {
  return await onOneProcessor(async (affinity) => {
    const folder = await Deno.makeTempDir({ prefix: "scmi-bench-" });
    const agents = Array.from({ length: AGENT_COUNT }, (_, i) => ({
      name: `agent${i}`,
      path: `${folder}/${i}.sock`,
      mediation: NORMAL,
    }));
    const backEnd = new BackEndThread();
    await backEnd.start({ kind: "agents", agents }, affinity);
    const sites = agents.map(({ path }) => openVirtioAgent(path));
    const figures = measureSites(sites, rounds);
    for (const agent of sites) agent.close();
    backEnd.stop();
    await Deno.remove(folder, { recursive: true });
    return figures;
  });
}

function measureSites(agents: readonly VirtioAgent[], rounds: number): AgentSocketFigures {
  const sites = agents.map((agent) => ({ round: agent.rounds(DEPTH), ...agent.halves(DEPTH) }));
  /** Returns what a message of one run costs, in which as many are sent as 64 agents have in flight. */
  const timeOf = (run: () => void): number => {
    const start = performance.now();
    run();
    return ((performance.now() - start) * 1e6) / (AGENT_COUNT * DEPTH);
  };
  const takeTurns = (count: number) => () => {
    for (let i = 0; i < AGENT_COUNT; i++) {
      sites[i % count]!.round();
      // One that sends again before the platform sleeps need not wake it: 64 in turn always have to.
      letOthersRun();
    }
  };
  const sendTogether = () => {
    for (const { send } of sites) send();
    for (const { take } of sites) take();
  };
  const runs = [takeTurns(1), takeTurns(AGENT_COUNT), sendTogether].map((run) => () => timeOf(run));
  const [oneNs = NaN, manyNs = NaN, togetherNs = NaN] = inTurn(rounds / AGENT_COUNT * 9, runs);
  return { inTurn: { oneNs, manyNs }, togetherNs };
}

/** Latencies of the safety agent, us. */
export interface FloodFigures {
  readonly label: string;
  readonly p50Us: number;
  readonly p99Us: number;
  /** What the other agent had answered meanwhile, messages a second. */
  readonly floodPerSecond: number;
  /** Whether it is the flood for which a bound is given. */
  readonly isJudged: boolean;
}

const SAFETY: MediationDescription = completeMediation({ serviceClass: "safety" });
const NORMAL: MediationDescription = completeMediation({});
const BURST = 50;

/** The floods: none, the 50,000 messages a second of a busy guest, and all that one can send. */
const FLOODS = [
  { label: "quiet", intervalUs: null, isJudged: false },
  { label: "50,000/s of another", intervalUs: 1000, isJudged: true },
  { label: "as many as it can", intervalUs: 0, isJudged: false },
] as const;

/** Measures one reading in flight of an agent of the class safety, while another agent floods. */
export async function benchFlood(rounds: number): Promise<FloodFigures[]> {
  return await onOneProcessor(async (affinity, otherAffinity) => {
    const folder = await Deno.makeTempDir({ prefix: "scmi-bench-" });
    const agents = [
      { name: "safety", path: `${folder}/safety.sock`, mediation: SAFETY },
      { name: "other", path: `${folder}/other.sock`, mediation: NORMAL },
    ];
    const backEnd = new BackEndThread();
    await backEnd.start({ kind: "agents", agents }, affinity);
    const agent = openVirtioAgent(agents[0]!.path);
    const round = agent.rounds(1);
    const measure = async (intervalUs: number | null, count: number) => {
      const stop = intervalUs === null ? null : await startFlood({
        path: agents[1]!.path,
        message: READING,
        burst: BURST,
        intervalUs,
        stop: new SharedArrayBuffer(4),
        affinity: otherAffinity,
      });
      const times = timesOf(round, count);
      return { times, floodPerSecond: await stop?.() ?? 0 };
    };
    // Both sides compile what they run, that of a flood too.
    for (const { intervalUs } of FLOODS) await measure(intervalUs, rounds / 5);
    const figures: FloodFigures[] = [];
    for (const { label, intervalUs, isJudged } of FLOODS) {
      const { times, floodPerSecond } = await measure(intervalUs, rounds);
      const { p50Us, p99Us } = figuresOf(label, 1, times);
      figures.push({ label, p50Us, p99Us, floodPerSecond, isJudged });
    }
    agent.close();
    backEnd.stop();
    await Deno.remove(folder, { recursive: true });
    return figures;
  });
}

/** Does a number of rounds and returns the time of each, us. */
export function timesOf(round: () => void, rounds: number): Float64Array {
  const times = new Float64Array(rounds);
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    round();
    times[i] = (performance.now() - start) * 1000;
  }
  return times;
}

/** Starts a flood; returns what ends it and tells its rate. */
export async function startFlood(start: FloodStart): Promise<() => Promise<number>> {
  const worker = new Worker(new URL("./flood_worker.ts", import.meta.url), { type: "module" });
  const next = () =>
    new Promise<unknown>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  const ready = next();
  worker.postMessage(start);
  await ready;
  return async () => {
    const rate = next();
    const word = new Int32Array(start.stop);
    Atomics.store(word, 0, 1);
    Atomics.notify(word, 0);
    return await rate as number;
  };
}
