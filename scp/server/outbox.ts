// What a channel's agent is to be told unasked: notifications and delayed responses, in order. A notification may be
// dropped when the agent takes none (the oldest first); a delayed response is kept until there is room or the channel is
// reset. Both are bounded: notifications here, delayed responses by those who ask for them. virtio 1.3, 5.17.6.
import { NOTIFICATIONS_WAITING_MAX, REPLY_SIZE_MAX } from "../core/limits.ts";
import { HEADER_SIZE } from "../core/header.ts";
import { STATUS } from "../core/status.ts";
import { createMessageBuffer, type MessageBuffer, type P2aSink } from "../../transports/channel.ts";

/** Header and status. */
const REFUSAL_SIZE = 8;

interface Waiting {
  readonly message: MessageBuffer;
  size: number;
  readonly isNotification: boolean;
}

/** What became of an outgoing message, for the trace. */
export type OutboxEvent = "sent" | "dropped";

/** Hears what became of each message. */
export type OutboxObserver = (
  event: OutboxEvent,
  isNotification: boolean,
  message: DataView,
  size: number,
) => void;

/** The outgoing queue of one channel. */
export class Outbox {
  /** Where the caller writes a message before `post()`. */
  readonly draft: MessageBuffer = createMessageBuffer(REPLY_SIZE_MAX);
  #waiting: Waiting[] = [];
  #notificationCount = 0;
  #sink: P2aSink | null = null;

  constructor(private readonly observe: OutboxObserver) {}

  get hasSink(): boolean {
    return this.#sink !== null;
  }

  /** Delayed responses that wait for room: who asks for more has to count them, as none is dropped. */
  get delayedResponseCount(): number {
    return this.#waiting.length - this.#notificationCount;
  }

  /** Sets where messages go; what waits for another sink is given up. */
  attach(sink: P2aSink | null): void {
    this.#sink = sink;
    this.clear();
  }

  /** Gives up everything that waits. */
  clear(): void {
    this.#waiting = [];
    this.#notificationCount = 0;
  }

  /** Sends the draft, or keeps a copy of it until there is room. */
  post(size: number, isNotification: boolean): void {
    if (this.#sink === null) return this.observe("dropped", isNotification, this.draft.view, size);
    if (this.#waiting.length === 0) {
      size = this.#deliver(this.#sink, this.draft, size, isNotification);
      if (size === 0) return;
    }
    if (isNotification && this.#notificationCount >= NOTIFICATIONS_WAITING_MAX) {
      this.#dropOldestNotification();
    }
    const message = createMessageBuffer(size);
    message.bytes.set(this.draft.bytes.subarray(0, size));
    this.#waiting.push({ message, size, isNotification });
    if (isNotification) this.#notificationCount++;
  }

  /** Sends what waits, as far as there is room. */
  flush(): void {
    const sink = this.#sink;
    if (sink === null) return;
    let sentCount = 0;
    for (const waiting of this.#waiting) {
      const { message, size, isNotification } = waiting;
      waiting.size = this.#deliver(sink, message, size, isNotification);
      if (waiting.size > 0) break;
      if (isNotification) this.#notificationCount--;
      sentCount++;
    }
    if (sentCount > 0) this.#waiting.splice(0, sentCount);
  }

  /** Hands a message over, or drops what can never be delivered; returns the size of what has to wait, 0 = nothing. */
  #deliver(sink: P2aSink, message: MessageBuffer, size: number, isNotification: boolean): number {
    let result = sink.send(message, size);
    if (result === "dropped" && !isNotification && size > REFUSAL_SIZE) {
      // The agent waits for a delayed response: one too long for its buffer turns into a refusal, which fits.
      message.view.setInt32(HEADER_SIZE, STATUS.COMMS_ERROR, true);
      size = REFUSAL_SIZE;
      result = sink.send(message, size);
    }
    if (result === "full") return size;
    this.observe(result, isNotification, message.view, size);
    return 0;
  }

  #dropOldestNotification(): void {
    const place = this.#waiting.findIndex((waiting) => waiting.isNotification);
    const [oldest] = this.#waiting.splice(place, 1);
    this.#notificationCount--;
    this.observe("dropped", true, oldest!.message.view, oldest!.size);
  }
}
