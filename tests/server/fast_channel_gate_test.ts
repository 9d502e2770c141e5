// What the platform lets agents do through FastChannels: exactly what the commands would, with the same permissions, in the
// version in force, heard by the same agents; counted and recorded.
import { assert, assertEquals } from "@std/assert";
import { NEGOTIATE_PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as performance from "../../protocols/performance/messages.ts";
import { STATUS } from "../../scp/core/status.ts";
import type { ResourceKind } from "../../scp/core/resources.ts";
import {
  createDvfs,
  DOMAIN,
  type DvfsSetting,
  heardOfPerformance,
  PERFORMANCE,
} from "../support/dvfs_board.ts";
import { fastChannelsOf, placeOf } from "../support/fast_channels.ts";
import { CAPPED, createPowercaps, POWERCAP } from "../support/powercap_board.ts";
import { callOk, createMachine, type TestAgent } from "../support/platform.ts";

const LEVEL = { set: 0x7, get: 0x8 } as const;
const LIMITS = { set: 0x5, get: 0x6 } as const;
const RESOURCE: ResourceKind = "performanceDomain";

function permit({ machine }: DvfsSetting, agent: string, domain: string, isAllowed: boolean): void {
  machine.agents.find(agent)!.permitResource(RESOURCE, domain, isAllowed);
}

/** What a listener is told: places, and resets. */
function listen({ channel }: TestAgent): (number | "reset")[] {
  const told: (number | "reset")[] = [];
  channel.fastChannels.listen({
    changed: (place) => told.push(place),
    regionsChanged: () => {},
    reset: () => told.push("reset"),
  });
  return told;
}

Deno.test("FastChannelGate lists four FastChannels for each domain that the agent sees", () => {
  const { ospm } = createDvfs();
  const { plans } = fastChannelsOf(ospm, PERFORMANCE);
  assertEquals(plans.length, 4 * 3);
  assertEquals(
    plans.slice(4, 8),
    [[LIMITS.set, 8, true], [LIMITS.get, 8, false], [LEVEL.set, 4, true], [LEVEL.get, 4, false]].map((
      [messageId, size, isWritten],
    ) => ({ protocolId: PERFORMANCE, messageId, domainId: 1, size, isWritten }) as never),
  );
  const [agent] = createMachine().agents.all;
  assertEquals(agent!.channels.length, 0);
  assertEquals(createMachine().openChannel("OSPM")!.fastChannels.plans, [], "a board without such domains");
});

Deno.test("FastChannelGate refuses what the agent is denied, and shows nothing of it", () => {
  const setting = createDvfs();
  const { ospm, model } = setting;
  const { write, read } = fastChannelsOf(ospm, PERFORMANCE);
  const domain = model.dvfs.performanceDomains[DOMAIN.cpu]!;
  const before = domain.level;
  permit(setting, "OSPM", "cpu", false);
  assertEquals(write(LEVEL.set, DOMAIN.cpu, [200]), "DENIED");
  assertEquals(write(LIMITS.set, DOMAIN.cpu, [150, 100]), "DENIED");
  assertEquals([domain.level, domain.limits.max.value], [before, 200]);
  assertEquals([read(LEVEL.get, DOMAIN.cpu), read(LIMITS.get, DOMAIN.cpu)], [[0], [0, 0]]);
  assertEquals(read(LEVEL.get, DOMAIN.gpu).length, 1);
  assertEquals(write(LEVEL.set, DOMAIN.gpu, [2]), "SUCCESS", "another domain");
  permit(setting, "OSPM", "cpu", true);
  assertEquals(write(LEVEL.set, DOMAIN.cpu, [200]), "SUCCESS");
  assertEquals(read(LEVEL.get, DOMAIN.cpu), [200]);
});

Deno.test("FastChannelGate refuses a protocol that the agent is denied as a whole", () => {
  const setting = createDvfs();
  const { write, read } = fastChannelsOf(setting.psci, PERFORMANCE);
  for (const { name } of setting.model.dvfs.performanceDomains) permit(setting, "PSCI", name, false);
  for (const domainId of [DOMAIN.cpu, DOMAIN.gpu, DOMAIN.idle]) {
    assertEquals(write(LIMITS.set, domainId, [150, 100]), "DENIED");
    assertEquals(read(LEVEL.get, domainId), [0]);
  }
});

Deno.test("FastChannelGate refuses what the domain gives to other agents", () => {
  const { ospm, psci } = createDvfs();
  assertEquals(fastChannelsOf(ospm, PERFORMANCE).write(LEVEL.set, DOMAIN.idle, [1001]), "DENIED");
  assertEquals(fastChannelsOf(psci, PERFORMANCE).write(LEVEL.set, DOMAIN.idle, [1001]), "SUCCESS");
  assertEquals(fastChannelsOf(ospm, PERFORMANCE).write(LIMITS.set, DOMAIN.gpu, [2, 1]), "DENIED");
});

Deno.test("FastChannelGate judges by the version in force", async () => {
  const { ospm } = createDvfs();
  const { write, read } = fastChannelsOf(ospm, PERFORMANCE);
  const negotiate = (version: number) => callOk(ospm, PERFORMANCE, NEGOTIATE_PROTOCOL_VERSION, { version });
  assertEquals(write(LEVEL.set, DOMAIN.gpu, [60]), "OUT_OF_RANGE", "levels go by their index");
  assertEquals(write(LIMITS.set, DOMAIN.cpu, [0, 100]), "SUCCESS", "0 leaves the fastest level as it is");
  await negotiate(performance.V2);
  assertEquals(write(LEVEL.set, DOMAIN.gpu, [60]), "SUCCESS");
  assertEquals(write(LIMITS.set, DOMAIN.cpu, [0, 100]), "INVALID_PARAMETERS", "0 is a level");
  await negotiate(0x10000);
  assertEquals(write(LEVEL.set, DOMAIN.gpu, [30]), "NOT_SUPPORTED");
  assertEquals(read(LEVEL.get, DOMAIN.gpu), [0]);
});

Deno.test("FastChannelGate has other agents told what a message would have told them", async () => {
  const subscribe = async ({ psci }: DvfsSetting) => {
    const params = { domainId: DOMAIN.cpu, notifyEnable: { enable: true } };
    await callOk(psci, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LEVEL, params);
    await callOk(psci, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LIMITS, params);
  };
  const [fast, slow] = [createDvfs(), createDvfs()];
  for (const setting of [fast, slow]) await subscribe(setting);
  const { write } = fastChannelsOf(fast.ospm, PERFORMANCE);
  write(LEVEL.set, DOMAIN.cpu, [200]);
  write(LIMITS.set, DOMAIN.cpu, [150, 100]);
  await callOk(slow.ospm, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, {
    domainId: DOMAIN.cpu,
    level: 200,
  });
  await callOk(slow.ospm, PERFORMANCE, performance.PERFORMANCE_LIMITS_SET, {
    domainId: DOMAIN.cpu,
    rangeMax: 150,
    rangeMin: 100,
  });
  for (const { machine } of [fast, slow]) machine.step(10_000);
  const heard = heardOfPerformance(fast.psci);
  assertEquals(heard, heardOfPerformance(slow.psci));
  assertEquals(heard, ["limits 1 0 150 100", "level 1 0 200", "level 1 0 150"]);
});

Deno.test("FastChannelGate leaves the flags of a command at 0, whatever was written before", () => {
  const { ospm, model } = createPowercaps();
  fastChannelsOf(ospm, PERFORMANCE).write(LIMITS.set, 0, [0xffff_ffff, 0xffff_ffff]);
  assertEquals(fastChannelsOf(ospm, POWERCAP).write(0x5, CAPPED.gpu, [500]), "SUCCESS");
  assertEquals(model.powercapTree.domains[CAPPED.gpu]!.cap, 500);
});

Deno.test("FastChannelGate counts writes beside messages", async () => {
  const { ospm, machine } = createDvfs();
  const { write } = fastChannelsOf(ospm, PERFORMANCE);
  write(LEVEL.set, DOMAIN.cpu, [200]);
  write(LEVEL.set, DOMAIN.cpu, [201]);
  write(LIMITS.set, DOMAIN.cpu, [100, 150]);
  await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 50 });
  const counts = machine.agents.find("OSPM")!.messageCounts().find(({ protocol }) =>
    protocol === "performance"
  )!;
  assertEquals(
    counts.messages.map((
      { name, count, refusedCount, fastCount, fastRefusedCount },
    ) => [name, count, refusedCount, fastCount, fastRefusedCount]),
    [["PERFORMANCE_LIMITS_SET", 0, 0, 1, 1], ["PERFORMANCE_LEVEL_SET", 1, 0, 2, 1]],
  );
});

