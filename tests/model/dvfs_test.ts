// Rails and performance domains of a board together: resets, and that nothing agents do breaks what has to hold.
import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { createPrng } from "../../scp/core/prng.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";
import { AGENT, DOMAIN, DVFS_BOARD, RAIL, SENSOR } from "../support/dvfs_board.ts";
import { createDvfsModel, limit, MHZ, request } from "../support/dvfs_model.ts";

Deno.test("Dvfs reset puts levels, limits and, when cold, rails back at once", () => {
  const { model, cpu, core } = createDvfsModel();
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

  // While the rail is on its way up for a level that is given up.
  request(cpu, MHZ[2000]);
  model.advanceTo(1e6 + 50);
  model.dvfs.reset(false);
  assertEquals([cpu.level.index, core.levelUv], [MHZ[1500], 900_000]);
  model.advanceTo(2e6);
  assertEquals([cpu.runningLevel.index, core.levelUv], [MHZ[1500], 900_000]);
  assertEquals(cpu.statistics.lastChangeUs < 1e6, true);
  assertEquals(checkInvariants(model), []);
});

Deno.test("Dvfs keeps a rail high enough for blocks that nobody drives", () => {
  const { dvfs } = createModel(rcarBoard, { seed: 1 });
  const vd09 = dvfs.voltageDomains.find(({ name }) => name === "vd09")!;
  assertEquals(vd09.setLevel(820_000, AGENT.OSPM), "DENIED", "the GPU may start at any time");
  assertEquals(vd09.setLevel(840_000, AGENT.OSPM), "SUCCESS");
});

Deno.test("Dvfs changes reach the physics at their time, in one go or step by step", () => {
  const run = (stepUs: number) => {
    const { model } = createDvfsModel(DVFS_BOARD);
    for (let timeUs = stepUs; timeUs <= 40e6; timeUs += stepUs) model.advanceTo(timeUs);
    return [model.truth(SENSOR.temperature), model.truth(SENSOR.power), model.truth(SENSOR.voltage)];
  };
  assertEquals(run(40e6), run(12_500));
});

Deno.test("Dvfs keeps its invariants whatever agents, ceilings, rails and resets do at whatever time", () => {
  const prng = createPrng(13, "dvfs");
  const pick = (count: number) => prng.nextU32() % count;
  const { model, core } = createDvfsModel(DVFS_BOARD);
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

Deno.test("Dvfs shows the voltage of a rail that feeds nothing, and none while it is off", () => {
  const [first] = DVFS_BOARD.sensors;
  const sensors = [{ ...first!, name: "io", typeCode: 5, signal: "rail.io.voltage" }];
  const { model } = createDvfsModel({ ...DVFS_BOARD, sensors });
  const io = model.dvfs.voltageDomains[RAIL.io]!;
  assertEquals(model.truth(0), [1.8]);
  assertEquals(io.setLevel(3_300_000, AGENT.OSPM), "SUCCESS");
  model.advanceTo(10_000);
  assertEquals(model.truth(0), [3.3]);
  assertEquals(io.setMode(io.modes.find(({ kind }) => kind === "off")!, AGENT.OSPM), "SUCCESS");
  model.advanceTo(20_000);
  assertEquals(model.truth(0), [0]);
});

Deno.test("Dvfs invariants tell of a block without the voltage that it needs", () => {
  const { model, core } = createDvfsModel();
  core.setMode(core.modes.find(({ kind }) => kind === "off")!); // which no agent can do
  assertEquals(checkInvariants(model), [
    "rail core is off while it is needed",
    "performance domain cpu runs at 150 with 0 V, too little for it",
    "performance domain gpu runs at 60 with 0 V, too little for it",
  ]);
});

Deno.test("Dvfs invariants tell of a block that nobody drives without what it may need at any time", () => {
  const performanceDomains = DVFS_BOARD.performanceDomains.filter(({ block }) => block !== "gpu")
    .map((domain, id) => ({ ...domain, id }));
  const { model, core } = createDvfsModel({ ...DVFS_BOARD, performanceDomains });
  assertEquals(checkInvariants(model), []);
  core.holdAtOnce("block gpu", 0); // which nothing does
  core.holdAtOnce("cpu", 0);
  const wrong = checkInvariants(model);
  assertEquals(wrong.filter((line) => line.startsWith("block")), [
    `block gpu needs 850000 uV, its rail core gives ${core.volts} V`,
  ]);
});
