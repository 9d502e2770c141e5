// Power capping in version 3.0, a draft: concurrent power limits, intervals of caps and of measurements. What all versions have
// alike is in the other tests of power capping; refusals that follow from the declarations alone are in refusals_test.ts.
import { assertEquals } from "@std/assert";
import { NEGOTIATE_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import * as v3 from "../../protocols/powercap/messages_v3.ts";
import { findMessage } from "../../protocols/registry.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE, messageTypeOf } from "../../scp/core/header.ts";
import type { FastChannel, SharedAreas } from "../../scp/core/shared_area.ts";
import { statusName } from "../../scp/core/status.ts";
import type { LoopbackOptions } from "../../transports/loopback.ts";
import { fastChannelsOf } from "../support/fast_channels.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";
import { FUSE_CAP, LIMIT, LIMITS_BOARD } from "../support/power_limits.ts";
import { AGENT, CAPPED, createPowercaps, POWERCAP } from "../support/powercap_board.ts";

const { OSPM } = AGENT;
const AT_ONCE = { ignoresDelayed: false, async: false };
const ASYNC = { ignoresDelayed: false, async: true };

function setup(options?: LoopbackOptions) {
  const setting = createPowercaps("4.0-draft", LIMITS_BOARD);
  const agent = options === undefined ? setting.ospm : connectAgent(setting.machine, "OSPM", options);
  return { ...setting, agent };
}

const capOf = async (agent: TestAgent, domainId: number, limitId: number) =>
  (await callOk(agent, POWERCAP, v3.POWERCAP_CAP_GET_V3, { domainId, limitId })).powerCap;

const setCap = (agent: TestAgent, domainId: number, limitId: number, powerCap: number, flags = AT_ONCE) =>
  callStatus(agent, POWERCAP, v3.POWERCAP_CAP_SET_V3, { domainId, limitId, flags, powerCap });

const averagingOf = async (agent: TestAgent, domainId: number, limitId: number) =>
  (await callOk(agent, POWERCAP, v3.POWERCAP_CAI_GET, { domainId, limitId })).averagingUs;

const setAveraging = (agent: TestAgent, domainId: number, limitId: number, averagingUs: number) =>
  callStatus(agent, POWERCAP, v3.POWERCAP_CAI_SET, { domainId, flags: {}, averagingUs, limitId });

const setMeasuring = (agent: TestAgent, domainId: number, measuringUs: number) =>
  callStatus(agent, POWERCAP, v3.POWERCAP_PAI_SET_V3, { domainId, flags: {}, measuringUs });

const measuringOf = async (agent: TestAgent, domainId: number) =>
  (await callOk(agent, POWERCAP, v3.POWERCAP_PAI_GET_V3, { domainId })).measuringUs;

/** What an agent heard in a version: the name and the words, or the failure of a delayed response. Clears it. */
function heard(agent: TestAgent, version: number = v3.V3): string[] {
  return agent.heard.splice(0).map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    const schema = findMessage(header, version)!;
    const isDelayed = messageTypeOf(header) !== 3;
    const fields = schema.kind === "command" ? schema.delayed! : schema.payload;
    const status = isDelayed ? statusName(view.getInt32(HEADER_SIZE, true)) : "SUCCESS";
    if (status !== "SUCCESS") return `${schema.name} ${status}`;
    const values = readFields(fields, view, HEADER_SIZE + (isDelayed ? 4 : 0), message.length);
    return [schema.name, ...Object.values(values!)].join(" ");
  });
}

Deno.test("PROTOCOL_VERSION of power capping is 3.0 in the draft", async () => {
  assertEquals(await callOk(setup().agent, POWERCAP, PROTOCOL_VERSION, {}), { version: 0x30000 });
});