Deno.test("FastChannelGate records each write with the command that would do the same", () => {
  const { ospm, machine } = createDvfs();
  const { trace } = machine;
  machine.step(77);
  const requests: number[][] = [];
  const { write, read } = fastChannelsOf(ospm, PERFORMANCE);
  write(LEVEL.set, DOMAIN.cpu, [200]);
  const stop = trace.listen((_event, request, message) => {
    assertEquals(message, null);
    requests.push([...new Uint32Array(request!.buffer.slice(0, request!.byteLength))]);
  });
  write(LIMITS.set, DOMAIN.cpu, [100, 150]);
  read(LEVEL.get, DOMAIN.cpu);
  stop();
  assertEquals(requests, [[PERFORMANCE << 10 | LIMITS.set, DOMAIN.cpu, 100, 150]]);
  assertEquals(trace.count("fastChannelWrite"), 2);
  assertEquals(
    trace.last(2).map((
      { kind, timeUs, agentId, header, value, extra },
    ) => [kind, timeUs, agentId, header, value, extra]),
    [
      ["fastChannelWrite", 77, 1, PERFORMANCE << 10 | LEVEL.set, STATUS.SUCCESS, 12],
      ["fastChannelWrite", 77, 1, PERFORMANCE << 10 | LIMITS.set, STATUS.INVALID_PARAMETERS, 16],
    ],
  );
});

