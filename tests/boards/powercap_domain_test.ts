// Power capping domains on boards: what the validator tells of wrong ones, and what guests match on in rcar.
import { assertEquals } from "@std/assert";
import { completePowercapDomain } from "../../boards/powercap_domain.ts";
import { rcarFaithfulBoard } from "../../boards/rcar_faithful.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { validateBoard } from "../../boards/validator.ts";
import { TICK_US } from "../../scp/model/world.ts";
import { CAPPED, POWERCAP_BOARD } from "../support/powercap_board.ts";

/** A board as a user's file holds it; tests break it at will. */
type Loose = Record<string, unknown>;

function errorsOf(change: (domains: Loose[], board: Record<string, Loose[] & Loose>) => void): string[] {
  const copy = JSON.parse(JSON.stringify(POWERCAP_BOARD)) as Record<string, Loose[] & Loose>;
  change(copy.powercapDomains!, copy);
  const result = validateBoard(copy);
  return "errors" in result ? [...result.errors] : [];
}

const { cpu, gpu, soc, io, npu } = CAPPED;

const MISTAKES: readonly (readonly [string, Parameters<typeof errorsOf>[0], readonly string[]])[] = [
  ["nothing", () => {}, []],
  [
    "ids with a gap",
    (domains) => domains[gpu]!.id = 7,
    ["powercapDomains[1].id: Expected 1, as wire ids count from 0 without gaps; got 7"],
  ],
  [
    "a name used twice",
    (domains) => domains[npu]!.name = "soc",
    ["powercapDomains[4].name: soc is taken by powercapDomains[2].name"],
  ],
  [
    "a parent that is not there",
    (domains) => domains[gpu]!.parent = "sock",
    ["powercapDomains[1].parent: No power capping domain sock"],
  ],
  [
    "a loop",
    (domains) => domains[soc]!.parent = "cpu",
    [
      "powercapDomains[0].parent: cpu is above itself",
      "powercapDomains[2].parent: soc is above itself",
      "powercapDomains[2].cap.max: Expected 4000 or less, as cpu is never capped higher; got 10000",
    ],
  ],
  [
    "a domain that is its own parent",
    (domains) => domains[soc]!.parent = "soc",
    ["powercapDomains[2].parent: soc is above itself"],
  ],
  [
    "a domain below one of an abstract unit",
    (domains) => domains[npu]!.parent = "io",
    ["powercapDomains[4].parent: Expected a domain that is measured in uW or mW; agents cannot add up those below io"],
  ],
  [
    "a child that may be capped higher than its parent",
    (domains) => {
      (domains[cpu]!.cap as Loose).max = 10_001_000;
      (domains[io]!.cap as Loose).max = 41;
      (domains[io]!.cap as Loose).min = 41;
    },
    [
      "powercapDomains[0].cap.max: Expected 10000000 or less, as soc is never capped higher; got 10001000",
      "powercapDomains[3].cap.max: Expected 40 or less, as soc is never capped higher; got 41",
    ],
  ],
  [
    "blocks that are not there, or measured twice",
    (domains) => {
      domains[cpu]!.blocks = ["cpu", "fpu"];
      domains[soc]!.blocks = ["rest", "cpu"];
    },
    [
      "powercapDomains[0].blocks[1]: No power block fpu",
      "powercapDomains[2].blocks[1]: cpu is measured by powercapDomains[0]",
    ],
  ],
  [
    "units with a wrong or without a value",
    (domains) => {
      delete domains[io]!.unitUw;
      domains[cpu]!.unitUw = 2;
      domains[gpu]!.unitUw = 1;
    },
    [
      "powercapDomains[0].unitUw: Expected 1 for uW, got 2",
      "powercapDomains[1].unitUw: Expected 1000 for mW, got 1",
      "powercapDomains[3].unitUw: Expected what one of the abstract unit is, in uW",
    ],
  ],
  [
    "ranges that are none",
    (domains) => {
      domains[cpu]!.cap = { min: 200_000, max: 100_000, step: 1_000 };
      domains[gpu]!.cap = { min: 100, max: 2_000, step: 0 };
      domains[soc]!.averaging = { minUs: 10_000, maxUs: 100_000, stepUs: 0 };
    },
    [
      "powercapDomains[0].cap.max: Expected 200000 or more, got 100000",
      "powercapDomains[1].cap.step: Expected 1 or more, as there is a choice",
      "powercapDomains[2].averaging.stepUs: Expected 1 or more, as there is a choice",
    ],
  ],
  [
    "values between steps",
    (domains) => {
      domains[cpu]!.cap = { min: 100_500, max: 4_000_000, step: 1_000 };
      domains[npu]!.cap = { min: 200, max: 1_050, step: 100 };
      domains[npu]!.bootCap = 250;
      domains[gpu]!.averaging = { minUs: 1_500, maxUs: 2_000_000, stepUs: 1_000 };
      domains[gpu]!.bootAveragingUs = 2_500;
    },
    [
      "powercapDomains[0].cap.min: Expected a multiple of the step 1000, got 100500",
      "powercapDomains[1].averaging.minUs: Expected a multiple of the step 1000, got 1500",
      "powercapDomains[1].bootAveragingUs: Expected a multiple of the step 1000, got 2500",
      "powercapDomains[4].cap.max: Expected a multiple of the step 100, got 1050",
      "powercapDomains[4].bootCap: Expected a multiple of the step 100, got 250",
    ],
  ],
  [
    "values at start outside the range",
    (domains) => {
      domains[npu]!.bootCap = 1_100;
      domains[gpu]!.bootAveragingUs = 3_000_000;
    },
    [
      "powercapDomains[1].bootAveragingUs: Expected 1000 to 2000000, got 3000000",
      "powercapDomains[4].bootCap: Expected 200 to 1000, got 1100",
    ],
  ],
  [
    "caps where nothing can be slowed down",
    (domains) => {
      domains[io]!.cap = { min: 2, max: 16, step: 1 };
      domains[npu]!.blocks = [];
      domains[npu]!.cap = { min: 300, max: 300, step: 0 };
      domains[npu]!.isMonitored = true;
    },
    [
      "powercapDomains[3].cap: Expected equal ends, as no performance domain drives a block of it or below",
      "powercapDomains[4].bootCap: Expected none, as no performance domain drives a block of it or below",
      "powercapDomains[4].supportsAsync: Expected false, as no cap can be set",
    ],
  ],
  [
    "nothing to be done with a domain, and notifications of what is not measured",
    (domains) => {
      domains[io]!.isMonitored = false;
      domains[npu]!.notifiesPower = true;
    },
    [
      "powercapDomains[3].notifiesPower: Expected false, as the domain is not monitored",
      "powercapDomains[3].isMonitored: Expected true, as the domain cannot be capped either",
      "powercapDomains[4].notifiesPower: Expected false, as the domain is not monitored",
    ],
  ],
  [
    "a period that is too short for what it moves, or too long for those who wait",
    (domains, board) => {
      domains[cpu]!.periodUs = 10_999;
      domains[soc]!.periodUs = 300_001;
      domains[gpu]!.periodUs = 10_000_000;
      board.performanceDomains![2]!.latencyUs = 30_000;
    },
    [
      "powercapDomains[0].periodUs: Expected 11000 or more, so that a lower level is measured before the next; got 10999",
      "powercapDomains[2].periodUs: Expected 300000 or less, as agents wait for an asynchronous cap through 4 levels; got 300001",
      "powercapDomains[4].periodUs: Expected 40000 or more, so that a lower level is measured before the next; got 20000",
    ],
  ],
  [
    "a device with a domain that is not there",
    (_, board) =>
      Object.assign(board, { devices: [{ name: "caps", resources: { powercapDomain: ["cpu", "gpu"] } }] }),
    ["devices[0].resources.powercapDomain[1]: No powercapDomain gpu"],
  ],
  [
    "shapes that are wrong, which hide no other mistake",
    (domains) => {
      domains[cpu]!.cap = { min: 0, max: 2 ** 32, step: 1 };
      domains[gpu]!.averaging = { minUs: 1, maxUs: 60_000_001, stepUs: 1 };
      domains[soc]!.unit = "W";
      domains[io]!.parent = "sock";
      domains[npu]!.watts = 3;
    },
    [
      "powercapDomains[0].cap.min: Expected a whole number from 1 to 4294967295, got 0",
      "powercapDomains[0].cap.max: Expected a whole number from 1 to 4294967295, got 4294967296",
      "powercapDomains[1].averaging.maxUs: Expected a whole number from 1 to 60000000, got 60000001",
      'powercapDomains[2].unit: Expected one of abstract, uW, mW, got "W"',
      "powercapDomains[4]: Unknown key watts",
      "powercapDomains[3].parent: No power capping domain sock",
    ],
  ],
];

