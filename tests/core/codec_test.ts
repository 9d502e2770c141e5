// The interpreting codec: numbers, text, conditions, input that is too short, room that is too small.
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../support/property.ts";
import {
  absentValueOf,
  hasShape,
  isPresent,
  packBits,
  readFields,
  readSafe64,
  readText,
  unpackBits,
  writeFields,
  writeSafe64,
  writeText,
} from "../../scp/core/codec.ts";
import {
  bits,
  bits32,
  bytes,
  counted,
  type Fields,
  flag,
  halves,
  i64,
  list,
  signedBits,
  text,
  u32,
  when,
} from "../../scp/core/schema.ts";
import { arbitraryReplyFields, arbitrarySafe, arbitraryWith } from "./arbitrary_fields.ts";

/** The values of a structure with what is not on the wire as it reads. */
function normalized(fields: Fields, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (!isPresent(field.when, result)) result[name] = absentValueOf(field);
    else if (field.kind === "list") {
      result[name] = (values[name] as Record<string, unknown>[]).map((item) => normalized(field.item, item));
    } else result[name] = values[name];
  }
  return result;
}

const AREA_SIZE = 4096;

Deno.test("codec reads what it wrote, for any structure and values", () => {
  fc.assert(fc.property(arbitraryWith(arbitraryReplyFields), ([fields, values]) => {
    const view = new DataView(new ArrayBuffer(AREA_SIZE));
    const end = writeFields(fields, view, 4, AREA_SIZE, values);
    assert(end >= 4 && end % 4 === 0);
    assertEquals(readFields(fields, view, 4, end), normalized(fields, values) as never);
  }));
});

Deno.test("codec writes into less room than needed nothing beyond it, and says so", () => {
  fc.assert(fc.property(arbitraryWith(arbitraryReplyFields), fc.nat(), ([fields, values], cut) => {
    const view = new DataView(new ArrayBuffer(AREA_SIZE));
    const size = writeFields(fields, view, 0, AREA_SIZE, values);
    fc.pre(size > 0);
    const room = cut % size;
    const area = new Uint8Array(AREA_SIZE).fill(0xa5);
    assertEquals(writeFields(fields, new DataView(area.buffer), 0, room, values), -1);
    assert(area.subarray(room).every((byte) => byte === 0xa5));
  }));
});

Deno.test("codec reads any bytes without throwing and never beyond their end", () => {
  fc.assert(fc.property(arbitraryReplyFields, fc.uint8Array({ maxLength: 200 }), (fields, given) => {
    const exact = new DataView(given.slice().buffer);
    const within = new Uint8Array(given.length + 64).fill(0xff);
    within.set(given);
    const alone = readFields(fields, exact, 0, given.length);
    assertEquals(readFields(fields, new DataView(within.buffer), 0, given.length), alone);
  }));
});

Deno.test("readFields gives null when bytes are missing and leaves surplus ones alone", () => {
  const fields = { one: u32(), two: i64() };
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, 7, true);
  view.setBigInt64(4, -2n, true);
  for (let size = 0; size < 12; size++) {
    assertEquals(readFields(fields, view, 0, size), null, `${size} bytes`);
  }
  for (const size of [12, 13, 16]) assertEquals(readFields(fields, view, 0, size), { one: 7, two: -2n });
  const items = { items: list({ one: u32() }) };
  assertEquals(readFields(items, view, 0, 6), null, "half an item");
  assertEquals(readFields(items, view, 0, 0), { items: [] });
  assertEquals(readFields({ items: list({}) }, view, 0, 4), null, "items of no bytes would never end");
});

Deno.test("writeSafe64 writes what a 64-bit integer of the same value has", () => {
  fc.assert(fc.property(arbitrarySafe, (value) => {
    const view = new DataView(new ArrayBuffer(16));
    writeSafe64(view, 0, value);
    view.setBigInt64(8, BigInt(value), true);
    assertEquals(view.getBigUint64(0), view.getBigUint64(8));
    assertEquals(readSafe64(view, 0), value);
  }));
});

Deno.test("writeText leaves a NUL, zeroes the rest and writes ASCII only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), fc.constantFrom(16, 64), (value, size) => {
      const area = new Uint8Array(size + 8).fill(0xa5);
      writeText(new DataView(area.buffer), 4, size, value);
      const written = area.subarray(4, 4 + size);
      const length = Math.min(value.length, size - 1);
      assert(
        written.subarray(0, length).every((byte, i) =>
          byte === Math.min(value.charCodeAt(i), 0x80) || byte === 0x3f
        ),
      );
      assert(written.subarray(length).every((byte) => byte === 0));
      assert([...area.subarray(0, 4), ...area.subarray(4 + size)].every((byte) => byte === 0xa5));
    }),
  );
});

