// What an agent may send: the token bucket in virtual time, and which ranks classes have.
import { assert, assertEquals } from "@std/assert";
import { completeMediation, type MediationInput, SERVICE_CLASSES } from "../../boards/mediation.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { Mediation } from "../../scp/server/mediation.ts";
import fc from "../support/property.ts";

function create(input: MediationInput, isShared = false) {
  const timeline = new Timeline();
  const told: boolean[] = [];
  const mediation = new Mediation(
    completeMediation(input),
    isShared,
    timeline,
    (isHeld) => told.push(isHeld),
  );
  return { timeline, told, mediation };
}

Deno.test("Mediation ranks the classes from safety to background, after the clock", () => {
  const ranks = SERVICE_CLASSES.map((serviceClass) => create({ serviceClass }).mediation.rank);
  assertEquals(ranks, [1, 2, 3]);
});

Deno.test("Mediation serves few in a row where classes differ or an agent is limited", () => {
  const alone = create({}).mediation.turnMessageMax;
  const shared = create({}, true).mediation.turnMessageMax;
  const limited = create({ messagesPerS: 1000 }).mediation.turnMessageMax;
  assert(shared < alone);
  assertEquals(limited, shared);
});

Deno.test("Mediation never holds an agent without a limit", () => {
  const { mediation, told } = create({});
  for (let i = 0; i < 100_000; i++) mediation.spend();
  assertEquals([mediation.isHeld, mediation.heldCount, told], [false, 0, []]);
});

Deno.test("Mediation holds an agent that has used its burst, and lets it go when tokens are back", () => {
  const { mediation, told, timeline } = create({ messagesPerS: 1000, burst: 10 });
  for (let i = 0; i < 10; i++) mediation.spend();
  assertEquals(mediation.isHeld, false);
  mediation.spend();
  assertEquals([mediation.isHeld, mediation.heldCount], [true, 1]);
  let resumedCount = 0;
  mediation.whenReleased(() => resumedCount++);
  timeline.advanceTo(1999);
  assertEquals([mediation.isHeld, resumedCount], [true, 0]);
  // One token is owed, and one is needed to go on.
  timeline.advanceTo(2000);
  assertEquals([mediation.isHeld, resumedCount, told], [false, 1, [true, false]]);
});

Deno.test("Mediation does not let tokens grow beyond the burst", () => {
  const { mediation, timeline } = create({ messagesPerS: 1000, burst: 5 });
  timeline.advanceTo(60_000_000);
  for (let i = 0; i < 5; i++) mediation.spend();
  assertEquals(mediation.isHeld, false);
  mediation.spend();
  assertEquals(mediation.isHeld, true);
});

Deno.test("Mediation keeps the rate in the long run, whatever is sent in a turn", () => {
  const turns = fc.array(fc.record({ count: fc.integer({ min: 0, max: 40 }), us: fc.nat(5000) }), {
    minLength: 1,
    maxLength: 200,
  });
  const rates = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(fc.property(rates, fc.integer({ min: 1, max: 100 }), turns, (messagesPerS, burst, all) => {
    const { mediation, timeline } = create({ messagesPerS, burst });
    let sentCount = 0;
    for (const { count, us } of all) {
      timeline.advanceTo(timeline.nowUs() + us);
      // A transport asks before a turn; what it serves within the turn is bounded by the turn.
      if (mediation.isHeld) continue;
      const now = Math.min(count, mediation.turnMessageMax);
      for (let i = 0; i < now; i++) mediation.spend();
      sentCount += now;
    }
    const granted = burst + timeline.nowUs() * messagesPerS / 1e6;
    assert(sentCount <= granted + mediation.turnMessageMax);
  }));
});
