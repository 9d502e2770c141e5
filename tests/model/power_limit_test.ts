// The limits of a power capping domain that are kept at the same time: each with its own cap, interval and listeners. What a
// domain without further limits does is in powercap_domain_test.ts.
import { assert, assertEquals } from "@std/assert";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";
import type { PowercapChange } from "../../scp/model/powercap_domain.ts";
import { FUSE_CAP, LIMIT, LIMITS_BOARD } from "../support/power_limits.ts";
import { AGENT, CAPPED, CPU_W, createPowercaps, PERIOD_US } from "../support/powercap_board.ts";

const { OSPM } = AGENT;
const PLATFORM = 0;
const BOOT_AVERAGING_US = 100_000;

function createSetting() {
  const { machine, model } = createPowercaps("4.0-draft", LIMITS_BOARD);
  const cpu = model.powercapTree.domains[CAPPED.cpu]!;
  const [sustained, peak, fuse] = [LIMIT.sustained, LIMIT.peak, LIMIT.fuse].map((id) => cpu.limits[id]!);
  return {
    model,
    cpu,
    sustained: sustained!,
    peak: peak!,
    fuse: fuse!,
    level: () => model.dvfs.performanceDomains[0]!.level.index,
    step: (untilUs: number) => machine.step(untilUs),
  };
}

Deno.test("PowerLimit: a domain has its own cap as the first, and those that the board adds", () => {
  const { cpu, model } = createSetting();
  assertEquals(cpu.limits.map(({ name, cap, averagingUs }) => [name, cap, averagingUs]), [
    ["sustained", null, BOOT_AVERAGING_US],
    ["peak", null, 5_000],
    ["fuse", FUSE_CAP, 10_000],
  ]);
  assertEquals(model.powercapTree.domains[CAPPED.gpu]!.limits.map(({ name }) => name), ["cap"]);
});

Deno.test("PowerLimit: the lowest of several caps counts, and lifting it leaves the others", () => {
  const { sustained, peak, level, step } = createSetting();
  step(1_000_000);
  assertEquals(level(), 3);
  assertEquals(peak.setCap(OSPM, 1_500_000), "SUCCESS");
  step(2_000_000);
  assertEquals(level(), 2);
  assertEquals(sustained.setCap(OSPM, 700_000), "SUCCESS");
  step(3_000_000);
  assertEquals(level(), 1);
  assertEquals(sustained.setCap(OSPM, null), "SUCCESS");
  step(4_000_000);
  assertEquals([level(), sustained.cap, peak.cap], [2, null, 1_500_000]);
  assertEquals(sustained.setCap(OSPM, 700_000), "SUCCESS");
  step(5_000_000);
  assertEquals(peak.setCap(OSPM, null), "SUCCESS");
  for (let timeUs = 5_000_000; timeUs <= 5_100_000; timeUs += 5_000) {
    step(timeUs);
    assertEquals(level(), 1, `at ${timeUs} us`);
  }
  assertEquals(sustained.setCap(OSPM, null), "SUCCESS");
  step(6_000_000);
  assertEquals(level(), 3);
});

Deno.test("PowerLimit compares its cap with the average over its own interval", () => {
  // The processor idles for half of a second, then draws 2 W: too much over 5 ms at once, over 1 s only later.
  const loweredAfterUs = (limitId: number) => {
    const { cpu, model, level, step } = createSetting();
    model.setInput("utilisation.cpu", 0);
    step(2_000_000);
    assertEquals(cpu.limits[LIMIT.sustained]!.setAveraging(OSPM, 1_000_000), "SUCCESS");
    assertEquals(cpu.limits[limitId]!.setCap(OSPM, 1_300_000), "SUCCESS");
    model.setInput("utilisation.cpu", 1);
    let timeUs = 2_000_000;
    while (level() === 3) step(timeUs += 5_000);
    return timeUs - 2_000_000;
  };
  const [peakUs, sustainedUs] = [loweredAfterUs(LIMIT.peak), loweredAfterUs(LIMIT.sustained)];
  assert(peakUs <= 2 * PERIOD_US, `${peakUs} us`);
  // 64 % of a second at 2 W make 1.28 W.
  assert(sustainedUs > 630_000 && sustainedUs < 700_000, `${sustainedUs} us`);
});

Deno.test("PowerLimit has caps and intervals of its own range", () => {
  const { peak, fuse } = createSetting();
  assertEquals([peak.setCap(OSPM, 195_000), peak.setCap(OSPM, 6_010_000), peak.setCap(OSPM, 201_000)], [
    "OUT_OF_RANGE",
    "OUT_OF_RANGE",
    "OUT_OF_RANGE",
  ]);
  assertEquals([peak.setAveraging(OSPM, 100_000), peak.setAveraging(OSPM, 7_000)], [
    "OUT_OF_RANGE",
    "OUT_OF_RANGE",
  ]);
  assertEquals([peak.setAveraging(OSPM, 50_000), peak.averagingUs], ["SUCCESS", 50_000]);
  assertEquals([fuse.setCap(OSPM, null), fuse.setCap(OSPM, FUSE_CAP), fuse.setAveraging(OSPM, 10_000)], [
    "FIXED",
    "FIXED",
    "FIXED",
  ]);
});

