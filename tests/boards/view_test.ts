// Views of agents: which ids they compile to, and what the validator says about those that make no sense.
import { assert, assertEquals } from "@std/assert";
import fc from "../support/property.ts";
import type { AgentInput } from "../../boards/agent.ts";
import { type Board, type BoardInput, defineBoard } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { rcarGuestsBoard } from "../../boards/rcar_guests.ts";
import { type Right, RIGHTS, type ViewInput, WHOLE_BOARD } from "../../boards/view.ts";
import { fitsPattern } from "../../scp/core/name_pattern.ts";
import { compileViews } from "../../boards/view_compiler.ts";
import { validateBoard } from "../../boards/validator.ts";
import { findUnknownCommands } from "../../scp/control/board_loader.ts";

/** A board of clocks a0, a1, b0, b1 with agents that have these views. */
function boardOf(
  views: readonly (ViewInput | null)[],
  named: Readonly<Record<string, ViewInput>> = {},
): Board {
  return defineBoard({
    ...minimalBoard,
    clocks: ["a0", "a1", "b0", "b1"].map((name, id) => ({ id, name, rateHz: 1000 })),
    agents: views.map((view, i): AgentInput => ({ name: `agent${i}`, kind: "OSPM", view })),
    views: named,
  });
}

/** The clocks of the first agent, in the order of its ids: names, and the first letter of the right. */
function clocksOf(board: Board): string {
  return compileViews(board)[0]!.resources.clock.map(({ name, right }) => `${name}:${right[0]}`).join(" ");
}

function clocks(view: ViewInput, named: Readonly<Record<string, ViewInput>> = {}): string {
  return clocksOf(boardOf([view], named));
}

function errorsOf(board: BoardInput): readonly string[] {
  const result = validateBoard(structuredClone(board));
  return "errors" in result ? result.errors : [];
}

Deno.test("fitsPattern takes * for any characters, also none", () => {
  const fitting = [["", "*"], ["ab", "ab"], ["ab", "a*b"], ["axxb", "a*b"], ["abab", "*ab"], [
    "abcabc",
    "a*c*c",
  ]];
  for (const [name, pattern] of fitting) {
    assertEquals(fitsPattern(name!, pattern!), true, `${name} ${pattern}`);
  }
  const others = [["ab", "a"], ["ab", "b*"], ["aba", "ab*ba"], ["ac", "a*c*c"], ["abc", "*b"], ["a", "a*a"]];
  for (const [name, pattern] of others) {
    assertEquals(fitsPattern(name!, pattern!), false, `${name} ${pattern}`);
  }
});

Deno.test("fitsPattern finds what a regular expression finds", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 6 });
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }), word, (name, pattern) => {
      assertEquals(fitsPattern(name, pattern), new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name));
    }),
  );
});

Deno.test("a view names resources in the order of mention, and by patterns in that of the board behind them", () => {
  assertEquals(clocks({ clock: { b1: "control", a0: "read" } }), "b1:c a0:r");
  assertEquals(clocks({ clock: { "b*": "read", a1: "control" } }), "a1:c b0:r b1:r");
  assertEquals(clocks({ clock: "read" }), "a0:r a1:r b0:r b1:r");
  assertEquals(clocks({ "*": "exclusive" }), "a0:e a1:e b0:e b1:e");
  assertEquals(clocks({}), "");
});

Deno.test("the last rule that fits decides the right, and the first that grants one decides the place", () => {
  assertEquals(clocks({ clock: { "*": "read", b0: "control" } }), "a0:r a1:r b0:c b1:r");
  assertEquals(clocks({ clock: { b0: "control", "*": "read" } }), "b0:r a0:r a1:r b1:r");
  assertEquals(clocks({ clock: { "*": "control", "a*": "none" } }), "b0:c b1:c");
  assertEquals(clocks({ clock: { "a*": "read", a0: "none", "*": "control" } }), "a0:c a1:c b0:c b1:c");
  assertEquals(clocks({ "*": "read", clock: { a1: "control" } }), "a0:r a1:c b0:r b1:r");
});

Deno.test("a view goes on from those it extends, views and agents, each once", () => {
  const named = {
    base: { clock: { b1: "read" } },
    more: { extends: ["base"], clock: { a1: "control" } },
  } as const;
  assertEquals(clocks({ extends: ["more"], clock: { a0: "read" } }, named), "b1:r a1:c a0:r");
  assertEquals(clocks({ extends: ["base", "more"], clock: { b1: "exclusive" } }, named), "b1:e a1:c");
  const board = boardOf([{ extends: ["agent1"], clock: { a0: "none" } }, { clock: "control" }]);
  assertEquals(clocksOf(board), "a1:c b0:c b1:c");
});

