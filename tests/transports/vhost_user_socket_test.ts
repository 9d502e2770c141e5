// What a front-end can send over the socket: transports.md chapter 8, items 24 to 30. A request of bad content is
// refused, one of unknown form ends the connection; either way everybody else is served, and no descriptor stays open.

import { assert, assertEquals } from "@std/assert";
import { EFD_CLOEXEC, EFD_NONBLOCK, libc } from "../../transports/ffi/libc.ts";
import { REQUEST } from "../../transports/vhost_user/messages.ts";
import { descriptorCountOf, mappedSizeOf } from "../support/front_end_descriptors.ts";
import { type BackEnd, VERSION_ANSWER, VERSION_COMMAND, withBackEnd } from "../support/front_end_fixture.ts";
import {
  ALL_FEATURES,
  CMDQ,
  EVENTQ,
  FEATURES,
  type FrontEnd,
  NEED_REPLY_FLAG,
  pair,
  u64,
  VERSION_FLAG,
} from "../support/vhost_user_front_end.ts";

const NO_DESCRIPTOR = 0x100n;

function newEvent(isBlocking = false): number {
  return libc.eventfd(0, EFD_CLOEXEC | (isBlocking ? 0 : EFD_NONBLOCK));
}

function assertServes(frontEnd: FrontEnd): void {
  assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
}

/** Lets the back-end read what was sent, and expects that it has hung up and still serves others. */
function assertClosed(backEnd: BackEnd, frontEnd: FrontEnd): void {
  frontEnd.settle();
  assertEquals(frontEnd.receive(), "closed");
  assert(backEnd.servesFresh);
}

Deno.test("vhost-user offers exactly P2A, INDIRECT_DESC, EVENT_IDX, VERSION_1, MQ and REPLY_ACK, and two queues", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.connect();
    assertEquals(frontEnd.ask(REQUEST.GET_FEATURES), ALL_FEATURES);
    assertEquals(frontEnd.ask(REQUEST.GET_PROTOCOL_FEATURES), 9n);
    assertEquals(frontEnd.ask(REQUEST.GET_QUEUE_NUM), 2n);
  });
});

Deno.test("vhost-user takes a message byte by byte, and several at once", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.connect();
    const message = new Uint8Array([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    for (const byte of message) {
      frontEnd.sendRaw(new Uint8Array([byte]));
      frontEnd.settle();
    }
    frontEnd.sendRaw(new Uint8Array([...message, ...message]));
    for (let i = 0; i < 3; i++) {
      const answer = frontEnd.receive();
      assert(answer !== null && answer !== "closed");
      assertEquals([answer.request, answer.flags, answer.payload.getBigUint64(0, true)], [
        1,
        5,
        ALL_FEATURES,
      ]);
    }
    assertEquals(frontEnd.receive(), null);
  });
});

for (
  const [name, flags, size] of [
    ["version 0", 0, 0],
    ["version 3", 3, 0],
    ["the reply flag", 5, 0],
    ["reserved flags", 0x11, 0],
    ["a size of 4 GiB", 1, 0xffffffff],
    ["a size above the bound", 1, 4097],
  ] as const
) {
  Deno.test(`vhost-user closes a connection whose message has ${name}`, () => {
    withBackEnd((backEnd) => {
      const frontEnd = backEnd.connect();
      frontEnd.send(REQUEST.GET_FEATURES, new Uint8Array(0), [], flags, size);
      assertClosed(backEnd, frontEnd);
    });
  });
}

Deno.test("vhost-user survives garbage, HTTP, and what ends within a message", () => {
  withBackEnd((backEnd) => {
    for (
      const text of [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\xff".repeat(500),
        "\x01\0\0\0\x01",
        "\x02\0\0\0\x01\0\0\0\x08\0\0\0ab",
      ]
    ) {
      const frontEnd = backEnd.connect();
      frontEnd.sendRaw(Uint8Array.from(text, (char) => char.charCodeAt(0)));
      frontEnd.settle();
      frontEnd.disconnect();
      assert(backEnd.servesFresh, text);
    }
  });
});

