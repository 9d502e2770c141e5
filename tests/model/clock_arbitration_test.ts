// Rates that take their time on clocks that agents share, under every strategy: what is told at once, what comes into force when,
// and what is left of a change that is given up, dropped, or overtaken by a reset.
import { assertEquals } from "@std/assert";
import type { ArbitrationInput, ClockStrategy } from "../../boards/arbitration.ts";
import { type Board, defineBoard } from "../../boards/board.ts";
import { WHOLE_BOARD } from "../../boards/view.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";

const A = 1;
const B = 2;
const LATENCY_US = 100;

const BOARD: Board = defineBoard({
  name: "clocks",
  title: "A clock that agents share",
  identity: { vendor: "test", subVendor: "clocks", implementationVersion: 1 },
  agents: ["A", "B"].map((name) => ({ name, kind: "PSCI", view: WHOLE_BOARD })),
  systemPower: { restartUs: 1000 },
  clocks: [
    {
      id: 0,
      name: "bus",
      rateHz: 800,
      ratio: { kind: "dividers", dividers: [1, 2, 4, 8], divider: 8 },
      hasGate: true,
      startsEnabled: false,
      rateLatencyUs: LATENCY_US,
    },
    {
      id: 1,
      name: "guarded",
      rateHz: 800,
      ratio: { kind: "dividers", dividers: [1, 8], divider: 8 },
      rights: { A: { rate: false, state: false } },
      hasGate: true,
      startsEnabled: true,
    },
  ],
  sensors: [],
});

function create(policy: NonNullable<ArbitrationInput["clock"]>[string]) {
  const timeline = new Timeline();
  const model = createModel({ ...BOARD, arbitration: { clock: { "*": policy } } }, {
    seed: 1,
    scheduler: timeline,
  });
  const real = model.clockTree.clocks[0]!;
  const requests: string[] = [];
  real.rateRequests.add(({ agentId, rateHz }) => requests.push(`${agentId} ${rateHz}`));
  const clocks = [A, B].map((id) => model.hardwareOf(id).clock);
  return {
    model,
    timeline,
    real,
    requests,
    clockOf: (id: number, place = 0) => clocks[id - 1]![place]!,
    begin(id: number, rateHz: number) {
      const change = clocks[id - 1]![0]!.beginRateChange(id, rateHz, "nearest");
      assertEquals(checkInvariants(model), []);
      return change;
    },
    pass(us: number) {
      timeline.advanceTo(timeline.nowUs() + us);
      assertEquals(checkInvariants(model), []);
    },
    differences: () => model.arbitration.beliefs.differences.map(({ about, actual }) => `${about} ${actual}`),
  };
}

/** By strategy: what a change to 300 Hz becomes, what was told of requests, the rate before and after, beliefs. */
const EXPECTED: Readonly<Record<ClockStrategy, readonly unknown[]>> = {
  vote: ["SUCCESS", ["1 300"], 100, 400, []],
  own: ["SUCCESS", ["1 300"], 100, 400, []],
  "accept-clamp": ["SUCCESS", ["1 300"], 100, 200, ["rate 200 Hz"]],
  "accept-ignore": ["SUCCESS", ["1 300"], 100, 100, ["rate 100 Hz"]],
  deny: ["DENIED", ["1 300"], 100, 100, []],
  dummy: ["SUCCESS", [], 100, 100, ["rate 100 Hz"]],
};

for (const [strategy, expected] of Object.entries(EXPECTED) as [ClockStrategy, readonly unknown[]][]) {
  const policy = {
    strategies: { A: strategy, "*": "accept-ignore" },
    clampHz: { min: 0, max: 200 },
  } as const;

  Deno.test(`a rate that takes its time comes into force when it is due: ${strategy}`, () => {
    const { begin, pass, real, requests, differences } = create(policy);
    const change = begin(A, 300);
    const told = [...requests];
    pass(LATENCY_US - 1);
    const before = real.outputHz;
    pass(1);
    const result = typeof change === "string" ? change : change.result;
    assertEquals([result, told, before, real.outputHz, differences()], expected);
  });

  Deno.test(`a rate that is given up on its way changes nothing: ${strategy}`, () => {
    const { begin, pass, real, model, clockOf } = create(policy);
    const change = begin(A, 300);
    if (typeof change !== "string") change.cancel();
    pass(10 * LATENCY_US);
    assertEquals([real.outputHz, clockOf(A).rateHz], [100, 100]);
    assertEquals(model.arbitration.votes(), []);
  });

  Deno.test(`a rate on its way is forgotten with its agent, and with the system: ${strategy}`, () => {
    for (const end of ["agent", "system"]) {
      const { begin, pass, real, model, clockOf } = create(policy);
      begin(A, 300);
      if (end === "agent") model.dropVotes(A);
      else assertEquals(model.systemPower!.request("coldReset", false, B), "SUCCESS");
      pass(2000);
      assertEquals([real.outputHz, clockOf(A).rateHz, model.arbitration.votes()], [100, 100, []]);
    }
  });
}

Deno.test("votes that take their time are counted when they are due, in their order", () => {
  const { begin, pass, real } = create({ rate: "last" });
  begin(A, 400);
  pass(10);
  begin(B, 200);
  pass(LATENCY_US - 10);
  assertEquals(real.outputHz, 400);
  pass(10);
  assertEquals(real.outputHz, 200);
});

Deno.test("a request that is refused is told once", () => {
  const { clockOf, requests } = create({ strategies: { A: "deny" } });
  assertEquals(clockOf(A).setRate(A, 400, "nearest"), "DENIED");
  assertEquals(requests, [`${A} 400`]);
});

Deno.test("no strategy gives an agent what its rights do not", () => {
  for (const strategy of ["vote", "accept-clamp", "accept-ignore", "deny"] as const) {
    const { clockOf, model } = create({ strategies: { A: strategy } });
    const guarded = clockOf(A, 1);
    assertEquals(guarded.setRate(A, 800, "nearest"), "DENIED", strategy);
    assertEquals(guarded.configure(A, { isEnabled: true, setting: null }), "DENIED", strategy);
    assertEquals(guarded.configure(A, { isEnabled: false, setting: null }), "DENIED", strategy);
    assertEquals([model.arbitration.votes(), model.arbitration.beliefs.log], [[], []]);
  }
});

Deno.test("an agent keeps its dummy clock however often its hardware is asked for", () => {
  const { model, clockOf, differences } = create({ strategies: { A: "dummy" } });
  clockOf(A).configure(A, { isEnabled: true, setting: null });
  assertEquals(model.hardwareOf(A).clock[0]!.isEnabled, true);
  assertEquals(differences(), ["state off"]);
  clockOf(B).configure(B, { isEnabled: true, setting: null });
  assertEquals(differences(), [], "now it is as the agent believes");
});

Deno.test("beliefs tell their end, also that of an agent that has gone", () => {
  const { clockOf, model } = create({ strategies: { A: "accept-ignore" } });
  const heard: string[] = [];
  model.arbitration.beliefs.listeners.add(({ agentId, about, differs }) =>
    heard.push(`${agentId} ${about} ${differs}`)
  );
  clockOf(A).setRate(A, 400, "nearest");
  clockOf(B).setRate(B, 400, "nearest");
  clockOf(B).setRate(B, 200, "nearest");
  model.dropVotes(A);
  assertEquals(heard, ["1 rate true", "1 rate false", "1 rate true", "1 rate false"]);
  assertEquals(model.arbitration.beliefs.log.length, 4);
});
