// The register model of MHUv2, 2.0 and 2.1: every register of transports.md 2.4, and what Linux's driver does with them.
import { assertEquals } from "@std/assert";
import { MhuV2 } from "../../transports/mailbox/mhu_v2.ts";
import { RECEIVER_LINE, SENDER_LINE } from "../../transports/mailbox/registers.ts";
import { accessibleOffsets, assertOddAccessesRefused, hearLines, nonZeroRegisters } from "../support/mhu.ts";

/** The receiver's frame is behind the sender's. */
const RECEIVER = 0x1000;
const ALL = 0xffff_ffff;
const hex = (offsets: readonly number[]) => offsets.map((offset) => offset.toString(16));

/** An MHU whose two senders have asked for access. */
function readyMhu(options: ConstructorParameters<typeof MhuV2>[0] = {}): MhuV2 {
  const mhu = new MhuV2(options);
  for (const file of [mhu.agent, mhu.platform]) file.write32(0xf88, 1);
  return mhu;
}

Deno.test("MhuV2 2.0 has the registers of its table and no others", () => {
  const windows = [0x00, 0x20];
  const ids = [0xfe0, 0xfe4, 0xfe8, 0xfec, 0xff0, 0xff4, 0xff8, 0xffc];
  const mhu = new MhuV2({ windowCount: 2 });
  for (const file of [mhu.agent, mhu.platform]) {
    assertEquals(file.size, 0x2000);
    const sender = [0xf80, 0xf84, 0xf88, 0xf8c, 0xf90, 0xf98, 0xfc8, 0xfcc, ...ids];
    const receiver = [0xf80, 0xfc8, 0xfcc, ...ids].map((at) => RECEIVER + at);
    const receiverWindows = windows.flatMap((window) =>
      [0x00, 0x04, 0x10].map((at) => RECEIVER + window + at)
    );
    assertEquals(accessibleOffsets(file), {
      read: hex([...windows, ...sender, ...receiverWindows, ...receiver]),
      written: hex([
        ...windows.map((window) => window + 0x0c),
        ...[0xf84, 0xf88, 0xf94, 0xf98],
        ...windows.flatMap((window) => [0x08, 0x14, 0x18].map((at) => RECEIVER + window + at)),
      ]),
    });
  }
});

Deno.test("MhuV2 2.1 has the combined status and the sender's interrupts besides", () => {
  const added = (minor: 0 | 1) => accessibleOffsets(new MhuV2({ minor }).agent);
  const [before, after] = [added(0), added(1)];
  const combined = [0xfa0, 0xfa4, 0xfa8, 0xfac];
  assertEquals(
    after.read.filter((offset) => !before.read.includes(offset)),
    hex([0x10, 0x18, ...combined, ...[0xf90, 0xf98, ...combined].map((at) => RECEIVER + at)]),
  );
  assertEquals(after.written.filter((offset) => !before.written.includes(offset)), hex([0x14, 0x18, 0x1f98]));
});

Deno.test("MhuV2 tells its windows, architecture and bus ids", () => {
  const component = { ff0: 0x0d, ff4: 0xf0, ff8: 0x05, ffc: 0xb1 };
  const twice = (registers: Record<string, number>) =>
    Object.fromEntries(
      Object.entries(registers).flatMap(([at, value]) => [[at, value], [`1${at}`, value]]),
    );
  assertEquals(
    nonZeroRegisters(new MhuV2({ windowCount: 124 }).agent),
    twice({ f80: 124, fcc: 0x10, fe0: 0xd1, fe4: 0xb0, fe8: 0x0b, ...component }),
  );
  assertEquals(
    nonZeroRegisters(new MhuV2({ windowCount: 1, minor: 1 }).agent),
    twice({ f80: 1, fcc: 0x11, fe0: 0x76, fe4: 0xb0, fe8: 0x0b, ...component }),
  );
});

