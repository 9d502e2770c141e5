// FastChannels under agents that do wrong, by mistake or on purpose: nothing that a command would refuse counts, nothing half
// written does, nobody else is touched. transports.md 8 (13); the memory file is truncated in the end.
import { assert, assertEquals } from "@std/assert";
import { completeMediation } from "../../boards/mediation.ts";
import * as performance from "../../protocols/performance/messages.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import {
  type FastAreaOptions,
  FastChannelArea,
  REFRESH_US,
} from "../../transports/fast_channels/fast_channel_area.ts";
import { CELL_SIZE } from "../../transports/fast_channels/layout.ts";
import { SETTLE_US, UNWRITTEN } from "../../transports/fast_channels/written_channel.ts";
import { MemoryFile, openMemoryFile } from "../../transports/memory/memory_file.ts";
import { createDvfs, DOMAIN, PERFORMANCE } from "../support/dvfs_board.ts";
import {
  type DescribedChannel,
  describeFastChannel,
  FastChannelAgent,
  memoryWindow,
} from "../support/fast_channel_agent.ts";
import { CAPPED, createPowercaps, POWERCAP } from "../support/powercap_board.ts";
import { callOk } from "../support/platform.ts";

const LEVEL = { set: 0x7, get: 0x8 } as const;
const LIMITS = { set: 0x5, get: 0x6 } as const;

function createArea(
  options: FastAreaOptions = {},
  window = memoryWindow(2048),
  agent: Parameters<typeof createDvfs>[2] = {},
) {
  const setting = createDvfs("3.2", false, agent);
  const { ospm, model, machine } = setting;
  const area = new FastChannelArea(window, ospm.channel.fastChannels, options);
  ospm.channel.sharedAreas = area;
  const domain = model.dvfs.performanceDomains[DOMAIN.cpu]!;
  return {
    ...setting,
    window,
    area,
    domain,
    memory: new FastChannelAgent(window),
    find: (messageId: number, domainId: number = DOMAIN.cpu) =>
      describeFastChannel(ospm, PERFORMANCE, messageId, domainId),
    /** Level, fastest and slowest level allowed. */
    state: () => [domain.level, domain.limits.max, domain.limits.min].map(({ value }) => value),
    /** How many writes counted or were refused. */
    writeCount: () => machine.trace.count("fastChannelWrite"),
    /** Looks often enough for anything that is there to settle. */
    look() {
      for (let i = 0; i < 3; i++) {
        machine.step(machine.nowUs() + SETTLE_US);
        area.poll();
      }
    },
  };
}

const KINDS = [["with doorbells", {}], ["without doorbells", { doorbells: null }]] as const;

for (const [name, options] of KINDS) {
  Deno.test(`FastChannelArea ${name} ignores levels and limits that a command would refuse`, async () => {
    const { memory, find, state, look, model, writeCount } = createArea(options);
    const [level, limits] = [await find(LEVEL.set), await find(LIMITS.set)];
    memory.write(level, [150]);
    memory.write(limits, [150, 100]);
    look();
    const before = state();
    assertEquals(before, [150, 150, 100]);
    const count = writeCount();
    const levels = [0, 1, 49, 51, 200, 201, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe];
    for (const value of levels) {
      memory.write(level, [value]);
      look();
      assertEquals(state(), before, `level ${value}`);
    }
    const pairs = [[100, 150], [0, 0], [50, 200], [201, 50], [200, 49], [0x8000_0000, 0x8000_0000], [
      150,
      125,
    ]];
    for (const pair of pairs) {
      memory.write(limits, pair);
      look();
      assertEquals(state(), before, `limits ${pair}`);
    }
    assertEquals(writeCount() - count, levels.length + pairs.length, "each was judged once");
    assertEquals(checkInvariants(model), []);
  });

  Deno.test(`FastChannelArea ${name} never lets half of the first pair count`, async () => {
    const { memory, find, state, look, writeCount } = createArea(options);
    const limits = await find(LIMITS.set);
    const before = state();
    memory.store(limits, 0, 150);
    if (limits.doorbell !== null) memory.ring(limits);
    look();
    look();
    assertEquals([state(), writeCount()], [before, 0]);
    memory.store(limits, 1, 100);
    look();
    assertEquals(state().slice(1), [150, 100]);
  });

  Deno.test(`FastChannelArea ${name} never lets half of a later pair count while it is being written`, async () => {
    const { memory, find, state, area, look, machine } = createArea(options);
    const limits = await find(LIMITS.set);
    memory.write(limits, [200, 100]);
    look();
    memory.store(limits, 0, 150); // with the other half, limits that could be set
    for (let us = 0; us < SETTLE_US - 100; us += 100) {
      machine.step(machine.nowUs() + 100);
      area.poll();
    }
    memory.store(limits, 1, 50);
    area.poll();
    assertEquals(state().slice(1), [200, 100]);
    memory.ring(limits);
    look();
    assertEquals(state().slice(1), [150, 50]);
  });

  Deno.test(`FastChannelArea ${name} lets one write count at a look, however fast an agent writes`, async () => {
    const { memory, find, area, writeCount, machine } = createArea({ ...options, rateLimitUs: 1000 });
    const level = await find(LEVEL.set);
    for (let i = 0; i < 999; i++) {
      for (let k = 0; k < 10; k++) memory.write(level, [[50, 100, 150][(i + k) % 3]!]);
      area.poll();
      machine.step(machine.nowUs() + 10);
    }
    assertEquals(writeCount(), 10, "in 10 ms, 1 ms apart");
  });
}

