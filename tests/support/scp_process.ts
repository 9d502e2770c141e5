// `scp` as its user meets it: a process of its own, with signals and what it prints; and a folder for what it
// makes.

const MAIN = new URL("../../scp/control/main.ts", import.meta.url).pathname;

/** A running `scp`. */
export class Scp {
  readonly process: Deno.ChildProcess;
  readonly errors: Promise<string>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(args: readonly string[], environment: Record<string, string> = {}) {
    this.process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", MAIN, ...args],
      env: environment,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#output = this.process.stdout.pipeThrough(
      new TextDecoderStream() as TransformStream<Uint8Array, string>,
    )
      .getReader();
    this.errors = new Response(this.process.stderr).text();
  }

  /** Reads until a part has been printed, or all there is. */
  async readUntil(part: string): Promise<string> {
    while (!this.#text.includes(part)) {
      const { value, done } = await this.#output.read();
      if (done) break;
      this.#text += value;
    }
    return this.#text;
  }

  /** Ends it and returns its exit code. */
  async end(signal: Deno.Signal = "SIGINT"): Promise<number> {
    this.process.kill(signal);
    return await this.exitCode();
  }

  async exitCode(): Promise<number> {
    const { code } = await this.process.status;
    await this.#output.cancel();
    return code;
  }
}

/** Gives the body a folder, which goes with all that is in it. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "scp-run-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