Deno.test("MhuV2 carries flags in each window and direction, with one level line for the receiver", () => {
  const windowCount = 124;
  for (const window of [0, 1, 31, 32, 123]) {
    for (const [sender, receiver] of [["agent", "platform"], ["platform", "agent"]] as const) {
      const mhu = readyMhu({ windowCount });
      const heard = hearLines(mhu);
      const at = window * 0x20;
      mhu[sender].write32(at + 0x0c, 0x8000_0001);
      mhu[sender].write32(at + 0x0c, 0x10);
      assertEquals(mhu[sender].read32(at), 0x8000_0011, "STAT_SET adds bits");
      assertEquals([0x00, 0x04].map((each) => mhu[receiver].read32(RECEIVER + at + each)), [
        0x8000_0011,
        0x8000_0011,
      ]);
      mhu[receiver].write32(RECEIVER + at + 0x08, 0x8000_0001);
      assertEquals([mhu[sender].read32(at), heard], [0x10, [`${receiver} 0 up`]], "STAT_CLEAR removes bits");
      mhu[receiver].write32(RECEIVER + at + 0x08, ALL);
      assertEquals([mhu[sender].read32(at), heard.slice(1)], [0, [`${receiver} 0 down`]]);
    }
  }
});

Deno.test("MhuV2 has no windows beyond those it tells of", () => {
  const mhu = readyMhu({ windowCount: 3 });
  const before = mhu.agent.refusedCount;
  mhu.agent.write32(3 * 0x20 + 0x0c, 1);
  assertEquals([mhu.agent.read32(3 * 0x20), mhu.platform.read32(RECEIVER + 3 * 0x20)], [0, 0]);
  assertEquals([mhu.agent.refusedCount - before, mhu.isAsserted("platform", RECEIVER_LINE)], [2, false]);
});

Deno.test("MhuV2 masks flags: they stay, but neither show masked nor interrupt", () => {
  const mhu = readyMhu();
  const heard = hearLines(mhu);
  const { agent, platform } = mhu;
  agent.write32(RECEIVER + 0x14, 0xf0);
  agent.write32(RECEIVER + 0x14, 0x0f);
  agent.write32(RECEIVER + 0x18, 0x81);
  assertEquals(agent.read32(RECEIVER + 0x10), 0x7e);
  platform.write32(0x0c, 0x02);
  const shown = () => [0x00, 0x04].map((at) => agent.read32(RECEIVER + at));
  assertEquals([shown(), heard], [[0x02, 0], []]);
  platform.write32(0x0c, 0x01);
  assertEquals([shown(), heard], [[0x03, 0x01], ["agent 0 up"]]);
  agent.write32(RECEIVER + 0x14, 0x01);
  assertEquals([shown(), heard], [[0x03, 0], ["agent 0 up", "agent 0 down"]], "a mask after the flag");
  agent.write32(RECEIVER + 0x18, 0x02);
  assertEquals([shown(), heard.length], [[0x03, 0x02], 3], "and away again");
});

Deno.test("MhuV2 is ready when asked, if the receiver is on, and tells both changes", () => {
  const mhu = new MhuV2();
  const { agent, platform } = mhu;
  const heard = hearLines(mhu);
  agent.write32(0xf98, 0b111);
  assertEquals(agent.read32(0xf98), 0b011, "2.0 has no combined interrupt");
  agent.write32(0x0c, 1);
  assertEquals([agent.read32(0xf8c), agent.read32(0x00), platform.read32(RECEIVER)], [0, 0, 0], "not ready");
  agent.write32(0xf88, 1);
  assertEquals([agent.read32(0xf88), agent.read32(0xf8c), agent.read32(0xf90)], [1, 1, 0b01]);
  agent.write32(0xf94, 0b01);
  agent.write32(0x0c, 1);
  mhu.setReceiverOn("platform", false);
  assertEquals([agent.read32(0xf8c), agent.read32(0xf90), agent.read32(0x00)], [0, 0b10, 0]);
  mhu.setReceiverOn("platform", true);
  assertEquals([agent.read32(0xf8c), agent.read32(0xf90), agent.read32(0x00)], [1, 0b11, 1]);
  agent.write32(0xf94, 0b11);
  agent.write32(0xf88, 0);
  assertEquals([agent.read32(0xf8c), agent.read32(0xf90)], [0, 0], "the sender's own wish is no event");
  assertEquals(heard.filter((each) => each.startsWith("agent")), [
    "agent 1 up",
    "agent 1 down",
    "agent 1 up",
    "agent 1 down",
  ]);
});

