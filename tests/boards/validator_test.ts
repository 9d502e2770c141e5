// The validator of board files: all mistakes at once, each with the path to its field, what is expected and what stands
// there.
import { assert, assertEquals } from "@std/assert";
import { type BoardInput, defineBoard } from "../../boards/board.ts";
import { PHYSICS_TICK_S } from "../../boards/board_references.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { BUILT_IN_BOARDS } from "../../boards/registry.ts";
import { validateBoard } from "../../boards/validator.ts";
import { createModel } from "../../scp/model/model.ts";
import { TICK_US } from "../../scp/model/world.ts";

/** A board as a user's file holds it; tests break it at will. */
type Loose = Record<string, unknown>;

/** A deep copy of a board, changed. */
function broken(board: BoardInput, change: (copy: Record<string, Loose & Loose[]>) => void): unknown {
  const copy = JSON.parse(JSON.stringify(board)) as Record<string, Loose & Loose[]>;
  change(copy);
  return copy;
}

function errorsOf(input: unknown): readonly string[] {
  const result = validateBoard(input);
  return "errors" in result ? result.errors : [];
}

/** Expects exactly these mistakes, in any order. */
function assertErrors(input: unknown, expected: readonly string[]): void {
  assertEquals([...errorsOf(input)].sort(), [...expected].sort());
}

for (const { name, title, load } of BUILT_IN_BOARDS) {
  Deno.test(`validateBoard accepts the built-in board ${name}, whose entry in the registry is right`, async () => {
    const board = await load();
    assertEquals(validateBoard(board), { board });
    assertEquals([board.name, board.title], [name, title]);
    createModel(board, { seed: 1 }).advanceTo(1e6);
  });
}

Deno.test("validateBoard fills in what may be left out", () => {
  const input = {
    name: "tiny",
    title: "A board with one thermometer of the air",
    identity: { vendor: "v", subVendor: "s", implementationVersion: 0xffff_ffff },
    agents: [{ name: "a", kind: "OTHER" }],
    sensors: [{
      id: 0,
      name: "air",
      typeCode: 2,
      unitExponent: -1,
      signal: "ambient.temperature",
      rangeMin: -50,
      rangeMax: 50,
      step: { mantissa: 1, exponent: -1 },
      samplePeriodUs: 1000,
    }],
  } as const;
  const result = validateBoard(input);
  assert("board" in result);
  assertEquals(result.board, defineBoard(input));
  assertEquals(result.board.ambientC, 25);
  assertEquals(result.board.sensors[0]!.startsEnabled, true);
  assertEquals(createModel(result.board, { seed: 1, profile: "clean" }).sensors[0]!.sampleAt(0).values, [
    250,
  ]);
});

Deno.test("validateBoard lists all mistakes at once, of shape and of reference", () => {
  const input = broken(rcarBoard, (board) => {
    board.identity!.vendor = "a vendor of more than 15 characters";
    board.agents![1]!.kind = "BOSS";
    board.sensors![3]!.unitExponent = 16;
    board.sensors![3]!.name = 7;
    board.sensors![5]!.id = 9;
    board.sensors![6]!.signal = "chip.engery";
    board.thermal!.links = [{ from: "big", to: "dye", resistanceKPerW: 1.5 }];
  });
  assertErrors(input, [
    'identity.vendor: Expected 1 to 15 printable ASCII characters, got "a vendor of more than 15 characters"',
    'agents[1].kind: Expected one of OSPM, PSCI, MANAGEMENT, OTHER, got "BOSS"',
    "sensors[3].unitExponent: Expected a whole number from -16 to 15, got 16",
    "sensors[3].name: Expected 1 to 63 printable ASCII characters, got 7",
    "sensors[5].id: Expected 5, as wire ids count from 0 without gaps; got 9",
    "sensors[6].signal: No signal chip.engery; this board has chip.power, chip.energy",
    "thermal.links[0].to: No thermal node dye",
  ]);
});

