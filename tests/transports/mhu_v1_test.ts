// The register model of MHUv1: every register of transports.md 2.3, and what Linux's two drivers do with them.
import { assertEquals } from "@std/assert";
import { MhuV1 } from "../../transports/mailbox/mhu_v1.ts";
import type { MhuSide } from "../../transports/mailbox/registers.ts";
import { accessibleOffsets, assertOddAccessesRefused, hearLines, nonZeroRegisters } from "../support/mhu.ts";

/** Slot, then what the agent finds: status, set and clear of what it receives, and of what it sends. */
const SLOTS = [
  { rx: [0x000, 0x008, 0x010], tx: [0x100, 0x108, 0x110] },
  { rx: [0x020, 0x028, 0x030], tx: [0x120, 0x128, 0x130] },
  { rx: [0x200, 0x208, 0x210], tx: [0x300, 0x308, 0x310] },
] as const;
const IDS = {
  fe0: 0x98,
  fe4: 0xb0,
  fe8: 0x1b,
  ff0: 0x0d,
  ff4: 0xf0,
  ff8: 0x05,
  ffc: 0xb1,
};

Deno.test("MhuV1 has the registers of its table and no others, on both sides", () => {
  const mhu = new MhuV1();
  const statuses = [0x000, 0x020, 0x100, 0x120, 0x200, 0x300];
  const ids = [0xfe0, 0xfe4, 0xfe8, 0xfec, 0xff0, 0xff4, 0xff8, 0xffc];
  const hex = (offsets: number[]) => offsets.map((offset) => offset.toString(16));
  for (const file of [mhu.agent, mhu.platform]) {
    assertEquals(file.size, 0x1000);
    assertEquals(accessibleOffsets(file), {
      read: hex([...statuses, ...ids]),
      written: hex(statuses.flatMap((offset) => [offset + 8, offset + 0x10])),
    });
    assertEquals(nonZeroRegisters(file), IDS);
  }
});

Deno.test("MhuV1 sets and clears the word of each slot in each direction, with its line", () => {
  SLOTS.forEach(({ rx, tx }, slot) => {
    const ways: [MhuSide, MhuSide, "agent" | "platform", "agent" | "platform"][] = [
      ["agent", "platform", "agent", "platform"],
      ["platform", "agent", "platform", "agent"],
    ];
    for (const [sender, receiver] of ways) {
      const mhu = new MhuV1();
      const heard = hearLines(mhu);
      const [from, to] = [mhu[sender], mhu[receiver]];
      from.write32(tx[1], 0x8000_0001);
      from.write32(tx[1], 0x0000_0010);
      assertEquals([from.read32(tx[0]), to.read32(rx[0])], [0x8000_0011, 0x8000_0011], "SET adds bits");
      assertEquals(nonZeroRegisters(to), { ...IDS, [rx[0].toString(16)]: 0x8000_0011 }, "no other word");
      to.write32(rx[2], 0x8000_0000);
      assertEquals([from.read32(tx[0]), mhu.isAsserted(receiver, slot)], [0x11, true], "CLEAR removes bits");
      to.write32(rx[2], 0xffff_ffff);
      assertEquals([from.read32(tx[0]), to.read32(rx[0]), mhu.isAsserted(receiver, slot)], [0, 0, false]);
      assertEquals(heard, [`${receiver} ${slot} up`, `${receiver} ${slot} down`]);
    }
  });
});

Deno.test("MhuV1 leaves status alone when it is written, and reads set and clear as zero", () => {
  const mhu = new MhuV1();
  mhu.platform.write32(0x108, 0x55);
  mhu.agent.write32(0x000, 0);
  mhu.agent.write32(0x000, 0xff);
  mhu.agent.write32(0xfe0, 0);
  assertEquals([0x000, 0x008, 0x010, 0xfe0].map((at) => mhu.agent.read32(at)), [0x55, 0, 0, 0x98]);
  assertEquals(mhu.agent.refusedCount, 5);
});

Deno.test("MhuV1 is reached by aligned 32-bit accesses only", () => {
  const mhu = new MhuV1();
  mhu.platform.write32(0x108, 0x1234_5678);
  assertOddAccessesRefused(mhu.agent, 0x000, 0x008, 0x1234_5678);
});

Deno.test("MhuV1 interrupts for any bit", () => {
  for (let bit = 0; bit < 32; bit++) {
    const mhu = new MhuV1();
    mhu.agent.write32(0x308, 1 << bit);
    assertEquals([0, 1, 2].map((slot) => mhu.isAsserted("platform", slot)), [false, false, true]);
  }
});

Deno.test("MhuV1 takes the low 32 bits of what is written", () => {
  const mhu = new MhuV1();
  mhu.agent.write32(0x108, -1);
  assertEquals(mhu.platform.read32(0x000), 0xffff_ffff);
  mhu.platform.write32(0x010, 2 ** 32 + 1);
  assertEquals(mhu.platform.read32(0x000), 0xffff_fffe);
});

Deno.test("MhuV1 serves Linux's doorbell driver: send, completion, notification", () => {
  const mhu = new MhuV1();
  const { agent, platform } = mhu;
  const received: number[] = [];
  // The agent's handler: while a bit is up, tell the client, then clear that bit.
  mhu.onInterrupt = (side, line, isAsserted) => {
    if (side !== "agent" || line !== 0 || !isAsserted) return;
    for (let bits = agent.read32(0x000); bits !== 0; bits = agent.read32(0x000)) {
      const doorbell = 31 - Math.clz32(bits & -bits);
      received.push(doorbell);
      agent.write32(0x010, 1 << doorbell);
    }
  };
  agent.write32(0x010, 1 << 0); // start-up clears the channel's bit
  agent.write32(0x108, 1 << 0);
  assertEquals(platform.read32(0x000), 1);
  platform.write32(0x010, 1);
  assertEquals(agent.read32(0x100) & 1, 0, "the driver sees its message taken");
  platform.write32(0x108, 1 << 0 | 1 << 31);
  assertEquals([received, agent.read32(0x000), mhu.isAsserted("agent", 0)], [[0, 31], 0, false]);
});

Deno.test("MhuV1 serves Linux's data driver: the word is the message", () => {
  const mhu = new MhuV1();
  const { agent, platform } = mhu;
  platform.write32(0x008, 0); // nothing
  agent.write32(0x128, 0xdead);
  agent.write32(0x130, agent.read32(0x120)); // start-up clears what was left on the sending side
  assertEquals([platform.read32(0x020), mhu.isAsserted("platform", 1)], [0, false]);
  agent.write32(0x128, 0xc0ffee00);
  const message = platform.read32(0x020);
  assertEquals(agent.read32(0x120), 0xc0ffee00, "not done until it was taken");
  platform.write32(0x030, message);
  assertEquals([message, agent.read32(0x120)], [0xc0ffee00, 0]);
});
