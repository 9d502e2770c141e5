// The eventq: how delayed responses and notifications reach a guest, and what bad event buffers do. transports.md 3.2
// and chapter 8, item 18.

import { assert, assertEquals } from "@std/assert";
import { createMessageBuffer } from "../../transports/channel.ts";
import { type BackEnd, VERSION_ANSWER, VERSION_COMMAND, withBackEnd } from "../support/front_end_fixture.ts";
import { BUFFER_REGION, OUTSIDE } from "../support/virtio_driver_memory.ts";
import { NEXT_FLAG, WRITE_FLAG } from "../support/virtio_driver_queue.ts";
import { ALL_FEATURES, FEATURES, type FrontEnd } from "../support/vhost_user_front_end.ts";

const EVENT = createMessageBuffer(20);
EVENT.bytes.set([...Array(20).keys()].map((i) => i + 1));

/** A started front-end without event buffers. */
function startWithoutBuffers(backEnd: BackEnd, queueSize = 64): FrontEnd {
  const frontEnd = backEnd.negotiate({ queueSize });
  frontEnd.startDevice();
  return frontEnd;
}

function send(backEnd: BackEnd, size = 20): string | undefined {
  return backEnd.port.sink?.send(EVENT, size);
}

Deno.test("eventq carries events in order, in the buffers of the guest, and calls it", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    frontEnd.eventq.takeCalls();
    for (let size = 8; size <= 20; size += 4) assertEquals(send(backEnd, size), "sent");
    for (let size = 8; size <= 20; size += 4) assertEquals(frontEnd.takeEvent(), EVENT.bytes.slice(0, size));
    assertEquals([frontEnd.takeEvent(), frontEnd.eventq.takeCalls() > 0], [null, true]);
    assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
  });
});

Deno.test("eventq takes no buffer before it has something to send", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assertEquals(send(backEnd), "sent");
    assertEquals(frontEnd.stopDevice(), [0, 1]);
  });
});

Deno.test("eventq without a buffer is full, and tells the platform when there is one", () => {
  withBackEnd((backEnd) => {
    const frontEnd = startWithoutBuffers(backEnd);
    const ready = backEnd.port.p2aReadyCount;
    for (let i = 0; i < 100; i++) {
      assertEquals(send(backEnd), "full");
      frontEnd.offerEventBuffer(i % 64);
      frontEnd.eventq.submit();
      frontEnd.settle();
      assertEquals(backEnd.port.p2aReadyCount, ready + i + 1);
      assertEquals(send(backEnd), "sent");
      assertEquals(frontEnd.takeEvent(), EVENT.bytes);
    }
  });
});

Deno.test("eventq does not wake the platform for buffers that it does not wait for", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const ready = backEnd.port.p2aReadyCount;
    for (let i = 0; i < 5; i++) {
      frontEnd.offerEventBuffer(i);
      frontEnd.eventq.submit();
      frontEnd.eventq.kick();
      frontEnd.settle();
    }
    assertEquals(backEnd.port.p2aReadyCount, ready);
  });
});

Deno.test("eventq is attached exactly while P2A_CHANNELS is negotiated", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start({ features: ALL_FEATURES & ~FEATURES.p2a });
    assertEquals(backEnd.port.sink, null);
    assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
    frontEnd.close();
    backEnd.start();
    assert(backEnd.port.sink !== null);
  });
});

Deno.test("eventq that is stopped or disabled is full, and tells the platform when it runs again", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    frontEnd.enable(1, false);
    assertEquals(send(backEnd), "full");
    const ready = backEnd.port.p2aReadyCount;
    frontEnd.enable(1, true);
    assertEquals([backEnd.port.p2aReadyCount, send(backEnd)], [ready + 1, "sent"]);
    const base = frontEnd.stopQueue(1);
    assertEquals(send(backEnd), "full");
    frontEnd.startQueue(1, base);
    assertEquals([backEnd.port.p2aReadyCount, send(backEnd)], [ready + 2, "sent"]);
    assertEquals([frontEnd.takeEvent(), frontEnd.takeEvent()], [EVENT.bytes, EVENT.bytes]);
  });
});

Deno.test("eventq drops an event that is too long for the next buffer, and keeps that for another", () => {
  withBackEnd((backEnd) => {
    const frontEnd = startWithoutBuffers(backEnd);
    frontEnd.offerEventBuffer(0, 12);
    frontEnd.eventq.submit();
    assertEquals([send(backEnd, 20), send(backEnd, 20), send(backEnd, 12)], ["dropped", "dropped", "sent"]);
    assertEquals(frontEnd.takeEvent(), EVENT.bytes.slice(0, 12));
  });
});

