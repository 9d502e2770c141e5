// When an agent is there, and what becomes of what it had asked for when it is not.
import { assertEquals } from "@std/assert";
import type { VanishPolicy } from "../../boards/vanish.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { Presence } from "../../scp/server/presence.ts";

function create(policy: VanishPolicy) {
  const timeline = new Timeline();
  const told: string[] = [];
  const presence = new Presence(3, policy, {
    nowUs: () => timeline.nowUs(),
    at: (...timer) => timeline.at(...timer),
    tellPresence: (agentId, event) => told.push(`${agentId} ${event} ${timeline.nowUs()}`),
  });
  return { timeline, told, presence };
}

Deno.test("presence: an agent is there from its first channel to the end of its last", () => {
  const { presence, told } = create("keep");
  assertEquals(presence.isThere, false);
  presence.enter();
  presence.enter();
  presence.leave(false);
  assertEquals([presence.isThere, told], [true, ["3 came 0"]]);
  presence.leave(false);
  assertEquals([presence.isThere, told], [false, ["3 came 0", "3 left 0"]]);
});

Deno.test("presence: what is kept is never dropped", () => {
  const { presence, told, timeline } = create("keep");
  presence.enter();
  presence.leave(true);
  timeline.advanceTo(1e12);
  assertEquals(told, ["3 came 0", "3 left 0"]);
});

Deno.test("presence: what is reset is dropped with the last channel, and when a driver begins anew", () => {
  const { presence, told } = create("reset");
  presence.enter();
  presence.enter();
  presence.leave(false);
  assertEquals(told, ["3 came 0"], "a tool that closes its connection is no agent that vanishes");
  presence.enter();
  presence.leave(true);
  assertEquals(told.at(-1), "3 votesDropped 0");
  presence.leave(false);
  assertEquals(told.slice(2), ["3 left 0", "3 votesDropped 0"]);
});

Deno.test("presence: an agent that is back in time loses nothing", () => {
  const { presence, told, timeline } = create({ dropAfterMs: 10 });
  presence.enter();
  presence.leave(false);
  timeline.advanceTo(9_999);
  presence.enter();
  timeline.advanceTo(20_000);
  assertEquals(told, ["3 came 0", "3 left 0", "3 came 9999"]);
  presence.leave(false);
  timeline.advanceTo(60_000);
  assertEquals(told.slice(3), ["3 left 20000", "3 votesDropped 30000"]);
});
