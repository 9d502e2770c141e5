// Agents that end without a word and begin anew: memory stays as it was, so a mailbox goes by what drivers store when they
// begin. Linux's stores are those of transports.md 2.3 to 2.5.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createMessageBuffer } from "../../transports/channel.ts";
import { REPORTS_PER_ENDPOINT } from "../../transports/bounded_reports.ts";
import { CHANNEL_FREE, STATUS_WORD } from "../../transports/smt/layout.ts";
import { MailboxSite, TestLine } from "../contract/mailbox.ts";
import { type ServedMailbox, serveMailbox, testMailbox, VERSIONS } from "../support/mailbox_fixture.ts";
import { messageOf, TestPort } from "../support/smt_fixture.ts";

const TWO_CHANNELS = { commandOffsets: [0x30000, 0x32000] };

/** Has a command served that asks for no interrupt. */
function ask({ agent }: ServedMailbox): void {
  assert(agent.write(0, messageOf(1)));
  agent.areas[0]!.words[4] = 0;
  agent.ring();
  agent.settle();
  assert(agent.response(0) !== null);
}

for (const version of VERSIONS) {
  Deno.test(`mailbox (MHUv${version}) is attached when an agent begins, or sends its first command`, () => {
    for (const begins of [true, false]) {
      const port = new TestPort();
      const site = new MailboxSite(() => port, version);
      const agent = site.connect();
      agent.settle();
      assertEquals(port.sink, null, "nobody is there");
      if (begins) agent.begin();
      else {
        agent.write(0, messageOf(1));
        agent.ring();
      }
      agent.settle();
      assert(port.sink !== null);
      assertEquals([port.resetCount, port.requests.length], [0, begins ? 0 : 1]);
      agent.disconnect();
      site.close();
    }
  });
}

testMailbox("frees what a dead agent has left when the next one begins", (mailbox) => {
  const { agent, port } = mailbox;
  ask(mailbox);
  // A message that it has not read, and a command half written.
  assertEquals(port.sink!.send(createMessageBuffer(8), 8), "sent");
  Atomics.store(agent.areas[0]!.words, STATUS_WORD, 0);
  agent.settle();
  const status = () => agent.areas.map(({ words }) => words[STATUS_WORD]);
  assertEquals([status(), agent.status(1)], [[0, 0], 1]);

  agent.begin();
  agent.settle();
  assertEquals([status(), agent.status(1)], [[CHANNEL_FREE, CHANNEL_FREE], 0]);
  assertEquals(port.resetCount, 1, "what it had asked for is void");
  ask(mailbox);
  assertEquals(port.sink!.send(createMessageBuffer(8), 8), "sent");
  assertEquals([agent.status(1), port.resetCount], [1, 1]);
});

testMailbox(
  "does not carry out what a dead agent had half written, though its area is rung for",
  (mailbox) => {
    const { site, agent, port } = mailbox;
    agent.write(0, messageOf(0x666));
    agent.settle();
    agent.begin();
    agent.settle();
    agent.ring();
    agent.settle();
    assertEquals(port.requests.length, 0);
    assertMatch(site.reports.join(), /rung while the channel was free$/);
  },
);

testMailbox("leaves alone what an agent has written since it began, rung for or not", (mailbox) => {
  const { agent, port } = mailbox;
  for (const isRung of [true, false]) {
    agent.begin();
    agent.begin(1);
    agent.write(0, messageOf(0x42));
    if (isRung) agent.ring();
    agent.settle();
    if (!isRung) {
      agent.ring();
      agent.settle();
    }
    assertEquals([port.requests.at(-1)?.[0], agent.response(0)?.length], [0x42, 12]);
    agent.clear(0);
    agent.settle();
  }
  assertEquals(port.requests.length, 2);
});

testMailbox("takes an acknowledgement that is stored twice for nothing more", (mailbox) => {
  const { agent, port } = mailbox;
  agent.write(0, messageOf(1));
  agent.ring();
  agent.settle();
  for (let i = 0; i < 3; i++) {
    agent.clear(0);
    agent.settle();
  }
  assertEquals([agent.status(0), port.resetCount], [0, 0]);
});

testMailbox(
  "resets nothing when a driver that has asked for nothing opens its channels one by one",
  ({ agent, port }) => {
    for (const slot of [0, 1, 0, 1]) {
      agent.begin(slot);
      agent.settle();
    }
    assertEquals([port.resetCount, port.sink !== null], [0, true]);
  },
);

testMailbox("tells of each agent's mistakes, and of a bounded number in all", ({ site, agent }) => {
  for (let i = 1; i <= 2 * REPORTS_PER_ENDPOINT; i++) {
    agent.begin();
    agent.settle();
    agent.ring();
    agent.settle();
    if (i < 4) assertEquals(site.reports.length, i);
  }
  assertEquals(site.reports.length, REPORTS_PER_ENDPOINT);
  assertMatch(site.reports.at(-1)!, /no more is told/);
});

testMailbox("begins anew when its file was emptied and made as long again between two looks", (mailbox) => {
  const { site, agent, port } = mailbox;
  ask(mailbox);
  const before = agent.registers.words.slice();
  const { size } = Deno.statSync(site.path);
  Deno.truncateSync(site.path, 0);
  Deno.truncateSync(site.path, size);
  assertEquals(agent.registers.words.some((word) => word !== 0), false);
  agent.settle();
  assertEquals([...agent.registers.words], [...before]);
  assertEquals([agent.areas[0]!.words[STATUS_WORD], port.resetCount, port.sink], [CHANNEL_FREE, 1, null]);
  assertMatch(site.reports.join(), /the mailbox begins anew$/);
  ask(mailbox);
});

testMailbox("forgets an agent whose guest is lost until another one begins", (_mailbox, version) => {
  const line = new TestLine();
  const { site, agent, port } = serveMailbox(version, { interrupts: [line, line, line] });
  agent.write(0, messageOf(1));
  agent.ring();
  agent.settle();
  line.onGuestLost!();
  assertEquals([port.sink, port.resetCount, line.isHigh], [null, 1, false]);
  agent.settle();
  assertEquals(port.sink, null, "nobody has come");
  agent.begin();
  agent.settle();
  assertEquals([port.sink !== null, port.resetCount], [true, 1]);
  agent.disconnect();
  site.close();
});

for (const version of [2, 3] as const) {
  Deno.test(`mailbox (MHUv${version}) answers all that was rung for in one look with one interrupt`, () => {
    const line = new TestLine();
    const { site, agent, port } = serveMailbox(version, { ...TWO_CHANNELS, interrupts: [line] });
    port.during = () => assertEquals(line.edgeCount, 0, "not before all are served");
    for (const slot of [0, 1]) {
      agent.write(slot, messageOf(slot));
      agent.ring(slot);
    }
    agent.settle();
    assertEquals([agent.status(0), agent.status(1), line.isHigh, line.edgeCount], [1, 1, true, 1]);
    agent.clear(0);
    agent.clear(1);
    agent.settle();
    assertEquals([line.isHigh, line.edgeCount], [false, 1]);
    agent.disconnect();
    site.close();
  });
}
