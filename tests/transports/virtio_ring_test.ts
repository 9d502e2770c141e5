// What a guest can put into its rings: transports.md chapter 8, items 1, 2 and 14 to 22. Each bad chain is given back
// with length 0 and costs nothing else; the ring goes on.

import { assert, assertEquals } from "@std/assert";
import { assertServes, goodRequest, goodRoom, HEAD, PLAIN, submitHead } from "../support/front_end_chain.ts";
import { type BackEnd, VERSION_ANSWER, VERSION_COMMAND, withBackEnd } from "../support/front_end_fixture.ts";
import { BUFFER_REGION, OUTSIDE, SECOND_BUFFER_REGION } from "../support/virtio_driver_memory.ts";
import { INDIRECT_FLAG, NEXT_FLAG, WRITE_FLAG, writeDescriptor } from "../support/virtio_driver_queue.ts";
import {
  cString,
  F_ADD_SEALS,
  F_SEAL_SHRINK,
  libc,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
} from "../../transports/ffi/libc.ts";
import { REQUEST } from "../../transports/vhost_user/messages.ts";
import { ALL_FEATURES, FEATURES, pair } from "../support/vhost_user_front_end.ts";

for (
  const [name, features, usesIndirect] of [
    ["EVENT_IDX and INDIRECT_DESC", ALL_FEATURES, true],
    ["EVENT_IDX", ALL_FEATURES & ~FEATURES.indirect, false],
    ["INDIRECT_DESC", ALL_FEATURES & ~FEATURES.eventIndex, true],
    ["neither ring feature", PLAIN, false],
  ] as const
) {
  Deno.test(`cmdq with ${name} serves thousands of commands over wrapping indices`, () => {
    withBackEnd((backEnd) => {
      const frontEnd = backEnd.start({ features, usesIndirect, queueSize: 16 });
      for (let round = 0; round < 8400; round++) {
        const depth = 1 + round % 8;
        for (let slot = 0; slot < depth; slot++) {
          frontEnd.cmdq.offer(frontEnd.prepare(slot, VERSION_COMMAND, 136));
        }
        frontEnd.cmdq.submit();
        frontEnd.settle();
        assertEquals(frontEnd.cmdq.usedCount, depth);
        while (frontEnd.cmdq.take() !== null);
      }
      assertEquals(backEnd.port.servedCount, 8400 / 8 * 36);
      assertServes(frontEnd);
    });
  });
}

Deno.test("cmdq with EVENT_IDX is kicked for the first of a burst only, and calls once for all", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assertServes(frontEnd);
    frontEnd.cmdq.takeCalls();
    const kicks = frontEnd.cmdq.kickCount;
    frontEnd.cmdq.askForCall();
    for (let slot = 0; slot < 20; slot++) {
      frontEnd.cmdq.offer(frontEnd.prepare(slot, VERSION_COMMAND, 136));
      frontEnd.cmdq.submit(); // the device runs only in `settle`: it has not asked again
    }
    frontEnd.settle();
    assertEquals([frontEnd.cmdq.usedCount, frontEnd.cmdq.kickCount - kicks, frontEnd.cmdq.takeCalls()], [
      20,
      1,
      1,
    ]);
  });
});

Deno.test("cmdq calls no driver that wants no call", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assertServes(frontEnd);
    frontEnd.cmdq.takeCalls();
    frontEnd.cmdq.setUsedEvent(0x8000);
    assertServes(frontEnd);
    assertEquals(frontEnd.cmdq.takeCalls(), 0);
  });
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start({ features: PLAIN });
    assertServes(frontEnd);
    frontEnd.cmdq.takeCalls();
    frontEnd.cmdq.setAvailableFlags(1);
    assertServes(frontEnd);
    assertEquals(frontEnd.cmdq.takeCalls(), 0);
    frontEnd.cmdq.setAvailableFlags(0);
    assertServes(frontEnd);
    assertEquals(frontEnd.cmdq.takeCalls(), 1);
  });
});

Deno.test("cmdq takes messages in any pieces, unaligned, and across regions", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const answerAt = SECOND_BUFFER_REGION - 6;
    const requestAt = SECOND_BUFFER_REGION - 2050;
    frontEnd.memory.write(requestAt, VERSION_COMMAND);
    frontEnd.cmdq.describeChain(HEAD, [
      { address: requestAt, size: 1 },
      { address: OUTSIDE, size: 0 }, // empty: nobody looks there
      { address: requestAt + 1, size: 3 },
      { address: answerAt, size: 8, flags: WRITE_FLAG },
      { address: BUFFER_REGION + 0x5001, size: 3, flags: WRITE_FLAG },
      { address: BUFFER_REGION + 0x5101, size: 0x1000, flags: WRITE_FLAG },
    ]);
    assertEquals(submitHead(frontEnd), { head: HEAD, size: 12 });
    const answer = [
      ...frontEnd.memory.read(answerAt, 8),
      ...frontEnd.memory.read(BUFFER_REGION + 0x5001, 3),
      ...frontEnd.memory.read(BUFFER_REGION + 0x5101, 1),
    ];
    assertEquals(answer, [...VERSION_ANSWER]);
  });
});

