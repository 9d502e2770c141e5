// FastChannels against messages, over random courses of events: two platforms of one board, one driven through memory, the
// other by the commands that do the same, never differ. And agents that scribble: the platform stays what it may be.
import { assert, assertEquals } from "@std/assert";
import { NEGOTIATE_PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as performance from "../../protocols/performance/messages.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { FastChannelArea, REFRESH_US } from "../../transports/fast_channels/fast_channel_area.ts";
import type { DoorbellOptions } from "../../transports/fast_channels/layout.ts";
import {
  createDvfs,
  DOMAIN,
  type DvfsSetting,
  heardOfPerformance,
  PERFORMANCE,
} from "../support/dvfs_board.ts";
import {
  type DescribedChannel,
  describeFastChannel,
  FastChannelAgent,
  memoryWindow,
} from "../support/fast_channel_agent.ts";
import { callStatus, type TestAgent } from "../support/platform.ts";
import { CAPPED, createPowercaps, heardOfPowercaps, POWERCAP } from "../support/powercap_board.ts";
import fc from "../support/property.ts";

const LEVEL = { set: 0x7, get: 0x8 } as const;
const LIMITS = { set: 0x5, get: 0x6 } as const;
const CAP = { get: 0x4, set: 0x5 } as const;
const INTERVAL = { get: 0x6, set: 0x7 } as const;
const { PERFORMANCE_LEVEL_SET, PERFORMANCE_LIMITS_SET } = performance;

/** Something that happens to a platform. */
type Happening =
  | { readonly kind: "set"; readonly isOwn: boolean; readonly domainId: number; readonly words: number[] }
  | { readonly kind: "step"; readonly us: number }
  | { readonly kind: "ceiling"; readonly levelIndex: number | null }
  | { readonly kind: "version"; readonly version: number }
  | { readonly kind: "permission"; readonly isAllowed: boolean };

const word = fc.constantFrom(0, 1, 2, 3, 30, 50, 60, 75, 100, 150, 200, 201, 0x8000_0000, 0xffff_ffff);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("set" as const),
      isOwn: fc.constantFrom(true, true, false),
      domainId: fc.constantFrom(DOMAIN.cpu, DOMAIN.cpu, DOMAIN.gpu, DOMAIN.idle),
      words: fc.array(word, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("step" as const), us: fc.nat(3000) }) },
  fc.record({ kind: fc.constant("ceiling" as const), levelIndex: fc.option(fc.nat(3)) }),
  fc.record({
    kind: fc.constant("version" as const),
    version: fc.constantFrom(performance.V2, performance.V3, performance.V4),
  }),
  fc.record({ kind: fc.constant("permission" as const), isAllowed: fc.boolean() }),
);

const doorbells: fc.Arbitrary<DoorbellOptions> = fc.constantFrom(
  8 as const,
  16 as const,
  32 as const,
  64 as const,
)
  .chain((width) =>
    fc.integer({ min: 1, max: width }).map((channelsPerRegister) => ({ width, channelsPerRegister }))
  );

/** Sets a level (one word) or limits (two) by a message. */
async function send(agent: TestAgent, domainId: number, words: readonly number[]): Promise<void> {
  const [first = 0, second] = words;
  if (second === undefined) {
    await callStatus(agent, PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId, level: first });
  } else {
    const params = { domainId, rangeMax: first, rangeMin: second };
    await callStatus(agent, PERFORMANCE, PERFORMANCE_LIMITS_SET, params);
  }
}

