// The platform's side of a P2A area: one message at a time, and nothing waits for an agent that never frees it.
// transports.md 1.5 and chapter 8, 10.
import { assert, assertEquals } from "@std/assert";
import { NOTIFICATIONS_WAITING_MAX } from "../../scp/core/limits.ts";
import { Outbox } from "../../scp/server/outbox.ts";
import { createMessageBuffer, type MessageBuffer } from "../../transports/channel.ts";
import { CHANNEL_FREE, LENGTH_WORD, STATUS_WORD } from "../../transports/smt/layout.ts";
import { SmtNotificationArea } from "../../transports/smt/notification_area.ts";
import { messageOf, TestArea, TestPort } from "../support/smt_fixture.ts";

const HEADER = 0x0000_5601;

function bufferOf(bytes: Uint8Array): MessageBuffer {
  const message = createMessageBuffer(4096);
  message.bytes.set(bytes);
  return message;
}

function fixture(wantsInterrupt = false) {
  const area = new TestArea();
  const port = new TestPort();
  const rings: number[] = [];
  const sink = new SmtNotificationArea(
    area.window,
    port,
    () => rings.push(Atomics.load(area.window.words, STATUS_WORD)),
    { wantsInterrupt },
  );
  sink.initialise();
  const send = (header: number, payloadSize = 8) =>
    sink.send(bufferOf(messageOf(header, payloadSize)), payloadSize + 4);
  return { area, port, rings, sink, send };
}

Deno.test("SmtNotificationArea.send() writes the message, marks the area busy, then rings", () => {
  const { area, rings, send } = fixture();
  assertEquals(area.status, CHANNEL_FREE);
  assertEquals(send(HEADER, 16), "sent");
  assertEquals([...area.message()], [...messageOf(HEADER, 16)]);
  assertEquals(area.status, 0);
  assertEquals(rings, [0]);
  area.assertNeighboursUntouched();
});

Deno.test("SmtNotificationArea.send() marks the area busy after it has written all the rest", () => {
  const { area, send } = fixture();
  const store = Atomics.store;
  let isWhole = false;
  Atomics.store = ((...args: Parameters<typeof store>) => {
    isWhole = area.window.words[LENGTH_WORD] === 20 && area.window.bytes[24 + 19] === 20;
    return store(...args);
  }) as typeof store;
  try {
    send(HEADER, 16);
  } finally {
    Atomics.store = store;
  }
  assert(isWhole);
});

Deno.test("SmtNotificationArea asks for a doorbell back only where that is wanted", () => {
  for (const wantsInterrupt of [false, true]) {
    const { area, send } = fixture(wantsInterrupt);
    send(HEADER);
    assertEquals(area.read().flags, wantsInterrupt ? 1 : 0);
  }
});

Deno.test("SmtNotificationArea.send() is full until the agent has freed the area, and leaves it alone", () => {
  const { area, rings, sink, port, send } = fixture();
  send(HEADER);
  assertEquals(sink.isWaiting, false);
  const before = area.window.bytes.slice();
  for (const status of [0, 2, -2, 0xff00]) {
    area.status = status;
    assertEquals(send(HEADER + 1), "full", `status ${status}`);
  }
  area.status = 0;
  assertEquals([...area.window.bytes], [...before]);
  assertEquals([rings.length, sink.isWaiting], [1, true]);
  sink.poll();
  assertEquals(port.readyCount, 0);
  area.status = CHANNEL_FREE;
  sink.poll();
  sink.poll();
  assertEquals(port.readyCount, 1);
  assertEquals(send(HEADER + 2), "sent");
  assertEquals(area.read().header, HEADER + 2);
});

Deno.test("SmtNotificationArea.poll() tells nobody of an area that nobody waits for", () => {
  const { area, port, sink, send } = fixture();
  sink.poll();
  send(HEADER);
  area.status = CHANNEL_FREE;
  sink.poll();
  assertEquals(port.readyCount, 0);
});

Deno.test("SmtNotificationArea.send() drops what is longer than the area and takes what just fits", () => {
  const { area, rings, send } = fixture();
  for (const payloadSize of [101, 104, 4092]) assertEquals(send(HEADER, payloadSize), "dropped");
  assertEquals([rings.length, area.isFree], [0, true]);
  assertEquals(send(HEADER, 100), "sent");
  area.assertNeighboursUntouched();
});

Deno.test("SmtNotificationArea carries messages of every length unchanged", () => {
  const { area, send } = fixture();
  for (let payloadSize = 0; payloadSize <= 100; payloadSize++) {
    assertEquals(send(HEADER, payloadSize), "sent");
    assertEquals([...area.message()], [...messageOf(HEADER, payloadSize)]);
    area.status = CHANNEL_FREE;
  }
});

Deno.test("SmtNotificationArea that is never freed costs the platform a bounded queue, and then brings the newest", () => {
  const { area, port, sink } = fixture();
  const outbox = new Outbox(() => {});
  outbox.attach(sink);
  port.onReady = () => outbox.flush();
  const post = (header: number, isNotification: boolean) => {
    outbox.draft.bytes.set(messageOf(header));
    outbox.post(8, isNotification);
  };
  post(1, true);
  post(2, false);
  for (let header = 3; header < 1000; header++) {
    post(header, true);
    sink.poll();
  }
  assertEquals(area.read().header, 1);
  const taken: number[] = [];
  while (!area.isFree) {
    taken.push(area.read().header);
    area.status = CHANNEL_FREE;
    sink.poll();
  }
  const newest = Array.from(
    { length: NOTIFICATIONS_WAITING_MAX },
    (_, i) => 1000 - NOTIFICATIONS_WAITING_MAX + i,
  );
  assertEquals(taken, [1, 2, ...newest]);
});

Deno.test("SmtNotificationArea.initialise() forgets what waited", () => {
  const { area, port, sink, send } = fixture();
  send(HEADER);
  send(HEADER);
  sink.initialise();
  assertEquals([area.isFree, sink.isWaiting, area.read().length], [true, false, 0]);
  sink.poll();
  assertEquals(port.readyCount, 0);
});