Deno.test("cmdq takes an indirect table that lies across two regions, behind plain descriptors", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const request = goodRequest(frontEnd);
    const table = SECOND_BUFFER_REGION - 24;
    const entries = new DataView(new ArrayBuffer(48));
    writeDescriptor(entries, 0, { address: request.address, size: 2, flags: NEXT_FLAG, next: 1 });
    writeDescriptor(entries, 16, {
      address: Number(request.address) + 2,
      size: 2,
      flags: NEXT_FLAG,
      next: 2,
    });
    writeDescriptor(entries, 32, goodRoom(frontEnd));
    frontEnd.memory.write(table, new Uint8Array(entries.buffer));
    // The WRITE flag beside INDIRECT means nothing.
    frontEnd.cmdq.describeChain(HEAD, [
      { address: OUTSIDE, size: 0 },
      { address: table, size: 48, flags: INDIRECT_FLAG | WRITE_FLAG },
    ]);
    assertEquals(submitHead(frontEnd), { head: HEAD, size: 12 });
  });
});

Deno.test("cmdq answers in the room there is, and nowhere else", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (
      const [room, expected] of [[0, 0], [3, 0], [7, 0], [8, 8], [11, 8], [12, 12], [0x2000, 12]] as const
    ) {
      const at = frontEnd.responseAddress(1);
      frontEnd.memory.write(at - 8, new Uint8Array(0x2010).fill(0xa5));
      frontEnd.memory.write(frontEnd.requestAddress(9), VERSION_COMMAND);
      frontEnd.cmdq.describeChain(HEAD, [
        { address: frontEnd.requestAddress(9), size: 4 },
        { address: at, size: room, flags: WRITE_FLAG },
      ]);
      assertEquals(submitHead(frontEnd), { head: HEAD, size: expected }, `room ${room}`);
      const around = [...frontEnd.memory.read(at - 8, 8), ...frontEnd.memory.read(at + expected, 16)];
      assert(around.every((byte) => byte === 0xa5), `room ${room}`);
    }
  });
});

Deno.test("cmdq carries out no command that it could not answer", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    let serveCount = 0;
    backEnd.port.serve = () => serveCount++;
    frontEnd.cmdq.describeChain(HEAD, [goodRequest(frontEnd)]);
    assertEquals(submitHead(frontEnd), { head: HEAD, size: 0 });
    assertEquals(serveCount, 0);
  });
});

Deno.test("cmdq refuses a command longer than any message with PROTOCOL_ERROR", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    frontEnd.memory.write(BUFFER_REGION + 0x4_0000, VERSION_COMMAND);
    frontEnd.cmdq.describeChain(HEAD, [
      { address: BUFFER_REGION + 0x4_0000, size: 0x2_0000 },
      goodRoom(frontEnd),
    ]);
    assertEquals(submitHead(frontEnd), { head: HEAD, size: 8 });
    const answer = [...frontEnd.memory.read(frontEnd.responseAddress(1), 8)];
    assertEquals(answer, [...VERSION_COMMAND, 0xf6, 0xff, 0xff, 0xff]);
    assertEquals(backEnd.port.servedCount, 0);
  });
});

Deno.test("cmdq gives back a head outside the table, as it was offered", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (const head of [64, 0xffff]) assertEquals(submitHead(frontEnd, head), { head, size: 0 });
    assertServes(frontEnd);
  });
});

Deno.test("cmdq serves a head that is offered several times at once each time", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const head = frontEnd.prepare(1, VERSION_COMMAND, 136);
    for (let i = 0; i < 8; i++) frontEnd.cmdq.offer(head);
    frontEnd.cmdq.submit();
    frontEnd.settle();
    assertEquals(frontEnd.cmdq.usedCount, 8);
    while (frontEnd.cmdq.take() !== null);
    assertServes(frontEnd);
  });
});

for (
  const [name, step] of [["jumps by 1000", 1000], ["steps back", -1], [
    "jumps by one more than fits",
    65,
  ]] as const
) {
  Deno.test(`cmdq whose available index ${name} stops, and only it`, () => {
    withBackEnd((backEnd) => {
      const frontEnd = backEnd.start();
      assertServes(frontEnd);
      frontEnd.cmdq.forceAvailableIndex(frontEnd.cmdq.availableIndex + step);
      frontEnd.cmdq.kick();
      frontEnd.settle();
      assertEquals([frontEnd.cmdq.usedCount, frontEnd.isAlive], [0, true]);
      assertEquals(backEnd.reports.length, 1);
      // A driver that begins anew is served again.
      frontEnd.stopDevice();
      for (const queue of frontEnd.queues) queue.clear();
      frontEnd.startDevice();
      assertServes(frontEnd);
    });
  });
}

