// Performance domains, rails, voltage domains and thermal governors on boards: what the validator tells of wrong ones, and
// what guests match on in rcar.
import { assert, assertEquals } from "@std/assert";
import { rcarFaithfulBoard } from "../../boards/rcar_faithful.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { validateBoard } from "../../boards/validator.ts";
import { DVFS_BOARD } from "../support/dvfs_board.ts";

/** A board as a user's file holds it; tests break it at will. */
type Loose = Record<string, unknown>;
type LooseBoard = Record<string, Loose & Loose[]>;

const GOVERNOR = {
  node: "die",
  passiveC: 80,
  hysteresisC: 5,
  periodUs: 100_000,
  performanceDomains: ["cpu"],
};

function errorsOf(change: (board: LooseBoard) => void): string[] {
  const copy = JSON.parse(JSON.stringify({ ...DVFS_BOARD, thermalGovernors: [GOVERNOR] })) as LooseBoard;
  change(copy);
  const result = validateBoard(copy);
  return "errors" in result ? [...result.errors] : [];
}

/** A level of the CPU. */
function levelOf(board: LooseBoard, place: number): Loose {
  return (board.performanceDomains![0]!.levels as Loose[])[place]!;
}

/** The regulator of a rail. */
function regulatorOf(board: LooseBoard, place: number): Loose {
  return (board.power!.rails as Loose[])[place]!.regulator as Loose;
}

