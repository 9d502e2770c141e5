// Tells HTTP clients what happens: asks the core for new events at intervals while anybody listens, and hands
// them to one bounded queue per listener. A slow listener loses events, which are counted; nobody waits for
// it.
import { hostDelay } from "../core/clock.ts";
import { statusName } from "../core/status.ts";
import { messageName } from "../../protocols/registry.ts";
import type { CoreClient, ToldEvent } from "./control_calls.ts";
import { changeOf, decisionOf } from "./trace_codes.ts";
import type { EventView } from "./views.ts";

/** Time between two looks, ms. */
const PERIOD_MS = 50;

/** Events that wait for one listener. */
const QUEUE_SIZE_MAX = 1024;

/** Listeners at a time. */
export const LISTENER_COUNT_MAX = 32;

/** What a listener gets next: events, or (none for a while) a sign of life. */
export interface EventPart {
  readonly events: readonly EventView[];
  /** Events lost since the part before, by the core's haste or this listener's slowness. */
  readonly droppedCount: number;
}

/** One listener's queue. */
export class EventQueue {
  #events: EventView[] = [];
  #droppedCount = 0;
  #isClosed = false;
  #wake: (() => void) | null = null;

  /** Waits for the next part; null once closed. */
  async next(): Promise<EventPart | null> {
    if (this.#events.length === 0 && this.#droppedCount === 0 && !this.#isClosed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    if (this.#isClosed) return null;
    const part = { events: this.#events, droppedCount: this.#droppedCount };
    this.#events = [];
    this.#droppedCount = 0;
    return part;
  }

  /** Adds events as far as there is room; with none, shows that the stream lives. */
  push(events: readonly EventView[], droppedCount: number): void {
    const room = QUEUE_SIZE_MAX - this.#events.length;
    for (const event of events.slice(0, room)) this.#events.push(event);
    this.#droppedCount += droppedCount + Math.max(0, events.length - room);
    this.#wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }
}

/** Looks without an event after which listeners get a sign of life: 15 s. */
const QUIET_LOOKS_MAX = 300;

/** All listeners of a core. */
export class EventHub {
  readonly #core: CoreClient;
  readonly #queues = new Set<EventQueue>();
  #isLooking = false;

  constructor(core: CoreClient) {
    this.#core = core;
  }

  /** Adds a listener, who hears of everything from now on; null when there are too many. */
  async listen(): Promise<EventQueue | null> {
    if (this.#queues.size >= LISTENER_COUNT_MAX) return null;
    const queue = new EventQueue();
    this.#queues.add(queue);
    if (!this.#isLooking) {
      this.#isLooking = true;
      const start = await this.#core.call("events", { fromSequence: null });
      if (start.ok) void this.#look(start.value.nextSequence);
      else this.#end();
    }
    return queue;
  }

  /** Takes a listener away. */
  leave(queue: EventQueue): void {
    this.#queues.delete(queue);
    queue.close();
  }

  async #look(fromSequence: number): Promise<void> {
    let sequence = fromSequence;
    let quietLooks = 0;
    while (this.#queues.size > 0) {
      const batch = await this.#core.call("events", { fromSequence: sequence });
      if (!batch.ok) break;
      const { events, droppedCount, nextSequence } = batch.value;
      sequence = nextSequence;
      quietLooks = events.length > 0 ? 0 : quietLooks + 1;
      if (events.length > 0 || quietLooks >= QUIET_LOOKS_MAX) {
        quietLooks = 0;
        const views = events.map(viewOf);
        for (const queue of this.#queues) queue.push(views, droppedCount);
      }
      await hostDelay(PERIOD_MS);
    }
    this.#end();
  }

  #end(): void {
    this.#isLooking = false;
    for (const queue of this.#queues) this.leave(queue);
  }
}

function viewOf(event: ToldEvent): EventView {
  const { kind, timeUs, agentId, header, value, extra, resource } = event;
  const isAnswer = kind === "command" || kind === "delayedResponse" || kind === "fastChannelWrite";
  const isNotification = kind === "notification" || kind === "notificationDropped";
  const isMessage = isAnswer || isNotification || kind === "unanswered";
  return {
    kind,
    timeUs,
    agentId,
    message: isMessage ? messageName(header) : null,
    status: isAnswer ? statusName(value) : null,
    size: isAnswer || isNotification ? extra : null,
    isAttached: kind === "p2aAttached" ? value === 1 : null,
    change: changeOf(event),
    resource,
    decision: decisionOf(event),
  };
}
