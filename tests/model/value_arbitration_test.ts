// Levels, limits, voltages and caps that several agents share: what each policy makes of their votes, what the hardware has the
// last word on, and what happens to changes that take their time.
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { ArbitrationInput, ValuePolicyInput } from "../../boards/arbitration.ts";
import type { Board } from "../../boards/board.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";
import { QUIET_BOARD } from "../support/dvfs_model.ts";
import { CAPPED, POWERCAP_BOARD } from "../support/powercap_board.ts";
import fc from "../support/property.ts";

const A = 1;
const B = 2;
const C = 3;
const NAMES = ["A", "B", "C"] as const;

/** A board with three agents that are alike. */
function withAgents(board: Board, arbitration: ArbitrationInput): Board {
  const [agent] = board.agents;
  return { ...board, arbitration, agents: NAMES.map((name) => ({ ...agent!, name })) };
}

function create(board: Board, arbitration: ArbitrationInput) {
  const timeline = new Timeline();
  const model = createModel(withAgents(board, arbitration), { seed: 1, scheduler: timeline });
  return {
    timeline,
    model,
    hardware: (agentId: number) => model.hardwareOf(agentId),
    isRight: () => assertEquals(checkInvariants(model), []),
    differences: () =>
      model.arbitration.beliefs.differences.map(({ agentId, about, believed, actual }) =>
        `${agentId} ${about}: ${believed}, but ${actual}`
      ),
  };
}

function createPerformance(policy: NonNullable<ArbitrationInput["performanceDomain"]>[string] = {}) {
  const all = create(QUIET_BOARD, { performanceDomain: { cpu: policy } });
  const cpu = all.model.dvfs.performanceDomains[0]!;
  const shared = (id: number) => all.hardware(id).performanceDomain[0]!;
  return {
    ...all,
    cpu,
    level(id: number, index: number) {
      const result = shared(id).setLevel(cpu.levels[index]!, id);
      all.isRight();
      return [result, cpu.level.index];
    },
    limit(id: number, min: number, max: number) {
      const result = shared(id).setLimits({ min: cpu.levels[min]!, max: cpu.levels[max]! }, id);
      all.isRight();
      return [result, cpu.agentLimits.min.index, cpu.agentLimits.max.index];
    },
  };
}

/** What a policy makes of votes, the last one last: written another way. */
function expectedValue(
  policy: ValuePolicyInput,
  votes: readonly (readonly [string, number])[],
): number | null {
  const sorted = votes.map(([, value]) => value).toSorted((a, b) => a - b);
  const last = votes.at(-1)?.[1] ?? null;
  if (policy === "highest") return sorted.at(-1) ?? null;
  if (policy === "lowest") return sorted[0] ?? null;
  if (policy === "last") return last;
  const order = "owner" in policy ? [policy.owner] : policy.priority;
  for (const name of order) for (const [voter, value] of votes) if (voter === name) return value;
  return last;
}

const POLICIES: readonly ValuePolicyInput[] = [
  "last",
  "highest",
  "lowest",
  { owner: "B" },
  { priority: ["C", "A"] },
];

type Step = readonly [agentId: number, value: number | null];

/** Votes of agents in any order; null = the agent's are dropped. */
const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom(A, B, C),
    fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.constant(null) }),
  ),
  { maxLength: 25 },
);

/** Replays votes on hardware, and compares after each. */
function replay(
  steps: readonly Step[],
  policy: ValuePolicyInput,
  hardware: {
    vote(agentId: number, value: number): string;
    drop(agentId: number): void;
    /** What is in force, and what is without any vote. */
    value(): unknown;
    textOf(value: number | null): unknown;
    isRight(): void;
  },
): void {
  let votes: [string, number][] = [];
  for (const [agentId, value] of steps) {
    const name = NAMES[agentId - 1]!;
    votes = votes.filter(([voter]) => voter !== name);
    if (value === null) hardware.drop(agentId);
    else {
      assertEquals(hardware.vote(agentId, value), "SUCCESS");
      votes.push([name, value]);
    }
    assertEquals(hardware.value(), hardware.textOf(expectedValue(policy, votes)));
    hardware.isRight();
  }
}

Deno.test("a shared level is what its policy makes of votes in any order", () => {
  for (const policy of POLICIES) {
    fc.assert(
      fc.property(STEPS, (steps) => {
        const { model, cpu, level, isRight } = createPerformance({ level: policy });
        const free = cpu.level.index;
        replay(steps, policy, {
          vote: (id, value) => level(id, value)[0] as string,
          drop: (id) => model.dropVotes(id),
          value: () => cpu.level.index,
          textOf: (value) => value ?? free,
          isRight,
        });
      }),
      { numRuns: 40 },
    );
  }
});