Deno.test("cmdq that never gets empty is served in bounded pieces", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const head = frontEnd.prepare(0, VERSION_COMMAND, 136);
    const serve = backEnd.port.serve.bind(backEnd.port);
    let isFull = true;
    backEnd.port.serve = (request, size, reply, room) => {
      if (isFull) offer();
      return serve(request, size, reply, room);
    };
    const offer = () => {
      frontEnd.cmdq.offer(head);
      frontEnd.cmdq.submit();
    };
    offer();
    let before = 0;
    for (let turn = 0; turn < 5; turn++) {
      backEnd.reactor.runOnce(60_000); // does not sleep: work remains
      const served = backEnd.port.servedCount - before;
      assert(served > 100 && served < 2000, `${served} in one turn`);
      before = backEnd.port.servedCount;
    }
    isFull = false;
    frontEnd.settle();
    assert(frontEnd.isAlive);
  });
});

Deno.test("cmdq bounds the work on chains as long as the table", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start({ queueSize: 1024 });
    for (let i = 0; i < 1024; i++) {
      frontEnd.cmdq.describe(i, { address: OUTSIDE, size: 0, flags: NEXT_FLAG, next: (i + 1) % 1024 });
    }
    for (let i = 0; i < 1024; i++) frontEnd.cmdq.offer(i);
    frontEnd.cmdq.submit();
    backEnd.reactor.runOnce(0);
    assert(
      frontEnd.cmdq.usedCount > 0 && frontEnd.cmdq.usedCount < 10,
      `${frontEnd.cmdq.usedCount} in one turn`,
    );
    frontEnd.settle();
    assertEquals(frontEnd.cmdq.usedCount, 1024);
  });
});

Deno.test("cmdq survives a storm of kicks with nothing to do", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (let i = 0; i < 10_000; i++) frontEnd.cmdq.kick();
    frontEnd.settle();
    assertEquals(frontEnd.cmdq.usedCount, 0);
    assertServes(frontEnd);
  });
});

Deno.test("cmdq decides on the descriptors it has read, whatever the guest makes of them meanwhile", () => {
  withBackEnd((backEnd: BackEnd) => {
    const frontEnd = backEnd.start();
    const head = frontEnd.prepare(1, VERSION_COMMAND, 136);
    const serve = backEnd.port.serve.bind(backEnd.port);
    backEnd.port.serve = (request, size, reply, room) => {
      const answerSize = serve(request, size, reply, room);
      frontEnd.cmdq.describe(head + 1, { address: OUTSIDE, size: 0xffffffff, flags: WRITE_FLAG });
      frontEnd.memory.write(frontEnd.requestAddress(1), new Uint8Array(4).fill(0xff));
      return answerSize;
    };
    assertEquals(submitHead(frontEnd, head), { head, size: 12 });
    assertEquals(frontEnd.memory.read(frontEnd.responseAddress(1), 12), VERSION_ANSWER);
  });
});

Deno.test("cmdq refuses a command whose descriptors have more than 2^32 bytes together, and takes as much room", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const regions = frontEnd.memory.regions();
    const fd = libc.memfd_create(cString("scp-test-huge"), MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const size = 2n ** 33n;
    assert(fd >= 0 && libc.ftruncate(fd, size) === 0 && libc.fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) === 0);
    const huge = { guestAddress: 1n << 40n, size, userAddress: 1n << 41n, fileOffset: 0n };
    assert(frontEnd.shareMemory([...regions, huge], [...regions.map(() => frontEnd.memory.fd), fd]));
    libc.close(fd);
    const part = { address: 2 ** 40, size: 0xffff_fff0 };
    frontEnd.cmdq.describeChain(HEAD, [part, part, goodRoom(frontEnd)]);
    assertEquals(submitHead(frontEnd, HEAD), { head: HEAD, size: 8 });
    frontEnd.cmdq.describeChain(HEAD, [
      goodRequest(frontEnd),
      { ...part, flags: WRITE_FLAG },
      { ...part, flags: WRITE_FLAG },
    ]);
    assertEquals(submitHead(frontEnd, HEAD), { head: HEAD, size: 12 });
    assertServes(frontEnd);
  });
});

Deno.test("rings that overlap each other harm nobody else", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    frontEnd.stopDevice();
    frontEnd.memory.bytes.fill(1, 0, 0x1_0000);
    const queue = frontEnd.cmdq;
    Object.assign(queue, {
      availableAddress: queue.descriptorsAddress,
      usedAddress: queue.descriptorsAddress,
    });
    frontEnd.startQueue(0, 0);
    assert(frontEnd.set(REQUEST.SET_VRING_ENABLE, pair(0, 1)));
    for (let i = 0; i < 100; i++) {
      queue.kick();
      backEnd.reactor.runOnce(0);
    }
    frontEnd.close();
    assert(backEnd.servesFresh);
  });
});
