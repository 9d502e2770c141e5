// Looks in the programs of a batch for one that shows something wrong, and makes it small. A platform that does not survive
// the program, or does not do the same again, keeps its finding: then the program is told as it was found.
import fc from "fast-check";
import { FuzzError } from "./fuzz_error.ts";
import { type BatchPlan, programOf } from "./grammar.ts";
import type { Finding } from "./judge.ts";
import { minimize } from "./minimize.ts";
import type { Program } from "./program.ts";
import type { Verdict } from "./run_program.ts";

/** A program that shows something wrong. */
export interface FoundProgram {
  readonly program: Program;
  readonly finding: Finding;
  /** Why the program is as it was found, not made small; null = it was made small. */
  readonly whyLong: string | null;
}

/** How to search a batch. */
export interface SearchOptions {
  readonly seed: number;
  /** Programs to try. */
  readonly runsMax: number;
  /** Programs to try for each of the two ways to make a finding smaller. */
  readonly smallerRunsMax: number;
  /** Runs a program on a fresh platform; throws when there is none. */
  run(program: Program): Promise<Verdict>;
  /** Hears the verdicts until something is found. */
  onVerdict(verdict: Verdict): void;
}

/** The search in one batch. */
class Search {
  /** The first program that showed something, as it was drawn. */
  first: { readonly program: Program; readonly finding: Finding } | null = null;
  /** Why no program can be run any more. */
  failure: Error | null = null;
  /** Whether the first showed the same again at once: otherwise nothing tells whether a smaller one does. */
  repeats = false;
  smallerRunsLeft: number;
  /** The program that was run last. */
  #last: Program | null = null;

  constructor(readonly options: SearchOptions) {
    this.smallerRunsLeft = options.smallerRunsMax;
  }

  /** Whether a program shows something; while one is made smaller it has to stay an example of the same rule. */
  async shows(program: Program): Promise<boolean> {
    if (this.failure !== null) return false;
    if (this.first !== null && (!this.repeats || this.smallerRunsLeft-- <= 0)) return false;
    const finding = await this.findingOf(program);
    if (finding === null) return false;
    if (this.first === null) {
      this.first = { program, finding };
      this.repeats = await this.findingOf(program) !== null;
    }
    return true;
  }

  /** Runs a program; null = it shows nothing, or there is no platform to run it on. */
  async findingOf(program: Program): Promise<Finding | null> {
    const { first, options } = this;
    try {
      const verdict = await options.run(program);
      this.#last = program;
      if (first === null) options.onVerdict(verdict);
      return verdict.findings.find(({ rule }) => first === null || rule === first.finding.rule) ?? null;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      if (first === null && error instanceof FuzzError) this.#blameLast();
      return null;
    }
  }

  /** All was well until the last program's end: what it did came to light when its channels were closed, or later. */
  #blameLast(): void {
    if (this.#last === null) return;
    const finding = { rule: "platform-gone", channel: "", problem: "there was no platform after it" };
    this.first = { program: this.#last, finding };
  }
}

/** Searches a batch; null = nothing is wrong. Throws when there is no platform at the start. */
export async function searchBatch(plan: BatchPlan, options: SearchOptions): Promise<FoundProgram | null> {
  const search = new Search(options);
  const property = fc.asyncProperty(programOf(plan), async (program) => !await search.shows(program));
  const { seed, runsMax } = options;
  const { counterexample } = await fc.check(property, { seed, numRuns: runsMax });
  const { first, failure } = search;
  if (first === null) {
    if (failure !== null) throw failure;
    return null;
  }
  search.smallerRunsLeft = options.smallerRunsMax;
  const program = await minimize(counterexample?.[0] ?? first.program, (each) => search.shows(each));
  const finding = search.repeats && search.failure === null ? await search.findingOf(program) : null;
  if (finding !== null) return { program, finding, whyLong: null };
  const whyLong = search.failure === null
    ? "the program did not show it each time it was run"
    : `after it there was no platform: ${search.failure.message}`;
  return { ...first, whyLong };
}
