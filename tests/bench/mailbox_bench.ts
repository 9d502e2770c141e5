// What a mailbox costs while nobody uses it: memory has no interrupt, so it is looked at. The same event loop without a
// mailbox, woken as often by a timer, tells what of that is waking up.

import process from "node:process";
import { type Alarm, openAlarm } from "../../transports/ffi/alarm.ts";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import { listenMailbox } from "../../transports/mailbox/mailbox.ts";
import { waitAfterSilence } from "../../transports/memory/memory_watcher.ts";
import { ConstantPort } from "../support/front_end_constant_port.ts";
import { verdict } from "./verdict.ts";

/** Shares of a core, percent. */
export interface IdleFigures {
  readonly mailboxPercent: number;
  readonly timerPercent: number;
}

/** After this the mailbox is looked at least often. */
const SILENCE_MS = 150;
const IDLE_MAX_PERCENT = 2;
const IDLE_WAIT_MS = waitAfterSilence(Infinity) / 1000;

/** Runs an event loop for a while; returns the time that the process has worked, as a share of the time that has passed. */
function workPercent(reactor: Reactor, ms: number): number {
  const start = performance.now();
  const before = process.cpuUsage();
  while (performance.now() - start < ms) reactor.runOnce(-1);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 10 / (performance.now() - start);
}

function measureTimer(ms: number): number {
  const reactor = createReactor();
  const alarm: Alarm | null = openAlarm(reactor, () => alarm?.set(IDLE_WAIT_MS));
  if (alarm === null) throw new Error("There is no timer left");
  alarm.set(IDLE_WAIT_MS);
  const percent = workPercent(reactor, ms);
  alarm.close();
  reactor.close();
  return percent;
}

function measureMailbox(folder: string, ms: number): number {
  const reactor = createReactor();
  const endpoint = listenMailbox(reactor, {
    path: `${folder}/idle`,
    createSize: 0x10000,
    version: 1,
    mhuOffset: 0,
    commandOffsets: [0x2000],
    notificationOffset: 0x3000,
    areaSize: 128,
    interrupts: [],
  }, new ConstantPort());
  if ("error" in endpoint) throw new Error(endpoint.error);
  workPercent(reactor, SILENCE_MS);
  const percent = workPercent(reactor, ms);
  endpoint.close();
  reactor.close();
  return percent;
}

/** Measures and prints. */
export async function benchIdleMailbox(isShort: boolean): Promise<IdleFigures> {
  const ms = isShort ? 1000 : 5000;
  const folder = await Deno.makeTempDir({ prefix: "scmi-bench-" });
  try {
    const figures = { timerPercent: measureTimer(ms), mailboxPercent: measureMailbox(folder, ms) };
    console.log(
      `mailbox: silent, ${
        figures.mailboxPercent.toFixed(2)
      } % of a core, looked at every ${IDLE_WAIT_MS} ms; ` +
        `a timer alone ${figures.timerPercent.toFixed(2)} %; ` +
        verdict(figures.mailboxPercent, IDLE_MAX_PERCENT, "%"),
    );
    return figures;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
