// The event loop: who is called when, how often, and who is not. Descriptors are real eventfds and pipes.

import { assert, assertEquals } from "@std/assert";
import { EFD_CLOEXEC, EFD_NONBLOCK, libc, O_CLOEXEC, READABLE } from "../../transports/ffi/libc.ts";
import { createReactor, type Reactor, type ReadyHandler } from "../../transports/ffi/reactor.ts";

const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);

function newEvent(): number {
  return libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

function signal(fd: number): void {
  assertEquals(libc.write(fd, ONE, 8), 8);
}

/** Counts its calls, and says for so many of them that work remains. */
class Counter implements ReadyHandler {
  calls = 0;
  lastEvents = -1;
  constructor(public workLeft = 0) {}
  onReady(events: number): boolean {
    this.calls++;
    this.lastEvents = events;
    return this.workLeft-- > 0;
  }
}

function withReactor(body: (reactor: Reactor) => void): void {
  const reactor = createReactor();
  try {
    body(reactor);
  } finally {
    reactor.close();
  }
}

Deno.test("reactor calls the handler of a ready descriptor only", () => {
  withReactor((reactor) => {
    const ready = newEvent(), idle = newEvent();
    const readyHandler = new Counter(), idleHandler = new Counter();
    assert(reactor.register(ready, READABLE, true, readyHandler));
    assert(reactor.register(idle, READABLE, true, idleHandler));
    signal(ready);
    assertEquals(reactor.runOnce(0), 1);
    assertEquals([readyHandler.calls, readyHandler.lastEvents, idleHandler.calls], [1, READABLE, 0]);
    libc.close(ready);
    libc.close(idle);
  });
});

Deno.test("reactor reports each signal of an edge-triggered eventfd once, though nobody reads it", () => {
  withReactor((reactor) => {
    const event = newEvent(), handler = new Counter();
    reactor.register(event, READABLE, true, handler);
    for (let i = 1; i <= 5; i++) {
      signal(event);
      assertEquals(reactor.runOnce(0), 1);
      assertEquals(reactor.runOnce(0), 0);
      assertEquals(handler.calls, i);
    }
    libc.close(event);
  });
});

Deno.test("reactor calls a handler again until no work remains, and does not sleep meanwhile", () => {
  withReactor((reactor) => {
    const event = newEvent(), handler = new Counter(3);
    reactor.register(event, READABLE, true, handler);
    signal(event);
    for (let i = 0; i < 4; i++) assertEquals(reactor.runOnce(i === 0 ? 0 : 60_000), 1);
    assertEquals(reactor.runOnce(0), 0);
    assertEquals([handler.calls, handler.lastEvents], [4, 0]);
    libc.close(event);
  });
});

Deno.test("reactor lets nobody starve beside a handler that always has work", () => {
  withReactor((reactor) => {
    const greedy = newEvent(), modest = newEvent();
    const greedyHandler = new Counter(Infinity), modestHandler = new Counter();
    reactor.register(greedy, READABLE, true, greedyHandler);
    reactor.register(modest, READABLE, true, modestHandler);
    signal(greedy);
    for (let i = 0; i < 10; i++) {
      signal(greedy); // an event and left-over work at once: still one call per turn
      signal(modest);
      reactor.runOnce(0);
    }
    assertEquals([greedyHandler.calls, modestHandler.calls], [10, 10]);
    libc.close(greedy);
    libc.close(modest);
  });
});

Deno.test("reactor does not call a handler that was unregistered in the same turn", () => {
  withReactor((reactor) => {
    const fds = [newEvent(), newEvent()];
    const calls: number[] = [];
    for (const fd of fds) {
      reactor.register(fd, READABLE, false, {
        onReady() {
          calls.push(fd);
          for (const other of fds) if (other !== fd) reactor.unregister(other);
          return true;
        },
      });
      signal(fd);
    }
    assertEquals(reactor.runOnce(0), 1);
    assertEquals(calls.length, 1);
    for (const fd of fds) libc.close(fd);
  });
});

Deno.test("reactor takes no late event of a descriptor's former owner for one of its new owner", () => {
  withReactor((reactor) => {
    const first = newEvent(), second = newEvent(), late = new Counter();
    const swap = (other: number): ReadyHandler => ({
      onReady() {
        reactor.unregister(other);
        libc.close(other);
        assertEquals(newEvent(), other); // the lowest free number: the same descriptor, another file
        reactor.register(other, READABLE, false, late);
        return false;
      },
    });
    reactor.register(first, READABLE, false, swap(second));
    reactor.register(second, READABLE, false, swap(first));
    signal(first);
    signal(second);
    assertEquals(reactor.runOnce(0), 1);
    assertEquals(late.calls, 0);
    libc.close(first);
    libc.close(second);
  });
});

Deno.test("reactor ends its wait when somebody writes to wakeFd, and counts no call", () => {
  withReactor((reactor) => {
    signal(reactor.wakeFd);
    assertEquals(reactor.runOnce(60_000), 0);
    assertEquals(reactor.runOnce(0), 0);
  });
});

Deno.test("reactor calls a handler on request with events 0", () => {
  withReactor((reactor) => {
    const event = newEvent(), handler = new Counter();
    reactor.register(event, READABLE, true, handler);
    reactor.callAgain(event);
    reactor.callAgain(event);
    assertEquals(reactor.runOnce(60_000), 1);
    assertEquals([handler.calls, handler.lastEvents], [1, 0]);
    libc.close(event);
  });
});

Deno.test("reactor refuses what epoll cannot watch, and reports a hung-up pipe once when edge-triggered", () => {
  withReactor((reactor) => {
    const file = Deno.makeTempFileSync();
    const regular = libc.open(new TextEncoder().encode(file + "\0"), 0, 0);
    assertEquals(reactor.register(regular, READABLE, true, new Counter()), false);
    libc.close(regular);
    Deno.removeSync(file);
    const ends = new Int32Array(2);
    libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC);
    libc.close(ends[1] ?? -1);
    const handler = new Counter();
    reactor.register(ends[0] ?? -1, READABLE, true, handler);
    for (let i = 0; i < 3; i++) reactor.runOnce(0);
    assertEquals(handler.calls, 1);
    libc.close(ends[0] ?? -1);
  });
});
