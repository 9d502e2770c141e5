// The register model of MHUv3: every register of transports.md 2.5, and what Linux's driver does with them.
import { assertEquals } from "@std/assert";
import { MhuV3 } from "../../transports/mailbox/mhu_v3.ts";
import { RECEIVER_LINE, SENDER_LINE } from "../../transports/mailbox/registers.ts";
import { accessibleOffsets, assertOddAccessesRefused, hearLines, nonZeroRegisters } from "../support/mhu.ts";

/** The mailbox block is behind the postbox. */
const MBX = 0x10000;
const WINDOWS = 0x1000;
const ALL = 0xffff_ffff;
const hex = (offsets: readonly number[]) => offsets.map((offset) => offset.toString(16));

Deno.test("MhuV3 has the registers of its table and no others", () => {
  const mhu = new MhuV3({ channelCount: 2 });
  const control = [
    ...[0x000, 0x010, 0x014, 0x020, 0x030, 0x040, 0x100, 0x400, 0x404, 0x408, 0x40c, 0x410, 0xfc8, 0xfcc],
  ];
  const windows = (registers: number[]) =>
    [0x1000, 0x1020].flatMap((at) => registers.map((each) => at + each));
  const inMbx = (offsets: number[]) => offsets.map((offset) => MBX + offset);
  for (const file of [mhu.agent, mhu.platform]) {
    assertEquals(file.size, 0x20000);
    assertEquals(accessibleOffsets(file), {
      read: hex([
        ...control,
        ...windows([0x00, 0x10, 0x18, 0x1c]),
        ...inMbx(control),
        ...inMbx(windows([0x00, 0x04, 0x10, 0x1c])),
      ]),
      written: hex([
        0x100,
        ...windows([0x0c, 0x14, 0x18, 0x1c]),
        ...inMbx([0x100, ...windows([0x08, 0x14, 0x18, 0x1c])]),
      ]),
    });
  }
});

Deno.test("MhuV3 tells its blocks, features, channels and architecture", () => {
  assertEquals(nonZeroRegisters(new MhuV3({ channelCount: 128 }).agent), {
    "10": 1,
    "20": 127,
    fcc: 0x20,
    "10000": 1,
    "10010": 1,
    "10020": 127,
    "10fcc": 0x20,
  });
  const automatic = new MhuV3({ hasAutoOperation: true }).agent;
  assertEquals([0x014, 0x020, MBX + 0x014].map((at) => automatic.read32(at)), [1, 0, 1]);
});

Deno.test("MhuV3 carries flags in each channel and direction", () => {
  for (const channel of [0, 1, 31, 32, 127]) {
    for (const [sender, receiver] of [["agent", "platform"], ["platform", "agent"]] as const) {
      const mhu = new MhuV3({ channelCount: 128 });
      const at = WINDOWS + channel * 0x20;
      mhu[sender].write32(at + 0x0c, 0x8000_0001);
      mhu[sender].write32(at + 0x0c, 0x10);
      const flags =
        () => [mhu[sender].read32(at), mhu[receiver].read32(MBX + at), mhu[receiver].read32(MBX + at + 4)];
      assertEquals(flags(), [0x8000_0011, 0x8000_0011, 0x8000_0011], "SET adds bits");
      mhu[receiver].write32(MBX + at + 0x08, 0x8000_0001);
      assertEquals(flags(), [0x10, 0x10, 0x10], "CLR removes bits");
    }
  }
});

Deno.test("MhuV3 combines the channels that take part in it to one line", () => {
  const mhu = new MhuV3({ channelCount: 40 });
  const heard = hearLines(mhu);
  const { agent, platform } = mhu;
  const combined = () => [0, 4, 8, 12].map((at) => agent.read32(MBX + 0x400 + at));
  platform.write32(WINDOWS + 35 * 0x20 + 0x0c, 1);
  assertEquals([combined(), heard], [[0, 0, 0, 0], []], "no part in it yet");
  agent.write32(MBX + WINDOWS + 35 * 0x20 + 0x1c, ALL);
  assertEquals(agent.read32(MBX + WINDOWS + 35 * 0x20 + 0x1c), 1);
  assertEquals([combined(), heard], [[0, 1 << 3, 0, 0], ["agent 0 up"]]);
  agent.write32(MBX + WINDOWS + 35 * 0x20 + 0x14, 1);
  assertEquals([combined(), heard[1]], [[0, 0, 0, 0], "agent 0 down"], "masked");
  assertEquals(agent.read32(MBX + WINDOWS + 35 * 0x20 + 0x10), 1);
  agent.write32(MBX + WINDOWS + 35 * 0x20 + 0x18, 1);
  assertEquals([combined(), heard[2]], [[0, 1 << 3, 0, 0], "agent 0 up"]);
  agent.write32(MBX + WINDOWS + 35 * 0x20 + 0x08, 1);
  assertEquals([combined(), heard[3]], [[0, 0, 0, 0], "agent 0 down"]);
});

Deno.test("MhuV3 acknowledges a transfer when a flag falls, and only then", () => {
  const mhu = new MhuV3();
  const heard = hearLines(mhu);
  const { agent, platform } = mhu;
  const acknowledged = () => agent.read32(WINDOWS + 0x10);
  platform.write32(MBX + WINDOWS + 0x08, ALL);
  assertEquals(acknowledged(), 0, "nothing fell");
  agent.write32(WINDOWS + 0x0c, 0b11);
  platform.write32(MBX + WINDOWS + 0x08, 0b01);
  assertEquals([acknowledged(), agent.read32(0x400), heard], [1, 0, []], "neither enabled nor combined");
  agent.write32(WINDOWS + 0x18, 1);
  agent.write32(WINDOWS + 0x1c, 1);
  assertEquals([agent.read32(0x400), heard], [1, ["agent 1 up"]]);
  agent.write32(WINDOWS + 0x14, 1);
  assertEquals([acknowledged(), agent.read32(0x400), heard[1]], [0, 0, "agent 1 down"]);
});

