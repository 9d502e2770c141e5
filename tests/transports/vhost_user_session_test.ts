// How connections begin, pause and end, in the order QEMU does it: transports.md 4.4 and 4.5, chapter 8 items 22, 28 and
// 29; and that guests do not disturb each other (item 6).

import { assert, assertEquals } from "@std/assert";
import { REQUEST } from "../../transports/vhost_user/messages.ts";
import { VERSION_ANSWER, VERSION_COMMAND, withBackEnd, withBackEnds } from "../support/front_end_fixture.ts";
import {
  ALL_FEATURES,
  CMDQ,
  EVENTQ,
  FEATURES,
  type FrontEnd,
  pair,
  u64,
} from "../support/vhost_user_front_end.ts";
import { WRITE_FLAG } from "../support/virtio_driver_queue.ts";

function assertServes(frontEnd: FrontEnd): void {
  assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
}

Deno.test("vhost-user session stops and goes on where it was, with nothing lost and the platform not reset", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (let i = 0; i < 5; i++) assertServes(frontEnd);
    const resets = backEnd.port.resetCount;
    const bases = frontEnd.stopDevice();
    assertEquals(bases, [5, 0]);
    assertEquals([frontEnd.stopQueue(CMDQ), frontEnd.stopQueue(EVENTQ)], [5, 0]); // asked again: the same
    frontEnd.cmdq.offer(frontEnd.prepare(1, VERSION_COMMAND, 136));
    frontEnd.cmdq.submit();
    frontEnd.settle();
    assertEquals([frontEnd.cmdq.usedCount, frontEnd.cmdq.takeCalls() > 1], [0, false]); // stopped is stopped
    assert(frontEnd.set(REQUEST.SET_FEATURES, u64(frontEnd.features)));
    for (const index of [CMDQ, EVENTQ]) frontEnd.startQueue(index, bases[index]!);
    for (const index of [CMDQ, EVENTQ]) frontEnd.enable(index, true);
    assertEquals(frontEnd.cmdq.take()?.size, 12);
    assertServes(frontEnd);
    assertEquals(backEnd.port.resetCount, resets);
  });
});

Deno.test("vhost-user session tells the platform of a guest that booted anew", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assertServes(frontEnd);
    const resets = backEnd.port.resetCount;
    frontEnd.stopDevice();
    for (const queue of frontEnd.queues) queue.clear();
    frontEnd.startDevice();
    assertEquals([backEnd.port.resetCount, backEnd.port.sink !== null], [resets + 1, true]);
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user session tells a guest that booted anew after 65536 chains from one that goes on", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const stopAtZero = () => {
      frontEnd.stopDevice();
      frontEnd.cmdq.forceAvailableIndex(65534);
      frontEnd.cmdq.forceUsedIndex(65534);
      frontEnd.startQueue(CMDQ, 65534);
      frontEnd.enable(CMDQ, true);
      for (let i = 0; i < 2; i++) assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
      assertEquals(frontEnd.stopQueue(CMDQ), 0);
    };
    stopAtZero();
    const before = backEnd.port.resetCount;
    frontEnd.startQueue(CMDQ, 0);
    frontEnd.enable(CMDQ, true);
    assertEquals([frontEnd.command(VERSION_COMMAND), backEnd.port.resetCount], [VERSION_ANSWER, before]);
    stopAtZero();
    const beforeBoot = backEnd.port.resetCount;
    for (const queue of frontEnd.queues) queue.clear();
    frontEnd.startDevice();
    assertEquals([frontEnd.command(VERSION_COMMAND), backEnd.port.resetCount], [
      VERSION_ANSWER,
      beforeBoot + 1,
    ]);
  });
});

Deno.test("vhost-user session serves a command whose kick came while the ring was disabled", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    frontEnd.enable(CMDQ, false);
    frontEnd.cmdq.offer(frontEnd.prepare(0, VERSION_COMMAND, 136));
    frontEnd.cmdq.submit();
    frontEnd.settle();
    assertEquals(frontEnd.cmdq.usedCount, 0);
    frontEnd.enable(CMDQ, true);
    assertEquals(frontEnd.cmdq.take()?.size, 12);
  });
});

Deno.test("vhost-user session calls the driver once after each start, whatever it asked for", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (let i = 0; i < 3; i++) {
      frontEnd.cmdq.takeCalls();
      frontEnd.cmdq.setUsedEvent(0x8000);
      assertServes(frontEnd);
      assertEquals(frontEnd.cmdq.takeCalls(), 1);
      assertServes(frontEnd);
      assertEquals(frontEnd.cmdq.takeCalls(), 0);
      frontEnd.startQueue(CMDQ, frontEnd.stopDevice()[CMDQ]!);
      frontEnd.enable(CMDQ, true);
    }
  });
});

Deno.test("vhost-user session takes the features anew at each start", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assertServes(frontEnd);
    frontEnd.stopDevice();
    for (const queue of frontEnd.queues) queue.clear();
    frontEnd.features = ALL_FEATURES & ~FEATURES.eventIndex;
    frontEnd.startDevice();
    frontEnd.cmdq.setUsedEvent(0x8000); // means nothing now
    assertServes(frontEnd);
    frontEnd.cmdq.takeCalls();
    assertServes(frontEnd);
    assertEquals(frontEnd.cmdq.takeCalls(), 1);
  });
});

