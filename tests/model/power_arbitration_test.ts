// Power domains that several agents vote on: against a reference, on their way, below others, and when an agent vanishes in
// between.
import { assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";
import { AGENT, DOMAIN, POWER_BOARD } from "../support/power_board.ts";
import fc from "../support/property.ts";

const { OSPM, VM1, BMC } = AGENT;
const AGENTS = [OSPM, VM1, BMC] as const;

function create(bootState: "on" | "off" = "off") {
  const timeline = new Timeline();
  const board: Board = {
    ...POWER_BOARD,
    arbitration: { powerDomain: { "*": "vote" } },
    powerDomains: POWER_BOARD.powerDomains.map((domain) =>
      ["backup", "gpu"].includes(domain.name) ? { ...domain, bootState } : domain
    ),
  };
  const model = createModel(board, { seed: 1, scheduler: timeline });
  return {
    timeline,
    model,
    ask(agentId: number, id: number, name: string, isAsync = false) {
      const domain = model.hardwareOf(agentId).powerDomain[id]!;
      const state = domain.states.find((each) => each.name === name)!;
      const result = domain.request(state, isAsync, agentId);
      assertEquals(checkInvariants(model), []);
      return result;
    },
    drop(agentId: number) {
      model.dropVotes(agentId);
      assertEquals(checkInvariants(model), []);
    },
    pass(us: number) {
      timeline.advanceTo(timeline.nowUs() + us);
      assertEquals(checkInvariants(model), []);
    },
    stateOf: (id: number) => model.view.powerDomain[id]!.state.name,
    differences: () =>
      model.arbitration.beliefs.differences.map(({ agentId, believed, actual }) =>
        `${agentId}: ${believed}, but ${actual}`
      ),
  };
}

/** `on`, `off`, or null: the agent's vote is dropped. */
type Step = readonly [agentId: number, state: "on" | "off" | null];

const STEP: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom<(typeof AGENTS)[number]>(...AGENTS),
  fc.oneof(fc.constant("on" as const), fc.constant("off" as const), fc.constant(null)),
);

Deno.test("a voted power domain does what a reference makes of votes in any order, whatever it boots in", () => {
  for (const bootState of ["on", "off"] as const) {
    fc.assert(fc.property(fc.array(STEP, { maxLength: 30 }), (steps) => {
      const { ask, drop, stateOf } = create(bootState);
      for (const [agentId, state] of steps) {
        if (state === null) drop(agentId);
        else assertEquals(ask(agentId, DOMAIN.backup, state), "SUCCESS");
      }
      // Only what was said since an agent's last drop counts.
      const live = steps.filter(([id, state], i) =>
        state !== null && !steps.slice(i).some(([later, what]) => later === id && what === null)
      );
      const lastOf = (id: number) => live.findLast(([each]) => each === id)?.[1];
      const isWanted = AGENTS.some((id) => lastOf(id) === "on");
      const isBootLeft = bootState === "on" && !live.some(([, state]) => state === "on");
      assertEquals(stateOf(DOMAIN.backup), isWanted || isBootLeft ? "on" : "off");
    }));
  }
});

Deno.test("a vote that takes its time counts from the start, and its agent's belief waits for the end", () => {
  const { ask, pass, stateOf, differences } = create();
  assertEquals(ask(OSPM, DOMAIN.gpu, "on", true), "SUCCESS");
  assertEquals([stateOf(DOMAIN.gpu), differences()], ["off", []]);
  assertEquals(ask(VM1, DOMAIN.gpu, "off"), "BUSY", "as without others");
  pass(100);
  assertEquals([stateOf(DOMAIN.gpu), ask(VM1, DOMAIN.gpu, "off")], ["on", "SUCCESS"]);
  assertEquals(differences(), [`${VM1}: off, but on`]);
});

Deno.test("an agent that vanishes while its domain is on the way leaves it where the others want it", () => {
  const { ask, drop, pass, stateOf } = create();
  ask(OSPM, DOMAIN.gpu, "on", true);
  pass(50);
  drop(OSPM);
  pass(10_000);
  assertEquals(stateOf(DOMAIN.gpu), "off");
  ask(VM1, DOMAIN.gpu, "on");
  ask(OSPM, DOMAIN.gpu, "on");
  ask(OSPM, DOMAIN.gpu, "off", true);
  drop(VM1);
  pass(10_000);
  assertEquals(stateOf(DOMAIN.gpu), "off");
});

Deno.test("a vote for the state that a domain is in for the sake of one below outlasts that one", () => {
  const { ask, stateOf } = create();
  ask(OSPM, DOMAIN.shader, "on");
  assertEquals(stateOf(DOMAIN.gpu), "on");
  assertEquals(ask(VM1, DOMAIN.gpu, "on"), "SUCCESS");
  ask(OSPM, DOMAIN.shader, "off");
  assertEquals([stateOf(DOMAIN.shader), stateOf(DOMAIN.gpu)], ["off", "on"]);
  assertEquals([ask(VM1, DOMAIN.gpu, "off"), stateOf(DOMAIN.gpu)], ["SUCCESS", "off"]);
});

Deno.test("a domain that one below needs goes with it when its agent has vanished", () => {
  const { ask, drop, stateOf } = create();
  ask(VM1, DOMAIN.gpu, "on");
  ask(OSPM, DOMAIN.shader, "on");
  drop(VM1);
  assertEquals(stateOf(DOMAIN.gpu), "on");
  drop(OSPM);
  assertEquals([stateOf(DOMAIN.shader), stateOf(DOMAIN.gpu)], ["off", "off"]);
});

Deno.test("what is always on refuses to be wanted less, and no such vote is kept", () => {
  const { ask, model, stateOf } = create();
  assertEquals([ask(OSPM, DOMAIN.soc, "off"), stateOf(DOMAIN.soc)], ["DENIED", "on"]);
  assertEquals(model.arbitration.votes(), []);
});

Deno.test("who listens hears what an agent asked for, not what all votes make", () => {
  const { ask, model } = create();
  const codec = model.view.powerDomain[DOMAIN.codec]!;
  ask(OSPM, DOMAIN.codec, "on");
  ask(VM1, DOMAIN.codec, "retention");
  const heard: string[] = [];
  codec.listen(({ kind, state, agentId }) => heard.push(`${kind} ${state.name} ${agentId}`));
  ask(OSPM, DOMAIN.codec, "off");
  assertEquals(heard, [`requested off ${OSPM}`, `reached retention ${OSPM}`]);
});

Deno.test("votes that are taken back while the system is suspended count when it comes up", () => {
  for (const [bootState, wanted] of [["off", "on"], ["on", "off"]] as const) {
    const { ask, drop, model, stateOf, pass } = create(bootState);
    ask(VM1, DOMAIN.gpu, "on");
    ask(VM1, DOMAIN.gpu, wanted);
    assertEquals(model.systemPower!.request("suspend", false, AGENT.PSCI), "SUCCESS");
    drop(VM1);
    assertEquals(stateOf(DOMAIN.gpu), "off", "nothing goes on while the system is down");
    assertEquals(model.systemPower!.request("powerUp", false, AGENT.PSCI), "SUCCESS");
    pass(10_000);
    assertEquals(stateOf(DOMAIN.gpu), bootState);
  }
});