Deno.test("FastChannelArea with doorbells lets nothing count that is not rung for", async () => {
  const { memory, find, state, look, writeCount } = createArea();
  const before = state();
  memory.store(await find(LEVEL.set), 0, 200);
  const limits = await find(LIMITS.set);
  [100, 50].forEach((word, index) => memory.store(limits, index, word));
  look();
  assertEquals([state(), writeCount()], [before, 0]);
});

Deno.test("FastChannelArea lets a pair that another processor is replacing count when it is whole", async () => {
  const { memory, find, state, area, look } = createArea();
  const limits = await find(LIMITS.set);
  memory.write(limits, [200, 150]);
  memory.store(limits, 0, 100); // by another processor, after the ring
  area.poll();
  memory.store(limits, 1, 50);
  look();
  assertEquals(state().slice(1), [100, 50]);
});

Deno.test("FastChannelArea takes a ring without a write for a write of nothing", async () => {
  const { memory, find, state, look, window, area } = createArea();
  const before = state();
  for (const messageId of [LEVEL.set, LIMITS.set]) memory.ring(await find(messageId));
  look();
  assertEquals(state(), before);
  assertEquals(window.view.getUint32(0, true), UNWRITTEN);
  assertEquals(area.poll(), false);
});

Deno.test("FastChannelArea hears doorbells of the wrong width, and nobody else's by them", async () => {
  for (const width of [8, 16, 32, 64] as const) {
    for (const storedWidth of [8, 16, 32, 64]) {
      const { memory, find, domain, area, model, writeCount } = createArea({
        doorbells: { width, channelsPerRegister: 1 },
      });
      const gpu = model.dvfs.performanceDomains[DOMAIN.gpu]!;
      const [level, ofGpu] = [await find(LEVEL.set), await find(LEVEL.set, DOMAIN.gpu)];
      memory.store(level, 0, 200);
      memory.store(ofGpu, 0, 2);
      const gpuLevel = gpu.level;
      memory.storeWide(level.doorbell!.address, storedWidth, (1n << BigInt(storedWidth)) - 1n);
      area.poll();
      assertEquals([domain.level.value, gpu.level], [200, gpuLevel], `${storedWidth} bits for ${width}`);
      assertEquals(writeCount(), 1);
    }
  }
});

Deno.test("FastChannelArea forgets bits that ring for nobody", async () => {
  const { memory, find, state, area, writeCount } = createArea({
    doorbells: { width: 16, channelsPerRegister: 3 },
  });
  const level = await find(LEVEL.set);
  const before = state();
  memory.store(level, 0, 200);
  memory.storeWide(level.doorbell!.address, 32, 0xffff_fff8n);
  assertEquals(area.poll(), true);
  assertEquals([state(), writeCount()], [before, 0]);
  assertEquals(area.poll(), false, "they are gone");
  assertEquals(memory.load(level.doorbell!.address, 64), 0n);
});

Deno.test("FastChannelArea writes anew what an agent has written over", async () => {
  const { memory, find, area, machine, ospm, window, writeCount } = createArea();
  const told = await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_PROTOCOL_ATTRIBUTES, {});
  const read: DescribedChannel[] = [await find(LEVEL.get), await find(LIMITS.get)];
  const before = read.map((channel) => memory.read(channel));
  const statistics = () => window.bytes.slice(told.statisticsAddressLow, told.statisticsAddressLow + 16);
  const head = statistics();
  for (const channel of read) memory.store(channel, 0, 0xdead_beef);
  window.bytes.fill(0x5a, told.statisticsAddressLow, told.statisticsAddressLow + told.statisticsSize);
  machine.step(machine.nowUs() + REFRESH_US);
  area.poll();
  assertEquals(read.map((channel) => memory.read(channel)), before);
  assertEquals(statistics(), head);
  assertEquals(writeCount(), 0, "what is only read is not looked at");
});

