// Several agents that each believe the system is theirs: what each way of deciding does with their votes, who is told, and
// what the log says.
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { completeSystemPolicy, type SystemPolicyInput } from "../../boards/system_policy.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";
import type { SystemPowerNotice, SystemTransition } from "../../scp/model/system_power.ts";
import fc from "../support/property.ts";
import { AGENT, POWER_BOARD } from "../support/power_board.ts";

const { OSPM, VM1, BMC } = AGENT;
const VOTERS = ["OSPM", "VM1", "BMC"];

function createSetting(rules: SystemPolicyInput["rules"] = {}, present: readonly number[] = [OSPM, VM1]) {
  const policy = completeSystemPolicy({ voters: VOTERS, rules });
  const board: Board = { ...POWER_BOARD, systemPower: { ...POWER_BOARD.systemPower!, policy } };
  const timeline = new Timeline();
  const model = createModel(board, { seed: 1, scheduler: timeline });
  const system = model.systemPower!;
  for (const id of present) system.agentReturned(id);
  const heard = new Map<number, SystemPowerNotice[]>();
  for (const id of [OSPM, VM1]) {
    heard.set(id, []);
    system.subscribe(id, (notice) => heard.get(id)!.push(notice));
  }
  return {
    system,
    timeline,
    model,
    heard: (id: number) =>
      heard.get(id)!.map(({ transition, isGraceful, timeoutMs }) =>
        `${isGraceful ? "graceful" : "forceful"} ${transition} ${timeoutMs}`
      ),
    ask(transition: SystemTransition, agentId: number, isGraceful = false) {
      const result = system.request(transition, isGraceful, agentId);
      assertEquals(checkInvariants(model), []);
      return result;
    },
    verdicts: () => system.decisions.all.map(({ agentId, verdict }) => `${agentId} ${verdict}`),
    lastReason: () => system.decisions.all.at(-1)!.reason,
  };
}

Deno.test("system votes: last one out takes the system down, and each voter finds it down before", () => {
  const { system, ask, verdicts, lastReason, heard } = createSetting();
  assertEquals(ask("shutdown", OSPM), "SUCCESS");
  assertEquals([system.condition, system.conditionFor(OSPM), system.conditionFor(VM1)], ["up", "down", "up"]);
  assertStringIncludes(lastReason(), "VM1");
  assertEquals(heard(VM1), [], "nobody is asked to go");
  assertEquals(ask("shutdown", VM1), "SUCCESS");
  assertEquals(system.condition, "down");
  assertEquals(verdicts(), [`${OSPM} waiting`, `${VM1} carriedOut`]);
});

Deno.test("system votes: who wants less than another's vote does not stand in its way", () => {
  const { system, ask, timeline } = createSetting();
  ask("shutdown", OSPM);
  ask("coldReset", VM1);
  assertEquals(system.condition, "restarting", "the one that is off does not mind a reset");
  timeline.advanceTo(10e6);
  assertEquals([system.condition, system.conditionFor(OSPM)], ["up", "up"]);
});

Deno.test("system votes: a reset is not carried out for a voter that only sleeps", () => {
  const { system, ask } = createSetting();
  ask("suspend", OSPM);
  ask("coldReset", VM1);
  assertEquals([system.condition, system.conditionFor(VM1)], ["up", "restarting"]);
});

Deno.test("system votes: one that comes up again takes its vote back", () => {
  const { system, ask, verdicts } = createSetting();
  ask("shutdown", OSPM);
  assertEquals(ask("powerUp", OSPM), "SUCCESS");
  assertEquals(system.conditionFor(OSPM), "up");
  ask("shutdown", VM1);
  assertEquals(system.condition, "up");
  assertEquals(verdicts(), [`${OSPM} waiting`, `${OSPM} withdrawn`, `${VM1} waiting`]);
  system.agentReturned(VM1);
  ask("shutdown", OSPM);
  assertEquals(system.condition, "up", "the machine has seen VM1 boot");
});

Deno.test("system votes: nobody waits for voters that are not there", () => {
  const { system, ask } = createSetting({}, [OSPM]);
  ask("suspend", OSPM);
  assertEquals(system.condition, "suspended");
  const other = createSetting();
  other.ask("shutdown", OSPM);
  other.system.agentLeft(VM1);
  assertEquals(other.system.condition, "down", "it has gone without a word");
});

Deno.test("system votes: a graceful transition asks the others, and takes place when they have voted", () => {
  const { system, ask, heard, timeline } = createSetting({
    shutdown: { decide: "graceful", deadlineMs: 5000 },
  });
  ask("shutdown", OSPM);
  assertEquals([heard(OSPM), heard(VM1)], [[], ["graceful shutdown 5000"]]);
  timeline.advanceTo(4_999_999);
  assertEquals(system.condition, "up");
  ask("shutdown", VM1);
  assertEquals(system.condition, "down");
});

