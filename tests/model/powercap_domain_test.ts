// Power capping domains: who may set which cap and interval, when a cap is in force, and what a reset does.
import { assert, assertEquals } from "@std/assert";
import { completeSystemPower } from "../../boards/system_power.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";
import {
  AGENT,
  CAPPED,
  CPU_W,
  createPowercapDomains,
  createPowercaps,
  NPU_W,
  PERIOD_US,
  POWERCAP_BOARD,
} from "../support/powercap_board.ts";

const { OSPM, PSCI } = AGENT;
const PLATFORM = 0;

Deno.test("PowercapDomain has the parent that the board names, also when that comes later", () => {
  const { cpu, gpu, soc, io, npu } = createPowercapDomains();
  assert(cpu.parent === soc && gpu.parent === soc && io.parent === soc);
  assertEquals([cpu, gpu, soc, io, npu].map(({ parent }) => parent?.name), [
    "soc",
    "soc",
    undefined,
    "soc",
    undefined,
  ]);
});

Deno.test("PowercapDomain takes caps of its range in its steps, and none", () => {
  const { cpu, changes } = createPowercapDomains();
  assertEquals(cpu.cap, null);
  for (const cap of [100_000, 4_000_000, 1_234_000, null]) {
    assertEquals(cpu.setCap(OSPM, cap), "SUCCESS", `${cap}`);
    assertEquals(cpu.cap, cap);
  }
  assertEquals(changes.map(({ cap, averagingUs, agentId }) => [cap, averagingUs, agentId]), [
    [100_000, 100_000, OSPM],
    [4_000_000, 100_000, OSPM],
    [1_234_000, 100_000, OSPM],
    [null, 100_000, OSPM],
  ]);
  for (const cap of [0, 99_999, 4_000_001, 4_001_000, 1_234_001, 0xffff_ffff]) {
    assertEquals(cpu.setCap(OSPM, cap), "OUT_OF_RANGE", `${cap}`);
    assertEquals(cpu.cap, null);
  }
});

Deno.test("PowercapDomain takes averaging intervals of its range in its steps", () => {
  const { cpu, changes } = createPowercapDomains();
  for (const intervalUs of [10_000, 1_000_000, 120_000]) {
    assertEquals(cpu.setAveraging(PSCI, intervalUs), "SUCCESS");
    assertEquals(cpu.averagingUs, intervalUs);
  }
  assertEquals(changes.map(({ cap, averagingUs, agentId }) => [cap, averagingUs, agentId]), [
    [null, 10_000, PSCI],
    [null, 1_000_000, PSCI],
    [null, 120_000, PSCI],
  ]);
  for (const intervalUs of [0, 5_000, 1_010_000, 10_001]) {
    assertEquals(cpu.setAveraging(OSPM, intervalUs), "OUT_OF_RANGE", `${intervalUs}`);
    assertEquals(cpu.averagingUs, 120_000);
  }
});

Deno.test("PowercapDomain tells of no change where there is none", () => {
  const { cpu, changes } = createPowercapDomains();
  cpu.setCap(OSPM, null);
  cpu.setAveraging(OSPM, cpu.averagingUs);
  assertEquals(changes, []);
});

Deno.test("PowercapDomain whose values are fixed lets nobody set them", () => {
  const { io } = createPowercapDomains();
  assertEquals([io.setCap(OSPM, 16), io.setCap(OSPM, null), io.setAveraging(OSPM, 50_000)], [
    "FIXED",
    "FIXED",
    "FIXED",
  ]);
  assertEquals(io.beginCapChange(OSPM, 16), "FIXED");
  assertEquals([io.cap, io.averagingUs], [null, 50_000]);
});

Deno.test("PowercapDomain is set by those agents only that the board names", () => {
  const { npu } = createPowercapDomains();
  assertEquals([npu.setCap(OSPM, 400), npu.setCap(OSPM, null), npu.setCap(OSPM, 1)], [
    "DENIED",
    "DENIED",
    "DENIED",
  ]);
  assertEquals(npu.setAveraging(OSPM, 20_000), "DENIED");
  assertEquals(npu.cap, 300);
  assertEquals([npu.setCap(PSCI, 400), npu.setAveraging(PSCI, 20_000)], ["SUCCESS", "SUCCESS"]);
});

