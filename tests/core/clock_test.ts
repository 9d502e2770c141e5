// Time drivers: how the host's clock, or a caller's steps, become virtual time.
import { assertEquals, assertThrows } from "@std/assert";
import { createTimeDriver, hostDelay, HostTime, SteppedTime } from "../../scp/core/clock.ts";

function hostAt(startMs: number, factor: number) {
  const clock = { ms: startMs };
  return { clock, time: new HostTime(factor, () => clock.ms) };
}

Deno.test("HostTime starts at 0 and counts whole microseconds", () => {
  const { clock, time } = hostAt(5000, 1);
  assertEquals(time.nowUs(), 0);
  clock.ms = 5001.2345678;
  assertEquals(time.nowUs(), 1234);
});

Deno.test("HostTime runs faster or slower by its factor", () => {
  const fast = hostAt(0, 60);
  fast.clock.ms = 1000;
  assertEquals(fast.time.nowUs(), 60_000_000);
  const slow = hostAt(0, 0.5);
  slow.clock.ms = 1000;
  assertEquals(slow.time.nowUs(), 500_000);
});

Deno.test("HostTime never falls, even when its clock does", () => {
  const { clock, time } = hostAt(0, 1);
  clock.ms = 10;
  assertEquals(time.nowUs(), 10_000);
  clock.ms = 9;
  assertEquals(time.nowUs(), 10_000);
});

Deno.test("HostTime.waitMs is host time until a virtual time, counted from the last look", () => {
  const { clock, time } = hostAt(0, 4);
  clock.ms = 10;
  assertEquals(time.nowUs(), 40_000);
  assertEquals(time.waitMs(80_000), 10);
  assertEquals(time.waitMs(40_000), 0);
  assertEquals(time.waitMs(0), 0);
  assertEquals(time.waitMs(Infinity), -1);
});

Deno.test("HostTime refuses a factor with which time would stand or fall", () => {
  for (const factor of [0, -1, Infinity, NaN]) {
    assertThrows(() => new HostTime(factor), "time passes forward");
  }
});

Deno.test("SteppedTime stands still until it is stepped", () => {
  const time = new SteppedTime();
  assertEquals(time.nowUs(), 0);
  time.advance(250);
  time.advance(0);
  assertEquals(time.nowUs(), 250);
  assertEquals(time.waitMs(250), 0);
  assertEquals(time.waitMs(251), -1);
});

Deno.test("SteppedTime refuses steps that are no whole number of microseconds", () => {
  const time = new SteppedTime();
  for (const us of [-1, 0.5, 2 ** 60]) assertThrows(() => time.advance(us), "whole number");
});

Deno.test("createTimeDriver makes what the mode says", () => {
  assertEquals(createTimeDriver({ kind: "stepped" }) instanceof SteppedTime, true);
  assertEquals(createTimeDriver({ kind: "host", factor: 10 }).usPerHostMs, 10_000);
});

Deno.test("hostDelay is over at once when its signal is aborted, or has been before", async () => {
  const leaving = new AbortController();
  const delays = [hostDelay(1e9, leaving.signal), hostDelay(1e9, AbortSignal.abort()), hostDelay(0)];
  leaving.abort();
  assertEquals(await Promise.all(delays), [undefined, undefined, undefined]);
});
