// Generators for property tests: structures of any declaration, and values that fit one.
import fc from "../support/property.ts";
import {
  type BitPart,
  bits,
  bits32,
  type Bits32Field,
  bytes,
  counted,
  type Field,
  type Fields,
  fixedSizeOf,
  flag,
  halves,
  i32,
  i64,
  list,
  maskOf,
  ref,
  type ResourceKind,
  safe64,
  selectedRef,
  text,
  u32,
  when,
} from "../../scp/core/schema.ts";

const RESOURCES: readonly ResourceKind[] = ["agent", "device", "sensor"];

/** A word cut into parts of any width, some of them left without a name. */
const arbitraryBits: fc.Arbitrary<Bits32Field> = fc
  .array(
    fc.record({ width: fc.integer({ min: 1, max: 32 }), use: fc.constantFrom("number", "signed", "none") }),
    {
      maxLength: 6,
    },
  )
  .map((cuts) => {
    const parts: Record<string, BitPart> = {};
    let low = 0;
    for (const { width, use } of cuts) {
      if (low + width > 32) break;
      const isFlag = width === 1 && use === "number";
      if (use !== "none") parts[`part${low}`] = { low, width, isSigned: use === "signed", isFlag };
      low += width;
    }
    return bits32(parts);
  });

const arbitraryFixed: fc.Arbitrary<Field> = fc.oneof(
  fc.constantFrom(u32(), i32(), i64(), safe64(), text(16), text(64)),
  arbitraryBits,
);

/** Puts a condition on some fields: that a flag of an earlier word is set, or clear. */
function conditional(fields: readonly Field[], choices: readonly number[]): Field[] {
  const flags: [string, string][] = [];
  return fields.map((field, i) => {
    const choice = choices[i % choices.length]!;
    const result = flags.length === 0 || choice % 3 !== 0 ? field : when(
      { [flags[choice % flags.length]![0]]: (choice % 2 ? "!" : "") + flags[choice % flags.length]![1] },
      field,
    );
    if (result.kind === "bits32" && result.when.length === 0) {
      for (const [name, part] of Object.entries(result.parts)) {
        if (part.isFlag) flags.push([`field${i}`, name]);
      }
    }
    return result;
  });
}

function named(fields: readonly Field[]): Fields {
  return Object.fromEntries(fields.map((field, i) => [`field${i}`, field]));
}

const arbitraryPlainFields: fc.Arbitrary<Fields> = fc
  .tuple(fc.array(arbitraryFixed, { maxLength: 6 }), fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }))
  .map(([fields, choices]) => named(conditional(fields, choices)));

/** Items of a list have at least one field that is always there: an item of no bytes has no number. */
const arbitraryItem: fc.Arbitrary<Fields> = arbitraryPlainFields.map((fields) => ({
  first: u32(),
  ...fields,
}));

/** What tells the number of what is at the end: `{ counts: "count" }`. */
const COUNT = { counts: "count" } as const;

/** What a platform sends: any fields, conditional ones too; a list, bytes or halves at the end or not, counted or not. */
export const arbitraryReplyFields: fc.Arbitrary<Fields> = fc
  .tuple(
    arbitraryPlainFields,
    fc.option(fc.oneof(
      fc.constantFrom(bytes(), halves(COUNT)),
      arbitraryItem.map((item) => list(item)),
      arbitraryItem.map((item) => counted(COUNT, list(item))),
    )),
  )
  .map(([fields, rest]): Fields => {
    if (rest === null) return fields;
    return { ...fields, counts: bits32({ remaining: bits(31, 16), count: bits(11, 0) }), rest };
  });

/** Kinds that a selector of two bits selects; some of its values select nothing, or no id. */
const arbitraryKinds = fc.array(fc.constantFrom(null, ...RESOURCES), { minLength: 1, maxLength: 4 });

/** Words of items are given few reserved bits, so that several in a row can be right. */
const arbitraryItemField: fc.Arbitrary<Field> = fc.constantFrom(
  u32(),
  i32(),
  i64(),
  bits32({ top: flag(31), rest: bits(29, 0) }),
  bits32({ whole: bits(31, 0) }),
);

