// Waiting that ends: a test that goes through turns until something is so fails when it never is, and does not hang. What is waited
// for may be done by another thread or process, which a busy machine may not let run for long: no bound on turns fits that.
import { assert } from "@std/assert";
import { HostTime } from "../../scp/core/clock.ts";

/** More than anything takes that happens at all. */
const PATIENCE_US = 60_000_000;

/** Goes through turns until something is so; fails when it is not after a minute. */
export function turnUntil(isSo: () => boolean, turn: () => unknown, what: string): void {
  const time = new HostTime();
  while (!isSo() && time.nowUs() < PATIENCE_US) turn();
  assert(isSo(), `waited in vain: ${what}`);
}

/** The same, letting other work of this process go on after each turn. */
export async function turnUntilLater(isSo: () => boolean, turn: () => unknown, what: string): Promise<void> {
  const time = new HostTime();
  while (!isSo() && time.nowUs() < PATIENCE_US) {
    turn();
    // Deno's event loop polls its own sockets between macro tasks only.
    await Deno.stat(".");
  }
  assert(isSo(), `waited in vain: ${what}`);
}
