// A shared-memory area without a file, between neighbours that nobody may write to, and a port that notes what it is asked.
import { assertEquals } from "@std/assert";
import { type AgentPort, type MessageBuffer, type P2aSink, PLAIN_SERVICE } from "../../transports/channel.ts";
import type { MemoryWindow } from "../../transports/memory/memory_file.ts";
import {
  CHANNEL_FREE,
  FLAGS_WORD,
  HEADER_WORD,
  LENGTH_WORD,
  MESSAGE_AT,
  STATUS_WORD,
} from "../../transports/smt/layout.ts";

const NEIGHBOUR_SIZE = 64;
const UNTOUCHED = 0xa5;

/** What stands in an area after a response. */
export interface AreaState {
  readonly status: number;
  readonly flags: number;
  readonly length: number;
  readonly header: number;
  /** The first word of the payload. */
  readonly code: number;
}

/** An area in memory of its own. */
export class TestArea {
  readonly window: MemoryWindow;
  readonly #memory: Uint8Array;

  constructor(size = 128) {
    const memory = new Uint8Array(size + 2 * NEIGHBOUR_SIZE).fill(UNTOUCHED);
    this.#memory = memory;
    this.window = {
      offset: NEIGHBOUR_SIZE,
      size,
      words: new Int32Array(memory.buffer, NEIGHBOUR_SIZE, size / 4),
      bytes: new Uint8Array(memory.buffer, NEIGHBOUR_SIZE, size),
      view: new DataView(memory.buffer, NEIGHBOUR_SIZE, size),
    };
  }

  get status(): number {
    return this.window.words[STATUS_WORD]!;
  }

  set status(value: number) {
    this.window.words[STATUS_WORD] = value;
  }

  /** Whether the area belongs to who sends next. */
  get isFree(): boolean {
    return (this.status & CHANNEL_FREE) !== 0;
  }

  /** Writes a command as an agent does; `length` is what it claims. */
  write(message: Uint8Array, length = message.length, flags = 0): void {
    this.status = 0;
    this.window.words[FLAGS_WORD] = flags;
    this.window.words[LENGTH_WORD] = length | 0;
    this.window.bytes.set(message, MESSAGE_AT);
  }

  read(): AreaState {
    const { view } = this.window;
    return {
      status: this.status,
      flags: view.getUint32(4 * FLAGS_WORD, true),
      length: view.getUint32(4 * LENGTH_WORD, true),
      header: view.getUint32(4 * HEADER_WORD, true),
      code: view.getInt32(MESSAGE_AT + 4, true),
    };
  }

  /** Returns the message as its length says. */
  message(): Uint8Array {
    const { bytes, view } = this.window;
    return bytes.slice(MESSAGE_AT, MESSAGE_AT + view.getUint32(4 * LENGTH_WORD, true));
  }

  /** Fails when anything beside the area was written. */
  assertNeighboursUntouched(): void {
    const before = this.#memory.subarray(0, NEIGHBOUR_SIZE);
    const after = this.#memory.subarray(NEIGHBOUR_SIZE + this.window.size);
    assertEquals([before, after].map((part) => part.every((byte) => byte === UNTOUCHED)), [true, true]);
  }
}

/** Answers every command with its header, SUCCESS and a payload of its choice. */
export class TestPort implements AgentPort {
  readonly agentName = "test";
  readonly service = PLAIN_SERVICE;
  /** Copies of the commands that came. */
  readonly requests: Uint8Array[] = [];
  /** Room of each response. */
  readonly rooms: number[] = [];
  /** Bytes of the response behind its status, each its own index. */
  payloadSize = 4;
  /** Is called while a command is served. */
  during: () => void = () => {};
  sink: P2aSink | null = null;
  readyCount = 0;
  resetCount = 0;
  closeCount = 0;
  onReady: () => void = () => {};

  serve(request: MessageBuffer, size: number, reply: MessageBuffer, room: number): number {
    this.requests.push(request.bytes.slice(0, size));
    this.rooms.push(room);
    this.during();
    reply.bytes.set(request.bytes.subarray(0, 4));
    reply.view.setInt32(4, 0, true);
    for (let i = 0; i < this.payloadSize; i++) reply.bytes[8 + i] = i;
    return 8 + this.payloadSize;
  }

  attach(sink: P2aSink | null): void {
    this.sink = sink;
  }

  p2aReady(): void {
    this.readyCount++;
    this.onReady();
  }

  reset(): void {
    this.resetCount++;
  }

  close(): void {
    this.closeCount++;
  }
}

/** A message with a header and a payload whose bytes count up. */
export function messageOf(header: number, payloadSize = 4): Uint8Array {
  const bytes = Uint8Array.from({ length: 4 + payloadSize }, (_, i) => i + 1);
  new DataView(bytes.buffer).setUint32(0, header, true);
  return bytes;
}
