// The verdict on a simulation that was run twice, as an exit code and lines that say why.
import type { Outcome } from "./simulation.ts";

/** Exit codes of `deno task sim`. */
export const EXIT = { success: 0, usage: 2, noProgress: 3, wrongResult: 4, assertion: 5 } as const;

/** A verdict. */
export interface Verdict {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Judges two runs of the same plan. Wrong results come before missing progress: they tend to be its cause. */
export function verdictOf(first: Outcome, second: Outcome): Verdict {
  if (first.wrong.length > 0) {
    return { code: EXIT.wrongResult, lines: first.wrong.map((line) => `wrong: ${line}`) };
  }
  if (first.stuck.length > 0) {
    return { code: EXIT.noProgress, lines: first.stuck.map((line) => `no progress: ${line}`) };
  }
  if (first.hash !== second.hash || first.messageCount !== second.messageCount) {
    return { code: EXIT.wrongResult, lines: ["wrong: the second run is another than the first"] };
  }
  return { code: EXIT.success, lines: [] };
}
