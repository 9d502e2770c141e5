// Requests in an order that no front-end sends, and descriptors that serve two ends at once: transports.md chapter 8, items 26 to 28
// and 30. What follows is served as if nothing had happened, and no turn is without end.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EFD_CLOEXEC, F_GETFL, libc, O_CLOEXEC, O_NONBLOCK } from "../../transports/ffi/libc.ts";
import { REQUEST } from "../../transports/vhost_user/messages.ts";
import { descriptorCountOf } from "../support/front_end_descriptors.ts";
import { VERSION_ANSWER, VERSION_COMMAND, withBackEnd } from "../support/front_end_fixture.ts";
import { CMDQ, EVENTQ, type FrontEnd, pair, u64 } from "../support/vhost_user_front_end.ts";

function assertServes(frontEnd: FrontEnd): void {
  assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
}

/** What can be sent as a kick and is none: both ends have to be closed. */
function otherDescriptors(): Readonly<Record<string, [number, number]>> {
  const [pipe, sockets] = [new Int32Array(2), new Int32Array(2)];
  assertEquals(libc.pipe2(new Uint8Array(pipe.buffer), O_CLOEXEC | O_NONBLOCK), 0);
  assertEquals(libc.socketpair(1, 1, 0, new Uint8Array(sockets.buffer)), 0);
  return { pipe: [pipe[0]!, pipe[1]!], socket: [sockets[0]!, sockets[1]!] };
}

Deno.test("vhost-user takes no pipe and no socket for an eventfd", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (const [name, ends] of Object.entries(otherDescriptors())) {
      for (const request of [REQUEST.SET_VRING_KICK, REQUEST.SET_VRING_CALL, REQUEST.SET_VRING_ERR]) {
        assertEquals(frontEnd.set(request, u64(0n), [ends[0]]), false, name);
        assertStringIncludes(backEnd.reports.at(-1)!, "its descriptor is no eventfd");
        assertEquals(
          descriptorCountOf(ends[0]),
          name === "pipe" ? 2 : 1,
          "the two ends of a pipe are one file",
        );
      }
      for (const end of ends) libc.close(end);
    }
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user is not kept busy by an eventfd that is both kick and call", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const { kickFd } = frontEnd.cmdq;
    assert(frontEnd.set(REQUEST.SET_VRING_CALL, u64(0n), [kickFd]));
    for (let i = 0; i < 3; i++) {
      frontEnd.cmdq.offer(frontEnd.prepare(i, VERSION_COMMAND, 136));
      frontEnd.cmdq.kick();
      // Each call is a kick of its own; that finds nothing, and calls nobody.
      let turns = 0;
      frontEnd.cmdq.show();
      while (backEnd.reactor.runOnce(0) > 0) assert(++turns < 10);
      assertEquals(frontEnd.cmdq.take()?.size, 12);
    }
  });
});

for (const request of [REQUEST.SET_VRING_CALL, REQUEST.SET_VRING_ERR]) {
  Deno.test(`vhost-user never waits for an eventfd that blocks, request ${request}`, () => {
    withBackEnd((backEnd) => {
      const frontEnd = backEnd.start();
      const event = libc.eventfd(0, EFD_CLOEXEC);
      assert(frontEnd.set(request, u64(0n), [event]));
      // Of the two that share it one may fill it at any moment, also between a look at it and a write to it.
      assert((libc.fcntl(event, F_GETFL, 0) & O_NONBLOCK) !== 0);
      libc.write(event, u64(2n ** 64n - 2n), 8);
      assertServes(frontEnd);
      frontEnd.cmdq.forceAvailableIndex(30_000);
      frontEnd.cmdq.kick();
      frontEnd.settle();
      assert(frontEnd.isAlive);
      libc.close(event);
    });
  });
}

Deno.test("vhost-user survives regions that are one in the user addresses of the front-end", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const regions = frontEnd.memory.regions();
    const { userAddress } = regions[0]!;
    frontEnd.shareMemory(regions.map((region) => ({ ...region, userAddress })));
    frontEnd.command(VERSION_COMMAND);
    assert(frontEnd.isAlive);
    frontEnd.close();
    assert(backEnd.servesFresh);
  });
});

Deno.test("vhost-user takes SET_OWNER as often as it comes", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (let i = 0; i < 3; i++) assert(frontEnd.set(REQUEST.SET_OWNER));
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user tells the base of a ring that is stopped already, or was never started", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.negotiate();
    assertEquals([frontEnd.stopQueue(CMDQ), frontEnd.stopQueue(EVENTQ)], [0, 0]);
    assert(frontEnd.set(REQUEST.SET_VRING_BASE, pair(EVENTQ, 7)));
    assertEquals(frontEnd.stopQueue(EVENTQ), 7);
    frontEnd.startDevice();
    assertServes(frontEnd);
    assertServes(frontEnd);
    assertEquals([frontEnd.stopQueue(CMDQ), frontEnd.stopQueue(CMDQ), frontEnd.stopQueue(CMDQ)], [2, 2, 2]);
    frontEnd.startQueue(CMDQ, 2);
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user disables the rings on RESET_OWNER, and serves them when they are enabled again", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assert(frontEnd.set(REQUEST.RESET_OWNER));
    assertEquals(frontEnd.command(VERSION_COMMAND), null);
    for (const index of [CMDQ, EVENTQ]) frontEnd.enable(index, true);
    assertEquals(frontEnd.cmdq.take()?.size, 12, "the one that waited");
    assertServes(frontEnd);
  });
});
