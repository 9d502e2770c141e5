// The tree of power domains: which changes bring which others, in which order and when; what is refused; what has to hold.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { rcarBoard } from "../../boards/rcar.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel, type Model } from "../../scp/model/model.ts";
import type { SimulatedPowerDomain } from "../../scp/model/simulated_power_domain.ts";
import { AGENT, POWER_BOARD } from "../support/power_board.ts";

interface Setting {
  readonly timeline: Timeline;
  readonly model: Model;
  /** What the domains told: `time domain state agent`. */
  readonly told: string[];
  domain(name: string): SimulatedPowerDomain;
  /** Asks for a state; returns the result. */
  ask(name: string, state: string, isAsync?: boolean): string;
  /** The domains that are not off, with states other than on in brackets. */
  running(): string;
}

function createSetting(board = POWER_BOARD): Setting {
  const timeline = new Timeline();
  const model = createModel(board, { seed: 1, scheduler: timeline });
  const told: string[] = [];
  const domain = (name: string) => model.powerTree.find(name)!;
  for (const each of model.powerTree.domains) {
    each.listen(({ kind, state, agentId }) =>
      kind === "reached" && told.push(`${timeline.nowUs()} ${each.name} ${state.name} ${agentId}`)
    );
  }
  return {
    timeline,
    model,
    told,
    domain,
    ask(name, state, isAsync = false) {
      const result = domain(name).request(domain(name).stateNamed(state), isAsync, AGENT.PSCI);
      assertEquals(checkInvariants(model), []);
      return result;
    },
    running: () =>
      model.powerTree.domains.filter(({ state }) => state.name !== "off").map(({ name, state }) =>
        state.name === "on" ? name : `${name} (${state.name})`
      ).join(" "),
  };
}

const BOOT = "core0 cluster soc SYS";

Deno.test("power tree: domains start in the states of the board", () => {
  assertEquals(createSetting().running(), BOOT);
});

Deno.test("power tree: a child that goes on brings its parents on before it, in the same moment", () => {
  const { ask, told, running } = createSetting();
  assertEquals(ask("shader", "on"), "SUCCESS");
  assertEquals(told, ["0 gpu on 2", "0 shader on 2"]);
  assertEquals(running(), "core0 cluster gpu shader soc SYS");
});

Deno.test("power tree: asked asynchronously, each on the way takes its own latency", () => {
  const { ask, told, timeline, domain } = createSetting();
  assertEquals(ask("shader", "on", true), "SUCCESS");
  assertEquals(domain("shader").state.name, "off");
  timeline.advanceTo(99);
  assertEquals(told, []);
  timeline.advanceTo(139);
  assertEquals(told, ["100 gpu on 2"]);
  timeline.advanceTo(140);
  assertEquals(told, ["100 gpu on 2", "140 shader on 2"]);
});

Deno.test("power tree: a parent cannot go off under a child that is on, or on its way there", () => {
  const { ask, timeline, running } = createSetting();
  ask("shader", "on", true);
  timeline.advanceTo(120);
  assertEquals(running(), "core0 cluster gpu soc SYS");
  assertEquals(ask("gpu", "off"), "DENIED");
  timeline.advanceTo(140);
  assertEquals(ask("gpu", "off"), "DENIED");
  assertEquals(ask("gpu", "off", true), "DENIED");
  timeline.advanceTo(1_000);
  assertEquals(running(), "core0 cluster gpu shader soc SYS");
});

Deno.test("power tree: a parent that was on for its child only goes off after it", () => {
  const { ask, told, timeline, running } = createSetting();
  ask("shader", "on");
  told.length = 0;
  assertEquals(ask("shader", "off", true), "SUCCESS");
  timeline.advanceTo(1_000);
  assertEquals(told, ["20 shader off 2", "70 gpu off 2"]);
  assertEquals(running(), BOOT);
});

Deno.test("power tree: a parent that was asked for stays on without its child", () => {
  const { ask, running } = createSetting();
  ask("gpu", "on");
  ask("shader", "on");
  ask("shader", "off");
  assertEquals(running(), "core0 cluster gpu soc SYS");
  assertEquals(ask("gpu", "off"), "SUCCESS");
  assertEquals(running(), BOOT);
});

Deno.test("power tree: two children that go off at the same time let the parent go with the later one", () => {
  const { ask, told, timeline, running } = createSetting();
  ask("core1", "on");
  ask("cluster", "on");
  told.length = 0;
  ask("core0", "off", true);
  timeline.advanceTo(100);
  ask("core1", "off", true);
  timeline.advanceTo(600);
  // The cluster was asked for on its own.
  assertEquals(told, ["400 core0 off 2", "500 core1 off 2"]);
  assertEquals(running(), "cluster soc SYS");
  assertEquals(ask("cluster", "off"), "SUCCESS");
  ask("core0", "on");
  ask("core1", "on");
  told.length = 0;
  ask("core0", "off", true);
  timeline.advanceTo(700);
  ask("core1", "off", true);
  timeline.advanceTo(2_000);
  assertEquals(told, ["1000 core0 off 2", "1100 core1 off 2", "1200 cluster off 2"]);
});

