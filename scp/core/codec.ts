// Reads and writes structures by interpreting their declaration: the agent side, tools and tests use it, and it is the
// oracle for the compiled codec of the platform's message path (`codec_compiler.ts`). The only other byte offsets of
// messages are in that file.
import { assert } from "./assert.ts";
import {
  type Bits32Field,
  type Condition,
  type Field,
  type Fields,
  fixedSizeOf,
  maskOf,
  omittableSizeOf,
  type PartPlace,
  sizeOfField,
  type ValuesOf,
} from "./schema.ts";

/** A decoded structure of a schema not known at compile time. */
export type Values = Readonly<Record<string, unknown>>;

const TWO_32 = 0x1_0000_0000;

/** Writes a number within +-2^53 (or -2^63) as 64-bit two's complement. */
export function writeSafe64(view: DataView, offset: number, value: number): void {
  if ((value | 0) === value) {
    view.setInt32(offset, value, true);
    view.setInt32(offset + 4, value >> 31, true);
    return;
  }
  const high = Math.floor(value / TWO_32);
  view.setUint32(offset, value - high * TWO_32, true);
  view.setInt32(offset + 4, high, true);
}

/** Reads 64-bit two's complement as a number; beyond +-2^53 it is rounded. */
export function readSafe64(view: DataView, offset: number): number {
  return view.getInt32(offset + 4, true) * TWO_32 + view.getUint32(offset, true);
}

/** Writes text into `size` bytes: cut to leave a NUL, other than ASCII replaced, the rest zero. */
export function writeText(view: DataView, offset: number, size: number, value: string): void {
  const length = Math.min(value.length, size - 1);
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    view.setUint8(offset + i, code < 0x80 ? code : 0x3f);
  }
  for (let i = length; i < size; i++) view.setUint8(offset + i, 0);
}

/** Reads text up to the first NUL or `size` bytes. */
export function readText(view: DataView, offset: number, size: number): string {
  let value = "";
  for (let i = 0; i < size; i++) {
    const code = view.getUint8(offset + i);
    if (code === 0) break;
    value += String.fromCharCode(code);
  }
  return value;
}

/** Splits a word into its named bits. */
export function unpackBits(field: Bits32Field, word: number): Record<string, boolean | number> {
  const value: Record<string, boolean | number> = {};
  for (const [name, part] of Object.entries(field.parts)) {
    const raw = (word >>> part.low) & maskOf(part);
    if (part.isFlag) value[name] = raw !== 0;
    else if (part.isSigned) value[name] = (raw << (32 - part.width)) >> (32 - part.width);
    else value[name] = raw >>> 0;
  }
  return value;
}

/** Joins named bits to a word; each value has to fit its part. */
export function packBits(field: Bits32Field, value: Values): number {
  let word = 0;
  for (const [name, part] of Object.entries(field.parts)) {
    const given = Number(value[name]);
    assert(Number.isInteger(given), `bits ${name} need a number or flag`);
    const low = part.isSigned ? -(2 ** (part.width - 1)) : 0;
    assert(given >= low && given < low + 2 ** part.width, `${given} does not fit bits ${name}`);
    word |= (given & maskOf(part)) << part.low;
  }
  return word >>> 0;
}

/** Tells whether a conditional field is on the wire beside the fields decoded so far. */
export function isPresent(when: readonly Condition[], values: Values): boolean {
  return when.every((condition) =>
    (values[condition.field] as Values | undefined)?.[condition.part] === condition.is
  );
}

/** Bytes that so many 16-bit numbers take at the end of a message, padding included. */
function sizeOfHalves(count: number): number {
  return (2 * count + 3) & ~3;
}

/** The number that a word decoded so far tells of the items at the end. */
function countIn(values: Values, { field, part }: PartPlace): number {
  return (values[field] as Record<string, number>)[part]!;
}

/** The value of a field that is not on the wire. */
export function absentValueOf(field: Field): unknown {
  switch (field.kind) {
    case "i64":
      return 0n;
    case "text":
      return "";
    case "bytes":
      return new Uint8Array(0);
    case "halves":
    case "list":
      return [];
    case "bits32":
      return unpackBits(field, 0);
    default:
      return 0;
  }
}

interface Cursor {
  readonly view: DataView;
  offset: number;
  readonly end: number;
}

