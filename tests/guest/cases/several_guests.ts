// Three Linux guests on one board at once: each sees its own view and nothing else, and notices of the others, of a flood and of
// a guest that is killed, only what the board's policies say.

import { assert, assertEquals } from "@std/assert";
import { compileViews } from "../../../boards/view_compiler.ts";
import { guestCacheFolder, KERNEL_SERIES } from "../../../scp/control/guest_cache.ts";
import { chooseValue } from "../board_sensors.ts";
import type { HardwareViews } from "../../../scp/control/hardware_views.ts";
import type { CaseContext, GuestCase } from "../case.ts";
import type { GuestMachine } from "../guest.ts";
import { ABOUT_VIRTIO } from "../guest_transports.ts";
import { findKernel, type GuestKernel } from "../kernels.ts";
import { compareFlooded, type FloodComparison } from "../load.ts";
import { CLOCK, commandHex, parseMessage } from "../raw_message.ts";
import { LIST_RESOURCES, resourcesIn, resourcesOf } from "../seen_resources.ts";
import { settle } from "../settle.ts";
import { SHARED_BOARD, SharedBoard, type SharedGuest } from "../shared_board.ts";

const [COCKPIT, CLUSTER, SAFETY] = ["cockpit", "cluster", "safety"] as const;
const AGENTS = [COCKPIT, CLUSTER, SAFETY] as const;

const SYSTEM_POWER = 0x12;
const SYSTEM_POWER_STATE_SET = 0x3;
const CLOCK_CONFIG_SET = 0x7;
const ENABLED = 1;

/** The clock for which the guest votes that is killed. */
const VOTED = "du3";

/** Reads all sensors a number of times and says so. */
function readSensors(key: string, turns: number): string {
  return `
for turn in $(seq ${turns}); do
	mark read "$(cat $HWMON/*_input | xargs)"
done
mark ${key}
await_host
`;
}

const HELLO = `
${LIST_RESOURCES}
mark ready
await_host
`;
const LOADED = `${readSensors("calm", 10)}${readSensors("busy", 10)}`;
// What polls a sensor of a system that is down would be refused.
const SHUT_DOWN = `
for mode in /sys/class/thermal/thermal_zone*/mode; do echo disabled >$mode; done
exchange voted "${commandHex(SYSTEM_POWER, SYSTEM_POWER_STATE_SET, 9, 0, 0)}"
await_host
`;

/** What the guests do; the one of the cluster dies among its readings. */
const SCRIPTS = {
  [COCKPIT]: `${HELLO}${LOADED}${readSensors("after", 5)}${SHUT_DOWN}`,
  [CLUSTER]: `${HELLO}exchange held "${
    commandHex(CLOCK, CLOCK_CONFIG_SET, 8, idOf(CLUSTER, VOTED), ENABLED, 0)
  }"\n${LOADED}mark dying\nwhile :; do cat $HWMON/*_input >/dev/null; done\n`,
  [SAFETY]: `${HELLO}${LOADED}${readSensors("after", 5)}${SHUT_DOWN}`,
};

/** The cases of this file. */
export const SEVERAL_GUEST_CASES: readonly GuestCase[] = [{
  name:
    "three guests on one board see their views, and are disturbed neither by a flood nor by a guest that is killed",
  over: ABOUT_VIRTIO,
  runsAlone: true,
  async run(context) {
    const board = await SharedBoard.start(context.folder, AGENTS);
    try {
      await runTogether(context, board);
    } finally {
      const { problem } = await board.stop();
      assertEquals(problem, null);
    }
  },
}];

