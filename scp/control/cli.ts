// The command line: which commands there are, their options, and what is wrong with those given. No logic: each command
// is loaded when it is called for. Nothing else imports the parser.
import { Command, CommanderError, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { RELEASES } from "../../protocols/protocol.ts";
import type { TimeMode } from "../core/clock.ts";
import type { CoreWorker } from "./core_process.ts";
import { EXIT, type Terminal } from "./terminal.ts";
import { parseTransportSpec, type TransportSpec } from "./transport_spec.ts";

const LOG_LEVELS = ["error", "warning", "info", "debug"] as const;

/** Runs a command line and returns the exit code. `early` is a worker that was started on suspicion. */
export async function runCli(
  args: readonly string[],
  terminal: Terminal,
  early: CoreWorker | null = null,
): Promise<number> {
  let exitCode: number = EXIT.success;
  const finish = async (code: number | Promise<number>) => void (exitCode = await code);
  const program = new Command("scp")
    .description("A simulated System Control Processor that answers Arm SCMI messages")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      // Suggestions come on a line of their own; an error is one line.
      writeErr: (text) => terminal.complain(text.trim().replace(/\s*\n\s*/g, " ")),
    })
    .showHelpAfterError("(see --help)");

  program.command("run", { isDefault: true })
    .description("Brings a board up and serves its agents until Ctrl-C (the default command)")
    .requiredOption(
      "--board <name|file>",
      "a built-in board (see `scp boards`), or a .ts, .json or .yaml file",
    )
    .option(
      "--transport <spec>",
      "virtio:SOCKET[,agent=NAME] or message:SOCKET[,agent=NAME]; repeatable; without it every agent is served at every transport",
      collectTransport,
    )
    .option("--http <host:port|off>", "where the HTTP interface listens", parseHttp, HTTP_DEFAULT)
    .option("--seed <n>", "seed of everything random", parseSeed, 1)
    .option("--time <mode>", "how virtual time passes: real, scaled:X or stepped", parseTime, REAL_TIME)
    .addOption(releaseOption())
    .option("--json", "print one JSON object when ready instead of text", false)
    .addOption(
      new Option("--log-level <level>", "what goes to standard error").choices(LOG_LEVELS).default("warning"),
    )
    .action(async (options) => {
      const { runBoard } = await import("./run_command.ts");
      await finish(runBoard(
        {
          plan: {
            board: options.board,
            transports: options.transport ?? null,
            seed: options.seed,
            release: options.spec,
            time: options.time,
          },
          http: options.http,
          isJson: options.json,
          isDebug: options.logLevel === "debug",
        },
        terminal,
        early,
      ));
    });

  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.success : EXIT.usage;
  }
}

/** Where HTTP listens; null = nowhere. */
export interface HttpAddress {
  readonly hostname: string;
  readonly port: number;
}

const HTTP_DEFAULT: HttpAddress | null = { hostname: "127.0.0.1", port: 8056 };
const REAL_TIME: TimeMode = { kind: "host", factor: 1 };

function releaseOption() {
  return new Option("--spec <release>", "release of the specification whose versions are shown")
    .choices(RELEASES as readonly ["1.0", "2.0", "3.0", "3.1", "3.2"]).default("3.2" as const);
}

function collectTransport(
  text: string,
  before: readonly TransportSpec[] | undefined,
): readonly TransportSpec[] {
  const result = parseTransportSpec(text);
  if (!result.ok) throw new InvalidArgumentError(result.problem);
  return [...before ?? [], result.spec];
}

function parseHttp(text: string): HttpAddress | null {
  if (text === "off") return null;
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 0xffff) throw new InvalidArgumentError("Write HOST:PORT, or off.");
  return { hostname: (match[1] ?? match[2])!, port };
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError("Write a whole number from 0 to 2^53 - 1.");
  }
  return seed;
}

function parseTime(text: string): TimeMode {
  if (text === "real") return REAL_TIME;
  if (text === "stepped") return { kind: "stepped" };
  const factor = /^scaled:(\d+(\.\d+)?|\.\d+)$/.exec(text)?.[1];
  if (factor === undefined || !(Number(factor) >= 0.001 && Number(factor) <= 1000)) {
    throw new InvalidArgumentError("Write real, stepped, or scaled:X with X from 0.001 to 1000.");
  }
  return { kind: "host", factor: Number(factor) };
}
