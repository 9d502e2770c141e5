// FastChannels in shared memory as an honest agent uses them: found by messages, written and read as words, with and without
// doorbells, within a rate; and the regions beside them.
import { assert, assertEquals } from "@std/assert";
import * as performance from "../../protocols/performance/messages.ts";
import type { FastChannelPlan, FastChannelPort } from "../../transports/channel.ts";
import type { DoorbellOptions } from "../../transports/fast_channels/layout.ts";
import {
  type FastAreaOptions,
  FastChannelArea,
  REFRESH_US,
} from "../../transports/fast_channels/fast_channel_area.ts";
import { SETTLE_LOOKS, SETTLE_US } from "../../transports/fast_channels/written_channel.ts";
import { createDvfs, DOMAIN, type DvfsSetting, PERFORMANCE } from "../support/dvfs_board.ts";
import { describeFastChannel, FastChannelAgent, memoryWindow } from "../support/fast_channel_agent.ts";
import { NEGOTIATE_PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { callOk, callStatus } from "../support/platform.ts";

const { PERFORMANCE_LEVEL_SET, PERFORMANCE_LIMITS_SET } = performance;
const LEVEL = { set: 0x7, get: 0x8 } as const;
const LIMITS = { set: 0x5, get: 0x6 } as const;
const BASE = 0x4000_0000;
const WINDOW_OFFSET = 0x1000;
const SIZE = 2048;

/** A platform whose agent OSPM has an area. */
function createArea(options: FastAreaOptions = {}, size = SIZE) {
  const setting: DvfsSetting = createDvfs();
  const { ospm } = setting;
  const window = memoryWindow(size, WINDOW_OFFSET);
  const area = new FastChannelArea(window, ospm.channel.fastChannels, { baseAddress: BASE, ...options });
  ospm.channel.sharedAreas = area;
  const memory = new FastChannelAgent(window, BASE);
  const find = (messageId: number, domainId: number = DOMAIN.cpu) =>
    describeFastChannel(ospm, PERFORMANCE, messageId, domainId);
  const levelOf = async (domainId: number = DOMAIN.cpu) =>
    (await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, { domainId })).level;
  const limitsOf = async () => {
    const values = await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_LIMITS_GET, {
      domainId: DOMAIN.cpu,
    });
    return [values.rangeMax, values.rangeMin];
  };
  return { ...setting, window, area, memory, find, levelOf, limitsOf };
}

const DOORBELLS: readonly (DoorbellOptions | null)[] = [
  ...([8, 16, 32, 64] as const).flatMap((width) => [
    { width, channelsPerRegister: 1 },
    { width, channelsPerRegister: width },
  ]),
  null,
];

for (const doorbells of DOORBELLS) {
  const name = doorbells === null
    ? "no doorbells"
    : `${doorbells.channelsPerRegister} in ${doorbells.width} bits`;

  Deno.test(`FastChannelArea takes levels and limits with ${name}`, async () => {
    const { area, memory, find, levelOf, limitsOf, machine } = createArea({ doorbells });
    const [level, limits] = [await find(LEVEL.set), await find(LIMITS.set)];
    assertEquals([level.size, limits.size, level.intervalUs], [4, 8, 0]);
    assertEquals(level.doorbell?.width, doorbells?.width);
    const start = [await levelOf(), ...await limitsOf()];
    memory.write(level, [200]);
    assertEquals([await levelOf(), ...await limitsOf()], start, "nothing counts before it is looked at");
    assertEquals(area.poll(), true);
    assertEquals(await levelOf(), 200);
    assertEquals([area.poll(), area.poll()], [false, false]);
    memory.write(limits, [150, 100]);
    assertEquals(area.poll(), doorbells !== null, "without, there is no hurry");
    machine.step(machine.nowUs() + SETTLE_US);
    area.poll();
    assertEquals([await levelOf(), ...await limitsOf()], [150, 150, 100]);
    assertEquals([area.poll(), area.poll()], [false, false]);
  });
}

Deno.test("FastChannelArea describes addresses of the agent, doorbells only for what is written", async () => {
  const { find } = createArea({ rateLimitUs: 500 });
  const found = [
    await find(LIMITS.set),
    await find(LIMITS.get),
    await find(LEVEL.set),
    await find(LEVEL.get),
  ];
  const first = BASE + WINDOW_OFFSET;
  assertEquals(found.map(({ address }) => address), [first, first + 8, first + 16, first + 24]);
  assertEquals(found.map(({ intervalUs }) => intervalUs), [500, 0, 500, 0]);
  assertEquals(found.map(({ doorbell }) => doorbell !== null), [true, false, true, false]);
});

