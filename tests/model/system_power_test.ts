// The power of the whole system: what each transition does to the hardware, when graceful requests are carried out, and
// which conditions allow what.
import { assert, assertEquals } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel, type Model } from "../../scp/model/model.ts";
import { PowerTree } from "../../scp/model/power_tree.ts";
import { SystemPowerControl } from "../../scp/model/system_power_control.ts";
import type { SystemPowerNotice, SystemTransition } from "../../scp/model/system_power.ts";
import { AGENT, POWER_BOARD } from "../support/power_board.ts";

interface Setting {
  readonly timeline: Timeline;
  readonly model: Model;
  readonly system: SystemPowerControl;
  /** Ids of the agents that were reset, each time. */
  readonly resets: (readonly number[])[];
  request(transition: SystemTransition, agentId: number, isGraceful?: boolean): string;
  /** The domains that are not off, with states other than on in brackets. */
  running(): string;
}

function createSetting(board: Board = POWER_BOARD): Setting {
  const timeline = new Timeline();
  const model = createModel(board, { seed: 1, scheduler: timeline });
  const system = model.systemPower!;
  const resets: (readonly number[])[] = [];
  system.listenResets((agentIds) => resets.push(agentIds));
  return {
    timeline,
    model,
    system,
    resets,
    request(transition, agentId, isGraceful = false) {
      const result = system.request(transition, isGraceful, agentId);
      assertEquals(checkInvariants(model), []);
      return result;
    },
    running: () =>
      model.powerTree.domains.filter(({ state }) => state.name !== "off").map(({ name, state }) =>
        state.name === "on" ? name : `${name} (${state.name})`
      ).join(" "),
  };
}

/** Subscribes an agent; `leave` ends it. */
function subscribe(system: SystemPowerControl, agentId: number) {
  const heard: SystemPowerNotice[] = [];
  const leave = system.subscribe(agentId, (notice) => heard.push(notice));
  return { heard, leave };
}

function askFor(model: Model, name: string, state: string): void {
  const domain = model.powerTree.find(name)!;
  assertEquals(domain.request(domain.stateNamed(state), false, AGENT.PSCI), "SUCCESS");
}

const BOOT = "core0 cluster soc SYS";
const INSIDE = [AGENT.OSPM, AGENT.PSCI, AGENT.VM1];

Deno.test("system power: a shutdown takes everything off at once, and nothing but power-up or cold reset helps", () => {
  const { system, model, request, running, resets, timeline } = createSetting();
  askFor(model, "gpu", "on");
  assertEquals(request("shutdown", AGENT.PSCI), "SUCCESS");
  assertEquals(running(), "");
  assertEquals(system.condition, "down");
  assertEquals(resets, [INSIDE], "a management controller is no part of the system");
  const core = model.powerTree.find("core0")!;
  assertEquals(core.request(core.stateNamed("on"), true, AGENT.PSCI), "DENIED");
  assertEquals(request("shutdown", AGENT.PSCI), "SUCCESS", "it is down already");
  assertEquals(request("warmReset", AGENT.PSCI), "DENIED");
  assertEquals(request("suspend", AGENT.PSCI), "DENIED");
  assertEquals(resets.length, 1);
  timeline.advanceTo(1e6);
  assertEquals(running(), "");
  assertEquals(request("powerUp", AGENT.BMC), "SUCCESS");
  assertEquals(system.condition, "up");
  assertEquals(running(), BOOT, "the GPU boots off");
  assertEquals(request("powerUp", AGENT.BMC), "DENIED");
});

Deno.test("system power: a cold reset takes everything off, and boots after its time", () => {
  const { system, model, request, running, resets, timeline } = createSetting();
  askFor(model, "gpu", "on");
  timeline.advanceTo(1_000);
  assertEquals(request("coldReset", AGENT.PSCI), "SUCCESS");
  assertEquals(running(), "");
  assertEquals(system.condition, "restarting");
  for (const transition of ["shutdown", "coldReset", "warmReset", "powerUp", "suspend"] as const) {
    assertEquals(request(transition, AGENT.PSCI), "BUSY");
  }
  timeline.advanceTo(5_999);
  assertEquals(system.condition, "restarting");
  timeline.advanceTo(6_000);
  assertEquals(system.condition, "up");
  assertEquals(running(), BOOT);
  assertEquals(resets, [INSIDE]);
});