for (const [what, change, errors] of MISTAKES) {
  Deno.test(`validateBoard tells of power capping domains with ${what}`, () => {
    assertEquals(errorsOf(change), errors);
  });
}

Deno.test("validateBoard takes a cap for granted while a performance domain cannot be read", () => {
  const errors = errorsOf((domains, board) => {
    domains[io]!.cap = { min: 2, max: 16, step: 1 };
    board.performanceDomains![0]!.latencyUs = -1;
  });
  assertEquals(errors, ["performanceDomains[0].latencyUs: Expected a whole number from 0 to 65535, got -1"]);
});

Deno.test("validateBoard takes a cap for granted while a domain that may be below cannot be read", () => {
  const errors = errorsOf((domains) => {
    for (const domain of [cpu, gpu]) domains[domain]!.periodUs = 0;
  });
  assertEquals(errors, [
    "powercapDomains[0].periodUs: Expected a whole number from 10000 to 60000000, got 0",
    "powercapDomains[1].periodUs: Expected a whole number from 10000 to 60000000, got 0",
  ]);
});

Deno.test("validateBoard asks for a period of two ticks of the physics beyond the latency", () => {
  const errors = errorsOf((domains) => domains[npu]!.periodUs = 2 * TICK_US);
  assertEquals(errors, []);
  assertEquals(errorsOf((domains) => domains[cpu]!.periodUs = 1_000 + 2 * TICK_US), []);
  assertEquals(errorsOf((domains) => domains[cpu]!.periodUs = 1_000 + 2 * TICK_US - 1).length, 1);
});

