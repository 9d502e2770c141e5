// The simulator as its user starts it: a process of its own, with its HTTP interface. What it serves, and to whom, is the caller's
// matter (platform.ts, shared_board.ts).

import { assert } from "@std/assert";
import { lastLines } from "./run_command.ts";

/** The command that starts the simulator. */
export const SIMULATOR: readonly string[] = [
  Deno.execPath(),
  "run",
  "-A",
  new URL("../../scp/control/main.ts", import.meta.url).pathname,
];

/** How a simulator ended: its complaint, or null when it ended well, and all it printed. */
export interface SimulatorEnd {
  readonly problem: string | null;
  readonly output: string;
}

/** A running simulator. */
export class Simulator {
  /** Aborted when the process has ended, as asked or not. */
  readonly ended: AbortSignal;
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<string>;
  readonly #url: string;

  private constructor(process: Deno.ChildProcess, url: string, output: Promise<string>) {
    this.#process = process;
    this.#url = url;
    this.#output = output;
    const ended = new AbortController();
    this.ended = ended.signal;
    process.status.then(() => ended.abort());
  }

  /** Starts it with these arguments and returns when it serves. Throws when it does not. */
  static async start(args: readonly string[]): Promise<Simulator> {
    const [program = "", ...rest] = SIMULATOR;
    const process = new Deno.Command(program, {
      args: [...rest, "--http", "127.0.0.1:0", "--json", ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { ready, all } = watchOutput(process.stdout);
    const errors = new Response(process.stderr).text();
    const output = Promise.all([all, errors]).then(([text, errorText]) => text + errorText);
    const firstLine = await Promise.race([ready, process.status.then(() => null)]);
    if (firstLine === null) throw new Error(`the simulator ended at once: ${lastLines(await output, 5)}`);
    const { http }: { http: string } = JSON.parse(firstLine);
    return new Simulator(process, http, output);
  }

  /** Asks its HTTP interface. Throws unless that agrees. */
  async request(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      ...(body === undefined ? {} : {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
      signal: AbortSignal.timeout(30_000),
    });
    assert(response.ok, `${method} ${path}: ${response.status} ${response.ok ? "" : await response.text()}`);
    return response;
  }

  /** Ends it as Ctrl-C would and returns how that went. */
  async stop(): Promise<SimulatorEnd> {
    try {
      this.#process.kill("SIGINT");
    } catch (error) {
      // It may have ended before; its exit code says the rest.
      if (!(error instanceof TypeError)) throw error;
    }
    const status = await this.#process.status;
    const output = await this.#output;
    const how = status.signal === null ? `with exit code ${status.code}` : `by ${status.signal}`;
    return {
      problem: status.success ? null : `the simulator ended ${how}:\n${lastLines(output, 15)}`,
      output,
    };
  }
}

/** Reads a stream to its end; `ready` gives its first line, which says what is served, or null when there is none. */
function watchOutput(stream: ReadableStream<Uint8Array>) {
  const seen = Promise.withResolvers<string | null>();
  const read = async () => {
    let text = "";
    for await (
      const part of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    ) {
      text += part;
      const end = text.indexOf("\n");
      if (end >= 0) seen.resolve(text.slice(0, end));
    }
    seen.resolve(null);
    return text;
  };
  return { ready: seen.promise, all: read() };
}