Deno.test("vhost-user serves its guest while the front-end stops within a message", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    frontEnd.sendRaw(new Uint8Array([1, 0, 0]));
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user reads no more requests than a front-end reads answers", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.connect();
    const message = new Uint8Array([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    let sent = 0;
    while (frontEnd.sendRaw(message)) {
      sent++;
      if (sent % 64 === 0) frontEnd.settle();
      assert(sent < 1_000_000, "the flood is never held up");
    }
    let answered = 0;
    for (let answer = frontEnd.receive(); answer !== null; answer = frontEnd.receive()) {
      assert(answer !== "closed");
      answered++;
    }
    assertEquals(answered, sent);
    assert(frontEnd.isAlive);
  });
});

/** A request that is refused: with need_reply the answer says so, and everything goes on as before. */
type Refused = (frontEnd: FrontEnd) => { request: number; payload: Uint8Array; fds?: readonly number[] };

const REFUSED: Readonly<Record<string, Refused>> = {
  "of number 0": () => ({ request: 0, payload: new Uint8Array(0) }),
  "of number 99": () => ({ request: 99, payload: new Uint8Array(8) }),
  "of the largest number": () => ({ request: 0xffffffff, payload: new Uint8Array(0) }),
  "SET_FEATURES with a short payload": () => ({ request: REQUEST.SET_FEATURES, payload: new Uint8Array(4) }),
  "SET_FEATURES with a long payload": () => ({ request: REQUEST.SET_FEATURES, payload: new Uint8Array(16) }),
  "SET_FEATURES with all features": () => ({ request: REQUEST.SET_FEATURES, payload: u64(2n ** 64n - 1n) }),
  "SET_PROTOCOL_FEATURES with all": () => ({
    request: REQUEST.SET_PROTOCOL_FEATURES,
    payload: u64(2n ** 64n - 1n),
  }),
  "SET_OWNER with a payload": () => ({ request: REQUEST.SET_OWNER, payload: new Uint8Array(8) }),
  "SET_VRING_NUM on a started ring": () => ({ request: REQUEST.SET_VRING_NUM, payload: pair(CMDQ, 64) }),
  "SET_VRING_BASE on a started ring": () => ({ request: REQUEST.SET_VRING_BASE, payload: pair(CMDQ, 0) }),
  "SET_VRING_NUM of queue 2": () => ({ request: REQUEST.SET_VRING_NUM, payload: pair(2, 64) }),
  "SET_VRING_BASE of the last queue there can be": () => ({
    request: REQUEST.SET_VRING_BASE,
    payload: pair(0xffffffff, 0),
  }),
  "SET_VRING_ENABLE of queue 77": () => ({ request: REQUEST.SET_VRING_ENABLE, payload: pair(77, 1) }),
  "SET_VRING_ENABLE with 57005": () => ({ request: REQUEST.SET_VRING_ENABLE, payload: pair(CMDQ, 57005) }),
  "SET_VRING_KICK without a descriptor": () => ({ request: REQUEST.SET_VRING_KICK, payload: u64(0n) }),
  "SET_VRING_KICK for polling": () => ({ request: REQUEST.SET_VRING_KICK, payload: u64(NO_DESCRIPTOR) }),
  "SET_VRING_KICK of queue 200": (f) => ({
    request: REQUEST.SET_VRING_KICK,
    payload: u64(200n),
    fds: [f.cmdq.kickFd],
  }),
  "SET_VRING_KICK with a file": (f) => ({
    request: REQUEST.SET_VRING_KICK,
    payload: u64(0n),
    fds: [f.memory.fd],
  }),
  "SET_VRING_CALL with a file": (f) => ({
    request: REQUEST.SET_VRING_CALL,
    payload: u64(0n),
    fds: [f.memory.fd],
  }),
  "SET_VRING_ERR with a file": (f) => ({
    request: REQUEST.SET_VRING_ERR,
    payload: u64(0n),
    fds: [f.memory.fd],
  }),
  "SET_VRING_CALL with two descriptors": (f) => ({
    request: REQUEST.SET_VRING_CALL,
    payload: u64(0n),
    fds: [f.cmdq.callFd, f.cmdq.callFd],
  }),
  "SET_VRING_CALL with a descriptor and the word that none comes": (f) => ({
    request: REQUEST.SET_VRING_CALL,
    payload: u64(NO_DESCRIPTOR),
    fds: [f.cmdq.callFd],
  }),
  "SET_OWNER with 8 descriptors": (f) => ({
    request: REQUEST.SET_OWNER,
    payload: new Uint8Array(0),
    fds: new Array<number>(8).fill(f.memory.fd),
  }),
  "SET_OWNER with 253 descriptors": (f) => ({
    request: REQUEST.SET_OWNER,
    payload: new Uint8Array(0),
    fds: new Array<number>(253).fill(f.memory.fd),
  }),
};