/** What an agent sends: words, 64-bit numbers, ids of fixed and of selected kinds, a list at the end or not. */
export const arbitraryParams: fc.Arbitrary<Fields> = fc
  .tuple(
    fc.array(
      fc.oneof(
        fc.constantFrom(u32(), i32(), i64(), ...RESOURCES.map((kind) => ref(kind))),
        arbitraryKinds.map((kinds) => selectedRef({ counts: "selector" }, kinds)),
        arbitraryBits,
      ),
      { maxLength: 6 },
    ),
    fc.option(fc.array(arbitraryItemField, { minLength: 1, maxLength: 3 })),
    fc.boolean(),
  )
  .map(([fields, item, isCounted]): Fields => {
    // The last two bits count, so that bytes of any kind often have the right number.
    const all = { ...named(fields), counts: bits32({ selector: bits(3, 2), count: bits(1, 0) }) };
    if (item === null) return all;
    const rest = list(named(item));
    return { ...all, rest: isCounted ? counted(COUNT, rest) : rest };
  });

function arbitraryPart(part: BitPart): fc.Arbitrary<boolean | number> {
  if (part.isFlag) return fc.boolean();
  if (!part.isSigned) return fc.integer({ min: 0, max: maskOf(part) });
  return fc.integer({ min: -(2 ** (part.width - 1)), max: 2 ** (part.width - 1) - 1 });
}

/** A plain object with a value for each name, as literals are: the codecs' results are compared with it. */
function recordOf<T>(arbitraries: Record<string, fc.Arbitrary<T>>): fc.Arbitrary<Record<string, T>> {
  return fc.record(arbitraries, { noNullPrototype: true });
}

/** Numbers of a 64-bit field that the platform makes: edges of both words, and any. */
export const arbitrarySafe: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -1, 2 ** 31, -(2 ** 31), 2 ** 31 - 1, -(2 ** 31) - 1, 2 ** 32, 2 ** 32 - 1, -(2 ** 32)),
  fc.maxSafeInteger(),
);

function arbitraryValue(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "u32":
      return fc.oneof(fc.constantFrom(0, 0xffff_ffff, 0x8000_0000), fc.integer({ min: 0, max: 0xffff_ffff }));
    case "i32":
      return fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
    case "i64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case "safe64":
      return arbitrarySafe;
    case "bits32":
      return recordOf(
        Object.fromEntries(Object.entries(field.parts).map(([k, part]) => [k, arbitraryPart(part)])),
      );
    case "text":
      return fc.string({
        unit: fc.integer({ min: 1, max: 0x7f }).map((code) => String.fromCharCode(code)),
        maxLength: field.size - 1,
      });
    case "bytes":
      return fc.array(fc.nat(255), { maxLength: 4 }).map((words) =>
        Uint8Array.from(words.flatMap((b) => [b, 0, 1, b]))
      );
    case "halves":
      return fc.array(fc.nat(0xffff), { maxLength: 5 });
    case "list":
      return fc.array(arbitraryValues(field.item), { maxLength: 4 });
  }
}

/** Values for every field of a structure, those that will not be on the wire too; counts are those of what they count. */
export function arbitraryValues(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  const values = recordOf(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, arbitraryValue(field)])),
  );
  const [name, last] = Object.entries(fields).at(-1) ?? ["", null];
  const count = last?.kind === "list" || last?.kind === "halves" ? last.count : null;
  if (count === null) return values;
  return values.map((drawn) => {
    const word = drawn[count.field] as Record<string, unknown>;
    return { ...drawn, [count.field]: { ...word, [count.part]: (drawn[name] as unknown[]).length } };
  });
}

/** A structure with values for it. */
export function arbitraryWith(fields: fc.Arbitrary<Fields>): fc.Arbitrary<[Fields, Record<string, unknown>]> {
  return fields.chain((each) =>
    arbitraryValues(each).map((values): [Fields, Record<string, unknown>] => [each, values])
  );
}

/** Bytes of the size that a structure has, with whole items of a list behind it. */
export function arbitraryBytesOf(fields: Fields): fc.Arbitrary<Uint8Array> {
  const last = Object.values(fields).at(-1);
  const itemSize = last?.kind === "list" ? fixedSizeOf(last.item) : 0;
  return fc.nat(itemSize > 0 ? 3 : 0).chain((count) => {
    const size = fixedSizeOf(fields) + count * itemSize;
    return fc.uint8Array({ minLength: size, maxLength: size });
  });
}
