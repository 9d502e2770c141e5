// `scp view` and `scp view diff`: tables, headers that a C compiler would take, and what breaks from one
// board to another.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { rcarGuestsBoard } from "../../boards/rcar_guests.ts";
import type { ViewInput } from "../../boards/view.ts";
import { reportView } from "../../scp/control/agent_view.ts";
import { viewGuest } from "../../scp/control/tree_breaks.ts";
import { diffLines, diffViews } from "../../scp/control/view_diff.ts";
import { viewHeader } from "../../scp/control/view_text.ts";
import { scp } from "./local_core.ts";

/** The rcar with an agent `guest` that has this view. */
function boardOf(view: ViewInput): Board {
  return defineBoard({
    ...rcarBoard,
    agents: [rcarBoard.agents[0]!, { name: "guest", kind: "OSPM", view }],
  });
}

function diff(before: ViewInput, after: ViewInput) {
  return diffViews(
    "guest",
    viewGuest(boardOf(before), "guest", "3.2"),
    viewGuest(boardOf(after), "guest", "3.2"),
  );
}

Deno.test("scp view prints ids, names and rights of all kinds", async () => {
  const { code, text } = await scp("view", "--board", "rcar", "--agent", "VM2");
  assertEquals(code, 0);
  assertMatch(text, /^agent VM2 of board rcar$/m);
  assertMatch(text, /^sensor +3 {2}accel +read$/m);
  assertMatch(text, /^system power +- {2}system +control$/m);
  assertEquals(text.includes("temp_exterior"), false);
  const psci = await scp("view", "--board", "rcar", "--agent", "PSCI");
  assertMatch(psci.text, /^of protocol performance it may use PERFORMANCE_DESCRIBE_LEVELS$/m);
});

Deno.test("scp view takes the board's first agent unless another is named", async () => {
  const { text } = await scp("view", "--board", "minimal");
  assertMatch(text, /^agent OSPM of board minimal$/m);
  assertMatch(text, /^clock +2 {2}camera +control$/m);
});

Deno.test("scp view --json is the report of the view", async () => {
  const { text } = await scp("view", "--board", "rcar-guests", "--agent", "safety", "--json");
  assertEquals(JSON.parse(text), JSON.parse(JSON.stringify(reportView(rcarGuestsBoard, "safety"))));
});

Deno.test("scp view --dts is the overlay that scp dts prints", async () => {
  const [view, dts] = await Promise.all([
    scp("view", "--board", "rcar", "--agent", "VM1", "--dts"),
    scp("dts", "--board", "rcar", "--agent", "VM1"),
  ]);
  assertEquals(view.text, dts.text);
  assertEquals(view.text.includes("protocol@19"), false);
});

Deno.test("scp view says what is wrong in one line", async () => {
  const cases: [string[], number, string][] = [
    [["view"], 2, "'--board <name|file>' not specified"],
    [["view", "--board", "rcar", "--dts", "--header"], 2, "cannot be used with"],
    [["view", "diff", "rcar"], 2, "missing required argument"],
    [["view", "--board", "rcar", "--agent", "VM9"], 1, 'no agent "VM9": take one of OSPM, PSCI'],
    [["view", "diff", "rcar", "minimal", "--agent", "VM9"], 1, 'no agent "VM9"'],
    [["view", "diff", "rcar", "nope"], 1, 'Unknown board "nope"'],
  ];
  for (const [args, expectedCode, part] of cases) {
    const { code, text, complaints } = await scp(...args);
    assertEquals([code, text, complaints.length], [expectedCode, "", 1], `scp ${args.join(" ")}`);
    assertStringIncludes(complaints[0]!, part);
  }
});

Deno.test("viewHeader defines an id for every resource that has one", () => {
  const lines = viewHeader(reportView(rcarBoard, "VM2")).split("\n");
  assertEquals(lines.slice(1, 3), ["#ifndef SCMI_RCAR_VM2_H", "#define SCMI_RCAR_VM2_H"]);
  assertEquals(lines.at(-1), "#endif /* SCMI_RCAR_VM2_H */");
  for (
    const line of [
      "#define SCMI_RCAR_VM2_SENSOR_COUNT 9",
      "#define SCMI_RCAR_VM2_SENSOR_ACCEL 3 /* accel: read */",
      "#define SCMI_RCAR_VM2_CLOCK_CAN_FD 20 /* can-fd: control */",
    ]
  ) {
    assert(lines.includes(line), line);
  }
  assertEquals(lines.some((line) => line.includes("SYSTEM_POWER")), false);
});

