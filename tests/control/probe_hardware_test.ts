// The walk of `scp probe` over clocks, domains and pins: on the whole rcar board, in the layouts of every
// release, through small buffers, and with commands that fail.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { RELEASES } from "../../protocols/protocol.ts";
import type { Release } from "../../protocols/protocol.ts";
import { AgentClient } from "../../scp/agent/agent.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { probePlatform, type ProbeReport } from "../../scp/control/probe.ts";
import { probePins } from "../../scp/control/probe_pins.ts";
import { Prober } from "../../scp/control/prober.ts";
import { reportLines } from "../../scp/control/probe_text.ts";
import { messageIdOf, protocolIdOf } from "../../scp/core/header.ts";
import { STATUS } from "../../scp/core/status.ts";
import type { AgentChannel } from "../../transports/channel.ts";
import { LoopbackChannel } from "../../transports/loopback.ts";

interface Walk {
  readonly release?: Release;
  readonly agent?: string;
  readonly room?: number;
  /** Commands that are refused: protocol and message id. */
  readonly refused?: readonly (readonly [number, number])[];
  /** Changes responses. */
  readonly tamper?: (protocolId: number, messageId: number, response: DataView) => void;
  /** Brings the hardware into another state first. */
  readonly prepare?: (platform: Platform) => void;
}

async function walk(
  { release = "3.2", agent = "OSPM", room, refused = [], tamper, prepare }: Walk = {},
): Promise<ProbeReport> {
  const platform = createPlatform(rcarBoard, { seed: 1, release });
  prepare?.(platform);
  const port = platform.machine.openChannel(agent)!;
  const inner = new LoopbackChannel(port, room === undefined ? {} : { room });
  const channel: AgentChannel = {
    onMessage: null,
    onClose: null,
    send(message) {
      const header = new DataView(message.buffer, message.byteOffset).getUint32(0, true);
      const response = inner.exchange(message)!;
      const isRefused = refused.some(([protocol, id]) =>
        protocolIdOf(header) === protocol && messageIdOf(header) === id
      );
      if (isRefused) {
        new DataView(response.buffer, response.byteOffset).setInt32(4, STATUS.GENERIC_ERROR, true);
      }
      const view = new DataView(response.buffer, response.byteOffset, response.length);
      tamper?.(protocolIdOf(header), messageIdOf(header), view);
      channel.onMessage?.(isRefused ? response.slice(0, 8) : response);
    },
    close: () => inner.close(),
  };
  const report = await probePlatform(new AgentClient(channel), { timeoutMs: 5000, enables: false });
  assert(report !== null);
  return report;
}

const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);

Deno.test("probe shows every clock, domain, pin, group and function of the board by name", async () => {
  const report = await walk();
  assertEquals(report.failures, []);
  assertEquals(names(report.clocks), names(rcarBoard.clocks));
  const exposed = rcarBoard.powerDomains.filter(({ id }) => id !== null);
  assertEquals(names(report.powerDomains), names(exposed));
  assertEquals(names(report.performanceDomains), names(rcarBoard.performanceDomains));
  assertEquals(names(report.resetDomains), names(rcarBoard.resetDomains));
  assertEquals(names(report.voltageDomains), names(rcarBoard.voltageDomains));
  assertEquals(names(report.powercapDomains), names(rcarBoard.powercapDomains));
  assertEquals(names(report.pins!.pins), names(rcarBoard.pins));
  assertEquals(names(report.pins!.groups), names(rcarBoard.pinGroups));
  assertEquals(names(report.pins!.functions), names(rcarBoard.pinFunctions));
});

Deno.test("probe tells of each clock what the model has", async () => {
  const platform = createPlatform(rcarBoard, { seed: 1 });
  const clocks = platform.model.view.clock;
  const report = await walk();
  for (const [id, found] of report.clocks.entries()) {
    const clock = clocks[id]!;
    assertEquals([found.id, found.rateHz, found.isEnabled], [id, clock.rateHz, clock.isEnabled], clock.name);
    const { offer } = clock;
    const expected = offer.kind === "list"
      ? { isTriplet: false, ratesHz: offer.ratesHz }
      : { isTriplet: true, ratesHz: [offer.lowestHz, offer.highestHz, offer.stepHz] };
    assertEquals(found.rates, expected, clock.name);
    assertEquals(found.possibleParentIds, clock.parentChoices.map((choice) => clocks.indexOf(choice)));
    const parent = clock.parentChoice;
    assertEquals(found.parentId, parent === null ? null : clocks.indexOf(parent));
    assertEquals(found.permissions, clock.isRestricted ? clock.permissionsOf(1) : null);
    const settings = [clock.settingOf("dutyCycle")?.value ?? null, clock.settingOf("phase")?.value ?? null];
    assertEquals([found.dutyCyclePercent, found.phaseMrad], settings, clock.name);
  }
});

