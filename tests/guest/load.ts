// Load on a platform that guests use: readings of one agent, timed, and another one that floods. Both are front-ends of ours, as a
// guest under emulation sends far less than a real one.

import { encodeCommand } from "../../scp/agent/agent.ts";
import { SENSOR_READING_GET } from "../../protocols/sensor/messages.ts";
import { startFlood, timesOf } from "../bench/agents_bench.ts";
import { CallWaiter, figuresOf } from "../bench/back_end_thread.ts";
import { keepProcessOn, onOneProcessor, type ProcessorSet } from "../bench/processors.ts";
import { FrontEnd, LINUX_ROOM } from "../support/vhost_user_front_end.ts";

const READING = encodeCommand(0x15, SENSOR_READING_GET, { sensorId: 0, flags: { async: false } }, 1);

/** Commands of a burst, and their distance: 50,000 a second. */
const BURST = 50;
const INTERVAL_US = 1000;

/** Readings of a turn, and turns: what else happens on the machine hits quiet and flooded ones alike. */
const READINGS_PER_TURN = 2000;
const TURN_COUNT = 5;
/** Turns in which both sides compile what they run. */
const WARM_UP_TURN_COUNT = 5;

/** What an agent waits for its readings at p99, and how much the other one had answered. */
export interface FloodComparison {
  readonly quietUs: number;
  readonly floodedUs: number;
  readonly perSecond: number;
}

/**
 * Times readings of an agent, in turns with and without a flood of another. The simulator and the agent have a processor to
 * themselves meanwhile, as a host keeps for what is safety-relevant: else guests that are emulated would be measured, which
 * wait for nobody. Throws when a reading is lost.
 */
export function compareFlooded(socket: string, flooderSocket: string): Promise<FloodComparison> {
  return onOneProcessor(async (own, other, all) => {
    const children = childProcesses();
    for (const { pid, name } of children) keepProcessOn(pid, name.startsWith("qemu") ? other : own);
    try {
      return await compare(socket, flooderSocket, other);
    } finally {
      for (const { pid } of children) keepProcessOn(pid, all);
    }
  });
}

/** The simulator and the emulators that run. */
function childProcesses(): { readonly pid: number; readonly name: string }[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name: entry }) => {
    if (!/^\d+$/.test(entry)) return [];
    const [, name, parent] = /^\d+ \((.*)\) . (\d+) /.exec(readStat(entry)) ?? [];
    return name !== undefined && Number(parent) === Deno.pid ? [{ pid: Number(entry), name }] : [];
  });
}

/** What the kernel tells of a process; nothing of one that has just ended. */
function readStat(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    return "";
  }
}

async function compare(
  socket: string,
  flooderSocket: string,
  flooderProcessors: ProcessorSet,
): Promise<FloodComparison> {
  const frontEnd = FrontEnd.start(socket, { turn: null });
  const { cmdq } = frontEnd;
  const waiter = new CallWaiter(cmdq.callFd);
  const head = frontEnd.prepare(0, READING, LINUX_ROOM);
  const round = () => {
    cmdq.offer(head);
    cmdq.submit();
    while (cmdq.usedCount === 0) if (!cmdq.askForCall(1)) waiter.wait();
    cmdq.skip();
  };
  const [quiet, flooded, rates]: number[][] = [[], [], []];
  for (let turn = -WARM_UP_TURN_COUNT; turn < TURN_COUNT; turn++) {
    const quietTimes = timesOf(round, READINGS_PER_TURN);
    const stop = await flood(flooderSocket, flooderProcessors);
    const floodedTimes = timesOf(round, READINGS_PER_TURN);
    const rate = await stop();
    if (turn < 0) continue;
    quiet!.push(...quietTimes);
    flooded!.push(...floodedTimes);
    rates!.push(rate);
  }
  waiter.close();
  frontEnd.close();
  const p99 = (times: number[]) => figuresOf("", 1, Float64Array.from(times)).p99Us;
  return { quietUs: p99(quiet!), floodedUs: p99(flooded!), perSecond: Math.min(...rates!) };
}

/** Starts a flood of readings; returns what ends it and tells how many a second were answered. */
function flood(socket: string, affinity: ProcessorSet): Promise<() => Promise<number>> {
  return startFlood({
    path: socket,
    message: READING,
    burst: BURST,
    intervalUs: INTERVAL_US,
    stop: new SharedArrayBuffer(4),
    affinity,
  });
}
