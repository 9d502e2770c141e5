// A core inside the test's own process: the platform of a board with the service that answers calls, in
// stepped time, without worker, sockets or clock. And a terminal that remembers.
import { rcarBoard } from "../../boards/rcar.ts";
import type { Board } from "../../boards/board.ts";
import type { Release } from "../../protocols/protocol.ts";
import { runCli } from "../../scp/control/cli.ts";
import type { CallName, ControlCalls, CoreClient } from "../../scp/control/control_calls.ts";
import { createCoreService } from "../../scp/control/core_service.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import type { Terminal } from "../../scp/control/terminal.ts";
import { createTimeDriver, type TimeMode } from "../../scp/core/clock.ts";

/** A core and what the test may do with it. */
export interface LocalCore {
  readonly client: CoreClient;
  readonly platform: Platform;
  /** How often `stop` was called. */
  stopCount: number;
}

/** Makes a core; the rcar board in stepped time unless told otherwise. */
export function createLocalCore(
  options: { board?: Board; release?: Release; time?: TimeMode } = {},
): LocalCore {
  const { board = rcarBoard, release = "3.2", time = { kind: "stepped" } } = options;
  const platform = createPlatform(board, { seed: 1, release });
  const local: LocalCore = {
    platform,
    stopCount: 0,
    client: {
      call: <N extends CallName>(name: N, params: ControlCalls[N]["params"]) =>
        // As in the real channel: nothing but plain data gets through.
        Promise.resolve(structuredClone(serve(name, structuredClone(params)))),
    },
  };
  const serve = createCoreService({
    platform,
    driver: createTimeDriver(time),
    seed: 1,
    release,
    time,
    endpoints: { open: [], specOf: () => null, close: () => {} },
    stop: () => local.stopCount++,
  });
  return local;
}

/** A terminal that keeps what is printed. */
export class MemoryTerminal implements Terminal {
  readonly printed: string[] = [];
  readonly complaints: string[] = [];

  print(line: string): void {
    this.printed.push(line);
  }

  complain(line: string): void {
    this.complaints.push(line);
  }
}

/** Runs `scp` with these arguments in this process, and returns what it says. */
export async function scp(...args: string[]) {
  const terminal = new MemoryTerminal();
  const code = await runCli(args, terminal);
  return { code, text: terminal.printed.join("\n"), complaints: terminal.complaints };
}
