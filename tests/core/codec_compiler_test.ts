// The compiled codec does what the interpreting one does: for every declared message, and for any that could be.
import { assert, assertEquals } from "@std/assert";
import fc from "../support/property.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { hasShape, readFields, writeFields } from "../../scp/core/codec.ts";
import {
  compileEncoder,
  compileParamsDecoder,
  openPool,
  type ResourcePools,
} from "../../scp/core/codec_compiler.ts";
import {
  type Access,
  bits,
  bits32,
  counted,
  type Fields,
  fixedSizeOf,
  flag,
  i64,
  list,
  omittable,
  ref,
  reservedMaskOf,
  type ResourceKind,
  selectedRef,
  sizeOfField,
  u32,
  type U32Field,
} from "../../scp/core/schema.ts";
import { STATUS } from "../../scp/core/status.ts";
import {
  arbitraryBytesOf,
  arbitraryParams,
  arbitraryReplyFields,
  arbitraryValues,
  arbitraryWith,
} from "./arbitrary_fields.ts";
import { OPEN_POOLS, poolsFrom, RESOURCE_KINDS } from "./vector.ts";

const AREA_SIZE = 4096;
const OFFSET = 4;

/** Every structure that the platform writes, and every one that it reads. */
const COMMANDS = PROTOCOL_MESSAGES.flatMap((protocol) => protocol.commands);
const PARAMS: readonly Fields[] = COMMANDS.map((message) => message.params);
const WRITTEN: readonly Fields[] = [
  ...COMMANDS.flatMap((message) => [message.returns, message.delayed ?? {}]),
  ...PROTOCOL_MESSAGES.flatMap((protocol) => protocol.notifications).map((message) => message.payload),
];

/** Writes with both codecs into areas of 0xa5; both have to agree on every byte. */
function compareEncoders(fields: Fields, values: Record<string, unknown>, limit: number): void {
  const interpreted = new Uint8Array(AREA_SIZE).fill(0xa5);
  const compiled = new Uint8Array(AREA_SIZE).fill(0xa5);
  const end = writeFields(fields, new DataView(interpreted.buffer), OFFSET, limit, values);
  assertEquals(compileEncoder(fields)(new DataView(compiled.buffer), OFFSET, limit, values), end);
  if (end >= 0) assertEquals(compiled, interpreted);
  assert(compiled.subarray(limit).every((byte) => byte === 0xa5), "bytes beyond the room");
}

Deno.test("compileEncoder writes what the interpreter writes, for every declared message", () => {
  for (const fields of WRITTEN) {
    fc.assert(fc.property(arbitraryValues(fields), (values) => compareEncoders(fields, values, AREA_SIZE)), {
      numRuns: 30,
    });
  }
});

Deno.test("compileEncoder writes what the interpreter writes, for any declaration", () => {
  fc.assert(
    fc.property(arbitraryWith(arbitraryReplyFields), ([fields, values]) => {
      compareEncoders(fields, values, AREA_SIZE);
    }),
    { numRuns: 500 },
  );
});

Deno.test("compileEncoder refuses what does not fit where the interpreter does", () => {
  fc.assert(
    fc.property(arbitraryWith(arbitraryReplyFields), fc.nat(300), ([fields, values], surplus) => {
      // The dispatcher has checked the fixed part before it calls.
      compareEncoders(fields, values, OFFSET + fixedSizeOf(fields) + surplus);
    }),
    { numRuns: 500 },
  );
});

/** What an id is of; null = it is none, undefined = its selector does not have the value. */
function kindOf({ resource, selector }: U32Field, values: Record<string, unknown>) {
  if (selector === null) return resource;
  return selector.kinds[Number((values[selector.field] as Record<string, unknown>)[selector.part])];
}

/** Whether a structure at an offset has a reserved bit set. */
function hasReserved(fields: Fields, view: DataView, offset: number): boolean {
  let at = offset;
  return Object.values(fields).some((field) => {
    const start = at;
    at += sizeOfField(field);
    return field.kind === "bits32" && (view.getUint32(start, true) & reservedMaskOf(field)) !== 0;
  });
}

/** Whether a counted list fills the bytes; one that is not counted always does. */
function endsWithLast(fields: Fields, values: Record<string, unknown>, size: number): boolean {
  const [name, last] = Object.entries(fields).at(-1) ?? ["", null];
  if (last?.kind !== "list" || last.count === null) return true;
  return size === fixedSizeOf(fields) + (values[name] as unknown[]).length * fixedSizeOf(last.item);
}

