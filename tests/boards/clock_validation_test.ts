// The validator on clocks, clock sources and reset domains: each mistake with its place.
import { assert, assertEquals } from "@std/assert";
import { validateBoard } from "../../boards/validator.ts";
import { createModel } from "../../scp/model/model.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";

type Loose = Record<string, unknown>;

/** A board of a crystal, a PLL and a few clocks, changed. */
function boardWith(
  change: (clocks: Loose[], board: Loose & { clockSources: Loose[]; resetDomains: Loose[] }) => void,
) {
  const clocks: Loose[] = [
    { id: 0, name: "bus", parents: ["pll"], ratio: { kind: "dividers", dividers: [1, 2], divider: 2 } },
    { id: 1, name: "crystal", rateHz: 100 },
    { id: 2, name: "uart", parents: ["bus", "crystal"], hasGate: true, powerDomain: "soc" },
    {
      id: 3,
      name: "synth",
      parents: ["crystal"],
      ratio: { kind: "multipliers", lowest: 1, highest: 9, multiplier: 3, divider: 10 },
      dutyCyclePercent: { lowest: 1, highest: 99, start: 50 },
      rights: { OSPM: { rate: false } },
    },
  ];
  const board = {
    name: "clocks",
    title: "Clocks",
    identity: { vendor: "v", subVendor: "s", implementationVersion: 1 },
    agents: [{ name: "OSPM", kind: "OSPM" }],
    powerDomains: [{ id: 0, name: "soc", kind: "device" }],
    sensors: [],
    clockSources: [{ name: "pll", parent: "quartz", multiplier: 10 }, {
      name: "quartz",
      rateHz: 20,
    }] as Loose[],
    clocks,
    resetDomains: [{ id: 0, name: "uart" }, { id: 1, name: "bus", ownStates: [1, 2] }] as Loose[],
  };
  change(clocks, board);
  return board;
}

function errorsOf(change: Parameters<typeof boardWith>[0]): readonly string[] {
  const result = validateBoard(boardWith(change));
  return "errors" in result ? result.errors : [];
}

Deno.test("validateBoard accepts clocks, sources and reset domains, and the model can hold them", () => {
  const result = validateBoard(boardWith(() => {}));
  assert("board" in result);
  const model = createModel(result.board, { seed: 1 });
  assertEquals(model.clockTree.clocks.map((clock) => clock.rateHz), [100, 100, 100, 30]);
  assertEquals(model.clockTree.clocks.map((clock) => clock.isRunning), [true, true, false, true]);
  assertEquals(checkInvariants(model), []);
  assertEquals(validateBoard(result.board), result);
});

const MISTAKES: readonly (readonly [string, Parameters<typeof boardWith>[0], readonly string[]])[] = [
  ["ids with gaps", (clocks, board) => {
    clocks[1]!.id = 7;
    board.resetDomains[1]!.id = 0;
  }, [
    "clocks[1].id: Expected 1, as wire ids count from 0 without gaps; got 7",
    "resetDomains[1].id: Expected 1, as wire ids count from 0 without gaps; got 0",
  ]],
  ["names taken, also by sources", (clocks, board) => {
    clocks[3]!.name = "quartz";
    board.resetDomains[1]!.name = "uart";
  }, [
    "clockSources[1].name: quartz is taken by clocks[3].name",
    "resetDomains[1].name: uart is taken by resetDomains[0].name",
  ]],
  ["parents that do not exist, or cannot be chosen", (clocks) => {
    clocks[0]!.parents = ["plll"];
    clocks[2]!.parents = ["crystal", "pll"];
  }, [
    "clocks[0].parents[0]: No clock or clock source plll",
    "clocks[2].parents[1]: pll has no id to be chosen by",
  ]],
  ["a parent twice, and one that is no choice", (clocks) => {
    clocks[2]!.parents = ["crystal", "crystal"];
    clocks[2]!.parent = "bus";
  }, [
    "clocks[2].parents[1]: crystal is taken by clocks[2].parents[0]",
    "clocks[2].parent: Expected one of its parents, got bus",
  ]],
  ["clocks in a loop, by any choice", (clocks) => {
    clocks[1] = { id: 1, name: "crystal", parents: ["uart"] };
  }, [
    "clocks[1].parents: crystal can come to run from itself",
    "clocks[2].parents: uart can come to run from itself",
  ]],
  ["sources in a loop, and without a rate", (_clocks, board) => {
    board.clockSources[1] = { name: "quartz", parent: "pll" };
    board.clockSources.push({ name: "nothing" });
  }, [
    "clockSources[0].parent: pll is made from itself",
    "clockSources[1].parent: quartz is made from itself",
    "clockSources[2].rateHz: Expected a rate, as there is no parent",
  ]],
  ["sources that name nothing", (_clocks, board) => {
    board.clockSources[0]!.parent = "crystal";
  }, ["clockSources[0].parent: No clock source crystal"]],
  ["rates beside a parent", (clocks, board) => {
    clocks[0]!.rateHz = 5;
    board.clockSources[0]!.rateHz = 6;
  }, [
    "clockSources[0].rateHz: Expected none, as the rate comes from the parent",
    "clocks[0].rateHz: Expected none, as the rate comes from the parent",
  ]],
  ["ratios without the setting they start with", (clocks) => {
    clocks[0]!.ratio = { kind: "dividers", dividers: [1, 2, 2], divider: 3 };
    clocks[3]!.ratio = { kind: "multipliers", lowest: 4, highest: 9, multiplier: 3, divider: 1 };
  }, [
    "clocks[0].ratio.dividers[2]: 2 is taken by clocks[0].ratio.dividers[1]",
    "clocks[0].ratio.divider: Expected one of its dividers, got 3",
    "clocks[3].ratio.multiplier: Expected a whole number from 4 to 9, got 3",
  ]],
  ["a ratio of no kind", (clocks) => clocks[0]!.ratio = { kind: "golden" }, [
    'clocks[0].ratio.kind: Expected an object with kind fixed, dividers or multipliers, got "golden"',
  ]],
  ["settings that start outside their range", (clocks) => {
    clocks[3]!.dutyCyclePercent = { lowest: 10, highest: 90, start: 5 };
    clocks[2]!.phaseMrad = { lowest: 0, highest: 6284, start: 0 };
  }, [
    "clocks[2].phaseMrad.highest: Expected a whole number from 0 to 6283, got 6284",
    "clocks[3].dutyCyclePercent.start: Expected a whole number from 10 to 90, got 5",
  ]],
  ["agents, blocks and power domains that do not exist", (clocks) => {
    clocks[3]!.rights = { VM9: { rate: false } };
    clocks[2]!.powerDomain = "sock";
    clocks[1]!.draws = { block: "rest", uwPerMhz: 1 };
  }, [
    "clocks[1].draws.block: No power block rest",
    "clocks[2].powerDomain: No power domain sock",
    "clocks[3].rights.VM9: No agent VM9",
  ]],
  ["rates outside limits", (clocks) => {
    clocks[2]!.rateMinHz = 101;
    clocks[3]!.rateMaxHz = 29;
  }, [
    "clocks[2]: Starts with 100 Hz, outside its limits 101 to 1000000000000 Hz",
    "clocks[3]: Starts with 30 Hz, outside its limits 0 to 29 Hz",
  ]],
  ["rates that no clock has", (clocks, board) => {
    board.clockSources[1]!.rateHz = 1e12;
    clocks[0]!.ratio = { kind: "fixed", multiplier: 1, divider: 1 };
    clocks[2]!.parents = ["crystal"];
  }, ["clocks[0]: Starts with 10000000000000 Hz; no clock is faster than 1000000000000 Hz"]],
  ["reset states twice", (_clocks, board) => board.resetDomains[1]!.ownStates = [1, 1], [
    "resetDomains[1].ownStates[1]: 1 is taken by resetDomains[1].ownStates[0]",
  ]],
  ["a broken clock or reset domain once, not again where it is named", (clocks, board) => {
    clocks[0]!.name = 5;
    clocks[1]!.rateHz = -1;
    board.resetDomains[0]!.pulseUs = 1.5;
  }, [
    "resetDomains[0].pulseUs: Expected a whole number from 0 to 3600000000, got 1.5",
    "clocks[0].name: Expected 1 to 63 printable ASCII characters, got 5",
    "clocks[1].rateHz: Expected a whole number from 0 to 1000000000000, got -1",
  ]],
];