Deno.test("POWERCAP_DOMAIN_ATTRIBUTES of version 3.0 tells intervals of measurements and caps, and counts limits", async () => {
  const { agent } = setup();
  const cpu = await callOk(agent, POWERCAP, v3.POWERCAP_DOMAIN_ATTRIBUTES_V3, { domainId: CAPPED.cpu });
  assertEquals(cpu, {
    attributes: {
      notifiesMeasuring: false,
      notifiesPower: true,
      supportsAsync: true,
      hasExtendedName: false,
      isCapConfigurable: true,
      isMonitored: true,
      isMeasuringConfigurable: true,
      unit: powercap.UNIT_CODE.uW,
      hasFastChannels: false,
      notifiesCap: true,
      isAveragingConfigurable: true,
      notifiesAveraging: true,
      limitCount: 3,
    },
    name: "cpu",
    measuringMinUs: 10_000,
    measuringMaxUs: 1_000_000,
    measuringStepUs: 10_000,
    powerCapMin: 100_000,
    powerCapMax: 4_000_000,
    powerCapStep: 1_000,
    sustainablePower: 1_215_000,
    accuracy: 1_500,
    parentId: CAPPED.soc,
    averagingMinUs: 10_000,
    averagingMaxUs: 1_000_000,
    averagingStepUs: 10_000,
  });
  const shown = async (domainId: number) => {
    const told = await callOk(agent, POWERCAP, v3.POWERCAP_DOMAIN_ATTRIBUTES_V3, { domainId });
    return Object.entries(told.attributes).filter(([key, value]) => value === true || key === "limitCount");
  };
  // One is only measured over a fixed interval: it has no limits. The other tells of nothing.
  assertEquals(await shown(CAPPED.io), [
    ["notifiesPower", true],
    ["isMonitored", true],
    ["notifiesCap", true],
    ["notifiesAveraging", true],
    ["limitCount", 0],
  ]);
  assertEquals(await shown(CAPPED.gpu), [
    ["hasExtendedName", true],
    ["isCapConfigurable", true],
    ["isMonitored", true],
    ["isMeasuringConfigurable", true],
    ["isAveragingConfigurable", true],
    ["limitCount", 1],
  ]);
});

Deno.test("POWERCAP_DOMAIN_ATTRIBUTES of version 3.0 promises no messages to a channel without", async () => {
  const { agent } = setup({ hasP2a: false });
  const params = { domainId: CAPPED.cpu };
  const { attributes } = await callOk(agent, POWERCAP, v3.POWERCAP_DOMAIN_ATTRIBUTES_V3, params);
  const { notifiesCap, notifiesAveraging, notifiesPower, supportsAsync } = attributes;
  assertEquals([notifiesCap, notifiesAveraging, notifiesPower, supportsAsync], [false, false, false, false]);
  assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.peak, 500_000, ASYNC), "NOT_SUPPORTED");
});

const PEAK = {
  limitId: LIMIT.peak,
  flags: { isCapConfigurable: true },
  powerCapMin: 200_000,
  powerCapMax: 6_000_000,
  powerCapStep: 10_000,
  averagingMinUs: 5_000,
  averagingMaxUs: 50_000,
  averagingStepUs: 5_000,
  name: "peak",
};
const FUSE = {
  limitId: LIMIT.fuse,
  flags: { isCapConfigurable: false },
  powerCapMin: FUSE_CAP,
  powerCapMax: FUSE_CAP,
  powerCapStep: 0,
  averagingMinUs: 10_000,
  averagingMaxUs: 10_000,
  averagingStepUs: 0,
  name: "fuse",
};

Deno.test("POWERCAP_CPC_ATTRIBUTES describes all limits, by pages of what fits", async () => {
  const ask = (agent: TestAgent, index: number, domainId: number = CAPPED.cpu) =>
    callOk(agent, POWERCAP, v3.POWERCAP_CPC_ATTRIBUTES, { domainId, index });
  const { agent } = setup();
  const all = await ask(agent, 0);
  assertEquals(all.counts, { returned: 3, remaining: 0 });
  assertEquals(all.limits[0]!.name, "sustained");
  assertEquals(all.limits.slice(1), [PEAK, FUSE]);
  assertEquals(await ask(agent, 2), { counts: { returned: 1, remaining: 0 }, limits: [FUSE] });
  assertEquals((await ask(agent, 0, CAPPED.gpu)).limits.map(({ name }) => name), ["cap"]);
  // Header, status, counts and two descriptors of 48 bytes.
  const narrow = setup({ room: 12 + 2 * 48 }).agent;
  assertEquals((await ask(narrow, 0)).counts, { returned: 2, remaining: 1 });
  const narrower = setup({ room: 12 + 2 * 48 - 1 }).agent;
  assertEquals(await ask(narrower, 1), { counts: { returned: 1, remaining: 1 }, limits: [PEAK] });
});