/** What the decoder has to say of bytes, worked out field by field in the order of the checks. */
function expectedOf(
  fields: Fields,
  view: DataView,
  pools: ResourcePools,
  access: Access,
  ownKind: ResourceKind | null,
): object | number {
  const values = readFields(fields, view, 0, view.byteLength) as Record<string, unknown> | null;
  if (values === null || !endsWithLast(fields, values, view.byteLength)) return STATUS.PROTOCOL_ERROR;
  const ids = Object.entries(fields).flatMap(([name, field]) => {
    const kind = field.kind === "u32" ? kindOf(field, values) : null;
    return kind === null || kind === undefined ? [] : [{ id: values[name] as number, pool: pools[kind] }];
  });
  if (ids.some(({ id, pool }) => id >= pool.count)) return STATUS.NOT_FOUND;
  if (ids.some(({ id, pool }) => pool.denied?.[id] === 1)) return STATUS.DENIED;
  if (access === "control") {
    const first = Object.entries(fields).find(([, field]) =>
      field.kind === "u32" && (field.resource !== null || field.selector !== null)
    );
    const kind = first === undefined ? ownKind : kindOf(first[1] as U32Field, values);
    const id = first === undefined ? 0 : values[first[0]] as number;
    if (kind !== null && kind !== undefined && pools[kind].locked?.[id] === 1) return STATUS.DENIED;
  }
  let offset = 0;
  for (const field of Object.values(fields)) {
    if (field.kind === "u32" && kindOf(field, values) === undefined) return STATUS.INVALID_PARAMETERS;
    if (field.kind === "list") {
      const size = fixedSizeOf(field.item);
      for (let at = offset; at < view.byteLength; at += size) {
        if (hasReserved(field.item, view, at)) return STATUS.INVALID_PARAMETERS;
      }
    } else if (hasReserved({ field }, view, offset)) return STATUS.INVALID_PARAMETERS;
    offset += field.kind === "i64" ? 8 : 4;
  }
  return values;
}

const arbitraryFlags = (count: number) =>
  fc.option(fc.uint8Array({ min: 0, max: 1, minLength: count, maxLength: count }));

/** Whatever is denied is locked too. */
const arbitraryPool = fc.nat(6).chain((count) =>
  fc.tuple(arbitraryFlags(count), arbitraryFlags(count)).map(([denied, readOnly]) => ({
    count,
    denied,
    locked: denied === null ? readOnly : denied.map((isDenied, id) => isDenied | (readOnly?.[id] ?? 0)),
  }))
);
const arbitraryAccess = fc.constantFrom<Access[]>("read", "control");
const arbitraryPools: fc.Arbitrary<ResourcePools> = fc.array(arbitraryPool, {
  minLength: RESOURCE_KINDS.length,
  maxLength: RESOURCE_KINDS.length,
}).map((pools) => poolsFrom((_kind, place) => pools[place]!));

const OWN_KINDS = [null, "systemPower", "sensor", "clock", "pin"] as const;

function compareDecoders(fields: Fields, given: Uint8Array, pools: ResourcePools, access: Access): void {
  const view = new DataView(given.slice().buffer);
  const ownKind = OWN_KINDS[(given.length / 4) % OWN_KINDS.length] ?? null;
  const decode = compileParamsDecoder(fields, access, ownKind);
  const own = ownKind === null ? [] : [pools[ownKind]];
  assertEquals(
    decode(view, 0, given.length, pools, ...own),
    expectedOf(fields, view, pools, access, ownKind),
  );
}

/** Words that are often small, so that ids exist and reserved bits are clear. */
const arbitrarySmallWords = fc.array(fc.oneof(fc.nat(6), fc.integer({ min: 0, max: 0xffff_ffff })), {
  minLength: 16,
  maxLength: 16,
});

function withSmallWords(bytes: Uint8Array, words: readonly number[]): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 4 <= bytes.length; at += 4) view.setUint32(at, words[(at / 4) % words.length]!, true);
  return bytes;
}

Deno.test("compileParamsDecoder judges and reads as the interpreter does, for every declared command", () => {
  for (const fields of PARAMS) {
    fc.assert(
      fc.property(
        arbitraryBytesOf(fields),
        arbitrarySmallWords,
        arbitraryPools,
        arbitraryAccess,
        (bytes, words, pools, access) => {
          compareDecoders(fields, bytes, pools, access);
          compareDecoders(fields, withSmallWords(bytes, words), pools, access);
        },
      ),
      { numRuns: 50 },
    );
  }
});

Deno.test("compileParamsDecoder judges and reads as the interpreter does, for any declaration", () => {
  const cases = arbitraryParams.chain((fields) =>
    fc.tuple(
      fc.constant(fields),
      arbitraryBytesOf(fields),
      arbitrarySmallWords,
      arbitraryPools,
      arbitraryAccess,
    )
  );
  fc.assert(
    fc.property(cases, ([fields, bytes, words, pools, access]) => {
      compareDecoders(fields, bytes, pools, access);
      compareDecoders(fields, withSmallWords(bytes, words), pools, access);
    }),
    { numRuns: 500 },
  );
});

