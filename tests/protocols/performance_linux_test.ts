// What Linux does with performance domains and regulators, as sequences over a channel with buffers of its size: the probe
// of both protocols, cpufreq (drivers/cpufreq/scmi-cpufreq.c) and the regulator driver (drivers/regulator/scmi-regulator.c).
import { assert, assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarFaithfulBoard } from "../../boards/rcar_faithful.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "../../protocols/every_protocol.ts";
import * as performance from "../../protocols/performance/messages.ts";
import { type Release, RELEASES } from "../../protocols/protocol.ts";
import * as voltage from "../../protocols/voltage/messages.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { DVFS_BOARD, heardOfPerformance, LATENCY_US, PERFORMANCE, VOLTAGE } from "../support/dvfs_board.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";

/** Largest response of a Linux guest over virtio: 128 bytes of payload. */
const LINUX_ROOM = 132;
/** The newest version that 6.12 and 7.2 know. */
const PERFORMANCE_KNOWN = 0x40000;
/** 6.12 takes no more levels of a domain. */
const LEVEL_COUNT_MAX = 32;

/** What cpufreq is given for a level. */
interface Opp {
  readonly level: number;
  readonly index: number;
  readonly hz: number;
  readonly isTurbo: boolean;
}

interface LinuxDomain {
  readonly name: string;
  readonly isIndexed: boolean;
  readonly maySetLevel: boolean;
  readonly opps: readonly Opp[];
  readonly latencyUs: number;
}

type Guest = Platform & { readonly agent: TestAgent };

function start(board: Board, release: Release = "3.2"): Guest {
  const platform = createPlatform(board, { release });
  return { ...platform, agent: connectAgent(platform.machine, "OSPM", { room: LINUX_ROOM }) };
}

async function levelsOf(agent: TestAgent, domainId: number, version: number) {
  const levels: { level: number; latencyUs: number; frequencyKhz: number; index: number }[] = [];
  for (;;) {
    const params = { domainId, skip: levels.length };
    const isV4 = version >= performance.V4;
    const page = isV4
      ? await callOk(agent, PERFORMANCE, performance.PERFORMANCE_DESCRIBE_LEVELS, params)
      : await callOk(agent, PERFORMANCE, performance.PERFORMANCE_DESCRIBE_LEVELS_V1, params);
    assert(page.counts.returned > 0, "an empty page ends the loop of the kernel early");
    for (const item of page.levels) {
      const { frequencyKhz, levelIndex } = { frequencyKhz: 0, levelIndex: 0, ...item };
      levels.push({
        level: item.level,
        latencyUs: item.attributes.latencyUs,
        frequencyKhz,
        index: levelIndex,
      });
    }
    if (page.counts.remaining === 0) return levels;
  }
}