Deno.test("system power: a warm reset leaves the system's own domain on", () => {
  const { model, request, running, timeline } = createSetting();
  const told: string[] = [];
  model.powerTree.find("SYS")!.listen(({ state }) => told.push(state.name));
  askFor(model, "gpu", "on");
  assertEquals(request("warmReset", AGENT.PSCI), "SUCCESS");
  assertEquals(running(), "SYS");
  timeline.advanceTo(5_000);
  assertEquals(running(), BOOT);
  assertEquals(told, []);
});

Deno.test("system power: a shutdown gives up domains on their way, suspend also those beside the system", () => {
  for (const transition of ["shutdown", "suspend"] as const) {
    const { model, request, running, timeline } = createSetting();
    for (const name of ["gpu", "backup"]) {
      const domain = model.powerTree.find(name)!;
      assertEquals(domain.request(domain.stateNamed("on"), true, AGENT.OSPM), "SUCCESS");
    }
    timeline.advanceTo(99);
    request(transition, AGENT.PSCI);
    timeline.advanceTo(100_000);
    assertEquals(running(), transition === "shutdown" ? "" : "SYS (sleep0)");
    assert(model.powerTree.domains.every(({ goal }) => goal === null));
  }
});

Deno.test("system power: clocks boot anew after a reset, sensors are dead while down, time and heat go on", () => {
  const board = defineBoard({
    ...POWER_BOARD,
    clocks: [{
      id: 0,
      name: "bus",
      rateHz: 100,
      hasGate: true,
      startsEnabled: false,
      powerDomain: "soc",
    }],
    sensors: POWER_BOARD.sensors.map((sensor) => ({ ...sensor, powerDomain: "soc" })),
  });
  const { model, request, timeline } = createSetting(board);
  const clock = model.clockTree.clocks[0]!;
  const sensor = model.sensors[0]!;
  askFor(model, "gpu", "on");
  timeline.advanceTo(10e6);
  model.advanceTo(10e6);
  const warmC = model.truth(0)[0]!;
  assert(warmC > 30);
  assertEquals(
    clock.configure(AGENT.OSPM, { isEnabled: true, setting: null }),
    "SUCCESS",
  );
  assert(clock.isEnabled && clock.isRunning);
  request("coldReset", AGENT.PSCI);
  assert(!clock.isRunning, "its domain is off");
  assertEquals(sensor.sampleAt(10e6).failure, "HARDWARE_ERROR");
  timeline.advanceTo(10e6 + 5_000);
  assert(!clock.isEnabled, "it boots off");
  assertEquals(sensor.sampleAt(10e6 + 5_000).failure, null);
  assert(model.truth(0)[0]! > warmC - 1, "the die is still warm");
});

Deno.test("system power: suspend keeps what was asked for, and power-up brings it back", () => {
  const { system, model, request, running, resets } = createSetting();
  const vm = subscribe(system, AGENT.VM1);
  askFor(model, "shader", "on");
  askFor(model, "backup", "on");
  assertEquals(request("suspend", AGENT.PSCI), "SUCCESS");
  assertEquals(system.condition, "suspended");
  assertEquals(running(), "backup SYS (sleep0)", "what is beside the system stays");
  assertEquals(resets, [], "agents resume where they were");
  const gpu = model.powerTree.find("gpu")!;
  assertEquals(gpu.request(gpu.stateNamed("on"), false, AGENT.OSPM), "DENIED");
  assertEquals(request("suspend", AGENT.PSCI), "SUCCESS", "it is suspended already");
  assertEquals(vm.heard.length, 1);
  assertEquals(request("powerUp", AGENT.PSCI), "SUCCESS");
  assertEquals(running(), "core0 cluster gpu shader soc backup SYS");
});

Deno.test("system power: suspend is denied while more than the asking core runs", () => {
  const { model, request } = createSetting();
  askFor(model, "core1", "on");
  assertEquals(request("suspend", AGENT.PSCI), "DENIED");
  askFor(model, "core1", "off");
  assertEquals(request("suspend", AGENT.PSCI), "SUCCESS");
});

Deno.test("system power: from suspend it can be shut down and reset", () => {
  for (const transition of ["shutdown", "coldReset", "warmReset"] as const) {
    const { system, request, running, timeline } = createSetting();
    request("suspend", AGENT.PSCI);
    subscribe(system, AGENT.VM1);
    assertEquals(request(transition, AGENT.PSCI, true), "SUCCESS", "nobody is awake to be waited for");
    timeline.advanceTo(5_000);
    assertEquals(running(), transition === "shutdown" ? "" : BOOT);
  }
});