Deno.test("POWERCAP_CPC_ATTRIBUTES refuses an index behind the last limit, and a domain without limits", async () => {
  const { agent } = setup();
  const ask = (domainId: number, index: number) =>
    callStatus(agent, POWERCAP, v3.POWERCAP_CPC_ATTRIBUTES, { domainId, index });
  assertEquals([await ask(CAPPED.cpu, 3), await ask(CAPPED.cpu, 0xffff_ffff)], [
    "OUT_OF_RANGE",
    "OUT_OF_RANGE",
  ]);
  assertEquals([await ask(CAPPED.io, 0), await ask(CAPPED.io, 1)], ["NOT_SUPPORTED", "NOT_SUPPORTED"]);
});

Deno.test("POWERCAP_CAP_SET of version 3.0 sets and lifts the cap of one limit", async () => {
  const { agent } = setup();
  const caps = () => Promise.all([0, 1, 2].map((limitId) => capOf(agent, CAPPED.cpu, limitId)));
  assertEquals(await caps(), [powercap.NO_CAP, powercap.NO_CAP, FUSE_CAP]);
  assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.peak, 5_000_000), "SUCCESS");
  assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.sustained, 1_000_000), "SUCCESS");
  assertEquals(await caps(), [1_000_000, 5_000_000, FUSE_CAP]);
  assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.sustained, powercap.NO_CAP), "SUCCESS");
  assertEquals(await caps(), [powercap.NO_CAP, 5_000_000, FUSE_CAP]);
});

Deno.test("POWERCAP_CAP_SET of version 3.0 refuses what a limit does not take", async () => {
  const { agent } = setup();
  for (const powerCap of [190_000, 6_010_000, 205_000, 0xffff_ffff]) {
    assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.peak, powerCap), "INVALID_PARAMETERS", `${powerCap}`);
    assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.peak, powerCap, ASYNC), "INVALID_PARAMETERS");
  }
  assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.fuse, FUSE_CAP), "NOT_SUPPORTED");
  assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.fuse, FUSE_CAP, ASYNC), "NOT_SUPPORTED");
  assertEquals(await setCap(agent, CAPPED.gpu, 0, 500, ASYNC), "NOT_SUPPORTED");
  assertEquals(await setCap(agent, CAPPED.io, 0, 16), "NOT_SUPPORTED");
  assertEquals(await setCap(agent, CAPPED.npu, 0, 400), "DENIED");
  assertEquals(await capOf(agent, CAPPED.cpu, LIMIT.peak), powercap.NO_CAP);
});

Deno.test("Power capping answers NOT_FOUND for a limit that a domain does not have", async () => {
  const { agent } = setup();
  for (
    const [domainId, limitId] of [[CAPPED.cpu, LIMIT.missing], [CAPPED.gpu, 1], [CAPPED.io, 0xffff_ffff]]
  ) {
    const params = { domainId: domainId!, limitId: limitId! };
    assertEquals(await callStatus(agent, POWERCAP, v3.POWERCAP_CAP_GET_V3, params), "NOT_FOUND");
    assertEquals(await callStatus(agent, POWERCAP, v3.POWERCAP_CAI_GET, params), "NOT_FOUND");
    assertEquals(await setCap(agent, params.domainId, params.limitId, 1), "NOT_FOUND");
    assertEquals(await setAveraging(agent, params.domainId, params.limitId, 1), "NOT_FOUND");
    const fast = { ...params, messageId: 0x5 };
    assertEquals(await callStatus(agent, POWERCAP, v3.POWERCAP_DESCRIBE_FASTCHANNEL_V3, fast), "NOT_FOUND");
  }
});

Deno.test("Power capping reads cap and interval of a domain without limits as those of limit 0", async () => {
  const { agent } = setup();
  assertEquals([await capOf(agent, CAPPED.io, 0), await averagingOf(agent, CAPPED.io, 0)], [0, 50_000]);
});

Deno.test("POWERCAP_CAP_SET_COMPLETE of version 3.0 names the limit, for each of two on their way", async () => {
  const { agent, machine } = setup();
  machine.step(1_000_000);
  assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.peak, 1_500_000, ASYNC), "SUCCESS");
  assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.sustained, 700_000, ASYNC), "SUCCESS");
  assertEquals(await setCap(agent, CAPPED.cpu, LIMIT.peak, 1_000_000), "BUSY");
  assertEquals([heard(agent), await capOf(agent, CAPPED.cpu, LIMIT.peak)], [[], powercap.NO_CAP]);
  machine.step(2_000_000);
  assertEquals(heard(agent).sort(), [
    `POWERCAP_CAP_SET ${CAPPED.cpu} 1500000 ${LIMIT.peak}`,
    `POWERCAP_CAP_SET ${CAPPED.cpu} 700000 ${LIMIT.sustained}`,
  ]);
  assertEquals(await capOf(agent, CAPPED.cpu, LIMIT.peak), 1_500_000);
  const flags = { ignoresDelayed: true, async: true };
  const params = { domainId: CAPPED.cpu, limitId: LIMIT.peak, flags, powerCap: 500_000 };
  assertEquals(await callStatus(agent, POWERCAP, v3.POWERCAP_CAP_SET_V3, params), "SUCCESS");
  machine.step(3_000_000);
  assertEquals([heard(agent), await capOf(agent, CAPPED.cpu, LIMIT.peak)], [[], 500_000]);
});

