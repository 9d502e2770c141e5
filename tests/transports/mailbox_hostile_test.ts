// Agents that do what they like with doorbells and areas, and mailboxes that cannot be: transports.md chapter 8, 7 to 12
// and 31. Whatever comes, the process lives, a look stays short, and others are served.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createMessageBuffer } from "../../transports/channel.ts";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import { listenMailbox } from "../../transports/mailbox/mailbox.ts";
import { findWatcher } from "../../transports/memory/memory_watcher.ts";
import type { MailboxOptions } from "../../transports/mailbox/options.ts";
import { CHANNEL_ERROR, CHANNEL_FREE, LENGTH_WORD, STATUS_WORD } from "../../transports/smt/layout.ts";
import { mailboxOptions, TestLine } from "../contract/mailbox.ts";
import { type ServedMailbox, serveMailbox, testMailbox, VERSIONS } from "../support/mailbox_fixture.ts";
import { messageOf, TestPort } from "../support/smt_fixture.ts";

/** Fails unless a command is answered. */
function assertServes({ agent, port }: ServedMailbox, header = 0x42): void {
  const before = port.requests.length;
  assert(agent.write(0, messageOf(header)), "the area is free");
  agent.ring();
  agent.settle();
  assertEquals([port.requests.length - before, agent.response(0)?.[0]], [1, header]);
}

testMailbox("answers a doorbell on a free channel with nothing but a line, however often", (mailbox) => {
  const { site, agent, port } = mailbox;
  const before = agent.areas[0]!.bytes.slice();
  for (let i = 0; i < 100; i++) {
    agent.ring();
    agent.settle();
  }
  assertEquals([port.requests.length, site.reports.length], [0, 1]);
  assertMatch(site.reports[0]!, /^mailbox:.*guest\.mem: a doorbell was rung while the channel was free$/);
  assertEquals([...agent.areas[0]!.bytes], [...before]);
  assertServes(mailbox);
});

testMailbox("leaves a message alone that nobody has rung for", (mailbox) => {
  const { agent, port } = mailbox;
  agent.write(0, messageOf(1));
  const before = agent.areas[0]!.bytes.slice();
  for (let i = 0; i < 10; i++) agent.settle();
  assertEquals([port.requests.length, [...agent.areas[0]!.bytes]], [0, [...before]]);
  agent.ring();
  agent.settle();
  assertEquals(port.requests.length, 1);
});

testMailbox("takes any value in SET for a ring", ({ agent, port }) => {
  const values = [1, 2, 0x8000_0000 | 0, -1, 0x1234_5678, 0x7fff_ffff];
  for (const value of values) {
    agent.write(0, messageOf(1));
    agent.ring(0, value);
    agent.settle();
    assert(agent.response(0) !== null, `rung with ${value}`);
  }
  assertEquals(port.requests.length, values.length);
});

testMailbox("takes no notice of doorbells that nobody has registered", ({ site, agent, port }, version) => {
  agent.write(0, messageOf(1));
  // The platform's own doorbell, and one beyond it.
  for (const slot of version === 1 ? [1, 2] : [1, 2, 3, 15]) agent.ring(slot, -1);
  agent.settle();
  assertEquals([port.requests.length, site.reports], [0, []]);
});

testMailbox(
  "serves a command once, though its doorbell is rung again while it is served",
  ({ site, agent, port }) => {
    port.during = () => agent.ring();
    agent.write(0, messageOf(1));
    agent.ring();
    agent.settle();
    assertEquals([port.requests.length, site.reports.length], [1, 1]);
    assertMatch(site.reports[0]!, /rung while the channel was free/);
  },
);

testMailbox("keeps its own counsel when an agent writes to all registers", (mailbox) => {
  const { agent, port } = mailbox;
  port.sink!.send(createMessageBuffer(8), 8);
  agent.registers.words.fill(-1);
  agent.settle();
  assertServes(mailbox);
  agent.registers.words.fill(0);
  agent.settle();
  agent.begin();
  agent.settle();
  Atomics.store(agent.areas[1]!.words, STATUS_WORD, CHANNEL_FREE);
  agent.settle();
  assertEquals([port.sink!.send(createMessageBuffer(8), 8), agent.status(1)], ["sent", 1]);
});