Deno.test("validateBoard names missing and unknown keys", () => {
  const input = broken(minimalBoard, (board) => {
    delete board.title;
    delete board.sensors![0]!.step;
    board.sensors![1]!.colour = "red";
    board.gadgets = [] as unknown as Loose & Loose[];
  });
  assertErrors(input, [
    "title: Expected 1 to 120 printable ASCII characters, got nothing",
    "sensors[0].step: Expected an object, got nothing",
    "sensors[1]: Unknown key colour",
    "Unknown key gadgets",
  ]);
});

Deno.test("validateBoard refuses what is no board at all", () => {
  assertErrors(null, ["Expected an object, got null"]);
  assertErrors("rcar", ['Expected an object, got "rcar"']);
  assertErrors([1], ["Expected an object, got a list of 1"]);
  assertEquals(errorsOf({}).length, 5); // name, title, identity, agents, sensors
  assertErrors(
    broken(minimalBoard, (board) => {
      board.sensors = { 0: "a" } as unknown as Loose & Loose[];
      board.thermal = 3 as unknown as Loose & Loose[];
      board.power = null as unknown as Loose & Loose[];
    }),
    [
      "sensors: Expected a list of up to 65535, got an object",
      "thermal: Expected an object, got 3",
      "power: Expected an object, got null",
    ],
  );
});