function readField(field: Field, from: Cursor, before: Values): unknown {
  const { view, offset } = from;
  const size = sizeOfField(field);
  if (offset + size > from.end) {
    return field.kind === "u32" && field.isOmittable && offset === from.end ? 0 : undefined;
  }
  from.offset += size;
  switch (field.kind) {
    case "u32":
      return view.getUint32(offset, true);
    case "i32":
      return view.getInt32(offset, true);
    case "i64":
      return view.getBigInt64(offset, true);
    case "safe64":
      return readSafe64(view, offset);
    case "bits32":
      return unpackBits(field, view.getUint32(offset, true));
    case "text":
      return readText(view, offset, field.size);
    case "bytes": {
      from.offset = from.end;
      return new Uint8Array(view.buffer, view.byteOffset + offset, from.end - offset).slice();
    }
    case "halves": {
      const count = countIn(before, field.count);
      from.offset += sizeOfHalves(count);
      if (from.offset > from.end) return undefined;
      return Array.from({ length: count }, (_, i) => view.getUint16(offset + 2 * i, true));
    }
    case "list": {
      const count = field.count === null ? Infinity : countIn(before, field.count);
      return readItems(field.item, from, count);
    }
  }
}

/** Reads so many items, or with Infinity all up to the end. */
function readItems(item: Fields, from: Cursor, count: number): Values[] | undefined {
  const items: Values[] = [];
  while (items.length < count && (count !== Infinity || from.offset < from.end)) {
    const start = from.offset;
    const values = readFrom(item, from);
    if (values === null || from.offset === start) return undefined;
    items.push(values);
  }
  return items;
}

function readFrom(fields: Fields, from: Cursor): Values | null {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (!isPresent(field.when, values)) {
      values[name] = absentValueOf(field);
      continue;
    }
    const value = readField(field, from, values);
    if (value === undefined) return null;
    values[name] = value;
  }
  return values;
}

/**
 * Reads the structure in `view[offset, end)`. Returns null when the bytes are too few; surplus bytes behind the last
 * field are left alone.
 */
export function readFields<F extends Fields>(
  fields: F,
  view: DataView,
  offset: number,
  end: number,
): ValuesOf<F> | null {
  return readFrom(fields, { view, offset, end }) as ValuesOf<F> | null;
}

function writeField(field: Field, to: Cursor, value: unknown): boolean {
  const { view, offset } = to;
  if (field.kind === "list") {
    return (value as readonly Values[]).every((item) => writeTo(field.item, to, item));
  }
  if (field.kind === "bytes") {
    const given = value as Uint8Array;
    const padded = (given.length + 3) & ~3;
    if (offset + padded > to.end) return false;
    for (let i = 0; i < padded; i++) view.setUint8(offset + i, given[i] ?? 0);
    to.offset += padded;
    return true;
  }
  if (field.kind === "halves") return writeHalves(to, value as readonly number[]);
  const size = sizeOfField(field);
  if (offset + size > to.end) return false;
  to.offset += size;
  switch (field.kind) {
    case "u32":
    case "i32":
      view.setInt32(offset, Number(value), true);
      break;
    case "i64":
      view.setBigInt64(offset, value as bigint, true);
      break;
    case "safe64":
      writeSafe64(view, offset, value as number);
      break;
    case "bits32":
      view.setUint32(offset, packBits(field, value as Values), true);
      break;
    case "text":
      writeText(view, offset, field.size, value as string);
      break;
  }
  return true;
}

function writeHalves(to: Cursor, values: readonly number[]): boolean {
  const size = sizeOfHalves(values.length);
  if (to.offset + size > to.end) return false;
  for (let i = 0; 2 * i < size; i++) to.view.setUint16(to.offset + 2 * i, values[i] ?? 0, true);
  to.offset += size;
  return true;
}

function writeTo(fields: Fields, to: Cursor, values: Values): boolean {
  for (const [name, field] of Object.entries(fields)) {
    if (isPresent(field.when, values) && !writeField(field, to, values[name])) return false;
  }
  return true;
}

/** Writes a structure into `view[offset, limit)`; returns the offset behind it, or -1 when it does not fit. */
export function writeFields(
  fields: Fields,
  view: DataView,
  offset: number,
  limit: number,
  values: Values,
): number {
  const to: Cursor = { view, offset, end: limit };
  return writeTo(fields, to, values) ? to.offset : -1;
}

/**
 * Tells whether a payload of `size` bytes can be this structure: exact, without what may be omitted, or with whole items of
 * a trailing list.
 */
export function hasShape(fields: Fields, size: number): boolean {
  const fixed = fixedSizeOf(fields);
  const last = Object.values(fields).at(-1);
  if (last?.kind !== "list" && last?.kind !== "bytes" && last?.kind !== "halves") {
    return size === fixed || size === fixed - omittableSizeOf(fields);
  }
  const unit = last.kind === "list" ? fixedSizeOf(last.item) : 4;
  return size >= fixed && (size - fixed) % unit === 0;
}