Deno.test("completePowercapDomain makes a domain that can be measured and capped from little", () => {
  const { id, name, cap, ...defaults } = completePowercapDomain({
    id: 0,
    name: "chip",
    cap: { min: 1, max: 5, step: 1 },
  });
  assertEquals([id, name, cap], [0, "chip", { min: 1, max: 5, step: 1 }]);
  const { parent, blocks, unit, unitUw, bootCap, averaging, bootAveragingUs, sustainablePower } = defaults;
  assertEquals([parent, blocks, unit, unitUw, bootCap], [null, [], "mW", 1000, null]);
  assertEquals(averaging, { minUs: 10_000, maxUs: 1_000_000, stepUs: 10_000 });
  assertEquals([bootAveragingUs, sustainablePower], [100_000, 5]);
  const { isMonitored, supportsAsync, notifiesCap, notifiesPower, periodUs, setBy } = defaults;
  assertEquals([isMonitored, supportsAsync, notifiesCap, notifiesPower], [true, true, true, true]);
  assertEquals([periodUs, setBy], [20_000, ["OSPM", "PSCI", "MANAGEMENT", "OTHER"]]);
});

Deno.test("completePowercapDomain leaves away what a domain cannot do", () => {
  const fixed = { min: 5, max: 5, step: 0 };
  const domain = completePowercapDomain({ id: 0, name: "fixed", cap: fixed, unit: "uW", isMonitored: false });
  assertEquals([domain.supportsAsync, domain.notifiesPower, domain.unitUw], [false, false, 1]);
  const averaging = { minUs: 500, maxUs: 500, stepUs: 0 };
  assertEquals(completePowercapDomain({ id: 0, name: "x", cap: fixed, averaging }).bootAveragingUs, 500);
});

Deno.test("rcarBoard has the power capping domains of its tables; its faithful twin has none", () => {
  assertEquals(
    rcarBoard.powercapDomains.map(({ id, name, parent, blocks, unit, cap }) =>
      [id, name, parent, blocks.join(" "), unit, cap.min, cap.max, cap.step].join(" ")
    ),
    [
      "0 soc  rest mW 2000 20000 1",
      "1 cpu-big soc big mW 500 8000 1",
      "2 cpu-little soc little mW 100 2000 1",
      // Nothing can slow it down: it is measured only.
      "3 gpu soc gpu mW 5000 5000 0",
    ],
  );
  for (const { averaging, bootCap, setBy } of rcarBoard.powercapDomains) {
    assertEquals(averaging, { minUs: 1_000, maxUs: 1_000_000, stepUs: 1_000 });
    assertEquals([bootCap, setBy], [null, ["OSPM"]]);
  }
  assertEquals(rcarFaithfulBoard.powercapDomains, []);
  assertEquals(
    rcarFaithfulBoard.devices.filter(({ resources }) => resources.powercapDomain !== undefined),
    [],
  );
});
