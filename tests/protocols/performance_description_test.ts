// Performance protocol: what agents are told of domains, levels, FastChannels and statistics. Test names in parentheses are
// those of Arm's compliance suite that check the same.
import { assert, assertEquals } from "@std/assert";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as performance from "../../protocols/performance/messages.ts";
import { performanceProtocol } from "../../protocols/performance/handlers.ts";
import { PerformanceContext } from "../../protocols/performance/context.ts";
import type { Release, Session } from "../../protocols/protocol.ts";
import type { FastChannel, SharedAreas, SharedRegion } from "../../scp/core/shared_area.ts";
import { createDvfs, DOMAIN, LATENCY_US, PERFORMANCE } from "../support/dvfs_board.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";

const RELEASES: readonly Release[] = ["1.0", "2.0", "3.0", "3.1", "3.2"];
const MAPPED_AT = 0x1_4000_0000n;

/** A transport's memory: FastChannels for the first domain, room for one region. */
class TestAreas implements SharedAreas {
  region: SharedRegion | null = null;

  findFastChannel(protocolId: number, messageId: number, domainId: number): FastChannel | null {
    if (protocolId !== PERFORMANCE || domainId !== DOMAIN.cpu) return null;
    const size = performanceProtocol.fastChannels!.sizeOf(messageId);
    if (size === 0) return null;
    const isSet = messageId === 0x5 || messageId === 0x7;
    const doorbell = { address: 0x2_0000_1000n, width: 32, setMask: 1n, preserveMask: 0xffff_fffen } as const;
    return {
      address: MAPPED_AT + BigInt(messageId) * 8n,
      size,
      rateLimitUs: 4000,
      doorbell: isSet ? doorbell : null,
    };
  }

  mapRegion(_protocolId: number, region: SharedRegion): bigint {
    this.region = region;
    return MAPPED_AT;
  }
}

async function levelsOf(agent: TestAgent, domainId: number, release: Release): Promise<unknown[]> {
  const schema = release === "3.2"
    ? performance.PERFORMANCE_DESCRIBE_LEVELS
    : performance.PERFORMANCE_DESCRIBE_LEVELS_V1;
  const levels: unknown[] = [];
  for (;;) {
    const page = await callOk(agent, PERFORMANCE, schema, { domainId, skip: levels.length });
    assertEquals(page.counts.returned, page.levels.length);
    levels.push(...page.levels);
    if (page.counts.remaining === 0) return levels;
  }
}

Deno.test("PROTOCOL_VERSION of Performance follows the release of the platform (d001)", async () => {
  const versions = { "1.0": 0x10000, "2.0": 0x20000, "3.0": 0x20000, "3.1": 0x30000, "3.2": 0x40000 };
  for (const [release, version] of Object.entries(versions)) {
    const { ospm } = createDvfs(release as Release);
    assertEquals(await callOk(ospm, PERFORMANCE, PROTOCOL_VERSION, {}), { version }, release);
  }
});

Deno.test("PROTOCOL_ATTRIBUTES of Performance counts domains and tells a unit that the version has (d002)", async () => {
  for (const release of RELEASES) {
    const { ospm } = createDvfs(release);
    assertEquals(await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_PROTOCOL_ATTRIBUTES, {}), {
      attributes: { domainCount: 3, powerUnit: release < "3.1" ? 1 : 2 },
      statisticsAddressLow: 0,
      statisticsAddressHigh: 0,
      statisticsSize: 0,
    }, release);
  }
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES of Performance knows the messages of each version (d003, d004)", async () => {
  const last = { "1.0": 0xa, "2.0": 0xb, "3.0": 0xb, "3.1": 0xc, "3.2": 0xc };
  for (const [release, lastId] of Object.entries(last)) {
    const { ospm } = createDvfs(release as Release);
    for (let messageId = 0; messageId < 0x20; messageId++) {
      const isThere = messageId <= lastId || (messageId === 0x10 && release === "3.2");
      const result = await ospm.client.call(PERFORMANCE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
      const told = result.ok ? result.values.attributes : result.status;
      assertEquals(told, isThere ? 0 : "NOT_FOUND", `${release} ${messageId}`);
    }
  }
});

