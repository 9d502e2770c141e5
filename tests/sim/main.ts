// `deno task sim`: a seeded simulation of a board with all its agents and with faults, run twice; both runs have to
// be the same, event for event. Exit codes: 2 wrong usage, 3 something does not get on, 4 wrong result, 5 assertion.
import { parseArgs } from "node:util";
import { loadBoard } from "../../boards/loader.ts";
import { type Outcome, planLines, planSimulation, simulate } from "./simulation.ts";
import { EXIT, verdictOf } from "./verdict.ts";

const USAGE = "usage: deno task sim [--board NAME|FILE] [--seed N] [--time SECONDS]";

function wholeNumber(text: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return value <= max ? value : NaN;
}

function outcomeText({ hash, messageCount, notificationCount, delayedCount }: Outcome): string {
  return `${messageCount} messages, ${notificationCount} notifications, ${delayedCount} delayed responses, ` +
    `trace hash ${hash.toString(16).padStart(8, "0")}`;
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      board: { type: "string", default: "rcar" },
      seed: { type: "string", default: "1" },
      time: { type: "string", default: "60" },
    },
  });
  const seed = wholeNumber(values.seed, 0xffff_ffff);
  const timeS = wholeNumber(values.time, 86_400);
  const result = await loadBoard(values.board);
  if (Number.isNaN(seed) || Number.isNaN(timeS) || "errors" in result) {
    console.error("errors" in result ? result.errors.join("\n") : USAGE);
    return EXIT.usage;
  }
  const { board } = result;
  const plan = planSimulation(board, seed, timeS * 1e6);
  const command = `deno task sim --board ${values.board} --seed ${seed} --time ${timeS}`;
  console.log([command, ...planLines(plan)].join("\n"));
  try {
    const outcomes = [simulate(board, plan), simulate(board, plan)] as const;
    for (const [index, outcome] of outcomes.entries()) {
      console.log(`run ${index + 1}: ${outcomeText(outcome)}`);
    }
    const { code, lines } = verdictOf(...outcomes);
    for (const line of lines) console.error(line);
    console.log(code === EXIT.success ? `ok: ${timeS} s, twice the same` : `failed; again: ${command}`);
    return code;
  } catch (error) {
    console.error(error);
    console.log(`failed; again: ${command}`);
    return EXIT.assertion;
  }
}

Deno.exit(
  await main(Deno.args).catch((error) => {
    console.error(`${error instanceof Error ? error.message : error}; ${USAGE}`);
    return EXIT.usage;
  }),
);
