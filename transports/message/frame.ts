// The frame of the message transport: the length of the message as 32 bits, little-endian, then the message (SCMI header
// and payload). The same both ways; what a message is (response, delayed response, notification) tells its header.
import { HEADER_SIZE } from "../../scp/core/header.ts";

/** Bytes of the length that stands before each message. */
export const LENGTH_SIZE = 4;

/** The shortest message of a frame: a header. */
export const FRAME_LENGTH_MIN = HEADER_SIZE;

/** The longest message of a frame; longer than any message the platform takes, which is refused by its size. */
export const FRAME_LENGTH_MAX = 65536;

/** Tells whether a frame may have this length; if not, where the next one starts cannot be known. */
export function isFrameLength(length: number): boolean {
  return length >= FRAME_LENGTH_MIN && length <= FRAME_LENGTH_MAX;
}

/** Makes the frame of a message. */
export function frameOf(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(LENGTH_SIZE + message.length);
  new DataView(frame.buffer).setUint32(0, message.length, true);
  frame.set(message, LENGTH_SIZE);
  return frame;
}

/** Copies longer than this are worth a view of their own, which a short one would pay for with garbage. */
const LOOP_COPY_SIZE_MAX = 128;

/** Copies `size` bytes; without allocating when they are as few as those of most messages. */
export function copyBytes(
  from: Uint8Array,
  fromAt: number,
  to: Uint8Array,
  toAt: number,
  size: number,
): void {
  if (size > LOOP_COPY_SIZE_MAX) to.set(from.subarray(fromAt, fromAt + size), toAt);
  else for (let i = 0; i < size; i++) to[toAt + i] = from[fromAt + i]!;
}
