// Performance domains: what becomes of requests, limits and ceilings, the order of voltage and frequency, and what the
// physics feels of it.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { createPrng } from "../../scp/core/prng.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { blockPowerW } from "../../scp/model/chip.ts";
import { createModel } from "../../scp/model/model.ts";
import { Rail } from "../../scp/model/rail.ts";
import { SimulatedPerformanceDomain } from "../../scp/model/simulated_performance_domain.ts";
import { AGENT, DOMAIN, DVFS_BOARD, LATENCY_US, PHASE_S, RAIL, SENSOR } from "../support/dvfs_board.ts";
import { createDvfsModel, limit, MHZ, QUIET_BOARD, request } from "../support/dvfs_model.ts";

const THREE_LEVELS = [100, 200, 300].map((mhz) => ({ level: mhz, mhz, powerCost: 0 }));

Deno.test("PerformanceDomain raises the voltage before the frequency", () => {
  const { model, cpu, core } = createDvfsModel();
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
  const { model, cpu, core } = createDvfsModel();
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
  const { model, cpu } = createDvfsModel({ ...QUIET_BOARD, power: { ...QUIET_BOARD.power, rails } });
  request(cpu, MHZ[2000]);
  model.advanceTo(10_099);
  assertEquals(cpu.runningLevel.index, MHZ[1500]);
  model.advanceTo(10_100);
  assertEquals(cpu.runningLevel.index, MHZ[2000]);
});

Deno.test("PerformanceDomain without a regulator takes its time up, and falls at once", () => {
  const rails = DVFS_BOARD.power.rails.map(({ name }) => ({ name, loadLineOhm: 0 }));
  const { model, cpu } = createDvfsModel({
    ...QUIET_BOARD,
    power: { ...QUIET_BOARD.power, rails },
    voltageDomains: [],
  });
  request(cpu, MHZ[2000]);
  model.advanceTo(LATENCY_US - 1);
  assertEquals(cpu.runningLevel.index, MHZ[1500]);
  model.advanceTo(10_000);
  assertEquals(cpu.runningLevel.index, MHZ[2000]);
  assertAlmostEquals(model.truth(SENSOR.voltage)[0]!, 1, 1e-9, "the voltage follows by itself");
  request(cpu, MHZ[500]);
  assertEquals(cpu.runningLevel.index, MHZ[500]);
});

Deno.test("PerformanceDomain has the voltage of both levels at each change of frequency", () => {
  // Also of a block that needs less when it is faster.
  for (const neededUv of [[800_000, 900_000, 1_000_000], [1_000_000, 900_000, 800_000]]) {
    const timeline = new Timeline();
    const regulator = DVFS_BOARD.power.rails[RAIL.core]!.regulator!;
    const rail = new Rail("rail", regulator, timeline, () => {});
    const domain = new SimulatedPerformanceDomain(
      {
        ...DVFS_BOARD.performanceDomains[DOMAIN.idle]!,
        levels: THREE_LEVELS,
        sustainedMhz: 300,
        bootMhz: 200,
        latencyUs: LATENCY_US,
      },
      {
        scheduler: timeline,
        rail,
        neededUv,
        setMhz(mhz) {
          const place = THREE_LEVELS.findIndex((level) => level.mhz === mhz);
          const leastUv = Math.max(neededUv[place]!, neededUv[before]!);
          assert(rail.levelUv >= leastUv, `${mhz} MHz with ${rail.levelUv} uV`);
          before = place;
        },
      },
      { levelSetterIds: new Set([1]), limitsSetterIds: new Set() },
      null,
    );
    let before = 1;
    const prng = createPrng(5, "order");
    for (let step = 0; step < 300; step++) {
      assertEquals(domain.setLevel(domain.levels[prng.nextU32() % 3]!, 1), "SUCCESS");
      if (prng.nextU32() % 8 === 0) domain.reset();
      assertEquals([...domain.checkInvariants(), ...rail.checkInvariants()], []);
      timeline.advanceTo(timeline.nowUs() + prng.nextU32() % 1500);
      assertEquals([...domain.checkInvariants(), ...rail.checkInvariants()], []);
    }
  }
});

Deno.test("PerformanceDomain shares its rail: the most that is needed counts", () => {
  const { model, cpu, gpu, core } = createDvfsModel();
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
  const { model, cpu } = createDvfsModel();
  const heard: string[] = [];
  cpu.listen((change) => {
    if (change.kind === "level") heard.push(`${change.level.value} by ${change.agentId}`);
  });
  request(cpu, MHZ[2000]);
  model.advanceTo(500);
  request(cpu, MHZ[500]);
  assertEquals(cpu.setLevel(cpu.levels[MHZ[1000]]!, AGENT.PSCI), "SUCCESS");
  request(cpu, MHZ[1000]); // which it is on its way to already
  assertEquals([cpu.level.index, cpu.runningLevel.index], [MHZ[1000], MHZ[1500]]);
  model.advanceTo(10_000);
  assertEquals([cpu.level.index, cpu.runningLevel.index], [MHZ[1000], MHZ[1000]]);
  assertEquals(heard, ["200 by 1", "100 by 2"]);
});

