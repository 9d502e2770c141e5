// Carries calls between the main thread and the core's worker: numbered requests over a message port one way,
// replies the other. The core sleeps in a foreign call, so an eventfd wakes it, and it takes its messages off
// the port itself, without a turn of the JavaScript event loop in between (control_inbox.ts).
import { assert } from "../core/assert.ts";
import type { CallName, CallOutcome, ControlCalls, CoreClient } from "./control_calls.ts";

/** From the main thread to the core. */
export interface ControlRequest {
  readonly id: number;
  readonly name: CallName;
  readonly params: ControlCalls[CallName]["params"];
}

/** From the core to the main thread. */
export type CoreMessage =
  /** The core serves; writing to the eventfd ends its sleep. */
  | { readonly kind: "ready"; readonly wakeFd: number }
  /** The core could not start; each problem is one line. */
  | { readonly kind: "refused"; readonly problems: readonly string[] }
  /** The core was stopped and has closed everything. */
  | { readonly kind: "stopped" }
  /** The core ended because of a mistake of ours. */
  | { readonly kind: "failed"; readonly problem: string; readonly detail: string }
  | { readonly kind: "reply"; readonly id: number; readonly outcome: CallOutcome<unknown> }
  /** An agent's side of a transport did something wrong; one line. */
  | { readonly kind: "report"; readonly line: string };

/** The main thread's end. */
export class PortClient implements CoreClient {
  readonly #port: MessagePort;
  readonly #wake: () => void;
  readonly #waiting = new Map<number, (outcome: CallOutcome<unknown>) => void>();
  #nextId = 0;
  #isLost = false;

  constructor(port: MessagePort, wake: () => void) {
    this.#port = port;
    this.#wake = wake;
  }

  call<N extends CallName>(name: N, params: ControlCalls[N]["params"]): Promise<ControlCalls[N]["result"]> {
    type Result = ControlCalls[N]["result"];
    if (this.#isLost) return Promise.resolve(LOST as Result);
    const { promise, resolve } = Promise.withResolvers<Result>();
    const id = this.#nextId++;
    this.#waiting.set(id, (outcome) => resolve(outcome as Result));
    this.#port.postMessage({ id, name, params } satisfies ControlRequest);
    this.#wake();
    return promise;
  }

  /** Takes a reply. */
  take({ id, outcome }: Extract<CoreMessage, { kind: "reply" }>): void {
    const settle = this.#waiting.get(id);
    assert(settle !== undefined, `call ${id} was made`);
    this.#waiting.delete(id);
    settle(outcome);
  }

  /** Ends all calls that wait and those to come: the core is gone. */
  lose(): void {
    this.#isLost = true;
    for (const settle of this.#waiting.values()) settle(LOST);
    this.#waiting.clear();
  }
}

const LOST = { ok: false, reason: "gone", problem: "the simulator is ending: start it again" } as const;