Deno.test("FastChannelArea keeps what is read up to date, whoever changes it", async () => {
  const { memory, find, levelOf, limitsOf, psci, model, machine, window } = createArea();
  const [level, limits] = [await find(LEVEL.get), await find(LIMITS.get)];
  const expectSame = async (what: string) => {
    assertEquals(memory.read(level), [await levelOf()], what);
    assertEquals(memory.read(limits), await limitsOf(), what);
  };
  await expectSame("at start");
  await callOk(psci, PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 200 });
  await expectSame("another agent's level, on its way");
  assertEquals(memory.read(level), [200]);
  machine.step(machine.nowUs() + 10_000);
  await expectSame("reached");
  await callOk(psci, PERFORMANCE, PERFORMANCE_LIMITS_SET, {
    domainId: DOMAIN.cpu,
    rangeMax: 150,
    rangeMin: 100,
  });
  await expectSame("another agent's limits");
  model.dvfs.performanceDomains[DOMAIN.cpu]!.imposeCeiling("heat", 0);
  await expectSame("a ceiling of the platform");
  assertEquals(memory.read(level), [50]);
  model.dvfs.performanceDomains[DOMAIN.cpu]!.reset();
  await expectSame("reset of the system");
  assert(window.words.every((word) => word !== 0xa5a5a5a5));
});

Deno.test("FastChannelArea names levels as the version in force does", async () => {
  const { ospm, area, memory, find } = createArea();
  const [set, get] = [await find(LEVEL.set, DOMAIN.gpu), await find(LEVEL.get, DOMAIN.gpu)];
  memory.write(set, [2]);
  area.poll();
  assertEquals(memory.read(get), [2], "an index");
  const negotiate = (version: number) => callOk(ospm, PERFORMANCE, NEGOTIATE_PROTOCOL_VERSION, { version });
  await negotiate(performance.V3);
  assertEquals(memory.read(get), [60], "a value");
  memory.write(set, [30]);
  area.poll();
  assertEquals(memory.read(get), [30]);
  await negotiate(0x10000);
  assertEquals(memory.read(get), [0], "version 1.0 has no FastChannels");
  memory.write(set, [60]);
  area.poll();
  await negotiate(performance.V4);
  assertEquals(memory.read(get), [1]);
});

Deno.test("FastChannelArea lets a write count again when it is rung for again", async () => {
  const { area, memory, find, levelOf, psci } = createArea();
  const level = await find(LEVEL.set);
  memory.write(level, [200]);
  area.poll();
  await callOk(psci, PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 50 });
  area.poll();
  assertEquals(await levelOf(), 50, "what was written before does not count twice");
  memory.write(level, [200]);
  area.poll();
  assertEquals(await levelOf(), 200);
});

Deno.test("FastChannelArea lets the first write count, whatever is in force", async () => {
  const { area, memory, find, model } = createArea({ doorbells: null });
  const domain = model.dvfs.performanceDomains[DOMAIN.cpu]!;
  const before = domain.level.value;
  memory.write(await find(LEVEL.set), [before]);
  assertEquals(area.poll(), true);
  domain.followProfile(2000);
  assertEquals(domain.level.value, before, "the agent has asked for it");
});

Deno.test("FastChannelArea lets no write count before its time, and then the last one", async () => {
  for (const doorbells of [undefined, null]) {
    const { area, memory, find, levelOf, machine } = createArea({
      rateLimitUs: 5000,
      ...(doorbells === null ? { doorbells } : {}),
    });
    machine.step(100_000);
    const level = await find(LEVEL.set);
    memory.write(level, [200]);
    area.poll();
    assertEquals(await levelOf(), 200, "the first at once");
    machine.step(101_000);
    for (const value of [50, 100, 150]) {
      memory.write(level, [value]);
      area.poll();
    }
    machine.step(104_999);
    area.poll();
    assertEquals(await levelOf(), 200);
    machine.step(105_000);
    assertEquals(await levelOf(), 150, "without another look");
    memory.write(level, [50]);
    area.poll();
    machine.step(109_999);
    assertEquals(await levelOf(), 150, "the rate counts from the write that counted");
    machine.step(110_000);
    assertEquals(await levelOf(), 50);
  }
});