for (const [what, change, expected] of MISTAKES) {
  Deno.test(`validateBoard finds ${what}`, () => {
    assertEquals([...errorsOf(change)].sort(), [...expected].sort());
  });
}

/** Clocks one above the other, `count` of them, below the bus. */
function chain(clocks: Loose[], count: number): void {
  for (let id = 4; id < 4 + count; id++) {
    clocks.push({ id, name: `chain${id}`, parents: [id === 4 ? "bus" : `chain${id - 1}`] });
  }
}

Deno.test("validateBoard takes 2,000 clocks below one, and 64 above one", () => {
  const result = validateBoard(boardWith((clocks) => {
    // Above the last of the chain: those of the chain before it, the bus, the PLL and the quartz.
    chain(clocks, 62);
    for (let id = 66; id < 2000; id++) clocks.push({ id, name: `fan${id}`, parents: ["bus", "crystal"] });
  }));
  assert("board" in result);
  const { clocks } = createModel(result.board, { seed: 1 }).clockTree;
  assertEquals([clocks[65]!.rateHz, clocks[1999]!.rateHz], [100, 100]);
  assertEquals(errorsOf((clocks) => chain(clocks, 63)), [
    "clocks[66].parents: Expected at most 64 clocks and sources above it",
  ]);
});

Deno.test("validateBoard asks for clamps that leave clocks a rate", () => {
  const errorsWith = (clock: Loose) =>
    errorsOf((clocks, board) => {
      // From 2 to 18 Hz in steps of 2.
      const ratio = { kind: "multipliers", lowest: 1, highest: 9, multiplier: 3, divider: 10 };
      clocks.push({ id: 4, name: "pixel", parents: ["quartz"], ratio });
      board.arbitration = { clock };
    });
  const nothing = "Expected limits with a rate between; ";
  assertEquals(
    errorsWith({
      // 200 and 100 Hz from the PLL.
      bus: { clampHz: { min: 101, max: 199 } },
      pixel: { clampHz: { min: 19, max: 100 } },
      "cry*": { clampHz: { min: 101, max: 1000 } },
      // From 10 to 90 Hz, if the crystal, which is a clock, kept its rate.
      synth: { clampHz: { min: 1000, max: 2000 } },
    }),
    [
      `arbitration.clock.bus.clampHz: ${nothing}clock bus has none`,
      `arbitration.clock.pixel.clampHz: ${nothing}clock pixel has none`,
      `arbitration.clock.cry*.clampHz: ${nothing}clock crystal has none`,
    ],
  );
  assertEquals(errorsWith({ "*": { clampHz: { min: 101, max: 200 } } }), [], "one has");
  assertEquals(errorsWith({ pixel: { clampHz: { min: 17, max: 19 } } }), []);
  assertEquals(errorsWith({ "*": { clampHz: { min: 9, max: 9 } }, uart: {}, synth: {}, pixel: {} }), [
    `arbitration.clock.*.clampHz: ${nothing}the clocks have none`,
  ]);
});
