// `deno task test:guest`: prepares the machine and the kernels, then runs each case on each kernel over each of its ways to the
// real simulator. One line per run; the last line has the totals. Several runs are side by side, but for those that measure.

import { parseArgs } from "node:util";
import { KERNEL_SERIES, type KernelSeries } from "../../scp/control/guest_cache.ts";
import { CaseContext, type GuestCase } from "./case.ts";
import { EVERY_CASE, runsOn, waysOf } from "./every_case.ts";
import { GUEST_TRANSPORT_NAMES, GUEST_TRANSPORTS, type GuestTransportName } from "./guest_transports.ts";
import type { GuestKernel } from "./kernels.ts";
import { Platform } from "./platform.ts";
import { prepare } from "./preparation.ts";
import { PreparationError } from "./run_command.ts";

const HELP = `Boots Linux guests under QEMU against the simulator.

  deno task test:guest [--only PATTERN] [--kernel ${
  KERNEL_SERIES.join("|")
}] [--over WAY] [--keep-logs] [--list]

  --only PATTERN   only the cases whose name contains PATTERN
  --kernel SERIES  only this kernel
  --over WAY       only over this way: ${GUEST_TRANSPORT_NAMES.join(", ")}
  --keep-logs      keep the consoles and the simulator's output, and say where
  --list           print the names of the cases, with their ways`;

interface Options {
  readonly series: readonly KernelSeries[];
  readonly cases: readonly GuestCase[];
  readonly ways: readonly GuestTransportName[];
  readonly keepsLogs: boolean;
}

/** A case on a kernel over a way. */
interface Run {
  readonly one: GuestCase;
  readonly kernel: GuestKernel;
  readonly way: GuestTransportName;
}

/** What the runs came to. */
interface Totals {
  passed: number;
  failed: number;
}

/** Runs side by side, one more than processors: each waits for something about half of its time. */
const LANE_COUNT = navigator.hardwareConcurrency + 1;

Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "number") return options;
  const totals: Totals = { passed: 0, failed: 0 };
  const folder = await Deno.makeTempDir({ prefix: "scmi-guest-" });
  try {
    const prepared = await prepare(options.series, say);
    const runs = [...runsOf(options, prepared.kernels).entries()];
    const { alone = [], beside = [] } = Object.groupBy(
      runs,
      ([, { one }]) => one.runsAlone ? "alone" : "beside",
    );
    for (const [some, laneCount] of [[beside, LANE_COUNT], [alone, 1]] as const) {
      const left = some.values();
      // Each lane takes the next run that nobody has.
      const lanes = Array.from({ length: laneCount }, async () => {
        for (const [index, run] of left) {
          await runOne(run, prepared.busyboxPath, `${folder}/${index}`, options.keepsLogs, totals);
        }
      });
      await Promise.all(lanes);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    totals.failed++;
    say(`FAILED preparation: ${error.message}`);
    if (error instanceof PreparationError && error.detail !== "") say(indented(error.detail));
  } finally {
    if (options.keepsLogs) say(`logs are in ${folder}`);
    else await Deno.remove(folder, { recursive: true });
  }
  say(`${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed === 0 ? 0 : 1;
}

/** Returns the options, or the exit code when there is nothing to run. */
function readOptions(args: string[]): Options | number {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        only: { type: "string", default: "" },
        kernel: { type: "string" },
        over: { type: "string" },
        "keep-logs": { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
  if (values.help) {
    say(HELP);
    return 0;
  }
  const series = KERNEL_SERIES.filter((one) => values.kernel === undefined || one === values.kernel);
  const cases = EVERY_CASE.filter((one) => one.name.includes(values.only));
  const ways = GUEST_TRANSPORT_NAMES.filter((one) => values.over === undefined || one === values.over);
  if (values.list) {
    for (const one of cases) say(`${one.name} (${waysOf(one).join(", ")})`);
    return 0;
  }
  if (series.length === 0 || cases.length === 0 || ways.length === 0) {
    console.error(
      series.length === 0
        ? `no kernel ${values.kernel}: there are ${KERNEL_SERIES.join(" and ")}`
        : ways.length === 0
        ? `no way ${values.over}: there are ${GUEST_TRANSPORT_NAMES.join(", ")}`
        : `no case has "${values.only}" in its name: --list prints all`,
    );
    return 2;
  }
  return { series, cases, ways, keepsLogs: values["keep-logs"] };
}

/** All runs, those of a case one after the other. */
function runsOf({ cases, ways }: Options, kernels: readonly GuestKernel[]): Run[] {
  return cases.flatMap((one) =>
    ways.flatMap((way) =>
      kernels.filter(({ series }) => runsOn(one, series, way)).map((kernel) => ({ one, kernel, way }))
    )
  );
}

async function runOne(
  { one, kernel, way }: Run,
  busyboxPath: string,
  folder: string,
  keepsLogs: boolean,
  totals: Totals,
): Promise<void> {
  const name = `linux ${kernel.series} over ${way}: ${one.name}`;
  await Deno.mkdir(folder);
  try {
    await runCase(one, way, { kernel, busyboxPath, folder }, keepsLogs);
    totals.passed++;
    say(`ok     ${name}`);
  } catch (error) {
    // A defect of a case counts as its failure; the others still run.
    totals.failed++;
    say(`FAILED ${name}`);
    say(indented(error instanceof Error ? error.message : String(error)));
  }
  if (!keepsLogs) await Deno.remove(folder, { recursive: true });
}

async function runCase(
  one: GuestCase,
  way: GuestTransportName,
  machine: ConstructorParameters<typeof CaseContext>[0],
  keepsLogs: boolean,
): Promise<void> {
  const platform = await Platform.start(machine.folder, GUEST_TRANSPORTS[way], one.simulatorArguments ?? []);
  const context = new CaseContext(machine, platform, way);
  const failures: string[] = [];
  try {
    await one.run(context);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    failures.push(error.message);
  }
  const { problem, output } = await platform.stop();
  // A simulator that died is the cause of what the guest met, so both are told.
  if (problem !== null) failures.push(problem);
  if (keepsLogs) {
    await Deno.writeTextFile(`${machine.folder}/simulator.log`, output);
    for (const [index, text] of context.consoles.entries()) {
      await Deno.writeTextFile(`${machine.folder}/console-${index}.log`, text);
    }
  }
  if (failures.length > 0) throw new Error(failures.join("\n"));
}

function say(line: string): void {
  console.log(line);
}

/** Sets a reason apart from the lines of the cases; a whole console in it is cut. */
function indented(text: string): string {
  return text.split("\n").slice(0, 40).map((line) => `       ${line.slice(0, 300)}`).join("\n");
}