/** The flags that an agent is told, as letters: limits, level, their notifications, FastChannels, name, index. */
async function flagsOf(agent: TestAgent): Promise<string[]> {
  const rows = [];
  for (const domainId of [DOMAIN.cpu, DOMAIN.gpu, DOMAIN.idle]) {
    const { attributes } = await callOk(agent, PERFORMANCE, performance.PERFORMANCE_DOMAIN_ATTRIBUTES, {
      domainId,
    });
    rows.push(Object.values(attributes).map((flag, place) => flag ? "MLmlfxi"[place] : "-").join(""));
  }
  return rows;
}

Deno.test("PERFORMANCE_DOMAIN_ATTRIBUTES tells each agent what it may do (d005)", async () => {
  const { machine, ospm, psci } = createDvfs();
  assertEquals(await flagsOf(ospm), ["MLml---", "-Lml--i", "M----x-"]);
  assertEquals(await flagsOf(psci), ["MLml---", "MLml--i", "ML---x-"]);
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  assertEquals(await flagsOf(deaf), ["ML-----", "-L----i", "M----x-"]);
});

Deno.test("PERFORMANCE_DOMAIN_ATTRIBUTES keeps bits clear that a version does not have (d005)", async () => {
  for (const [release, last] of [["1.0", "M------"], ["2.0", "M------"], ["3.1", "M----x-"]] as const) {
    const flags = await flagsOf(createDvfs(release).ospm);
    assertEquals(flags, ["MLml---", "-Lml---", last], release);
  }
});

Deno.test("PERFORMANCE_DOMAIN_ATTRIBUTES tells rate limit, sustained level and short name", async () => {
  const { ospm } = createDvfs();
  const told = async (domainId: number) => {
    const reply = await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_DOMAIN_ATTRIBUTES, { domainId });
    return [reply.rateLimit.intervalUs, reply.sustainedFrequencyKhz, reply.sustainedLevel, reply.name];
  };
  assertEquals(await told(DOMAIN.cpu), [0, 1_500_000, 150, "cpu"]);
  assertEquals(await told(DOMAIN.gpu), [2500, 600_000, 60, "gpu"]);
  assertEquals(await told(DOMAIN.idle), [0, 119_000, 1019, "a_performance_d"]);
});

Deno.test("PERFORMANCE_DESCRIBE_LEVELS of version 4.0 tells frequency and index, indexed or not (d007)", async () => {
  const { ospm } = createDvfs("3.2");
  const attributes = { latencyUs: LATENCY_US };
  assertEquals(await levelsOf(ospm, DOMAIN.cpu, "3.2"), [
    { level: 50, powerCost: 640_000, attributes, frequencyKhz: 500_000, levelIndex: 1 },
    { level: 100, powerCost: 1_280_400, attributes, frequencyKhz: 1_000_000, levelIndex: 2 },
    { level: 150, powerCost: 2_430_600, attributes, frequencyKhz: 1_500_000, levelIndex: 3 },
    { level: 200, powerCost: 0, attributes, frequencyKhz: 2_000_000, levelIndex: 4 },
  ]);
});

Deno.test("PERFORMANCE_DESCRIBE_LEVELS before version 4.0 tells value, cost and latency (d007)", async () => {
  const attributes = { latencyUs: LATENCY_US };
  const costs = { "1.0": [640, 1280, 2431, 0], "3.1": [640_000, 1_280_400, 2_430_600, 0] };
  for (const [release, powerCosts] of Object.entries(costs)) {
    const levels = await levelsOf(createDvfs(release as Release).ospm, DOMAIN.cpu, release as Release);
    assertEquals(levels, powerCosts.map((powerCost, i) => ({ level: 50 + 50 * i, powerCost, attributes })));
  }
});

Deno.test("PERFORMANCE_DESCRIBE_LEVELS returns as many as fit: 7 and 4 in a 128 byte area", async () => {
  // 128 bytes of shared memory leave a message of 4 + 100 bytes.
  for (const [release, count] of [["1.0", 7], ["3.2", 4]] as const) {
    const { machine } = createDvfs(release);
    const agent = connectAgent(machine, "OSPM", { room: 104 });
    const schema = release === "3.2"
      ? performance.PERFORMANCE_DESCRIBE_LEVELS
      : performance.PERFORMANCE_DESCRIBE_LEVELS_V1;
    const page = await callOk(agent, PERFORMANCE, schema, { domainId: DOMAIN.idle, skip: 0 });
    assertEquals(page.counts, { returned: count, remaining: 20 - count });
    const levels = await levelsOf(agent, DOMAIN.idle, release);
    assertEquals(
      levels.map((level) => (level as { level: number }).level),
      Array.from({ length: 20 }, (_, i) => 1000 + i),
    );
  }
});

