// The agent's side of shared-memory areas: sends commands and takes responses (A2P), takes what the platform sends (P2A).
// For clients and tests; nothing of it waits. It trusts no length the platform tells. transports.md 1.2, 1.5.
import { HEADER_SIZE } from "../../scp/core/header.ts";
import { createMessageBuffer } from "../channel.ts";
import type { MemoryWindow } from "../memory/memory_file.ts";
import { CHECKSUM_MODES, type ChecksumMode, checksumOf } from "./checksum.ts";
import {
  CHANNEL_FREE,
  CHECKSUM_MODE_WORD,
  CHECKSUM_WORD,
  FLAG_INTERRUPT,
  FLAGS_WORD,
  isAreaFree,
  LENGTH_WORD,
  MESSAGE_AT,
  roomOf,
  STATUS_WORD,
} from "./layout.ts";

/** How an agent sends. */
export interface AgentAreaOptions {
  /** How messages are checked; `none` unless given. */
  readonly checksum?: ChecksumMode;
  /** Whether responses are to be told by a doorbell; true unless given. */
  readonly wantsInterrupt?: boolean;
}

/** Returns a copy of the message in an area, cut to what fits. */
function messageIn(window: MemoryWindow): Uint8Array<ArrayBuffer> {
  const size = Math.min(Atomics.load(window.words, LENGTH_WORD) >>> 0, roomOf(window));
  return window.bytes.slice(MESSAGE_AT, MESSAGE_AT + size);
}

/** The agent's side of an A2P area. */
export class SmtAgentCommands {
  readonly #window: MemoryWindow;
  readonly #checksum: ChecksumMode;
  readonly #flags: number;
  #isUnderWay = false;

  constructor(window: MemoryWindow, options: AgentAreaOptions = {}) {
    this.#window = window;
    this.#checksum = options.checksum ?? "none";
    this.#flags = options.wantsInterrupt ?? true ? FLAG_INTERRUPT : 0;
  }

  /** Whether a command can be written: the area is free and the last response was taken. */
  get isReady(): boolean {
    return !this.#isUnderWay && isAreaFree(this.#window);
  }

  /**
   * Writes a command; the caller rings. One that is longer than the area is cut and keeps its length, so that the platform
   * refuses it. False when the area is not ready.
   */
  send(message: Uint8Array): boolean {
    if (!this.isReady) return false;
    const { words, bytes } = this.#window;
    Atomics.store(words, STATUS_WORD, 0);
    words[FLAGS_WORD] = this.#flags;
    words[LENGTH_WORD] = message.length;
    bytes.set(message.subarray(0, roomOf(this.#window)), MESSAGE_AT);
    if (this.#checksum !== "none") {
      const copy = createMessageBuffer(Math.max(message.length, HEADER_SIZE));
      copy.bytes.set(message);
      words[CHECKSUM_MODE_WORD] = CHECKSUM_MODES.indexOf(this.#checksum);
      words[CHECKSUM_WORD] = checksumOf(this.#checksum, copy, message.length);
    }
    this.#isUnderWay = true;
    return true;
  }

  /** Returns the response to the command under way; null while there is none. */
  take(): Uint8Array<ArrayBuffer> | null {
    if (!this.#isUnderWay || !isAreaFree(this.#window)) return null;
    this.#isUnderWay = false;
    return messageIn(this.#window);
  }
}

/** The agent's side of a P2A area. */
export class SmtAgentNotifications {
  readonly #window: MemoryWindow;

  constructor(window: MemoryWindow) {
    this.#window = window;
  }

  /** Returns the message of the platform and frees the area; null when there is none. */
  take(): Uint8Array<ArrayBuffer> | null {
    if (isAreaFree(this.#window)) return null;
    const message = messageIn(this.#window);
    Atomics.store(this.#window.words, STATUS_WORD, CHANNEL_FREE);
    return message;
  }

  /** Whether the platform asks for a doorbell when the area is freed. */
  get isReturnWanted(): boolean {
    return (Atomics.load(this.#window.words, FLAGS_WORD) & FLAG_INTERRUPT) !== 0;
  }
}
