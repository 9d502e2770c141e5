// Resources that several agents share: what each policy and strategy makes of their requests, what each agent finds, and what
// is left when one has vanished.
import { assertEquals } from "@std/assert";
import type { ArbitrationInput } from "../../boards/arbitration.ts";
import { type Board, defineBoard } from "../../boards/board.ts";
import { WHOLE_BOARD } from "../../boards/view.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { ValueVotes, type VotePolicy } from "../../scp/model/arbitration/value_votes.ts";
import type { Clock } from "../../scp/model/clock.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel, type Model } from "../../scp/model/model.ts";
import fc from "../support/property.ts";
import { AGENT as POWER_AGENT, DOMAIN, POWER_BOARD } from "../support/power_board.ts";

const A = 1;
const B = 2;
const C = 3;

const CLOCK_BOARD: Board = defineBoard({
  name: "clocks",
  title: "Clocks that agents share",
  identity: { vendor: "test", subVendor: "clocks", implementationVersion: 1 },
  agents: ["A", "B", "C"].map((name) => ({ name, kind: "OSPM", view: WHOLE_BOARD })),
  clocks: [
    { id: 0, name: "root", rateHz: 800 },
    {
      id: 1,
      name: "bus",
      parents: ["root"],
      ratio: { kind: "dividers", dividers: [1, 2, 4, 8], divider: 8 },
      hasGate: true,
      startsEnabled: true,
    },
    { id: 2, name: "uart", parents: ["bus"] },
  ],
  sensors: [],
});

function createClocks(policy: NonNullable<ArbitrationInput["clock"]>[string] = {}) {
  const timeline = new Timeline();
  const model = createModel({ ...CLOCK_BOARD, arbitration: { clock: { bus: policy } } }, {
    seed: 1,
    scheduler: timeline,
  });
  const clocks = [A, B, C].map((id) => model.hardwareOf(id).clock[1]!);
  const find = (id: number): Clock => clocks[id - 1]!;
  return {
    model,
    timeline,
    find,
    real: model.clockTree.clocks[1]!,
    turn(id: number, isEnabled: boolean) {
      const result = find(id).configure(id, { isEnabled, setting: null });
      assertEquals(checkInvariants(model), []);
      return result;
    },
    rate(id: number, rateHz: number) {
      const result = find(id).setRate(id, rateHz, "nearest");
      assertEquals(checkInvariants(model), []);
      return result;
    },
    differences: () =>
      model.arbitration.beliefs.differences.map(({ agentId, about, believed, actual }) =>
        `${agentId} ${about}: ${believed}, but ${actual}`
      ),
  };
}

Deno.test("ValueVotes make one value of all by their policy", () => {
  const policies: [VotePolicy, number][] = [
    [{ kind: "last" }, 20],
    [{ kind: "highest" }, 30],
    [{ kind: "lowest" }, 10],
    [{ kind: "owner", ownerId: 1 }, 30],
    [{ kind: "owner", ownerId: 9 }, 20],
    [{ kind: "priority", agentIds: [9, 2, 1] }, 10],
    [{ kind: "priority", agentIds: [9] }, 20],
  ];
  for (const [policy, expected] of policies) {
    const votes = new ValueVotes(policy);
    assertEquals(votes.value, null);
    votes.cast(1, 30);
    votes.cast(2, 10);
    assertEquals(votes.valueWith(3, 20), expected, "what a vote would make");
    votes.cast(3, 20);
    assertEquals(votes.value, expected, JSON.stringify(policy));
  }
});

Deno.test("ValueVotes forget a vote that is taken back", () => {
  const votes = new ValueVotes({ kind: "highest" });
  votes.cast(1, 30);
  votes.cast(2, 10);
  assertEquals([votes.drop(1), votes.value], [true, 10]);
  assertEquals([votes.drop(1), votes.drop(2), votes.value], [false, true, null]);
});

Deno.test("ValueVotes undo a vote in its place, unless the agent has voted again or is gone", () => {
  const votes = new ValueVotes({ kind: "last" });
  votes.cast(1, 10);
  votes.cast(2, 20);
  const undo = votes.cast(1, 30);
  undo();
  assertEquals([votes.value, [...votes.all]], [20, [[1, 10], [2, 20]]]);
  const undoFormer = votes.cast(1, 40);
  votes.cast(1, 50);
  undoFormer();
  assertEquals(votes.value, 50);
  const undoLast = votes.cast(2, 60);
  votes.drop(2);
  undoLast();
  assertEquals([...votes.all], [[1, 50]]);
});

Deno.test("a voted clock that runs at boot stops only for an agent that had it on", () => {
  const { turn, real, differences } = createClocks();
  assertEquals(turn(A, false), "SUCCESS");
  assertEquals(real.isEnabled, true, "it was not A that had it on");
  assertEquals(differences(), [`${A} state: off, but on`]);
  turn(A, true);
  assertEquals(differences(), []);
  turn(A, false);
  assertEquals(real.isEnabled, false);
});