testMailbox("refuses lengths that cannot be, and tells of a bounded number", (mailbox) => {
  const { site, agent } = mailbox;
  for (let i = 0; i < 200; i++) {
    agent.write(0, messageOf(7));
    agent.areas[0]!.words[LENGTH_WORD] = i % 2 === 0 ? -1 - i : 0x10000 + i;
    agent.ring();
    agent.settle();
    assertEquals(agent.areas[0]!.words[STATUS_WORD], CHANNEL_FREE | CHANNEL_ERROR);
    assertEquals(agent.response(0)?.length, 8);
  }
  assert(site.reports.length > 1 && site.reports.length <= 16, `${site.reports.length} lines`);
  assertServes(mailbox);
});

testMailbox("keeps what an agent never takes, and sends it when it does", ({ agent, port }) => {
  const message = createMessageBuffer(8);
  assertEquals(port.sink!.send(message, 8), "sent");
  for (let i = 0; i < 1000; i++) assertEquals(port.sink!.send(message, 8), "full");
  for (let i = 0; i < 10; i++) agent.settle();
  assertEquals(port.readyCount, 0);
  Atomics.store(agent.areas[1]!.words, STATUS_WORD, CHANNEL_FREE);
  agent.settle();
  assertEquals(port.readyCount, 1);
});

testMailbox("keeps an agent's storm from others", (hostile, version) => {
  const other = serveMailbox(version, {}, hostile.site.reactor);
  // Each command is sent and rung for again while it is served: there is always another one.
  hostile.port.during = () => {
    hostile.agent.ring();
    queued = true;
  };
  let queued = false;
  hostile.agent.write(0, messageOf(1));
  hostile.agent.ring();
  other.agent.write(0, messageOf(2));
  other.agent.ring();
  findWatcher(hostile.site.reactor)!.expectMessage();
  let turns = 0;
  for (; other.port.requests.length < 20 && turns < 40; turns++) {
    hostile.site.reactor.runOnce(0);
    if (queued && hostile.agent.response(0) !== null) hostile.agent.write(0, messageOf(1));
    if (other.agent.response(0) !== null && other.agent.write(0, messageOf(2))) other.agent.ring();
  }
  assertEquals([other.port.requests.length, turns], [20, 20], "a command in each turn");
  assertEquals(hostile.port.requests.length, 20, "and one of the storm's");
  other.agent.disconnect();
  hostile.port.during = () => {};
  other.site.close();
});

/** Truncates the file of one mailbox while another of the same event loop is served. */
function testTruncated(name: string, body: (mailbox: ServedMailbox) => void): void {
  for (const version of VERSIONS) {
    Deno.test(`mailbox (MHUv${version}) survives a file that is truncated ${name}`, () => {
      const line = new TestLine();
      const lost = serveMailbox(version, { interrupts: [line, line, line] });
      const other = serveMailbox(version, {}, lost.site.reactor);
      lost.port.sink!.send(createMessageBuffer(8), 8);
      body(lost);
      lost.agent.settle();
      assertEquals([lost.port.sink, lost.port.resetCount, line.isHigh], [null, 1, false]);
      assertEquals(lost.site.reports.filter((text) => /the file was truncated/.test(text)).length, 1);
      assertServes(other);
      other.agent.disconnect();
      lost.agent.disconnect();
      other.site.close();
      lost.site.close();
    });
  }
}

testTruncated("while nothing happens", ({ site }) => Deno.truncateSync(site.path, 0));

testTruncated("behind the registers", ({ site, agent }) => {
  Deno.truncateSync(site.path, 0x30000);
  agent.ring();
});

testTruncated("while a command is served", ({ site, agent, port }) => {
  port.during = () => Deno.truncateSync(site.path, 0);
  agent.write(0, messageOf(1));
  agent.ring();
});

testTruncated("before a message of the platform", ({ site, port }) => {
  Deno.truncateSync(site.path, 0);
  assertEquals(port.sink!.send(createMessageBuffer(8), 8), "full");
});