Deno.test("FastChannelArea holds a pair that is too early until its time, whole", async () => {
  const { area, memory, find, limitsOf, machine } = createArea({ rateLimitUs: 5000 });
  const limits = await find(LIMITS.set);
  const look = () => [area.poll(), area.poll()];
  memory.write(limits, [200, 100]);
  look();
  assertEquals(await limitsOf(), [200, 100]);
  memory.write(limits, [150, 50]);
  look();
  memory.store(limits, 0, 100); // and the agent is interrupted here
  machine.step(5000);
  assertEquals(await limitsOf(), [200, 100], "half of another pair");
  memory.store(limits, 1, 100);
  memory.ring(limits);
  look();
  assertEquals(await limitsOf(), [100, 100]);
});

Deno.test("FastChannelArea takes a pair without doorbell where time stands still", async () => {
  const { area, memory, find, limitsOf } = createArea({ doorbells: null });
  memory.write(await find(LIMITS.set), [150, 100]);
  for (let look = 1; look < SETTLE_LOOKS; look++) area.poll();
  assertEquals(await limitsOf(), [200, 50]);
  area.poll();
  assertEquals(await limitsOf(), [150, 100]);
});

Deno.test("FastChannelArea forgets what was written when the agent is reset", async () => {
  const { ospm, area, memory, find, levelOf, machine } = createArea({ rateLimitUs: 5000, doorbells: null });
  const level = await find(LEVEL.set);
  memory.write(level, [200]);
  area.poll();
  memory.write(level, [150]);
  area.poll();
  ospm.channel.reset();
  machine.step(machine.nowUs() + 10_000);
  area.poll();
  assertEquals(await levelOf(), 200, "what was held is given up");
  memory.write(level, [200]);
  assertEquals(area.poll(), true, "the next agent's first write counts");
  await callOk(ospm, PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 50 });
  assertEquals(memory.read(await find(LEVEL.get)), [50], "and what it reads is up to date");
});

Deno.test("FastChannelArea is left alone once it is closed", async () => {
  const { area, memory, find, psci, window, machine, levelOf } = createArea({ rateLimitUs: 5000 });
  const level = await find(LEVEL.set);
  memory.write(level, [200]);
  area.poll();
  memory.write(level, [150]);
  area.poll();
  area.close();
  const before = window.bytes.slice();
  machine.step(machine.nowUs() + 2 * REFRESH_US);
  assertEquals(await levelOf(), 200, "what was held is given up");
  await callOk(psci, PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 50 });
  memory.write(level, [100]);
  assertEquals(area.poll(), false);
  assertEquals(await levelOf(), 50);
  memory.write(level, [150]);
  assertEquals(window.bytes.slice(0, 16), before.slice(0, 16));
  assertEquals(area.mapRegion(PERFORMANCE, { size: 8, write: () => {} }), null);
});

Deno.test("FastChannelArea begins at a cache line, wherever its window does", async () => {
  const { ospm } = createDvfs();
  for (const [offset, size] of [[0x1004, 200], [0x103c, 100], [0x1004, 60], [0x1004, 4]] as const) {
    const window = memoryWindow(size, offset);
    const area = new FastChannelArea(window, ospm.channel.fastChannels);
    ospm.channel.sharedAreas = area;
    const count = area.layout.slots.length;
    assertEquals(count > 0, size >= 100, `${size}`);
    if (count > 0) assertEquals((await describeFastChannel(ospm, PERFORMANCE, 0x5, 0)).address, 0x1040);
    assertEquals(window.bytes.subarray(0, 4).every((byte) => byte === 0xa5), true);
    area.close();
  }
});

Deno.test("FastChannelArea offers what fits, and messages serve the rest", async () => {
  // Cells for the four of the first domain, two doorbells, and one of the next.
  const { ospm, find } = createArea({}, 8 * 7);
  assertEquals((await find(LEVEL.get)).size, 4);
  const ask = (domainId: number, messageId: number) =>
    callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_DESCRIBE_FASTCHANNEL, { domainId, messageId });
  assertEquals(await ask(DOMAIN.gpu, LEVEL.set), "NOT_SUPPORTED");
});