Deno.test("system votes: a graceful transition takes place at its deadline, and the log says who was late", () => {
  const { system, ask, timeline, lastReason, verdicts } = createSetting({
    coldReset: { decide: "graceful", deadlineMs: 5000 },
  });
  ask("coldReset", VM1);
  timeline.advanceTo(5_000_000);
  assertEquals(system.condition, "restarting");
  assertStringIncludes(lastReason(), "OSPM");
  assertEquals(verdicts(), [`${VM1} waiting`, "0 carriedOut"]);
});

Deno.test("system votes: a deadline ends with the vote that set it", () => {
  const { system, ask, timeline } = createSetting({ shutdown: { decide: "graceful", deadlineMs: 5000 } });
  ask("shutdown", OSPM);
  ask("powerUp", OSPM);
  timeline.advanceTo(60_000_000);
  assertEquals(system.condition, "up");
});

Deno.test("system votes: a deadline ends with the last vote for it, and that of another transition begins", () => {
  const { system, ask, timeline, heard, verdicts } = createSetting({
    shutdown: { decide: "graceful", deadlineMs: 5000 },
    coldReset: { decide: "graceful", deadlineMs: 3000 },
  }, [OSPM, VM1, BMC]);
  ask("shutdown", OSPM);
  timeline.advanceTo(1_000_000);
  ask("coldReset", VM1);
  assertEquals(heard(OSPM), [], "one deadline at a time");
  // Another vote in place of the one that set the deadline.
  ask("suspend", OSPM);
  assertEquals(heard(OSPM), ["graceful coldReset 3000"]);
  timeline.advanceTo(3_999_999);
  assertEquals(system.condition, "up");
  timeline.advanceTo(4_000_000);
  assertEquals(system.condition, "restarting");
  assertEquals(verdicts(), [OSPM, VM1, OSPM, VM1].map((id) => `${id} waiting`).concat("0 carriedOut"));
});

Deno.test("system votes: who comes back and has a veto ends what was voted for without it", () => {
  const { system, ask, timeline, lastReason, verdicts } = createSetting({
    shutdown: { decide: "veto", vetoers: ["BMC"], deadlineMs: 1000 },
  });
  assertEquals(ask("shutdown", OSPM), "SUCCESS");
  assertEquals(system.conditionFor(OSPM), "down");
  system.agentReturned(BMC);
  assertStringIncludes(lastReason(), "vetoed by BMC");
  assertEquals(verdicts(), [`${OSPM} waiting`, `${BMC} withdrawn`]);
  assertEquals(system.conditionFor(OSPM), "up");
  timeline.advanceTo(10_000_000);
  assertEquals(system.condition, "up");
});

Deno.test("system votes: who has a veto and agreed may think better of it", () => {
  const { system, ask, timeline, lastReason } = createSetting({
    shutdown: { decide: "veto", vetoers: ["BMC"], deadlineMs: 1000 },
    // Whoever shuts down does not stand in the way of a suspend: without that vote it does, and may veto.
    suspend: { decide: "veto", vetoers: ["OSPM"], deadlineMs: 2000 },
  }, [OSPM, VM1, BMC]);
  ask("shutdown", BMC);
  ask("shutdown", OSPM);
  ask("suspend", BMC);
  assertStringIncludes(lastReason(), "vetoed by OSPM");
  assertEquals([OSPM, BMC].map((id) => system.conditionFor(id)), ["up", "up"]);
  timeline.advanceTo(10_000_000);
  assertEquals(system.condition, "up");
});

Deno.test("system votes: a suspended system is reset or shut down when all vote for it", () => {
  for (const [transition, condition] of [["shutdown", "down"], ["warmReset", "restarting"]] as const) {
    const { system, ask } = createSetting();
    ask("suspend", OSPM);
    ask("suspend", VM1);
    assertEquals(system.condition, "suspended");
    assertEquals([ask("suspend", VM1), system.decisions.all.length], ["SUCCESS", 2], "it is so already");
    ask(transition, OSPM);
    assertEquals(system.condition, "suspended");
    ask(transition, VM1);
    assertEquals(system.condition, condition);
  }
});

Deno.test("system votes: who has shut down while the system was suspended stays out when another wakes it", () => {
  const { system, ask } = createSetting();
  ask("suspend", OSPM);
  ask("suspend", VM1);
  ask("shutdown", VM1);
  assertEquals(ask("powerUp", OSPM), "SUCCESS");
  assertEquals([OSPM, VM1].map((id) => system.conditionFor(id)), ["up", "down"]);
  ask("shutdown", OSPM);
  assertEquals(system.condition, "down");
});

Deno.test("system votes: a veto refuses, unless the one that has it is not there or agrees", () => {
  const rules = { shutdown: { decide: "veto", vetoers: ["BMC"], deadlineMs: 1000 } } as const;
  const { system, ask, verdicts, lastReason } = createSetting(rules, [OSPM, VM1, BMC]);
  assertEquals(ask("shutdown", OSPM), "DENIED");
  assertEquals(system.conditionFor(OSPM), "up");
  assertStringIncludes(lastReason(), "vetoed by BMC");
  ask("shutdown", BMC);
  ask("shutdown", VM1);
  assertEquals(system.condition, "up");
  assertEquals(ask("shutdown", OSPM), "SUCCESS");
  assertEquals(system.condition, "down");
  assertEquals(verdicts().at(0), `${OSPM} refused`);
  const absent = createSetting(rules, [OSPM]);
  absent.ask("shutdown", OSPM);
  assertEquals(absent.system.condition, "down");
});