Deno.test("POWERCAP_PAI_SET of version 3.0 sets the interval of measurements alone", async () => {
  const { agent, machine, model } = setup();
  machine.step(1_000_000);
  assertEquals(await setMeasuring(agent, CAPPED.cpu, 10_000), "SUCCESS");
  assertEquals([await measuringOf(agent, CAPPED.cpu), await averagingOf(agent, CAPPED.cpu, 0)], [
    10_000,
    100_000,
  ]);
  model.setInput("utilisation.cpu", 0);
  machine.step(1_010_000);
  assertEquals(await callOk(agent, POWERCAP, powercap.POWERCAP_MEASUREMENTS_GET, { domainId: CAPPED.cpu }), {
    power: 0,
    averagingUs: 10_000,
  });
  assertEquals(await setMeasuring(agent, CAPPED.cpu, 15_000), "INVALID_PARAMETERS");
  assertEquals(await setMeasuring(agent, CAPPED.io, 50_000), "NOT_SUPPORTED");
  assertEquals(await setMeasuring(agent, CAPPED.npu, 10_000), "DENIED");
});

Deno.test("POWERCAP_CAI_SET sets the interval of one limit alone", async () => {
  const { agent } = setup();
  assertEquals(await setAveraging(agent, CAPPED.cpu, LIMIT.peak, 50_000), "SUCCESS");
  assertEquals(await setAveraging(agent, CAPPED.cpu, LIMIT.sustained, 1_000_000), "SUCCESS");
  assertEquals(
    [
      await averagingOf(agent, CAPPED.cpu, 0),
      await averagingOf(agent, CAPPED.cpu, 1),
      await measuringOf(agent, 0),
    ],
    [1_000_000, 50_000, 100_000],
  );
  assertEquals(await setAveraging(agent, CAPPED.cpu, LIMIT.peak, 55_000), "INVALID_PARAMETERS");
  assertEquals(await setAveraging(agent, CAPPED.cpu, LIMIT.fuse, 10_000), "NOT_SUPPORTED");
  assertEquals(await setAveraging(agent, CAPPED.npu, 0, 10_000), "DENIED");
});

Deno.test("POWERCAP_CAP_CHANGED of version 3.0 tells of caps and intervals of all limits, not of measuring", async () => {
  const { agent, psci } = setup();
  const notify = (enable: boolean) =>
    callStatus(psci, POWERCAP, powercap.POWERCAP_CAP_NOTIFY, {
      domainId: CAPPED.cpu,
      notifyEnable: { enable },
    });
  assertEquals(await notify(true), "SUCCESS");
  await setCap(agent, CAPPED.cpu, LIMIT.peak, 5_000_000);
  await setCap(agent, CAPPED.cpu, LIMIT.sustained, 4_000_000);
  await setMeasuring(agent, CAPPED.cpu, 200_000);
  await setAveraging(agent, CAPPED.cpu, LIMIT.peak, 10_000);
  await setAveraging(agent, CAPPED.cpu, LIMIT.sustained, 300_000);
  assertEquals(heard(psci), [
    `POWERCAP_CAP_CHANGED ${OSPM} ${CAPPED.cpu} 5000000 5000 ${LIMIT.peak}`,
    `POWERCAP_CAP_CHANGED ${OSPM} ${CAPPED.cpu} 4000000 100000 ${LIMIT.sustained}`,
    `POWERCAP_CAP_CHANGED ${OSPM} ${CAPPED.cpu} 5000000 10000 ${LIMIT.peak}`,
    `POWERCAP_CAP_CHANGED ${OSPM} ${CAPPED.cpu} 4000000 300000 ${LIMIT.sustained}`,
  ]);
  assertEquals(await notify(false), "SUCCESS");
  await setCap(agent, CAPPED.cpu, LIMIT.peak, 0);
  await setCap(agent, CAPPED.cpu, LIMIT.sustained, 0);
  assertEquals(heard(psci), []);
});

