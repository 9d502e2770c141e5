// The calls of a probe: each ends in time, each failure is noted, and lists that come in pages are gathered
// within bounds. It trusts nothing that a platform says.
import { hostDelay } from "../core/clock.ts";
import type { CommandSchema, ParamsOf, ReturnsOf } from "../core/schema.ts";
import type { AgentClient, CallResult } from "../agent/agent.ts";

/** How to probe. */
export interface ProbeOptions {
  /** How long an answer may take, ms. */
  readonly timeoutMs: number;
  /** Whether sensors that are off are switched on for their reading and off again. */
  readonly enables: boolean;
}

/** Failures that are noted; a platform could have any number. */
const FAILURE_COUNT_MAX = 1000;

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** How many there are after these. */
  readonly remaining: number;
}

/** Calls of one probe: each ends in time, and each failure is noted. */
export class Prober {
  readonly failures: string[] = [];
  readonly options: ProbeOptions;
  readonly #client: AgentClient;
  /** Set once the platform stops to answer: the rest of the walk then ends quickly. */
  isLost = false;

  constructor(client: AgentClient, options: ProbeOptions) {
    this.#client = client;
    this.options = options;
  }

  /** Calls a command and returns its values, or null when it fails; `about` completes the note. */
  async call<S extends CommandSchema>(
    protocolId: number,
    schema: S,
    params: ParamsOf<S>,
    about = "",
  ): Promise<ReturnsOf<S> | null> {
    const result = await this.tryCall(protocolId, schema, params);
    if (result.ok) return result.values;
    this.note(`${schema.name}${about === "" ? "" : ` of ${about}`}: ${result.status}`);
    return null;
  }

  /** The same for a command whose failure is an answer, too. */
  async tryCall<S extends CommandSchema>(
    protocolId: number,
    schema: S,
    params: ParamsOf<S>,
  ): Promise<CallResult<ReturnsOf<S>>> {
    if (this.isLost) return { ok: false, status: "NO_ANSWER" };
    const answered = new AbortController();
    const late = hostDelay(this.options.timeoutMs, answered.signal)
      .then((): CallResult<ReturnsOf<S>> => ({ ok: false, status: "NO_ANSWER" }));
    const result = await Promise.race([this.#client.call(protocolId, schema, params), late]);
    answered.abort();
    if (!result.ok && result.status === "NO_ANSWER") this.isLost = true;
    return result;
  }

  /** Notes a failure. */
  note(failure: string): void {
    if (this.failures.length < FAILURE_COUNT_MAX) this.failures.push(failure);
  }

  /**
   * Gathers a list that comes in pages, up to `countMax` items: `fetch` asks for the page after so many items, null = it
   * failed. Ends with a page that brings nothing.
   */
  async gather<T>(countMax: number, fetch: (skip: number) => Promise<Page<T> | null>): Promise<T[]> {
    const all: T[] = [];
    while (all.length < countMax) {
      const page = await fetch(all.length);
      if (page === null) break;
      all.push(...page.items.slice(0, countMax - all.length));
      if (page.items.length === 0 || page.remaining === 0) break;
    }
    return all;
  }

  /** Asks for each of so many resources in turn, as long as the platform answers; null = nothing is told of it. */
  async each<T>(count: number, ask: (id: number) => Promise<T | null>): Promise<T[]> {
    const all: T[] = [];
    for (let id = 0; id < count && !this.isLost; id++) {
      const found = await ask(id);
      if (found !== null) all.push(found);
    }
    return all;
  }
}
