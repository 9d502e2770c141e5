// Performance domains: what becomes of requests, limits and ceilings, the order of voltage and frequency, and what the
// physics feels of it.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { blockPowerW } from "../../scp/model/chip.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel, type Model } from "../../scp/model/model.ts";
import type { Rail } from "../../scp/model/rail.ts";
import type { SimulatedPerformanceDomain } from "../../scp/model/simulated_performance_domain.ts";
import { createPrng } from "../../scp/core/prng.ts";
import { AGENT, DOMAIN, DVFS_BOARD, LATENCY_US, PHASE_S, RAIL, SENSOR } from "../support/dvfs_board.ts";

const QUIET: Board = { ...DVFS_BOARD, power: { ...DVFS_BOARD.power, phases: [] } };

/** Index of the levels of the CPU, by MHz. */
const MHZ = { 500: 0, 1000: 1, 1500: 2, 2000: 3 } as const;

interface Setting {
  readonly model: Model;
  readonly cpu: SimulatedPerformanceDomain;
  readonly gpu: SimulatedPerformanceDomain;
  readonly core: Rail;
}

function createSetting(board: Board = QUIET): Setting {
  const model = createModel(board, { seed: 1 });
  const [cpu, gpu] = model.dvfs.performanceDomains;
  return { model, cpu: cpu!, gpu: gpu!, core: model.dvfs.rails[RAIL.core]! };
}

function request(domain: SimulatedPerformanceDomain, levelIndex: number): void {
  assertEquals(domain.setLevel(domain.levels[levelIndex]!, AGENT.OSPM), "SUCCESS");
}

function limit(domain: SimulatedPerformanceDomain, minIndex: number, maxIndex: number): void {
  const limits = { min: domain.levels[minIndex]!, max: domain.levels[maxIndex]! };
  assertEquals(domain.setLimits(limits, AGENT.PSCI), "SUCCESS");
}

const TEMPERATURE_C = SENSOR.temperature;

Deno.test("PerformanceDomain raises the voltage before the frequency", () => {
  const { model, cpu, core } = createSetting();
  request(cpu, MHZ[2000]);
  // 100 us to tell the regulator, 100 mV at 1 mV/us.
  model.advanceTo(199);
  assertEquals([core.levelUv, cpu.runningLevel.index], [900_000, MHZ[1500]]);
  model.advanceTo(LATENCY_US - 1);
  assertEquals([core.levelUv, cpu.runningLevel.index], [1_000_000, MHZ[1500]]);
  model.advanceTo(LATENCY_US);
  assertEquals([core.levelUv, cpu.runningLevel.index], [1_000_000, MHZ[2000]]);
});

Deno.test("PerformanceDomain lowers the frequency before the voltage", () => {
  const { model, cpu, core } = createSetting();
  request(cpu, MHZ[500]);
  assertEquals([core.levelUv, cpu.runningLevel.index], [900_000, MHZ[500]]);
  model.advanceTo(LATENCY_US);
  assertEquals(core.levelUv, 850_000, "what the GPU on the same rail needs");
});

Deno.test("PerformanceDomain waits for a rail that takes longer than the latency", () => {
  const rails = DVFS_BOARD.power.rails.map((rail) => ({
    ...rail,
    regulator: { ...rail.regulator!, slewUvPerUs: 10 },
  }));
  const { model, cpu } = createSetting({ ...QUIET, power: { ...QUIET.power, rails } });
  request(cpu, MHZ[2000]);
  model.advanceTo(10_099);
  assertEquals(cpu.runningLevel.index, MHZ[1500]);
  model.advanceTo(10_100);
  assertEquals(cpu.runningLevel.index, MHZ[2000]);
});

Deno.test("PerformanceDomain shares its rail: the most that is needed counts", () => {
  const { model, cpu, gpu, core } = createSetting();
  request(cpu, MHZ[500]);
  request(gpu, 0);
  model.advanceTo(10_000);
  assertEquals(core.levelUv, 800_000);
  request(gpu, 1);
  model.advanceTo(20_000);
  assertEquals(core.levelUv, 850_000);
  request(cpu, MHZ[1000]);
  model.advanceTo(30_000);
  assertEquals([core.levelUv, cpu.runningLevel.index], [850_000, MHZ[1000]]);
});

Deno.test("PerformanceDomain takes requests during a transition, and the last one counts", () => {
  const { model, cpu } = createSetting();
  const heard: string[] = [];
  cpu.listen((change) => {
    if (change.kind === "level") heard.push(`${change.level.value} by ${change.agentId}`);
  });
  request(cpu, MHZ[2000]);
  model.advanceTo(500);
  request(cpu, MHZ[500]);
  assertEquals(cpu.setLevel(cpu.levels[MHZ[1000]]!, AGENT.PSCI), "SUCCESS");
  assertEquals([cpu.level.index, cpu.runningLevel.index], [MHZ[1000], MHZ[1500]]);
  model.advanceTo(10_000);
  assertEquals([cpu.level.index, cpu.runningLevel.index], [MHZ[1000], MHZ[1000]]);
  assertEquals(heard, ["200 by 1", "100 by 2"]);
});

