// The `fuzz` command: `fuzz platform` runs campaigns, `fuzz repro` replays one program. Argument handling and
// printing only; everything else is scp/fuzz.
import { errorText } from "../core/error_text.ts";
import { parseArgs } from "node:util";
import { HostTime } from "../core/clock.ts";
import { boardArena, CONNECTED, socketArena } from "../fuzz/arenas.ts";
import { type Arena, runCampaign, type Totals } from "../fuzz/campaign.ts";
import type { FoundProgram } from "../fuzz/search.ts";
import { FuzzError } from "../fuzz/fuzz_error.ts";
import type { Program } from "../fuzz/program.ts";
import { parseProgram, printProgram } from "../fuzz/program_text.ts";
import { runProgram } from "../fuzz/run_program.ts";
import { SYNTHETIC } from "../fuzz/synthetic_platform.ts";
import { EXIT, processTerminal, type Terminal } from "./terminal.ts";
import { parseTransportSpec } from "./transport_spec.ts";

const USAGE = `usage: scp fuzz platform [options]
       scp fuzz repro FILE [--connect message:SOCKET]...

platform tries a platform with programs of messages made from the declarations of all protocols:
  --seed N                 seed of everything that is drawn; a new one unless given, always printed
  --time T                 seconds (also 90s, 5m, 1h); 30 unless --runs is given
  --runs N                 programs, instead of a time
  --board NAME|FILE        board to try, more than once if wanted; unless given ${SYNTHETIC} (every corner of the
                           sensor contract), rcar, rcar-guests (shared hardware) and minimal in turn
  --agents A,B             agents that act, all unless given; a name given twice has two channels
  --connect message:SOCKET a running platform instead, of any make; more than once for several of its agents
  --findings N             findings after which it stops; 3 unless given
  --out FOLDER             folder for programs that show a finding; fuzz-findings unless given

repro replays a program and prints what happens, and the verdict. Exit code 1 when something is wrong.`;

const OPTIONS = {
  "seed": { type: "string" },
  "time": { type: "string" },
  "runs": { type: "string" },
  "board": { type: "string", multiple: true },
  "agents": { type: "string" },
  "connect": { type: "string", multiple: true },
  "findings": { type: "string" },
  "out": { type: "string" },
  "help": { type: "boolean", short: "h" },
} as const;

type Values = ReturnType<typeof parse>["values"];

const DEFAULT_BOARDS = [SYNTHETIC, "rcar", "rcar-guests", "minimal"];
const SEED_MAX = 0xffff_ffff;
const UNITS_S: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600 };
const PROGRESS_US = 5_000_000;

function parse(args: string[]) {
  return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
}

/** What is wrong with how the command was called. */
class UsageError extends Error {}

/** Runs the command with the arguments after `fuzz`; returns the exit code. */
export async function runFuzzCommand(args: string[], terminal: Terminal = processTerminal): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    const [verb, ...rest] = positionals;
    if (values.help === true) {
      terminal.print(USAGE);
      return EXIT.success;
    }
    if (verb === "platform" && rest.length === 0) return await fuzzPlatform(values, terminal);
    if (verb === "repro" && rest.length === 1) return await replay(rest[0]!, values, terminal);
    throw new UsageError(
      verb === "repro" ? "repro takes one file" : "say 'fuzz platform' or 'fuzz repro FILE'",
    );
  } catch (error) {
    if (error instanceof FuzzError) {
      for (const problem of error.problems) terminal.complain(`error: ${problem}`);
      return EXIT.failure;
    }
    if (error instanceof UsageError || isParseArgsError(error)) {
      // The parser of arguments explains itself over several lines.
      terminal.complain(`error: ${error.message.split("\n")[0]!.replace(/\.$/, "")}; see 'scp fuzz --help'`);
      return EXIT.usage;
    }
    throw error;
  }
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof TypeError &&
    String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
}

function wholeNumber(
  text: string | undefined,
  name: string,
  fallback: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value <= max)) throw new UsageError(`--${name} takes a whole number up to ${max}, not '${text}'`);
  return value;
}

/** How many times something is to be done: nothing tried is nothing found, which would look like a success. */
function countFromOne(text: string | undefined, name: string, fallback: number): number {
  const value = wholeNumber(text, name, fallback);
  if (value === 0) throw new UsageError(`--${name} takes a whole number from 1 on, not '${text}'`);
  return value;
}

function seconds(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text) ?? [];
  if (count === undefined || Number(count) === 0) {
    throw new UsageError(`--time takes seconds, or 90s, 5m, 1h, not '${text}'`);
  }
  return Number(count) * UNITS_S[unit ?? ""]!;
}

function socketPaths(specs: readonly string[]): string[] {
  return specs.map((text) => {
    const result = parseTransportSpec(text);
    if (!result.ok) throw new UsageError(result.problem);
    if (result.spec.scheme !== "message") throw new UsageError("--connect takes message:SOCKET");
    return result.spec.path;
  });
}

async function arenasOf(values: Values): Promise<Arena[]> {
  if (values.connect !== undefined) return [await socketArena(socketPaths(values.connect))];
  return await Promise.all((values.board ?? DEFAULT_BOARDS).map(boardArena));
}