Deno.test("PERFORMANCE_DESCRIBE_LEVELS refuses to skip all levels or more (d007)", async () => {
  for (const release of RELEASES) {
    const { ospm } = createDvfs(release);
    const isV4 = release === "3.2";
    const schema = isV4
      ? performance.PERFORMANCE_DESCRIBE_LEVELS
      : performance.PERFORMANCE_DESCRIBE_LEVELS_V1;
    for (const skip of [4, 5, 0xffff_ffff]) {
      const status = await callStatus(ospm, PERFORMANCE, schema, { domainId: DOMAIN.cpu, skip });
      assertEquals(status, isV4 ? "OUT_OF_RANGE" : "INVALID_PARAMETERS", `${release} ${skip}`);
    }
  }
});

Deno.test("PERFORMANCE_DOMAIN_NAME_GET tells the whole name of a domain that has more than the short one", async () => {
  const { ospm } = createDvfs("3.1");
  const schema = performance.PERFORMANCE_DOMAIN_NAME_GET;
  assertEquals(await callOk(ospm, PERFORMANCE, schema, { domainId: DOMAIN.idle }), {
    flags: 0,
    name: "a_performance_domain_with_a_long_name",
  });
  assertEquals(await callStatus(ospm, PERFORMANCE, schema, { domainId: DOMAIN.cpu }), "NOT_SUPPORTED");
});

Deno.test("PERFORMANCE_DESCRIBE_FASTCHANNEL: none without shared memory (d022 to d025)", async () => {
  const { ospm } = createDvfs("2.0");
  const ask = (domainId: number, messageId: number) =>
    callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_DESCRIBE_FASTCHANNEL, { domainId, messageId });
  assertEquals(await ask(DOMAIN.missing, 0x7), "NOT_FOUND");
  assertEquals(await ask(DOMAIN.cpu, 0xc), "NOT_FOUND");
  for (let messageId = 0; messageId <= 0xb; messageId++) {
    assertEquals(await ask(DOMAIN.cpu, messageId), "NOT_SUPPORTED", `message ${messageId}`);
  }
});

Deno.test("PERFORMANCE_DESCRIBE_FASTCHANNEL describes what the transport offers (d003, d021)", async () => {
  const { ospm } = createDvfs();
  ospm.channel.sharedAreas = new TestAreas();
  assertEquals(await flagsOf(ospm), ["MLmlf--", "-Lml--i", "M----x-"]);
  for (const messageId of [0x5, 0x6, 0x7, 0x8]) {
    const told = await callOk(ospm, PERFORMANCE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
    assertEquals(told.attributes, 1);
    const isSet = messageId % 2 === 1;
    const params = { domainId: DOMAIN.cpu, messageId };
    assertEquals(await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_DESCRIBE_FASTCHANNEL, params), {
      attributes: { hasDoorbell: isSet, doorbellWidth: isSet ? 2 : 0 },
      rateLimit: { intervalUs: 4000 },
      addressLow: 0x4000_0000 + messageId * 8,
      addressHigh: 1,
      size: messageId < 0x7 ? 8 : 4,
      doorbellAddressLow: isSet ? 0x1000 : 0,
      doorbellAddressHigh: isSet ? 2 : 0,
      setMaskLow: isSet ? 1 : 0,
      setMaskHigh: 0,
      preserveMaskLow: isSet ? 0xffff_fffe : 0,
      preserveMaskHigh: 0,
    });
  }
  const status = (domainId: number, messageId: number) =>
    callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_DESCRIBE_FASTCHANNEL, { domainId, messageId });
  assertEquals(await status(DOMAIN.gpu, 0x7), "NOT_SUPPORTED");
  assertEquals(await status(DOMAIN.cpu, 0x4), "NOT_SUPPORTED");
  const other = await callOk(ospm, PERFORMANCE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: 0x4 });
  assertEquals(other.attributes, 0);
});

Deno.test("PERFORMANCE FastChannels are not told of in version 1.0", async () => {
  const { ospm } = createDvfs("1.0");
  ospm.channel.sharedAreas = new TestAreas();
  assertEquals(await flagsOf(ospm), ["MLml---", "-Lml---", "M------"]);
  const told = await callOk(ospm, PERFORMANCE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: 0x7 });
  assertEquals(told.attributes, 0);
});

