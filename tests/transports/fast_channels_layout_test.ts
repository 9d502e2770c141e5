// Where FastChannels lie: nothing shares a cell, what does not fit is left out, masks are those of the width.
import { assert, assertEquals } from "@std/assert";
import type { FastChannelPlan } from "../../transports/channel.ts";
import {
  CELL_SIZE,
  DEFAULT_DOORBELLS,
  type DoorbellOptions,
  type FastLayout,
  layFastChannels,
  REGION_ALIGNMENT,
} from "../../transports/fast_channels/layout.ts";

/** Four FastChannels for each of so many domains: limits set and get, level set and get. */
function plansFor(domainCount: number): FastChannelPlan[] {
  return Array.from({ length: domainCount }, (_, domainId) =>
    [0x5, 0x6, 0x7, 0x8].map((messageId) => ({
      protocolId: 0x13,
      messageId,
      domainId,
      size: messageId < 0x7 ? 8 : 4,
      isWritten: messageId % 2 === 1,
    }))).flat();
}

function offsetsOf({ slots, registersOffset, registerCount }: FastLayout): number[] {
  const registers = Array.from({ length: registerCount }, (_, i) => registersOffset + CELL_SIZE * i);
  return [...slots.map(({ offset }) => offset), ...registers];
}

Deno.test("layFastChannels gives everything a cell of its own inside the memory", () => {
  const kinds: (DoorbellOptions | null)[] = [
    null,
    DEFAULT_DOORBELLS,
    { width: 8, channelsPerRegister: 8 },
    { width: 64, channelsPerRegister: 3 },
  ];
  for (const doorbells of kinds) {
    for (const size of [0, 7, 8, 16, 24, 100, 640, 4096]) {
      const layout = layFastChannels(plansFor(20), doorbells, size);
      const offsets = offsetsOf(layout);
      assertEquals(new Set(offsets).size, offsets.length);
      for (const offset of offsets) {
        assert(offset % CELL_SIZE === 0 && offset + CELL_SIZE <= size, `${offset} of ${size}`);
      }
      assert(layout.regionsOffset <= size);
      assert(layout.regionsOffset % REGION_ALIGNMENT === 0 || layout.regionsOffset === size);
      assert(offsets.every((offset) => offset + CELL_SIZE <= layout.regionsOffset));
    }
  }
});

Deno.test("layFastChannels lays out as many as fit, with their doorbells", () => {
  const plans = plansFor(2);
  // 8 slots and 4 registers.
  assertEquals(layFastChannels(plans, DEFAULT_DOORBELLS, 96).slots.length, 8);
  assertEquals(layFastChannels(plans, DEFAULT_DOORBELLS, 95).slots.length, 7);
  assertEquals(layFastChannels(plans, null, 64).slots.length, 8);
  assertEquals(layFastChannels(plans, { width: 8, channelsPerRegister: 4 }, 72).slots.length, 8);
  assertEquals(layFastChannels(plans, DEFAULT_DOORBELLS, 15).slots, []);
});

Deno.test("layFastChannels gives only what is written a doorbell", () => {
  for (const { plan, doorbell } of layFastChannels(plansFor(3), DEFAULT_DOORBELLS, 4096).slots) {
    assertEquals(doorbell !== null, plan.isWritten);
  }
  const silent = layFastChannels(plansFor(3), null, 4096);
  assertEquals([silent.registerCount, silent.slots.some(({ doorbell }) => doorbell !== null)], [0, false]);
});

Deno.test("layFastChannels shares registers bit by bit, each preserving the others", () => {
  const masksOf = (doorbells: DoorbellOptions) =>
    layFastChannels(plansFor(3), doorbells, 4096).slots.flatMap(({ doorbell }) =>
      doorbell === null ? [] : [[doorbell.register, doorbell.setMask, doorbell.preserveMask]]
    );
  assertEquals(masksOf({ width: 8, channelsPerRegister: 4 }), [
    [0, 1n, 0xfen],
    [0, 2n, 0xfdn],
    [0, 4n, 0xfbn],
    [0, 8n, 0xf7n],
    [1, 1n, 0xfen],
    [1, 2n, 0xfdn],
  ]);
  assertEquals(masksOf({ width: 64, channelsPerRegister: 1 }), [0, 1, 2, 3, 4, 5].map((n) => [n, 1n, 0n]));
  const wide = layFastChannels(plansFor(40), { width: 64, channelsPerRegister: 64 }, 1 << 20).slots;
  const last = wide.findLast(({ doorbell }) => doorbell?.register === 0)!.doorbell!;
  assertEquals([last.setMask, last.preserveMask], [1n << 63n, (1n << 63n) - 1n]);
});