Deno.test("FastChannelArea keeps out of the way of what lies beside its window", () => {
  const buffer = memoryWindow(4096);
  const window = {
    offset: 1024,
    size: 512,
    words: buffer.words.subarray(256, 384),
    bytes: buffer.bytes.subarray(1024, 1536),
    view: new DataView(buffer.bytes.buffer, 1024, 512),
  };
  const { area, machine } = createArea({}, window);
  area.poll();
  machine.step(REFRESH_US);
  area.poll();
  area.reset();
  assert(buffer.bytes.subarray(0, 1024).every((byte) => byte === 0xa5));
  assert(buffer.bytes.subarray(1536).every((byte) => byte === 0xa5));
  assert(area.layout.slots.length > 0 && CELL_SIZE * area.layout.slots.length <= 512);
});

Deno.test("FastChannelArea lets nothing count of a file that was truncated", async () => {
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  const file = openMemoryFile(path, { createSize: 0x2000 });
  assert(file instanceof MemoryFile);
  const window = file.window(0, 0x2000);
  assert(!("error" in window));
  const { ospm, model, machine } = createPowercaps();
  const port = ospm.channel.fastChannels;
  const area = new FastChannelArea(window, port, { doorbells: null, isLost: () => file.isTruncated });
  ospm.channel.sharedAreas = area;
  const cap = await describeFastChannel(ospm, POWERCAP, 0x5, CAPPED.cpu);
  new FastChannelAgent(window).write(cap, [1_500_000]);
  area.poll();
  const domain = model.powercapTree.domains[CAPPED.cpu]!;
  assertEquals(domain.cap, 1_500_000);
  await Deno.truncate(path, 0);
  area.poll();
  machine.step(2 * REFRESH_US);
  area.poll();
  assertEquals(file.isTruncated, true);
  assertEquals(domain.cap, 1_500_000, "the zeros that are there now would lift it");
  area.close();
  file.close();
});

for (const [name, options] of KINDS) {
  for (const rateLimitUs of [0, 300]) {
    Deno.test(`FastChannelArea ${name} lets an agent write no more than it may send, ${rateLimitUs} us apart`, async () => {
      const mediation = completeMediation({ messagesPerS: 1000, burst: 20 });
      const { area, memory, find, state, writeCount, machine, ospm } = createArea(
        { ...options, rateLimitUs },
        undefined,
        { mediation },
      );
      const [cpu, gpu] = [await find(LEVEL.set), await find(LEVEL.set, DOMAIN.gpu)];
      const seconds = 1;
      for (let i = 0; i < seconds * 10_000; i++) {
        memory.write(cpu, [[50, 100, 150, 200][i % 4]!]);
        memory.write(gpu, [1 + i % 2]);
        area.poll();
        machine.step(machine.nowUs() + 100);
      }
      const most = seconds * mediation.messagesPerS! + mediation.burst;
      assert(
        writeCount() <= most && writeCount() > most - 100,
        `${writeCount()} writes counted, ${most} may`,
      );
      assertEquals(ospm.channel.service.isHeld, true);
      const before = writeCount();
      memory.write(cpu, [100]);
      area.poll();
      assertEquals(writeCount(), before, "what comes while it is held waits in its memory");
      machine.step(machine.nowUs() + 100_000);
      area.poll();
      machine.step(machine.nowUs() + 100_000);
      assertEquals([state()[0], ospm.channel.service.isHeld], [100, false], "and counts when it is let go");
    });
  }
}

Deno.test("FastChannelArea keeps what is found in the look that uses up what an agent may send", async () => {
  for (const [name, options] of KINDS) {
    const mediation = completeMediation({ messagesPerS: 1000, burst: 1 });
    const { area, memory, find, writeCount, machine, ospm } = createArea(options, undefined, { mediation });
    const channels = [];
    for (const domainId of [DOMAIN.cpu, DOMAIN.gpu, DOMAIN.idle]) {
      channels.push(await find(LEVEL.set, domainId));
    }
    machine.step(machine.nowUs() + 100_000);
    for (const channel of channels) memory.write(channel, [1]);
    assert(area.poll());
    assertEquals([writeCount(), ospm.channel.service.isHeld], [2, true], name);
    machine.step(machine.nowUs() + 100_000);
    area.poll();
    assertEquals(writeCount(), 3, name);
  }
});