Deno.test("shared limits are what their policies make of votes, and the upper one outweighs the lower", () => {
  const { limit, differences, model, cpu } = createPerformance();
  assertEquals(limit(A, 1, 3), ["SUCCESS", 1, 3]);
  assertEquals(limit(B, 0, 2), ["SUCCESS", 1, 2]);
  assertEquals(limit(C, 3, 3), ["SUCCESS", 2, 2], "the lowest upper limit, and no lower one above it");
  assertEquals(differences().length, 5, "only B's upper limit is as it wants it");
  model.dropVotes(B);
  assertEquals([cpu.agentLimits.min.index, cpu.agentLimits.max.index], [3, 3]);
  const owned = createPerformance({ max: { owner: "B" }, min: { priority: ["C", "B"] } });
  owned.limit(A, 0, 0);
  owned.limit(B, 1, 3);
  assertEquals(owned.limit(A, 0, 1), ["SUCCESS", 1, 3]);
  assertEquals(owned.limit(C, 2, 2), ["SUCCESS", 2, 3]);
});

Deno.test("a vote outside of the limits is refused, and one that limits exclude later counts again after them", () => {
  const { level, limit, cpu, differences, model, isRight } = createPerformance();
  assertEquals(level(A, 3), ["SUCCESS", 3]);
  assertEquals(limit(B, 0, 1), ["SUCCESS", 0, 1]);
  assertEquals([cpu.level.index, differences()], [1, [`${A} level: 200, but 100`]]);
  assertEquals(level(C, 2), ["OUT_OF_RANGE", 1]);
  assertEquals(level(C, 0), ["SUCCESS", 1], "the highest, within the limits");
  model.dropVotes(B);
  isRight();
  assertEquals([cpu.level.index, differences()], [3, [`${C} level: 50, but 200`]]);
});

Deno.test("a ceiling of the platform holds a shared level, and its agents' belief differs while it lasts", () => {
  const { level, cpu, differences, isRight } = createPerformance();
  level(A, 3);
  cpu.imposeCeiling("heat", 1);
  isRight();
  assertEquals(differences(), [`${A} level: 200, but 100`]);
  cpu.imposeCeiling("heat", null);
  assertEquals([cpu.level.index, differences()], [3, []]);
});

Deno.test("a shared level that the platform has asked for since outlives the votes", () => {
  const { level, cpu, model, isRight } = createPerformance();
  level(A, 3);
  assertEquals(model.setInput("mhz.cpu", 1000), true);
  model.dropVotes(A);
  isRight();
  assertEquals(cpu.level.index, 1);
});

function createVoltage(policy: ValuePolicyInput = "highest") {
  const all = create(QUIET_BOARD, { voltageDomain: { "*": policy } });
  const io = all.model.dvfs.voltageDomains[1]!;
  return { ...all, io, shared: (id: number) => all.hardware(id).voltageDomain[1]! };
}

const LEVELS_UV = [-5_000_000, 1_800_000, 2_500_000, 3_300_000] as const;

Deno.test("a shared voltage is what its policy makes of votes in any order", () => {
  for (const policy of POLICIES) {
    fc.assert(
      fc.property(STEPS, (steps) => {
        const { io, shared, model, isRight } = createVoltage(policy);
        const free = io.levelUv;
        replay(steps, policy, {
          vote: (id, value) => shared(id).setLevel(LEVELS_UV[value]!, id),
          drop: (id) => model.dropVotes(id),
          value: () => io.levelUv,
          textOf: (value) => value === null ? free : LEVELS_UV[value],
          isRight,
        });
      }),
      { numRuns: 40 },
    );
  }
});

Deno.test("a shared voltage that is not one of its levels is refused, and is no vote", () => {
  const { shared, model, io } = createVoltage();
  assertEquals(shared(A).setLevel(1, A), "INVALID_PARAMETERS");
  assertEquals([model.arbitration.votes(), io.levelUv], [[], 1_800_000]);
});

Deno.test("a shared voltage that takes its time counts from the start; one given up is as if it had not begun", () => {
  const { shared, model, io, timeline, isRight } = createVoltage("last");
  shared(A).setLevel(2_500_000, A);
  shared(B).setLevel(1_800_000, B);
  const change = shared(A).beginLevel(3_300_000, A);
  assertNotEquals(typeof change, "string");
  assertEquals(shared(C).setLevel(2_500_000, C), "BUSY");
  if (typeof change !== "string") change.cancel();
  isRight();
  assertEquals(io.levelUv, 1_800_000);
  assertEquals(model.arbitration.votes().map(({ agentId, wanted }) => [agentId, wanted]), [
    [A, "2500000 uV"],
    [B, "1800000 uV"],
  ]);
  const again = shared(A).beginLevel(3_300_000, A);
  assert(typeof again !== "string" && again.result === null);
  timeline.advanceTo(1_000_000);
  isRight();
  assertEquals([io.levelUv, again.result], [3_300_000, "SUCCESS"]);
  const dropped = shared(A).beginLevel(2_500_000, A);
  model.dropVotes(A);
  timeline.advanceTo(2_000_000);
  assert(typeof dropped !== "string");
  assertEquals([io.levelUv, dropped.result], [1_800_000, null], "nobody is told that it came about");
});

