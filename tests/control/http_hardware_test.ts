// The routes under /api/hardware, by calling the app: what agents are told stands beside what the model does,
// lists are complete although the core tells a page at a time, and the document describes every kind.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import type { CallName, ControlCalls } from "../../scp/control/control_calls.ts";
import { hardwareSchemas } from "../../scp/control/views_hardware.ts";
import {
  HARDWARE_PAGE,
  HARDWARE_PATHS,
  type HardwareViewKind,
  type HardwareViews,
} from "../../scp/control/hardware_views.ts";
import { createHttpApp } from "../../scp/control/http.ts";
import * as views from "../../scp/control/views.ts";
import { createLocalCore } from "./local_core.ts";

const KINDS = Object.keys(HARDWARE_PATHS) as HardwareViewKind[];

function createApp() {
  const core = createLocalCore();
  const app = createHttpApp(core.client);
  const get = async (path: string) => {
    const response = await app.request(`/api/hardware/${path}`);
    return { status: response.status, json: await response.json() as unknown };
  };
  const one = async <K extends HardwareViewKind>(kind: K, name: string): Promise<HardwareViews[K]> => {
    const { status, json } = await get(`${HARDWARE_PATHS[kind]}/${encodeURIComponent(name)}`);
    assertEquals(status, 200);
    return hardwareSchemas[kind].strict().parse(json) as unknown as HardwareViews[K];
  };
  return { core, app, get, one };
}

const NAMES: Readonly<Record<HardwareViewKind, readonly string[]>> = {
  clocks: rcarBoard.clocks.map(({ name }) => name),
  powerDomains: rcarBoard.powerDomains.map(({ name }) => name),
  systemPower: ["system"],
  performanceDomains: rcarBoard.performanceDomains.map(({ name }) => name),
  resets: rcarBoard.resetDomains.map(({ name }) => name),
  voltages: rcarBoard.voltageDomains.map(({ name }) => name),
  powerCaps: rcarBoard.powercapDomains.map(({ name }) => name),
  pins: rcarBoard.pins.map(({ name }) => name),
  gpioLines: rcarBoard.gpioLines.map(({ name }) => name),
  pinGroups: rcarBoard.pinGroups.map(({ name }) => name),
  pinFunctions: rcarBoard.pinFunctions.map(({ name }) => name),
};

for (const kind of KINDS) {
  Deno.test(`GET /api/hardware/${HARDWARE_PATHS[kind]} lists all there are, and shows each by name`, async () => {
    const { get, one } = createApp();
    const { status, json } = await get(HARDWARE_PATHS[kind]);
    assertEquals(status, 200);
    const all = hardwareSchemas[kind].strict().array().parse(json);
    assertEquals(all.map(({ name }) => name), NAMES[kind]);
    assertEquals(await one(kind, all.at(-1)!.name), all.at(-1) as unknown as HardwareViews[typeof kind]);
  });
}

Deno.test("the core tells hardware a page at a time", async () => {
  const core = createLocalCore();
  const sizes: number[] = [];
  const app = createHttpApp({
    async call<N extends CallName>(name: N, params: ControlCalls[N]["params"]) {
      const outcome = await core.client.call(name, params);
      assert(outcome.ok && Array.isArray(outcome.value));
      sizes.push(outcome.value.length);
      return outcome;
    },
  });
  await app.request("/api/hardware/clocks");
  assertEquals(sizes.reduce((sum, size) => sum + size), rcarBoard.clocks.length);
  assertEquals(sizes.length, Math.floor(rcarBoard.clocks.length / HARDWARE_PAGE) + 1);
  assertEquals(Math.max(...sizes), HARDWARE_PAGE);
});

Deno.test("GET /api/hardware/clocks/{name} tells a clock that is on, yet does not run without its power domain", async () => {
  const { core, one } = createApp();
  const clock = core.platform.model.clockTree.clocks.find(({ isRunning, description }) =>
    !isRunning && description.hasGate && description.powerDomain !== null &&
    core.platform.model.powerTree.find(description.powerDomain)!.isOn
  )!;
  assertEquals(clock.configure(1, { isEnabled: true, setting: null }), "SUCCESS");
  const running = await one("clocks", clock.name);
  assertEquals(running.wire.isEnabled, true);
  assertEquals(running.truth, { isRunning: true, outputHz: clock.rateHz });
  core.platform.model.powerTree.shutDown(0);
  const stopped = await one("clocks", clock.name);
  assertEquals(stopped.wire, running.wire);
  assertEquals(stopped.truth, { isRunning: false, outputHz: 0 });
});

Deno.test("GET /api/hardware/power-domains/{name} tells the goal of a domain on its way, until it is there", async () => {
  const { core, one } = createApp();
  const domain = core.platform.model.powerTree.find("3dg-e")!;
  assertEquals(domain.request(domain.stateNamed("off"), true, 1), "SUCCESS");
  const before = await one("powerDomains", "3dg-e");
  assertEquals([before.wire.state, before.truth], ["on", { isOn: true, goal: "off", above: "3dg-d" }]);
  await core.client.call("step", { us: 1_000_000 });
  const after = await one("powerDomains", "3dg-e");
  assertEquals([after.wire.state, after.truth], ["off", { isOn: false, goal: null, above: "3dg-d" }]);
});

