// The command line: which commands there are, their options, and what is wrong with those given. No logic:
// each command is loaded when it is called for. Nothing else imports the parser.
import { Command, CommanderError, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { DEFAULT_RELEASE, type Release, RELEASES } from "../../protocols/protocol.ts";
import type { TimeMode } from "../core/clock.ts";
import type { CoreWorker } from "./core_process.ts";
import { type HttpAddress, LOG_LEVELS } from "./run_options.ts";
import { DEFAULT_GUEST_SIZE, GUEST_SIZE_MAX } from "./qemu_command.ts";
import { EXIT, type Terminal } from "./terminal.ts";
import type { TransportChoice } from "./guest_connection.ts";
import {
  MAILBOX_VERSIONS,
  parseTransportSpec,
  TRANSPORT_SCHEMES,
  transportForm,
  type TransportSpec,
} from "./transport_spec.ts";

/** Runs a command line and returns the exit code. `early` is a worker that was started on suspicion. */
export async function runCli(
  args: readonly string[],
  terminal: Terminal,
  early: CoreWorker | null = null,
): Promise<number> {
  if (args[0] === "fuzz") {
    const { runFuzzCommand } = await import("./fuzz_command.ts");
    return await runFuzzCommand(args.slice(1), terminal);
  }
  let exitCode: number = EXIT.success;
  const program = createProgram(terminal, early, async (code) => void (exitCode = await code));
  const [first = ""] = args;
  const known = program.commands.map((command) => command.name());
  // The parser would take the word for an argument of the default command.
  if (/^\w/.test(first) && first !== "help" && !known.includes(first)) {
    terminal.complain(`error: Unknown command ${JSON.stringify(first)}: take one of ${known.join(", ")}`);
    return EXIT.usage;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.success : EXIT.usage;
  }
}

type Finish = (code: number | Promise<number>) => Promise<void>;

function createProgram(terminal: Terminal, early: CoreWorker | null, finish: Finish) {
  const program = new Command("scp")
    .description("A simulated System Control Processor that answers Arm SCMI messages")
    .exitOverride()
    // Options behind a command are that command's, also where one that it is part of has them too.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      // The parser puts suggestions on a line of their own; an error is one line.
      outputError: (text) =>
        terminal.complain(`${text.trim().replace(/\s*\n\s*/g, " ")} (--help lists what there is)`),
    });

  program.command("run", { isDefault: true })
    .description("Brings a board up and serves its agents until Ctrl-C (the default command)")
    .requiredOption(...BOARD_OPTION)
    .option(
      "--transport <spec>",
      `where an agent is served; repeatable; without it every agent has a virtio: and a message: socket. ${
        TRANSPORT_SCHEMES.map(transportForm).join(" or ")
      }. Numbers are decimal or 0x...`,
      collectTransport,
    )
    .option("--http <host:port|off>", "where the HTTP interface listens (default: 127.0.0.1:8056)", parseHttp)
    .option("--seed <n>", "seed of everything random", parseSeed, 1)
    .option("--time <mode>", "how virtual time passes: real, scaled:X or stepped (default: real)", parseTime)
    .addOption(releaseOption())
    .option("--json", "print one JSON object when ready instead of text", false)
    .addOption(
      new Option("--log-level <level>", "what goes to standard error").choices(LOG_LEVELS).default(
        "warning" as const,
      ),
    )
    .action(async ({ board, transport, http, seed, time, spec, json, logLevel }) => {
      const plan = {
        board,
        transports: transport ?? null,
        seed,
        release: spec,
        time: time ?? REAL_TIME,
      };
      const { runBoard } = await import("./run_command.ts");
      await finish(
        runBoard(
          { plan, http: http ?? HTTP_DEFAULT, isJson: json, logLevel },
          terminal,
          early,
        ),
      );
    });

  program.command("boards")
    .description("Lists the built-in boards")
    .option("--json", "print JSON", false)
    .action(async ({ json }) => {
      const { listBoards } = await import("./board_commands.ts");
      await finish(listBoards(json, terminal));
    });

  program.command("describe")
    .description("Prints a board with every default filled in")
    .requiredOption(...BOARD_OPTION)
    .option("--json", "print JSON, with every field there is", false)
    .action(async ({ board, json }) => {
      const { describeBoard } = await import("./board_commands.ts");
      await finish(describeBoard(board, json, terminal));
    });

  const view = program.command("view")
    .description("Prints what an agent of a board sees: ids, names and rights, by kind")
    .enablePositionalOptions()
    // Not required by the parser, as `view diff` has none.
    .option(...BOARD_OPTION)
    .option(...AGENT_OPTION)
    .addOption(releaseOption())
    .addOption(
      new Option("--dts", "print the device-tree overlay of its guest").conflicts(["header", "json"]),
    )
    .addOption(new Option("--header", "print a C header of its ids").conflicts(["dts", "json"]))
    .option("--json", "print JSON")
    .action(async ({ board, agent, spec, dts, header, json }, command) => {
      if (board === undefined) {
        return command.error("error: required option '--board <name|file>' not specified");
      }
      const { printView } = await import("./view_commands.ts");
      const form = dts ? "dts" : header ? "header" : json ? "json" : "table";
      await finish(printView({ board, agent: agent ?? null, release: spec, form }, terminal));
    });

  view.command("diff")
    .description("Tells which ids of agents move from one board to another; exit code 1: device trees break")
    .argument("<old>", "a built-in board, or a file")
    .argument("<new>", "a built-in board, or a file")
    .option("--agent <name>", "only this agent (default: all)")
    .addOption(releaseOption())
    .option("--json", "print JSON", false)
    .action(async (before, after, { agent, spec, json }) => {
      const { printViewDiff } = await import("./view_commands.ts");
      const request = { before, after, agent: agent ?? null, release: spec, isJson: json };
      await finish(printViewDiff(request, terminal));
    });

  program.command("probe")
    .description("Walks any SCMI platform as an agent and prints what it offers")
    .requiredOption("--connect <spec>", "message:SOCKET", parseConnect)
    .option("--timeout <seconds>", "how long an answer may take", parseSeconds, 5)
    .option("--enable", "switch sensors that are off on for their reading, and off again", false)
    .option("--json", "print JSON", false)
    .action(async ({ connect, timeout, enable, json }) => {
      const { probe } = await import("./probe_command.ts");
      await finish(probe(connect, { timeoutMs: timeout * 1000, enables: enable }, json, terminal));
    });

  program.command("dts")
    .description("Prints the device-tree overlay of an agent's guest")
    .requiredOption(...BOARD_OPTION)
    .option(...GUEST_AGENT_OPTION)
    .addOption(releaseOption())
    .option("--dtb <file>", "make the guest's whole tree in this file, with QEMU, dtc and fdtoverlay")
    .option(...GUEST_TRANSPORT_OPTION)
    .addOption(mhuOption())
    .option(...GPIO_OPTION)
    .option(...CHANNELS_OPTION)
    .option(...MEMORY_OPTION)
    .option(...CPUS_OPTION)
    .option(...CPU_PERF_OPTION)
    .option(...CONSUMERS_OPTION)
    .action(async ({ dtb, ...given }) => {
      const { printOverlay } = await import("./guest_commands.ts");
      await finish(printOverlay(guestRequest(given), dtb ?? null, terminal));
    });

  program.command("qemu")
    .description("Prints the command line of a QEMU guest, or runs it")
    .requiredOption(...BOARD_OPTION)
    .option(...GUEST_AGENT_OPTION)
    .addOption(releaseOption())
    .option(...GUEST_TRANSPORT_OPTION)
    .addOption(mhuOption())
    .option(...GPIO_OPTION)
    .option(...CHANNELS_OPTION)
    .addOption(
      new Option("--socket <path>", "the same as --transport virtio:PATH").conflicts("transport"),
    )
    .option("--kernel <file>", "kernel image (with --exec: default is what `deno task test:guest` built)")
    .option("--initrd <file>", "initial RAM disk (with --exec: the same)")
    .addOption(
      new Option("--dtb <file>", "device tree, instead of one made for the occasion").conflicts("exec"),
    )
    .option("--append <arguments>", "kernel arguments beside the console")
    .option(...MEMORY_OPTION)
    .option(...CPUS_OPTION)
    .option(...CPU_PERF_OPTION)
    .option(...CONSUMERS_OPTION)
    .option(
      "--exec",
      "run it in this terminal, with a platform of its own unless --transport says where one serves",
      false,
    )
    .action(async ({ socket, ...given }) => {
      const { execQemu, printQemu } = await import("./guest_commands.ts");
      const transport = socket === undefined
        ? given.transport
        : { scheme: "virtio", path: socket, agent: null } as const;
      const request = {
        ...guestRequest({ ...given, transport }),
        kernel: given.kernel ?? null,
        initrd: given.initrd ?? null,
        dtb: given.dtb ?? null,
        kernelArguments: given.append === undefined ? [] : [given.append],
      };
      await finish(given.exec ? execQemu(request, terminal) : printQemu(request, terminal));
    });

  // Here for the list of commands only: it takes its arguments itself.
  program.command("fuzz").description("Fuzzes the platform, or replays a finding");

  return program;
}