Deno.test("a voted clock runs while any agent wants it to", () => {
  const { turn, real, find, differences } = createClocks();
  turn(A, true);
  turn(B, true);
  turn(B, true);
  turn(A, false);
  assertEquals([real.isEnabled, find(A).isEnabled], [true, true], "what is read is what is so");
  assertEquals(differences(), [`${A} state: off, but on`]);
  turn(B, false);
  assertEquals([real.isEnabled, differences()], [false, []]);
});

Deno.test("a voted clock has the rate that its policy makes of all votes", () => {
  const { rate, real, differences } = createClocks({ rate: "highest" });
  rate(A, 200);
  rate(B, 400);
  rate(A, 100);
  assertEquals([real.rateHz, differences()], [400, [`${A} rate: 100 Hz, but 400 Hz`]]);
  rate(B, 200);
  assertEquals(real.rateHz, 200);
  const lowest = createClocks({ rate: { priority: ["C", "A"] } });
  lowest.rate(B, 400);
  lowest.rate(A, 200);
  lowest.rate(B, 100);
  assertEquals(lowest.real.rateHz, 200);
  lowest.rate(C, 800);
  assertEquals(lowest.real.rateHz, 800);
});

Deno.test("a voted clock tells requests that did not come into force", () => {
  const { rate, find } = createClocks({ rate: "highest" });
  rate(B, 400);
  const heard: number[] = [];
  find(B).rateRequests.add(({ agentId, rateHz }) => heard.push(agentId, rateHz));
  rate(A, 100);
  assertEquals(heard, [A, 100]);
});

Deno.test("a denied clock refuses every change, and says so before", () => {
  const { turn, rate, find, real } = createClocks({ strategies: { A: "deny" } });
  assertEquals([turn(A, false), turn(A, true), rate(A, 400)], ["DENIED", "DENIED", "DENIED"]);
  assertEquals(find(A).permissionsOf(A), { state: false, rate: false, parent: false });
  assertEquals([find(A).isRestricted, find(B).isRestricted, real.rateHz], [true, false, 100]);
});

Deno.test("an ignored request is a success of which nothing comes, and reads tell the truth", () => {
  const { turn, rate, find, real, differences } = createClocks({ strategies: { A: "accept-ignore" } });
  assertEquals([turn(A, false), rate(A, 400)], ["SUCCESS", "SUCCESS"]);
  assertEquals([real.isEnabled, real.rateHz, find(A).rateHz], [true, 100, 100]);
  assertEquals(differences(), [`${A} state: off, but on`, `${A} rate: 400 Hz, but 100 Hz`]);
});

Deno.test("a clamped request gets the nearest rate that is allowed", () => {
  const { rate, real, differences } = createClocks({
    strategies: { A: "accept-clamp" },
    clampHz: { min: 200, max: 400 },
  });
  assertEquals([rate(A, 5000), real.rateHz], ["SUCCESS", 400]);
  assertEquals(differences(), [`${A} rate: 5000 Hz, but 400 Hz`]);
  assertEquals([rate(A, 1), real.rateHz], ["SUCCESS", 200]);
});

Deno.test("a clamped request never gets a rate beyond its clamp", () => {
  for (
    const [min, max, asked, expected] of [
      // The nearest of all rates (100, 200, 400, 800) to the upper end would be 400, to the lower one 200.
      [0, 390, 5000, 200],
      [210, 700, 1, 400],
      // None is within: there is nothing to vote for.
      [210, 390, 5000, 100],
    ] as const
  ) {
    const { rate, real, differences } = createClocks({
      strategies: { A: "accept-clamp" },
      clampHz: { min, max },
    });
    assertEquals([rate(A, asked), real.rateHz], ["SUCCESS", expected], `${min} to ${max}`);
    assertEquals(differences(), [`${A} rate: ${asked} Hz, but ${expected} Hz`]);
  }
});

Deno.test("a dummy clock is its agent's alone", () => {
  const { turn, rate, find, real } = createClocks({ strategies: { A: "dummy" } });
  const rates: number[] = [];
  find(A).rateChanges.add(({ rateHz }) => rates.push(rateHz));
  assertEquals([turn(A, false), rate(A, 400)], ["SUCCESS", "SUCCESS"]);
  assertEquals([find(A).isEnabled, find(A).rateHz, rates], [false, 400, [400]]);
  assertEquals([real.isEnabled, real.rateHz, find(B).rateHz], [true, 100, 100]);
});

Deno.test("the owner of a clock acts directly", () => {
  const { turn, rate, real } = createClocks({ strategies: { A: "own", "*": "accept-ignore" } });
  turn(B, true);
  assertEquals([turn(A, false), real.isEnabled], ["SUCCESS", false]);
  assertEquals([rate(A, 400), real.rateHz], ["SUCCESS", 400]);
});