Deno.test("GET /api/hardware/performance-domains/{name} tells the level asked for and the one that runs", async () => {
  const { core, one } = createApp();
  const domain = core.platform.model.dvfs.performanceDomains[1]!;
  const fastest = domain.levels.at(-1)!;
  const runningBefore = domain.runningLevel;
  assert(runningBefore !== fastest);
  assertEquals(domain.setLevel(fastest, 1), "SUCCESS");
  const { min, max } = domain.limits;
  const before = await one("performanceDomains", domain.name);
  assertEquals([before.wire.limitMin, before.wire.limitMax], [min.value, max.value]);
  assertEquals([before.truth.agentLimitMin, before.truth.agentLimitMax], [min.value, max.value]);
  assertEquals([before.wire.level, before.truth.runningLevel], [fastest.value, runningBefore.value]);
  await core.client.call("step", { us: 100_000 });
  const after = await one("performanceDomains", domain.name);
  assertEquals(after.truth.runningLevel, fastest.value);
  assertEquals(after.truth.frequencyKhz, fastest.frequencyKhz);
});

Deno.test("GET /api/hardware/resets, voltages and pins tell what no agent can read", async () => {
  const { core, one } = createApp();
  const { model } = core.platform;
  const reset = model.resetDomains[3]!;
  assertEquals((await one("resets", reset.name)).truth, { isInReset: reset.isInReset });
  reset.hold(1, { isOwn: false, id: 0 });
  assertEquals((await one("resets", reset.name)).truth, { isInReset: true });
  const voltage = model.dvfs.voltageDomains[0]!;
  const shown = await one("voltages", voltage.name);
  assertEquals(shown.wire.levelUv, voltage.levelUv);
  assertEquals(shown.truth.volts, shown.wire.mode === "off" ? 0 : voltage.levelUv / 1e6);
  const pin = model.pinControl.pins[0]!;
  assertEquals(pin.request({ agentId: 4 }), "SUCCESS");
  assertEquals((await one("pins", pin.name)).truth, { ownerId: 4, level: pin.level });
});

Deno.test("GET /api/hardware/power-caps/{name} tells the power drawn, in the unit of the domain", async () => {
  const { core, one } = createApp();
  await core.client.call("step", { us: 1_000_000 });
  const domain = core.platform.model.view.powercapDomain[0]!;
  const { wire, truth } = await one("powerCaps", domain.name);
  assertEquals([wire.unit, wire.cap, truth.power], [domain.unit, domain.cap, domain.measure()]);
  assertEquals([domain.isMonitored, wire.power], [true, truth.power]);
  assert(truth.power > 0);
});

Deno.test("GET /api/hardware/power-caps/{name} tells all limits of a domain, the first of them beside them", async () => {
  const { core, one } = createApp();
  const domain = core.platform.model.view.powercapDomain.find(({ limits }) => limits.length > 1)!;
  const [first, second] = domain.limits;
  const { min, step } = second!.capRange;
  assertEquals(second!.setCap(1, min + step), "SUCCESS");
  const { wire } = await one("powerCaps", domain.name);
  assertEquals(wire.limits.map(({ name }) => name), domain.limits.map(({ name }) => name));
  assertEquals(wire.limits[0], { name: first!.name, cap: wire.cap, averagingUs: first!.averagingUs });
  assertEquals(wire.limits[1], { name: second!.name, cap: min + step, averagingUs: second!.averagingUs });
  assert(wire.cap !== min + step);
});

Deno.test("GET /api/hardware/pin-groups and pin-functions tell what is used by whom", async () => {
  const { core, one } = createApp();
  const { groups, functions } = core.platform.model.pinControl;
  const rivalOf = (one: typeof groups[number]) =>
    groups.find((each) => each !== one && each.pins.some((pin) => one.pins.includes(pin)));
  const group = groups.find((each) => each.function !== null && rivalOf(each) !== undefined)!;
  const its = group.function!;
  const before = await one("pinGroups", group.name);
  assertEquals(before.wire, {
    function: its.name,
    configs: group.configs,
    pins: group.pins.map(({ name }) => name),
  });
  assertEquals(before.truth, { ownerId: 0, pinOwnerIds: [] });
  const use = await one("pinFunctions", its.name);
  assertEquals(use.wire, { isGpio: its.isGpio, groups: its.groups.map(({ name }) => name), pins: [] });
  assert(use.truth.usedBy.includes(group.name));
  // Another group takes some of its pins for another use: it has none of its own as a whole any more.
  const rival = rivalOf(group)!;
  const another = functions.find((each) => each.groups.includes(rival))!;
  assertEquals(rival.request({ agentId: 4 }), "SUCCESS");
  assertEquals(rival.configure(4, { function: another, configs: [] }), "SUCCESS");
  const after = await one("pinGroups", group.name);
  assertEquals([after.wire.function, after.truth], [null, { ownerId: 0, pinOwnerIds: [4] }]);
  assertEquals((await one("pinGroups", rival.name)).truth, { ownerId: 4, pinOwnerIds: [4] });
  assert(!(await one("pinFunctions", its.name)).truth.usedBy.includes(group.name));
  assert((await one("pinFunctions", another.name)).truth.usedBy.includes(rival.name));
});

Deno.test("GET /api/hardware/system-power tells the condition of the system", async () => {
  const { core, one } = createApp();
  const up = await one("systemPower", "system");
  assertEquals(up.wire, { condition: "up" });
  assertEquals(up.truth.runningCoreCount, core.platform.model.powerTree.runningCoreCount);
});

Deno.test("GET /api/hardware answers names that are not there with 404 and where to look", async () => {
  const { get } = createApp();
  for (const kind of KINDS) {
    const { status, json } = await get(`${HARDWARE_PATHS[kind]}/nope`);
    assertEquals(status, 404);
    const { error } = views.errorView.parse(json);
    assertStringIncludes(
      error,
      `no "nope" on board rcar: GET /api/hardware/${HARDWARE_PATHS[kind]} lists them`,
    );
  }
});