Deno.test("PowerLimit is changed asynchronously while another one is, and each is over by itself", () => {
  const { sustained, peak, level, step } = createSetting();
  step(1_000_000);
  const told: string[] = [];
  for (const [limit, cap] of [[sustained, 700_000], [peak, 1_500_000]] as const) {
    const change = limit.beginCapChange(OSPM, cap);
    assert(typeof change === "object");
    change.whenOver((isInForce) => told.push(`${limit.name} ${isInForce}`));
    assertEquals(limit.setCap(OSPM, null), "BUSY");
  }
  step(1_500_000);
  assertEquals(told.sort(), ["peak true", "sustained true"]);
  assertEquals([sustained.cap, peak.cap, level()], [700_000, 1_500_000, 1]);
});

Deno.test("PowerLimit tells of its own changes, the domain of its first cap and of measuring", () => {
  const { cpu, sustained, peak } = createSetting();
  const told: [string, PowercapChange][] = [];
  cpu.listen((change) => told.push(["domain", change]));
  for (const limit of [sustained, peak]) limit.listen((change) => told.push([limit.name, change]));
  const seen = () => told.splice(0).map(([who, { cap, averagingUs }]) => [who, cap, averagingUs]);
  peak.setCap(OSPM, 300_000);
  assertEquals(seen(), [["peak", 300_000, 5_000]]);
  sustained.setCap(OSPM, 400_000);
  assertEquals(seen().sort(), [["domain", 400_000, BOOT_AVERAGING_US], [
    "sustained",
    400_000,
    BOOT_AVERAGING_US,
  ]]);
  sustained.setAveraging(OSPM, 200_000);
  assertEquals(seen(), [["sustained", 400_000, 200_000]]);
  cpu.setMeasuring(OSPM, 300_000);
  assertEquals(seen(), [["domain", 400_000, 300_000]]);
  assertEquals([cpu.averagingUs, sustained.averagingUs, peak.averagingUs], [300_000, 200_000, 5_000]);
  cpu.setAveraging(OSPM, 500_000);
  assertEquals(seen().sort(), [["domain", 400_000, 500_000], ["sustained", 400_000, 500_000]]);
});

Deno.test("PowercapDomain measures over the interval of measurements, whatever those of its limits", () => {
  const { cpu, model, step } = createSetting();
  assertEquals(cpu.setMeasuring(OSPM, 20_000), "SUCCESS");
  assertEquals([cpu.setMeasuring(OSPM, 15_001), cpu.setMeasuring(AGENT.PSCI + 9, 20_000)], [
    "OUT_OF_RANGE",
    "DENIED",
  ]);
  step(1_000_000);
  model.setInput("utilisation.cpu", 0.5);
  step(1_020_000);
  assertEquals(cpu.measure(), CPU_W[3] * 1e6 / 2);
});

Deno.test("PowerLimit goes back to what it starts with at a reset", () => {
  const { cpu, sustained, peak, fuse, model, step } = createSetting();
  peak.setAveraging(OSPM, 50_000);
  sustained.setAveraging(OSPM, 200_000);
  cpu.setMeasuring(OSPM, 300_000);
  step(1_000_000);
  const change = peak.beginCapChange(OSPM, 300_000);
  assert(typeof change === "object");
  const told: boolean[] = [];
  change.whenOver((isInForce) => told.push(isInForce));
  const agents: number[] = [];
  for (const each of [cpu, peak, sustained]) each.listen(({ agentId }) => agents.push(agentId));
  model.powercapTree.reset();
  assertEquals([told, agents], [[false], [PLATFORM, PLATFORM, PLATFORM]]);
  assertEquals([peak.averagingUs, sustained.averagingUs, cpu.averagingUs], [
    5_000,
    BOOT_AVERAGING_US,
    BOOT_AVERAGING_US,
  ]);
  assertEquals([peak.cap, fuse.cap], [null, FUSE_CAP]);
  assertEquals(checkInvariants(model), []);
});

Deno.test("PowerLimit says what is wrong with itself, by its name", () => {
  const powercapDomains = LIMITS_BOARD.powercapDomains.map((domain) => ({
    ...domain,
    furtherLimits: domain.furtherLimits.map((limit) => ({ ...limit, bootCap: 1, bootAveragingUs: 2 })),
  }));
  assertEquals(checkInvariants(createModel({ ...LIMITS_BOARD, powercapDomains }, { seed: 1 })), [
    "powercap domain cpu, limit peak has the cap 1, none that can be set",
    "powercap domain cpu, limit peak averages over 2 us, an interval that cannot be set",
    "powercap domain cpu, limit fuse has the cap 1, none that can be set",
    "powercap domain cpu, limit fuse averages over 2 us, an interval that cannot be set",
  ]);
});
