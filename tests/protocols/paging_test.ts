import { assertEquals } from "@std/assert";
import { pageOf } from "../../protocols/paging.ts";

const LIST = ["a", "bb", "ccc", "dddd", "e"];

Deno.test("pageOf takes as many items of one size as fit behind the word of the counts", () => {
  const bounds = { itemSize: 8, countMax: 100 };
  assertEquals(pageOf(LIST, 0, { ...bounds, room: 4 + 3 * 8 }), { items: ["a", "bb", "ccc"], remaining: 2 });
  assertEquals(pageOf(LIST, 0, { ...bounds, room: 4 + 3 * 8 - 1 }), { items: ["a", "bb"], remaining: 3 });
  assertEquals(pageOf(LIST, 3, { ...bounds, room: 1000 }), { items: ["dddd", "e"], remaining: 0 });
});

Deno.test("pageOf counts the bytes of a longer head and of items of different sizes", () => {
  const itemSize = (item: string) => item.length;
  const bounds = { headSize: 12, itemSize, countMax: 100 };
  assertEquals(pageOf(LIST, 1, { ...bounds, room: 12 + 5 }), { items: ["bb", "ccc"], remaining: 2 });
  assertEquals(pageOf(LIST, 1, { ...bounds, room: 12 + 8 }), { items: ["bb", "ccc"], remaining: 2 });
  assertEquals(pageOf(LIST, 1, { ...bounds, room: 12 + 9 }), { items: ["bb", "ccc", "dddd"], remaining: 1 });
});

Deno.test("pageOf stays within what the counts can express", () => {
  assertEquals(pageOf(LIST, 1, { room: 1000, itemSize: 1, countMax: 2 }), {
    items: ["bb", "ccc"],
    remaining: 2,
  });
  assertEquals(pageOf(LIST, 1, { room: 1000, itemSize: () => 1, countMax: 2 }), {
    items: ["bb", "ccc"],
    remaining: 2,
  });
});

Deno.test("pageOf gives one item when there is room for none, so that the reply is refused instead of empty", () => {
  assertEquals(pageOf(LIST, 2, { room: 4, itemSize: 8, countMax: 100 }), { items: ["ccc"], remaining: 2 });
  assertEquals(pageOf(LIST, 2, { room: 4, itemSize: () => 8, countMax: 100 }), {
    items: ["ccc"],
    remaining: 2,
  });
});

Deno.test("pageOf has no page behind the end", () => {
  assertEquals(pageOf(LIST, 5, { room: 1000, itemSize: 1, countMax: 100 }), null);
  assertEquals(pageOf(LIST, 0xffff_ffff, { room: 1000, itemSize: 1, countMax: 100 }), null);
  assertEquals(pageOf([], 0, { room: 1000, itemSize: 1, countMax: 100 }), null);
});