/** Lets something happen to a platform whose agent OSPM sets levels and limits in its own way. */
async function happen(
  { machine, model, psci, ospm }: DvfsSetting,
  event: Happening,
  set: (domainId: number, words: readonly number[]) => Promise<void> | void,
): Promise<void> {
  switch (event.kind) {
    case "set":
      return await (event.isOwn ? set(event.domainId, event.words) : send(psci, event.domainId, event.words));
    case "step":
      return machine.step(machine.nowUs() + event.us);
    case "ceiling":
      return model.dvfs.performanceDomains[DOMAIN.cpu]!.imposeCeiling("heat", event.levelIndex);
    case "version":
      await callStatus(ospm, PERFORMANCE, NEGOTIATE_PROTOCOL_VERSION, { version: event.version });
      return;
    case "permission":
      return machine.agents.find("OSPM")!.permitResource("performanceDomain", "cpu", event.isAllowed);
  }
}

function stateOf({ model }: DvfsSetting): unknown {
  return model.dvfs.performanceDomains.map(({ level, runningLevel, limits, agentLimits }) =>
    [level, runningLevel, limits.max, limits.min, agentLimits.max, agentLimits.min].map(({ value }) => value)
  );
}

async function subscribed(setting: DvfsSetting): Promise<DvfsSetting> {
  for (const schema of [performance.PERFORMANCE_NOTIFY_LEVEL, performance.PERFORMANCE_NOTIFY_LIMITS]) {
    for (const domainId of [DOMAIN.cpu, DOMAIN.gpu]) {
      await callStatus(setting.psci, PERFORMANCE, schema, { domainId, notifyEnable: { enable: true } });
    }
  }
  return setting;
}

/** What the messages answer that the FastChannels show; zeros where they are refused. */
async function answersOf(agent: TestAgent, domainId: number): Promise<number[]> {
  const level = await agent.client.call(PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, { domainId });
  const limits = await agent.client.call(PERFORMANCE, performance.PERFORMANCE_LIMITS_GET, { domainId });
  return [
    level.ok ? level.values.level : 0,
    ...limits.ok ? [limits.values.rangeMax, limits.values.rangeMin] : [0, 0],
  ];
}