Deno.test("PowercapDomain begins a change that is over when power is below the cap, and not before", () => {
  const { cpu, changes, step } = createPowercapDomains();
  step(1_000_000);
  const change = cpu.beginCapChange(OSPM, 700_000);
  assert(typeof change === "object");
  const told: boolean[] = [];
  change.whenOver((isInForce) => told.push(isInForce));
  // It looks at once and once a period: two levels down, and a look that finds it done.
  step(1_000_000 + 2 * PERIOD_US - 1);
  assertEquals([told, changes, cpu.cap], [[], [], null]);
  step(1_000_000 + 2 * PERIOD_US);
  assertEquals([told, cpu.cap], [[true], 700_000]);
  assertEquals(changes, [{ cap: 700_000, averagingUs: 100_000, agentId: OSPM }]);
  step(1_100_000 + 2 * PERIOD_US);
  assertEquals(cpu.measure(), CPU_W[1] * 1e6);
});

Deno.test("PowercapDomain has a cap in force at once that has nothing to lower, but never before the call returns", () => {
  for (const cap of [3_000_000, null]) {
    const { cpu, step } = createPowercapDomains();
    step(1_000_000);
    cpu.setCap(OSPM, 2_500_000);
    const change = cpu.beginCapChange(OSPM, cap);
    assert(typeof change === "object");
    const told: boolean[] = [];
    change.whenOver((isInForce) => told.push(isInForce));
    assertEquals([told, cpu.cap], [[], 2_500_000]);
    step(1_000_000);
    assertEquals([told, cpu.cap], [[true], cap]);
  }
});

Deno.test("PowercapDomain that is not capped is let go of as well with a delay", () => {
  const { cpu, step } = createPowercapDomains();
  const change = cpu.beginCapChange(OSPM, null);
  assert(typeof change === "object");
  const told: boolean[] = [];
  change.whenOver((isInForce) => told.push(isInForce));
  step(0);
  assertEquals(told, [true]);
  assertEquals(cpu.setCap(OSPM, 700_000), "SUCCESS");
});

Deno.test("PowercapDomain has a cap in force that the lowest level cannot keep, once it runs at that", () => {
  const { cpu, model, step } = createPowercapDomains();
  step(1_000_000);
  const change = cpu.beginCapChange(OSPM, 100_000);
  assert(typeof change === "object");
  const told: boolean[] = [];
  change.whenOver((isInForce) => told.push(isInForce));
  step(1_000_000 + 3 * PERIOD_US - 1);
  assertEquals(told, []);
  step(1_000_000 + 3 * PERIOD_US);
  assertEquals([told, cpu.cap], [[true], 100_000]);
  assertEquals(model.dvfs.performanceDomains[0]!.level.index, 0);
});

Deno.test("PowercapDomain takes no other cap while one is on its way, but another interval", () => {
  const { cpu, step } = createPowercapDomains();
  step(1_000_000);
  assert(typeof cpu.beginCapChange(OSPM, 700_000) === "object");
  assertEquals(cpu.beginCapChange(PSCI, 800_000), "BUSY");
  assertEquals([cpu.setCap(PSCI, 800_000), cpu.setCap(OSPM, null), cpu.setCap(OSPM, 1)], [
    "BUSY",
    "BUSY",
    "OUT_OF_RANGE",
  ]);
  assertEquals(cpu.setAveraging(PSCI, 20_000), "SUCCESS");
  step(2_000_000);
  assertEquals(cpu.cap, 700_000);
  assertEquals(cpu.setCap(PSCI, 800_000), "SUCCESS");
});

