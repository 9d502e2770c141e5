// The event loop among agents of different classes: who waits for whom and for how long, and agents that are held.
import { assert, assertEquals } from "@std/assert";
import { type AgentService, CLOCK_SERVICE, PLAIN_SERVICE } from "../../transports/channel.ts";
import { EFD_CLOEXEC, EFD_NONBLOCK, libc, O_CLOEXEC, READABLE } from "../../transports/ffi/libc.ts";
import { createReactor, type Reactor, type ReadyHandler } from "../../transports/ffi/reactor.ts";

const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);
const SAFETY: AgentService = { ...PLAIN_SERVICE, rank: 1 };
const BACKGROUND: AgentService = { ...PLAIN_SERVICE, rank: 3 };

/** A service that a test holds and lets go. */
class Holdable implements AgentService {
  readonly rank = 2;
  readonly turnMessageMax = 1;
  isHeld = false;
  #resumes: (() => void)[] = [];

  whenReleased(resume: () => void): void {
    this.#resumes.push(resume);
  }

  release(): void {
    this.isHeld = false;
    for (const resume of this.#resumes.splice(0)) resume();
  }
}

/** A reactor whose handlers note their names; all eventfds are closed with it. */
class Bench {
  readonly reactor: Reactor = createReactor();
  readonly calls: string[] = [];
  readonly #fds: number[] = [];

  /** Registers an eventfd; returns what signals it. `hasMore` tells whether work remains after a call. */
  add(name: string, service: AgentService, edgeTriggered = true, hasMore: () => boolean = () => false) {
    const fd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    this.#fds.push(fd);
    const handler: ReadyHandler = {
      onReady: () => {
        this.calls.push(name);
        return hasMore();
      },
    };
    assert(this.reactor.register(fd, READABLE, edgeTriggered, handler, service));
    return Object.assign(() => void libc.write(fd, ONE, 8), { fd });
  }

  turn(): string[] {
    this.calls.length = 0;
    this.reactor.runOnce(0);
    return [...this.calls];
  }

  close(): void {
    this.reactor.close();
    for (const fd of this.#fds) libc.close(fd);
  }
}

function withBench(body: (bench: Bench) => void): void {
  const bench = new Bench();
  try {
    body(bench);
  } finally {
    bench.close();
  }
}

Deno.test("reactor calls all of the best rank and one of the others in a turn, and forgets nobody", () => {
  withBench((bench) => {
    const signals = [
      bench.add("background", BACKGROUND),
      bench.add("normal 1", PLAIN_SERVICE),
      bench.add("normal 2", PLAIN_SERVICE),
      bench.add("safety 1", SAFETY),
      bench.add("safety 2", SAFETY),
    ];
    for (const signal of signals) signal();
    assertEquals(bench.turn().toSorted(), ["normal 1", "safety 1", "safety 2"]);
    // Of one rank are those that remain, and one below.
    assertEquals(bench.turn(), ["normal 2", "background"]);
    assertEquals(bench.turn(), []);
  });
});

Deno.test("reactor lets an urgent event wait for one call of an agent that floods", () => {
  withBench((bench) => {
    const flood = [1, 2, 3].map((i) => bench.add(`flood ${i}`, PLAIN_SERVICE, true, () => true));
    const urgent = bench.add("safety", SAFETY);
    for (const signal of flood) signal();
    bench.turn();
    for (let i = 0; i < 20; i++) {
      urgent();
      const calls = bench.turn();
      assertEquals(calls.length, 2);
      assertEquals(calls[0], "safety");
    }
  });
});

Deno.test("reactor starves nobody while agents of a better class never rest", () => {
  withBench((bench) => {
    const always = () => true;
    const signals = [
      bench.add("safety", SAFETY, true, always),
      bench.add("normal", PLAIN_SERVICE, true, always),
      bench.add("background 1", BACKGROUND, true, always),
      bench.add("background 2", BACKGROUND, true, always),
    ];
    for (const signal of signals) signal();
    const counts = new Map<string, number>();
    for (let i = 0; i < 1000; i++) {
      for (const name of bench.turn()) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    assertEquals(counts.get("safety"), 1000);
    // Each is called after 16 turns at the latest, or in the next ones when several have waited as long.
    for (const name of ["background 1", "background 2"]) {
      assert(counts.get(name)! >= 1000 / 20, `${name} was called ${counts.get(name)} times`);
    }
    assert(counts.get("normal")! > 800, `the normal one was called ${counts.get("normal")} times`);
  });
});

Deno.test("reactor calls first who has waited longest, whoever the clock has called meanwhile", () => {
  withBench((bench) => {
    // As an alarm has memory looked at, in each turn that of another agent.
    const fds = Array.from({ length: 16 }, (_, i) => bench.add(`looked at ${i}`, PLAIN_SERVICE).fd);
    let turn = 0;
    const clock = bench.add("clock", CLOCK_SERVICE, true, () => {
      bench.reactor.callAgain(fds[turn++ % fds.length]!);
      return false;
    });
    bench.add("safety", SAFETY, true, () => true)();
    const turnOfClock = (...signals: (() => void)[]) => {
      for (const signal of [clock, ...signals]) signal();
      return bench.turn();
    };
    for (let i = 0; i < 4; i++) turnOfClock();
    // Both come at once, so that one of them is left for later turns.
    const both = ["waiting 1", "waiting 2"].map((name) => bench.add(name, PLAIN_SERVICE));
    const called = [...turnOfClock(...both), ...[1, 2, 3].flatMap(() => turnOfClock())];
    const came = called.filter((name) => name.startsWith("waiting"));
    assertEquals(came.toSorted(), ["waiting 1", "waiting 2"], called.join());
  });
});

Deno.test("reactor calls what the clock has made due beside all others", () => {
  withBench((bench) => {
    const signals = [
      bench.add("clock", CLOCK_SERVICE),
      bench.add("normal 1", PLAIN_SERVICE),
      bench.add("normal 2", PLAIN_SERVICE),
    ];
    for (const signal of signals) signal();
    assertEquals(bench.turn().toSorted(), ["clock", "normal 1", "normal 2"]);
  });
});

Deno.test("reactor does not call an agent that is held, and loses no event of it", () => {
  withBench((bench) => {
    for (const edgeTriggered of [true, false]) {
      const service = new Holdable();
      const signal = bench.add(`held ${edgeTriggered}`, service, edgeTriggered);
      service.isHeld = true;
      signal();
      assertEquals(bench.turn(), []);
      // Nothing spins meanwhile: an event of another one is all that ends a wait.
      signal();
      bench.reactor.runOnce(1);
      assertEquals(bench.calls, []);
      service.release();
      assertEquals(bench.turn(), [`held ${edgeTriggered}`]);
    }
  });
});

Deno.test("reactor sleeps while a level-triggered descriptor of a held agent is readable", () => {
  const reactor = createReactor();
  const ends = new Int32Array(2);
  assertEquals(libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC), 0);
  const [readEnd = -1, writeEnd = -1] = ends;
  const service = new Holdable();
  service.isHeld = true;
  let wakes = 0;
  const counting = createReactor(() => wakes++);
  counting.register(readEnd, READABLE, false, { onReady: () => false }, service);
  libc.write(writeEnd, ONE, 1);
  counting.runOnce(0);
  assertEquals(counting.runOnce(5), 0);
  // An end of the wait without a call would be a wait that did not last.
  assertEquals(wakes, 2);
  counting.unregister(readEnd);
  service.release();
  assertEquals(counting.runOnce(0), 0);
  for (const fd of ends) libc.close(fd);
  counting.close();
  reactor.close();
});