Deno.test("compileParamsDecoder names a dead id before a denied one, and that before reserved bits", () => {
  const fields = {
    flags: bits32({ on: flag(0) }),
    denied: ref("sensor"),
    dead: ref("device"),
    rest: list({ a: u32() }),
  };
  const pools: ResourcePools = {
    ...OPEN_POOLS,
    sensor: { ...openPool(2), denied: Uint8Array.of(0, 1) },
    device: openPool(1),
  };
  const decode = compileParamsDecoder(fields);
  const judge = (...words: number[]) =>
    decode(new DataView(Uint32Array.from(words).buffer), 0, 4 * words.length, pools);
  assertEquals(judge(2, 1, 1), STATUS.NOT_FOUND);
  assertEquals(judge(2, 1, 0), STATUS.DENIED);
  assertEquals(judge(2, 0, 0), STATUS.INVALID_PARAMETERS);
  assertEquals(judge(1, 0, 0), { flags: { on: true }, denied: 0, dead: 0, rest: [] });
  assertEquals(judge(1, 0, 0, 8, 9), { flags: { on: true }, denied: 0, dead: 0, rest: [{ a: 8 }, { a: 9 }] });
});

Deno.test("compileParamsDecoder and the interpreter read what an agent left away as 0", () => {
  const fields = { first: i64(), last: omittable(u32()) };
  const decode = compileParamsDecoder(fields);
  // What follows the message in its buffer is not part of it.
  const view = new DataView(Uint32Array.of(1, 0, 7).buffer);
  for (const [end, last] of [[8, 0], [12, 7]] as const) {
    assertEquals(decode(view, 0, end, OPEN_POOLS), { first: 1n, last });
    assertEquals(readFields(fields, view, 0, end), { first: 1n, last });
  }
  for (const end of [0, 4, 7, 9, 11]) assertEquals(readFields(fields, view, 0, end), null);
  const sizes = Array.from({ length: 17 }, (_, size) => size);
  assertEquals(sizes.filter((size) => hasShape(fields, size)), [8, 12]);
});

Deno.test("compileParamsDecoder takes an id for what its selector says", () => {
  const fields = {
    id: selectedRef({ flags: "selector" }, ["pin", null, "pinGroup"]),
    flags: bits32({ selector: bits(1, 0) }),
  };
  const pools: ResourcePools = {
    ...OPEN_POOLS,
    pin: { ...openPool(2), denied: Uint8Array.of(0, 1) },
    pinGroup: openPool(1),
  };
  const decode = compileParamsDecoder(fields);
  const judge = (id: number, flags: number) =>
    decode(new DataView(Uint32Array.of(id, flags).buffer), 0, 8, pools);
  assertEquals(judge(0, 0), { id: 0, flags: { selector: 0 } });
  assertEquals(judge(1, 0), STATUS.DENIED);
  assertEquals(judge(2, 0), STATUS.NOT_FOUND);
  assertEquals(judge(1, 2), STATUS.NOT_FOUND);
  assertEquals(judge(0, 2), { id: 0, flags: { selector: 2 } });
  assertEquals(judge(77, 1), { id: 77, flags: { selector: 1 } });
  assertEquals(judge(0, 3), STATUS.INVALID_PARAMETERS);
  assertEquals(judge(2, 4), STATUS.NOT_FOUND);
});

Deno.test("compileParamsDecoder refuses a list that is not as long as its count before it looks at ids", () => {
  const fields = {
    id: ref("sensor"),
    counts: bits32({ count: bits(9, 2) }),
    pairs: counted({ counts: "count" }, list({ a: u32(), b: u32() })),
  };
  const decode = compileParamsDecoder(fields);
  const judge = (...words: number[]) =>
    decode(new DataView(Uint32Array.from(words).buffer), 0, 4 * words.length, {
      ...OPEN_POOLS,
      sensor: openPool(1),
    });
  assertEquals(judge(9, 1 << 2), STATUS.PROTOCOL_ERROR);
  assertEquals(judge(9, 0, 1, 2), STATUS.PROTOCOL_ERROR);
  assertEquals(judge(9, 1 << 2, 1, 2), STATUS.NOT_FOUND);
  assertEquals(judge(0, 3 | (1 << 2), 1, 2), STATUS.INVALID_PARAMETERS);
  assertEquals(judge(0, 1 << 2, 7, 8), { id: 0, counts: { count: 1 }, pairs: [{ a: 7, b: 8 }] });
});
