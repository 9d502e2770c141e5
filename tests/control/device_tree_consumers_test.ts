// The nodes that use what the protocols offer: regulators, processors with a performance domain, devices for
// stock drivers; and which of them the built-in boards choose.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { deviceTreeOverlay, type GuestDescription } from "../../scp/control/device_tree.ts";
import type { GuestConsumer, GuestRegulator } from "../../scp/control/device_tree_consumers.ts";
import { chooseForGuest } from "../../scp/control/guest_choices.ts";
import { describeGuest } from "../../scp/control/guest_description.ts";
import { runCli } from "../../scp/control/cli.ts";
import { MemoryTerminal } from "./local_core.ts";

const EVERY = [0x10, 0x11, 0x13, 0x14, 0x15, 0x16, 0x17];
const CORE: GuestRegulator = {
  id: 3,
  name: "core",
  rangeUv: { min: 600_000, max: 1_100_000 },
  isAlwaysOn: false,
};

function overlay(guest: Partial<GuestDescription>) {
  return deviceTreeOverlay({
    title: "test",
    protocolIds: EVERY,
    sensors: [],
    powerParents: [],
    regulators: [],
    processorDomains: [],
    consumers: [],
    transport: { kind: "virtio" },
    hasGpio: false,
    gpioLines: [],
    ...guest,
  });
}

/** The overlay's text on one line, each run of blanks one blank. */
function textOf(guest: Partial<GuestDescription>): string {
  const result = overlay(guest);
  assert(result.ok, result.ok ? "" : result.problem);
  return result.text.replace(/\/\/.*$/gm, "").replace(/\s+/g, " ");
}

function problemOf(guest: Partial<GuestDescription>): string {
  const result = overlay(guest);
  assert(!result.ok);
  assertEquals(result.problem.includes("\n"), false);
  return result.problem;
}

const consumer = (kind: GuestConsumer["kind"], id = 0): GuestConsumer => ({ kind, id, name: "x" });

Deno.test("overlay has a regulator for each voltage domain: reg is its id, the name and limits stand there", () => {
  assertStringIncludes(
    textOf({ regulators: [CORE] }),
    "regulators { #address-cells = <1>; #size-cells = <0>; scmi_regulator3: regulator@3 { reg = <0x3>; " +
      'regulator-name = "core"; regulator-min-microvolt = <600000>; regulator-max-microvolt = <1100000>; }; };',
  );
});

Deno.test("overlay lets Linux set no level it may not set, and switch off nothing that has to stay on", () => {
  const text = textOf({ regulators: [{ ...CORE, id: 0x1f, rangeUv: null, isAlwaysOn: true }] });
  assertStringIncludes(text, 'regulator@1f { reg = <0x1f>; regulator-name = "core"; regulator-always-on; };');
});

Deno.test("overlay gives each processor its performance domain under the name that cpufreq looks for", () => {
  const text = textOf({ processorDomains: [0, 1] });
  for (const cpu of [0, 1]) {
    assertStringIncludes(
      text,
      `target-path = "/cpus/cpu@${cpu}"; __overlay__ { power-domains = <&scmi_perf ${cpu}>; ` +
        'power-domain-names = "perf"; };',
    );
  }
  assertEquals(textOf({}).includes("/cpus/"), false);
});

Deno.test("overlay gives consumers to stock drivers that need no hardware", () => {
  const consumers = [consumer("clock", 137), consumer("power", 11), consumer("regulator", 3)];
  const text = textOf({ consumers, regulators: [CORE] });
  const bus = 'compatible = "simple-pm-bus"; #address-cells = <1>; #size-cells = <1>; ranges;';
  assertStringIncludes(text, `scmi-clock-137 { ${bus} clocks = <&scmi_clock 137>; };`);
  assertStringIncludes(text, `scmi-power-11 { ${bus} power-domains = <&scmi_power 11>; };`);
  assertStringIncludes(
    text,
    'scmi-regulator-3 { compatible = "regulator-output"; vout-supply = <&scmi_regulator3>; };',
  );
});