const MISTAKES: readonly (readonly [string, (board: LooseBoard) => void, readonly string[]])[] = [
  ["nothing", () => {}, []],
  ["ids with a gap and a name used twice", (board) => {
    board.performanceDomains![1]!.id = 5;
    board.performanceDomains![1]!.name = "cpu";
    board.voltageDomains![2]!.id = 3;
    board.voltageDomains![2]!.name = "core";
  }, [
    "performanceDomains[1].name: cpu is taken by performanceDomains[0].name",
    "performanceDomains[1].id: Expected 1, as wire ids count from 0 without gaps; got 5",
    "voltageDomains[2].name: core is taken by voltageDomains[0].name",
    "voltageDomains[2].id: Expected 2, as wire ids count from 0 without gaps; got 3",
  ]],
  ["levels that do not rise", (board) => {
    levelOf(board, 1).level = 50;
    levelOf(board, 2).mhz = 1000;
  }, [
    "performanceDomains[0].levels[1].level: Expected more than the one before",
    "performanceDomains[0].levels[2].mhz: Expected more than the one before",
    "performanceDomains[0].sustainedMhz: Expected the frequency of a level (500, 1000, 1000, 2000), got 1500",
    "performanceDomains[0].bootMhz: Expected the frequency of a level (500, 1000, 1000, 2000), got 1500",
  ]],
  ["a level that agents cannot name, one that the block cannot run at, and none at all", (board) => {
    levelOf(board, 0).level = 0;
    board.performanceDomains![2]!.levels = [];
    (board.performanceDomains![1]!.levels as Loose[])[0]!.mhz = 400;
  }, [
    "performanceDomains[0].levels[0].level: Expected a whole number from 1 to 4294967295, got 0",
    "performanceDomains[2].levels: Expected a list of 1 to 256, got a list of 0",
    "performanceDomains[1].levels[0].mhz: Expected an operating point of gpu (300, 600), got 400",
  ]],
  ["two units of power", (board) => board.performanceDomains![2]!.powerUnit = "mW", [
    "performanceDomains[2].powerUnit: Expected uW, as agents are told one unit for all domains",
  ]],
  ["blocks that are not there, and that two drive", (board) => {
    board.performanceDomains![1]!.block = "cpu";
    board.performanceDomains![1]!.levels = [{ level: 1, mhz: 500, powerCost: 0 }];
    board.performanceDomains![1]!.sustainedMhz = 500;
    board.performanceDomains![1]!.bootMhz = 500;
    board.performanceDomains![2]!.block = "npu";
  }, [
    "performanceDomains[1].block: cpu is driven by performanceDomains[0]",
    "performanceDomains[2].block: No power block npu",
  ]],
  ["latencies and rates beyond the wire", (board) => {
    board.performanceDomains![0]!.latencyUs = 65_536;
    board.performanceDomains![1]!.rateLimitUs = 0x10_0000;
  }, [
    "performanceDomains[0].latencyUs: Expected a whole number from 0 to 65535, got 65536",
    "performanceDomains[1].rateLimitUs: Expected a whole number from 0 to 1048575, got 1048576",
  ]],
  ["governors of what is not there", (board) => {
    board.thermalGovernors = [
      { ...GOVERNOR, node: "sun" },
      { ...GOVERNOR, performanceDomains: ["cpu", "npu", "cpu"] },
      GOVERNOR,
    ] as unknown as Loose & Loose[];
  }, [
    "thermalGovernors[2].node: die is taken by thermalGovernors[1].node",
    "thermalGovernors[0].node: No thermal node sun",
    "thermalGovernors[1].performanceDomains[2]: cpu is taken by thermalGovernors[1].performanceDomains[0]",
    "thermalGovernors[1].performanceDomains[1]: No performance domain npu",
  ]],
  ["steps that are none", (board) => {
    regulatorOf(board, 0).steps = {
      kind: "segment",
      lowestUv: 700_000,
      highestUv: 1_100_000,
      stepUv: 30_000,
    };
    regulatorOf(board, 1).steps = { kind: "list", levelsUv: [1_800_000, 1_800_000] };
    regulatorOf(board, 2).steps = { kind: "ramp" };
  }, [
    'power.rails[2].regulator.steps.kind: Expected an object with kind list or segment, got "ramp"',
    "power.rails[0].regulator.steps.stepUv: Expected a divisor of highestUv - lowestUv",
    "power.rails[1].regulator.steps.levelsUv[1]: Expected more than the one before",
  ]],
  ["a segment turned round, a start between steps, a mode used twice", (board) => {
    regulatorOf(board, 2).steps = { kind: "segment", lowestUv: 5_000_000, highestUv: 1, stepUv: 1 };
    regulatorOf(board, 0).startUv = 705_000;
    regulatorOf(board, 1).ownModes = [{ id: 1, isSupplied: true }, { id: 1, isSupplied: false }];
  }, [
    "power.rails[0].regulator.startUv: Expected one of the steps, got 705000",
    "power.rails[1].regulator.ownModes[1].id: Mode 1 is taken by power.rails[1].regulator.ownModes[0].id",
    "power.rails[2].regulator.steps.highestUv: Expected no less than lowestUv, 5000000",
    "power.rails[2].regulator.startUv: Expected one of the steps, got 5000000",
  ]],
  ["a rail that cannot feed its blocks", (board) => {
    regulatorOf(board, 0).startsOn = false;
    regulatorOf(board, 0).steps = { kind: "list", levelsUv: [0, 700_000, 900_000] };
  }, [
    "power.rails[0].regulator.startsOn: Expected true, as it feeds cpu",
    "power.rails[0].regulator.steps: Expected voltages above 0, as it feeds cpu",
    "power.rails[0].regulator.steps: Expected 1000000 uV at least, which cpu needs",
    "power.rails[0].regulator.startsOn: Expected true, as it feeds gpu",
    "power.rails[0].regulator.steps: Expected voltages above 0, as it feeds gpu",
  ]],
  ["rails that are not there, that cannot be set, and that two set", (board) => {
    board.voltageDomains![1]!.rail = "core";
    board.voltageDomains![2]!.rail = "vdd";
    (board.power!.rails as Loose[])[0]!.regulator = null;
  }, [
    "voltageDomains[0].rail: Rail core has no regulator",
    "voltageDomains[1].rail: core is set by voltageDomains[0]",
    "voltageDomains[2].rail: No rail vdd",
  ]],
];

for (const [what, change, expected] of MISTAKES) {
  Deno.test(`validateBoard finds in performance and voltage: ${what}`, () => {
    assertEquals(errorsOf(change), expected);
  });
}