/** scmi_perf_protocol_init and what it makes of the answers. */
async function probe(agent: TestAgent): Promise<LinuxDomain[]> {
  const { version } = await callOk(agent, PERFORMANCE, PROTOCOL_VERSION, {});
  assert(version <= PERFORMANCE_KNOWN, "the kernel would have to negotiate");
  const { attributes } = await callOk(agent, PERFORMANCE, performance.PERFORMANCE_PROTOCOL_ATTRIBUTES, {});
  for (const messageId of [0xa, 0x9]) {
    await callOk(agent, PERFORMANCE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
  }
  const domains: LinuxDomain[] = [];
  for (let domainId = 0; domainId < attributes.domainCount; domainId++) {
    const told = await callOk(agent, PERFORMANCE, performance.PERFORMANCE_DOMAIN_ATTRIBUTES, { domainId });
    const name = version >= performance.V3 && told.attributes.hasExtendedName
      ? (await callOk(agent, PERFORMANCE, performance.PERFORMANCE_DOMAIN_NAME_GET, { domainId })).name
      : told.name;
    assertEquals(told.attributes.hasFastChannels, false, "they would be asked for next");
    const isIndexed = version >= performance.V4 && told.attributes.usesLevelIndexing;
    const levels = await levelsOf(agent, domainId, version);
    const multiplier = told.sustainedFrequencyKhz * 1000 / told.sustainedLevel;
    domains.push({
      name,
      isIndexed,
      maySetLevel: told.attributes.maySetLevel,
      latencyUs: levels.at(-1)!.latencyUs,
      opps: levels.map(({ level, index, frequencyKhz }) => {
        const hz = isIndexed ? frequencyKhz * 1000 : level * multiplier;
        return { level, index, hz, isTurbo: hz > told.sustainedFrequencyKhz * 1000 };
      }),
    });
  }
  return domains;
}

for (const release of RELEASES) {
  Deno.test(`Linux finds the OPPs of rcar over release ${release}`, async () => {
    const { agent } = start(rcarBoard, release);
    const domains = await probe(agent);
    const shown = domains.map(({ name, opps, latencyUs }) => [
      name,
      opps.map(({ hz, isTurbo }) => `${hz / 1e6}${isTurbo ? " turbo" : ""}`),
      latencyUs,
    ]);
    assertEquals(shown, [
      ["LITTLE_CPU", ["800", "1000", "1200"], 1200],
      ["BIG_CPU", ["500", "1000", "1500", "1600 turbo", "1700 turbo"], 1200],
    ]);
  });
}

Deno.test("Linux finds the same frequencies of a domain by index and by value", async () => {
  const [byIndex, byValue] = [
    await probe(start(DVFS_BOARD, "3.2").agent),
    await probe(start(DVFS_BOARD, "3.1").agent),
  ];
  assertEquals([byIndex[1]!.isIndexed, byValue[1]!.isIndexed], [true, false]);
  const hzOf = (domains: LinuxDomain[]) => domains[1]!.opps.map(({ hz }) => hz);
  assertEquals(hzOf(byIndex), [300e6, 600e6]);
  assertEquals(hzOf(byValue), [300e6, 600e6]);
  assertEquals(new Set(byIndex[1]!.opps.map(({ index }) => index)).size, 2);
});

Deno.test("Linux takes every domain of every board: levels rise, are not twice and not too many", async () => {
  for (const board of [rcarBoard, rcarFaithfulBoard, minimalBoard, DVFS_BOARD]) {
    const domains = await probe(start(board).agent);
    assert(domains.length > 0);
    assertEquals(new Set(domains.map(({ name }) => name)).size, domains.length, "names are those of devices");
    for (const { name, opps } of domains) {
      assert(opps.length > 0 && opps.length <= LEVEL_COUNT_MAX, name);
      assert(opps.every(({ level }, i) => i === 0 || level > opps[i - 1]!.level), name);
      assert(opps.every(({ hz }) => hz > 0), name);
    }
  }
});

Deno.test("Linux cpufreq sets every OPP of rcar and reads it back, whatever the release", async () => {
  for (const release of RELEASES) {
    const { agent, machine, model } = start(rcarBoard, release);
    for (const [domainId, { opps, isIndexed, maySetLevel }] of (await probe(agent)).entries()) {
      assert(maySetLevel);
      for (const opp of opps) {
        const level = isIndexed ? opp.index : opp.level;
        await callOk(agent, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId, level });
        const told = await callOk(agent, PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, { domainId });
        assertEquals(told.level, level);
        machine.step(machine.nowUs() + 1200);
        assertEquals(model.dvfs.performanceDomains[domainId]!.runningLevel.frequencyKhz * 1000, opp.hz);
        assertEquals(checkInvariants(model), []);
      }
    }
  }
});

Deno.test("Linux cpufreq hears of limits and levels as 16 and 12 bytes, with values that it knows", async () => {
  const { agent, machine, model } = start(DVFS_BOARD);
  const domains = await probe(agent);
  for (const domainId of [0, 1]) {
    const notifyEnable = { enable: true };
    await callOk(agent, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LIMITS, { domainId, notifyEnable });
    await callOk(agent, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LEVEL, { domainId, notifyEnable });
  }
  await callOk(agent, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: 1, level: 2 });
  machine.step(LATENCY_US);
  assertEquals(heardOfPerformance(agent), ["level 1 1 2"]);
  // As the thermal governor does it.
  for (const domain of model.dvfs.performanceDomains) domain.imposeCeiling("heat", 0);
  machine.step(2 * LATENCY_US);
  const sizes = agent.heard.map(({ length }) => length - 4);
  assertEquals(sizes.sort(), [12, 16, 16]);
  assertEquals(heardOfPerformance(agent), ["limits 0 0 50 50", "limits 0 1 1 1", "level 0 1 1"]);
  assertEquals([domains[0]!.opps[0]!.level, domains[1]!.opps[0]!.index], [50, 1]);
});

Deno.test("Linux of an older kind goes back to a version that it knows, and forward again", async () => {
  const { agent } = start(DVFS_BOARD);
  const negotiate = (version: number) =>
    callStatus(agent, PERFORMANCE, NEGOTIATE_PROTOCOL_VERSION, { version });
  await callOk(agent, PERFORMANCE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: NEGOTIATE_PROTOCOL_VERSION.id });
  assertEquals(await negotiate(0x20000), "SUCCESS");
  assertEquals((await levelsOf(agent, 0, 0x20000)).map(({ level }) => level), [50, 100, 150, 200]);
  assertEquals(await negotiate(0x50000), "NOT_SUPPORTED");
  assertEquals(await negotiate(0x40000), "SUCCESS");
  assertEquals((await levelsOf(agent, 0, 0x40000)).map(({ index }) => index), [1, 2, 3, 4]);
});

