// Timers: order, cancelling, owners that are gone, and a heap that does not grow with dead entries.
import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { Timers } from "../../scp/server/timers.ts";

/** Runs everything that is due, in its order. */
function runAll(timers: Timers): void {
  while (timers.nextUs < Infinity) timers.take()();
}

Deno.test("timers run by time, and at equal times in the order they were asked for", () => {
  fc.assert(fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
    const timers = new Timers();
    const done: [number, number][] = [];
    times.forEach((timeUs, i) => timers.at(timeUs, () => done.push([timeUs, i])));
    runAll(timers);
    const expected = times.map((timeUs, i): [number, number] => [timeUs, i]).sort((a, b) =>
      a[0] - b[0] || a[1] - b[1]
    );
    assertEquals(done, expected);
  }));
});

Deno.test("timers that were cancelled or whose owner is gone do not run", () => {
  const operations = fc.array(
    fc.record({ timeUs: fc.nat(50), fate: fc.constantFrom("runs", "cancelled", "owner gone") }),
    {
      maxLength: 300,
    },
  );
  fc.assert(fc.property(operations, (plans) => {
    const timers = new Timers();
    const owner = { isOpen: true };
    const done: number[] = [];
    const asked = plans.map(({ timeUs, fate }, i) =>
      timers.at(timeUs, () => done.push(i), fate === "owner gone" ? owner : null)
    );
    plans.forEach(({ fate }, i) => {
      if (fate === "cancelled") asked[i]!.cancel();
    });
    owner.isOpen = false;
    runAll(timers);
    const live = plans.flatMap(({ timeUs, fate }, i) => fate === "runs" ? [[timeUs, i] as const] : []);
    assertEquals(done, live.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, i]) => i));
  }));
});

Deno.test("timers tell when the next live task is due", () => {
  const timers = new Timers();
  assertEquals(timers.nextUs, Infinity);
  const first = timers.at(5, () => {});
  timers.at(9, () => {});
  assertEquals(timers.nextUs, 5);
  first.cancel();
  assertEquals(timers.nextUs, 9);
  timers.take();
  assertEquals(timers.nextUs, Infinity);
});

Deno.test("timers set and cancelled without end do not fill the heap, nor lose the live ones", () => {
  const timers = new Timers();
  let liveCount = 0;
  for (let i = 0; i < 100; i++) timers.at(1e9 + i, () => liveCount++);
  for (let i = 0; i < 100_000; i++) {
    timers.at(1e12, () => assert(false, "a cancelled task runs")).cancel();
    assertLess(timers.size, 1000);
  }
  runAll(timers);
  assertEquals(liveCount, 100);
});