Deno.test("FastChannelArea shows the statistics and keeps them up to date", async () => {
  const { ospm, area, machine, window } = createArea();
  const told = await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_PROTOCOL_ATTRIBUTES, {});
  assertEquals(told.statisticsAddressHigh, 0);
  const at = told.statisticsAddressLow - BASE - WINDOW_OFFSET;
  assertEquals(at, area.layout.regionsOffset);
  assertEquals(window.view.getUint32(at, true), 0x5045_5246);
  const domainAt = at + window.view.getUint32(at + 16, true);
  const residencyOf = (level: number) =>
    Number(window.view.getBigUint64(domainAt + 16 + 24 * level + 16, true));
  const bootLevel = window.view.getUint16(domainAt + 2, true);
  machine.step(REFRESH_US);
  area.poll();
  assertEquals(residencyOf(bootLevel), REFRESH_US);
  machine.step(2 * REFRESH_US - 1);
  area.poll();
  assertEquals(residencyOf(bootLevel), REFRESH_US, "not at every look");
  ospm.channel.reset();
  const again = await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_PROTOCOL_ATTRIBUTES, {});
  assertEquals(again, told, "the region stays where it is");
  const { name } = machine.agents.find("OSPM")!.platform.view.performanceDomain[0]!;
  machine.agents.find("OSPM")!.permitResource("performanceDomain", name, false);
  assertEquals(
    [window.view.getUint32(at + 16, true), residencyOf(bootLevel)],
    [0, 0],
    "at once, when it is denied",
  );
});

Deno.test("FastChannelArea has room for as many regions as fit", () => {
  const { area, window } = createArea();
  const region = (size: number, value: number) => ({
    size,
    write(view: DataView) {
      for (let i = 0; i < size; i++) view.setUint8(i, value);
    },
  });
  const room = SIZE - area.layout.regionsOffset;
  assertEquals(area.mapRegion(1, region(room + 1, 1)), null);
  const first = area.mapRegion(1, region(10, 1));
  assertEquals(first, BigInt(BASE + WINDOW_OFFSET + area.layout.regionsOffset));
  const second = area.mapRegion(2, region(room - 64, 2));
  assertEquals(second, first! + 64n);
  assertEquals(area.mapRegion(3, region(1, 3)), null, "it is full");
  assertEquals(area.mapRegion(1, region(11, 4)), null, "it would not fit into its place");
  assertEquals(area.mapRegion(1, region(9, 5)), first);
  assertEquals([window.bytes[area.layout.regionsOffset], window.bytes.at(-1)], [5, 2]);
});

/** The FastChannels of many domains, and what was written to them. */
class ManyDomains implements FastChannelPort {
  readonly plans: readonly FastChannelPlan[];
  readonly isHeld = false;
  readonly written: [place: number, ...words: number[]][] = [];

  constructor(domainCount: number) {
    this.plans = Array.from(
      { length: domainCount },
      (_, domainId) =>
        [LIMITS.set, LIMITS.get, LEVEL.set, LEVEL.get].map((messageId) => ({
          protocolId: PERFORMANCE,
          messageId,
          domainId,
          size: messageId < LEVEL.set ? 8 : 4,
          isWritten: messageId % 2 === 1,
        })),
    ).flat();
  }

  write(place: number, words: Uint32Array): number {
    this.written.push([place, ...words]);
    return 0;
  }

  read(_place: number, words: Uint32Array): void {
    words.fill(7);
  }

  listen(): void {}

  nowUs(): number {
    return 0;
  }

  at(): never {
    throw new Error("there is no rate to keep");
  }
}

Deno.test("FastChannelArea tells many FastChannels on few doorbells apart", () => {
  for (const doorbells of [...DOORBELLS, { width: 64, channelsPerRegister: 40 } as const]) {
    const port = new ManyDomains(40);
    const window = memoryWindow(0x2000);
    const area = new FastChannelArea(window, port, { doorbells });
    const memory = new FastChannelAgent(window);
    port.plans.forEach(({ protocolId, messageId, domainId, size, isWritten }, place) => {
      if (!isWritten) return;
      const channel = area.findFastChannel(protocolId, messageId, domainId)!;
      const words = Array.from({ length: size / 4 }, (_, i) => 1000 * place + i);
      memory.write(
        {
          address: Number(channel.address),
          size,
          intervalUs: 0,
          doorbell: channel.doorbell === null
            ? null
            : { ...channel.doorbell, address: Number(channel.doorbell.address) },
        },
        words,
      );
      for (let look = 0; look < (doorbells === null ? SETTLE_LOOKS : 2); look++) area.poll();
      assertEquals(port.written.splice(0), [[place, ...words]]);
    });
  }
});
