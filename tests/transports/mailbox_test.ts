// Doorbells and areas in a memory file: what a driver finds there, what its stores do, what interrupts it. The registers
// as such are those of mhu_v1_test.ts and its siblings.
import { assert, assertEquals } from "@std/assert";
import { createMessageBuffer } from "../../transports/channel.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { WINDOW_COUNT } from "../../transports/mailbox/doorbell_layout.ts";
import { listenMailbox } from "../../transports/mailbox/mailbox.ts";
import { MhuV1 } from "../../transports/mailbox/mhu_v1.ts";
import { MhuV2 } from "../../transports/mailbox/mhu_v2.ts";
import { MhuV3 } from "../../transports/mailbox/mhu_v3.ts";
import type { MhuModel } from "../../transports/mailbox/registers.ts";
import { CHANNEL_FREE, FLAGS_WORD, STATUS_WORD } from "../../transports/smt/layout.ts";
import { mailboxOptions, TestLine } from "../contract/mailbox.ts";
import { serveMailbox, testMailbox } from "../support/mailbox_fixture.ts";
import { nonZeroRegisters } from "../support/mhu.ts";
import { messageOf, TestPort } from "../support/smt_fixture.ts";
import { turnUntil } from "../support/turns.ts";

/** Two areas for commands. */
const TWO_CHANNELS = { commandOffsets: [0x30000, 0x32000] };

function modelOf(version: 1 | 2 | 3): MhuModel {
  if (version === 1) return new MhuV1();
  return version === 2 ? new MhuV2({ windowCount: WINDOW_COUNT }) : new MhuV3({ channelCount: WINDOW_COUNT });
}

testMailbox("shows what the register model shows when nothing has happened", ({ agent }, version) => {
  const expected = nonZeroRegisters(modelOf(version).agent);
  // In memory nobody answers a request, hence the receiver is ready from the start.
  if (version === 2) expected["f8c"] = 1;
  const found: Record<string, number> = {};
  agent.registers.words.forEach((word, index) => {
    if (word !== 0) found[(4 * index).toString(16)] = word;
  });
  assertEquals(found, expected);
});

testMailbox("begins with free areas and registers, whatever stood in the file", ({ site, agent }) => {
  agent.disconnect();
  Deno.writeFileSync(site.path, new Uint8Array(0x40000).fill(0xa5));
  const again = site.connect();
  assertEquals(again.areas.map(({ words }) => [...words.subarray(0, 7)]), [
    [0, CHANNEL_FREE, 0, 0, 0, 0, 0],
    [0, CHANNEL_FREE, 0, 0, 0, 0, 0],
  ]);
  assertEquals([0, 1, 2].map((slot) => again.status(slot)), [0, 0, 0]);
  const bytes = Deno.readFileSync(site.path);
  assertEquals([bytes[0x0fff], bytes[0x2ffff], bytes.at(-1)], [0xa5, 0xa5, 0xa5], "nothing else is touched");
  again.disconnect();
});

testMailbox("takes the ring away, and rings back where the message asks for it", ({ agent, port }) => {
  const { words } = agent.areas[0]!;
  agent.write(0, messageOf(1));
  words[FLAGS_WORD] = 0;
  agent.ring();
  agent.settle();
  assertEquals([port.requests.length, words[STATUS_WORD], agent.status(0)], [1, CHANNEL_FREE, 0]);
  agent.response(0);
  agent.write(0, messageOf(2));
  agent.ring();
  agent.settle();
  assertEquals([port.requests.length, agent.status(0), agent.status(1)], [2, 1, 0]);
  agent.clear(0);
  agent.settle();
  assertEquals(agent.status(0), 0);
});

testMailbox(
  "rings for the platform's own message with the doorbell after those of commands",
  ({ agent, port }) => {
    const message = createMessageBuffer(8);
    message.view.setUint32(0, 0x1234, true);
    assertEquals([port.sink!.send(message, 8), port.sink!.send(message, 8)], ["sent", "full"]);
    assertEquals([0, 1, 2].map((slot) => agent.status(slot)), [0, 0, 1]);
    agent.clear(2);
    assertEquals([agent.areas[2]!.words[6], agent.areas[2]!.words[5]], [0x1234, 8]);
    Atomics.store(agent.areas[2]!.words, STATUS_WORD, CHANNEL_FREE);
    agent.settle();
    assertEquals([port.readyCount, agent.status(2)], [1, 0]);
  },
  TWO_CHANNELS,
);

testMailbox(
  "rings again once the agent has acknowledged, when it was to ring meanwhile",
  ({ agent, port }) => {
    const message = createMessageBuffer(8);
    const free = () => Atomics.store(agent.areas[1]!.words, STATUS_WORD, CHANNEL_FREE);
    port.sink!.send(message, 8);
    // A handler that frees the area first and clears its doorbell last: the next message comes in between.
    free();
    assertEquals(port.sink!.send(message, 8), "sent");
    agent.clear(1);
    agent.settle();
    assertEquals(agent.status(1), 1, "the doorbell of the second message is not lost");
    agent.clear(1);
    agent.settle();
    assertEquals(agent.status(1), 0);
    // One that clears first: a ring on top finds the acknowledgement already there.
    free();
    port.sink!.send(message, 8);
    agent.clear(1);
    free();
    port.sink!.send(message, 8);
    assertEquals(agent.status(1), 1);
    agent.clear(1);
    agent.settle();
    assertEquals(agent.status(1), 0, "and nothing is owed");
  },
);

