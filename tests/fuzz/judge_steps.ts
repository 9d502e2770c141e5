// Runs steps that a test writes down on the synthetic platform, which may be spoilt, under the eyes of the fuzzer's judge.
import { assert } from "@std/assert";
import { boardArena } from "../../scp/fuzz/arenas.ts";
import type { Program } from "../../scp/fuzz/program.ts";
import { parseProgram } from "../../scp/fuzz/program_text.ts";
import { runProgram } from "../../scp/fuzz/run_program.ts";
import type { Target } from "../../scp/fuzz/target.ts";

/** The program of some steps: two agents on the synthetic platform. */
export function programOf(...steps: readonly string[]): Program {
  const parsed = parseProgram(["board synthetic", "channel OSPM", "channel VM1", ...steps].join("\n"));
  assert(parsed.ok, parsed.ok ? "" : parsed.error);
  return parsed.program;
}

/** Runs steps; returns what is wrong. */
export async function judge(
  steps: readonly string[],
  spoil = (target: Target) => target,
): Promise<string[]> {
  const program = programOf(...steps);
  const target = await (await boardArena("synthetic")).open(program);
  const { findings } = await runProgram(program, spoil(target));
  return findings.map(({ rule, problem }) => `${rule}: ${problem}`);
}