Deno.test("MhuV3 keeps the control bits of each block for itself", () => {
  const { agent, platform } = new MhuV3();
  agent.write32(0x100, ALL);
  agent.write32(MBX + 0x100, 0b01);
  assertEquals([agent.read32(0x100), agent.read32(MBX + 0x100), platform.read32(0x100)], [0b11, 0b01, 0]);
});

Deno.test("MhuV3 has neither channels beyond those it tells of, nor the other extensions", () => {
  const mhu = new MhuV3({ channelCount: 3 });
  const before = mhu.agent.refusedCount;
  mhu.agent.write32(WINDOWS + 3 * 0x20 + 0x0c, 1);
  mhu.agent.write32(0x2000, 1);
  assertEquals([0x1000 + 3 * 0x20, 0x2000, 0x3000].map((at) => mhu.agent.read32(at)), [0, 0, 0]);
  assertEquals(mhu.agent.refusedCount - before, 5);
});

Deno.test("MhuV3 is reached by aligned 32-bit accesses only", () => {
  const mhu = new MhuV3();
  mhu.agent.write32(WINDOWS + 0x0c, 0x1234_5678);
  assertOddAccessesRefused(mhu.agent, WINDOWS, WINDOWS + 0x0c, 0x1234_5678);
});

/** Linux writes one field of a register by reading and writing all of it. */
function writeField(file: MhuV3["agent"], offset: number, mask: number, value: number): void {
  file.write32(offset, (file.read32(offset) & ~mask) | (value & mask));
}

Deno.test("MhuV3 serves Linux's driver: polled postbox, mailbox with its combined line", () => {
  const channelCount = 4;
  const mhu = new MhuV3({ channelCount, hasAutoOperation: true });
  const { agent, platform } = mhu;
  assertEquals([agent.read32(0x000) & 0xf, agent.read32(MBX) & 0xf], [0, 1]);
  assertEquals(agent.read32(0xfcc) >>> 4 & 0xf, 2, "Linux refuses any other major version");
  for (const frame of [0, MBX]) {
    if ((agent.read32(frame + 0x014) & 0xf) !== 0) writeField(agent, frame + 0x100, 1, 1);
    assertEquals(agent.read32(frame + 0x020) & 0xff, channelCount - 1);
  }
  for (let channel = 0; channel < channelCount; channel++) {
    agent.write32(MBX + WINDOWS + channel * 0x20 + 0x08, ALL);
    agent.write32(MBX + WINDOWS + channel * 0x20 + 0x14, ALL);
    writeField(agent, MBX + WINDOWS + channel * 0x20 + 0x1c, 1, 1);
  }
  writeField(agent, WINDOWS + 0x18, 1, 1); // the sending channel starts
  agent.write32(MBX + WINDOWS + 0x20 + 0x18, 1); // and the receiving one
  const received: number[] = [];
  mhu.onInterrupt = (side, line, isAsserted) => {
    if (side !== "agent" || line !== RECEIVER_LINE || !isAsserted) return;
    const channel = 31 - Math.clz32(agent.read32(MBX + 0x400));
    const flags = agent.read32(MBX + WINDOWS + channel * 0x20 + 0x04);
    received.push(channel);
    agent.write32(MBX + WINDOWS + channel * 0x20 + 0x08, flags & -flags);
  };
  agent.write32(WINDOWS + 0x0c, 1);
  assertEquals(agent.read32(WINDOWS) & 1, 1, "still set: the driver answers EBUSY");
  platform.write32(MBX + WINDOWS + 0x08, 1);
  assertEquals(agent.read32(WINDOWS) & 1, 0);
  platform.write32(WINDOWS + 0x20 + 0x0c, 1);
  platform.write32(WINDOWS + 0x40 + 0x0c, 1); // masked
  assertEquals([received, platform.read32(WINDOWS + 0x20) & 1, mhu.isAsserted("agent", RECEIVER_LINE)], [
    [1],
    0,
    false,
  ]);
  assertEquals(mhu.isAsserted("agent", SENDER_LINE), false, "not combined: the postbox is polled");
});

Deno.test("MhuV3 serves Linux's driver: postbox with its combined line", () => {
  const mhu = new MhuV3({ channelCount: 2 });
  const { agent, platform } = mhu;
  for (let channel = 0; channel < 2; channel++) {
    writeField(agent, WINDOWS + channel * 0x20 + 0x14, 1, 1);
    writeField(agent, WINDOWS + channel * 0x20 + 0x18, 1, 0);
    writeField(agent, WINDOWS + channel * 0x20 + 0x1c, 1, 1);
  }
  writeField(agent, WINDOWS + 0x20 + 0x18, 1, 1);
  const done: number[] = [];
  mhu.onInterrupt = (side, line, isAsserted) => {
    if (side !== "agent" || line !== SENDER_LINE || !isAsserted) return;
    const channel = 31 - Math.clz32(agent.read32(0x400));
    assertEquals([agent.read32(WINDOWS + channel * 0x20 + 0x10), agent.read32(WINDOWS + channel * 0x20)], [
      1,
      0,
    ]);
    writeField(agent, WINDOWS + channel * 0x20 + 0x14, 1, 1);
    done.push(channel);
  };
  agent.write32(WINDOWS + 0x20 + 0x0c, 1);
  platform.write32(MBX + WINDOWS + 0x20 + 0x08, 1);
  assertEquals([done, mhu.isAsserted("agent", SENDER_LINE)], [[1], false]);
});