Deno.test("viewHeader gives every macro a name of its own, and no name ends a comment", () => {
  const names = ["a-b", "a_b", "count", "1*/x", "--"];
  const board = defineBoard({
    ...minimalBoard,
    agents: [{ name: "A 1", kind: "OSPM" }],
    clocks: names.map((name, id) => ({ id, name, rateHz: 1 })),
    devices: [],
  });
  const text = viewHeader(reportView(board, "A 1"));
  const macros = [...text.matchAll(/^#define (\S+) \d+/gm)].map((match) => match[1]!);
  assertEquals(new Set(macros).size, macros.length);
  for (const macro of macros) assertMatch(macro, /^[A-Z_][A-Z0-9_]*$/);
  const clocks = macros.filter((macro) => macro.startsWith("SCMI_MINIMAL_A_1_CLOCK_"));
  assertEquals(clocks.map((macro) => macro.slice("SCMI_MINIMAL_A_1_CLOCK_".length)), [
    "COUNT",
    "A_B",
    "A_B_2",
    "COUNT_2",
    "1_X",
    "X",
  ]);
  for (const comment of text.matchAll(/\/\*(.*)$/gm)) assertMatch(comment[1]!, /^[^/]*(?:[^*]\/[^/]*)*\*\/$/);
});

Deno.test("view diff finds nothing where only names were added at the end", () => {
  const before = { clock: { du0: "control", du1: "control" } } as const;
  const { changes, breaks } = diff(before, { clock: { ...before.clock, lvds: "read" } });
  assertEquals(changes, [{ kind: "clock", name: "lvds", before: null, after: { id: 2, right: "read" } }]);
  assertEquals(breaks, []);
  assertEquals(diff(before, before), { agent: "guest", changes: [], breaks: [] });
});

Deno.test("view diff tells moved and gone ids, and what of a device tree they break", () => {
  const { changes, breaks } = diff(
    {
      sensor: { thermal1: "read", thermal3: "read", volt_12v: "read" },
      voltageDomain: "control",
      clock: "read",
    },
    { sensor: { thermal3: "read", volt_12v: "read" }, voltageDomain: { vd18: "control" }, clock: "control" },
  );
  const sensors = changes.filter(({ kind }) => kind === "sensor");
  assertEquals(sensors.map(({ name, before, after }) => [name, before?.id, after?.id]), [
    ["thermal1", 0, undefined],
    ["thermal3", 1, 0],
    ["volt_12v", 2, 1],
  ]);
  const places = breaks.map(({ place, problem }) => `${place}: ${problem}`);
  for (
    const line of [
      "<&scmi_sensors 0>: was sensor thermal1, is thermal3 now",
      "<&scmi_sensors 2>: was sensor volt_12v, is nothing now",
      "thermal-zones/thermal3-thermal: was sensor thermal3, is volt_12v now",
      "protocol@17/regulators/regulator@0: was voltage domain vd09, is vd18 now",
      "protocol@17/regulators/regulator@6: was voltage domain sd3-vccq, is nothing now",
    ]
  ) {
    assert(places.includes(line), line);
  }
  // Another right moves no id.
  assertEquals(breaks.some(({ place }) => place.includes("scmi_clock")), false);
  assertEquals(changes.filter(({ kind }) => kind === "clock").length, rcarBoard.clocks.length);
});

Deno.test("view diff tells of protocols and agents that are gone", () => {
  const gone = diff({ clock: { du0: "read" } }, { sensor: "read" });
  assertEquals(gone.breaks.map(({ place }) => place), ["protocol@14", "<&scmi_clock 0>"]);
  const lines = diffLines(diffViews("VM1", viewGuest(rcarBoard, "VM1", "3.2"), null));
  assertStringIncludes(lines.join("\n"), "breaks protocol@15: the board has no such agent");
  assertEquals(diffViews("x", null, viewGuest(rcarBoard, "VM1", "3.2")).breaks, []);
});

Deno.test("scp view diff exits with 1 when a device tree breaks, with 0 when none does", async () => {
  const broken = await scp("view", "diff", "rcar", "rcar-faithful", "--agent", "VM2");
  assertEquals(broken.code, 1);
  assertMatch(
    broken.text,
    /^agent VM2: ids moved \d+, came \d+, went \d+, other rights \d+; device trees break in \d+ places$/m,
  );
  assertEquals(broken.text.includes("agent VM1"), false);
  const same = await scp("view", "diff", "rcar", "rcar");
  assertEquals([same.code, same.text], [0, "no id and no right is another one"]);
  const json = await scp("view", "diff", "rcar", "rcar-faithful", "--json");
  assertEquals(JSON.parse(json.text).length, 5);
});