Deno.test("Power capping of version 2.0 on the same platform knows the first limit alone", async () => {
  const { agent, psci } = setup();
  assertEquals(
    await callStatus(psci, POWERCAP, NEGOTIATE_PROTOCOL_VERSION, { version: powercap.V2 }),
    "SUCCESS",
  );
  const notifyEnable = { enable: true };
  await callOk(psci, POWERCAP, powercap.POWERCAP_CAP_NOTIFY, { domainId: CAPPED.cpu, notifyEnable });
  await setCap(agent, CAPPED.cpu, LIMIT.peak, 5_000_000);
  await setCap(agent, CAPPED.cpu, LIMIT.sustained, 4_000_000);
  await setMeasuring(agent, CAPPED.cpu, 200_000);
  await setAveraging(agent, CAPPED.cpu, LIMIT.sustained, 300_000);
  assertEquals(heard(psci, powercap.V2), [
    `POWERCAP_CAP_CHANGED ${OSPM} ${CAPPED.cpu} 4000000 100000`,
    `POWERCAP_CAP_CHANGED ${OSPM} ${CAPPED.cpu} 4000000 200000`,
  ]);
  const params = { domainId: CAPPED.cpu, flags: {}, averagingUs: 500_000 };
  assertEquals(await callStatus(psci, POWERCAP, powercap.POWERCAP_PAI_SET, params), "SUCCESS");
  assertEquals([await measuringOf(agent, CAPPED.cpu), await averagingOf(agent, CAPPED.cpu, 0)], [
    500_000,
    500_000,
  ]);
  assertEquals(await averagingOf(agent, CAPPED.cpu, LIMIT.peak), 5_000);
});

/** FastChannels of all commands that can have one, for the processor's domain. */
class TestAreas implements SharedAreas {
  findFastChannel(_protocolId: number, messageId: number, domainId: number): FastChannel | null {
    if (domainId !== CAPPED.cpu || messageId < 0x4 || messageId > 0x7) return null;
    const address = 0x4000_0000n + BigInt(messageId) * 4n;
    return { address, size: 4, rateLimitUs: 1000, doorbell: null };
  }

  mapRegion(): bigint | null {
    return null;
  }
}

Deno.test("POWERCAP_DESCRIBE_FASTCHANNEL of version 3.0 has those of the first limit", async () => {
  const { agent } = setup();
  agent.channel.sharedAreas = new TestAreas();
  const ask = (messageId: number, limitId: number) =>
    callStatus(agent, POWERCAP, v3.POWERCAP_DESCRIBE_FASTCHANNEL_V3, {
      domainId: CAPPED.cpu,
      messageId,
      limitId,
    });
  for (const messageId of [0x4, 0x5, 0x6, 0x7]) {
    const params = { domainId: CAPPED.cpu, messageId, limitId: 0 };
    const told = await callOk(agent, POWERCAP, v3.POWERCAP_DESCRIBE_FASTCHANNEL_V3, params);
    assertEquals([told.addressLow, told.size], [0x4000_0000 + messageId * 4, 4]);
    assertEquals(await ask(messageId, LIMIT.peak), "NOT_SUPPORTED");
  }
  assertEquals([await ask(0xe, 0), await ask(0x42, 0), await ask(0x42, LIMIT.peak)], [
    "NOT_SUPPORTED",
    "NOT_FOUND",
    "NOT_FOUND",
  ]);
});

Deno.test("FastChannels of power capping in version 3.0 set the first limit, and the interval of measurements alone", async () => {
  const { agent } = setup();
  const { write, read } = fastChannelsOf(agent, POWERCAP);
  assertEquals(write(0x5, CAPPED.cpu, [1_000_000]), "SUCCESS");
  assertEquals(write(0x7, CAPPED.cpu, [20_000]), "SUCCESS");
  assertEquals([0x4, 0x6].map((id) => read(id, CAPPED.cpu)), [[1_000_000], [20_000]]);
  assertEquals(write(0x5, CAPPED.cpu, [1]), "INVALID_PARAMETERS");
  assertEquals(await capOf(agent, CAPPED.cpu, LIMIT.sustained), 1_000_000);
  assertEquals(await capOf(agent, CAPPED.cpu, LIMIT.peak), powercap.NO_CAP);
  assertEquals(await averagingOf(agent, CAPPED.cpu, LIMIT.sustained), 100_000);
});