Deno.test("eventq gives bad buffers back with length 0 and uses the next good one", () => {
  withBackEnd((backEnd) => {
    const frontEnd = startWithoutBuffers(backEnd);
    const at = frontEnd.eventAddress(0);
    const bad = [
      [{ address: at, size: 136 }],
      [{ address: at, size: 8 }, { address: at, size: 136, flags: WRITE_FLAG }],
      [{ address: at, size: 1, flags: WRITE_FLAG }],
      [{ address: at, size: 0, flags: WRITE_FLAG }],
      [{ address: OUTSIDE, size: 136, flags: WRITE_FLAG }],
    ];
    bad.forEach((chain, i) => {
      frontEnd.eventq.describeChain(10 + 2 * i, chain);
      frontEnd.eventq.offer(10 + 2 * i);
    });
    frontEnd.eventq.describe(30, { address: at, size: 8, flags: WRITE_FLAG | NEXT_FLAG, next: 30 });
    frontEnd.eventq.offer(30);
    frontEnd.offerEventBuffer(5);
    frontEnd.eventq.submit();
    frontEnd.settle();
    assertEquals(send(backEnd), "sent");
    const used = Array.from({ length: 7 }, () => frontEnd.eventq.take());
    assertEquals(used.map((element) => element?.head), [10, 12, 14, 16, 18, 30, 5]);
    assertEquals(used.map((element) => element?.size), [0, 0, 0, 0, 0, 0, 20]);
    assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
  });
});

Deno.test("eventq full of bad buffers gives all back and is full", () => {
  withBackEnd((backEnd) => {
    const frontEnd = startWithoutBuffers(backEnd, 16);
    for (let i = 0; i < 16; i++) {
      frontEnd.eventq.describe(i, { address: BUFFER_REGION, size: 8 });
      frontEnd.eventq.offer(i);
    }
    frontEnd.eventq.submit();
    assertEquals(send(backEnd), "full");
    assertEquals(frontEnd.eventq.usedCount, 16);
  });
});

Deno.test("eventq full of long bad chains is left after a turn's work, and gone on with in the next turns", () => {
  withBackEnd((backEnd) => {
    const size = 1024;
    const frontEnd = startWithoutBuffers(backEnd, size);
    const at = frontEnd.eventAddress(0);
    // Each of these heads begins a loop through the whole table.
    for (let i = 0; i < size; i++) {
      frontEnd.eventq.describe(i, {
        address: at,
        size: 0,
        flags: WRITE_FLAG | NEXT_FLAG,
        next: (i + 1) % size,
      });
    }
    for (let i = 0; i < 24; i++) frontEnd.eventq.offer(i);
    frontEnd.eventq.submit();
    frontEnd.settle();
    const ready = backEnd.port.p2aReadyCount;
    assertEquals([send(backEnd), send(backEnd)], ["full", "full"]);
    assertEquals(frontEnd.eventq.usedCount, 3, "three of them are a turn's work");
    for (let i = 2; i <= 8; i++) {
      frontEnd.settle();
      assertEquals([backEnd.port.p2aReadyCount - ready, send(backEnd)], [i - 1, "full"]);
      assertEquals(frontEnd.eventq.usedCount, 3 * i);
    }
    assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
  });
});

Deno.test("eventq whose available index is impossible stops; the cmdq goes on", () => {
  withBackEnd((backEnd) => {
    const frontEnd = startWithoutBuffers(backEnd);
    frontEnd.eventq.forceAvailableIndex(20_000);
    assertEquals([send(backEnd), send(backEnd)], ["full", "full"]);
    frontEnd.settle();
    assertEquals(backEnd.reports, [
      `virtio:${backEnd.path}: the available index of queue 1 is impossible: the ring is stopped`,
    ]);
    assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
  });
});

Deno.test("eventq is used from inside a command, ahead of its answer", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const serve = backEnd.port.serve.bind(backEnd.port);
    backEnd.port.serve = (request, size, reply, room) => {
      assertEquals(send(backEnd), "sent");
      return serve(request, size, reply, room);
    };
    assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
    assertEquals(frontEnd.takeEvent(), EVENT.bytes);
  });
});
