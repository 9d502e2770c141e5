// The platform's side of a shared-memory area for what it sends unasked (P2A): one message at a time. The agent frees the
// area when it has read the message, or never: nothing waits for it here, the platform keeps what is to be sent, and
// bounds that. transports.md 1.5. Leaves out: how the agent is told.
import { assert } from "../../scp/core/assert.ts";
import { HEADER_SIZE } from "../../scp/core/header.ts";
import type { AgentPort, MessageBuffer, P2aResult, P2aSink } from "../channel.ts";
import type { MemoryWindow } from "../memory/memory_file.ts";
import { CHECKSUM_MODES, type ChecksumMode, checksumOf } from "./checksum.ts";
import {
  areaSizeError,
  CHECKSUM_MODE_WORD,
  CHECKSUM_WORD,
  copyPayloadIn,
  FLAG_INTERRUPT,
  FLAGS_WORD,
  HEADER_WORD,
  initialiseArea,
  isAreaFree,
  LENGTH_WORD,
  roomOf,
  STATUS_WORD,
} from "./layout.ts";

/** What an area is like. */
export interface NotificationOptions {
  /** How messages are checked; `none` unless given. */
  readonly checksum?: ChecksumMode;
  /** Whether the agent is asked to ring when it has freed the area; false unless given: Linux has no use for it. */
  readonly wantsInterrupt?: boolean;
}

/** A P2A area. */
export class SmtNotificationArea implements P2aSink {
  readonly #window: MemoryWindow;
  readonly #port: AgentPort;
  readonly #ring: () => void;
  readonly #checksum: ChecksumMode;
  readonly #flags: number;
  #isWaiting = false;

  /** `ring` tells the agent that there is a message. The size of the window has no `areaSizeError`. */
  constructor(window: MemoryWindow, port: AgentPort, ring: () => void, options: NotificationOptions = {}) {
    assert(areaSizeError(window.size) === null, "the size of an area was checked");
    this.#window = window;
    this.#port = port;
    this.#ring = ring;
    this.#checksum = options.checksum ?? "none";
    this.#flags = options.wantsInterrupt ? FLAG_INTERRUPT : 0;
  }

  /** Whether the platform has a message that did not find the area free: only then `poll` has anything to do. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Empties the area and marks it free. */
  initialise(): void {
    this.#isWaiting = false;
    initialiseArea(this.#window, CHECKSUM_MODES.indexOf(this.#checksum));
  }

  send(message: MessageBuffer, size: number): P2aResult {
    assert(size >= HEADER_SIZE, "a message has a header");
    if (size > roomOf(this.#window)) return "dropped";
    if (!isAreaFree(this.#window)) {
      this.#isWaiting = true;
      return "full";
    }
    const { words } = this.#window;
    copyPayloadIn(this.#window, message, size);
    words[HEADER_WORD] = message.view.getInt32(0, true);
    words[LENGTH_WORD] = size;
    words[FLAGS_WORD] = this.#flags;
    if (this.#checksum !== "none") {
      words[CHECKSUM_MODE_WORD] = CHECKSUM_MODES.indexOf(this.#checksum);
      words[CHECKSUM_WORD] = checksumOf(this.#checksum, message, size);
    }
    Atomics.store(words, STATUS_WORD, 0);
    this.#ring();
    return "sent";
  }

  /** Looks whether the agent has freed the area, and lets the platform send on. To be called as often as may be. */
  poll(): void {
    if (!this.#isWaiting || !isAreaFree(this.#window)) return;
    this.#isWaiting = false;
    this.#port.p2aReady();
  }
}