Deno.test("a view that leads to itself ends, and one that widens at each step does not explode", () => {
  assertEquals(clocks({ extends: ["x"] }, { x: { extends: ["x"], clock: "read" } }), "a0:r a1:r b0:r b1:r");
  const wide = Object.fromEntries(
    Array.from(
      { length: 40 },
      (_, i) => [`v${i}`, { extends: [`v${i + 1}`, `v${i + 1}`], clock: "read" } as const],
    ),
  );
  assertEquals(clocks({ extends: ["v0"] }, wide), "a0:r a1:r b0:r b1:r");
});

Deno.test("commands of a view replace those of what it extends, by protocol", () => {
  const named = { base: { commands: { clock: ["CLOCK_RATE_GET"], power: [] } } } as const;
  const board = boardOf([{ extends: ["base"], commands: { clock: ["CLOCK_*"] } }], named);
  assertEquals(compileViews(board)[0]!.commands, { clock: ["CLOCK_*"], power: [] });
});

Deno.test("the only agent of a board sees all of it, one of several without a view nothing", () => {
  assertEquals(clocksOf(boardOf([null])), "a0:c a1:c b0:c b1:c");
  const [first, second] = compileViews(boardOf([null, WHOLE_BOARD]));
  assertEquals(Object.values(first!.resources).flat(), []);
  assertEquals(second!.resources.clock.length, 4);
  assertEquals(second!.resources.systemPower, []);
});

/** Rules in which names come before patterns, so that places do not depend on the order of keys. */
const arbitraryRules = fc.dictionary(
  fc.constantFrom("a0", "a1", "b0", "b1", "a*", "*1", "*"),
  fc.constantFrom(...RIGHTS),
  { noNullPrototype: true },
);

Deno.test("ids stay what they are when a resource comes at the end of the board, or a right changes to another", () => {
  const longer = (board: Board): Board => ({
    ...board,
    clocks: [...board.clocks, { ...board.clocks[0]!, id: 4, name: "c1" }],
  });
  const names = (board: Board) => compileViews(board)[0]!.resources.clock.map(({ name }) => name);
  fc.assert(fc.property(arbitraryRules, (rules) => {
    const board = boardOf([{ clock: rules }]);
    assertEquals(names(longer(board)).slice(0, names(board).length), names(board));
    const other: Record<string, Right> = Object.fromEntries(
      Object.entries(rules).map(([name, right]) => [name, right === "read" ? "control" : right]),
    );
    assertEquals(names(boardOf([{ clock: other }])), names(board));
  }));
});

Deno.test("ids of a view of names stay what they are when a name comes at its end", () => {
  const order = fc.shuffledSubarray(["a0", "a1", "b0", "b1"], { minLength: 1 });
  fc.assert(fc.property(order, (names) => {
    const rules = (all: readonly string[]) => ({
      clock: Object.fromEntries(all.map((name) => [name, "read" as const])),
    });
    const before = compileViews(boardOf([rules(names.slice(0, -1))]))[0]!.resources.clock;
    const after = compileViews(boardOf([rules(names)]))[0]!.resources.clock;
    assertEquals(after.map(({ name }) => name), names);
    assertEquals(after.slice(0, -1), before);
  }));
});

const AGENTS = rcarBoard.agents;

/** The errors of the rcar with other views. */
function viewErrors(
  views: readonly ViewInput[],
  named: Readonly<Record<string, ViewInput>> = {},
): readonly string[] {
  return errorsOf({
    ...rcarBoard,
    views: named,
    agents: views.map((view, i) => ({ ...AGENTS[i]!, view })),
    clocks: rcarBoard.clocks.map((clock) => ({ ...clock, rights: {} })),
  });
}

Deno.test("validateBoard finds names and patterns in views that mean nothing", () => {
  assertEquals(
    viewErrors([{
      sensor: { thermal9: "read", "temp_*": "read", "volt?*": "read" },
      powerDomain: { SYSTOP: "read" },
      pin: "read",
      extends: ["cockpit"],
    }]),
    [
      "agents[0].view.sensor.thermal9: No sensor thermal9: correct the name, or leave it out",
      "agents[0].view.sensor.volt?*: No sensor of the board fits: correct the pattern, or leave it out",
      "agents[0].view.powerDomain.SYSTOP: No powerDomain SYSTOP: correct the name, or leave it out",
      "agents[0].view.extends[0]: No view or agent cockpit: take one of OSPM",
    ],
  );
  assertEquals(viewErrors([{ clock: { "0": "read" } }]), [
    "agents[0].view.clock.0: A name of digits only has no place among others: write a pattern such as 0*",
    "agents[0].view.clock.0: No clock 0: correct the name, or leave it out",
  ]);
});

