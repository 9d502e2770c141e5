// How the part of a file is divided that the shmem transport uses.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { overlapOf } from "../../transports/memory/memory_file.ts";
import { placesOf, type ShmemShape } from "../../transports/shmem/places.ts";
import fc from "../support/property.ts";

function errorOf(shape: ShmemShape): string {
  const places = placesOf(shape);
  assert("error" in places, "an error was expected");
  return places.error;
}

Deno.test("placesOf gives one channel two areas of 4096 bytes and FastChannels behind them, unless told otherwise", () => {
  assertEquals(placesOf({}), {
    areas: [{ name: "A2P 0", offset: 0, size: 4096 }, { name: "P2A 0", offset: 4096, size: 4096 }],
    fastChannels: { name: "FastChannels", offset: 8192, size: 8192 },
    end: 16384,
  });
});

Deno.test("placesOf numbers the areas of several channels in the order of the file", () => {
  const places = placesOf({ offset: 0x10000, size: 2048, channelCount: 2 });
  assert(!("error" in places));
  assertEquals(places.areas.map(({ name, offset, size }) => [name, offset, size]), [
    ["A2P 0", 0x10000, 256],
    ["P2A 0", 0x10100, 256],
    ["A2P 1", 0x10200, 256],
    ["P2A 1", 0x10300, 256],
  ]);
  assertEquals([places.fastChannels.offset, places.end], [0x10400, 0x10800]);
});

Deno.test("placesOf tells what is not possible, and what is", () => {
  assertMatch(errorOf({ size: 508 }), /size 508 is too small for 1 channels.*at least 128/);
  assert(!("error" in placesOf({ size: 512 })));
  assertMatch(errorOf({ size: 4096, channelCount: 9 }), /too small for 9 channels/);
  for (const size of [0, -4, 4098, NaN, Infinity, 0.5]) {
    assertMatch(errorOf({ size }), new RegExp(`size ${size}`));
  }
  for (const offset of [-4, 2, NaN, Infinity, 2 ** 53]) {
    assertMatch(errorOf({ offset }), new RegExp(`offset ${offset} is not possible`));
  }
  for (const channelCount of [0, -1, 33, 1.5, NaN]) {
    assertMatch(errorOf({ channelCount }), /channels are not possible: give 1 to 32/);
  }
});

Deno.test("placesOf keeps to the part of the file and lets nothing overlap", () => {
  const shapes = fc.record({
    offset: fc.nat(1 << 20).map((words) => 4 * words),
    size: fc.nat(1 << 16).map((words) => 4 * words),
    channelCount: fc.integer({ min: 1, max: 32 }),
  });
  fc.assert(fc.property(shapes, (shape) => {
    const places = placesOf(shape);
    if ("error" in places) return assert(shape.size < 2 * shape.channelCount * 2 * 128);
    const all = [...places.areas, places.fastChannels];
    assertEquals(all.length, 2 * shape.channelCount + 1);
    assertEquals(overlapOf(all), null);
    for (const { offset, size } of all) {
      assert(offset >= shape.offset && offset + size <= places.end && offset % 4 === 0 && size >= 128);
    }
    assertEquals(places.fastChannels.offset % 64, 0);
    assertEquals(places.end, shape.offset + shape.size);
  }));
});