for (const [name, make] of Object.entries(REFUSED)) {
  Deno.test(`vhost-user refuses a request ${name}, and the guest is served on`, () => {
    withBackEnd((backEnd) => {
      const frontEnd = backEnd.start();
      const descriptors = descriptorCountOf(frontEnd.memory.fd);
      const { request, payload, fds } = make(frontEnd);
      assertEquals(frontEnd.set(request, payload, fds ?? []), false);
      assertEquals(backEnd.reports.length, 1);
      assertServes(frontEnd);
      assert(frontEnd.isAlive);
      assertEquals(descriptorCountOf(frontEnd.memory.fd), descriptors);
    });
  });
}

for (
  const [name, request, payload] of [
    ["GET_VRING_BASE of queue 77", REQUEST.GET_VRING_BASE, pair(77, 0)],
    ["GET_FEATURES with a payload", REQUEST.GET_FEATURES, new Uint8Array(8)],
    ["GET_CONFIG, which is not offered", 24, new Uint8Array(12)],
    ["GET_INFLIGHT_FD, which is not offered", 31, new Uint8Array(24)],
  ] as const
) {
  Deno.test(`vhost-user closes the connection on ${name}: the front-end would wait for ever`, () => {
    withBackEnd((backEnd) => {
      const frontEnd = backEnd.negotiate();
      frontEnd.send(request, payload);
      assertClosed(backEnd, frontEnd);
    });
  });
}

Deno.test("vhost-user does not acknowledge without REPLY_ACK, whatever the request says", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.connect();
    frontEnd.ask(REQUEST.GET_FEATURES);
    frontEnd.send(REQUEST.SET_OWNER, new Uint8Array(0), [], VERSION_FLAG | NEED_REPLY_FLAG);
    frontEnd.send(99, new Uint8Array(0), [], VERSION_FLAG | NEED_REPLY_FLAG);
    assertEquals(frontEnd.receive(), null);
    assert(frontEnd.isAlive);
  });
});

Deno.test("vhost-user refuses queue sizes that are 0, no power of two, or too large", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.negotiate();
    for (const size of [0, 100, 65536, 0xffffffff]) {
      assertEquals(frontEnd.set(REQUEST.SET_VRING_NUM, pair(EVENTQ, size)), false, `${size}`);
    }
    for (const size of [1, 2, 1024, 32768]) assert(frontEnd.set(REQUEST.SET_VRING_NUM, pair(EVENTQ, size)));
  });
});

Deno.test("vhost-user does not start a ring before it knows memory and addresses, nor loses its kick", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.negotiate();
    frontEnd.set(REQUEST.SET_FEATURES, u64(ALL_FEATURES));
    frontEnd.cmdq.offer(frontEnd.prepare(0, VERSION_COMMAND, 136));
    frontEnd.cmdq.submit();
    assert(frontEnd.set(REQUEST.SET_VRING_KICK, u64(0n), [frontEnd.cmdq.kickFd]));
    frontEnd.enable(CMDQ, true);
    assert(frontEnd.set(REQUEST.SET_VRING_NUM, pair(CMDQ, frontEnd.cmdq.size)));
    assertEquals(frontEnd.setAddresses(CMDQ), false);
    assert(frontEnd.shareMemory());
    assertEquals(frontEnd.cmdq.usedCount, 0);
    assert(frontEnd.setAddresses(CMDQ));
    frontEnd.settle();
    assertEquals(frontEnd.cmdq.take(), { head: 0, size: 12 });
  });
});

