// Frames on their way to one agent: collected, so that many go out with one call, and kept while the agent does not read.
// Bounded: whoever appends asks for the room before.
import { assert } from "../../scp/core/assert.ts";
import type { MessageBuffer } from "../channel.ts";
import { FAILED, HUNG_UP, libc, MSG_DONTWAIT, MSG_NOSIGNAL } from "../ffi/libc.ts";
import { pollSocket } from "../ffi/unix_socket.ts";
import { copyBytes, LENGTH_SIZE } from "./frame.ts";

/** Bytes that wait for an agent at most; what its socket holds comes on top. */
const OUTPUT_SIZE_MAX = 65536;

/** The frames of one connection that were not sent yet. */
export class FrameOutput {
  readonly #bytes = new Uint8Array(OUTPUT_SIZE_MAX);
  readonly #view = new DataView(this.#bytes.buffer);
  #size = 0;

  /** Whether everything was sent. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Whether the frame of a message of `size` bytes fits. */
  hasRoomFor(size: number): boolean {
    return this.#size + LENGTH_SIZE + size <= OUTPUT_SIZE_MAX;
  }

  /** Adds the frame of `message[0, size)`. */
  append(message: MessageBuffer, size: number): void {
    assert(this.hasRoomFor(size), "the frame fits into the output");
    this.#view.setUint32(this.#size, size, true);
    copyBytes(message.bytes, 0, this.#bytes, this.#size + LENGTH_SIZE, size);
    this.#size += LENGTH_SIZE + size;
  }

  /** Sends what the socket takes. False: the agent is gone. */
  flush(fd: number): boolean {
    if (this.#size === 0) return true;
    const sent = libc.send(fd, this.#bytes, this.#size, MSG_DONTWAIT | MSG_NOSIGNAL);
    // No room, or nobody there any more.
    if (sent < 0) return (pollSocket(fd, 0, 0) & (HUNG_UP | FAILED)) === 0;
    this.#bytes.copyWithin(0, sent, this.#size);
    this.#size -= sent;
    return true;
  }
}