Deno.test("MhuV2 keeps its answer to accesses while not ready", () => {
  const { agent } = new MhuV2();
  agent.write32(0xf84, 0xff);
  assertEquals(agent.read32(0xf84), 1);
});

Deno.test("MhuV2 is reached by aligned 32-bit accesses only", () => {
  const mhu = readyMhu();
  mhu.platform.write32(0x0c, 0x1234_5678);
  assertOddAccessesRefused(mhu.platform, 0x00, 0x0c, 0x1234_5678);
});

Deno.test("MhuV2 2.1 tells the sender that flags were cleared, and both which windows", () => {
  const mhu = readyMhu({ windowCount: 40, minor: 1 });
  const { agent, platform } = mhu;
  const heard = hearLines(mhu);
  const window = 35;
  const at = window * 0x20;
  const combined = (file: typeof agent, frame: number) =>
    [0, 4, 8, 12].map((each) => file.read32(frame + 0xfa0 + each));
  const bit = [0, 1 << (window - 32), 0, 0];
  agent.write32(0xf98, 0b100);
  platform.write32(RECEIVER + 0xf98, 0b100);
  agent.write32(at + 0x18, 1);
  agent.write32(at + 0x0c, 0b11);
  assertEquals([combined(platform, RECEIVER), combined(agent, 0)], [bit, [0, 0, 0, 0]]);
  platform.write32(RECEIVER + at + 0x08, 0b100);
  assertEquals(agent.read32(at + 0x10), 0, "clearing what is not set is no event");
  platform.write32(RECEIVER + at + 0x08, 0b01);
  assertEquals([agent.read32(at + 0x10), combined(agent, 0)], [1, bit]);
  assertEquals(heard, ["platform 0 up", "agent 1 up"]);
  agent.write32(at + 0x14, 1);
  assertEquals([agent.read32(at + 0x10), combined(agent, 0), mhu.isAsserted("agent", SENDER_LINE)], [
    0,
    [0, 0, 0, 0],
    false,
  ]);
  platform.write32(RECEIVER + at + 0x08, ALL);
  agent.write32(at + 0x18, 0);
  assertEquals([agent.read32(at + 0x10), mhu.isAsserted("agent", SENDER_LINE)], [1, false], "not enabled");
});

Deno.test("MhuV2 2.1 interrupts a receiver that has enabled the combined interrupt", () => {
  const mhu = readyMhu({ minor: 1 });
  mhu.platform.write32(0x0c, 1);
  assertEquals(mhu.isAsserted("agent", RECEIVER_LINE), false);
  mhu.agent.write32(RECEIVER + 0xf98, 0b111);
  assertEquals([mhu.agent.read32(RECEIVER + 0xf98), mhu.isAsserted("agent", RECEIVER_LINE)], [0b100, true]);
});

/** Linux's start of both frames, then a channel on window 1, doorbell 0 each way. */
function startLinux(mhu: MhuV2, minor: number, windowCount: number): void {
  const { agent } = mhu;
  assertEquals(agent.read32(0xf80) & 0x7f, windowCount);
  assertEquals(agent.read32(0xfcc) & 0xf, minor);
  if (minor > 0) {
    agent.write32(0xf98, agent.read32(0xf98) | 0b100);
    for (let window = 0; window < windowCount; window++) agent.write32(window * 0x20 + 0x18, 0);
  }
  agent.write32(0xf88, 1);
  assertEquals(agent.read32(0xf8c), 1, "Linux waits for this for ever");
  for (let window = 0; window < windowCount; window++) agent.write32(RECEIVER + window * 0x20 + 0x14, ALL);
  if (minor > 0) {
    agent.write32(RECEIVER + 0xf98, agent.read32(RECEIVER + 0xf98) | 0b100);
    for (let window = 0; window < windowCount; window++) agent.write32(window * 0x20 + 0x18, 1);
  }
  agent.write32(RECEIVER + 0x20 + 0x18, 1);
}

