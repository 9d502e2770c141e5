// The `run` command: a board is up, its endpoints are printed, and it stays until a signal.
import type { CorePlan } from "./core_plan.ts";
import { type CoreWorker, createCoreWorker, type RunningCore } from "./core_process.ts";
import type { PlatformView } from "./control_calls.ts";
import type { HttpAddress } from "./cli.ts";
import { EXIT, type Terminal } from "./terminal.ts";

/** What `run` is asked for. */
export interface RunRequest {
  readonly plan: CorePlan;
  /** null = no HTTP. */
  readonly http: HttpAddress | null;
  readonly isJson: boolean;
  readonly isDebug: boolean;
}

/** Runs a board until a signal ends it; returns the exit code. */
export async function runBoard(
  request: RunRequest,
  terminal: Terminal,
  early: CoreWorker | null,
): Promise<number> {
  const ended = untilSignal();
  const worker = early ?? createCoreWorker();
  const start = await worker.start(request.plan, (line) => terminal.complain(line));
  if (!start.ok) {
    for (const problem of start.problems) terminal.complain(`error: ${problem}`);
    if (request.isDebug && start.detail !== "") terminal.complain(start.detail);
    return EXIT.failure;
  }
  const { core } = start;
  await printReady(core, request, terminal);
  const failure = await Promise.race([ended, core.failed]);
  if (failure === null) {
    await core.stop();
    return EXIT.success;
  }
  terminal.complain(`error: the simulator ended by a mistake of its own: ${failure.problem}`);
  if (request.isDebug) terminal.complain(failure.detail);
  return EXIT.failure;
}

async function printReady(core: RunningCore, request: RunRequest, terminal: Terminal): Promise<void> {
  const outcome = await core.client.call("platform", null);
  if (!outcome.ok) return;
  const platform: PlatformView = outcome.value;
  if (request.isJson) return terminal.print(JSON.stringify(platform));
  terminal.print(`${platform.name}: ${platform.title}`);
  terminal.print("Endpoints:");
  for (const { spec } of platform.endpoints) terminal.print(`  ${spec}`);
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Resolves with null on the first signal that ends a program. */
function untilSignal(): Promise<null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, () => resolve(null));
  return promise;
}
