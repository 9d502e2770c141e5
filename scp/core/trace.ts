// What happened, as typed events: a ring of the last ones, a counter for each kind, and listeners for tools that want
// all of them with their bytes. Recording costs a few stores; nothing is allocated.
import { TRACE_EVENT_COUNT } from "./limits.ts";
import { statusName } from "./status.ts";

/** Kinds of events; `value` and `extra` of an event depend on them. */
export const TRACE_KIND = {
  /** A command was answered; value = status, extra = size of the reply. */
  command: 0,
  /** A delayed response was sent; value = status, extra = size. */
  delayedResponse: 1,
  /** A notification was sent; extra = size. */
  notification: 2,
  /** A notification was dropped: the agent takes none, or its buffers are too small. */
  notificationDropped: 3,
  /** A message had no answer: too short for a header, or no room for a status; extra = size or room. */
  unanswered: 4,
  /** A channel got (value 1) or lost (value 0) its platform-to-agent part. */
  p2aAttached: 5,
  /** A channel's agent went away or was reset. */
  channelReset: 6,
  /** An agent wrote to a FastChannel; value = status of the command that would do the same, extra = its size. */
  fastChannelWrite: 7,
  /** An agent has sent more than it may and is held (value 1), or is let go again (value 0). */
  agentHeld: 8,
  /** An agent is there (value 1), is gone (value 0), or what it had asked for was taken back (value 2). */
  agentPresence: 9,
  /** Something was decided over the power of the system: value = verdict, extra = transition; its log has the reason. */
  systemDecision: 10,
  /**
   * What an agent believes of a resource that it shares, and what is so, part (value 1) or meet again (value 0); header = the
   * kind of the resource, extra = its place among those of its kind.
   */
  beliefDiffers: 11,
  /**
   * A part of what an agent has to itself could not be brought up for it, the model has why; header and extra as of
   * beliefDiffers.
   */
  passThroughDown: 12,
} as const;

/** The name of a kind. */
export type TraceKind = keyof typeof TRACE_KIND;

const KIND_NAMES = Object.keys(TRACE_KIND) as TraceKind[];
const MASK = TRACE_EVENT_COUNT - 1;

/** One recorded event. */
export interface TraceEvent {
  readonly kind: TraceKind;
  /** Virtual time, us. */
  readonly timeUs: number;
  readonly agentId: number;
  /** Message header, 0 where there is none. */
  readonly header: number;
  readonly value: number;
  readonly extra: number;
}

/** Hears every event as it happens; `message` is the reply, delayed response or notification (valid during the call). */
export type TraceListener = (event: TraceEvent, request: DataView | null, message: DataView | null) => void;

/** The ring and the counters. */
export class Trace {
  readonly #timesUs = new Float64Array(TRACE_EVENT_COUNT);
  readonly #headers = new Uint32Array(TRACE_EVENT_COUNT);
  readonly #values = new Int32Array(TRACE_EVENT_COUNT);
  readonly #extras = new Int32Array(TRACE_EVENT_COUNT);
  readonly #kinds = new Uint8Array(TRACE_EVENT_COUNT);
  readonly #agentIds = new Uint8Array(TRACE_EVENT_COUNT);
  readonly #counts = new Float64Array(KIND_NAMES.length);
  readonly #listeners = new Set<TraceListener>();
  #next = 0;
  #hash = 0;
  #hashes = false;

  /** Whether anybody listens; those who record pass the message bytes only then. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** Records an event. */
  record(
    kind: number,
    timeUs: number,
    agentId: number,
    header: number,
    value: number,
    extra: number,
    request: DataView | null = null,
    message: DataView | null = null,
  ): void {
    const slot = this.#next++ & MASK;
    this.#timesUs[slot] = timeUs;
    this.#headers[slot] = header;
    this.#values[slot] = value;
    this.#extras[slot] = extra;
    this.#kinds[slot] = kind;
    this.#agentIds[slot] = agentId;
    this.#counts[kind]! += 1;
    if (this.#hashes) this.#mix(timeUs, kind, agentId, header, value, extra, message);
    if (this.#listeners.size > 0) {
      const event = this.#eventAt(slot);
      for (const listener of this.#listeners) listener(event, request, message);
    }
  }

  /** Events of a kind since the start. */
  count(kind: TraceKind): number {
    return this.#counts[TRACE_KIND[kind]]!;
  }

  /** All counters by kind. */
  counts(): Record<TraceKind, number> {
    return Object.fromEntries(KIND_NAMES.map((kind) => [kind, this.count(kind)])) as Record<
      TraceKind,
      number
    >;
  }

  /** The last events, oldest first, at most as many as the ring holds. */
  last(countMax: number = TRACE_EVENT_COUNT): TraceEvent[] {
    const count = Math.min(countMax, this.#next, TRACE_EVENT_COUNT);
    return Array.from({ length: count }, (_, i) => this.#eventAt((this.#next - count + i) & MASK));
  }

  /** Adds a listener; returns the function that takes it away. */
  listen(listener: TraceListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Starts to fold every event into a hash, by which two runs can be compared. */
  startHash(): void {
    this.#hashes = true;
  }

  /** The hash so far: equal for equal runs. */
  get hash(): number {
    return this.#hash >>> 0;
  }

  #eventAt(slot: number): TraceEvent {
    return {
      kind: KIND_NAMES[this.#kinds[slot]!]!,
      timeUs: this.#timesUs[slot]!,
      agentId: this.#agentIds[slot]!,
      header: this.#headers[slot]!,
      value: this.#values[slot]!,
      extra: this.#extras[slot]!,
    };
  }

  #mix(
    timeUs: number,
    kind: number,
    agentId: number,
    header: number,
    value: number,
    extra: number,
    message: DataView | null,
  ): void {
    // FNV-1a over words: not a checksum for anything but "is it the same run".
    let hash = this.#hash ^ 0x811c9dc5;
    const add = (word: number) => hash = Math.imul(hash ^ word, 0x01000193);
    add(timeUs | 0);
    add(Math.floor(timeUs / 0x1_0000_0000));
    add(kind | agentId << 8);
    add(header);
    add(value);
    add(extra);
    if (message !== null) {
      for (let i = 0; i + 4 <= message.byteLength; i += 4) add(message.getInt32(i, true));
    }
    this.#hash = hash;
  }
}

/** One line for people: time, agent, what. */
export function showTraceEvent(event: TraceEvent, messageName: string, agentName: string): string {
  const time = (event.timeUs / 1e6).toFixed(6).padStart(12);
  const hasStatus = event.kind === "command" || event.kind === "delayedResponse" ||
    event.kind === "fastChannelWrite";
  const outcome = hasStatus ? ` ${statusName(event.value)}` : "";
  return `${time} ${agentName} ${event.kind} ${messageName}${outcome}`;
}