Deno.test("FastChannelGate tells of what is to be read anew, and of nothing else", async () => {
  const setting = createDvfs();
  const { ospm, psci, model } = setting;
  const { fastChannels } = ospm.channel;
  const place = (messageId: number, domainId: number) =>
    placeOf(fastChannels, PERFORMANCE, messageId, domainId);
  const told = listen(ospm);
  const takeTold = () => told.splice(0);
  const ofCpu = [place(LIMITS.get, DOMAIN.cpu), place(LEVEL.get, DOMAIN.cpu)];
  const readable = fastChannels.plans.flatMap(({ isWritten }, at) => isWritten ? [] : [at]);
  assertEquals(takeTold(), []);
  await callOk(psci, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 200 });
  assertEquals(takeTold(), ofCpu);
  setting.machine.step(10_000);
  assertEquals(takeTold(), [], "it was on its way already");
  model.dvfs.performanceDomains[DOMAIN.cpu]!.imposeCeiling("heat", 1);
  assertEquals(new Set(takeTold()), new Set(ofCpu));
  await callOk(ospm, PERFORMANCE, NEGOTIATE_PROTOCOL_VERSION, { version: performance.V3 });
  assertEquals(takeTold(), readable, "another version may name levels otherwise");
  permit(setting, "OSPM", "gpu", false);
  assertEquals(takeTold(), readable, "another permission");
  ospm.channel.reset();
  assertEquals(takeTold(), ["reset", ...readable]);
  await callOk(psci, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 50 });
  assertEquals(takeTold(), ofCpu, "still heard, once");
  fastChannels.listen(null);
  await callOk(psci, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 100 });
  assertEquals(takeTold(), []);
});

Deno.test("FastChannelGate does nothing more for a channel that is closed", async () => {
  const { ospm, psci, machine } = createDvfs();
  const told = listen(ospm);
  let isDone = false;
  ospm.channel.fastChannels.at(1000, () => isDone = true);
  ospm.channel.close();
  told.splice(0);
  machine.step(2000);
  await callOk(psci, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 200 });
  assert(!isDone);
  assertEquals(told, []);
});
