// The `run` command: a board is up, its endpoints are printed, and it stays until a signal.
import type { PlatformView } from "./control_calls.ts";
import type { CorePlan } from "./core_plan.ts";
import { type CoreWorker, createCoreWorker, failureLine, type RunningCore } from "./core_process.ts";
import type { HttpServer } from "./http_server.ts";
import { listenForInterruption, untilAborted } from "./interruption.ts";
import type { Outcome } from "./qemu_run.ts";
import type { HttpAddress, LogLevelName } from "./run_options.ts";
import { EXIT, type Terminal } from "./terminal.ts";

/** What `run` is asked for. */
export interface RunRequest {
  readonly plan: CorePlan;
  readonly http: HttpAddress | "off";
  readonly isJson: boolean;
  readonly logLevel: LogLevelName;
}

/** Runs a board until a signal ends it; returns the exit code. */
export async function runBoard(
  request: RunRequest,
  terminal: Terminal,
  early: CoreWorker | null,
): Promise<number> {
  const interrupted = listenForInterruption();
  const worker = early ?? createCoreWorker();
  let isStopped = true;
  let exitCode: number | null = null;
  try {
    exitCode = await Promise.race([
      serveUntilFailure(worker, request, terminal, interrupted),
      untilAborted(interrupted),
    ]);
  } finally {
    isStopped = await worker.stop();
  }
  if (!isStopped) {
    terminal.complain(
      "error: the core did not end within 2 s and was ended by force: sockets may stay behind",
    );
    return EXIT.failure;
  }
  return exitCode ?? EXIT.success;
}

/** Serves until something goes wrong, and tells what; returns the exit code. */
async function serveUntilFailure(
  worker: CoreWorker,
  request: RunRequest,
  terminal: Terminal,
  interrupted: AbortSignal,
): Promise<number> {
  const reports = new ReportQueue();
  const start = await worker.start(request.plan, (line) => reports.take(line));
  // Nobody wants to be told any more where everything is.
  if (interrupted.aborted) return EXIT.success;
  const isDebug = request.logLevel === "debug";
  if (!start.ok) {
    for (const problem of start.problems) terminal.complain(`error: ${problem}`);
    if (isDebug && start.detail !== "") terminal.complain(start.detail);
    return EXIT.failure;
  }
  const { core } = start;
  const served = await serveOutside(core, request, reports, terminal);
  if ("problem" in served) {
    terminal.complain(`error: ${served.problem}`);
    return EXIT.failure;
  }
  const failure = await core.failed;
  terminal.complain(failureLine(failure));
  if (isDebug) terminal.complain(failure.detail);
  return EXIT.failure;
}

/** Starts what is for people, now that agents can be served: HTTP, the log, the lines that say where everything is. */
async function serveOutside(
  core: RunningCore,
  request: RunRequest,
  reports: ReportQueue,
  terminal: Terminal,
): Promise<{ readonly url: string | null } | { readonly problem: string }> {
  const http = request.http === "off" ? { url: null } : await startHttp(core, request.http);
  if ("problem" in http) return http;
  const platform = await core.client.call("platform", null);
  if (platform.ok) await printReady(platform.value, http.url, request, terminal);
  await startLogging(core, request.logLevel, reports, terminal);
  return http;
}

async function startHttp(
  core: RunningCore,
  address: HttpAddress,
): Promise<HttpServer | { readonly problem: string }> {
  const { createHttpApp } = await import("./http.ts");
  const { serveHttp } = await import("./http_server.ts");
  return serveHttp(createHttpApp(core.client), address);
}

async function startLogging(
  core: RunningCore,
  level: LogLevelName,
  reports: ReportQueue,
  terminal: Terminal,
): Promise<void> {
  const { logEvents, startLog } = await import("./log.ts");
  const logger = await startLog(level, terminal);
  reports.pass((line) => logger.warn(line));
  if (level !== "info" && level !== "debug") return;
  const { EventHub } = await import("./event_hub.ts");
  void logEvents(new EventHub(core.client), logger);
}

async function printReady(
  platform: PlatformView,
  httpUrl: string | null,
  request: RunRequest,
  terminal: Terminal,
): Promise<void> {
  const guest = await guestText(request.plan, platform.endpoints);
  if (request.isJson) {
    const qemu = guest?.ok ? guest.value : null;
    terminal.print(JSON.stringify({ ...platform, http: httpUrl, qemu }));
    return;
  }
  terminal.print(`${platform.name}: ${platform.title}`);
  terminal.print("");
  terminal.print("Endpoints:");
  for (const { spec } of platform.endpoints) terminal.print(`  ${spec}`);
  terminal.print(httpUrl === null ? "HTTP: off" : `HTTP: ${httpUrl} (GET /openapi.json lists the routes)`);
  if (guest !== null) {
    terminal.print("");
    if (guest.ok) {
      terminal.print("A Linux guest, with a KERNEL and an INITRD of yours (`scp qemu --exec` does it all):");
      for (const line of guest.value.split("\n")) terminal.print(`  ${line}`);
    } else terminal.print(`No Linux guest as it is: ${guest.problem}`);
  }
  terminal.print("");
  terminal.print("Ctrl-C ends it.");
}

/** What to paste for a guest of the first endpoint that a guest can take; null when there is none. */
async function guestText(
  plan: CorePlan,
  endpoints: PlatformView["endpoints"],
): Promise<Outcome<string> | null> {
  const endpoint = endpoints.find(({ transport }) => transport === "virtio" || transport === "mailbox");
  if (endpoint === undefined) return null;
  const gpio = endpoints.find(({ transport, agent }) => transport === "gpio" && agent === endpoint.agent);
  const { servedGuestText } = await import("./served_guest.ts");
  return await servedGuestText(plan, endpoint, gpio?.path ?? null);
}

/** Keeps reports until there is a log to take them. */
class ReportQueue {
  #lines: string[] = [];
  #pass: ((line: string) => void) | null = null;

  take(line: string): void {
    if (this.#pass === null) this.#lines.push(line);
    else this.#pass(line);
  }

  pass(to: (line: string) => void): void {
    this.#pass = to;
    for (const line of this.#lines.splice(0)) to(line);
  }
}
