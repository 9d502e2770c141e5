// Messages as bytes: what a test reads of one that came, and how it makes one that no schema makes.
import { assert } from "@std/assert";
import { messageTypeOf, tokenOf as tokenOfHeader } from "../../scp/core/header.ts";

function viewOf(message: Uint8Array | undefined | null): DataView {
  assert(message !== undefined && message !== null, "a message was expected");
  return new DataView(message.buffer, message.byteOffset, message.length);
}

/** Returns the header word of a message; fails when none came. */
export function headerOf(message: Uint8Array | undefined | null): number {
  return viewOf(message).getUint32(0, true);
}

/** Returns the number of the status of a response; fails when none came. */
export function statusOf(message: Uint8Array | undefined | null): number {
  return viewOf(message).getInt32(4, true);
}

/** Returns the token of a message; fails when none came. */
export function tokenOf(message: Uint8Array | undefined | null): number {
  return tokenOfHeader(headerOf(message));
}

/** Returns the type of a message; fails when none came. */
export function typeOf(message: Uint8Array | undefined | null): number {
  return messageTypeOf(headerOf(message));
}

/** A message of `size` bytes, zeros behind a header; one shorter than a header has only its begin. */
export function messageOfSize(header: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(size, 4));
  new DataView(bytes.buffer).setUint32(0, header, true);
  return bytes.slice(0, size);
}
