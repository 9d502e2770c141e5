// How often watched memory is looked at. Waits end by the event loop's own timer.
import { assert, assertEquals } from "@std/assert";
import { type AgentService, PLAIN_SERVICE } from "../../transports/channel.ts";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import {
  findWatcher,
  type MemoryWatch,
  waitAfterSilence,
  type WatchedMemory,
  watchMemory,
} from "../../transports/memory/memory_watcher.ts";

/** Memory in which something happens as often as it is told. */
class TestMemory implements WatchedMemory {
  looks = 0;
  events = 0;
  onLook = () => {};

  poll(): boolean {
    this.looks++;
    this.onLook();
    if (this.events === 0) return false;
    this.events--;
    return true;
  }
}

const LONG_MS = 10_000;

Deno.test("waitAfterSilence keeps the promised figures", () => {
  // A message at least every 10 ms: 100 us are allowed at the median, most of which the agent and waking up take.
  assert(waitAfterSilence(0) <= 100);
  assert(waitAfterSilence(10_000) <= 20);
  for (let silenceUs = 0; silenceUs < 1e6; silenceUs += 100) {
    const waitUs = waitAfterSilence(silenceUs);
    assert(waitUs >= 20 && Number.isInteger(waitUs));
    assert(waitUs <= 8000, "far below the 30 ms that an agent waits");
  }
  // After 100 ms: 125 looks a second, each of which may cost 160 us of a core before it is 2 %.
  assertEquals([waitAfterSilence(100_000), waitAfterSilence(1e12)], [8000, 8000]);
});

/** Watches memory for nobody in particular. */
function watch(reactor: Reactor, memory: WatchedMemory, service: AgentService = PLAIN_SERVICE): MemoryWatch {
  const watch = watchMemory(reactor, memory, service);
  assert(watch !== null);
  return watch;
}

/** Turns until nothing is left to do without waiting. */
function settle(reactor: Reactor): void {
  while (reactor.runOnce(0) > 0);
}

Deno.test("MemoryWatch looks in each of the turns that follow a message", () => {
  const reactor = createReactor();
  const memory = new TestMemory();
  const watched = watch(reactor, memory);
  for (let turn = 1; turn <= 30; turn++) {
    assertEquals([reactor.runOnce(0), memory.looks], [1, turn]);
  }
  memory.events = 1;
  let turns = 0;
  while (reactor.runOnce(0) > 0 && memory.looks < 200) turns++;
  // The one that found something, and as many as after any message; then waits, of which a busy machine may see some end.
  assert(turns >= 65, `${turns} turns`);
  assert(memory.looks >= 30 + 65);
  watched.close();
  reactor.close();
});

Deno.test("MemoryWatch goes on after a silence, and becomes watchful when something has happened", () => {
  const reactor = createReactor();
  const memory = new TestMemory();
  const watched = watch(reactor, memory);
  settle(reactor);
  const before = memory.looks;
  for (let wait = 1; wait <= 20; wait++) {
    while (memory.looks < before + wait) reactor.runOnce(LONG_MS);
  }
  memory.events = 1;
  while (memory.events > 0) reactor.runOnce(LONG_MS);
  const afterEvent = memory.looks;
  settle(reactor);
  assert(memory.looks >= afterEvent + 64);
  watched.close();
  reactor.close();
});

Deno.test("MemoryWatch is watchful when a message is expected, also in the middle of a wait", () => {
  const reactor = createReactor();
  const memory = new TestMemory();
  const watched = watch(reactor, memory);
  settle(reactor);
  const before = memory.looks;
  watched.expectMessage();
  watched.expectMessage();
  for (let turn = 1; turn <= 64; turn++) reactor.runOnce(0);
  assert(memory.looks >= before + 64);
  watched.close();
  reactor.close();
});

Deno.test("MemoryWatch looks at what is silent while other memory is busy without end", () => {
  const reactor = createReactor();
  const [busy, silent] = [new TestMemory(), new TestMemory()];
  const watches = [watch(reactor, busy), watch(reactor, silent)];
  settle(reactor);
  busy.events = Infinity;
  watches[0]!.expectMessage();
  const before = silent.looks;
  // By the timer of the event loop, which is never idle.
  while (silent.looks < before + 5) reactor.runOnce(0);
  assert(busy.looks > silent.looks - before);
  for (const each of watches) each.close();
  reactor.close();
});

Deno.test("MemoryWatch that is paused is not looked at, and costs no wait, until a message is expected", () => {
  const reactor = createReactor();
  const memory = new TestMemory();
  const watched = watch(reactor, memory);
  watched.pause();
  assertEquals([reactor.runOnce(0), reactor.runOnce(1), memory.looks], [1, 0, 0]);
  watched.expectMessage();
  reactor.runOnce(0);
  assertEquals(memory.looks, 1);
  watched.close();
  reactor.close();
});

Deno.test("MemoryWatch has its looks in the rank of its agent, and none while that is held", () => {
  const reactor = createReactor();
  const order: string[] = [];
  const memoryOf = (name: string) => {
    const memory = new TestMemory();
    memory.onLook = () => order.push(name);
    return memory;
  };
  let resume: (() => void) | null = null;
  const held = { ...PLAIN_SERVICE, isHeld: false, whenReleased: (task: () => void) => void (resume = task) };
  const watches = [
    watch(reactor, memoryOf("bulk"), { ...PLAIN_SERVICE, rank: 3 }),
    watch(reactor, memoryOf("other bulk"), { ...PLAIN_SERVICE, rank: 3 }),
    watch(reactor, memoryOf("safety"), held),
  ];
  for (let turn = 0; turn < 4; turn++) reactor.runOnce(0);
  assertEquals(order, ["safety", "bulk", "safety", "other bulk", "safety", "bulk", "safety", "other bulk"]);
  held.isHeld = true;
  settle(reactor);
  order.length = 0;
  for (let i = 0; i < 200; i++) reactor.runOnce(1);
  assert(order.includes("bulk") && !order.includes("safety"), "others are looked at meanwhile");
  held.isHeld = false;
  resume!();
  order.length = 0;
  settle(reactor);
  assert(order.includes("safety"));
  for (const each of watches) each.close();
  reactor.close();
});

Deno.test("watchMemory has one watcher for all memory of an event loop, which goes with the last", () => {
  const reactor = createReactor();
  const [one, two] = [new TestMemory(), new TestMemory()];
  const watches = [watch(reactor, one), watch(reactor, two)];
  assert(findWatcher(reactor) !== undefined);
  reactor.runOnce(0);
  assertEquals([one.looks, two.looks], [1, 1]);
  watches[0]!.close();
  watches[0]!.close();
  reactor.runOnce(0);
  assertEquals([one.looks, two.looks], [1, 2]);
  watches[1]!.close();
  assertEquals([findWatcher(reactor), reactor.runOnce(0)], [undefined, 0]);
  reactor.close();
});

Deno.test("MemoryWatch lets memory end while it is looked at, during turns and waits", () => {
  for (const isWaiting of [false, true]) {
    const reactor = createReactor();
    const memory = new TestMemory();
    const watched = watch(reactor, memory);
    if (isWaiting) settle(reactor);
    memory.events = 1;
    memory.onLook = () => {
      watched.close();
      watched.expectMessage();
    };
    while (memory.events > 0) reactor.runOnce(LONG_MS);
    const { looks } = memory;
    assertEquals([reactor.runOnce(0), reactor.runOnce(0), memory.looks], [0, 0, looks]);
    reactor.close();
  }
});