/** A regulator as the kernel's driver makes it. */
interface Regulator {
  readonly name: string;
  readonly levelsUv: readonly number[];
  readonly supportsAsync: boolean;
}

/** scmi_voltage_protocol_init and the probe of the regulator driver. */
async function probeRegulators(agent: TestAgent): Promise<Regulator[]> {
  const { attributes } = await callOk(agent, VOLTAGE, voltage.VOLTAGE_PROTOCOL_ATTRIBUTES, {});
  const regulators: Regulator[] = [];
  for (let domainId = 0; domainId < attributes.domainCount; domainId++) {
    const told = await callOk(agent, VOLTAGE, voltage.VOLTAGE_DOMAIN_ATTRIBUTES, { domainId });
    const levelsUv: number[] = [];
    for (let remaining = 1; remaining > 0;) {
      const params = { domainId, levelIndex: levelsUv.length };
      const page = await callOk(agent, VOLTAGE, voltage.VOLTAGE_DESCRIBE_LEVELS, params);
      const words = page.levels.map(({ levelUv }) => levelUv);
      remaining = page.counts.remaining;
      if (!page.counts.isSegment) {
        levelsUv.push(...words);
        continue;
      }
      assertEquals([page.counts.returned, remaining], [3, 0], "the kernel takes a segment only whole");
      const [lowestUv, highestUv, stepUv] = words as [number, number, number];
      assert(stepUv > 0 && highestUv >= lowestUv, "the kernel divides by the step");
      for (let uv = lowestUv; uv <= highestUv; uv += stepUv) levelsUv.push(uv);
    }
    regulators.push({ name: told.name, levelsUv, supportsAsync: told.attributes.supportsAsync });
  }
  return regulators;
}

Deno.test("Linux makes a regulator of every voltage domain of rcar", async () => {
  const regulators = await probeRegulators(start(rcarBoard).agent);
  assertEquals(regulators.map(({ name, levelsUv }) => `${name} ${levelsUv.length}`), [
    "vd09 51",
    "vd18 16",
    "vd25 16",
    "vd33 11",
    "dvfs 29",
    "sd0-vccq 2",
    "sd3-vccq 2",
  ]);
  for (const { name, levelsUv } of regulators) assert(levelsUv.every((uv) => uv > 0), name);
});

Deno.test("Linux regulators of rcar reach every level that what hangs on them allows, by delayed response", async () => {
  const { agent, machine, model } = start(rcarBoard);
  for (const [domainId, { levelsUv, supportsAsync, name }] of (await probeRegulators(agent)).entries()) {
    assert(supportsAsync);
    const neededUv = model.dvfs.rails.find((rail) => rail.name === name)!.neededUv ?? 0;
    for (const levelUv of levelsUv) {
      const params = { domainId, flags: { async: true }, levelUv };
      if (levelUv < neededUv) {
        assertEquals(await callStatus(agent, VOLTAGE, voltage.VOLTAGE_LEVEL_SET, params), "DENIED");
        continue;
      }
      const later = agent.client.callDelayed(VOLTAGE, voltage.VOLTAGE_LEVEL_SET, params);
      // The kernel waits two seconds at most.
      machine.step(machine.nowUs() + 2_000_000);
      assertEquals(await later, { ok: true, values: { domainId, levelUv } });
      assertEquals(await callOk(agent, VOLTAGE, voltage.VOLTAGE_LEVEL_GET, { domainId }), { levelUv });
      assertEquals(checkInvariants(model), []);
    }
  }
});

Deno.test("Linux regulators switch off and on where the board has a switch, and take config 7 for on", async () => {
  const { agent } = start(rcarBoard);
  const switched: string[] = [];
  for (const [domainId, { name }] of (await probeRegulators(agent)).entries()) {
    const isEnabled = async () =>
      ((await callOk(agent, VOLTAGE, voltage.VOLTAGE_CONFIG_GET, { domainId })).config.modeId & 7) !== 0;
    assertEquals(await isEnabled(), true);
    const off = { domainId, config: { isOwnMode: false, modeId: 0 } };
    if (await callStatus(agent, VOLTAGE, voltage.VOLTAGE_CONFIG_SET, off) !== "SUCCESS") continue;
    assertEquals(await isEnabled(), false);
    await callOk(agent, VOLTAGE, voltage.VOLTAGE_CONFIG_SET, {
      domainId,
      config: { isOwnMode: false, modeId: 7 },
    });
    assertEquals(await isEnabled(), true);
    switched.push(name);
  }
  assertEquals(switched, ["vd25", "vd33", "sd0-vccq", "sd3-vccq"]);
});