Deno.test("overlay gives a consumer of voltage to the driver that asks for a range", () => {
  const text = textOf({ consumers: [consumer("voltage", 3)], regulators: [CORE] });
  assertStringIncludes(
    text,
    'scmi-voltage-3 { compatible = "regulator-virtual-consumer"; default-supply = <&scmi_regulator3>; };',
  );
});

Deno.test("overlay gives all resets to one device of the AMBA bus, which lets them go", () => {
  const text = textOf({ consumers: [consumer("reset", 4), consumer("reset", 9)] });
  assertStringIncludes(
    text,
    'target-path = "/pl031@9010000"; __overlay__ { resets = <&scmi_reset 4>, <&scmi_reset 9>; };',
  );
});

Deno.test("overlay keeps foreign names within quotes and comments", () => {
  const text = textOf({ regulators: [{ ...CORE, name: 'a" }; evil { x = "' }] });
  assertStringIncludes(text, 'regulator-name = "a? }; evil { x = ?";');
});

Deno.test("overlay refuses users of what is not there", () => {
  const without = (id: number) => EVERY.filter((each) => each !== id);
  const cases: [Partial<GuestDescription>, string][] = [
    [{ regulators: [CORE], protocolIds: without(0x17) }, "needs protocol 0x17"],
    [{ consumers: [consumer("clock")], protocolIds: without(0x14) }, "needs protocol 0x14"],
    [{ consumers: [consumer("power")], protocolIds: without(0x11) }, "needs protocol 0x11"],
    [{ consumers: [consumer("voltage")], protocolIds: without(0x17) }, "needs protocol 0x17"],
    [{ consumers: [consumer("reset")], protocolIds: without(0x16) }, "needs protocol 0x16"],
    [{ processorDomains: [0], protocolIds: without(0x13) }, "need protocol 0x13"],
    [{ consumers: [consumer("regulator", 5)], regulators: [CORE] }, "has no such regulator"],
    [{ consumers: [consumer("voltage", 5)], regulators: [CORE] }, "has no such regulator"],
    [
      { consumers: [consumer("voltage", 3)], regulators: [{ ...CORE, rangeUv: null }] },
      "may not set its level",
    ],
    [
      { consumers: [consumer("regulator", 3), consumer("voltage", 3)], regulators: [CORE] },
      "one of regulator, too",
    ],
    [
      { consumers: [consumer("voltage", 3), consumer("regulator", 3)], regulators: [CORE] },
      "one of regulator, too",
    ],
    [{ consumers: [consumer("clock"), consumer("clock")] }, "is there twice"],
    [{ regulators: [CORE, CORE] }, "is there twice"],
    [{ consumers: [consumer("clock", 65536)] }, "not within 0 to 65535"],
    [{ processorDomains: [-1] }, "performance domain -1"],
    [{ regulators: [{ ...CORE, rangeUv: { min: -5, max: 5 } }] }, "no range of positive voltages"],
    [{ regulators: [{ ...CORE, rangeUv: { min: 0, max: 5 } }] }, "no range of positive voltages"],
  ];
  for (const [guest, part] of cases) assertStringIncludes(problemOf(guest), part);
});

Deno.test("describeGuest makes a regulator of each voltage domain; those that feed a block stay on", () => {
  const { regulators } = describeGuest(rcarBoard, "OSPM", "3.2");
  assertEquals(regulators.map(({ name }) => name), rcarBoard.voltageDomains.map(({ name }) => name));
  const feeding = new Set(rcarBoard.power.blocks.map(({ rail }) => rail));
  for (const { id, isAlwaysOn } of regulators) {
    const { rail } = rcarBoard.voltageDomains[id]!;
    const { canSwitchOff } = rcarBoard.power.rails.find(({ name }) => name === rail)!.regulator!;
    assertEquals(isAlwaysOn, feeding.has(rail) || !canSwitchOff, rail);
  }
  assertEquals(describeGuest(rcarBoard, "OSPM", "2.0").regulators, []);
});

