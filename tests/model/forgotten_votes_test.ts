// What is left of an agent that has vanished: nothing, whatever it had asked for, with policies and without.
import { assertEquals } from "@std/assert";
import type { ArbitrationInput } from "../../boards/arbitration.ts";
import type { Board } from "../../boards/board.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";
import { EVERY_HARDWARE } from "../support/every_hardware.ts";
import { anyRequest, ask, stateOf } from "../support/hardware_requests.ts";
import fc from "../support/property.ts";
import { withWholeViews } from "../support/views.ts";

const GONE = 1;
const OTHER = 2;
const S = 1_000_000;

/** Clocks that run at boot and that can do more than those of the board, and a bistable domain that boots off. */
const BOARD: Board = withWholeViews({
  ...EVERY_HARDWARE,
  clocks: EVERY_HARDWARE.clocks.map((clock) =>
    clock.name === "crystal"
      ? { ...clock, startsEnabled: true, phaseMrad: { lowest: 0, highest: 40, start: 7 } }
      : { ...clock, rateLatencyUs: 500 }
  ),
  powerDomains: EVERY_HARDWARE.powerDomains.map((domain) =>
    domain.name === "main"
      ? { ...domain, offLatencyUs: 400, onLatencyUs: 400 }
      : { ...domain, supportsAsync: true }
  ),
  powercapDomains: EVERY_HARDWARE.powercapDomains.map((domain) =>
    domain.name === "chip"
      ? {
        ...domain,
        bootCap: 3000,
        averaging: { minUs: 1000, maxUs: 100_000, stepUs: 1000 },
        furtherLimits: [{
          name: "peak",
          cap: { min: 50, max: 4000, step: 50 },
          bootCap: null,
          averaging: { minUs: 1000, maxUs: 1000, stepUs: 0 },
          bootAveragingUs: 1000,
        }],
      }
      : domain
  ),
  resetDomains: EVERY_HARDWARE.resetDomains.map((domain) =>
    domain.name === "slow" ? { ...domain, startsAsserted: true } : domain
  ),
  pinGroups: EVERY_HARDWARE.pinGroups.map((group) =>
    group.name === "g01" ? { ...group, bootFunction: "uart" } : group
  ),
});

/** By policy of all kinds. */
const POLICIES: Readonly<Record<string, ArbitrationInput>> = {
  none: {},
  votes: {
    clock: { "*": { rate: "highest" } },
    powerDomain: { "*": "vote" },
    performanceDomain: { "*": {} },
    voltageDomain: { "*": "highest" },
    powercapDomain: { "*": "lowest" },
  },
  strategies: {
    clock: {
      "*": { strategies: { OSPM: "accept-clamp" }, rate: "last" },
      bus: { strategies: { OSPM: "own", "*": "accept-ignore" } },
      a_clock_with_a_long_name: { strategies: { OSPM: "dummy" } },
    },
    performanceDomain: { "*": { level: { owner: "VM1" }, max: "last", min: "last" } },
    voltageDomain: { "*": { priority: ["VM1", "OSPM"] } },
    powercapDomain: { "*": "last" },
  },
};

function create(arbitration: ArbitrationInput) {
  const timeline = new Timeline();
  return { timeline, model: createModel({ ...BOARD, arbitration }, { seed: 1, scheduler: timeline }) };
}

for (const [name, arbitration] of Object.entries(POLICIES)) {
  Deno.test(`an agent that vanishes leaves nothing of what it asked for, policies: ${name}`, () => {
    const { timeline, model: untouched } = create(arbitration);
    timeline.advanceTo(2 * S);
    const expected = stateOf(untouched);
    fc.assert(
      fc.property(fc.array(fc.tuple(anyRequest, fc.nat(300)), { maxLength: 40 }), (program) => {
        const { timeline, model } = create(arbitration);
        for (const [request, pauseUs] of program) {
          ask(model, GONE, request);
          assertEquals(checkInvariants(model), []);
          timeline.advanceTo(timeline.nowUs() + pauseUs);
        }
        model.dropVotes(GONE);
        assertEquals(checkInvariants(model), []);
        timeline.advanceTo(2 * S);
        assertEquals(checkInvariants(model), []);
        assertEquals(stateOf(model), expected);
        const clockOf = (each: typeof model) =>
          each.hardwareOf(GONE).clock.map(({ isEnabled, rateHz }) => [isEnabled, rateHz]);
        assertEquals(clockOf(model), clockOf(untouched), "as the agent has them");
        assertEquals(model.arbitration.beliefs.differences, []);
      }),
      { numRuns: 150 },
    );
  });
}

Deno.test("an agent that vanishes leaves the others what their votes make, whatever was on its way", () => {
  const step = fc.tuple(fc.constantFrom(GONE, OTHER), anyRequest, fc.nat(300));
  for (const arbitration of [POLICIES.votes!, POLICIES.strategies!]) {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (program) => {
        const { timeline, model } = create(arbitration);
        for (const [agentId, request, pauseUs] of program) {
          ask(model, agentId, request);
          assertEquals(checkInvariants(model), []);
          timeline.advanceTo(timeline.nowUs() + pauseUs);
        }
        model.dropVotes(GONE);
        timeline.advanceTo(timeline.nowUs() + S);
        assertEquals(checkInvariants(model), []);
        assertEquals(model.arbitration.votes().filter(({ agentId }) => agentId === GONE), []);
        assertEquals(model.arbitration.beliefs.differences.filter(({ agentId }) => agentId === GONE), []);
      }),
      { numRuns: 150 },
    );
  }
});

Deno.test("a reset of the system clears all votes, and what is on its way with them", () => {
  const step = fc.tuple(fc.constantFrom(GONE, OTHER), anyRequest);
  const arbitration = POLICIES.votes!;
  const { timeline, model: untouched } = create(arbitration);
  timeline.advanceTo(2 * S);
  const expected = stateOf(untouched);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (program) => {
      const platform: Board = {
        ...BOARD,
        arbitration,
        agents: BOARD.agents.map((agent) => ({ ...agent, kind: "PSCI" })),
      };
      const timeline = new Timeline();
      const model = createModel(platform, { seed: 1, scheduler: timeline });
      for (const [agentId, request] of program) ask(model, agentId, request);
      for (const id of [GONE, OTHER]) for (const pin of model.view.pin) pin.release(id);
      for (const id of [GONE, OTHER]) for (const group of model.view.pinGroup) group.release(id);
      assertEquals(model.systemPower!.request("coldReset", false, GONE), "SUCCESS");
      timeline.advanceTo(2 * S);
      assertEquals(checkInvariants(model), []);
      assertEquals(stateOf(model), expected);
      assertEquals(model.arbitration.votes(), []);
      assertEquals(model.arbitration.beliefs.differences, []);
    }),
    { numRuns: 60 },
  );
});