/** One mistake each, in a copy of rcar. */
const MISTAKES:
  readonly (readonly [string, (board: Record<string, Loose & Loose[]>) => void, readonly string[]])[] = [
    [
      "names used twice",
      (board) => {
        board.agents![1]!.name = "OSPM";
        board.sensors![1]!.name = "thermal1";
        (board.thermal!.nodes as Loose[])[5]!.name = "case";
      },
      [
        "agents[1].name: OSPM is taken by agents[0].name",
        "sensors[1].name: thermal1 is taken by sensors[0].name",
        "devices[26].resources.sensor[1]: No sensor thermal2",
        "thermal.nodes[5].name: case is taken by thermal.nodes[4].name",
        "views.chip.sensor.thermal2: No sensor thermal2: correct the name, or leave it out",
        // What now refers to nothing.
        "thermal.links[4].to: No thermal node board",
        "thermal.links[5].from: No thermal node board",
        "sensors[7].signal: No signal temperature.board; this board has temperature.big, temperature.little, " +
        "temperature.gpu, temperature.die, temperature.case",
      ],
    ],
    ["devices that name nothing", (board) => {
      board.devices![0]!.resources = { sensor: ["thermal4"] } as unknown as Loose;
      board.devices![1]!.name = "USB3";
      board.devices![2]!.resources = { clock: [] } as unknown as Loose;
    }, [
      "devices[0].resources.sensor[0]: No sensor thermal4",
      "devices[25].name: USB3 is taken by devices[1].name",
      "devices[2].resources.clock: Expected a list of 1 to 65535, got a list of 0",
    ]],
    ["no agent", (board) => {
      board.agents = [] as unknown as Loose & Loose[];
      for (const clock of board.clocks!) clock.rights = {};
    }, [
      "agents: Expected a list of 1 to 255, got a list of 0",
    ]],
    ["a node that the tick is too coarse for", (board) => {
      (board.thermal!.nodes as Loose[])[1]!.heatCapacityJPerK = 0.001;
    }, [
      "thermal.nodes[1].heatCapacityJPerK: Too small for the 5 ms tick with these links: at least 0.00143",
    ]],
    ["a link from a node to itself", (board) => (board.thermal!.links as Loose[])[0]!.to = "big", [
      "thermal.links[0].to: A link joins two different ends",
    ]],
    ["blocks that refer to nothing", (board) => {
      const blocks = board.power!.blocks as Loose[];
      blocks[0]!.rail = "vdd";
      blocks[1]!.node = "tiny";
    }, ["power.blocks[0].rail: No rail vdd", "power.blocks[1].node: No thermal node tiny"]],
    ["loads of no block, and at no operating point", (board) => {
      const phases = board.power!.phases as Loose[];
      phases[0]!.loads = { big: { mhz: 501, utilisation: 0 }, huge: { mhz: 0, utilisation: 0 } };
    }, [
      "power.phases[0].loads.big.mhz: Expected 0 or an operating point of the block (500, 1000, 1500, 1600, 1700), got 501",
      "power.phases[0].loads.huge: No power block huge",
    ]],
    ["operating points that do not rise", (board) => {
      (board.power!.blocks as Loose[])[2]!.operatingPoints = [{ mhz: 600, volts: 1 }, { mhz: 600, volts: 1 }];
    }, ["power.blocks[2].operatingPoints[1].mhz: Expected more than the one before"]],
    ["a utilisation above 1", (board) => {
      (board.power!.phases as Loose[])[0]!.loads = { big: { mhz: 0, utilisation: 1.5 } };
    }, ["power.phases[0].loads.big.utilisation: Expected a number from 0 to 1, got 1.5"]],
    ["a drive cycle that jumps when it repeats, and goes back in time", (board) => {
      board.vehicle!.driveCycle = [[1, 0], [20, 50], [10, 60]];
    }, [
      "vehicle.driveCycle[0][0]: Expected 0 s, got 1",
      "vehicle.driveCycle[2][0]: Expected a later time than the one before",
      "vehicle.driveCycle[2][1]: Expected the speed of the start, 0 km/h, as the cycle repeats; got 60",
    ]],
    ["a battery curve with a hole", (board) => {
      (board.vehicle!.traction as Loose).cellVolts = [[0.1, 3], [0.9, 4]];
    }, [
      "vehicle.traction.cellVolts[0][0]: Expected charge 0, got 0.1",
      "vehicle.traction.cellVolts[1][0]: Expected charge 1, got 0.9",
    ]],
    ["axes that do not fit the signal", (board) => {
      board.sensors![0]!.axes = ["a_X"];
      board.sensors![8]!.axes = ["a_X", "a_Y"];
      board.sensors![9]!.axes = null;
    }, [
      "sensors[0].axes: Expected none, as temperature.gpu has one component",
      "sensors[8].axes: Expected 3 names, as vehicle.acceleration has 3 components",
      "sensors[9].axes: Expected 3 names, as vehicle.angularRate has 3 components",
    ]],
    ["axes of one name", (board) => board.sensors![8]!.axes = ["a_X", "a_Y", "a_X"], [
      "sensors[8].axes[2]: a_X is taken by sensors[8].axes[0]",
    ]],
    ["a unit that is not the signal's", (board) => board.sensors![0]!.typeCode = 5, [
      "sensors[0].typeCode: Expected 2, the unit of temperature.gpu; got 5",
    ]],
    ["sensors that nobody supplies, or somebody who has no business with it", (board) => {
      board.sensors![0]!.signal = null;
      board.sensors![1]!.suppliedBy = "OSPM";
      board.sensors![2]!.staleAfterMs = 100;
      Object.assign(board.sensors![3]!, { signal: null, suppliedBy: "cockpit", errors: {} });
      Object.assign(board.sensors![4]!, { signal: null, suppliedBy: "OSPM", errors: { gainMax: 0.1 } });
    }, [
      "sensors[0]: Expected a signal that it reads, or suppliedBy with the name of an agent; got neither",
      "sensors[1]: Expected a signal that it reads, or suppliedBy with the name of an agent; got both",
      "sensors[2].staleAfterMs: Expected none, as nobody supplies a sensor that has a signal",
      "sensors[3].suppliedBy: No agent cockpit",
      "sensors[4].errors: Expected none, as those of a supplied value are its supplier's",
    ]],
    ["a sensor of two suppliers", (board) => {
      Object.assign(board.sensors![0]!, { signal: null, suppliedBy: ["OSPM", "PSCI"], staleAfterMs: 0 });
    }, [
      "sensors[0].suppliedBy: Expected 1 to 15 printable ASCII characters, got a list of 2",
      "sensors[0].staleAfterMs: Expected a whole number from 1 to 3600000, got 0",
    ]],
    ["a range turned round", (board) => board.sensors![0]!.rangeMin = 125, [
      "sensors[0].rangeMax: Expected more than rangeMin, 125; got 125",
    ]],
    ["a range beyond what a reading holds", (board) => board.sensors![6]!.rangeMax = 1e12, [
      "sensors[6].rangeMax: Too large for unitExponent -6: a reading would be 1.0e+18, beyond 2^53",
    ]],
    ["steps too coarse and too fine", (board) => {
      board.sensors![0]!.step = { mantissa: 2, exponent: 2 };
      board.sensors![1]!.step = { mantissa: 1, exponent: -4 };
    }, [
      "sensors[0].step: Expected a step within the range, got 200",
      "sensors[1].step: Finer than a reading can tell with unitExponent -3; got 0.0001",
    ]],
    ["intervals of zero, and of no kind", (board) => {
      board.sensors![0]!.intervals = { kind: "list", list: [{ mantissa: 0, exponent: 0 }] };
      board.sensors![1]!.intervals = { kind: "lots" };
      board.sensors![2]!.intervals = { kind: "list", list: [] };
    }, [
      "sensors[0].intervals.list[0].mantissa: Expected a whole number from 1 to 65535, got 0",
      'sensors[1].intervals.kind: Expected an object with kind none, list or segment, got "lots"',
      "sensors[2].intervals.list: Expected a list of 1 to 1024, got a list of 0",
    ]],
    ["a three-axis sensor with updates and no intervals", (board) => {
      board.sensors![8]!.intervals = { kind: "none" };
      board.sensors![8]!.defaultInterval = null;
    }, ["sensors[8].intervals: Expected intervals, as Linux divides by those of a three-axis sensor"]],
    ["default intervals that are not offered", (board) => {
      board.sensors![0]!.defaultInterval = { mantissa: 3, exponent: 0 };
      board.sensors![3]!.defaultInterval = { mantissa: 1, exponent: 0 };
      board.sensors![5]!.defaultInterval = { mantissa: 11, exponent: 0 };
    }, [
      "sensors[0].defaultInterval: Expected one of the intervals",
      "sensors[3].defaultInterval: Expected none, as there are no intervals",
      "sensors[5].defaultInterval: Expected one of the intervals",
    ]],
    ["a segment turned round", (board) => {
      board.sensors![5]!.intervals = {
        kind: "segment",
        lowest: { mantissa: 10, exponent: 0 },
        highest: { mantissa: 1, exponent: 0 },
        step: { mantissa: 1, exponent: 0 },
      };
      board.sensors![5]!.defaultInterval = null;
    }, ["sensors[5].intervals.highest: Expected no less than lowest"]],
    ["numbers that are none", (board) => {
      board.ambientC = "warm" as unknown as Loose & Loose[];
      board.vehicle!.massKg = -1;
      board.sensors![0]!.samplePeriodUs = 0;
    }, [
      'ambientC: Expected a number from -60 to 200, got "warm"',
      "vehicle.massKg: Expected a number from 1e-9 to 1000000000, got -1",
      "sensors[0].samplePeriodUs: Expected a whole number from 1 to 3600000000, got 0",
    ]],
  ];

