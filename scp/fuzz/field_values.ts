// Values for the fields of messages, edges first: what fast-check draws for a parameter, and how it shrinks. Ids are
// drawn from those the platform has and those it cannot have.
import fc, { type Arbitrary } from "fast-check";
import { assert } from "../core/assert.ts";
import {
  type BitPart,
  type Bits32Field,
  type Field,
  type Fields,
  maskOf,
  type PartPlace,
  reservedMaskOf,
  type ResourceKind,
  type Selector,
} from "../core/schema.ts";
import type { ParamValue, ParamValues } from "./program.ts";

/** What is known of a platform that makes some values likelier to get somewhere. */
export interface ValueHints {
  /** Ids of each kind that exist; the first ones are the favourites of a batch, so that steps meet. */
  readonly liveIds: Readonly<Partial<Record<ResourceKind, readonly number[]>>>;
  /** Numbers that mean something in fields of a name: versions, message ids, protocol ids. */
  readonly meaningful: Readonly<Record<string, readonly number[]>>;
}

const U32_EDGES = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
const I64_EDGES = [
  0n,
  1n,
  -1n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 53n,
  -(2n ** 53n) - 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const LIST_LENGTHS_MAX = 8;

function u32(name: string, hints: ValueHints): Arbitrary<number> {
  return fc.oneof(
    ...meaningful(name, hints),
    { weight: 4, arbitrary: fc.nat({ max: 12 }) },
    { weight: 2, arbitrary: fc.constantFrom(...U32_EDGES) },
    { weight: 1, arbitrary: fc.nat({ max: 0xffff_ffff }) },
  );
}

function id(kind: ResourceKind, hints: ValueHints): Arbitrary<number> {
  const live = hints.liveIds[kind] ?? [];
  const count = live.length === 0 ? 0 : Math.max(...live) + 1;
  const dead = [count, count + 1, 0xffff, 0x8000_0000, 0xffff_ffff];
  if (live.length === 0) return fc.constantFrom(...dead);
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...live.slice(0, 2)) },
    { weight: 4, arbitrary: fc.constantFrom(...live) },
    { weight: 1, arbitrary: fc.constantFrom(...dead) },
  );
}

/** An id of a kind, or, where it means nothing, the number that agents send then. */
function idOrNone(kind: ResourceKind | null, hints: ValueHints): Arbitrary<number> {
  return kind === null ? fc.constant(0xffff_ffff) : id(kind, hints);
}

function partValue(name: string, part: BitPart, hints: ValueHints): Arbitrary<number> {
  const max = maskOf(part);
  if (part.width === 1) return fc.nat({ max: 1 });
  const edges = part.isSigned ? [0, 1, max, max >>> 1, (max >>> 1) + 1] : [0, 1, max];
  return fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: Math.min(max, 3) }) },
    { weight: 2, arbitrary: fc.constantFrom(...edges) },
    { weight: 2, arbitrary: fc.nat({ max }) },
    ...meaningful(name, hints),
  );
}

function word(field: Bits32Field, hints: ValueHints): Arbitrary<number> {
  const parts = Object.values(field.parts);
  const names = Object.keys(field.parts);
  const reservedMask = reservedMaskOf(field);
  const reserved = reservedMask === 0 ? fc.constant(0) : fc.oneof(
    { weight: 20, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat({ max: 31 }).map((bit) => (reservedMask & (1 << bit)) >>> 0) },
    { weight: 1, arbitrary: fc.constant(reservedMask) },
  );
  const values = fc.tuple(...parts.map((part, i) => partValue(names[i]!, part, hints)));
  // Often nothing but flags: a number of 0 tends to mean that something stays as it is.
  return fc.tuple(reserved, values, fc.nat({ max: 2 })).map(([bits, drawn, choice]) =>
    drawn.reduce<number>((sum, value, i) => {
      const part = parts[i]!;
      return choice === 0 && !part.isFlag ? sum : (sum | (value << part.low)) >>> 0;
    }, bits)
  );
}

/** The numbers that mean something in a field of this name, if there are any. */
function meaningful(name: string, hints: ValueHints): { weight: number; arbitrary: Arbitrary<number> }[] {
  const values = hints.meaningful[name] ?? [];
  return values.length > 0 ? [{ weight: 12, arbitrary: fc.constantFrom(...values) }] : [];
}