Deno.test("system power: from down, a cold reset brings it up", () => {
  const { request, running, timeline } = createSetting();
  request("shutdown", AGENT.PSCI);
  assertEquals(request("coldReset", AGENT.BMC), "SUCCESS");
  timeline.advanceTo(5_000);
  assertEquals(running(), BOOT);
});

Deno.test("system power: a graceful shutdown waits for all that were told to go", () => {
  const { system, request, running, timeline } = createSetting();
  const [ospm, vm, bmc] = [AGENT.OSPM, AGENT.VM1, AGENT.BMC].map((id) => subscribe(system, id));
  assertEquals(request("shutdown", AGENT.BMC, true), "SUCCESS");
  const notice = { agentId: AGENT.BMC, isGraceful: true, transition: "shutdown", timeoutMs: 2_000 } as const;
  assertEquals([ospm!.heard, vm!.heard, bmc!.heard], [[notice], [notice], []], "not the requester");
  timeline.advanceTo(500_000);
  vm!.leave();
  timeline.advanceTo(1_000_000);
  assertEquals(running(), BOOT);
  ospm!.leave();
  timeline.advanceTo(1_000_000);
  assertEquals(running(), "");
  timeline.advanceTo(3_000_000);
  assertEquals(system.condition, "down");
});

Deno.test("system power: a graceful shutdown is forced after its timeout", () => {
  const { system, request, running, timeline } = createSetting();
  subscribe(system, AGENT.VM1);
  request("shutdown", AGENT.OSPM, true);
  timeline.advanceTo(1_999_999);
  assertEquals(running(), BOOT);
  timeline.advanceTo(2_000_000);
  assertEquals(running(), "");
});

Deno.test("system power: a graceful request that nobody hears of is carried out at once", () => {
  const { system, request, running } = createSetting();
  subscribe(system, AGENT.OSPM);
  subscribe(system, AGENT.BMC);
  assertEquals(request("shutdown", AGENT.OSPM, true), "SUCCESS");
  assertEquals(running(), "", "the requester, and who is outside the system, are not waited for");
});

Deno.test("system power: a graceful reset waits without limit, and tells no timeout", () => {
  const { system, request, running, timeline } = createSetting();
  const vm = subscribe(system, AGENT.VM1);
  request("coldReset", AGENT.OSPM, true);
  assertEquals(vm.heard.map(({ transition, timeoutMs }) => [transition, timeoutMs]), [["coldReset", 0]]);
  timeline.advanceTo(1e9);
  assertEquals(running(), BOOT);
  vm.leave();
  timeline.advanceTo(1e9);
  assertEquals(system.condition, "restarting");
});

Deno.test("system power: a forceful request overtakes a graceful one, and tells the others", () => {
  const { system, request, running, timeline } = createSetting();
  const vm = subscribe(system, AGENT.VM1);
  request("shutdown", AGENT.BMC, true);
  assertEquals(request("coldReset", AGENT.PSCI), "SUCCESS");
  assertEquals(vm.heard.map(({ transition, isGraceful, timeoutMs }) => [transition, isGraceful, timeoutMs]), [
    ["shutdown", true, 2_000],
    ["coldReset", false, 0],
  ]);
  timeline.advanceTo(10_000_000);
  assertEquals(running(), BOOT, "the shutdown was given up");
});

Deno.test("system power: a second graceful request waits its turn, or takes that of one without a limit", () => {
  const { system, request, timeline } = createSetting();
  const vm = subscribe(system, AGENT.VM1);
  assertEquals(request("warmReset", AGENT.BMC, true), "SUCCESS");
  assertEquals(request("shutdown", AGENT.BMC, true), "SUCCESS");
  assertEquals(request("shutdown", AGENT.OSPM, true), "BUSY");
  assertEquals(request("coldReset", AGENT.OSPM, true), "BUSY");
  assertEquals(vm.heard.length, 2);
  timeline.advanceTo(2_000_000);
  assertEquals(system.condition, "down");
});

Deno.test("system power: a forceful request in the moment in which the last agent goes is the one that counts", () => {
  const { system, request, timeline } = createSetting();
  const vm = subscribe(system, AGENT.VM1);
  request("shutdown", AGENT.BMC, true);
  vm.leave();
  request("coldReset", AGENT.PSCI);
  timeline.advanceTo(5_000);
  assertEquals(system.condition, "up");
});

Deno.test("system power: a graceful request takes the place of another one even when all have just gone for that", () => {
  const { system, request, timeline } = createSetting();
  const first = subscribe(system, AGENT.VM1);
  request("coldReset", AGENT.BMC, true);
  first.leave();
  subscribe(system, AGENT.VM1);
  assertEquals(request("shutdown", AGENT.BMC, true), "SUCCESS");
  timeline.advanceTo(1_999_999);
  assertEquals(system.condition, "up");
  timeline.advanceTo(2_000_000);
  assertEquals(system.condition, "down");
});