Deno.test("PerformanceDomain level without latency is in force at once", () => {
  const performanceDomains = DVFS_BOARD.performanceDomains.map((domain) => ({ ...domain, latencyUs: 0 }));
  const { model, cpu } = createSetting({ ...QUIET, performanceDomains });
  request(cpu, MHZ[1000]);
  assertEquals(cpu.runningLevel.index, MHZ[1000]);
  request(cpu, MHZ[2000]);
  assertEquals(cpu.runningLevel.index, MHZ[1000], "the rail takes its time");
  model.advanceTo(1000);
  assertEquals(cpu.runningLevel.index, MHZ[2000]);
});

Deno.test("PerformanceDomain keeps what was requested while limits hold it back", () => {
  const { cpu } = createSetting();
  request(cpu, MHZ[2000]);
  limit(cpu, MHZ[500], MHZ[1000]);
  assertEquals(cpu.level.index, MHZ[1000]);
  limit(cpu, MHZ[500], MHZ[1500]);
  assertEquals(cpu.level.index, MHZ[1500]);
  limit(cpu, MHZ[500], MHZ[2000]);
  assertEquals(cpu.level.index, MHZ[2000]);
  request(cpu, MHZ[500]);
  limit(cpu, MHZ[1500], MHZ[2000]);
  assertEquals(cpu.level.index, MHZ[1500]);
});

Deno.test("PerformanceDomain is at the lowest ceiling of all sources", () => {
  const { cpu } = createSetting();
  const heard: string[] = [];
  cpu.listen((change) => {
    if (change.kind !== "limits") return;
    heard.push(`${change.limits.min.value}..${change.limits.max.value} by ${change.agentId}`);
  });
  request(cpu, MHZ[2000]);
  cpu.imposeCeiling("heat", MHZ[1500]);
  cpu.imposeCeiling("power", MHZ[1000]);
  assertEquals(cpu.level.index, MHZ[1000]);
  cpu.imposeCeiling("heat", MHZ[500]);
  cpu.imposeCeiling("power", null);
  assertEquals(cpu.level.index, MHZ[500]);
  cpu.imposeCeiling("heat", null);
  cpu.imposeCeiling("heat", null);
  assertEquals(cpu.level.index, MHZ[2000]);
  assertEquals(heard, ["50..150 by 0", "50..100 by 0", "50..50 by 0", "50..200 by 0"]);
});

Deno.test("PerformanceDomain ceiling below the agents' lower limit takes that down with it", () => {
  const { cpu } = createSetting();
  limit(cpu, MHZ[1500], MHZ[2000]);
  cpu.imposeCeiling("heat", MHZ[1000]);
  assertEquals([cpu.limits.min.index, cpu.limits.max.index], [MHZ[1000], MHZ[1000]]);
  assertEquals([cpu.agentLimits.min.index, cpu.agentLimits.max.index], [MHZ[1500], MHZ[2000]]);
  assertEquals(cpu.level.index, MHZ[1000]);
  cpu.imposeCeiling("heat", null);
  assertEquals([cpu.limits.min.index, cpu.limits.max.index], [MHZ[1500], MHZ[2000]]);
});

Deno.test("PerformanceDomain answers requests beyond the agents' limits and those without rights", () => {
  const { cpu, gpu } = createSetting();
  limit(cpu, MHZ[1000], MHZ[1500]);
  assertEquals(cpu.setLevel(cpu.levels[MHZ[2000]]!, AGENT.OSPM), "OUT_OF_RANGE");
  assertEquals(cpu.setLevel(cpu.levels[MHZ[500]]!, AGENT.OSPM), "OUT_OF_RANGE");
  assertEquals([gpu.maySetLevel(AGENT.OSPM), gpu.maySetLimits(AGENT.OSPM)], [true, false]);
  assertEquals(gpu.setLimits({ min: gpu.levels[0]!, max: gpu.levels[0]! }, AGENT.OSPM), "DENIED");
  assertEquals(gpu.maySetLevel(99), false);
});

