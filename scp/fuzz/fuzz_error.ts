// Why the fuzzer cannot do, or cannot go on with, what it was asked for. Faults of the platform under test are findings, not
// errors.

/** What stops the fuzzer: each problem is one line that says what is wrong and, where something can be done, what to do. */
export class FuzzError extends Error {
  readonly problems: readonly string[];

  constructor(...problems: readonly string[]) {
    super(problems.join("; "));
    this.problems = problems;
  }
}