Deno.test("power tree: a parent on its way to sleep goes on to off when the last child has gone there", () => {
  const { ask, told, timeline, running } = createSetting();
  ask("core0", "off");
  ask("cluster", "off");
  ask("core0", "on");
  ask("core1", "sleep");
  told.length = 0;
  ask("core0", "off", true);
  timeline.advanceTo(20);
  ask("core1", "off", true);
  timeline.advanceTo(1_000);
  assertEquals(told, ["400 core0 off 2", "420 core1 off 2", "430 cluster sleep 2", "530 cluster off 2"]);
  assertEquals(running(), "soc SYS");
});

Deno.test("power tree: a domain on its way is busy, and so is all that has to wait for it", () => {
  const { ask, timeline, domain } = createSetting();
  ask("gpu", "on", true);
  assertEquals(ask("gpu", "off"), "BUSY");
  assertEquals(ask("gpu", "on"), "BUSY", "synchronously, the answer would say that it holds");
  assertEquals(ask("gpu", "on", true), "SUCCESS", "it is on its way there");
  assertEquals(ask("shader", "on"), "BUSY");
  timeline.advanceTo(100);
  assertEquals(ask("shader", "on"), "SUCCESS");
  assert(domain("shader").isOn);
  ask("shader", "off");
  ask("gpu", "off");
  ask("shader", "on", true);
  assertEquals(ask("shader", "off"), "BUSY", "its parent is on the way for it");
  assertEquals(ask("shader", "on", true), "SUCCESS");
});

Deno.test("power tree: what is always on is never off at an agent's request, and can be asked to be on", () => {
  const { ask, running } = createSetting();
  ask("core0", "off");
  ask("cluster", "off");
  assertEquals(ask("soc", "off"), "DENIED");
  assertEquals(ask("soc", "on"), "SUCCESS");
  assertEquals(running(), "soc SYS");
});

Deno.test("power tree: a parent sleeps as deep as the lightest of its children", () => {
  const { ask, running } = createSetting();
  assertEquals(ask("core1", "sleep"), "SUCCESS");
  assertEquals(ask("cluster", "sleep"), "DENIED");
  assertEquals(ask("core0", "sleep"), "SUCCESS");
  assertEquals(ask("cluster", "off"), "DENIED");
  assertEquals(ask("cluster", "sleep"), "SUCCESS");
  assertEquals(running(), "core0 (sleep) core1 (sleep) cluster (sleep) soc SYS");
  assertEquals(ask("core0", "on"), "SUCCESS");
  assertEquals(running(), "core0 core1 (sleep) cluster soc SYS");
});

Deno.test("power tree: a child that wakes into sleep wakes its parent no further than that", () => {
  const { ask, running, told } = createSetting();
  ask("core0", "off");
  ask("cluster", "off");
  told.length = 0;
  ask("core1", "sleep");
  assertEquals(told, ["0 cluster sleep 2", "0 core1 sleep 2"]);
  assertEquals(running(), "core1 (sleep) cluster (sleep) soc SYS");
});

Deno.test("power tree: listeners hear of requests that differ from the state in force, whatever becomes of them", () => {
  const { ask, domain } = createSetting();
  const heard: string[] = [];
  domain("soc").listen(({ kind, state }) => heard.push(`${kind} ${state.name}`));
  ask("soc", "on");
  ask("soc", "off");
  assertEquals(heard, ["requested off"]);
});

Deno.test("power tree: a block draws nothing, and its sensor fails, while the domain is off", () => {
  const { ask, model, timeline } = createSetting();
  const sensor = model.sensors[0]!;
  const wattsAt = (timeUs: number): number => {
    timeline.advanceTo(timeUs);
    model.advanceTo(timeUs);
    return (model.truth(0)[0]! - 25);
  };
  assertEquals(wattsAt(10e6), 0, "a cold die");
  assertEquals(sensor.sampleAt(10e6).failure, "HARDWARE_ERROR");
  ask("gpu", "on");
  assertEquals(sensor.sampleAt(10e6).failure, null);
  const warm = wattsAt(20e6);
  assert(warm > 5, `2 W for 10 s on a joule per kelvin: ${warm}`);
  assertEquals(sensor.sampleAt(20e6).values[0], Math.round(model.truth(0)[0]! * 1000));
  ask("gpu", "off");
  assert(wattsAt(30e6) < warm);
  assertEquals(sensor.sampleAt(30e6).failure, "HARDWARE_ERROR");
});

for (const way of ["at once", "asynchronously", "by a shutdown"] as const) {
  Deno.test(`power tree: physics gets to the moment of a change ${way} before it takes effect`, () => {
    const changeAt5s = (stepUs: number): readonly number[] => {
      const { timeline, model, ask } = createSetting();
      if (way === "by a shutdown") ask("gpu", "on");
      // Driven in small steps, the physics has been everywhere in time; in one step, only where the change makes it go.
      for (let timeUs = stepUs; timeUs < 5e6; timeUs += stepUs) model.advanceTo(timeUs);
      timeline.advanceTo(5e6);
      if (way === "by a shutdown") model.powerTree.shutDown(0);
      else ask("gpu", "on", way === "asynchronously");
      timeline.advanceTo(10e6);
      model.advanceTo(10e6);
      return model.truth(0);
    };
    assertEquals(changeAt5s(10e6), changeAt5s(100_000));
    assert(changeAt5s(10e6)[0]! > 26);
  });
}