const BOARD_OPTION = [
  "--board <name|file>",
  "a built-in board (`scp boards` lists them), or a .ts, .json or .yaml file",
] as const;
const AGENT_OPTION = ["--agent <name>", "the agent (default: the board's first)"] as const;
const GUEST_AGENT_OPTION = [
  "--agent <name>",
  "the agent (default: that of --transport, else the board's first)",
] as const;
const GUEST_TRANSPORT_OPTION = [
  "--transport <scheme|spec>",
  "how the guest reaches the platform: virtio, mailbox, or what `run --transport` was given (default: virtio)",
  parseGuestTransport,
] as const;
const GPIO_OPTION = [
  "--gpio [socket]",
  "give the guest a GPIO device, which carries the interrupt of a mailbox",
] as const;
const CHANNELS_OPTION = [
  "--channels <protocol,...>",
  "protocols with a channel of their own in a mailbox, as sensor,performance",
  splitNames,
] as const;
const MEMORY_OPTION = [
  "--memory <mib>",
  "memory of the guest",
  countUpTo(GUEST_SIZE_MAX.memoryMib),
  DEFAULT_GUEST_SIZE.memoryMib,
] as const;
const CPUS_OPTION = [
  "--cpus <n>",
  "processors of the guest",
  countUpTo(GUEST_SIZE_MAX.cpuCount),
  DEFAULT_GUEST_SIZE.cpuCount,
] as const;
const CPU_PERF_OPTION = [
  "--cpu-perf <name,...>",
  "performance domains of the guest's processors; the last one counts for those that follow",
  splitNames,
] as const;
const CONSUMERS_OPTION = [
  "--consumers <kind:name,...>",
  "devices that use a resource: clock:NAME, power:NAME, regulator:NAME, voltage:NAME, reset:NAME",
  splitNames,
] as const;

