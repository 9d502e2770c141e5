// Sizes of declared fields, and masks of the parts of words: what codecs and checks work out from a declaration.
import type { BitPart, Bits32Field, Field, Fields } from "./schema.ts";

/** Bytes of the fields that are always there; what has no fixed size at the end counts 0. */
export function fixedSizeOf(fields: Fields): number {
  let size = 0;
  for (const field of Object.values(fields)) if (field.when.length === 0) size += sizeOfField(field);
  return size;
}

/** Bytes at the end of a structure that may be missing. */
export function omittableSizeOf(fields: Fields): number {
  const last = Object.values(fields).at(-1);
  return last?.kind === "u32" && last.isOmittable ? sizeOfField(last) : 0;
}

/** Bytes of one field; one of no fixed size counts 0. */
export function sizeOfField(field: Field): number {
  switch (field.kind) {
    case "i64":
    case "safe64":
      return 8;
    case "text":
      return field.size;
    case "bytes":
    case "halves":
    case "list":
      return 0;
    default:
      return 4;
  }
}

/** The bits of a word that have no name. */
export function reservedMaskOf(field: Bits32Field): number {
  let named = 0;
  for (const part of Object.values(field.parts)) named |= maskOf(part) << part.low;
  return ~named >>> 0;
}

/** A mask of a part's width, at bit 0. */
export function maskOf(part: BitPart): number {
  return part.width === 32 ? 0xffff_ffff : 2 ** part.width - 1;
}
