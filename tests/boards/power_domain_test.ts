// Power domains and system power on boards: what the validator tells of wrong ones, and what guests match on in rcar.
import { assert, assertEquals } from "@std/assert";
import { defineBoard } from "../../boards/board.ts";
import { completePowerDomain } from "../../boards/power_domain.ts";
import { rcarFaithfulBoard } from "../../boards/rcar_faithful.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { validateBoard } from "../../boards/validator.ts";
import { POWER_BOARD } from "../support/power_board.ts";

/** A board as a user's file holds it; tests break it at will. */
type Loose = Record<string, unknown>;

/** The places of some domains in the board under test. */
const CLUSTER = 2;
const GPU = 3;
const CODEC = 5;
const SOC = 7;
const SYS = 9;

function errorsOf(change: (domains: Loose[], board: Record<string, Loose & Loose[]>) => void): string[] {
  const copy = JSON.parse(JSON.stringify(POWER_BOARD)) as Record<string, Loose & Loose[]>;
  change(copy.powerDomains!, copy);
  const result = validateBoard(copy);
  return "errors" in result ? [...result.errors] : [];
}

const SLEEP = { name: "sleep", stateId: 1, isContextLost: true, depth: 1, latencyUs: 0 };

const MISTAKES: readonly (readonly [string, Parameters<typeof errorsOf>[0], readonly string[]])[] = [
  ["nothing", () => {}, []],
  [
    "ids with a gap, and behind those that have none",
    (domains) => {
      domains[1]!.id = 9;
      domains[CODEC]!.id = null;
    },
    [
      "powerDomains[1].id: Expected 1, as wire ids count from 0 without gaps; got 9",
      "powerDomains[6].id: Expected null, as those without an id come last",
      "powerDomains[7].id: Expected null, as those without an id come last",
      "powerDomains[8].id: Expected null, as those without an id come last",
    ],
  ],
  [
    "a name used twice",
    (domains) => domains[4]!.name = "gpu",
    ["powerDomains[4].name: gpu is taken by powerDomains[3].name"],
  ],
  [
    "a parent that is not there",
    (domains) => domains[GPU]!.parent = "sock",
    ["powerDomains[3].parent: No power domain sock"],
  ],
  [
    "a loop",
    (domains) => domains[SOC]!.parent = "cluster",
    ["powerDomains[2].parent: cluster is above itself", "powerDomains[7].parent: soc is above itself"],
  ],
  [
    "a system domain below another",
    (domains) => domains[SYS]!.parent = "gpu",
    [
      "powerDomains[9].parent: Expected none, as a system domain is above all others",
      "powerDomains[3].parent: gpu is above itself",
      "powerDomains[7].parent: soc is above itself",
      "powerDomains[9].parent: SYS is above itself",
      "systemPower.domain: Expected a domain without a parent; SYS hangs below gpu",
    ],
  ],
  [
    "states that are wrong",
    (domains) => {
      domains[CODEC]!.states = [{ ...SLEEP, depth: 9 }, {
        ...SLEEP,
        name: "off",
        depth: 9,
        isContextLost: false,
      }];
      domains[GPU]!.states = [SLEEP, { ...SLEEP, depth: 2 }];
      domains[GPU]!.bootState = "asleep";
    },
    [
      "powerDomains[3].states[1].name: sleep is taken by powerDomains[3].states[0].name",
      "powerDomains[3].states[1].stateId: Number 1 without context is taken by powerDomains[3].states[0].stateId",
      "powerDomains[3].bootState: Expected one of on, sleep, sleep, off; got asleep",
      "powerDomains[5].states[1].name: Every domain has the state off already",
      "powerDomains[5].states[1].depth: Expected more than the one before",
    ],
  ],
  [
    "a state without number or depth of its own",
    (domains) => domains[CODEC]!.states = [{ ...SLEEP, stateId: 0, depth: 255 }],
    [
      "powerDomains[5].states[0].stateId: Expected a whole number from 1 to 268435455, got 0",
      "powerDomains[5].states[0].depth: Expected a whole number from 1 to 254, got 255",
    ],
  ],
  [
    "a boot that leaves a child on under a parent that is not",
    (domains) => domains[CLUSTER]!.bootState = "sleep",
    ["powerDomains[0].bootState: on is not possible while its parent cluster boots sleep"],
  ],
  [
    "something always on that boots off",
    (domains) => {
      domains[CODEC]!.isAlwaysOn = true;
    },
    ["powerDomains[5].bootState: Expected on, as the domain is always on; got off"],
  ],
  [
    "users of domains that are not there",
    (_domains, board) => {
      board.sensors![0]!.powerDomain = "npu";
      (board.power!.blocks as Loose[])[0]!.powerDomain = "npu";
      board.devices = [{
        name: "D",
        resources: { powerDomain: ["npu", "gpu"], systemPower: ["all"] },
      }] as never;
    },
    [
      "power.blocks[0].powerDomain: No power domain npu",
      "sensors[0].powerDomain: No power domain npu",
      "devices[0].resources.powerDomain[0]: No powerDomain npu",
      "devices[0].resources.systemPower[0]: No systemPower all",
    ],
  ],
  [
    "a system whose domain is not there",
    (_domains, board) => board.systemPower!.domain = "SYSTOP",
    ["systemPower.domain: No power domain SYSTOP"],
  ],
  [
    "a system that suspends to no state",
    (_domains, board) => board.systemPower!.suspendState = null,
    ["systemPower.suspendState: Expected a state of the domain, as the system can be suspended"],
  ],
  [
    "a system that suspends to a state that its domain does not have",
    (_domains, board) => board.systemPower!.suspendState = "sleep1",
    ["systemPower.suspendState: Expected a state of the domain between on and off (sleep0), got sleep1"],
  ],
  [
    "a system that suspends without a domain",
    (_domains, board) => board.systemPower!.domain = null,
    [
      "systemPower.suspendState: Expected a state of the domain between on and off (there is none), got sleep0",
    ],
  ],
  [
    "agents and transitions that there are not",
    (domains, board) => {
      domains[GPU]!.setBy = ["BOSS"];
      board.systemPower!.transitions = ["reboot"];
      board.systemPower!.gracefulTimeoutMs = 0;
    },
    [
      'powerDomains[3].setBy[0]: Expected one of OSPM, PSCI, MANAGEMENT, OTHER, got "BOSS"',
      'systemPower.transitions[0]: Expected one of shutdown, coldReset, warmReset, suspend, got "reboot"',
      "systemPower.gracefulTimeoutMs: Expected a whole number from 1 to 4294967295, got 0",
    ],
  ],
];

