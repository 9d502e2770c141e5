// Declarations: sizes, masks, reserved bits, and rules that every declared message keeps.
import { assert, assertEquals } from "@std/assert";
import {
  bits,
  bits32,
  type Bits32Field,
  bytes,
  command,
  EVERY_LATER_VERSION,
  type Field,
  type Fields,
  fixedSizeOf,
  flag,
  i32,
  i64,
  list,
  maskOf,
  notification,
  reservedMaskOf,
  safe64,
  signedBits,
  sizeOfField,
  text,
  u32,
  when,
} from "../../scp/core/schema.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";

Deno.test("fixedSizeOf counts what is always there", () => {
  const fields = {
    word: u32(),
    signed: i32(),
    flags: bits32({ more: flag(0) }),
    wide: i64(),
    safe: safe64(),
    name: text(16),
    extra: when({ flags: "more" }, u32()),
    rest: list({ item: u32() }),
  };
  assertEquals(fixedSizeOf(fields), 4 + 4 + 4 + 8 + 8 + 16);
  assertEquals(Object.values(fields).map(sizeOfField), [4, 4, 4, 8, 8, 16, 4, 0]);
  assertEquals([fixedSizeOf({}), sizeOfField(bytes()), sizeOfField(text(64))], [0, 0, 64]);
});

Deno.test("reservedMaskOf leaves the bits without a name", () => {
  const cases: [Bits32Field, number][] = [
    [bits32({}), 0xffff_ffff],
    [bits32({ enable: flag(0) }), 0xffff_fffe],
    [bits32({ high: flag(31), low: bits(7, 0) }), 0x7fff_ff00],
    [bits32({ mantissa: bits(26, 0), exponent: signedBits(31, 27) }), 0],
    [bits32({ all: bits(31, 0) }), 0],
  ];
  for (const [field, mask] of cases) assertEquals(reservedMaskOf(field), mask);
  assertEquals([flag(31), bits(31, 0), bits(11, 4), signedBits(4, 0)].map(maskOf), [
    1,
    0xffff_ffff,
    0xff,
    0x1f,
  ]);
});

Deno.test("command and notification fill in what is not declared", () => {
  const plain = command({ id: 3, name: "PLAIN", summary: "x" });
  assertEquals([plain.since, plain.until, plain.delayed, plain.needsP2a], [
    0x10000,
    EVERY_LATER_VERSION,
    null,
    false,
  ]);
  assertEquals([plain.params, plain.returns, plain.fails], [{}, {}, []]);
  const event = notification({
    id: 1,
    name: "EVENT",
    summary: "x",
    since: 0x20000,
    payload: { agentId: u32() },
  });
  assertEquals([event.since, event.until], [0x20000, EVERY_LATER_VERSION]);
});

Deno.test("when keeps the field and notes flag and polarity", () => {
  const field = when({ low: "hasMore", high: "!isVector" }, i64());
  assertEquals(field.kind, "i64");
  assertEquals(field.when, [
    { field: "low", part: "hasMore", is: true },
    { field: "high", part: "isVector", is: false },
  ]);
});

/** Every structure of every message, with a name for failures. */
const STRUCTURES: readonly [string, Fields][] = PROTOCOL_MESSAGES.flatMap((protocol) =>
  [...protocol.commands, ...protocol.notifications].flatMap((message): [string, Fields][] => {
    const name = `${protocol.name} ${message.name}`;
    if (message.kind === "notification") return [[name, message.payload]];
    return [[name, message.params], [name, message.returns], [name, message.delayed ?? {}]];
  })
);

function partsOverlap(field: Bits32Field): boolean {
  let taken = 0;
  for (const part of Object.values(field.parts)) {
    const mask = (maskOf(part) << part.low) >>> 0;
    if ((taken & mask) !== 0 || part.low + part.width > 32) return true;
    taken = (taken | mask) >>> 0;
  }
  return false;
}

function flatFields(fields: Fields): Field[] {
  return Object.values(fields).flatMap((field) =>
    field.kind === "list" ? [field, ...flatFields(field.item)] : [field]
  );
}

Deno.test("declared words have parts that do not overlap", () => {
  for (const [name, fields] of STRUCTURES) {
    for (const field of flatFields(fields)) {
      assert(field.kind !== "bits32" || !partsOverlap(field), name);
    }
  }
});

Deno.test("declared lists and bytes stand last, conditions name an earlier flag", () => {
  for (const [name, fields] of STRUCTURES) {
    const all = Object.values(fields);
    all.forEach((field, i) => {
      assert(!["list", "bytes", "halves"].includes(field.kind) || i === all.length - 1, name);
      for (const condition of field.when) {
        const earlier = Object.entries(fields).slice(0, i).find(([key]) => key === condition.field)?.[1];
        assert(earlier?.kind === "bits32" && earlier.parts[condition.part]?.isFlag === true, name);
      }
    });
  }
});

Deno.test("declared messages of one id have disjoint versions and their protocol's order", () => {
  for (const { name, commands, notifications } of PROTOCOL_MESSAGES) {
    for (const messages of [commands, notifications]) {
      for (const one of messages) {
        assert(one.since <= one.until, `${name} ${one.name}`);
        const twins = messages.filter(({ id }) => id === one.id);
        assertEquals(new Set(twins.map((twin) => twin.name)).size, 1, `${name} ${one.id}`);
        for (const other of twins) {
          assert(other === one || other.until < one.since || one.until < other.since, `${name} ${one.name}`);
        }
      }
      const ids = messages.map(({ id }) => id);
      assertEquals(ids, [...ids].sort((a, b) => a - b), name);
    }
  }
});

Deno.test("declared selectors and counts are parts of a word that is always there", () => {
  for (const [name, fields] of STRUCTURES) {
    for (const field of Object.values(fields)) {
      const selector = field.kind === "u32" ? field.selector : null;
      const place = field.kind === "list" || field.kind === "halves" ? field.count : selector;
      if (place === null) continue;
      const word = fields[place.field];
      assert(word?.kind === "bits32" && word.when.length === 0, name);
      const part = word.parts[place.part];
      assert(part !== undefined && !part.isSigned && (selector?.kinds.length ?? 1) <= 2 ** part.width, name);
    }
  }
});