function i64(name: string, hints: ValueHints): Arbitrary<bigint> {
  return fc.oneof(
    ...meaningful(name, hints).map(({ weight, arbitrary }) => ({ weight, arbitrary: arbitrary.map(BigInt) })),
    { weight: 4, arbitrary: fc.integer({ min: -100_000, max: 150_000 }).map(BigInt) },
    { weight: 2, arbitrary: fc.constantFrom(...I64_EDGES) },
    { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  );
}

/** Lists, most of them short: what is wrong with one item is wrong with the whole message. */
function items(item: Arbitrary<ParamValues>): Arbitrary<ParamValues[]> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.array(item, { maxLength: 2, size: "max" }) },
    { weight: 1, arbitrary: fc.array(item, { maxLength: LIST_LENGTHS_MAX, size: "max" }) },
  );
}

/** Draws the value of one field. */
export function fieldValue(name: string, field: Field, hints: ValueHints): Arbitrary<ParamValue> {
  switch (field.kind) {
    case "u32":
      if (field.selector !== null) {
        return fc.oneof(...field.selector.kinds.map((kind) => idOrNone(kind, hints)));
      }
      return field.resource === null ? u32(name, hints) : id(field.resource, hints);
    case "i32":
      return fc.oneof(
        ...meaningful(name, hints),
        fc.integer({ min: -12, max: 12 }),
        fc.constantFrom(0, -1, 0x7fff_ffff, -0x8000_0000),
        fc.integer(),
      );
    case "i64":
      return i64(name, hints);
    case "safe64":
      return fc.oneof(fc.integer({ min: -12, max: 12 }), fc.maxSafeInteger());
    case "bits32":
      return word(field, hints);
    case "text":
      return fc.string({ unit: "grapheme-ascii", maxLength: field.size - 1 });
    case "bytes":
      return fc.uint8Array({ maxLength: 4 * LIST_LENGTHS_MAX, size: "max" });
    case "halves":
      assert(false, "parameters have no 16-bit numbers");
      break;
    case "list":
      return items(fieldValues(field.item, hints));
  }
}

/** Draws the values of all fields of a structure. */
export function fieldValues(fields: Fields, hints: ValueHints): Arbitrary<ParamValues> {
  const values = fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldValue(name, field, hints)])),
    { noNullPrototype: true },
  );
  const selected = Object.entries(fields).flatMap(([name, field]) =>
    field.kind === "u32" && field.selector !== null ? [{ name, selector: field.selector }] : []
  );
  const [listName, last] = Object.entries(fields).at(-1) ?? ["", null];
  const count = last?.kind === "list" ? last.count : null;
  if (count === null && selected.length === 0) return values;
  const choices = fc.tuple(...selected.map(({ selector }) => selection(selector, hints)));
  // What does not fit together is refused before anything else is looked at: most has to fit.
  return fc.tuple(values, choices, fc.nat({ max: 9 })).map(([drawn, chosen, chance]) => {
    if (chance === 0) return drawn;
    let fitting = drawn;
    for (const [place, { name, selector }] of selected.entries()) {
      const { value, id } = chosen[place]!;
      fitting = { ...withPart(fields, selector, fitting, value), [name]: id };
    }
    if (count === null) return fitting;
    return withPart(fields, count, fitting, (drawn[listName] as readonly unknown[]).length);
  });
}

/** A value of a selector, and an id of the kind that it selects. */
function selection(selector: Selector, hints: ValueHints): Arbitrary<{ value: number; id: number }> {
  return fc.oneof(
    ...selector.kinds.map((kind, value) => idOrNone(kind, hints).map((each) => ({ value, id: each }))),
  );
}

/** Puts a number into a part of a word. */
function withPart(
  fields: Fields,
  { field, part }: PartPlace,
  values: ParamValues,
  value: number,
): ParamValues {
  const bits = (fields[field] as Bits32Field).parts[part]!;
  const rest = (values[field] as number) & ~(maskOf(bits) << bits.low);
  return { ...values, [field]: (rest | (value << bits.low)) >>> 0 };
}
