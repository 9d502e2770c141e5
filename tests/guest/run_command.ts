// Runs the programs the guest tests need to the end and keeps what they print, so that a failure can show its cause.

/** What a finished program printed. */
export interface CommandOutput {
  readonly isSuccess: boolean;
  readonly stdout: string;
  /** Both streams, for messages. */
  readonly all: string;
}

/** A step of the preparation failed; the message is one line, `detail` the last lines the program printed. */
export class PreparationError extends Error {
  constructor(message: string, readonly detail: string = "") {
    super(message);
  }
}

/** Runs a program; a failure is returned, a missing program throws PreparationError. */
export async function tryCommand(
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<CommandOutput> {
  const [program = "", ...args] = argv;
  try {
    const done = await new Deno.Command(program, { args, stdin: "null", ...options }).output();
    const text = new TextDecoder();
    const stdout = text.decode(done.stdout);
    return { isSuccess: done.success, stdout, all: stdout + text.decode(done.stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new PreparationError(`${program} is not installed`);
    throw error;
  }
}

/** Runs a program that must succeed and returns its standard output; throws PreparationError. */
export async function runCommand(
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<string> {
  const done = await tryCommand(argv, options);
  if (done.isSuccess) return done.stdout;
  throw new PreparationError(`${argv.slice(0, 2).join(" ")} failed`, lastLines(done.all, 20));
}

/** Returns the last lines of a text. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
