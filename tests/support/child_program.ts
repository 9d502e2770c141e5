// A program that a test runs in a process of its own: one that may crash it, or for which the process has a limit.

/** How a program ended, and all that it printed, errors last. */
export interface ProgramEnd {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly output: string;
}

/** Runs the text of a program with this project's packages; `descriptorMax` = how many files it may have open. */
export async function runProgram(program: string, descriptorMax?: number): Promise<ProgramEnd> {
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const limit = descriptorMax === undefined ? "" : `ulimit -n ${descriptorMax}; `;
  const child = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      `${limit}exec "$0" run -A --no-check --no-lock --config "$1" --ext=ts -`,
      Deno.execPath(),
      config,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { code, signal, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, signal, output: (text.decode(stdout) + text.decode(stderr)).trim() };
}