/** Tries to serve a mailbox; returns the one line that says why not. */
function refusal(reactor: Reactor, options: MailboxOptions): string {
  const endpoint = listenMailbox(reactor, options, new TestPort());
  assert("error" in endpoint, "it is served");
  assert(!endpoint.error.includes("\n"));
  return endpoint.error;
}

testMailbox("survives an agent that writes past the end of an area, and has warned of it", (mailbox) => {
  const { site, agent, port } = mailbox;
  assertMatch(
    site.reports.join(),
    /^mailbox:\S+: a command area at 0x30080 begins less than 156 bytes behind the command area at 0x30000, /,
  );
  agent.write(1, messageOf(2));
  // As Linux 6.12 does with its largest message: 156 bytes of an area that has 128.
  assert(agent.write(0, messageOf(1, 128)));
  agent.areas[1]!.bytes.fill(0xff, 0, 28);
  for (const slot of [0, 1]) agent.ring(slot);
  agent.settle();
  assertEquals(
    agent.areas[0]!.words[STATUS_WORD],
    CHANNEL_FREE | CHANNEL_ERROR,
    "it is longer than its area",
  );
  assertEquals(port.requests.length, 0);
  agent.response(0);
  assertServes(mailbox);
}, { commandOffsets: [0x30000, 0x30080], areaSize: 128 });

Deno.test("mailbox says in one line why it cannot be, and leaves nothing behind", () => {
  const folder = Deno.makeTempDirSync();
  const reactor = createReactor();
  const path = `${folder}/ram`;
  const good = mailboxOptions(path, 1);
  const cases: [Partial<MailboxOptions>, RegExp][] = [
    [{ commandOffsets: [0x1ffc] }, /the MHU .* and a command area .* overlap/],
    [{ mhuOffset: 0x33ffc }, /a command area|notification area.*overlap/],
    [{ commandOffsets: [0x30000, 0x31ffc] }, /command area .* and a command area .* overlap/],
    [{ notificationOffset: 0x31ffc }, /command area .* and the notification area .* overlap/],
    [{ version: 3, mhuOffset: 0x14000 }, /the MHU .* and a command area .* overlap/],
    [{ commandOffsets: [] }, /no area for commands is given: give one/],
    [{ commandOffsets: [0x2000, 0x4000, 0x6000] }, /4 areas need as many doorbells, and MHUv1 has 3 here/],
    [
      {
        version: 2,
        commandOffsets: Array.from({ length: 17 }, (_, i) => 0x4000 + i * 0x2000),
        notificationOffset: null,
      },
      /17 areas need .* MHUv2 has 16 here/,
    ],
    [{ areaSize: 124 }, /an area of 124 bytes is too small/],
    [{ areaSize: NaN }, /too small/],
    [{ areaSize: 130 }, /no whole words/],
    [{ mhuOffset: 0x1002 }, /0x1002 .*no multiple of 4 \(the MHU\)$/],
    [{ commandOffsets: [0x30001] }, /no multiple of 4 \(a command area\)$/],
    [{ notificationOffset: -4 }, /the notification area/],
    [{ notificationOffset: NaN }, /the notification area/],
    [{ notificationOffset: 0x5f000 }, /beyond the end of its file \(the notification area\)$/],
    [{ commandOffsets: [2 ** 40] }, /beyond the end of its file \(a command area\)$/],
    [{ mhuOffset: 2 ** 53 }, /\(the MHU\)$/],
    [{ createSize: null }, /Cannot open .*ram: no such file/],
    [{ createSize: 4096 }, /beyond the end of its file/],
    [{ path: folder }, /it has to be a file of yours/],
    [{ path: `${folder}/none/ram` }, /none\/ram: no such file or directory/],
  ];
  for (const [change, expected] of cases) {
    assertMatch(refusal(reactor, { ...good, ...change }), expected);
    assertEquals([...Deno.readDirSync(folder)], [], JSON.stringify(change));
  }
  assertEquals(findWatcher(reactor), undefined);
  reactor.close();
  Deno.removeSync(folder, { recursive: true });
});