Deno.test("FastChannels of performance do what messages do, in any course of events", async () => {
  await fc.assert(
    fc.asyncProperty(doorbells, fc.array(happening, { maxLength: 30 }), async (bells, events) => {
      const fast = await subscribed(createDvfs());
      const slow = await subscribed(createDvfs());
      const window = memoryWindow(2048);
      const area = new FastChannelArea(window, fast.ospm.channel.fastChannels, { doorbells: bells });
      fast.ospm.channel.sharedAreas = area;
      const memory = new FastChannelAgent(window);
      const channels = new Map<string, DescribedChannel>();
      for (const domainId of [DOMAIN.cpu, DOMAIN.gpu, DOMAIN.idle]) {
        for (const messageId of [LEVEL.set, LEVEL.get, LIMITS.set, LIMITS.get]) {
          const channel = await describeFastChannel(fast.ospm, PERFORMANCE, messageId, domainId);
          channels.set(`${domainId}/${messageId}`, channel);
        }
      }
      for (const event of events) {
        await happen(fast, event, (domainId, words) => {
          memory.write(channels.get(`${domainId}/${words.length === 1 ? LEVEL.set : LIMITS.set}`)!, words);
          area.poll();
          area.poll();
        });
        await happen(slow, event, (domainId, words) => send(slow.ospm, domainId, words));
        assertEquals(stateOf(fast), stateOf(slow));
        assertEquals(heardOfPerformance(fast.psci), heardOfPerformance(slow.psci));
        for (const domainId of [DOMAIN.cpu, DOMAIN.gpu, DOMAIN.idle]) {
          const read = [LEVEL.get, LIMITS.get].flatMap((id) =>
            memory.read(channels.get(`${domainId}/${id}`)!)
          );
          assertEquals(read, await answersOf(fast.ospm, domainId));
        }
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("FastChannels of power capping do what messages do, in any course of events", async () => {
  const value = fc.constantFrom(0, 1, 16, 100, 300, 1000, 50_000, 100_000, 1_215_000, 4_000_000, 0xffff_ffff);
  const write = fc.record({
    isCap: fc.boolean(),
    domainId: fc.constantFrom(CAPPED.cpu, CAPPED.gpu, CAPPED.soc, CAPPED.io, CAPPED.npu),
    value,
    us: fc.nat(50_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 20 }), async (writes) => {
      const [fast, slow] = [createPowercaps(), createPowercaps()];
      const window = memoryWindow(2048);
      const area = new FastChannelArea(window, fast.ospm.channel.fastChannels);
      fast.ospm.channel.sharedAreas = area;
      const memory = new FastChannelAgent(window);
      for (const { psci } of [fast, slow]) {
        const params = { domainId: CAPPED.cpu, notifyEnable: { enable: true } };
        await callStatus(psci, POWERCAP, powercap.POWERCAP_CAP_NOTIFY, params);
      }
      for (const { isCap, domainId, value, us } of writes) {
        const set = isCap ? CAP.set : INTERVAL.set;
        memory.write(await describeFastChannel(fast.ospm, POWERCAP, set, domainId), [value]);
        area.poll();
        if (isCap) {
          const params = { domainId, flags: { ignoresDelayed: false, async: false }, powerCap: value };
          await callStatus(slow.ospm, POWERCAP, powercap.POWERCAP_CAP_SET, params);
        } else {
          const params = { domainId, flags: {}, averagingUs: value };
          await callStatus(slow.ospm, POWERCAP, powercap.POWERCAP_PAI_SET, params);
        }
        for (const { machine } of [fast, slow]) machine.step(machine.nowUs() + us);
        const stateOf = ({ model }: typeof fast) =>
          model.powercapTree.domains.map(({ cap, averagingUs }) => [cap, averagingUs]);
        assertEquals(stateOf(fast), stateOf(slow));
        assertEquals(heardOfPowercaps(fast.psci), heardOfPowercaps(slow.psci));
        const domain = fast.model.powercapTree.domains[domainId]!;
        const read = async (id: number) =>
          memory.read(await describeFastChannel(fast.ospm, POWERCAP, id, domainId));
        assertEquals([...await read(CAP.get), ...await read(INTERVAL.get)], [
          domain.cap ?? 0,
          domain.averagingUs,
        ]);
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("FastChannelArea survives any bytes at any place", async () => {
  const scribble = fc.record({
    offset: fc.nat(2047),
    value: fc.oneof(word, fc.integer()),
    count: fc.integer({ min: 1, max: 64 }),
    us: fc.nat(200_000),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.option(doorbells),
      fc.constantFrom(0, 1000, 0xf_ffff),
      fc.array(scribble, { maxLength: 50 }),
      async (bells, rateLimitUs, scribbles) => {
        const setting = createDvfs();
        const { ospm, machine, model } = setting;
        const window = memoryWindow(2048);
        const area = new FastChannelArea(window, ospm.channel.fastChannels, {
          doorbells: bells,
          rateLimitUs,
        });
        ospm.channel.sharedAreas = area;
        await callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_PROTOCOL_ATTRIBUTES, {});
        const writable = area.layout.slots.filter(({ plan }) => plan.isWritten).length;
        for (const { offset, value, count, us } of scribbles) {
          for (let i = 0; i < count; i++) window.words[((offset >> 2) + i) % window.words.length] = value;
          const before = machine.trace.count("fastChannelWrite");
          area.poll();
          assert(machine.trace.count("fastChannelWrite") - before <= writable, "each counts once at a look");
          machine.step(machine.nowUs() + us);
          assertEquals(checkInvariants(model), []);
        }
        machine.step(machine.nowUs() + REFRESH_US);
        area.poll();
        for (const { plan, offset } of area.layout.slots) {
          if (plan.messageId !== LEVEL.get) continue;
          const [level] = await answersOf(ospm, plan.domainId);
          assertEquals(window.view.getUint32(offset, true), level);
        }
      },
    ),
    { numRuns: 60 },
  );
});