async function fuzzPlatform(values: Values, terminal: Terminal): Promise<number> {
  const seed = wholeNumber(values.seed, "seed", crypto.getRandomValues(new Uint32Array(1))[0]!, SEED_MAX);
  const runsMax = countFromOne(values.runs, "runs", Infinity);
  const timeS = values.time !== undefined ? seconds(values.time) : values.runs !== undefined ? Infinity : 30;
  const findingsMax = countFromOne(values.findings, "findings", 3);
  const folder = values.out ?? "fuzz-findings";
  const agentNames = values.agents?.split(",") ?? null;
  const arenas = await arenasOf(values);
  checkAgents(arenas, agentNames);
  terminal.print(`fuzz platform ${optionsText(values, seed, arenas)}`);

  const time = new HostTime();
  let progressUs = PROGRESS_US;
  const totals = await runCampaign({
    seed,
    arenas,
    agentNames,
    runsMax,
    findingsMax,
    isOver: () => time.nowUs() >= timeS * 1e6,
    onProgress(sofar) {
      if (time.nowUs() < progressUs) return;
      progressUs = time.nowUs() + PROGRESS_US;
      terminal.print(totalsText(sofar, time.nowUs()));
    },
    onFinding: (found) => report(found, folder, terminal),
  });
  terminal.print(`total: ${totalsText(totals, time.nowUs())}, hash ${totals.hash.toString(16)}`);
  return totals.found.length > 0 ? EXIT.failure : EXIT.success;
}

function checkAgents(arenas: readonly Arena[], agentNames: readonly string[] | null): void {
  for (const { boardName, facts } of arenas) {
    const missing = agentNames?.find((name) => !facts.agents.some((agent) => agent.name === name));
    if (missing === undefined) continue;
    const known = facts.agents.map(({ name }) => name).join(", ");
    throw new UsageError(`board ${boardName} has no agent '${missing}', it has ${known}`);
  }
}

/** What has to be said to run the same again. */
function optionsText(values: Values, seed: number, arenas: readonly Arena[]): string {
  const where = values.connect?.map((spec) => `--connect ${quoted(spec)}`) ??
    arenas.map(({ boardName }) => `--board ${quoted(boardName)}`);
  const limits = (["time", "runs", "agents", "findings"] as const).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name} ${quoted(values[name])}`]
  );
  return [`--seed ${seed}`, ...where, ...limits].join(" ");
}

function totalsText(totals: Totals, elapsedUs: number): string {
  const { programCount, messageCount, coverage, found } = totals;
  const perSecond = Math.round(messageCount / Math.max(elapsedUs / 1e6, 1e-3));
  return `${(elapsedUs / 1e6).toFixed(1)} s, ${programCount} programs, ${messageCount} messages, ` +
    `${perSecond} messages/s, ${coverage.seenCount} of ${coverage.possibleCount} answers seen, ${found.length} findings`;
}

/** Prints a finding, then writes it down. */
function report({ program, finding, whyLong }: FoundProgram, folder: string, terminal: Terminal): void {
  const channel = finding.channel === "" ? "" : `${finding.channel}: `;
  const about = [`# ${finding.rule}: ${channel}${finding.problem}`];
  if (whyLong !== null) about.push(`# as it was found: ${whyLong}`);
  // Each a line, whatever an exception says.
  const text = [...about.map((line) => line.replace(/\s+/g, " ")), printProgram(program)].join("\n");
  const path = `${folder}/${finding.rule}_${program.boardName.replace(/\W/g, "_")}_${program.seed}.txt`;
  terminal.print(`\nfinding, to be in ${path} (replay: scp fuzz repro ${quoted(path)}):\n${text}`);
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(path, text);
  } catch (error) {
    const reason = errorText(error);
    throw new FuzzError(`Cannot write ${path}: ${reason}; name a folder with --out, the program is above`);
  }
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

async function replay(path: string, values: Values, terminal: Terminal): Promise<number> {
  const program = await readProgram(path);
  if (program.boardName === CONNECTED && values.connect === undefined) {
    throw new FuzzError(`${path} is for a running platform: name it with --connect message:SOCKET`);
  }
  const arena = values.connect !== undefined
    ? await socketArena(socketPaths(values.connect))
    : await boardArena(program.boardName);
  const missing = program.channels.find(({ agentName }) =>
    !arena.facts.agents.some(({ name }) => name === agentName)
  );
  if (missing !== undefined) throw new FuzzError(`${arena.boardName} has no agent '${missing.agentName}'`);
  const target = await arena.open(program);
  const verdict = await runProgram(program, target, (line) => terminal.print(line));
  await target.close();
  const hash = verdict.traceHash === null ? "" : `, trace hash ${verdict.traceHash.toString(16)}`;
  terminal.print(`${verdict.messageCount} messages${hash}`);
  terminal.print(
    verdict.findings.length === 0 ? "verdict: nothing is wrong" : `verdict: ${verdict.findings[0]!.rule}`,
  );
  return verdict.findings.length === 0 ? EXIT.success : EXIT.failure;
}

async function readProgram(path: string): Promise<Program> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new FuzzError(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
  const result = parseProgram(text);
  if (!result.ok) throw new FuzzError(`${path}: ${result.error}`);
  return result.program;
}
