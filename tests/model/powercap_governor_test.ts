// The governors of power caps: power settles below the cap in a bounded time whenever the lowest levels can do that, whatever
// the load; what was taken is given back without hunting; an agent gets no way around.
import { assert, assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import type { PerformanceDomain } from "../../scp/model/performance_domain.ts";
import { PowercapGovernor } from "../../scp/model/powercap_governor.ts";
import type { PowerMeter } from "../../scp/model/power_meter.ts";
import type { SimulatedPowercapDomain } from "../../scp/model/simulated_powercap_domain.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import {
  AGENT,
  CAPPED,
  CPU_W,
  createPowercaps,
  GPU_W,
  PERIOD_US,
  POWERCAP_BOARD,
  type PowercapSetting,
} from "../support/powercap_board.ts";
import fc from "../support/property.ts";

const { OSPM } = AGENT;
const CPU = 0;
const GPU = 1;

/** The chip of rcar at constant loads that a test sets, throttled by nothing else. */
const CHIP: Board = {
  ...rcarBoard,
  vehicle: null,
  gpioLines: [],
  thermalGovernors: [],
  sensors: [],
  devices: [],
};

const RCAR = { soc: 0, big: 1, little: 2 } as const;

/** Loads: utilisation of big, little, GPU, rest, and the ambient temperature. */
type Load = readonly [number, number, number, number, number];

function setLoad({ model }: PowercapSetting, [big, little, gpu, rest, ambientC]: Load): void {
  const loads = { big, little, gpu, rest };
  for (const [block, utilisation] of Object.entries(loads)) {
    assert(model.setInput(`utilisation.${block}`, utilisation));
  }
  assert(model.setInput("ambientC", ambientC));
  assert(model.setInput("mhz.big", 1700));
  assert(model.setInput("mhz.little", 1200));
  assert(model.setInput("mhz.gpu", 600));
}

/** Within this time of a change power is below a cap again, us, if that is possible. */
function settlingUs(domain: SimulatedPowercapDomain): number {
  const levelsBelow = 4 + 2;
  // The average has to rise to the cap; a level a period; the average has to fall.
  return domain.averagingUs + (levelsBelow + 2) * domain.description.periodUs + domain.averagingUs;
}

/** The performance domains that a cap of a domain slows down. */
function leversOf({ model }: PowercapSetting, id: number) {
  const { performanceDomains } = model.dvfs;
  if (id === RCAR.soc) return performanceDomains;
  return performanceDomains.filter(({ block }) => block === (id === RCAR.big ? "big" : "little"));
}

/** What a domain draws now, mW. */
function presentMw({ model }: PowercapSetting, id: number): number {
  const [rest, big, little, gpu] = model.powercapTree.meters.meters.map(({ presentW }) => presentW * 1000);
  return id === RCAR.soc ? rest! + big! + little! + gpu! : id === RCAR.big ? big! : little!;
}

const arbitraryLoad: fc.Arbitrary<Load> = fc.tuple(
  ...(["big", "little", "gpu", "rest"].map(() => fc.integer({ min: 0, max: 10 }).map((tenth) => tenth / 10))),
  fc.constantFrom(-40, 25, 70),
) as unknown as fc.Arbitrary<Load>;

