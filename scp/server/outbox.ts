// What a channel's agent is to be told unasked: notifications and delayed responses, in order. A notification may be
// dropped when the agent takes none (the oldest first); a delayed response is kept until there is room or the channel is
// reset. Both are bounded: notifications here, delayed responses by those who ask for them. virtio 1.3, 5.17.6.
import { NOTIFICATIONS_WAITING_MAX, REPLY_SIZE_MAX } from "../core/limits.ts";
import { createMessageBuffer, type MessageBuffer, type P2aSink } from "../../transports/channel.ts";

interface Waiting {
  readonly message: MessageBuffer;
  readonly size: number;
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
      const result = this.#sink.send(this.draft, size);
      if (result !== "full") return this.observe(result, isNotification, this.draft.view, size);
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
    let sentCount = 0;
    for (const { message, size, isNotification } of this.#waiting) {
      const result = this.#sink?.send(message, size) ?? "dropped";
      if (result === "full") break;
      this.observe(result, isNotification, message.view, size);
      if (isNotification) this.#notificationCount--;
      sentCount++;
    }
    if (sentCount > 0) this.#waiting.splice(0, sentCount);
  }

  #dropOldestNotification(): void {
    const place = this.#waiting.findIndex((waiting) => waiting.isNotification);
    const [oldest] = this.#waiting.splice(place, 1);
    this.#notificationCount--;
    this.observe("dropped", true, oldest!.message.view, oldest!.size);
  }
}