Deno.test("probe tells states, levels and modes of domains as the model has them", async () => {
  const prepare = ({ model }: Platform) => {
    const domain = model.view.powerDomain[11]!;
    assertEquals(domain.request(domain.states.at(-1)!, false, 1), "SUCCESS");
    const cpus = model.view.performanceDomain[0]!;
    assertEquals(cpus.setLimits({ min: cpus.levels[1]!, max: cpus.levels[2]! }, 1), "SUCCESS");
  };
  const { powerDomains, performanceDomains, voltageDomains } = await walk({ prepare });
  assertEquals([powerDomains[11]!.state, powerDomains[12]!.state], ["off", "on"]);
  const [little] = performanceDomains;
  const { levels } = rcarBoard.performanceDomains[0]!;
  assertEquals(little!.levels.length, levels.length);
  assertEquals(little!.limits, { min: little!.levels[1]!.level, max: little!.levels[2]!.level });
  assertEquals(little!.level, little!.levels[1]!.level);
  const platform = createPlatform(rcarBoard, { seed: 1 });
  for (const [id, { levelUv, mode, levels }] of voltageDomains.entries()) {
    const domain = platform.model.view.voltageDomain[id]!;
    assertEquals([levelUv, mode], [domain.levelUv, domain.mode.kind]);
    const { steps } = domain;
    const expected = steps.kind === "list"
      ? { isSegment: false, levelsUv: steps.levelsUv }
      : { isSegment: true, levelsUv: [steps.lowestUv, steps.highestUv, steps.stepUv] };
    assertEquals(levels, expected, domain.name);
  }
});

Deno.test("probe tells of resets how they are done, and of pins what they are set to", async () => {
  const { model } = createPlatform(rcarBoard, { seed: 1 });
  const { resetDomains, pins } = await walk();
  for (const [id, { latencyUs, supportsAsync, notifies }] of resetDomains.entries()) {
    const domain = model.resetDomains[id]!;
    const expected = [domain.latencyUs, domain.supportsAsync, domain.notifies];
    assertEquals([latencyUs, supportsAsync, notifies], expected, domain.name);
  }
  const { pins: modelPins, groups, functions } = model.pinControl;
  for (const [all, found] of [[modelPins, pins!.pins], [groups, pins!.groups]] as const) {
    for (const [id, { functionId, configs }] of found.entries()) {
      const unit = all[id]!;
      assertEquals(functionId, unit.function === null ? null : functions.indexOf(unit.function), unit.name);
      assertEquals(configs, unit.configs.map(({ typeCode, value }) => ({ typeCode, value })), unit.name);
    }
  }
  for (const [id, { elementIds, isGpio }] of pins!.functions.entries()) {
    const one = functions[id]!;
    assertEquals([elementIds, isGpio], [
      one.groups.map((group) => groups.indexOf(group as never)),
      one.isGpio,
    ]);
  }
});

Deno.test("probe gathers the configuration of a pin page by page", async () => {
  const { machine, model } = createPlatform(rcarBoard, { seed: 1 });
  // A reply with two of them.
  const channel = new LoopbackChannel(machine.openChannel("OSPM")!, { room: 36 });
  const { pins } = await probePins(new Prober(new AgentClient(channel), { timeoutMs: 5000, enables: false }));
  const expected = model.pinControl.pins[0]!.configs;
  assert(expected.length > 2);
  assertEquals(pins[0]!.configs, expected.map(({ typeCode, value }) => ({ typeCode, value })));
});

Deno.test("Prober.gather takes no more than it was told to, and ends when a page brings nothing", async () => {
  const { machine } = createPlatform(rcarBoard, { seed: 1 });
  const prober = new Prober(new AgentClient(new LoopbackChannel(machine.openChannel("OSPM")!)), {
    timeoutMs: 1,
    enables: false,
  });
  const asked: number[] = [];
  const page = (count: number, remaining: number) => (skip: number) => {
    asked.push(skip);
    return Promise.resolve(
      count < 0 ? null : { items: Array.from({ length: count }, () => skip), remaining },
    );
  };
  assertEquals((await prober.gather(10, page(4, 99))).length, 10);
  assertEquals(asked.splice(0), [0, 4, 8]);
  assertEquals(await prober.gather(10, page(0, 99)), []);
  assertEquals(await prober.gather(10, page(-1, 0)), []);
  assertEquals(await prober.gather(10, page(2, 0)), [0, 0]);
  assertEquals(asked, [0, 0, 0]);
});

Deno.test("probe shows the condition of the system to who may see it, and says when one may not", async () => {
  assertEquals((await walk({ agent: "PSCI" })).systemPower, { state: "powerUp", failure: null });
  const guest = await walk({ agent: "OSPM" });
  assertEquals(guest.systemPower, { state: null, failure: "NOT_SUPPORTED" });
  assertEquals(guest.failures, []);
});