async function runTogether(context: CaseContext, board: SharedBoard): Promise<void> {
  const rows = await overrideSensors(board);
  const machines = await machinesOf(context);
  const guests = await Promise.all(
    AGENTS.map((agent) =>
      board.boot(agent, machines[agent], SCRIPTS[agent], agent === CLUSTER ? "dying" : undefined)
    ),
  ) as [SharedGuest, SharedGuest, SharedGuest];
  const [cockpit, cluster, safety] = guests;
  try {
    const sockets = [board.ownSocket(SAFETY), board.ownSocket(CLUSTER)] as const;
    const all = (key: string) => Promise.all(guests.map((guest) => guest.reached(key)));
    const goOn = (some: readonly SharedGuest[]) => Promise.all(some.map((guest) => guest.goOn()));
    await all("ready");
    const atRest = await compareFlooded(...sockets);
    await goOn(guests);
    await all("calm");
    assertEquals(parseMessage(await cluster.reached("held")).words, [0]);
    assertEquals(await isEnabled(board), true);
    await goOn(guests);
    const meanwhile = await compareFlooded(...sockets);
    await all("busy");
    tell(context, "at rest", atRest);
    tell(context, "reading", meanwhile);

    const before = await settings(board);
    await cluster.goOn();
    await cluster.ended;
    const { onVanish } = SHARED_BOARD.agents.find(({ name }) => name === CLUSTER)!;
    const isKept = await settle(() => isEnabled(board), (is) => is === (onVanish === "keep"));
    assertEquals(isKept, onVanish === "keep", `the clock ${VOTED} after its guest was killed`);
    // The others wait meanwhile: what differs does so because one was killed.
    const after = await settings(board);
    assertEquals([...after.keys()], [...before.keys()]);
    const differing = [...after.keys()].filter((name) => after.get(name) !== before.get(name));
    assertEquals(
      differing,
      onVanish === "keep" ? [] : [`clocks ${VOTED}`],
      "what one guest less has changed",
    );
    const survivors = [cockpit, safety];
    await goOn(survivors);
    await Promise.all(survivors.map((guest) => guest.reached("after")));

    await shutDown(board, cockpit, safety);
    await goOn(survivors);
    for (const guest of guests) {
      const report = await guest.ended;
      context.consoles.push(report.console);
      assertEquals(resourcesIn(SHARED_BOARD, report), resourcesOf(SHARED_BOARD, guest.agent), guest.agent);
      const read = report.all("read");
      assertEquals(new Set(read), new Set([rows.get(guest.agent)]), `readings of ${guest.agent}`);
      assertEquals(read.length, guest === cluster ? 20 : 25);
      if (guest !== cluster) await board.judge(guest.agent, report);
    }
  } finally {
    // Guests that wait for a platform that has gone end by themselves; what they say then is of no interest.
    for (const guest of guests) guest.ended.catch((error) => context.consoles.push(String(error)));
  }
}

/** Each guest votes for the system to go down; only the last vote takes it down. */
async function shutDown(board: SharedBoard, first: SharedGuest, last: SharedGuest): Promise<void> {
  const { policy } = SHARED_BOARD.systemPower!;
  assertEquals(policy?.rules.shutdown, { decide: "lastOneOut" });
  assertEquals(new Set(policy?.voters), new Set<string>(AGENTS));
  await first.goOn();
  assertEquals(parseMessage(await first.reached("voted")).words, [0]);
  const waiting = await board.system();
  assertEquals(waiting.condition, "up");
  assertEquals(waiting.agents.find(({ name }) => name === first.agent)!.finds, "down");
  await last.goOn();
  assertEquals(parseMessage(await last.reached("voted")).words, [0]);
  const { condition, decisions } = await board.system();
  assertEquals(condition, "down");
  assertEquals(decisions.map(({ agent, transition, verdict }) => [agent, transition, verdict]), [
    [first.agent, "shutdown", "waiting"],
    [last.agent, "shutdown", "carriedOut"],
  ]);
  assert(
    decisions[0]!.reason.includes(last.agent) && !decisions[0]!.reason.includes(CLUSTER),
    decisions[0]!.reason,
  );
}