Deno.test("describeGuest lets an agent only set what it may, and never switch off what feeds a block", () => {
  const ofOthers = rcarBoard.voltageDomains.map((domain) => ({ ...domain, setBy: ["PSCI"] as const }));
  for (
    const regulator of describeGuest({ ...rcarBoard, voltageDomains: ofOthers }, "OSPM", "3.2").regulators
  ) {
    assertEquals([regulator.rangeUv, regulator.isAlwaysOn], [null, true], regulator.name);
  }
  const rails = rcarBoard.power.rails.map((rail) =>
    rail.regulator ? { ...rail, regulator: { ...rail.regulator, canSwitchOff: true } } : rail
  );
  const board = { ...rcarBoard, power: { ...rcarBoard.power, rails } };
  const { regulators } = describeGuest(board, "OSPM", "3.2");
  assertEquals(regulators.find(({ name }) => name === "dvfs")!.isAlwaysOn, true);
  assertEquals(regulators.find(({ name }) => name === "vd18")!.isAlwaysOn, false);
  assert(regulators.every(({ rangeUv }) => rangeUv !== null && rangeUv.min < rangeUv.max));
});

Deno.test("chooseForGuest gives the last performance domain to all processors that follow", () => {
  const choose = (cpuPerf: string[], cpuCount: number) => {
    const choices = chooseForGuest(rcarBoard, "OSPM", { cpuCount, cpuPerf, consumers: [] });
    assert(!("problem" in choices));
    return choices.processorDomains;
  };
  assertEquals(choose(["LITTLE_CPU", "BIG_CPU"], 4), [0, 1, 1, 1]);
  assertEquals(choose(["BIG_CPU"], 2), [1, 1]);
  assertEquals(choose(["LITTLE_CPU", "BIG_CPU"], 1), [0]);
  assertEquals(choose([], 2), []);
});

Deno.test("chooseForGuest tells of names that the board does not have, in one line", () => {
  const problem = (cpuPerf: string[], consumers: string[]) => {
    const choices = chooseForGuest(rcarBoard, "OSPM", { cpuCount: 1, cpuPerf, consumers });
    assert("problem" in choices);
    return choices.problem;
  };
  assertStringIncludes(problem(["MID"], []), 'no performance domain "MID": take one of LITTLE_CPU, BIG_CPU');
  assertStringIncludes(problem([], ["clock:nope"]), 'shows agent OSPM no clock "nope"');
  assertStringIncludes(problem([], ["power:SYSTOP"]), 'shows agent OSPM no power "SYSTOP"');
  assertStringIncludes(problem([], ["pin:GP_0_00"]), "is none of clock:NAME, power:NAME");
});

Deno.test("scp dts takes processors and consumers by name", async () => {
  const terminal = new MemoryTerminal();
  const args = [
    "--cpus",
    "2",
    "--cpu-perf",
    "BIG_CPU",
    "--consumers",
    "clock:etheravb,power:3dg-e,voltage:vd25",
  ];
  assertEquals(await runCli(["dts", "--board", "rcar", ...args], terminal), 0);
  const text = terminal.printed.join("\n");
  const id = rcarBoard.clocks.find(({ name }) => name === "etheravb")!.id;
  for (const part of [`scmi-clock-${id} {`, "scmi-power-11 {", "scmi-voltage-2 {", "/cpus/cpu@1"]) {
    assertStringIncludes(text, part);
  }
  const wrong = new MemoryTerminal();
  assertEquals(await runCli(["dts", "--board", "rcar", "--consumers", "x"], wrong), 1);
  assertEquals(wrong.complaints.length, 1);
});

Deno.test("scp qemu prints a line that makes a tree with the same processors and consumers", async () => {
  const terminal = new MemoryTerminal();
  const args = [
    "--board",
    "rcar",
    "--cpu-perf",
    "LITTLE_CPU,BIG_CPU",
    "--consumers",
    "clock:etheravb,power:a3ir",
  ];
  assertEquals(await runCli(["qemu", ...args], terminal), 0);
  const text = terminal.printed.join("\n");
  assertStringIncludes(text, "--cpu-perf LITTLE_CPU,BIG_CPU --consumers clock:etheravb,power:a3ir --dtb");
});