Deno.test("a voted power domain is in the shallowest state that anybody wants", () => {
  const timeline = new Timeline();
  const board: Board = { ...POWER_BOARD, arbitration: { powerDomain: { "*": "vote" } } };
  const model = createModel(board, { seed: 1, scheduler: timeline });
  const ask = (agentId: number, id: number, name: string) => {
    const domain = model.hardwareOf(agentId).powerDomain[id]!;
    const state = domain.states.find((each) => each.name === name)!;
    const result = domain.request(state, false, agentId);
    assertEquals(checkInvariants(model), []);
    return [result, domain.state.name];
  };
  const { OSPM, VM1 } = POWER_AGENT;
  assertEquals(ask(OSPM, DOMAIN.gpu, "on"), ["SUCCESS", "on"]);
  assertEquals(ask(VM1, DOMAIN.gpu, "on"), ["SUCCESS", "on"]);
  const heard: string[] = [];
  model.powerTree.find("gpu")!.listen(({ kind, agentId }) => heard.push(`${kind} ${agentId}`));
  assertEquals(ask(OSPM, DOMAIN.gpu, "off"), ["SUCCESS", "on"]);
  assertEquals(heard, [`requested ${OSPM}`]);
  assertEquals(ask(VM1, DOMAIN.gpu, "off"), ["SUCCESS", "off"]);
  ask(OSPM, DOMAIN.gpu, "on");
  model.dropVotes(OSPM);
  assertEquals(model.powerTree.find("gpu")!.state.name, "off");
  assertEquals(model.arbitration.votes().map(({ agentId, wanted }) => [agentId, wanted]), [[VM1, "off"]]);
});

Deno.test("what a vanished agent wanted of a clock is forgotten wholly", () => {
  const { turn, rate, real, model, differences } = createClocks({ rate: "highest" });
  turn(A, true);
  turn(B, true);
  rate(A, 200);
  rate(B, 800);
  model.dropVotes(B);
  assertEquals([real.isEnabled, real.rateHz, differences()], [true, 200, []]);
  turn(A, false);
  assertEquals(real.isEnabled, false);
  model.dropVotes(A);
  assertEquals([real.isEnabled, real.rateHz], [true, 100], "it runs at boot, and A has not stopped it");
});

/** A reference for votes on clocks, written another way: replays everything from the start. */
function expectedClock(steps: readonly Step[]): { isOn: boolean; rateHz: number } {
  const isLive = (step: Step, place: number) =>
    !steps.slice(place).some((later) => later.kind === "drop" && later.id === step.id);
  const rates = new Map<number, number>();
  const wants = new Map<number, boolean>();
  let wasGivenBack = false;
  steps.forEach((step, place) => {
    // What a dropped agent said is as if it had never been said.
    if (step.kind === "drop" || !isLive(step, place)) return;
    if (step.kind === "turn") {
      // Whoever gives back a vote ends what it was at boot.
      if (wants.get(step.id) === true && !step.isOn) wasGivenBack = true;
      wants.set(step.id, step.isOn);
    } else rates.set(step.id, step.rateHz);
  });
  const isOn = [...wants.values()].includes(true) || !wasGivenBack;
  return { isOn, rateHz: rates.size === 0 ? 100 : Math.max(...rates.values()) };
}

type Step =
  | { readonly kind: "turn"; readonly id: number; readonly isOn: boolean }
  | { readonly kind: "rate"; readonly id: number; readonly rateHz: number }
  | { readonly kind: "drop"; readonly id: number };

Deno.test("votes of three agents in any order make what a reference makes of them", () => {
  const id = fc.constantFrom(A, B, C);
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant("turn" as const), id, isOn: fc.boolean() }),
    fc.record({ kind: fc.constant("rate" as const), id, rateHz: fc.constantFrom(100, 200, 400, 800) }),
    fc.record({ kind: fc.constant("drop" as const), id }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const { turn, rate, real, model } = createClocks({ rate: "highest" });
    for (const each of steps) {
      if (each.kind === "turn") turn(each.id, each.isOn);
      else if (each.kind === "rate") rate(each.id, each.rateHz);
      else model.dropVotes(each.id);
    }
    const expected = expectedClock(steps);
    assertEquals(real.isEnabled, expected.isOn);
    assertEquals(real.rateHz, expected.rateHz);
  }));
});

Deno.test("a board without policies has one hardware for all agents", () => {
  const model: Model = createModel(CLOCK_BOARD, { seed: 1 });
  assertEquals(model.hardwareOf(A), model.hardwareOf(B));
  assertEquals(model.hardwareOf(A).clock[1] === model.view.clock[1], true);
});