for (const release of RELEASES) {
  Deno.test(`probe reads release ${release} with nothing refused, and the same hardware`, async () => {
    const [newest, old] = [await walk(), await walk({ release })];
    assertEquals(old.failures, []);
    assertEquals(old.clocks.map(({ rateHz }) => rateHz), newest.clocks.map(({ rateHz }) => rateHz));
    assertEquals(
      old.clocks.map(({ isEnabled }) => isEnabled),
      newest.clocks.map(({ isEnabled }) => isEnabled),
    );
    assertEquals(
      old.powerDomains.map(({ state }) => state),
      newest.powerDomains.map(({ state }) => state),
    );
    for (const [id, { levels }] of old.performanceDomains.entries()) {
      const expected = newest.performanceDomains[id]!.levels;
      assertEquals(levels.map(({ level }) => level), expected.map(({ level }) => level));
      assertEquals(levels.map(({ powerCost }) => powerCost), expected.map(({ powerCost }) => powerCost));
    }
    if (old.protocols.some(({ id }) => id === 0x17)) {
      assertEquals(
        old.voltageDomains.map(({ levelUv }) => levelUv),
        newest.voltageDomains.map(({ levelUv }) => levelUv),
      );
    }
  });
}

Deno.test("probe finds the same through the smallest buffers", async () => {
  assertEquals(await walk({ room: 128 }), await walk());
});

Deno.test("probe goes on past commands of any protocol that fail, and says which", async () => {
  const report = await walk({ refused: [[0x14, 0x4], [0x11, 0x5], [0x17, 0x8], [0x19, 0x5], [0x16, 0x3]] });
  assertEquals(report.clocks.length, rcarBoard.clocks.length);
  assertEquals([report.clocks[0]!.rates, report.clocks[0]!.rateHz !== null], [null, true]);
  assertEquals(report.powerDomains.every(({ state }) => state === null), true);
  assertEquals(report.voltageDomains[0]!.levelUv, null);
  assertEquals(report.resetDomains, []);
  assertEquals(report.pins!.pins[0]!.configs, []);
  assertEquals(report.failures[0], "POWER_STATE_GET of CLUS0CORE0: GENERIC_ERROR");
  const printed = reportLines(report);
  const hiddenCount = report.failures.length - 20;
  assertEquals(printed.at(-1), `  and ${hiddenCount} more: --json lists them`);
});

Deno.test("probe ends with lists that never end, and with pages that bring nothing", async () => {
  const report = await walk({
    tamper: (protocolId, messageId, response) => {
      if (response.byteLength < 12) return;
      const isRates = protocolId === 0x14 && messageId === 0x4;
      const isLevels = protocolId === 0x13 && messageId === 0x4;
      // Always 65535 more to come; of levels none comes.
      if (isRates) response.setUint32(8, response.getUint32(8, true) | 0xffff_0000, true);
      if (isLevels) response.setUint32(8, 0xffff_0000, true);
    },
  });
  assertEquals(report.clocks.length, rcarBoard.clocks.length);
  assert(report.clocks.every(({ rates }) => rates === null || rates.ratesHz.length <= 4096));
  assertEquals(report.performanceDomains.map(({ levels }) => levels), [[], []]);
});

Deno.test("probe takes the layouts of its own newest version from who tells a newer one", async () => {
  const isVersion = (messageId: number) => messageId === 0x0;
  const newer = await walk({
    tamper: (protocolId, messageId, response) => {
      if (protocolId > 0x10 && protocolId !== 0x18 && isVersion(messageId)) {
        response.setUint32(8, 0x90000, true);
      }
    },
  });
  const own = await walk();
  assertEquals({ ...newer, protocols: [] }, { ...own, protocols: [] });
});

Deno.test("probe prints what a terminal would obey, and offers that are told in part, as question marks", async () => {
  const report = await walk();
  const isTriplet = true;
  const lines = reportLines({
    ...report,
    vendor: "evil\x1b[2J",
    subVendor: "\x9b2J",
    clocks: [{ ...report.clocks[0]!, rates: { isTriplet, ratesHz: [5] } }],
    sensors: [{ ...report.sensors[0]!, intervals: { isSegment: true, seconds: ["7"] } }],
    telemetry: {
      areas: [],
      dataEvents: [],
      groupCount: 0,
      supportsUpdates: true,
      supportsSingleReads: false,
      intervals: { isSegment: true, seconds: [] },
    },
  });
  assertStringIncludes(lines[0]!, "vendor      evil?[2J, sub-vendor ?2J, ");
  const text = lines.join("\n");
  for (const part of [" 5 to ? by ? ", " 7 to ? by ? s", "; ? to ? by ? s"]) assertStringIncludes(text, part);
});

Deno.test("probe prints the whole board in few enough lines to read", async () => {
  const report = await walk();
  const lines = reportLines(report);
  const text = lines.join("\n");
  const fixed = report.clocks.length + report.sensors.length + report.pins!.groups.length +
    report.pins!.functions.length;
  assert(lines.length < fixed + 200, `${lines.length} lines`);
  for (const { name } of [...report.resetDomains, ...report.pins!.pins, ...report.clocks]) {
    assertStringIncludes(text, name);
  }
  const grouped = lines.filter((line) => /^\d+ resets?: at once/.test(line));
  const groupedCount = grouped.reduce((sum, line) => sum + parseInt(line), 0);
  assertEquals([groupedCount, grouped.length < 10], [report.resetDomains.length, true]);
});