Deno.test("validateBoard lets devices name performance and voltage domains that are there", () => {
  const resources = { performanceDomain: ["cpu", "npu"], voltageDomain: ["core", "vdd"] };
  const errors = errorsOf((board) => {
    board.devices = [{ name: "CPU", resources }] as unknown as Loose & Loose[];
  });
  assertEquals(errors, [
    "devices[0].resources.performanceDomain[1]: No performanceDomain npu",
    "devices[0].resources.voltageDomain[1]: No voltageDomain vdd",
  ]);
});

Deno.test("rcarBoard has the performance domains of SCP-firmware: ids, names, levels in Hz, latency", () => {
  const shown = rcarBoard.performanceDomains.map(({ id, name, levels, sustainedMhz, bootMhz, latencyUs }) => [
    id,
    name,
    levels.map(({ level }) => level / 1e6),
    sustainedMhz,
    bootMhz,
    latencyUs,
  ]);
  assertEquals(shown, [
    [0, "LITTLE_CPU", [800, 1000, 1200], 1200, 1200, 1200],
    [1, "BIG_CPU", [500, 1000, 1500, 1600, 1700], 1500, 1500, 1200],
  ]);
  for (const { rateLimitUs, powerUnit } of rcarBoard.performanceDomains) {
    assertEquals([rateLimitUs, powerUnit], [0, "mW"]);
  }
});

Deno.test("rcarBoard tells costs that its physics has, and rcar-faithful those of the firmware", () => {
  const costsOf = (board: typeof rcarBoard) =>
    board.performanceDomains.map(({ levels }) => levels.map(({ powerCost }) => powerCost));
  assertEquals(costsOf(rcarFaithfulBoard), [[75, 126, 168], [178, 382, 643, 765, 901]]);
  const physics = rcarBoard.performanceDomains.map(({ levels, block: name }) => {
    const block = rcarBoard.power.blocks.find((each) => each.name === name)!;
    return levels.map(({ mhz }) => {
      const { volts } = block.operatingPoints.find((point) => point.mhz === mhz)!;
      return Math.round(block.dynamicUwPerMhzV2 * mhz * volts * volts / 1000);
    });
  });
  assertEquals(costsOf(rcarBoard), physics);
});

Deno.test("rcarBoard performance domains are as Linux wants them: rising levels, few, and a whole multiplier", () => {
  for (const board of [rcarBoard, rcarFaithfulBoard]) {
    for (const { name, levels, sustainedMhz } of board.performanceDomains) {
      assert(levels.length <= 32, `${name}: 6.12 takes no more`);
      const sustained = levels.find(({ mhz }) => mhz === sustainedMhz)!;
      assertEquals((sustainedMhz * 1e6) % sustained.level, 0, `${name}: Linux multiplies levels to get Hz`);
      for (const { level, mhz } of levels) {
        assertEquals(level * (sustainedMhz * 1e6 / sustained.level), mhz * 1e6, name);
      }
      assert(levels[0]!.level >= 2, `${name}: the suite asks for the lowest minus one`);
    }
  }
});

Deno.test("rcarBoard has the voltage domains of its PMIC and of two card slots", () => {
  const shown = rcarBoard.voltageDomains.map(({ id, name, rail }) => {
    const { steps } = rcarBoard.power.rails.find((each) => each.name === rail)!.regulator!;
    const levels = steps.kind === "list" ? steps.levelsUv : [steps.lowestUv, steps.highestUv, steps.stepUv];
    return [id, name, ...levels.map((uv) => uv / 1000)];
  });
  assertEquals(shown, [
    [0, "vd09", 600, 1100, 10],
    [1, "vd18", 1625, 2000, 25],
    [2, "vd25", 2150, 2900, 50],
    [3, "vd33", 2800, 3800, 100],
    [4, "dvfs", 750, 1030, 10],
    [5, "sd0-vccq", 1800, 3300],
    [6, "sd3-vccq", 1800, 3300],
  ]);
  assertEquals(rcarFaithfulBoard.voltageDomains, [], "the firmware has no such protocol");
});