Deno.test("MhuV2 serves Linux's driver: 2.0, polled sender", () => {
  const windowCount = 4;
  const mhu = readyMhu({ windowCount });
  const { agent, platform } = mhu;
  startLinux(mhu, 0, windowCount);
  let notifications = 0;
  mhu.onInterrupt = (side, line, isAsserted) => {
    if (side !== "agent" || line !== RECEIVER_LINE || !isAsserted) return;
    const window = [0, 1, 2, 3].find((each) => agent.read32(RECEIVER + each * 0x20 + 0x04) !== 0);
    assertEquals(window, 1);
    agent.write32(RECEIVER + 0x20 + 0x08, 1); // cleared before the client hears
    notifications++;
  };
  agent.write32(0x20 + 0x0c, 1);
  assertEquals(agent.read32(0x20) & 1, 1, "under way");
  platform.write32(RECEIVER + 0x20 + 0x08, 1);
  assertEquals(agent.read32(0x20) & 1, 0, "done");
  platform.write32(0x0c, 1); // a channel that nobody has started stays masked
  assertEquals([notifications, mhu.isAsserted("agent", RECEIVER_LINE)], [0, false]);
  for (let i = 0; i < 3; i++) platform.write32(0x20 + 0x0c, 1);
  assertEquals([notifications, mhu.isAsserted("agent", RECEIVER_LINE)], [3, false]);
});

Deno.test("MhuV2 serves Linux's driver: 2.1, sender told by its interrupt", () => {
  const windowCount = 4;
  const mhu = readyMhu({ windowCount, minor: 1 });
  const { agent, platform } = mhu;
  startLinux(mhu, 1, windowCount);
  let done = 0;
  mhu.onInterrupt = (side, line, isAsserted) => {
    if (side !== "agent" || line !== SENDER_LINE || !isAsserted) return;
    assertEquals(agent.read32(0xfa0), 1 << 1);
    agent.write32(0x20 + 0x14, 1);
    assertEquals(agent.read32(0x20), 0, "a bit that Linux did not set would be a kernel BUG");
    done++;
  };
  agent.write32(0x20 + 0x0c, 1);
  platform.write32(RECEIVER + 0x20 + 0x08, 1);
  assertEquals([done, mhu.isAsserted("agent", SENDER_LINE)], [1, false]);
});

Deno.test("MhuV2 serves Linux's data transfer: the last of several windows interrupts", () => {
  const mhu = readyMhu({ windowCount: 3 });
  const { agent, platform } = mhu;
  for (let window = 0; window < 3; window++) agent.write32(RECEIVER + window * 0x20 + 0x14, ALL);
  agent.write32(RECEIVER + 2 * 0x20 + 0x18, ALL);
  const heard = hearLines(mhu);
  platform.write32(0 * 0x20 + 0x0c, 0x33);
  platform.write32(1 * 0x20 + 0x0c, 0x22);
  assertEquals(heard, []);
  platform.write32(2 * 0x20 + 0x0c, 0x11);
  assertEquals(heard, ["agent 0 up"]);
  const words = [2, 1, 0].map((window) => agent.read32(RECEIVER + window * 0x20));
  for (let window = 0; window < 3; window++) agent.write32(RECEIVER + window * 0x20 + 0x08, ALL);
  assertEquals([words, heard, platform.read32(2 * 0x20)], [
    [0x11, 0x22, 0x33],
    ["agent 0 up", "agent 0 down"],
    0,
  ]);
});
