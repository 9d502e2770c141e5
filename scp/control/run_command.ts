// The `run` command: a board is up, its endpoints are printed, and it stays until a signal.
import type { CorePlan } from "./core_plan.ts";
import { type CoreWorker, createCoreWorker, type RunningCore } from "./core_process.ts";
import type { PlatformView } from "./control_calls.ts";
import type { HttpAddress } from "./cli.ts";
import type { HttpServer } from "./http_server.ts";
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
  const http = request.http === null ? null : await startHttp(core, request.http);
  if (http !== null && "problem" in http) {
    await core.stop();
    terminal.complain(`error: ${http.problem}`);
    return EXIT.failure;
  }
  await printReady(core, http?.url ?? null, request, terminal);
  const failure = await Promise.race([ended, core.failed]);
  if (failure === null) {
    await core.stop();
    return EXIT.success;
  }
  terminal.complain(`error: the simulator ended by a mistake of its own: ${failure.problem}`);
  if (request.isDebug) terminal.complain(failure.detail);
  return EXIT.failure;
}

/** Loads the HTTP interface only now: the first agent does not wait for it. */
async function startHttp(
  core: RunningCore,
  address: HttpAddress,
): Promise<HttpServer | { readonly problem: string }> {
  const { createHttpApp } = await import("./http.ts");
  const { serveHttp } = await import("./http_server.ts");
  return serveHttp(createHttpApp(core.client), address);
}

async function printReady(
  core: RunningCore,
  httpUrl: string | null,
  request: RunRequest,
  terminal: Terminal,
): Promise<void> {
  const outcome = await core.client.call("platform", null);
  if (!outcome.ok) return;
  const platform: PlatformView = outcome.value;
  if (request.isJson) return terminal.print(JSON.stringify({ ...platform, http: httpUrl }));
  terminal.print(`${platform.name}: ${platform.title}`);
  terminal.print("Endpoints:");
  for (const { spec } of platform.endpoints) terminal.print(`  ${spec}`);
  terminal.print(httpUrl === null ? "HTTP: off" : `HTTP: ${httpUrl} (GET /openapi.json lists the routes)`);
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Resolves with null on the first signal that ends a program. */
function untilSignal(): Promise<null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, () => resolve(null));
  return promise;
}