Deno.test("PowercapGovernor settles every load below every cap that the lowest levels can keep", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(RCAR.soc, RCAR.big, RCAR.little),
      fc.double({ min: 0.03, max: 1, noNaN: true }),
      fc.constantFrom(1_000, 7_000, 100_000, 1_000_000),
      fc.array(arbitraryLoad, { minLength: 1, maxLength: 4 }),
      (id, share, averagingUs, loads) => {
        const setting = createPowercaps("3.2", CHIP);
        const { model, machine } = setting;
        const domain = model.powercapTree.domains[id]!;
        const { min, max } = domain.capRange;
        const cap = Math.round(min + share * (max - min));
        assertEquals(domain.setAveraging(OSPM, averagingUs), "SUCCESS");
        assertEquals(domain.setCap(OSPM, cap), "SUCCESS");
        for (const load of loads) {
          setLoad(setting, load);
          machine.step(machine.nowUs() + settlingUs(domain));
          for (let look = 0; look < 300; look++) {
            machine.step(machine.nowUs() + 13_000);
            const about = `${domain.measure()} mW with a cap of ${cap} at ${machine.nowUs()} us`;
            if (domain.measure() <= cap) continue;
            assert(leversOf(setting, id).every(({ level }) => level.index === 0), about);
            assert(
              presentMw(setting, id) > cap,
              `${about}, ${presentMw(setting, id)} mW at the lowest levels`,
            );
          }
          assertEquals(checkInvariants(model), []);
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("PowercapGovernor does not hunt: at a constant load the levels come to rest", () => {
  for (let cap = 2_500; cap <= 17_000; cap += 250) {
    const setting = createPowercaps("3.2", CHIP);
    const { model, machine } = setting;
    const soc = model.powercapTree.domains[RCAR.soc]!;
    setLoad(setting, [1, 1, 0.5, 0.5, 25]);
    soc.setCap(OSPM, cap);
    machine.step(settlingUs(soc));
    let changes = 0;
    for (const domain of model.dvfs.performanceDomains) {
      domain.listen(({ kind }) => changes += kind === "limits" ? 1 : 0);
    }
    machine.step(machine.nowUs() + 10_000_000);
    // Heat takes a level, or none, in ten seconds.
    assert(changes <= 1, `${changes} changes with a cap of ${cap} mW`);
  }
});

Deno.test("PowercapGovernor comes as close to the cap as the levels allow", () => {
  const { model, machine } = createPowercaps();
  const cpu = model.powercapTree.domains[CAPPED.cpu]!;
  // What a level draws, and its share that the target is below the cap.
  for (
    const [cap, index] of [[4_000_000, 3], [2_030_000, 3], [2_000_000, 2], [1_230_000, 2], [1_000_000, 1], [
      400_000,
      0,
    ]]
  ) {
    cpu.setCap(OSPM, cap!);
    machine.step(machine.nowUs() + 2_000_000);
    assertEquals(model.dvfs.performanceDomains[CPU]!.level.index, index, `${cap} uW`);
  }
});

Deno.test("PowercapGovernor slows down what draws most, and gives back first what costs least", () => {
  const { model, machine } = createPowercaps();
  const soc = model.powercapTree.domains[CAPPED.soc]!;
  const indexes = () => [CPU, GPU].map((place) => model.dvfs.performanceDomains[place]!.level.index);
  const seen: string[] = [];
  const lookUntil = (untilUs: number) => {
    while (machine.nowUs() < untilUs) {
      machine.step(machine.nowUs() + 1_000);
      if (seen.at(-1) !== indexes().join(" ")) seen.push(indexes().join(" "));
    }
  };
  machine.step(1_000_000);
  soc.setCap(OSPM, 500);
  lookUntil(2_000_000);
  assertEquals(seen, ["2 1", "1 1", "1 0", "0 0"], "it draws 2 and 0.8, 1.215, 0.64, then 0.3 W");
  seen.length = 0;
  soc.setCap(OSPM, 10_000);
  lookUntil(3_000_000);
  assertEquals(seen, ["0 0", "1 0", "1 1", "2 1", "3 1"]);
});

Deno.test("PowercapGovernor moves one level a period, the first at once", () => {
  const { model, machine } = createPowercaps();
  const cpu = model.dvfs.performanceDomains[CPU]!;
  const timesUs: number[] = [];
  cpu.listen(({ kind }) => kind === "limits" ? timesUs.push(machine.nowUs()) : 0);
  machine.step(1_000_000);
  model.powercapTree.domains[CAPPED.cpu]!.setCap(OSPM, 100_000);
  machine.step(2_000_000);
  assertEquals(timesUs, [1_000_000, 1_000_000 + PERIOD_US, 1_000_000 + 2 * PERIOD_US]);
});

Deno.test("PowercapGovernor tells the limits it imposes as the platform's", () => {
  const { model, machine } = createPowercaps();
  const told: string[] = [];
  model.dvfs.performanceDomains[CPU]!.listen((change) => {
    if (change.kind === "limits") told.push(`${change.limits.max.value} by ${change.agentId}`);
  });
  const cpu = model.powercapTree.domains[CAPPED.cpu]!;
  machine.step(1_000_000);
  cpu.setCap(OSPM, 1_500_000);
  machine.step(2_000_000);
  cpu.setCap(OSPM, null);
  assertEquals(told, ["1500 by 0", "2000 by 0"]);
});

Deno.test("PowercapGovernor lets power go at once when the cap is lifted", () => {
  const { model, machine } = createPowercaps();
  const cpu = model.powercapTree.domains[CAPPED.cpu]!;
  cpu.setCap(OSPM, 100_000);
  machine.step(1_000_000);
  assertEquals(model.dvfs.performanceDomains[CPU]!.level.index, 0);
  cpu.setCap(OSPM, null);
  assertEquals(model.dvfs.performanceDomains[CPU]!.level.index, 3);
  machine.step(2_000_000);
  assertEquals(cpu.measure(), CPU_W[3] * 1e6);
});

Deno.test("PowercapGovernor of a domain above holds those below, too; the lowest ceiling counts", () => {
  const { model, machine } = createPowercaps();
  const [cpu, , soc] = model.powercapTree.domains;
  const level = () => model.dvfs.performanceDomains[CPU]!.level.index;
  cpu!.setCap(OSPM, 1_000_000);
  soc!.setCap(OSPM, 10_000);
  machine.step(1_000_000);
  assertEquals(level(), 1);
  soc!.setCap(OSPM, 2_200);
  machine.step(2_000_000);
  assertEquals(level(), 0);
  assert(soc!.measure() <= 2_200);
  cpu!.setCap(OSPM, null);
  machine.step(3_000_000);
  assertEquals(level(), 0, "the domain above still holds it");
  soc!.setCap(OSPM, null);
  machine.step(4_000_000);
  assertEquals(level(), 3);
});

Deno.test("PowercapGovernor lets power exceed the cap for a while that the average does not", () => {
  const { model, machine } = createPowercaps();
  const cpu = model.powercapTree.domains[CAPPED.cpu]!;
  const domain = model.dvfs.performanceDomains[CPU]!;
  model.setInput("utilisation.cpu", 0);
  cpu.setAveraging(OSPM, 1_000_000);
  cpu.setCap(OSPM, 1_000_000);
  machine.step(5_000_000);
  // 2 W in 300 of every 1000 ms: 0.6 W.
  for (let round = 0; round < 5; round++) {
    model.setInput("utilisation.cpu", 1);
    machine.step(machine.nowUs() + 300_000);
    assertEquals(domain.level.index, 3, "in the burst");
    model.setInput("utilisation.cpu", 0);
    machine.step(machine.nowUs() + 700_000);
    assertEquals(domain.level.index, 3);
    assert(cpu.measure() <= 1_000_000);
  }
});

Deno.test("PowercapGovernor keeps the average below the cap where load comes and goes faster than the interval", () => {
  const { model, machine } = createPowercaps();
  const cpu = model.powercapTree.domains[CAPPED.cpu]!;
  cpu.setAveraging(OSPM, 1_000_000);
  cpu.setCap(OSPM, 800_000);
  // 2 W in half of the time would be 1 W.
  for (let round = 0; round < 400; round++) {
    model.setInput("utilisation.cpu", round % 2);
    machine.step(machine.nowUs() + 50_000);
    if (round > 50) assert(cpu.measure() <= 800_000, `${cpu.measure()} uW at ${machine.nowUs()} us`);
  }
});

Deno.test("PowercapGovernor gives an agent no way around: its requests wait for the ceiling", () => {
  const { model, machine } = createPowercaps();
  const cpu = model.powercapTree.domains[CAPPED.cpu]!;
  const domain = model.dvfs.performanceDomains[CPU]!;
  machine.step(1_000_000);
  cpu.setCap(OSPM, 700_000);
  machine.step(2_000_000);
  for (let request = 0; request < 200; request++) {
    assertEquals(domain.setLevel(domain.levels[request % 4]!, OSPM), "SUCCESS");
    machine.step(machine.nowUs() + 7_000);
    assert(cpu.measure() <= 700_000, `${cpu.measure()} uW`);
  }
  assertEquals(domain.setLevel(domain.levels[3]!, OSPM), "SUCCESS");
  cpu.setCap(OSPM, null);
  machine.step(machine.nowUs() + 1_000_000);
  assertEquals(domain.runningLevel.index, 3, "what was asked for comes into force");
});

Deno.test("PowercapGovernor spares what draws nothing, and catches it when it wakes up", () => {
  const { model, machine } = createPowercaps();
  const [, gpu, soc] = model.powercapTree.domains;
  const gpuDomain = model.dvfs.performanceDomains[GPU]!;
  model.setInput("utilisation.gpu", 0);
  soc!.setCap(OSPM, 500);
  machine.step(1_000_000);
  assertEquals(gpuDomain.level.index, 1, "idle");
  assertEquals(gpu!.measure(), 0);
  model.setInput("utilisation.gpu", 1);
  machine.step(2_000_000);
  assertEquals(gpuDomain.level.index, 0);
  assertEquals(gpu!.measure(), GPU_W[0] * 1e3);
});

Deno.test("PowercapGovernor leaves alone what other parts of the tree drive", () => {
  const { model, machine } = createPowercaps();
  model.powercapTree.domains[CAPPED.gpu]!.setCap(OSPM, 100);
  machine.step(1_000_000);
  assertEquals(model.dvfs.performanceDomains.map(({ level }) => level.index), [3, 0, 0]);
});

/** A performance domain of two levels that takes ceilings, or does not care; `hear` is called for each. */
function fakeDomain(name: string, isDeaf: boolean, hear: () => void): PerformanceDomain {
  const levels = [{ index: 0 }, { index: 1 }];
  const fake = {
    name,
    levels,
    level: levels[1],
    limits: { max: levels[1] },
    imposeCeiling(_source: string, ceiling: number | null) {
      if (!isDeaf) this.limits.max = this.level = levels[ceiling ?? 1];
      hear();
    },
  };
  return fake as unknown as PerformanceDomain;
}

/** A governor of two such domains, in the order given, and what it says of itself in the middle of what it does. */
function governorOf(...deaf: readonly [boolean, boolean]) {
  const meter: PowerMeter = { presentW: 1, averageW: () => 1 };
  const timeline = new Timeline();
  const seen: string[][] = [];
  const hear = () => seen.push(governor.checkInvariants("it"));
  const levers = deaf.map((isDeaf, place) => {
    const domain = fakeDomain(`${isDeaf ? "deaf" : "good"} ${place}`, isDeaf, hear);
    return { domain, meter, costs: [1, 2] };
  });
  const governor = new PowercapGovernor({
    scheduler: timeline,
    source: "test",
    periodUs: 1_000,
    meters: [meter],
    levers,
    averagingUs: () => 5_000,
    catchUp: () => {},
  });
  return { governor, timeline, seen };
}

Deno.test("PowercapGovernor says of a domain that ignores its ceiling", () => {
  const { governor, timeline } = governorOf(true, false);
  governor.keep(0.5, null);
  assertEquals(governor.checkInvariants("it"), []);
  timeline.advanceTo(0);
  assertEquals(governor.checkInvariants("it"), ["deaf 0 ignores the ceiling of it"]);
});

Deno.test("PowercapGovernor says what is wrong with itself while it is not done", () => {
  const { governor, timeline, seen } = governorOf(false, false);
  governor.keep(0.5, null);
  timeline.advanceTo(1_000);
  assertEquals(seen.splice(0), [["nobody keeps the cap of it"], ["nobody keeps the cap of it"]]);
  assertEquals(governor.checkInvariants("it"), []);
  governor.keep(null, null);
  assertEquals(seen, [["it holds good 1 back without a cap"], []]);
  assertEquals(governor.checkInvariants("it"), []);
});

Deno.test("PowercapGovernor keeps a cap of the board from the start", () => {
  const { model, machine } = createPowercaps();
  const npu = model.powercapTree.domains[CAPPED.npu]!;
  machine.step(1_000_000);
  assertEquals([npu.cap, npu.measure()], [300, 250]);
  assertEquals(POWERCAP_BOARD.powercapDomains[CAPPED.npu]!.bootCap, 300);
});
