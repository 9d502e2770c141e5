// Whether bytes are exactly what a declaration says: decoded and written again they have to be the same. That finds
// missing and surplus bytes, reserved bits, text without its NUL and bytes nobody wrote.
import { readFields, type Values, writeFields } from "../core/codec.ts";
import type { Fields } from "../core/schema.ts";

/** What came of reading a structure. */
export type Layout = { readonly ok: true; readonly values: Values } | {
  readonly ok: false;
  readonly problem: string;
};

/** Reads the structure in `message[offset, end)`; it has to fill the message exactly. */
export function readExactly(fields: Fields, message: Uint8Array, offset: number): Layout {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const values = readFields(fields, view, offset, message.length) as Values | null;
  if (values === null) return { ok: false, problem: `${message.length} bytes are too few or too many` };
  const again = new Uint8Array(message.length);
  const end = writeFields(fields, new DataView(again.buffer), offset, again.length, values);
  if (end !== message.length) {
    return { ok: false, problem: `${message.length} bytes, of which the declaration explains ${end}` };
  }
  for (let at = offset; at < end; at++) {
    if (again[at] !== message[at]) {
      const found = message[at]!.toString(16);
      return {
        ok: false,
        problem: `byte ${at} is 0x${found}, where the declaration has 0x${again[at]!.toString(16)}`,
      };
    }
  }
  return { ok: true, values };
}