/** A context as the dispatcher makes it, for what transports do without messages. */
function contextOf(platform: ReturnType<typeof createDvfs>): PerformanceContext {
  const session = { agentId: 1, version: performance.V4, protocolId: PERFORMANCE } as Session;
  const { view } = platform.model;
  return new PerformanceContext(session, { ...platform.machine.agents.find("OSPM")!.platform, view });
}

Deno.test("PERFORMANCE FastChannels do what the commands do, and ignore what those refuse (d028, d029)", async () => {
  const setting = createDvfs();
  const { ospm } = setting;
  const context = contextOf(setting);
  const { write, read } = performanceProtocol.fastChannels!;
  const expectSame = async () => {
    const { level } = await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, { domainId: 0 });
    const limits = await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_LIMITS_GET, { domainId: 0 });
    assertEquals(read(0x8, DOMAIN.cpu, context), [level]);
    assertEquals(read(0x6, DOMAIN.cpu, context), [limits.rangeMax, limits.rangeMin]);
    return [level, limits.rangeMax, limits.rangeMin];
  };
  write(0x7, DOMAIN.cpu, [200], context);
  assertEquals(await expectSame(), [200, 200, 50]);
  write(0x5, DOMAIN.cpu, [150, 100], context);
  assertEquals(await expectSame(), [150, 150, 100]);
  write(0x7, DOMAIN.cpu, [0], context);
  write(0x7, DOMAIN.cpu, [75], context);
  write(0x5, DOMAIN.cpu, [0, 0], context);
  write(0x5, DOMAIN.cpu, [100, 150], context);
  write(0x4, DOMAIN.cpu, [50], context);
  assertEquals(await expectSame(), [150, 150, 100]);
  assertEquals(read(0x7, DOMAIN.cpu, context), []);
  const { sizeOf } = performanceProtocol.fastChannels!;
  assertEquals([0x4, 0x5, 0x6, 0x7, 0x8, 0x9].map(sizeOf), [0, 8, 8, 4, 4, 0]);
});

Deno.test("PERFORMANCE statistics count visits and time of each level, once the transport has room", async () => {
  const { ospm, machine } = createDvfs();
  const areas = new TestAreas();
  ospm.channel.sharedAreas = areas;
  const ask = () => callOk(ospm, PERFORMANCE, performance.PERFORMANCE_PROTOCOL_ATTRIBUTES, {});
  const told = await ask();
  assertEquals([told.statisticsAddressLow, told.statisticsAddressHigh], [0x4000_0000, 1]);
  // The header with three offsets to a multiple of 8; three domains with 4, 2 and 20 levels.
  assertEquals(told.statisticsSize, 32 + 3 * 16 + 26 * 24);
  assertEquals(await ask(), told);
  assert(areas.region !== null);
  assertEquals(areas.region.size, told.statisticsSize);

  machine.step(10_000);
  await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 200 });
  machine.step(20_000);
  const view = new DataView(new ArrayBuffer(told.statisticsSize));
  for (let at = 0; at < view.byteLength; at++) view.setUint8(at, 0xa5);
  areas.region.write(view);
  assertEquals(
    new TextDecoder().decode(new Uint8Array(view.buffer, 0, 4)),
    "FREP",
    "PERF as a little-endian word",
  );
  assertEquals([view.getUint16(4, true), view.getUint16(6, true), view.getUint16(8, true)], [0, 0, 3]);
  assertEquals([view.getUint16(10, true), view.getUint32(12, true)], [0, 0], "reserved");
  const offset = view.getUint32(16, true);
  assertEquals([offset, view.getUint32(20, true)], [32, 32 + 16 + 4 * 24]);
  assertEquals([view.getUint16(offset, true), view.getUint16(offset + 2, true)], [4, 3]);
  assertEquals(view.getUint32(offset + 4, true), 0, "no extended statistics");
  assertEquals(view.getBigUint64(offset + 8, true), BigInt(10_000 + LATENCY_US));
  const entries = [0, 1, 2, 3].map((index) => {
    const at = offset + 16 + 24 * index;
    assertEquals(view.getUint32(at + 4, true), 0);
    return [view.getUint32(at, true), view.getBigUint64(at + 8, true), view.getBigUint64(at + 16, true)];
  });
  assertEquals(entries, [
    [0, 0n, 0n],
    [1, 0n, 0n],
    [2, 1n, BigInt(10_000 + LATENCY_US)],
    [3, 1n, BigInt(10_000 - LATENCY_US)],
  ]);
});
