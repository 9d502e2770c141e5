// The layout of a shared-memory area for SCMI messages (SMT), as indices of its 32-bit words, with the bits of its status
// and flags. transports.md 1.1. Little-endian words: those of the host, since both targets are.
import type { MessageBuffer } from "../channel.ts";
import type { MemoryWindow } from "../memory/memory_file.ts";

/** Bit 0: FREE, the area belongs to who sends next; bit 1: ERROR, the last message was not handled. */
export const STATUS_WORD = 1;
/** How messages are checked, as NXP's firmware tells it; others leave it 0. */
export const CHECKSUM_MODE_WORD = 2;
/** Checksum over header and payload, in a mode other than 0. */
export const CHECKSUM_WORD = 3;
/** Bit 0: the sender wants the doorbell back. */
export const FLAGS_WORD = 4;
/** Bytes of header and payload. */
export const LENGTH_WORD = 5;
/** The message header; the payload follows. */
export const HEADER_WORD = 6;

/** Status: the area belongs to who sends next. */
export const CHANNEL_FREE = 1;
/** Status: the last message was not handled. */
export const CHANNEL_ERROR = 2;
/** Flags: the sender wants the doorbell back. */
export const FLAG_INTERRUPT = 1;

/** Bytes in front of the message header. */
export const MESSAGE_AT = 4 * HEADER_WORD;

/** The smallest area: agents take it for granted, Linux 7.2 refuses smaller ones. */
export const AREA_SIZE_MIN = 128;

/** Returns what is wrong with the size of an area, or null. */
export function areaSizeError(size: number): string | null {
  if (!Number.isSafeInteger(size) || size < AREA_SIZE_MIN) {
    return `an area of ${size} bytes is too small: give it at least ${AREA_SIZE_MIN}`;
  }
  return size % 4 === 0 ? null : `an area of ${size} bytes has no whole words: give it a multiple of 4`;
}

/** Returns how many bytes of header and payload an area takes. */
export function roomOf(window: MemoryWindow): number {
  return window.size - MESSAGE_AT;
}

/** Empties an area and gives it to who sends next. */
export function initialiseArea(window: MemoryWindow, checksumMode: number): void {
  const { words } = window;
  words.fill(0);
  words[CHECKSUM_MODE_WORD] = checksumMode;
  Atomics.store(words, STATUS_WORD, CHANNEL_FREE);
}

/** Tells whether an area belongs to who sends next; other bits of the status may be anything. */
export function isAreaFree(window: MemoryWindow): boolean {
  return (Atomics.load(window.words, STATUS_WORD) & CHANNEL_FREE) !== 0;
}

/** Copies the payload of a message of `size` bytes out of an area; all of it has to be inside. */
export function copyPayloadOut(window: MemoryWindow, into: MessageBuffer, size: number): void {
  const { words } = window;
  const { view } = into;
  for (let at = 4; at < size; at += 4) view.setInt32(at, words[(MESSAGE_AT + at) >>> 2]!, true);
}

/** Copies the payload of a message of `size` bytes into an area, which has to have room for it. */
export function copyPayloadIn(window: MemoryWindow, from: MessageBuffer, size: number): void {
  const { words, bytes } = window;
  const { view } = from;
  const whole = size & ~3;
  for (let at = 4; at < whole; at += 4) words[(MESSAGE_AT + at) >>> 2] = view.getInt32(at, true);
  for (let at = whole; at < size; at++) bytes[MESSAGE_AT + at] = view.getUint8(at);
}
