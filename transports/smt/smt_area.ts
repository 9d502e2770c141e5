// The platform's side of a shared-memory area for commands (A2P): served when its doorbell was rung, never when its status
// merely says busy, for an agent says so before it writes its message. All that decides is read once, and the reply is
// never read back: the agent can write the whole area at any time. transports.md 1.2 to 1.4. Leaves out: doorbells.
import { assert } from "../../scp/core/assert.ts";
import { HEADER_SIZE } from "../../scp/core/header.ts";
import { MESSAGE_SIZE_MAX, REPLY_SIZE_MAX } from "../../scp/core/limits.ts";
import { STATUS } from "../../scp/core/status.ts";
import { type AgentPort, createMessageBuffer } from "../channel.ts";
import type { MemoryWindow } from "../memory/memory_file.ts";
import { CHECKSUM_MODES, type ChecksumMode, checksumOf } from "./checksum.ts";
import {
  areaSizeError,
  CHANNEL_ERROR,
  CHANNEL_FREE,
  CHECKSUM_MODE_WORD,
  CHECKSUM_WORD,
  copyPayloadIn,
  copyPayloadOut,
  FLAG_INTERRUPT,
  FLAGS_WORD,
  HEADER_WORD,
  initialiseArea,
  isAreaFree,
  LENGTH_WORD,
  roomOf,
  STATUS_WORD,
} from "./layout.ts";

/** Header and status. */
const REFUSAL_SIZE = 8;

/** What an area is like. */
export interface SmtOptions {
  /** How messages both ways are checked; `none` unless given. */
  readonly checksum?: ChecksumMode;
  /** Hears one line for each thing an agent does wrong with the area. The owner of the area bounds them. */
  readonly report?: (text: string) => void;
}

/** An A2P area. */
export class SmtCommandArea {
  readonly #window: MemoryWindow;
  readonly #port: AgentPort;
  readonly #checksum: ChecksumMode;
  readonly #report: (text: string) => void;
  readonly #request = createMessageBuffer(MESSAGE_SIZE_MAX);
  readonly #reply = createMessageBuffer(REPLY_SIZE_MAX);

  /** The size of the window has no `areaSizeError`. */
  constructor(window: MemoryWindow, port: AgentPort, options: SmtOptions = {}) {
    assert(areaSizeError(window.size) === null, "the size of an area was checked");
    this.#window = window;
    this.#port = port;
    this.#checksum = options.checksum ?? "none";
    this.#report = options.report ?? (() => {});
  }

  /** Empties the area and marks it free: agents wait for that and never do it themselves. */
  initialise(): void {
    initialiseArea(this.#window, CHECKSUM_MODES.indexOf(this.#checksum));
  }

  /** Whether the area belongs to who sends next; otherwise a message is being written, or waits for its doorbell. */
  get isFree(): boolean {
    return isAreaFree(this.#window);
  }

  /**
   * Serves what is in the area. To be called when its doorbell was rung, after the doorbell was cleared. Returns whether there was a
   * message whose sender wants to be told by a doorbell that it was answered.
   */
  serve(): boolean {
    if (isAreaFree(this.#window)) {
      this.#report("a doorbell was rung while the channel was free");
      return false;
    }
    const { words } = this.#window;
    const flags = Atomics.load(words, FLAGS_WORD);
    const length = Atomics.load(words, LENGTH_WORD) >>> 0;
    const header = Atomics.load(words, HEADER_WORD);
    const checksum = Atomics.load(words, CHECKSUM_WORD);
    const size = this.#takeMessage(header, length, checksum);
    const isRefused = size < 0;
    const replySize = isRefused ? this.#refuse(size) : this.#serveMessage(size);
    this.#writeReply(header, replySize, isRefused);
    return (flags & FLAG_INTERRUPT) !== 0;
  }

  /** Copies the message out. Returns its size, or the status under which it is refused. */
  #takeMessage(header: number, length: number, checksum: number): number {
    const room = roomOf(this.#window);
    if (length < HEADER_SIZE || length > room) {
      this.#report(`a message of ${length} bytes was refused: ${HEADER_SIZE} to ${room} are possible`);
      return STATUS.PROTOCOL_ERROR;
    }
    const request = this.#request;
    request.view.setInt32(0, header, true);
    copyPayloadOut(this.#window, request, Math.min(length, MESSAGE_SIZE_MAX));
    // No message is as long; cut, it must not pass for a shorter one, and none has a size that is no multiple of 4.
    if (length > MESSAGE_SIZE_MAX) return MESSAGE_SIZE_MAX - 1;
    if (this.#checksum !== "none" && checksumOf(this.#checksum, request, length) !== checksum) {
      this.#report(`a message was refused: its ${this.#checksum} checksum is wrong`);
      return STATUS.COMMS_ERROR;
    }
    return length;
  }

  #serveMessage(size: number): number {
    const room = Math.min(roomOf(this.#window), REPLY_SIZE_MAX);
    const replySize = this.#port.serve(this.#request, size, this.#reply, room);
    assert(replySize >= REFUSAL_SIZE && replySize <= room, "a reply fits into its area");
    return replySize;
  }

  #refuse(status: number): number {
    this.#reply.view.setInt32(HEADER_SIZE, status, true);
    return REFUSAL_SIZE;
  }

  /** The status is the last store: from then on the agent reads, or sends again. */
  #writeReply(header: number, size: number, isRefused: boolean): void {
    const { words } = this.#window;
    copyPayloadIn(this.#window, this.#reply, size);
    words[LENGTH_WORD] = size;
    words[HEADER_WORD] = header;
    if (this.#checksum !== "none") {
      this.#reply.view.setInt32(0, header, true);
      words[CHECKSUM_MODE_WORD] = CHECKSUM_MODES.indexOf(this.#checksum);
      words[CHECKSUM_WORD] = checksumOf(this.#checksum, this.#reply, size);
    }
    Atomics.store(words, STATUS_WORD, isRefused ? CHANNEL_FREE | CHANNEL_ERROR : CHANNEL_FREE);
  }
}
