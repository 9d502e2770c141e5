// Load on a platform that guests use: readings of one agent, timed, and another one that floods. Both are front-ends of ours, as a
// guest under emulation sends far less than a real one.

import { encodeCommand } from "../../scp/agent/agent.ts";
import { SENSOR_READING_GET } from "../../protocols/sensor/messages.ts";
import { startFlood, timesOf } from "../bench/agents_bench.ts";
import { CallWaiter, figuresOf } from "../bench/back_end_thread.ts";
import { FrontEnd, LINUX_ROOM } from "../support/vhost_user_front_end.ts";

const READING = encodeCommand(0x15, SENSOR_READING_GET, { sensorId: 0, flags: { async: false } }, 1);

/** Commands of a burst, and their distance: 50,000 a second. */
const BURST = 50;
const INTERVAL_US = 1000;

/** Reads the first sensor of an agent so many times, one after the other; returns the latencies. Throws when one is lost. */
export function timeReadings(
  socket: string,
  count: number,
): { readonly p50Us: number; readonly p99Us: number } {
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
  // Both sides compile what they run first.
  timesOf(round, count);
  const times = timesOf(round, count);
  waiter.close();
  frontEnd.close();
  return figuresOf("", 1, times);
}

/** Starts a flood of readings; returns what ends it and tells how many a second were answered. */
export function flood(socket: string): Promise<() => Promise<number>> {
  return startFlood({
    path: socket,
    message: READING,
    burst: BURST,
    intervalUs: INTERVAL_US,
    stop: new SharedArrayBuffer(4),
    affinity: null,
  });
}