Deno.test("PerformanceDomain follows the load profile until an agent asks for a level", () => {
  const { model, cpu } = createSetting(DVFS_BOARD);
  assertEquals(cpu.level.index, MHZ[500], "the first phase");
  model.advanceTo(PHASE_S * 1e6);
  assertEquals([cpu.level.index, cpu.runningLevel.index], [MHZ[1500], MHZ[500]]);
  model.advanceTo(PHASE_S * 1e6 + LATENCY_US);
  assertEquals(cpu.runningLevel.index, MHZ[1500]);
  model.advanceTo(2 * PHASE_S * 1e6);
  assertEquals(cpu.level.index, MHZ[500], "the second round");
  model.advanceTo(3 * PHASE_S * 1e6);
  assertEquals(cpu.level.index, MHZ[1500]);
  request(cpu, MHZ[1000]);
  for (const phase of [4, 5, 6, 7]) {
    model.advanceTo(phase * PHASE_S * 1e6);
    assertEquals(cpu.level.index, MHZ[1000]);
  }
});

Deno.test("PerformanceDomain limits hold for the load profile, too", () => {
  const { model, cpu } = createSetting(DVFS_BOARD);
  limit(cpu, MHZ[500], MHZ[1000]);
  model.advanceTo(PHASE_S * 1e6);
  assertEquals(cpu.level.index, MHZ[1000]);
  limit(cpu, MHZ[500], MHZ[2000]);
  assertEquals(cpu.level.index, MHZ[1500]);
});

Deno.test("createModel: the frequency set from outside is a request, which an agent's next one replaces", () => {
  const { model, cpu } = createSetting(DVFS_BOARD);
  assert(model.inputs.some(({ name, max }) => name === "mhz.cpu" && max === 2000));
  assertEquals(model.setInput("mhz.cpu", 1200), true);
  assertEquals(cpu.level.index, MHZ[1500], "the slowest that is fast enough");
  assertEquals(model.setInput("mhz.cpu", 0), true);
  assertEquals(cpu.level.index, MHZ[500]);
  request(cpu, MHZ[2000]);
  assertEquals(model.setInput("mhz.cpu", 1000), true);
  assertEquals(cpu.level.index, MHZ[1000], "the last word counts");
  assertEquals(model.setInput("mhz.cpu", null), true);
  assertEquals(cpu.level.index, MHZ[500], "the load profile's again");
  for (const value of [-1, 2001, NaN]) assertEquals(model.setInput("mhz.cpu", value), false);
  assertEquals(model.setInput("mhz.rest", 100), false);
});

Deno.test("PerformanceDomain level reaches power at its own time", () => {
  const { model, cpu } = createSetting();
  assert(model.setInput("utilisation.cpu", 1));
  model.advanceTo(20_000);
  const plan = DVFS_BOARD.power.blocks[0]!;
  const powerAt = (mhz: number, volts: number) => blockPowerW(plan, mhz, volts, 1, 25);
  assertAlmostEquals(model.truth(SENSOR.power)[0]!, powerAt(1500, 0.9), 1e-9);
  request(cpu, MHZ[2000]);
  model.advanceTo(30_000);
  assertAlmostEquals(model.truth(SENSOR.power)[0]!, powerAt(2000, 1), 1e-9);
  assertAlmostEquals(model.truth(SENSOR.voltage)[0]!, 1, 1e-9);
  // More voltage than needed costs power at the same frequency.
  request(cpu, MHZ[500]);
  model.advanceTo(40_000);
  assertAlmostEquals(model.truth(SENSOR.power)[0]!, powerAt(500, 0.85), 1e-9);
  assertEquals(model.dvfs.voltageDomains[RAIL.core]!.setLevel(1_100_000, AGENT.OSPM), "SUCCESS");
  model.advanceTo(50_000);
  assertAlmostEquals(model.truth(SENSOR.power)[0]!, powerAt(500, 1.1), 1e-9);
});

Deno.test("PerformanceDomain: the temperature follows a level within the model's time constant", () => {
  const { model, cpu, gpu } = createSetting();
  const [die] = DVFS_BOARD.thermal.nodes;
  const [link] = DVFS_BOARD.thermal.links;
  const tauS = die!.heatCapacityJPerK * link!.resistanceKPerW;
  for (const block of ["cpu", "gpu"]) assert(model.setInput(`utilisation.${block}`, 1));
  request(gpu, 0);
  request(cpu, MHZ[500]);
  const settledUs = 20 * tauS * 1e6;
  model.advanceTo(settledUs);
  const powerW = (mhz: number, gpuMhz: number, volts: number) => 2000e-6 * (mhz + gpuMhz) * volts * volts;
  const beforeC = 25 + link!.resistanceKPerW * powerW(500, 300, 0.8);
  assertAlmostEquals(model.truth(TEMPERATURE_C)[0]!, beforeC, 0.01);
  request(cpu, MHZ[2000]);
  const afterC = 25 + link!.resistanceKPerW * powerW(2000, 300, 1);
  for (const share of [0.5, 1, 2, 4]) {
    model.advanceTo(settledUs + share * tauS * 1e6);
    const expectedC = afterC + (beforeC - afterC) * Math.exp(-share);
    assertAlmostEquals(model.truth(TEMPERATURE_C)[0]!, expectedC, 0.05, `after ${share} time constants`);
  }
});