Deno.test("power tree: a sensor that was made to fail still does when its domain comes on", () => {
  const { ask, model } = createSetting();
  model.setFault(0, "BUSY");
  assertEquals(model.sensors[0]!.sampleAt(0).failure, "BUSY");
  ask("gpu", "on");
  assertEquals(model.sensors[0]!.sampleAt(0).failure, "BUSY");
  model.setFault(0, null);
  assertEquals(model.sensors[0]!.sampleAt(0).failure, null);
});

Deno.test("power tree: checkInvariants tells a child on under a parent that is off", () => {
  const { domain, model } = createSetting();
  domain("shader").reach(domain("shader").stateNamed("on"), 0);
  assertEquals(checkInvariants(model), ["power domain shader is on under gpu, which is off"]);
});

Deno.test("power tree: checkInvariants tells what is always on and is not", () => {
  const { domain, model } = createSetting();
  for (const name of ["core0", "cluster", "soc"]) {
    domain(name).reach(domain(name).stateNamed("off"), 0);
  }
  assertEquals(checkInvariants(model), ["power domain soc is not on"]);
});

Deno.test("power tree: checkInvariants tells what is on in a system that is down, and goals that are none", () => {
  const { domain, model } = createSetting();
  const { powerTree } = model;
  powerTree.shutDown(0);
  for (const name of ["SYS", "soc"]) domain(name).reach(domain(name).stateNamed("on"), 0);
  assertEquals(powerTree.checkInvariants(), ["power domain soc is on while the system is down"]);
  powerTree.boot(0);
  domain("gpu").goal = domain("gpu").state;
  assertEquals(powerTree.checkInvariants(), ["power domain gpu is on its way to the state it is in"]);
  domain("gpu").reach(domain("shader").stateNamed("off"), 0);
  assertEquals(powerTree.checkInvariants(), ["power domain gpu is in a state of another domain"]);
});

Deno.test("power tree: no sequence of requests on the rcar board breaks what has to hold", () => {
  const count = rcarBoard.powerDomains.length - 1;
  const step = fc.record({
    place: fc.nat({ max: count - 1 }),
    state: fc.nat({ max: 2 }),
    isAsync: fc.boolean(),
    agentId: fc.integer({ min: 0, max: 5 }),
    waitUs: fc.constantFrom(0, 0, 0, 40, 100, 399, 700),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const timeline = new Timeline();
      const model = createModel(rcarBoard, { seed: 1, scheduler: timeline });
      for (const { place, state, isAsync, agentId, waitUs } of steps) {
        const domain = model.powerTree.exposed[place]!;
        const wanted = domain.states[state % domain.states.length]!;
        const result = domain.request(wanted, isAsync, agentId);
        if (result === "SUCCESS" && !isAsync) assertEquals(domain.state, wanted);
        assertEquals(checkInvariants(model), []);
        timeline.advanceTo(timeline.nowUs() + waitUs);
        assertEquals(checkInvariants(model), []);
      }
      timeline.advanceTo(timeline.nowUs() + 10_000);
      assert(model.powerTree.domains.every(({ goal }) => goal === null), "every change comes to its end");
    }),
    { numRuns: 40 },
  );
});

Deno.test("power tree: what waits for a domain under way looks again when that is there, not before", () => {
  const timeline = new Timeline();
  let askedCount = 0;
  const scheduler = {
    nowUs: () => timeline.nowUs(),
    at: (timeUs: number, task: () => void) => {
      askedCount++;
      return timeline.at(timeUs, task);
    },
  };
  const powerDomains = POWER_BOARD.powerDomains.map((plan) => {
    if (plan.name === "gpu") return { ...plan, bootState: "on", offLatencyUs: 60_000_000 };
    return plan.name === "shader" ? { ...plan, bootState: "on", onLatencyUs: 0 } : plan;
  });
  const model = createModel({ ...POWER_BOARD, powerDomains }, { seed: 1, scheduler });
  const [gpu, shader] = ["gpu", "shader"].map((name) => model.powerTree.find(name)!);
  assertEquals(shader!.request(shader!.stateNamed("off"), false, AGENT.PSCI), "SUCCESS");
  assertEquals(gpu!.request(gpu!.stateNamed("off"), true, AGENT.PSCI), "SUCCESS");
  askedCount = 0;
  model.dropVotes(AGENT.PSCI);
  timeline.advanceTo(10_000);
  assertEquals([askedCount, shader!.isOn, checkInvariants(model)], [0, false, []]);
  timeline.advanceTo(60_000_000);
  assertEquals([gpu!.isOn, shader!.isOn, checkInvariants(model)], [true, true, []]);
});