Deno.test("system power: resets and power-up put all hardware back, and tell whether it was without supply", () => {
  const timeline = new Timeline();
  const tree = new PowerTree(POWER_BOARD, timeline, () => {});
  const told: string[] = [];
  const hardware = [{ reset: (isCold: boolean) => void told.push(isCold ? "cold" : "warm") }];
  const system = new SystemPowerControl(
    POWER_BOARD.systemPower!,
    POWER_BOARD.agents,
    tree,
    timeline,
    hardware,
  );
  for (const transition of ["coldReset", "warmReset", "shutdown", "powerUp", "suspend", "powerUp"] as const) {
    system.request(transition, false, AGENT.PSCI);
    timeline.advanceTo(timeline.nowUs() + 10_000);
    told.push(transition);
  }
  assertEquals(told.join(" "), "cold coldReset warm warmReset shutdown cold powerUp suspend powerUp");
});

Deno.test("system power: checkInvariants tells domains that are in another condition than the system", () => {
  const { model } = createSetting();
  model.powerTree.shutDown(0);
  assertEquals(checkInvariants(model), ["the system is up, its domains are not"]);
});

Deno.test("system power: a graceful suspend that is not possible once all have gone is given up", () => {
  const { system, model, request, running, timeline } = createSetting();
  askFor(model, "core1", "on");
  assertEquals(request("suspend", AGENT.PSCI, true), "DENIED", "nobody to wait for, and two cores run");
  const vm = subscribe(system, AGENT.VM1);
  assertEquals(request("suspend", AGENT.PSCI, true), "SUCCESS");
  assert(system.isWaiting);
  vm.leave();
  timeline.advanceTo(0);
  assert(!system.isWaiting);
  assertEquals(running(), "core0 core1 cluster soc SYS");
});

Deno.test("system power: power-up is neither graceful nor announced", () => {
  const { system, request } = createSetting();
  const vm = subscribe(system, AGENT.VM1);
  assertEquals(request("powerUp", AGENT.PSCI, true), "DENIED", "the system is up");
  request("suspend", AGENT.PSCI);
  vm.heard.length = 0;
  assertEquals(request("powerUp", AGENT.PSCI, true), "SUCCESS");
  assertEquals(vm.heard, []);
});

Deno.test("system power: each agent has its view", () => {
  const { system } = createSetting();
  const table = (agentId: number) =>
    (["shutdown", "coldReset", "warmReset", "suspend", "powerUp"] as const).map((transition) =>
      [true, false].map((isGraceful) => system.offers(transition, isGraceful, agentId) ? "y" : "-").join("")
    ).join(" ");
  assertEquals(table(AGENT.PSCI), "yy yy yy yy yy");
  assertEquals(table(AGENT.BMC), "yy yy yy yy yy");
  assertEquals(table(AGENT.OSPM), "y- y- y- -- --", "graceful only: it goes down by way of PSCI");
  assertEquals(table(AGENT.VM1), "-- -- -- -- --", "not trusted");
  assertEquals([1, 2, 3, 4, 0, 5].map((id) => system.hasFullView(id)), [
    false,
    true,
    false,
    true,
    false,
    false,
  ]);
});

Deno.test("system power: a board may offer less", () => {
  const { system, request } = createSetting(defineBoard({
    ...POWER_BOARD,
    systemPower: { transitions: ["shutdown"], acceptsGracefulRequests: false, fullView: ["OSPM"] },
  }));
  assertEquals(request("coldReset", AGENT.OSPM), "NOT_SUPPORTED");
  assertEquals(request("suspend", AGENT.OSPM), "NOT_SUPPORTED");
  assert(!system.offers("shutdown", true, AGENT.PSCI));
  assertEquals(request("shutdown", AGENT.VM1), "SUCCESS");
});

Deno.test("system power: without a domain of its own, a warm reset takes all domains down", () => {
  const { request, running, timeline } = createSetting(defineBoard({ ...POWER_BOARD, systemPower: {} }));
  assertEquals(request("suspend", AGENT.PSCI), "NOT_SUPPORTED");
  assertEquals(request("warmReset", AGENT.PSCI), "SUCCESS");
  assertEquals(running(), "");
  timeline.advanceTo(50_000);
  assertEquals(running(), BOOT);
});
