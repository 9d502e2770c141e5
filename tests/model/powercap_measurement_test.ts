// What power capping domains measure: of which blocks, in which unit, over which interval, and when those who watch are told.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { createModel } from "../../scp/model/model.ts";
import {
  AGENT,
  CPU_W,
  createPowercapDomains,
  createPowercaps,
  GPU_W,
  IO_UNIT_W,
  IO_W,
  NPU_W,
  REST_W,
} from "../support/powercap_board.ts";

const { OSPM } = AGENT;
const FASTEST_W = CPU_W[3] + GPU_W[1] + IO_W[0] + REST_W;

Deno.test("PowercapDomain measures its own blocks and those of all domains below, each in its unit", () => {
  const { cpu, gpu, soc, io, npu, model, step } = createPowercapDomains();
  step(1_000_000);
  assertEquals(cpu.measure(), CPU_W[3] * 1e6);
  assertEquals(gpu.measure(), GPU_W[1] * 1e3);
  assertEquals(soc.measure(), Math.round(FASTEST_W * 1e3));
  assertEquals(io.measure(), IO_W[0] / IO_UNIT_W);
  assertEquals(npu.measure(), NPU_W[0] * 1e3, "capped from the start");
  model.setInput("utilisation.io", 1);
  step(3_000_000);
  assertEquals(io.measure(), IO_W[1] / IO_UNIT_W);
  assertEquals(soc.measure(), Math.round((FASTEST_W + IO_W[1] - IO_W[0]) * 1e3));
});

Deno.test("PowercapDomain follows a step of power over its averaging interval, and no longer", () => {
  const { cpu, model, step } = createPowercapDomains();
  assertEquals(cpu.setAveraging(OSPM, 100_000), "SUCCESS");
  step(500_000);
  assertEquals(cpu.measure(), CPU_W[3] * 1e6);
  model.setInput("utilisation.cpu", 0.5);
  // A tick of the physics is 5 ms: what is set counts from the next one on.
  for (
    const [afterUs, share] of [[5_000, 0.05], [50_000, 0.5], [95_000, 0.95], [100_000, 1], [
      200_000,
      1,
    ]] as const
  ) {
    step(500_000 + afterUs);
    assertAlmostEquals(cpu.measure(), CPU_W[3] * 1e6 * (1 - share / 2), 1, `${afterUs} us after`);
  }
});

Deno.test("PowercapDomain averages over another interval at once, with what it has measured before", () => {
  const { gpu, model, step } = createPowercapDomains();
  step(1_000_000);
  model.setInput("utilisation.gpu", 0);
  step(1_010_000);
  assertEquals(gpu.measure(), 0, "over 2 ms");
  for (
    const [intervalUs, power] of [[20_000, 400], [40_000, 600], [1_010_000, 792], [2_000_000, 792]] as const
  ) {
    assertEquals(gpu.setAveraging(OSPM, intervalUs), "SUCCESS");
    assertEquals(gpu.averagingUs, intervalUs);
    assertEquals(gpu.measure(), power, `over ${intervalUs} us`);
  }
});

Deno.test("PowercapDomain measures a function of time: who measured what before has no influence", () => {
  const timesUs = [0, 1, 7_300, 60_000_000, 60_050_001, 61_234_567, 90_000_000];
  const measureAll = (model: ReturnType<typeof createModel>) =>
    model.powercapTree.domains.map((domain) => domain.measure());
  const undisturbed = timesUs.map((timeUs) => {
    const timeline = new Timeline();
    const model = createModel(rcarBoard, { seed: 1, scheduler: timeline });
    timeline.advanceTo(timeUs);
    return measureAll(model);
  });
  const timeline = new Timeline();
  const busy = createModel(rcarBoard, { seed: 1, scheduler: timeline });
  const seen = timesUs.map((timeUs) => {
    while (timeline.nowUs() < timeUs) {
      timeline.advanceTo(Math.min(timeUs, timeline.nowUs() + 1 + (timeline.nowUs() % 777_777)));
      busy.powercapTree.domains[timeline.nowUs() % 4]!.measure();
    }
    return measureAll(busy);
  });
  assertEquals(seen, undisturbed);
});

Deno.test("PowercapDomain of rcar: the whole is what the chip draws, and the sum of its parts", () => {
  const { model, machine } = createPowercaps("3.2", rcarBoard);
  const powerSensor = rcarBoard.sensors.findIndex(({ signal }) => signal === "chip.power");
  for (const timeUs of [30_000_000, 100_000_000, 250_000_000]) {
    machine.step(timeUs);
    const [soc, big, little, gpu] = model.powercapTree.domains.map((domain) => domain.measure());
    model.advanceTo(timeUs);
    assertAlmostEquals(soc!, model.truth(powerSensor)[0]! * 1000, 2);
    assert(soc! >= big! + little! + gpu! - 2);
  }
});

Deno.test("PowercapDomain tells those who watch what it measures at the end of every interval", () => {
  const { cpu, machine, model, step } = createPowercapDomains();
  cpu.setAveraging(OSPM, 50_000);
  step(130_000);
  const first: [number, number][] = [];
  const second: [number, number][] = [];
  const stopFirst = cpu.watch((power) => first.push([machine.nowUs(), power]));
  const stopSecond = cpu.watch((power) => second.push([machine.nowUs(), power]));
  step(200_000);
  model.setInput("utilisation.cpu", 0.5);
  step(250_000);
  stopSecond();
  step(260_000);
  cpu.setAveraging(OSPM, 100_000);
  step(420_000);
  stopFirst();
  step(1_950_000);
  assertEquals(second, [[150_000, 2_000_000], [200_000, 2_000_000], [250_000, 1_000_000]]);
  assertEquals(first, [...second, [300_000, 1_000_000], [400_000, 1_000_000]]);
  const again: number[] = [];
  cpu.watch(() => again.push(machine.nowUs()));
  step(2_000_000);
  assertEquals(again, [2_000_000]);
});

Deno.test("PowercapDomain measures anew once per tick of the physics, also over shorter intervals", () => {
  const { gpu, machine, step } = createPowercapDomains();
  const timesUs: number[] = [];
  const stop = gpu.watch(() => timesUs.push(machine.nowUs()));
  step(20_000);
  assertEquals(timesUs, [5_000, 10_000, 15_000, 20_000]);
  stop();
});