Deno.test("a shared rail is on while anybody wants it, and goes with the last", () => {
  const { shared, io, model, differences, isRight } = createVoltage();
  const turn = (id: number, kind: "on" | "off") => {
    const mode = io.modes.find((each) => each.kind === kind)!;
    assertEquals(shared(id).setMode(mode, id), "SUCCESS");
    isRight();
    return io.mode.kind;
  };
  assertEquals([turn(A, "on"), turn(B, "on"), turn(A, "off")], ["on", "on", "on"]);
  assertEquals(differences(), [`${A} state: off, but on`]);
  model.dropVotes(B);
  isRight();
  assertEquals([io.mode.kind, differences()], ["off", []]);
  model.dropVotes(A);
  assertEquals(io.mode.kind, "on", "as at boot");
});

function createCaps(policy: ValuePolicyInput = "lowest") {
  const all = create(POWERCAP_BOARD, { powercapDomain: { "*": policy } });
  const cpu = all.model.powercapTree.domains[CAPPED.cpu]!;
  return { ...all, cpu, shared: (id: number) => all.hardware(id).powercapDomain[CAPPED.cpu]! };
}

/** Caps in uW; the first is none. */
const CAPS = [null, 1_000_000, 2_000_000, 3_000_000] as const;

Deno.test("a shared cap is what its policy makes of votes in any order, none being above all", () => {
  for (const policy of POLICIES) {
    fc.assert(
      fc.property(STEPS, (steps) => {
        const { cpu, shared, model, isRight } = createCaps(policy);
        // In the order of the reference: what is no cap comes last.
        const capOf = (value: number) => CAPS[(value + 1) % CAPS.length]!;
        replay(steps, policy, {
          vote: (id, value) => shared(id).setCap(id, capOf(value)),
          drop: (id) => model.dropVotes(id),
          value: () => cpu.cap,
          textOf: (value) => value === null ? cpu.description.bootCap : capOf(value),
          isRight,
        });
      }),
      { numRuns: 40 },
    );
  }
});

Deno.test("a shared cap of the boot is nobody's vote, and is back with the last that goes", () => {
  const all = create(POWERCAP_BOARD, { powercapDomain: { npu: "highest" } });
  const npu = all.model.powercapTree.domains[CAPPED.npu]!;
  const mayNot = all.hardware(A).powercapDomain[CAPPED.npu]!.setCap(A, 500);
  assertEquals([mayNot, npu.cap, all.model.arbitration.votes()], ["DENIED", 300, []]);
});

Deno.test("a shared cap that is on its way keeps others from changing it; what was taken back meanwhile is gone", () => {
  const { shared, cpu, model, timeline, isRight } = createCaps();
  model.setInput("utilisation.cpu", 1);
  shared(B).setCap(B, 3_000_000);
  const ends: boolean[] = [];
  const change = shared(A).beginCapChange(A, 1_000_000);
  if (typeof change !== "string") change.whenOver((isInForce) => ends.push(isInForce));
  assertEquals(shared(C).setCap(C, 2_000_000), "BUSY");
  model.dropVotes(B);
  isRight();
  timeline.advanceTo(1_000_000);
  isRight();
  assertEquals([ends, cpu.cap], [[true], 1_000_000]);
  const second = shared(B).beginCapChange(B, 500_000);
  if (typeof second !== "string") second.cancel();
  isRight();
  assertEquals(model.arbitration.votes().map(({ agentId }) => agentId), [A]);
  shared(B).beginCapChange(B, 500_000);
  model.dropVotes(B);
  timeline.advanceTo(2_000_000);
  isRight();
  assertEquals(cpu.cap, 1_000_000);
});

Deno.test("a shared cap that came into force by a vote that is gone is put right when it is over", () => {
  const { shared, cpu, model, timeline, isRight } = createCaps("highest");
  model.setInput("utilisation.cpu", 1);
  shared(B).setCap(B, 2_000_000);
  shared(A).beginCapChange(A, 1_000_000);
  model.dropVotes(B);
  timeline.advanceTo(1_000_000);
  isRight();
  assertEquals(cpu.cap, 1_000_000);
});

Deno.test("a shared cap whose vote is taken back while another is on its way stays until that is over", () => {
  const { shared, cpu, model, timeline, isRight, differences } = createCaps();
  model.setInput("utilisation.cpu", 1);
  shared(A).setCap(A, 2_000_000);
  const caps: (number | null)[] = [];
  cpu.listen(({ cap }) => caps.push(cap));
  shared(B).beginCapChange(B, 1_000_000);
  model.dropVotes(A);
  isRight();
  assertEquals(cpu.cap, 2_000_000);
  timeline.advanceTo(1_000_000);
  isRight();
  assertEquals([cpu.cap, caps], [1_000_000, [1_000_000]]);
  const change = shared(A).beginCapChange(A, 500_000);
  model.dropVotes(C);
  assertEquals(differences().length, 1, "what is asked for is not so yet");
  if (typeof change !== "string") change.cancel();
  assertEquals(differences(), []);
});
