// How often watched memory is looked at. Waits end by the event loop's own timer.
import { assert, assertEquals } from "@std/assert";
import { createReactor } from "../../transports/ffi/reactor.ts";
import {
  findWatcher,
  unwatchMemory,
  waitAfterSilence,
  type WatchedMemory,
  watchMemory,
} from "../../transports/mailbox/memory_watcher.ts";

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

Deno.test("MemoryWatcher looks in each of the turns that follow a message", () => {
  const reactor = createReactor();
  const memory = new TestMemory();
  watchMemory(reactor, memory);
  for (let turn = 1; turn <= 30; turn++) {
    assertEquals([reactor.runOnce(0), memory.looks], [1, turn]);
  }
  memory.events = 1;
  let turns = 0;
  while (reactor.runOnce(0) > 0 && memory.looks < 200) turns++;
  // The one that found something, and as many as after any message; then waits, of which a busy machine may see some end.
  assert(turns >= 65, `${turns} turns`);
  assertEquals(memory.looks, 30 + turns);
  unwatchMemory(reactor, memory);
  reactor.close();
});

Deno.test("MemoryWatcher goes on after a silence, and becomes watchful when something has happened", () => {
  const reactor = createReactor();
  const memory = new TestMemory();
  watchMemory(reactor, memory);
  while (reactor.runOnce(0) > 0);
  const before = memory.looks;
  for (let wait = 1; wait <= 20; wait++) {
    assertEquals([reactor.runOnce(LONG_MS), memory.looks], [1, before + wait]);
  }
  memory.events = 1;
  reactor.runOnce(LONG_MS);
  const afterEvent = memory.looks;
  while (reactor.runOnce(0) > 0);
  assert(memory.looks >= afterEvent + 64);
  unwatchMemory(reactor, memory);
  reactor.close();
});

Deno.test("MemoryWatcher is watchful when a message is expected, also in the middle of a wait", () => {
  const reactor = createReactor();
  const memory = new TestMemory();
  const watcher = watchMemory(reactor, memory);
  while (reactor.runOnce(0) > 0);
  const before = memory.looks;
  watcher.expectMessage();
  watcher.expectMessage();
  for (let turn = 1; turn <= 64; turn++) reactor.runOnce(0);
  assert(memory.looks >= before + 64);
  unwatchMemory(reactor, memory);
  reactor.close();
});

Deno.test("MemoryWatcher is one for all memory of an event loop, and goes with the last", () => {
  const reactor = createReactor();
  const [one, two] = [new TestMemory(), new TestMemory()];
  assertEquals(watchMemory(reactor, one), watchMemory(reactor, two));
  reactor.runOnce(0);
  assertEquals([one.looks, two.looks], [1, 1]);
  unwatchMemory(reactor, one);
  reactor.runOnce(0);
  assertEquals([one.looks, two.looks], [1, 2]);
  unwatchMemory(reactor, two);
  assertEquals([findWatcher(reactor), reactor.runOnce(0)], [undefined, 0]);
  reactor.close();
});

Deno.test("MemoryWatcher lets memory end while it is looked at, during turns and waits", () => {
  for (const isWaiting of [false, true]) {
    const reactor = createReactor();
    const memory = new TestMemory();
    const watcher = watchMemory(reactor, memory);
    if (isWaiting) { while (reactor.runOnce(0) > 0); }
    memory.events = 1;
    memory.onLook = () => {
      unwatchMemory(reactor, memory);
      watcher.expectMessage();
    };
    reactor.runOnce(LONG_MS);
    const { looks } = memory;
    assertEquals([reactor.runOnce(0), reactor.runOnce(0), memory.looks], [0, 0, looks]);
    reactor.close();
  }
});
