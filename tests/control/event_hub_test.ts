// Who listens to events gets them in order, loses the oldest never and the newest when slow, and holds nobody
// up.
import { assertEquals } from "@std/assert";
import { EventHub, EventQueue, LISTENER_COUNT_MAX } from "../../scp/control/event_hub.ts";
import type { EventView } from "../../scp/control/views.ts";
import { createLocalCore } from "./local_core.ts";

function eventAt(timeUs: number): EventView {
  const message = { message: "X", status: "SUCCESS", size: 8 };
  const nothing = { isAttached: null, change: null, resource: null, decision: null };
  return { kind: "command", timeUs, agentId: 1, ...message, ...nothing };
}

Deno.test("EventQueue hands over what waits, in order", async () => {
  const queue = new EventQueue();
  queue.push([eventAt(1), eventAt(2)], 0);
  queue.push([eventAt(3)], 5);
  assertEquals(await queue.next(), { events: [eventAt(1), eventAt(2), eventAt(3)], droppedCount: 5 });
});

Deno.test("EventQueue keeps a bounded number of events and counts the rest", async () => {
  const queue = new EventQueue();
  const batch = Array.from({ length: 300 }, (_, i) => eventAt(i));
  for (let i = 0; i < 10; i++) queue.push(batch, 0);
  const part = await queue.next();
  assertEquals([part!.events.length, part!.droppedCount], [1024, 3000 - 1024]);
});

Deno.test("EventQueue wakes who waits, and ends with null", async () => {
  const queue = new EventQueue();
  const waiting = queue.next();
  queue.push([eventAt(1)], 0);
  assertEquals((await waiting)!.events.length, 1);
  const last = queue.next();
  queue.close();
  assertEquals(await last, null);
  assertEquals(await queue.next(), null);
});

Deno.test("EventHub tells every listener, from when it began to listen", async () => {
  const core = createLocalCore();
  const channel = core.platform.machine.openChannel("OSPM")!;
  channel.reset();
  const hub = new EventHub(core.client);
  const queues = [(await hub.listen())!, (await hub.listen())!];
  channel.reset();
  for (const queue of queues) {
    const part = await queue.next();
    assertEquals(part!.events.map(({ kind }) => kind), ["channelReset"]);
    hub.leave(queue);
  }
});

Deno.test("EventHub ends its listeners when the core is gone", async () => {
  const core = createLocalCore();
  let isGone = false;
  const hub = new EventHub({
    call: (name, params) =>
      isGone
        ? Promise.resolve({ ok: false, reason: "gone", problem: "ended" })
        : core.client.call(name, params),
  });
  const queue = (await hub.listen())!;
  isGone = true;
  assertEquals(await queue.next(), null);
});

Deno.test("EventHub ends who begins to listen when the core is gone already", async () => {
  const gone = { ok: false, reason: "gone", problem: "ended" } as const;
  const queue = (await new EventHub({ call: () => Promise.resolve(gone) }).listen())!;
  assertEquals(await queue.next(), null);
});

Deno.test("EventHub turns away more listeners than it serves", async () => {
  const hub = new EventHub(createLocalCore().client);
  const queues = [];
  for (let i = 0; i < LISTENER_COUNT_MAX; i++) queues.push((await hub.listen())!);
  assertEquals(await hub.listen(), null);
  hub.leave(queues.pop()!);
  const again = await hub.listen();
  assertEquals(again === null, false);
  for (const queue of [...queues, again!]) hub.leave(queue);
});