Deno.test("vhost-user closes every descriptor of a connection, and unmaps its memory", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const fds = [frontEnd.cmdq.kickFd, frontEnd.cmdq.callFd, frontEnd.eventq.kickFd, frontEnd.eventq.callFd];
    assertEquals(fds.map(descriptorCountOf), [2, 2, 2, 2]);
    assertEquals(descriptorCountOf(frontEnd.memory.fd), 1); // mapped, the descriptor is not needed
    const size = frontEnd.memory.bytes.length;
    assertEquals(mappedSizeOf(frontEnd.memory.fd), 2 * size); // once here, once by the back-end
    assert(frontEnd.set(REQUEST.SET_VRING_ERR, u64(0n), [frontEnd.eventq.callFd]));
    frontEnd.sendRaw(new Uint8Array(4), [...fds, frontEnd.memory.fd]); // these wait for the rest of a message
    frontEnd.settle();
    frontEnd.disconnect();
    frontEnd.settle();
    assertEquals(fds.map(descriptorCountOf), [1, 1, 1, 1]);
    assertEquals([descriptorCountOf(frontEnd.memory.fd), mappedSizeOf(frontEnd.memory.fd)], [1, size]);
  });
});

Deno.test("vhost-user replaces eventfds without leaving the former ones open", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (let i = 0; i < 5; i++) {
      for (const request of [REQUEST.SET_VRING_KICK, REQUEST.SET_VRING_CALL, REQUEST.SET_VRING_ERR]) {
        assert(
          frontEnd.set(request, u64(0n), [
            request === REQUEST.SET_VRING_KICK ? frontEnd.cmdq.kickFd : frontEnd.cmdq.callFd,
          ]),
        );
      }
    }
    assertEquals([descriptorCountOf(frontEnd.cmdq.kickFd), descriptorCountOf(frontEnd.cmdq.callFd)], [2, 3]);
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user is not held up by a call eventfd that is full, blocking or not", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (const isBlocking of [false, true]) {
      const full = newEvent(isBlocking);
      libc.write(full, u64(2n ** 64n - 2n), 8);
      assert(frontEnd.set(REQUEST.SET_VRING_CALL, u64(0n), [full]));
      assertServes(frontEnd);
      libc.close(full);
    }
  });
});

Deno.test("vhost-user serves a ring without a call eventfd", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assert(frontEnd.set(REQUEST.SET_VRING_CALL, u64(NO_DESCRIPTOR)));
    frontEnd.cmdq.takeCalls();
    assertServes(frontEnd);
    assertEquals(frontEnd.cmdq.takeCalls(), 0);
  });
});

Deno.test("vhost-user signals the error eventfd when a ring breaks", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const errorFd = newEvent();
    assert(frontEnd.set(REQUEST.SET_VRING_ERR, u64(0n), [errorFd]));
    frontEnd.cmdq.forceAvailableIndex(30_000);
    frontEnd.cmdq.kick();
    frontEnd.settle();
    assertEquals(libc.read(errorFd, new Uint8Array(8), 8), 8);
    libc.close(errorFd);
  });
});

Deno.test("vhost-user reports a bounded number of mistakes of one connection", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    for (let i = 0; i < 100; i++) assertEquals(frontEnd.set(99), false);
    assertEquals(backEnd.reports.length, 16);
    assertEquals(backEnd.reports[0], `virtio:${backEnd.path}: request 99 refused: not supported`);
  });
});

Deno.test("vhost-user without protocol features has its rings enabled from the start", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start({ features: ALL_FEATURES & ~FEATURES.protocol });
    assertServes(frontEnd);
  });
});