Deno.test("readText ends at the first NUL or at the end of the field", () => {
  const view = new DataView(Uint8Array.from("ab\0cd", (char) => char.charCodeAt(0)).buffer);
  assertEquals([readText(view, 0, 5), readText(view, 0, 2), readText(view, 3, 2)], ["ab", "ab", "cd"]);
});

Deno.test("unpackBits takes words apart, signs and bit 31 included", () => {
  const field = bits32({ top: flag(31), exponent: signedBits(30, 26), middle: bits(25, 8), low: bits(7, 0) });
  assertEquals(unpackBits(field, 0xffff_ffff), { top: true, exponent: -1, middle: 0x3ffff, low: 0xff });
  assertEquals(unpackBits(field, 0x4000_0100), { top: false, exponent: -16, middle: 1, low: 0 });
  assertEquals(unpackBits(bits32({ all: bits(31, 0) }), 0x8000_0000), { all: 0x8000_0000 });
});

Deno.test("packBits is the reverse of unpackBits and refuses values that do not fit", () => {
  const field = bits32({ on: flag(31), exponent: signedBits(4, 0), count: bits(15, 8) });
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (word) => {
    assertEquals(packBits(field, unpackBits(field, word)), (word & 0x8000_ff1f) >>> 0);
  }));
  const fitting = { on: true, exponent: 0, count: 0 };
  for (
    const wrong of [{ exponent: 16 }, { exponent: -17 }, { count: 256 }, { count: -1 }, { count: 1.5 }, {
      count: NaN,
    }]
  ) {
    assertThrows(() => packBits(field, { ...fitting, ...wrong }), "Assertion failed");
  }
});

Deno.test("conditional fields are on the wire only while all their flags are as wanted", () => {
  const fields = {
    flags: bits32({ a: flag(0), b: flag(1) }),
    one: when({ flags: "a" }, u32()),
    two: when({ flags: "!b" }, u32()),
  };
  const sizes = [[false, false, 8], [true, false, 12], [false, true, 4], [true, true, 8]] as const;
  for (const [a, b, size] of sizes) {
    const view = new DataView(new ArrayBuffer(16));
    assertEquals(writeFields(fields, view, 0, 16, { flags: { a, b }, one: 1, two: 2 }), size);
    const values = readFields(fields, view, 0, size);
    assertEquals(values, { flags: { a, b }, one: a ? 1 : 0, two: b ? 0 : 2 });
  }
});

Deno.test("hasShape takes the exact size, or whole items behind it", () => {
  const shapes: [Fields, number[]][] = [
    [{}, [0]],
    [{ one: u32(), name: text(16) }, [20]],
    [{ one: u32(), rest: list({ a: u32(), b: u32() }) }, [4, 12, 20, 28]],
    [{ counts: bits32({ count: bits(7, 0) }), rest: halves({ counts: "count" }) }, [
      4,
      8,
      12,
      16,
      20,
      24,
      28,
    ]],
    [{ one: u32(), rest: bytes() }, [4, 8, 12, 16, 20, 24, 28]],
  ];
  for (const [fields, sizes] of shapes) {
    const fitting = Array.from({ length: 30 }, (_, size) => size).filter((size) => hasShape(fields, size));
    assertEquals(fitting, sizes);
  }
});

Deno.test("16-bit numbers are as many as their count says, with a zero behind an odd one", () => {
  const fields = { counts: bits32({ returned: bits(11, 0) }), ids: halves({ counts: "returned" }) };
  const area = new Uint8Array(16).fill(0xa5);
  const view = new DataView(area.buffer);
  assertEquals(writeFields(fields, view, 0, 11, { counts: { returned: 3 }, ids: [1, 2, 0xfffe] }), -1);
  assertEquals(writeFields(fields, view, 0, 16, { counts: { returned: 3 }, ids: [1, 2, 0xfffe] }), 12);
  assertEquals([...area], [3, 0, 0, 0, 1, 0, 2, 0, 0xfe, 0xff, 0, 0, 0xa5, 0xa5, 0xa5, 0xa5]);
  assertEquals(readFields(fields, view, 0, 12), { counts: { returned: 3 }, ids: [1, 2, 0xfffe] });
  assertEquals(readFields(fields, view, 0, 11), null);
  assertEquals(readFields(fields, view, 0, 16), { counts: { returned: 3 }, ids: [1, 2, 0xfffe] });
});

Deno.test("readFields takes as many items of a counted list as are told, and null when they are not there", () => {
  const fields = {
    counts: bits32({ count: bits(9, 2) }),
    items: counted({ counts: "count" }, list({ one: u32() })),
  };
  const view = new DataView(Uint32Array.of(2 << 2, 7, 8, 9).buffer);
  assertEquals(readFields(fields, view, 0, 16), { counts: { count: 2 }, items: [{ one: 7 }, { one: 8 }] });
  assertEquals(readFields(fields, view, 0, 8), null);
});