for (const [what, change, expected] of MISTAKES) {
  Deno.test(`validateBoard finds in power domains: ${what}`, () => {
    assertEquals(errorsOf(change).sort(), [...expected].sort());
  });
}

Deno.test("validateBoard lets devices name the system only where a board has one", () => {
  const errors = errorsOf((_domains, board) => {
    board.systemPower = null as never;
    board.devices = [{ name: "D", resources: { systemPower: ["system"] } }] as never;
  });
  assertEquals(errors, ["devices[0].resources.systemPower[0]: No systemPower system"]);
});

Deno.test("completePowerDomain gives each kind its own rights", () => {
  const shape = (kind: "core" | "cluster" | "device" | "system") => {
    const domain = completePowerDomain({ id: 0, name: "a", kind });
    return [domain.setBy.join(" "), domain.supportsSync, domain.supportsAsync, domain.hasNotifications];
  };
  assertEquals(shape("core"), ["PSCI", false, true, false]);
  assertEquals(shape("cluster"), ["PSCI", true, false, false]);
  assertEquals(shape("device"), ["OSPM PSCI MANAGEMENT OTHER", true, false, true]);
  assertEquals(shape("system"), ["", true, false, false]);
  assertEquals(completePowerDomain({ id: 0, name: "a", kind: "device", isAlwaysOn: true }).bootState, "on");
});

Deno.test("defineBoard offers suspend only to a board that says what it is", () => {
  const { systemPower } = defineBoard({ ...POWER_BOARD, systemPower: {} });
  assertEquals(systemPower!.transitions, ["shutdown", "coldReset", "warmReset"]);
});

Deno.test("rcarBoard has the 22 power domains that SCP-firmware shows, at their ids", () => {
  const exposed = rcarBoard.powerDomains.filter(({ id }) => id !== null);
  assertEquals(exposed.map(({ name }) => name), [
    ...["CLUS0CORE0", "CLUS0CORE1", "CLUS0CORE2", "CLUS0CORE3"],
    ...["CLUS1CORE0", "CLUS1CORE1", "CLUS1CORE2", "CLUS1CORE3"],
    ...["CLUS0", "CLUS1", "a3ir", "3dg-e", "3dg-d", "3dg-c", "3dg-b", "3dg-a"],
    ...["a2vc1", "a3vc", "cr7", "a3vp", "pmic_ddr_bkup", "always-on"],
  ]);
  assert(exposed.every(({ name }) => name.length <= 15), "Linux knows them by their short names");
});

Deno.test("rcarBoard joins the domains as the chip does, its faithful twin as the firmware", () => {
  const parentsOf = (board: typeof rcarBoard) =>
    Object.fromEntries(board.powerDomains.map(({ name, parent }) => [name, parent]));
  const chip = parentsOf(rcarBoard);
  const chain = ["3dg-e", "3dg-d", "3dg-c", "3dg-b", "3dg-a", "always-on", "SYSTOP", null];
  chain.slice(0, -1).forEach((name, place) => assertEquals(chip[name!], chain[place + 1]));
  assertEquals([chip.CLUS0CORE3, chip.CLUS1CORE0, chip.a2vc1], ["CLUS0", "CLUS1", "a3vc"]);
  const firmware = parentsOf(rcarFaithfulBoard);
  assertEquals([firmware.CLUS0CORE3, firmware.CLUS1CORE0], ["CLUS0", "CLUS1"]);
  for (const name of ["CLUS0", "3dg-e", "a2vc1", "pmic_ddr_bkup", "always-on"]) {
    assertEquals(firmware[name], "SYSTOP", name);
  }
});