Deno.test("validateBoard finds views that lead to themselves, and names that are taken", () => {
  const named = { one: { extends: ["two"] }, two: { extends: ["one"] }, VMM: {} };
  assertEquals(viewErrors([{ extends: ["two"] }, {}, {}], named), [
    "views.one.extends[0]: two begins with this view itself: leave one of the two out",
    "views.two.extends[0]: one begins with this view itself: leave one of the two out",
    "views.VMM: An agent has this name too: give the view another one",
  ]);
});

Deno.test("validateBoard finds what is exclusive to one and given to another", () => {
  const own = { clock: { "du*": "exclusive" } } as const;
  assertEquals(viewErrors([own, own, { clock: { du0: "control", "s0d1*": "control" } }]), [
    "agents[1].view.clock: du3, du2, du1 and 1 more are exclusive to OSPM and to PSCI: leave it to one of them",
    "agents[2].view.clock: du0 is exclusive to OSPM: give VMM read, or both control",
  ]);
  assertEquals(viewErrors([own, { clock: "read" }, { clock: { lvds: "exclusive" } }]), []);
});

Deno.test("validateBoard wants a right to the pins of a group that an agent may use", () => {
  const group = rcarBoard.pinGroups[0]!;
  const [first] = group.pins;
  const all = Object.fromEntries(group.pins.map((pin) => [pin, "control" as const]));
  const lacks = (names: string, right: string) =>
    `agents[0].view.pinGroup: ${group.name} has pins beyond the agent's rights (${names}): give ${right} of these too`;
  assertEquals(viewErrors([{ pinGroup: { [group.name]: "control" }, pin: { ...all, [first!]: "read" } }]), [
    lacks(first!, "control"),
  ]);
  assertEquals(viewErrors([{ pinGroup: { [group.name]: "read" }, pin: { ...all, [first!]: "none" } }]), [
    lacks(first!, "read"),
  ]);
  assertEquals(viewErrors([{ pinGroup: { [group.name]: "control" }, pin: all }]), []);
});

Deno.test("validateBoard tells of the shape of views by the path to the mistake", () => {
  const view = { sensor: { temp_chip: "write" }, lamp: "read" };
  const broken = { ...minimalBoard, agents: [{ ...minimalBoard.agents[0], view }] };
  const errors = errorsOf(broken as unknown as BoardInput);
  assertEquals(errors.length, 2);
  assertEquals(errors.some((line) => line.startsWith("agents[0].view.sensor")), true);
  assertEquals(errors.includes("agents[0].view: Unknown key lamp"), true);
  const other = { ...minimalBoard, foreignIds: "MAYBE", views: { "1": {} } };
  assertEquals(errorsOf(other as unknown as BoardInput).length, 2);
});

Deno.test("findUnknownCommands finds commands of views that no protocol has", () => {
  const board = boardOf([{ commands: { clock: ["CLOCK_*", "CLOK_RATE_SET"], lamps: [] } }], {
    named: { commands: { power: ["POWER_STATE_SET"], base: ["CLOCK_RATE_GET"] } },
  });
  const lines = findUnknownCommands(board).map((line) => line.slice(0, line.indexOf(": take")));
  assertEquals(lines, [
    "views.named.commands.base[0]: No command CLOCK_RATE_GET",
    "agents[0].view.commands.clock[1]: No command CLOK_RATE_SET",
    "agents[0].view.commands.lamps: No protocol lamps",
  ]);
  for (const builtIn of [rcarBoard, rcarGuestsBoard, minimalBoard]) {
    assertEquals(findUnknownCommands(builtIn), []);
  }
});

Deno.test("rcar-guests gives each guest its part, and to safety alone what it needs", () => {
  const views = Object.fromEntries(
    compileViews(rcarGuestsBoard).map((view, i) => [rcarGuestsBoard.agents[i]!.name, view.resources]),
  );
  const names = (agent: string, kind: "sensor" | "clock", right: Right) =>
    views[agent]![kind].filter((entry) => entry.right === right).map(({ name }) => name);
  assertEquals(names("safety", "clock", "exclusive").length, 8);
  for (const agent of ["cockpit", "cluster"]) {
    const theirs = new Set(names(agent, "clock", "control"));
    assertEquals(names("safety", "clock", "exclusive").filter((name) => theirs.has(name)), []);
  }
  assertEquals(names("cockpit", "sensor", "read").slice(0, 2), ["accel", "gyro"]);
  assertEquals(views.host!.clock.map(({ boardId }, id) => boardId === id).includes(false), false);
  const shared = new Set(names("cockpit", "clock", "control")).intersection(
    new Set(names("cluster", "clock", "control")),
  );
  assertEquals([...shared], []);
});

Deno.test("compileViews compiles the views of a board once", () => {
  const board = defineBoard({ ...rcarBoard });
  assert(compileViews(board) === compileViews(board));
  assert(compileViews(board) !== compileViews(rcarBoard));
  assertEquals(compileViews(board), compileViews(rcarBoard));
});