Deno.test("PerformanceDomain counts visits and residency of the levels that it ran at", () => {
  const { model, cpu } = createSetting();
  request(cpu, MHZ[2000]);
  model.advanceTo(5_000);
  request(cpu, MHZ[1500]);
  model.advanceTo(8_000);
  assertEquals(cpu.statistics.usesAt(8_000), [
    { usageCount: 0, residencyUs: 0 },
    { usageCount: 0, residencyUs: 0 },
    // Up to the end of the way up, and from the moment of the second request on.
    { usageCount: 2, residencyUs: LATENCY_US + 3_000 },
    { usageCount: 1, residencyUs: 4_000 },
  ]);
  assertEquals([cpu.statistics.levelIndex, cpu.statistics.lastChangeUs], [MHZ[1500], 5_000]);
});

Deno.test("Dvfs reset puts levels, limits and, when cold, rails back at once", () => {
  const { model, cpu, core } = createSetting();
  const io = model.dvfs.voltageDomains[RAIL.io]!;
  const touch = () => {
    request(cpu, MHZ[2000]);
    limit(cpu, MHZ[1000], MHZ[2000]);
    assertEquals(io.setLevel(3_300_000, AGENT.OSPM), "SUCCESS");
    model.advanceTo(model.dvfs.rails[0]!.isBusy ? 10_000 : 20_000);
  };
  touch();
  model.dvfs.reset(false);
  assertEquals([cpu.level.index, cpu.runningLevel.index, core.levelUv], [MHZ[1500], MHZ[1500], 900_000]);
  assertEquals([cpu.agentLimits.min.index, cpu.agentLimits.max.index], [MHZ[500], MHZ[2000]]);
  assertEquals(io.levelUv, 3_300_000, "the regulator was supplied all the time");
  assertEquals(checkInvariants(model), []);

  // In the middle of a transition.
  request(cpu, MHZ[500]);
  request(cpu, MHZ[2000]);
  model.dvfs.reset(true);
  assertEquals([cpu.level.index, cpu.runningLevel.index, core.levelUv], [MHZ[1500], MHZ[1500], 900_000]);
  assertEquals(io.levelUv, 1_800_000);
  model.advanceTo(1e6);
  assertEquals([cpu.runningLevel.index, core.levelUv], [MHZ[1500], 900_000]);
  assertEquals(checkInvariants(model), []);
});

Deno.test("Dvfs keeps its invariants whatever agents, ceilings, rails and resets do at whatever time", () => {
  const prng = createPrng(13, "dvfs");
  const pick = (count: number) => prng.nextU32() % count;
  const { model, core } = createSetting(DVFS_BOARD);
  const { performanceDomains, voltageDomains } = model.dvfs;
  let timeUs = 0;
  for (let step = 0; step < 20_000; step++) {
    const domain = performanceDomains[pick(performanceDomains.length)]!;
    const supply = voltageDomains[pick(voltageDomains.length)]!;
    const level = () => domain.levels[pick(domain.levels.length)]!;
    const agentId = 1 + pick(2);
    const levelUv = 600_000 + 10_000 * pick(60);
    switch (pick(8)) {
      case 0:
      case 1:
        domain.setLevel(level(), agentId);
        break;
      case 2: {
        const [one, other] = [level(), level()];
        domain.setLimits(
          one.index < other.index ? { min: one, max: other } : { min: other, max: one },
          agentId,
        );
        break;
      }
      case 3:
        domain.imposeCeiling(pick(2) === 0 ? "heat" : "power", pick(2) === 0 ? null : level().index);
        break;
      case 4:
        supply.setLevel(levelUv, agentId);
        break;
      case 5:
        supply.beginLevel(levelUv, agentId);
        break;
      case 6:
        supply.setMode(supply.modes[pick(supply.modes.length)]!, agentId);
        break;
      default:
        if (pick(50) === 0) model.dvfs.reset(pick(2) === 0);
    }
    assertEquals(checkInvariants(model), [], `step ${step}, before time passes`);
    timeUs += pick(400);
    model.advanceTo(timeUs);
    assertEquals(checkInvariants(model), [], `step ${step}`);
  }
  model.advanceTo(timeUs + 1e6);
  for (const { name, level, runningLevel } of performanceDomains) assertEquals(runningLevel, level, name);
  assertEquals(core.isBusy, false);
  assert(
    performanceDomains[DOMAIN.cpu]!.statistics.usesAt(timeUs + 1e6).every(({ usageCount }) =>
      usageCount > 10
    ),
  );
});