Deno.test("system votes: where one decides alone, the others are told", () => {
  const { system, ask, heard } = createSetting({ warmReset: { decide: "forced" } });
  assertEquals(ask("warmReset", VM1), "SUCCESS");
  assertEquals(system.condition, "restarting");
  assertEquals(heard(OSPM), ["forceful warmReset 0"]);
  assertEquals(ask("shutdown", OSPM), "BUSY");
});

Deno.test("system votes: who is no voter acts as without a policy", () => {
  const { system, ask } = createSetting();
  assertEquals(ask("shutdown", AGENT.PSCI), "SUCCESS");
  assertEquals(system.condition, "down");
  assertEquals(ask("warmReset", OSPM), "DENIED");
  assertEquals(ask("powerUp", OSPM), "SUCCESS");
  assertEquals(system.condition, "up");
});

Deno.test("system votes: whatever is asked in whatever order, the system goes down only with nobody left or by the rule", () => {
  const transitions = ["shutdown", "coldReset", "warmReset", "suspend", "powerUp"] as const;
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("ask" as const),
      id: fc.constantFrom(OSPM, VM1, BMC),
      transition: fc.constantFrom(...transitions),
    }),
    fc.record({
      kind: fc.constantFrom("left" as const, "returned" as const),
      transition: fc.constant("powerUp" as const),
      id: fc.constantFrom(OSPM, VM1, BMC),
    }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const { system, ask } = createSetting();
    const up = new Set<number>([OSPM, VM1]);
    for (const each of steps) {
      const before = system.condition;
      if (each.kind === "left") {
        system.agentLeft(each.id);
        up.delete(each.id);
      } else if (each.kind === "returned") {
        system.agentReturned(each.id);
        up.add(each.id);
      } else {
        const result = ask(each.transition, each.id);
        if (result !== "SUCCESS") continue;
        if (each.transition === "powerUp") up.add(each.id);
        else up.delete(each.id);
      }
      if (before === "up" && system.condition !== "up") assertEquals([...up], []);
      if (before !== "up" && system.condition === "up") break;
    }
  }));
});

Deno.test("system votes: nothing is carried out against a veto, whatever the rules, and whoever comes, goes or thinks again", () => {
  const transitions = ["shutdown", "coldReset", "warmReset", "suspend"] as const;
  const rule = fc.oneof(
    fc.constantFrom({ decide: "lastOneOut" } as const, { decide: "graceful", deadlineMs: 5 } as const),
    fc.subarray(VOTERS, { minLength: 1 }).map((vetoers) =>
      ({ decide: "veto", vetoers, deadlineMs: 3 }) as const
    ),
  );
  const step = fc.record({
    what: fc.constantFrom("ask", "left", "returned", "pass"),
    id: fc.constantFrom(OSPM, VM1, BMC),
    transition: fc.constantFrom(...transitions),
    ms: fc.constantFrom(1, 3, 6),
  });
  const rulesOfAll = fc.record({ shutdown: rule, coldReset: rule, warmReset: rule, suspend: rule });
  fc.assert(
    fc.property(rulesOfAll, fc.array(step, { maxLength: 30 }), (rules, steps) => {
      const { system, timeline, ask } = createSetting(rules);
      const present = new Set<number>([OSPM, VM1]);
      let believesUp: number[] = [];
      let askerId = 0;
      system.decisions.listeners.add(({ verdict, transition }) => {
        const rule = rules[transition as (typeof transitions)[number]];
        if (verdict !== "carriedOut" || rule.decide !== "veto") return;
        const against = [OSPM, VM1, BMC].filter((id) =>
          id !== askerId && present.has(id) && believesUp.includes(id) &&
          rule.vetoers.includes(VOTERS[[OSPM, VM1, BMC].indexOf(id)]!)
        );
        assertEquals(against, [], transition);
      });
      for (const { what, id, transition, ms } of steps) {
        // What follows would be another story: all votes are void.
        if (system.condition !== "up") break;
        believesUp = [OSPM, VM1, BMC].filter((each) => system.conditionFor(each) === "up");
        askerId = what === "ask" ? id : 0;
        if (what === "left") present.delete(id);
        if (what === "returned") present.add(id);
        if (what === "ask" && ask(transition, id) === "SUCCESS") present.add(id);
        else if (what === "left") system.agentLeft(id);
        else if (what === "returned") system.agentReturned(id);
        else if (what === "pass") timeline.advanceTo(timeline.nowUs() + ms * 1000);
      }
    }),
    { numRuns: 400 },
  );
});