Deno.test("PerformanceDomain level without latency is in force at once", () => {
  const performanceDomains = DVFS_BOARD.performanceDomains.map((domain) => ({ ...domain, latencyUs: 0 }));
  const { model, cpu } = createDvfsModel({ ...QUIET_BOARD, performanceDomains });
  request(cpu, MHZ[1000]);
  assertEquals(cpu.runningLevel.index, MHZ[1000]);
  request(cpu, MHZ[2000]);
  assertEquals(cpu.runningLevel.index, MHZ[1000], "the rail takes its time");
  const heard: number[] = [];
  cpu.listen((change) => {
    if (change.kind === "level") heard.push(change.level.value);
  });
  request(cpu, MHZ[500]);
  model.advanceTo(1000);
  assertEquals([cpu.runningLevel.index, heard], [MHZ[500], [200, 50]], "one after the other");
});

Deno.test("PerformanceDomain keeps what was requested while limits hold it back", () => {
  const { cpu } = createDvfsModel();
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
  const { cpu } = createDvfsModel();
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
  const { cpu } = createDvfsModel();
  limit(cpu, MHZ[1500], MHZ[2000]);
  cpu.imposeCeiling("heat", MHZ[1000]);
  assertEquals([cpu.limits.min.index, cpu.limits.max.index], [MHZ[1000], MHZ[1000]]);
  assertEquals([cpu.agentLimits.min.index, cpu.agentLimits.max.index], [MHZ[1500], MHZ[2000]]);
  assertEquals(cpu.level.index, MHZ[1000]);
  cpu.imposeCeiling("heat", null);
  assertEquals([cpu.limits.min.index, cpu.limits.max.index], [MHZ[1500], MHZ[2000]]);
});

Deno.test("PerformanceDomain answers requests beyond the agents' limits and those without rights", () => {
  const { cpu, gpu } = createDvfsModel();
  limit(cpu, MHZ[1000], MHZ[1500]);
  assertEquals(cpu.setLevel(cpu.levels[MHZ[2000]]!, AGENT.OSPM), "OUT_OF_RANGE");
  assertEquals(cpu.setLevel(cpu.levels[MHZ[500]]!, AGENT.OSPM), "OUT_OF_RANGE");
  assertEquals([gpu.maySetLevel(AGENT.OSPM), gpu.maySetLimits(AGENT.OSPM)], [true, false]);
  assertEquals(gpu.setLimits({ min: gpu.levels[0]!, max: gpu.levels[0]! }, AGENT.OSPM), "DENIED");
  assertEquals(gpu.maySetLevel(99), false);
});

Deno.test("PerformanceDomain follows the load profile until an agent asks for a level", () => {
  const { model, cpu } = createDvfsModel(DVFS_BOARD);
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

Deno.test("PerformanceDomain is at its slowest in a phase that does not name its block", () => {
  const [slow, fast] = DVFS_BOARD.power.phases;
  const phases = [fast!, { ...slow!, loads: {} }];
  const { model, cpu } = createDvfsModel({ ...DVFS_BOARD, power: { ...DVFS_BOARD.power, phases } });
  assertEquals(cpu.level.index, MHZ[1500]);
  model.advanceTo(PHASE_S * 1e6);
  assertEquals(cpu.level.index, MHZ[500]);
});

Deno.test("PerformanceDomain follows phases that are no whole microseconds at whole ones, round after round", () => {
  const [slow, fast] = DVFS_BOARD.power.phases;
  const phases = [{ ...slow!, durationS: 1 / 3 }, { ...fast!, durationS: 2 / 3 + 4e-7 }];
  const board = { ...DVFS_BOARD, power: { ...DVFS_BOARD.power, phases } };
  const scheduler = new Timeline();
  const cpu = createModel(board, { seed: 1, scheduler }).dvfs.performanceDomains[0]!;
  const changesUs: number[] = [];
  cpu.listen(({ kind }) => {
    if (kind === "chosen") changesUs.push(scheduler.nowUs());
  });
  scheduler.advanceTo(2.5e6);
  assertEquals(changesUs, [333_333, 1e6, 1_333_333, 2e6, 2_333_333]);
});

Deno.test("PerformanceDomain limits hold for the load profile, too", () => {
  const { model, cpu } = createDvfsModel(DVFS_BOARD);
  limit(cpu, MHZ[500], MHZ[1000]);
  model.advanceTo(PHASE_S * 1e6);
  assertEquals(cpu.level.index, MHZ[1000]);
  limit(cpu, MHZ[500], MHZ[2000]);
  assertEquals(cpu.level.index, MHZ[1500]);
});

Deno.test("createModel: the frequency set from outside is a request, which an agent's next one replaces", () => {
  const { model, cpu } = createDvfsModel(DVFS_BOARD);
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
  const { model, cpu } = createDvfsModel();
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
  const { model, cpu, gpu } = createDvfsModel();
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
  assertAlmostEquals(model.truth(SENSOR.temperature)[0]!, beforeC, 0.01);
  request(cpu, MHZ[2000]);
  const afterC = 25 + link!.resistanceKPerW * powerW(2000, 300, 1);
  for (const share of [0.5, 1, 2, 4]) {
    model.advanceTo(settledUs + share * tauS * 1e6);
    const expectedC = afterC + (beforeC - afterC) * Math.exp(-share);
    assertAlmostEquals(model.truth(SENSOR.temperature)[0]!, expectedC, 0.05, `after ${share} time constants`);
  }
});

Deno.test("PerformanceDomain counts visits and residency of the levels that it ran at", () => {
  const { model, cpu } = createDvfsModel();
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
