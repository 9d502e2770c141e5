// Voltages that several agents share, over time: what a rail is at boot, what it keeps over resets, and what agents believe when
// the rail moves by itself. What policies make of votes is value_arbitration_test.ts.
import { assert, assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";
import { RAIL } from "../support/dvfs_board.ts";
import { QUIET_BOARD } from "../support/dvfs_model.ts";

const A = 1;
const B = 2;

const BOARD: Board = {
  ...QUIET_BOARD,
  agents: ["A", "B"].map((name) => ({ ...QUIET_BOARD.agents[1]!, name })),
  systemPower: {
    domain: null,
    transitions: ["shutdown", "coldReset", "warmReset"],
    suspendState: null,
    fullView: ["PSCI"],
    acceptsGracefulRequests: false,
    gracefulTimeoutMs: 1000,
    restartUs: 1000,
    policy: null,
  },
  arbitration: { voltageDomain: { "*": "highest" } },
};

function create(rail: number = RAIL.io) {
  const timeline = new Timeline();
  const model = createModel(BOARD, { seed: 1, scheduler: timeline });
  const real = model.dvfs.voltageDomains[rail]!;
  const shared = (id: number) => model.hardwareOf(id).voltageDomain[rail]!;
  return {
    timeline,
    model,
    real,
    shared,
    turn(id: number, kind: "on" | "off") {
      assertEquals(shared(id).setMode(real.modes.find((mode) => mode.kind === kind)!, id), "SUCCESS");
      assertEquals(checkInvariants(model), []);
      return real.mode.kind;
    },
    differences: () =>
      model.arbitration.beliefs.differences.map(({ agentId, about, believed, actual }) =>
        `${agentId} ${about}: ${believed}, but ${actual}`
      ),
  };
}

Deno.test("a shared rail that is on at boot is not switched off by who has not wanted it on", () => {
  const { turn, model, real, differences } = create();
  assertEquals(turn(A, "off"), "on");
  assertEquals(differences(), [`${A} state: off, but on`]);
  assertEquals([turn(B, "on"), turn(B, "off")], ["on", "off"], "now somebody has");
  assertEquals([turn(A, "on"), turn(A, "off")], ["on", "off"]);
  model.dropVotes(A);
  assertEquals(real.mode.kind, "off", "the other has wanted it, too");
  model.dropVotes(B);
  assertEquals([real.mode.kind, checkInvariants(model)], ["on", []], "as at boot");
});

Deno.test("a shared rail keeps what it was told over a warm reset, and those who told it can take it back", () => {
  const { shared, turn, model, real, timeline, differences } = create();
  shared(A).setLevel(3_300_000, A);
  shared(B).setLevel(1_800_000, B);
  turn(B, "on");
  turn(B, "off");
  for (const transition of ["warmReset", "coldReset"] as const) {
    assertEquals(model.systemPower!.request(transition, false, A), "SUCCESS");
    timeline.advanceTo(timeline.nowUs() + 2000);
    assertEquals(checkInvariants(model), []);
    if (transition === "coldReset") break;
    assertEquals([real.levelUv, real.mode.kind], [3_300_000, "off"]);
    assertEquals(model.arbitration.votes().length, 3);
    assertEquals(differences(), [`${B} level: 1800000 uV, but 3300000 uV`]);
    model.dropVotes(A);
    assertEquals(real.levelUv, 1_800_000);
  }
  assertEquals([real.levelUv, real.mode.kind, model.arbitration.votes()], [1_800_000, "on", []]);
});

Deno.test("what agents believe of a shared rail is compared when the rail moves by itself", () => {
  const { shared, model, timeline, differences } = create(RAIL.core);
  const cpu = model.dvfs.performanceDomains[0]!;
  assertEquals(shared(A).setLevel(900_000, A), "SUCCESS");
  assertEquals(differences(), []);
  cpu.ask(cpu.levels.at(-1)!, B);
  timeline.advanceTo(100_000);
  assertEquals(differences(), [`${A} level: 900000 uV, but 1000000 uV`]);
  cpu.ask(cpu.levels[0]!, B);
  timeline.advanceTo(200_000);
  assertEquals([differences(), checkInvariants(model)], [[], []]);
  // One change of mind is one event, if any.
  const { turn, model: other } = create();
  turn(A, "on");
  turn(A, "off");
  turn(A, "on");
  assertEquals(other.arbitration.beliefs.log, []);
});

Deno.test("who gives up a level of a shared rail that was its only vote believes nothing", () => {
  const { shared, differences } = create();
  shared(B).setLevel(3_300_000, B);
  const change = shared(A).beginLevel(1_800_000, A);
  assert(typeof change !== "string");
  assertEquals(differences(), [`${A} level: 1800000 uV, but 3300000 uV`]);
  change.cancel();
  assertEquals(differences(), []);
});