for (const [name, change, expected] of MISTAKES) {
  Deno.test(`validateBoard finds ${name}`, () => assertErrors(broken(rcarBoard, change), expected));
}

Deno.test("validateBoard tells a wrong part once, not again at each place that refers to it", () => {
  const input = broken(rcarBoard, (board) => {
    (board.thermal!.nodes as Loose[])[3]!.heatCapacityJPerK = -1;
    (board.power!.rails as Loose[])[0]!.loadLineOhm = "low";
    (board.power!.blocks as Loose[])[0]!.idleActivity = 2;
    board.sensors![0]!.step = 5;
  });
  assertErrors(input, [
    "thermal.nodes[3].heatCapacityJPerK: Expected a number from 1e-9 to 1000000000, got -1",
    'power.rails[0].loadLineOhm: Expected a number from 0 to 1000000000, got "low"',
    "power.blocks[0].idleActivity: Expected a number from 0 to 1, got 2",
    "sensors[0].step: Expected an object, got 5",
  ]);
});

Deno.test("validateBoard judges the other sensors' signals when the vehicle is wrong in itself", () => {
  const input = broken(rcarBoard, (board) => delete board.vehicle!.massKg);
  assertErrors(input, ["vehicle.massKg: Expected a number from 1e-9 to 1000000000, got nothing"]);
  const without = broken(rcarBoard, (board) => delete board.vehicle);
  assertEquals(
    errorsOf(without).length,
    rcarBoard.sensors.length - 8 + 1,
    "each sensor of the vehicle has no signal, and the line of its wheel no wheel",
  );
});