testMailbox("forgets what was acknowledged before there was a ring", ({ agent, port }) => {
  agent.clear(1, -1);
  agent.settle();
  port.sink!.send(createMessageBuffer(8), 8);
  agent.settle();
  assertEquals(agent.status(1), 1);
});

testMailbox("goes by the bit of its own doorbell", ({ agent, port }) => {
  port.sink!.send(createMessageBuffer(8), 8);
  for (const other of [0x2, 0x8000_0000 | 0, ~1]) {
    agent.clear(1, other);
    agent.settle();
    assertEquals(agent.status(1), 1, `cleared ${other}`);
  }
  agent.clear(1, -1);
  agent.settle();
  assertEquals(agent.status(1), 0);
});

testMailbox("serves two channels whose messages interleave", ({ agent, port }) => {
  agent.write(0, messageOf(0x100));
  agent.write(1, messageOf(0x200));
  agent.ring(1);
  agent.settle();
  assertEquals([agent.response(0), agent.response(1)!.length], [null, 12]);
  agent.write(1, messageOf(0x300));
  agent.ring(0);
  agent.ring(1);
  agent.settle();
  const headers = [0, 1].map((slot) => new DataView(agent.response(slot)!.buffer).getUint32(0, true));
  assertEquals(headers, [0x100, 0x300]);
  assertEquals(port.requests.map((request) => request[1]), [2, 1, 3]);
}, TWO_CHANNELS);

testMailbox("is looked at often after a message, whichever way it went", ({ site, agent, port }) => {
  const isWatchful = () => site.reactor.runOnce(0) > 0;
  agent.settle();
  assertEquals(port.sink!.send(createMessageBuffer(8), 8), "sent");
  assert(isWatchful());
  agent.settle();
  agent.write(0, messageOf(1));
  agent.ring();
  // The wait ends by the timer of the event loop.
  let response: Uint8Array | null = null;
  const isAnswered = () => (response ??= agent.response(0)) !== null;
  turnUntil(isAnswered, () => site.reactor.runOnce(100), "the command is answered");
  assert(isWatchful());
});

for (const version of [2, 3] as const) {
  Deno.test(`mailbox (MHUv${version}) interrupts as long as any doorbell is rung, and anew for each`, () => {
    const line = new TestLine();
    const { site, agent, port } = serveMailbox(version, { ...TWO_CHANNELS, interrupts: [line] });
    agent.write(0, messageOf(1));
    agent.ring(0);
    agent.settle();
    assertEquals([line.isHigh, line.edgeCount], [true, 1]);
    port.sink!.send(createMessageBuffer(8), 8);
    assertEquals([line.isHigh, line.edgeCount], [true, 2], "an edge for whoever listens to edges");
    agent.clear(0);
    agent.settle();
    assertEquals([line.isHigh, line.edgeCount], [true, 2]);
    agent.clear(2);
    // The guest unmasks its interrupt before the platform has looked by itself.
    line.beforeSample!();
    assertEquals([line.isHigh, agent.status(2)], [false, 0]);
    agent.disconnect();
    assertEquals([line.isHigh, line.beforeSample], [false, null]);
    site.close();
  });
}

Deno.test("mailbox (MHUv1) has a line for each slot", () => {
  const lines = [new TestLine(), new TestLine(), new TestLine()];
  const { site, agent, port } = serveMailbox(1, { ...TWO_CHANNELS, interrupts: lines });
  const levels = () => lines.map(({ isHigh }) => isHigh);
  port.sink!.send(createMessageBuffer(8), 8);
  assertEquals(levels(), [false, false, true]);
  agent.write(1, messageOf(1));
  agent.ring(1);
  agent.settle();
  assertEquals(levels(), [false, true, true]);
  agent.clear(2);
  agent.settle();
  assertEquals(levels(), [false, true, false]);
  agent.disconnect();
  site.close();
});

Deno.test("mailbox (MHUv3) names the channels that were rung in its combined word", () => {
  const { site, agent, port } = serveMailbox(3, TWO_CHANNELS);
  const combined = () => agent.registers.words[0x10400 >>> 2];
  port.sink!.send(createMessageBuffer(8), 8);
  agent.write(0, messageOf(1));
  agent.ring(0);
  agent.settle();
  assertEquals(combined(), 0b101);
  agent.clear(2);
  agent.settle();
  assertEquals(combined(), 0b001);
  agent.disconnect();
  site.close();
});

Deno.test("mailbox makes a file that is not there and removes it, and leaves one that is", () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/ram`;
  const reactor = createReactor();
  const options = mailboxOptions(path, 1);
  const made = listenMailbox(reactor, options, new TestPort());
  assert(!("error" in made));
  const { size, mode } = Deno.statSync(path);
  assertEquals([size, mode! & 0o777], [options.createSize, 0o600]);
  assertEquals(made.spec, `mailbox:${path}`);
  made.close();
  made.close();
  assertEquals([...Deno.readDirSync(folder)], []);
  // As QEMU makes it, of another size.
  Deno.writeFileSync(path, new Uint8Array(0x80000));
  const found = listenMailbox(reactor, { ...options, createSize: null }, new TestPort());
  assert(!("error" in found));
  found.close();
  assertEquals(Deno.statSync(path).size, 0x80000);
  reactor.close();
  Deno.removeSync(folder, { recursive: true });
});