/** Gives every sensor a value that stays, and returns what each guest reads in one turn. */
async function overrideSensors(board: SharedBoard): Promise<ReadonlyMap<string, string>> {
  const prefixes: ReadonlyMap<number, readonly [prefix: string, first: number, scale: number]> = new Map([
    [2, ["temp", 1, 3]],
    [5, ["in", 0, 3]],
    [6, ["curr", 1, 3]],
    [7, ["power", 1, 6]],
    [8, ["energy", 1, 6]],
  ]);
  const shown = new Map<number, { file: readonly [string, number]; scale: number; value: number }>();
  for (const [id, sensor] of SHARED_BOARD.sensors.entries()) {
    const kind = sensor.axes === null ? prefixes.get(sensor.typeCode) : undefined;
    if (kind === undefined) continue;
    const { value, reading } = chooseValue(sensor, 0.2 + 0.01 * id);
    await board.override(sensor.name, [value]);
    const [prefix, first, scale] = kind;
    shown.set(id, {
      file: [prefix, first],
      scale,
      value: Math.round(reading * 10 ** (sensor.unitExponent + scale)),
    });
  }
  return new Map(
    compileViews(SHARED_BOARD).map(({ resources }, index) => {
      const counts = new Map<string, number>();
      const files = resources.sensor.flatMap(({ boardId }) => {
        const one = shown.get(boardId);
        if (one === undefined) return [];
        const [prefix, first] = one.file;
        const ordinal = counts.get(prefix) ?? 0;
        counts.set(prefix, ordinal + 1);
        return [[`${prefix}${first + ordinal}_input`, one.value] as const];
      });
      // As the shell sorts them.
      const sorted = files.toSorted(([a], [b]) => a < b ? -1 : 1);
      return [SHARED_BOARD.agents[index]!.name, sorted.map(([, value]) => value).join(" ")];
    }),
  );
}

/** The machines: that of the cluster has the other kernel, where both have been built. */
async function machinesOf(
  context: CaseContext,
): Promise<Readonly<Record<typeof AGENTS[number], GuestMachine>>> {
  const { busyboxPath, folder, kernel } = context;
  const machine = (one: GuestKernel) => ({ kernel: one, busyboxPath, folder });
  const cache = guestCacheFolder((name) => Deno.env.get(name));
  const series = KERNEL_SERIES.find((one) => one !== kernel.series)!;
  const other = cache === null ? null : await findKernel(cache, series);
  return { [COCKPIT]: machine(kernel), [CLUSTER]: machine(other ?? kernel), [SAFETY]: machine(kernel) };
}

/** Figures are for people: how fast a busy machine is decides nothing. */
function tell({ kernel }: CaseContext, guests: string, comparison: FloodComparison): void {
  const { quietUs, floodedUs, perSecond } = comparison;
  assert(perSecond > 0, "the flood was served");
  const us = (value: number) => `${value.toFixed(0)} us`;
  console.log(
    `       linux ${kernel.series}, guests ${guests}: p99 of safety ${us(quietUs)}, ${
      us(floodedUs)
    } beside ` +
      `${perSecond.toFixed(0)} messages/s of ${CLUSTER}: ${(floodedUs / quietUs).toFixed(2)} times`,
  );
}

async function isEnabled(board: SharedBoard): Promise<boolean> {
  return (await board.hardware("clocks")).find(({ name }) => name === VOTED)!.wire.isEnabled;
}

/** Kinds of hardware that agents set. Levels and rails follow the load, hence limits and caps are taken of these. */
const SETTINGS = {
  clocks: ({ wire }) => wire,
  powerDomains: ({ wire }) => wire,
  performanceDomains: ({ truth: { agentLimitMin, agentLimitMax } }) => [agentLimitMin, agentLimitMax],
  resets: ({ truth }) => truth,
  voltages: ({ wire: { mode } }) => mode,
  powerCaps: ({ wire: { limits } }) => limits,
  pins: ({ wire, truth: { ownerId } }) => [wire, ownerId],
} as const satisfies { readonly [K in keyof HardwareViews]?: (item: HardwareViews[K]) => unknown };

/** What is set of the board's hardware, by kind and name. */
async function settings(board: SharedBoard): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  const read = async <K extends keyof typeof SETTINGS>(kind: K) => {
    const settingOf = SETTINGS[kind] as (item: HardwareViews[K]) => unknown;
    for (const item of await board.hardware(kind)) {
      all.set(`${kind} ${item.name}`, JSON.stringify(settingOf(item)));
    }
  };
  for (const kind of Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]) await read(kind);
  return all;
}

/** The id of a clock in an agent's view. */
function idOf(agent: string, name: string): number {
  const view = compileViews(SHARED_BOARD)[SHARED_BOARD.agents.findIndex((one) => one.name === agent)]!;
  return view.resources.clock.findIndex((entry) => entry.name === name);
}