Deno.test("vhost-user session uses the used index that the ring has, not one it remembers", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (let i = 0; i < 3; i++) assertServes(frontEnd);
    const [base] = frontEnd.stopDevice();
    frontEnd.cmdq.forceAvailableIndex(1000 + base! - 3);
    frontEnd.cmdq.forceUsedIndex(1000);
    frontEnd.startQueue(CMDQ, 1000);
    frontEnd.enable(CMDQ, true);
    assertEquals(frontEnd.cmdq.deviceUsedIndex, 1000);
    assertServes(frontEnd);
    assertEquals(frontEnd.cmdq.deviceUsedIndex, 1001);
  });
});

Deno.test("vhost-user session accepts a front-end that comes back and begins with SET_FEATURES", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (let i = 0; i < 3; i++) assertServes(frontEnd);
    frontEnd.cmdq.offer(frontEnd.prepare(1, VERSION_COMMAND, 136));
    frontEnd.disconnect(); // with a command unanswered
    frontEnd.cmdq.submit();
    backEnd.settle();
    frontEnd.reconnect(backEnd.path);
    assert(frontEnd.set(REQUEST.SET_FEATURES, u64(frontEnd.features))); // acknowledged, without negotiation
    assert(frontEnd.shareMemory());
    // QEMU takes the bases from the used rings then.
    frontEnd.startQueue(CMDQ, frontEnd.cmdq.deviceUsedIndex);
    frontEnd.startQueue(EVENTQ, frontEnd.eventq.deviceUsedIndex);
    for (const index of [CMDQ, EVENTQ]) frontEnd.enable(index, true);
    assertEquals(frontEnd.cmdq.take()?.size, 12);
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user session tells the platform when its guest is gone", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assert(backEnd.port.sink !== null);
    const resets = backEnd.port.resetCount;
    frontEnd.disconnect();
    backEnd.settle();
    assertEquals([backEnd.port.sink, backEnd.port.resetCount], [null, resets + 1]);
  });
});

Deno.test("vhost-user turns a second front-end away and serves the first one on", () => {
  withBackEnd((backEnd) => {
    const first = backEnd.start();
    const second = backEnd.connect();
    second.settle();
    assertEquals(second.receive(), "closed");
    assertEquals(backEnd.reports, [
      `virtio:${backEnd.path}: a second front-end was turned away: one is connected`,
    ]);
    assertServes(first);
  });
});

Deno.test("vhost-user takes the next front-end though it has not yet seen the former one go", () => {
  withBackEnd((backEnd) => {
    const former = backEnd.start();
    const next = backEnd.connect(); // the back-end runs only after both: it hears of the new one first
    former.disconnect();
    next.negotiate();
    next.startDevice();
    assertServes(next);
  });
});

Deno.test("vhost-user serves hundreds of connections one after the other", () => {
  withBackEnd((backEnd) => {
    for (let i = 0; i < 200; i++) {
      const frontEnd = backEnd.start();
      assertServes(frontEnd);
      if (i % 2 === 0) frontEnd.stopDevice();
      frontEnd.close();
    }
    backEnd.settle();
    assertEquals(backEnd.port.servedCount, 200);
  });
});

Deno.test("vhost-user lets go of everything when its endpoint is closed", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    backEnd.close();
    assertEquals(frontEnd.receive(), "closed");
    assertEquals(backEnd.port.sink, null);
  });
});

Deno.test("one misbehaving guest does not disturb three others", () => {
  withBackEnds(4, (bad, ...good) => {
    const guests = good.map((backEnd) => backEnd.start());
    const assertAllServed = () => guests.forEach(assertServes);
    const mischief: ((frontEnd: FrontEnd) => void)[] = [
      (f) => f.sendRaw(new Uint8Array(400).fill(0xff)),
      (f) => f.cmdq.forceAvailableIndex(40_000),
      (f) => f.cmdq.describe(0, { address: 0, size: 0xffffffff, flags: WRITE_FLAG }),
      (f) => f.shareMemory([]),
      (f) => f.set(REQUEST.SET_VRING_NUM, pair(CMDQ, 100)),
      (f) => f.memory.truncate(),
      (f) => f.close(),
    ];
    for (const misbehave of mischief) {
      const frontEnd = bad!.start({ isSealed: false });
      misbehave(frontEnd);
      if (!frontEnd.isClosed) frontEnd.cmdq.kick();
      assertAllServed();
      frontEnd.close();
      assertAllServed();
    }
    assert(bad!.servesFresh);
  });
});

Deno.test("a guest whose ring never gets empty does not starve another", () => {
  withBackEnds(2, (busy, calm) => {
    const flood = busy!.start();
    const head = flood.prepare(0, VERSION_COMMAND, 136);
    const offer = () => {
      flood.cmdq.offer(head);
      flood.cmdq.submit();
    };
    const serve = busy!.port.serve.bind(busy!.port);
    let isFlooding = true;
    busy!.port.serve = (request, size, reply, room) => {
      if (isFlooding) offer();
      return serve(request, size, reply, room);
    };
    const guest = calm!.start();
    offer();
    for (let i = 0; i < 10; i++) {
      guest.cmdq.offer(guest.prepare(0, VERSION_COMMAND, 136));
      guest.cmdq.submit();
      busy!.reactor.runOnce(0);
      assertEquals(guest.cmdq.take()?.size, 12, `turn ${i}`);
    }
    isFlooding = false;
    busy!.settle();
  });
});
