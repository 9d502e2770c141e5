// Waiting that ends: a test that goes through turns until something is so fails when it never is, and does not hang.
import { assert } from "@std/assert";

/** More than anything takes that happens at all. */
const TURNS_MAX = 20_000;

/** Goes through turns until something is so; fails when it is not after very many. */
export function turnUntil(
  isSo: () => boolean,
  turn: () => unknown,
  what: string,
  turnsMax = TURNS_MAX,
): void {
  for (let i = 0; i < turnsMax && !isSo(); i++) turn();
  assert(isSo(), `not within ${turnsMax} turns: ${what}`);
}

/** The same, letting other work of this process go on after each turn. */
export async function turnUntilLater(
  isSo: () => boolean,
  turn: () => unknown,
  what: string,
  turnsMax = TURNS_MAX,
): Promise<void> {
  for (let i = 0; i < turnsMax && !isSo(); i++) {
    turn();
    // Deno's event loop polls its own sockets between macro tasks only.
    await Deno.stat(".");
  }
  assert(isSo(), `not within ${turnsMax} turns: ${what}`);
}
