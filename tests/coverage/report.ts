// `deno task coverage`: runs the tests with coverage and prints which share of the lines and branches they run, by folder,
// and what they miss. Fails when the tests fail, or run too little of the protocols and of what dispatches to them.
import { type FileCoverage, parseLcov, percentOf, rangesText, total } from "./lcov.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const USAGE = "usage: deno task coverage [TESTS]...";

/** Folders that are looked at, and what has to run of each, percent; null = whatever does. */
const FOLDERS = [
  { folder: "protocols/", least: { lines: 98, branches: 95 } },
  { folder: "scp/server/", least: { lines: 98, branches: 95 } },
  { folder: "scp/core/", least: null },
  { folder: "scp/model/", least: null },
] as const;

async function runDeno(args: readonly string[], stdout: "inherit" | "piped"): Promise<[boolean, string]> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    stdout,
    stderr: "inherit",
  });
  if (stdout === "inherit") return [(await command.spawn().status).success, ""];
  const output = await command.output();
  return [output.success, new TextDecoder().decode(output.stdout)];
}

function missesText(files: readonly FileCoverage[]): string[] {
  return files.flatMap(({ path, missedLines, missedBranchLines }) => {
    const ways = missedBranchLines.filter((line) => !missedLines.includes(line));
    const lines = missedLines.length === 0 ? [] : [`lines ${rangesText(missedLines)}`];
    const branches = ways.length === 0 ? [] : [`ways from lines ${rangesText(ways)}`];
    const missed = [...lines, ...branches];
    return missed.length === 0 ? [] : [`  ${path.slice(ROOT.length)}: ${missed.join("; ")}`];
  });
}

/** Prints a folder's shares and what is missed; tells whether it is enough. */
function report({ folder, least }: typeof FOLDERS[number], all: readonly FileCoverage[]): boolean {
  const files = all.filter(({ path }) => path.startsWith(ROOT + folder));
  const lines = percentOf(total(files.map((file) => file.lines)));
  const branches = percentOf(total(files.map((file) => file.branches)));
  const isEnough = least === null ||
    (files.length > 0 && lines >= least.lines && branches >= least.branches);
  const demand = least === null ? "" : ` (at least ${least.lines} and ${least.branches})`;
  console.log(
    `${folder} ${lines.toFixed(1)} % of lines, ${branches.toFixed(1)} % of branches${demand}` +
      `${isEnough ? "" : ": too little"}`,
  );
  for (const line of missesText(files)) console.log(line);
  return isEnough;
}

async function main(tests: readonly string[]): Promise<number> {
  if (tests.some((test) => test.startsWith("-"))) {
    console.error(USAGE);
    return 2;
  }
  const data = await Deno.makeTempDir({ prefix: "coverage-" });
  try {
    const chosen = tests.length > 0 ? tests : ["tests/"];
    const [hasPassed] = await runDeno(
      ["test", "-A", "--parallel", "--quiet", `--coverage=${data}`, "--coverage-raw-data-only", ...chosen],
      "inherit",
    );
    const [hasReport, text] = await runDeno(["coverage", "--lcov", data], "piped");
    if (!hasReport) return 1;
    const files = parseLcov(text);
    const verdicts = FOLDERS.map((folder) => report(folder, files));
    return hasPassed && verdicts.every((isEnough) => isEnough) ? 0 : 1;
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

Deno.exit(await main(Deno.args));
