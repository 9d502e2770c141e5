// The main thread's side of the running core: starts its worker, wakes it, hears how it ends.
import { hostDelay } from "../core/clock.ts";
import { libc } from "../../transports/ffi/libc.ts";
import { type CoreMessage, PortClient } from "./control_channel.ts";
import type { CoreClient } from "./control_calls.ts";
import type { CorePlan } from "./core_plan.ts";

/** How a core ended by itself: one line, and what a developer wants to see. */
export interface CoreFailure {
  readonly problem: string;
  readonly detail: string;
}

/** What is told of a core that ended by itself. */
export function failureLine({ problem }: CoreFailure): string {
  return `error: the simulator ended by a mistake of its own: ${problem}`;
}

/** A core that serves. */
export interface RunningCore {
  readonly client: CoreClient;
  /** Resolves when the core ends by a mistake of ours; never when it is stopped. */
  readonly failed: Promise<CoreFailure>;
  /** As that of its worker. */
  stop(): Promise<boolean>;
}

/** A core, or everything that keeps it from starting. */
export type CoreStart =
  | { readonly ok: true; readonly core: RunningCore }
  | { readonly ok: false; readonly problems: readonly string[]; readonly detail: string };

/** A worker that loads its modules and waits for a plan. */
export interface CoreWorker {
  /** Starts the core. `report` hears one line for each thing an agent's side of a transport does wrong. */
  start(plan: CorePlan, report: (line: string) => void): Promise<CoreStart>;
  /**
   * Closes all endpoints and ends the worker. Returns false for one that did not end in time and was ended by force: its
   * sockets stay behind.
   */
  stop(): Promise<boolean>;
}

/** How long a core may take to end, or to start when it is to end at once, host ms. */
const END_MAX_MS = 2000;

/** Starts the worker; to be called as early as possible, since loading takes most of the time to the first reply. */
export function createCoreWorker(): CoreWorker {
  const worker = new Worker(new URL("./core_worker.ts", import.meta.url), { type: "module", name: "core" });
  return new WorkerThread(worker);
}

/** The worker with what is known of it. */
class WorkerThread implements CoreWorker {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #corePort: MessagePort;
  readonly #started = Promise.withResolvers<CoreStart>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<CoreFailure>();
  #client: PortClient | null = null;
  #isPlanned = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#corePort = port2;
    worker.onerror = (event) => {
      event.preventDefault();
      this.#failed.resolve({ problem: event.message, detail: `${event.filename}:${event.lineno}` });
    };
    void this.#failed.promise.then(({ problem, detail }) => {
      this.#client?.lose();
      this.#started.resolve({ ok: false, problems: [problem], detail });
    });
  }

  async start(plan: CorePlan, report: (line: string) => void): Promise<CoreStart> {
    this.#isPlanned = true;
    this.#port.onmessage = ({ data }: MessageEvent<CoreMessage>) => this.#take(data, report);
    this.#worker.postMessage({ plan, port: this.#corePort }, [this.#corePort]);
    const start = await this.#started.promise;
    if (!start.ok) this.#port.close();
    return start;
  }

  async stop(): Promise<boolean> {
    const timeout = new AbortController();
    const isOrderly = await Promise.race([
      this.#endInOrder(),
      hostDelay(END_MAX_MS, timeout.signal).then(() => false),
    ]);
    timeout.abort();
    this.#client?.lose();
    this.#port.close();
    this.#worker.terminate();
    return isOrderly;
  }

  /** One that is starting hears of its end when it has started. */
  async #endInOrder(): Promise<boolean> {
    if (this.#isPlanned && (await this.#started.promise).ok) {
      void this.#client!.call("stop", null);
      await Promise.race([this.#stopped.promise, this.#failed.promise]);
    }
    return true;
  }

  #take(message: CoreMessage, report: (line: string) => void): void {
    switch (message.kind) {
      case "ready": {
        this.#client = new PortClient(this.#port, wakerOf(message.wakeFd));
        const core = { client: this.#client, failed: this.#failed.promise, stop: () => this.stop() };
        this.#started.resolve({ ok: true, core });
        break;
      }
      case "refused":
        this.#started.resolve({ ok: false, problems: message.problems, detail: "" });
        break;
      case "stopped":
        this.#stopped.resolve();
        break;
      case "failed":
        this.#failed.resolve(message);
        break;
      case "reply":
        this.#client!.take(message);
        break;
      case "report":
        report(message.line);
        break;
    }
  }
}

function wakerOf(fd: number): () => void {
  const one = new Uint8Array(8);
  one[0] = 1;
  return () => void libc.write(fd, one, one.length);
}
