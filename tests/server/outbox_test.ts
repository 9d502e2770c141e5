// What happens to notifications and delayed responses when the agent takes none: order, bounds, what may be dropped.
import { assertEquals } from "@std/assert";
import { NOTIFICATIONS_WAITING_MAX } from "../../scp/core/limits.ts";
import { Outbox } from "../../scp/server/outbox.ts";
import type { MessageBuffer, P2aResult, P2aSink } from "../../transports/channel.ts";

/** A sink that takes so many messages, and remembers the first word of each. */
class CountingSink implements P2aSink {
  readonly taken: number[] = [];
  room = 0;
  result: P2aResult = "sent";

  send(message: MessageBuffer, size: number): P2aResult {
    assertEquals(size, 4);
    if (this.room === 0) return "full";
    this.room--;
    if (this.result === "sent") this.taken.push(message.view.getUint32(0, true));
    return this.result;
  }
}

function setup() {
  const events: string[] = [];
  const outbox = new Outbox((event, isNotification, message) =>
    events.push(`${event} ${isNotification ? "n" : "d"}${message.getUint32(0, true)}`)
  );
  const sink = new CountingSink();
  const post = (value: number, isNotification: boolean) => {
    outbox.draft.view.setUint32(0, value, true);
    outbox.post(4, isNotification);
  };
  return { events, outbox, sink, post };
}

Deno.test("Outbox without a sink drops and says so, also when it is told that there is room", () => {
  const { events, outbox, post } = setup();
  post(1, true);
  outbox.flush();
  assertEquals(events, ["dropped n1"]);
});

Deno.test("Outbox keeps the order when the sink is full for a while", () => {
  const { outbox, sink, post } = setup();
  outbox.attach(sink);
  sink.room = 1;
  for (let i = 1; i <= 4; i++) post(i, i % 2 === 0);
  assertEquals(sink.taken, [1]);
  sink.room = 2;
  outbox.flush();
  assertEquals(sink.taken, [1, 2, 3]);
  sink.room = 9;
  // A message posted now stands behind those that wait.
  post(5, true);
  outbox.flush();
  assertEquals(sink.taken, [1, 2, 3, 4, 5]);
});

Deno.test("Outbox drops the oldest notification for a newer one, and never a delayed response", () => {
  const { events, outbox, sink, post } = setup();
  outbox.attach(sink);
  post(1000, false);
  for (let i = 0; i < NOTIFICATIONS_WAITING_MAX + 2; i++) post(i, true);
  assertEquals(events, ["dropped n0", "dropped n1"]);
  sink.room = Infinity;
  outbox.flush();
  assertEquals(sink.taken[0], 1000);
  assertEquals(sink.taken[1], 2);
  assertEquals(sink.taken.length, NOTIFICATIONS_WAITING_MAX + 1);
});

Deno.test("Outbox goes on behind a message that can never be delivered", () => {
  const { events, outbox, sink, post } = setup();
  outbox.attach(sink);
  sink.room = Infinity;
  sink.result = "dropped";
  post(1, true);
  sink.result = "sent";
  post(2, true);
  assertEquals(events, ["dropped n1", "sent n2"]);
});

Deno.test("Outbox gives up what waits when the sink changes", () => {
  const { outbox, sink, post } = setup();
  outbox.attach(sink);
  post(1, true);
  const next = new CountingSink();
  next.room = 9;
  outbox.attach(next);
  outbox.flush();
  assertEquals(next.taken, []);
});