const HTTP_DEFAULT: HttpAddress = { hostname: "127.0.0.1", port: 8056 };
const REAL_TIME: TimeMode = { kind: "host", factor: 1 };

/** The options of `dts` and `qemu` that say which guest is meant. */
interface GuestOptions {
  readonly board: string;
  readonly agent?: string | undefined;
  readonly spec: Release;
  readonly transport?: TransportChoice | undefined;
  readonly mhu?: `${1 | 2 | 3}` | undefined;
  readonly gpio?: string | true | undefined;
  readonly channels?: readonly string[] | undefined;
  readonly memory: number;
  readonly cpus: number;
  readonly cpuPerf?: readonly string[] | undefined;
  readonly consumers?: readonly string[] | undefined;
}

function guestRequest(given: GuestOptions) {
  return {
    board: given.board,
    agent: given.agent ?? null,
    release: given.spec,
    transport: given.transport ?? "virtio" as const,
    mhuVersion: MAILBOX_VERSIONS.find((version) => `${version}` === given.mhu) ?? null,
    gpio: given.gpio ?? false,
    channels: given.channels ?? [],
    memoryMib: given.memory,
    cpuCount: given.cpus,
    cpuPerf: given.cpuPerf ?? [],
    consumers: given.consumers ?? [],
  };
}

function mhuOption() {
  return new Option("--mhu <version>", "registers of a mailbox (default: 1, with --gpio 2)")
    .choices(["1", "2", "3"]);
}

function releaseOption() {
  return new Option("--spec <release>", "release of the specification whose versions are shown")
    .choices(RELEASES).default(DEFAULT_RELEASE);
}

function collectTransport(
  text: string,
  before: readonly TransportSpec[] | undefined,
): readonly TransportSpec[] {
  const result = parseTransportSpec(text);
  if (!result.ok) throw new InvalidArgumentError(result.problem);
  return [...before ?? [], result.spec];
}

function parseGuestTransport(text: string): TransportChoice {
  const scheme = TRANSPORT_SCHEMES.find((each) => each === text);
  if (scheme !== undefined) return scheme;
  const result = parseTransportSpec(text);
  if (!result.ok) throw new InvalidArgumentError(result.problem);
  return result.spec;
}

function parseConnect(text: string): TransportSpec {
  const result = parseTransportSpec(text);
  if (!result.ok) throw new InvalidArgumentError(result.problem);
  if (result.spec.scheme !== "message") throw new InvalidArgumentError("Write message:SOCKET.");
  return result.spec;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600)) throw new InvalidArgumentError("Write seconds, above 0 up to 3600.");
  return seconds;
}

function splitNames(text: string): string[] {
  return text.split(",").filter((name) => name !== "");
}

/** Reads a whole number from 1 to a maximum. */
function countUpTo(max: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d+$/.test(text) && count >= 1 && count <= max) return count;
    throw new InvalidArgumentError(`Write a whole number from 1 to ${max}.`);
  };
}

function parseHttp(text: string): HttpAddress | "off" {
  if (text === "off") return "off";
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
