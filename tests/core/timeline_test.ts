// Timers: order, cancelling, owners that are gone, and a heap that does not grow with dead entries.
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "../support/property.ts";
import { Timeline } from "../../scp/core/timeline.ts";

/** Runs everything that is due, in its order. */
function runAll(timeline: Timeline): void {
  while (timeline.nextUs < Infinity) timeline.advanceTo(timeline.nextUs);
}

Deno.test("timers run by time, and at equal times in the order they were asked for", () => {
  fc.assert(fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
    const timeline = new Timeline();
    const done: [number, number][] = [];
    times.forEach((timeUs, i) => timeline.at(timeUs, () => done.push([timeUs, i])));
    runAll(timeline);
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
    const timeline = new Timeline();
    const owner = { isOpen: true };
    const done: number[] = [];
    const asked = plans.map(({ timeUs, fate }, i) =>
      timeline.at(timeUs, () => done.push(i), fate === "owner gone" ? owner : null)
    );
    plans.forEach(({ fate }, i) => {
      if (fate === "cancelled") asked[i]!.cancel();
    });
    owner.isOpen = false;
    runAll(timeline);
    const live = plans.flatMap(({ timeUs, fate }, i) => fate === "runs" ? [[timeUs, i] as const] : []);
    assertEquals(done, live.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, i]) => i));
  }));
});

Deno.test("timers tell when the next live task is due", () => {
  const timeline = new Timeline();
  assertEquals(timeline.nextUs, Infinity);
  const first = timeline.at(5, () => {});
  timeline.at(9, () => {});
  assertEquals(timeline.nextUs, 5);
  first.cancel();
  assertEquals(timeline.nextUs, 9);
  timeline.advanceTo(9);
  assertEquals(timeline.nextUs, Infinity);
});

Deno.test("timers are due at whole microseconds, or never", () => {
  const timeline = new Timeline();
  timeline.at(Infinity, () => {});
  for (const timeUs of [0.5, NaN, -Infinity]) {
    assertThrows(() => timeline.at(timeUs, () => {}));
  }
  assertEquals(timeline.nextUs, Infinity);
});

Deno.test("timers set and cancelled without end do not fill the heap, nor lose the live ones", () => {
  const timeline = new Timeline();
  let liveCount = 0;
  for (let i = 0; i < 100; i++) timeline.at(1e9 + i, () => liveCount++);
  for (let i = 0; i < 100_000; i++) {
    timeline.at(1e12, () => assert(false, "a cancelled task runs")).cancel();
    assertLess(timeline.size, 1000);
  }
  runAll(timeline);
  assertEquals(liveCount, 100);
});
