// The entry: `deno task scp`. The core's worker is started before anything else is loaded, as loading is what
// takes the time until the first reply.
import { createCoreWorker } from "./core_process.ts";
import { asksForDebug } from "./run_options.ts";

/** Whether these arguments are for `run`, as far as one can tell before they are parsed. */
function looksLikeRun(args: readonly string[]): boolean {
  const [first = ""] = args;
  const asksForHelp = args.some((arg) => arg === "--help" || arg === "-h");
  return (first === "run" || first.startsWith("--")) && !asksForHelp;
}

const early = looksLikeRun(Deno.args) ? createCoreWorker() : null;
const { processTerminal } = await import("./terminal.ts");
try {
  const { runCli } = await import("./cli.ts");
  Deno.exit(await runCli(Deno.args, processTerminal, early));
} catch (error) {
  const failure = error instanceof Error ? error : new Error(String(error));
  processTerminal.complain(`error: a mistake of the simulator itself: ${failure.message.split("\n")[0]}`);
  if (asksForDebug(Deno.args)) processTerminal.complain(failure.stack ?? "");
  Deno.exit(1);
}