Deno.test("PowercapDomain that gives a change up keeps the cap it had, and holds nothing back for it", () => {
  const { cpu, model, changes, step } = createPowercapDomains();
  step(1_000_000);
  const change = cpu.beginCapChange(OSPM, 100_000);
  assert(typeof change === "object");
  const told: boolean[] = [];
  change.whenOver((isInForce) => told.push(isInForce));
  step(1_000_000 + PERIOD_US);
  change.cancel();
  step(3_000_000);
  assertEquals([told, changes, cpu.cap], [[], [], null]);
  assertEquals(cpu.measure(), CPU_W[3] * 1e6);
  assertEquals(checkInvariants(model), []);
  assert(typeof cpu.beginCapChange(OSPM, 700_000) === "object");
  change.cancel();
  step(4_000_000);
  assertEquals(cpu.cap, 700_000, "what was given up takes nothing later away");
});

Deno.test("PowercapDomain goes back to what it starts with at a reset, and gives up what is on its way", () => {
  const { cpu, npu, model, changes, step } = createPowercapDomains();
  npu.setCap(PSCI, 500);
  cpu.setAveraging(OSPM, 20_000);
  step(1_000_000);
  const change = cpu.beginCapChange(OSPM, 100_000);
  assert(typeof change === "object");
  const told: boolean[] = [];
  change.whenOver((isInForce) => told.push(isInForce));
  step(1_000_000);
  changes.length = 0;
  model.powercapTree.reset();
  assertEquals(told, [false]);
  assertEquals(changes, [
    { cap: null, averagingUs: 100_000, agentId: PLATFORM },
    { cap: 300, averagingUs: 100_000, agentId: PLATFORM },
  ]);
  step(2_000_000);
  assertEquals([cpu.measure(), npu.measure()], [CPU_W[3] * 1e6, NPU_W[0] * 1e3]);
  assertEquals(checkInvariants(model), []);
});

Deno.test("PowercapDomain wakes up uncapped after a reset of the system, at its full speed at once", () => {
  const board = { ...POWERCAP_BOARD, systemPower: completeSystemPower({}) };
  const { model, machine } = createPowercaps("3.2", board);
  const [cpu] = model.powercapTree.domains;
  cpu!.setCap(OSPM, 100_000);
  machine.step(1_000_000);
  const [performance] = model.dvfs.performanceDomains;
  assertEquals(performance!.runningLevel.index, 0);
  assertEquals(model.systemPower!.request("coldReset", false, PSCI), "SUCCESS");
  while (model.systemPower!.condition !== "up") machine.step(machine.nextUs);
  assertEquals([cpu!.cap, performance!.runningLevel.index], [null, 3]);
  assertEquals(checkInvariants(model), []);
});

Deno.test("PowercapDomain that nobody watches or caps has no work to do", () => {
  const { cpu, gpu, npu, soc, io, machine, step } = createPowercapDomains();
  npu.setCap(PSCI, null);
  cpu.watch(() => {})();
  step(1_000_000);
  for (const domain of [cpu, gpu, soc]) {
    domain.setCap(OSPM, domain.capRange.max);
    domain.setCap(OSPM, null);
  }
  io.watch(() => {})();
  step(2_000_000);
  assertEquals(machine.nextUs, Infinity);
});

Deno.test("PowercapDomain says what is wrong with itself", () => {
  const { model } = createPowercapDomains();
  assertEquals(checkInvariants(model), []);
  const { powercapDomains } = POWERCAP_BOARD;
  const wrong = createModel({
    ...POWERCAP_BOARD,
    powercapDomains: powercapDomains.map((domain) => ({
      ...domain,
      ...(domain.id === CAPPED.npu ? { bootCap: 350, bootAveragingUs: 1 } : {}),
    })),
  }, { seed: 1 });
  const told = checkInvariants(wrong);
  for (
    const complaint of [
      "powercap domain npu has the cap 350, none that can be set",
      "powercap domain npu averages over 1 us, an interval that cannot be set",
    ]
  ) assert(told.includes(complaint), `${complaint} among ${told}`);
});