Deno.test("validateBoard judges thermal nodes by the tick that the model runs with", () => {
  assertEquals(PHYSICS_TICK_S, TICK_US / 1e6);
  const withCapacity = (heatCapacityJPerK: number) =>
    validateBoard({
      ...minimalBoard,
      thermal: {
        nodes: [{ name: "chip", heatCapacityJPerK }, { name: "heatsink", heatCapacityJPerK: 20 }],
        links: minimalBoard.thermal.links,
      },
    });
  const small = withCapacity(PHYSICS_TICK_S * 1.001);
  assert("board" in small);
  createModel(small.board, { seed: 1 });
  assert("errors" in withCapacity(PHYSICS_TICK_S * 0.999));
});

Deno.test("validateBoard tells mistakes within what may be one of several things", () => {
  const input = broken(rcarBoard, (board) => {
    const agents = board.agents as unknown as Loose[];
    agents[0]!.onVanish = { dropAfterMs: 0 };
    agents[1]!.onVanish = "drop";
    agents[2]!.onVanish = { dropAfterMs: 5, at: 1 };
    agents[3]!.view = { sensor: { thermal1: "raed", "\u00e9": "read" }, clock: 7 };
    board.arbitration = {
      clock: { "*": { rate: { priority: [] } } },
      voltageDomain: { "*": { owner: "" }, vd25: {}, "": "last" },
    } as never;
    (board.power!.phases as Loose[])[0]!.loads = { "1st": { mhz: 0, utilisation: 0 } };
  });
  const view = "agents[3].view";
  assertErrors(input, [
    "agents[0].onVanish.dropAfterMs: Expected a whole number from 1 to 86400000, got 0",
    'agents[1].onVanish: Expected keep, reset, or an object with dropAfterMs from 1 to 86400000, got "drop"',
    "agents[2].onVanish: Unknown key at",
    `${view}.sensor.thermal1: Expected one of none, read, control, exclusive, got "raed"`,
    `${view}.sensor.\u00e9: Expected 1 to 63 printable ASCII characters, got "\u00e9"`,
    `${view}.clock: Expected a right (none, read, control, exclusive), or an object of names and rights, got 7`,
    "arbitration.clock.*.rate.priority: Expected a list of 1 to 255, got a list of 0",
    'arbitration.voltageDomain.*.owner: Expected 1 to 15 printable ASCII characters, got ""',
    "arbitration.voltageDomain.vd25: Expected last, highest, lowest, an object with owner, or one with priority, " +
    "got an object",
    'arbitration.voltageDomain.: Expected 1 to 63 printable ASCII characters, got ""',
    'power.phases[0].loads.1st: Expected a name of 1 to 40 letters, digits, - and _, starting with a letter, got "1st"',
  ]);
});

Deno.test("validateBoard bounds what physics and messages cannot stand", () => {
  const input = broken(rcarBoard, (board) => {
    board.vehicle!.massKg = 1e300;
    (board.vehicle!.traction as Loose).heatCapacityJPerK = 0.001;
    (board.power!.phases as Loose[])[0]!.durationS = 0.000_000_5 + 1;
    (board.power!.phases as Loose[])[1]!.durationS = 0.07;
    (board.power!.blocks as { operatingPoints: Loose[] }[])[0]!.operatingPoints.at(-1)!.mhz = 5_000_000;
    (board.performanceDomains![0]!.levels as Loose[]).at(-1)!.mhz = 5_000_000;
  });
  assertErrors(input, [
    "vehicle.massKg: Expected a number from 1e-9 to 1000000000, got 1e+300",
    "power.phases[0].durationS: Expected a whole number of microseconds, got 1.0000005",
    "power.blocks[0].operatingPoints[4].mhz: Expected a number from 0 to 4294967, got 5000000",
    "performanceDomains[0].levels[2].mhz: Expected a number from 0.001 to 4294967, got 5000000",
  ]);
  const battery = broken(rcarBoard, (board) => (board.vehicle!.traction as Loose).heatCapacityJPerK = 0.001);
  assertErrors(battery, [
    "vehicle.traction.heatCapacityJPerK: Too small for the 5 ms tick with this resistance: at least 0.0500",
  ]);
});
