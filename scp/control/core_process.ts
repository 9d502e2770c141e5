// The main thread's side of the running core: starts its worker, wakes it, hears how it ends.
import { libc } from "../../transports/ffi/libc.ts";
import { type CoreMessage, PortClient } from "./control_channel.ts";
import type { CoreClient } from "./control_calls.ts";
import type { CorePlan } from "./core_plan.ts";

/** How a core ended by itself: one line, and what a developer wants to see. */
export interface CoreFailure {
  readonly problem: string;
  readonly detail: string;
}

/** A core that serves. */
export interface RunningCore {
  readonly client: CoreClient;
  /** Resolves when the core ends by a mistake of ours; never when it is stopped. */
  readonly failed: Promise<CoreFailure>;
  /** Closes all endpoints and ends the worker. */
  stop(): Promise<void>;
}

/** A core, or everything that keeps it from starting. */
export type CoreStart =
  | { readonly ok: true; readonly core: RunningCore }
  | { readonly ok: false; readonly problems: readonly string[]; readonly detail: string };

/** A worker that loads its modules and waits for a plan. */
export interface CoreWorker {
  /** Starts the core. `report` hears one line for each thing an agent's side of a transport does wrong. */
  start(plan: CorePlan, report: (line: string) => void): Promise<CoreStart>;
  /** Ends a worker that was never started. */
  abandon(): void;
}

/** Starts the worker; to be called as early as possible, since loading takes most of the time to the first reply. */
export function createCoreWorker(): CoreWorker {
  const worker = new Worker(new URL("./core_worker.ts", import.meta.url), { type: "module", name: "core" });
  const failed = Promise.withResolvers<CoreFailure>();
  worker.onerror = (event) => {
    event.preventDefault();
    failed.resolve({ problem: event.message, detail: `${event.filename}:${event.lineno}` });
  };
  return {
    start: (plan, report) => startCore(worker, failed, plan, report),
    abandon: () => worker.terminate(),
  };
}

async function startCore(
  worker: Worker,
  failed: PromiseWithResolvers<CoreFailure>,
  plan: CorePlan,
  report: (line: string) => void,
): Promise<CoreStart> {
  const { port1: port, port2 } = new MessageChannel();
  const started = Promise.withResolvers<CoreStart>();
  const stopped = Promise.withResolvers<void>();
  let client: PortClient | null = null;
  const fail = (failure: CoreFailure) => {
    client?.lose();
    started.resolve({ ok: false, problems: [failure.problem], detail: failure.detail });
  };
  void failed.promise.then(fail);

  const stop = async () => {
    void client?.call("stop", null);
    await Promise.race([stopped.promise, failed.promise]);
    client?.lose();
    port.close();
  };

  port.onmessage = ({ data: message }: MessageEvent<CoreMessage>) => {
    switch (message.kind) {
      case "ready":
        client = new PortClient(port, wakerOf(message.wakeFd));
        started.resolve({ ok: true, core: { client, failed: failed.promise, stop } });
        break;
      case "refused":
        started.resolve({ ok: false, problems: message.problems, detail: "" });
        break;
      case "stopped":
        stopped.resolve();
        break;
      case "failed":
        failed.resolve(message);
        break;
      case "reply":
        client!.take(message);
        break;
      case "report":
        report(message.line);
        break;
    }
  };
  worker.postMessage({ plan, port: port2 }, [port2]);
  const result = await started.promise;
  if (!result.ok) port.close();
  return result;
}

function wakerOf(fd: number): () => void {
  const one = new Uint8Array(8);
  one[0] = 1;
  return () => void libc.write(fd, one, one.length);
}
