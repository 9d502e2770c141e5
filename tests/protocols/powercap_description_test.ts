// Power capping protocol: what agents are told of domains, their names and their FastChannels. Refusals that follow from the
// declarations alone are in refusals_test.ts.
import { assertEquals } from "@std/assert";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import type { Release } from "../../protocols/protocol.ts";
import type { FastChannel, SharedAreas } from "../../scp/core/shared_area.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { createModel } from "../../scp/model/model.ts";
import { CAPPED, createPowercaps, POWERCAP, POWERCAP_BOARD } from "../support/powercap_board.ts";
import { fastChannelsOf, fastSizeOf } from "../support/fast_channels.ts";
import { callOk, callStatus, connectAgent, createMachine, type TestAgent } from "../support/platform.ts";

const RELEASES: readonly Release[] = ["3.1", "3.2"];

async function describe(agent: TestAgent, domainId: number) {
  return await callOk(agent, POWERCAP, powercap.POWERCAP_DOMAIN_ATTRIBUTES, { domainId });
}

/** The flags that an agent is told, as letters: cap and power notified, async, name, cap, monitored, interval, FastChannels. */
async function flagsOf(agent: TestAgent, domainId: number): Promise<string> {
  const { unit, ...flags } = (await describe(agent, domainId)).attributes;
  const letters = {
    notifiesCap: "C",
    notifiesPower: "P",
    supportsAsync: "A",
    hasExtendedName: "n",
    isCapConfigurable: "c",
    isMonitored: "m",
    isAveragingConfigurable: "i",
    hasFastChannels: "f",
  };
  const shown = Object.entries(letters).map(([name, letter]) =>
    flags[name as keyof typeof flags] ? letter : "-"
  );
  return `${shown.join("")} ${unit}`;
}

Deno.test("PROTOCOL_VERSION of power capping follows the release of the platform; older ones have no such protocol", async () => {
  for (const [release, version] of [["3.1", 0x10000], ["3.2", 0x20000]] as const) {
    const { ospm } = createPowercaps(release);
    assertEquals(await callOk(ospm, POWERCAP, PROTOCOL_VERSION, {}), { version }, release);
  }
  for (const release of ["1.0", "2.0", "3.0"] as const) {
    assertEquals(
      await callStatus(createPowercaps(release).ospm, POWERCAP, PROTOCOL_VERSION, {}),
      "NOT_SUPPORTED",
    );
  }
});

for (const release of RELEASES) {
  Deno.test(`POWERCAP_DOMAIN_ATTRIBUTES of release ${release} tells what domains are`, async () => {
    const { ospm } = createPowercaps(release);
    assertEquals(await callOk(ospm, POWERCAP, powercap.POWERCAP_PROTOCOL_ATTRIBUTES, {}), {
      attributes: { domainCount: 5 },
    });
    const flags = [];
    for (let domainId = 0; domainId < 5; domainId++) flags.push(await flagsOf(ospm, domainId));
    assertEquals(flags, ["CPA-cmi- 1", "---ncmi- 2", "CPA-cmi- 2", "CP---m-- 0", "C-A----- 2"]);
    const { attributes: _, ...cpu } = await describe(ospm, CAPPED.cpu);
    assertEquals(cpu, {
      name: "cpu",
      averagingMinUs: 10_000,
      averagingMaxUs: 1_000_000,
      averagingStepUs: 10_000,
      powerCapMin: 100_000,
      powerCapMax: 4_000_000,
      powerCapStep: 1_000,
      sustainablePower: 1_215_000,
      accuracy: 1_500,
      parentId: CAPPED.soc,
    });
    const { attributes: _flags, ...io } = await describe(ospm, CAPPED.io);
    assertEquals(io, {
      name: "io",
      averagingMinUs: 50_000,
      averagingMaxUs: 50_000,
      averagingStepUs: 0,
      powerCapMin: 16,
      powerCapMax: 16,
      powerCapStep: 0,
      sustainablePower: 16,
      accuracy: 0,
      parentId: CAPPED.soc,
    });
    assertEquals((await describe(ospm, CAPPED.soc)).parentId, powercap.NO_PARENT);
  });

  Deno.test(`POWERCAP_DOMAIN_NAME_GET of release ${release} tells long names, and has none of others`, async () => {
    const { ospm } = createPowercaps(release);
    const nameOf = powercap.POWERCAP_DOMAIN_NAME_GET;
    assertEquals((await describe(ospm, CAPPED.gpu)).name, "gpu_power_with_");
    assertEquals(await callOk(ospm, POWERCAP, nameOf, { domainId: CAPPED.gpu }), {
      flags: 0,
      name: "gpu_power_with_a_long_name",
    });
    assertEquals(await callStatus(ospm, POWERCAP, nameOf, { domainId: CAPPED.cpu }), "NOT_SUPPORTED");
    assertEquals(await callStatus(ospm, POWERCAP, nameOf, { domainId: CAPPED.missing }), "NOT_FOUND");
  });
}

Deno.test("POWERCAP_DOMAIN_ATTRIBUTES promises nothing that needs a way to the agent, without one", async () => {
  const { machine } = createPowercaps();
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  assertEquals(await flagsOf(deaf, CAPPED.cpu), "----cmi- 1");
  assertEquals(
    await callStatus(deaf, POWERCAP, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: 0xa }),
    "NOT_FOUND",
  );
  assertEquals(
    await callStatus(deaf, POWERCAP, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: 0xb }),
    "NOT_FOUND",
  );
  const flags = { ignoresDelayed: true, async: true };
  const params = { domainId: CAPPED.cpu, flags, powerCap: 1_000_000 };
  assertEquals(await callStatus(deaf, POWERCAP, powercap.POWERCAP_CAP_SET, params), "NOT_SUPPORTED");
});

Deno.test("POWERCAP_DOMAIN_ATTRIBUTES names the nearest domain above that the agent sees, by the agent's id", async () => {
  const timeline = new Timeline();
  const powercapDomains = [
    ...POWERCAP_BOARD.powercapDomains,
    { ...POWERCAP_BOARD.powercapDomains[CAPPED.soc]!, id: 5, name: "board", blocks: [] },
  ].map((domain) => domain.name === "soc" ? { ...domain, parent: "board" } : domain);
  const { view } = createModel({ ...POWERCAP_BOARD, powercapDomains }, { seed: 1, scheduler: timeline });
  const parentsOf = async (names: readonly string[]) => {
    const seen = names.map((name) => view.powercapDomain.find((domain) => domain.name === name)!);
    const agent = connectAgent(createMachine({ timeline, view: { powercapDomain: seen }, devices: [] }));
    const parents = [];
    for (let domainId = 0; domainId < names.length; domainId++) {
      parents.push((await describe(agent, domainId)).parentId);
    }
    return parents;
  };
  assertEquals(await parentsOf(["board", "soc", "cpu"]), [powercap.NO_PARENT, 0, 1]);
  assertEquals(await parentsOf(["cpu", "board"]), [1, powercap.NO_PARENT]);
  assertEquals(await parentsOf(["cpu", "io"]), [powercap.NO_PARENT, powercap.NO_PARENT]);
});

/** A transport's memory: FastChannels for the first domain. */
class TestAreas implements SharedAreas {
  findFastChannel(protocolId: number, messageId: number, domainId: number): FastChannel | null {
    if (protocolId !== POWERCAP || domainId !== CAPPED.cpu) return null;
    if (messageId < 0x4 || messageId > 0x7) return null;
    const size = 4;
    const doorbell = { address: 0x2_0000_1000n, width: 8, setMask: 1n, preserveMask: 0xfen } as const;
    const isSet = messageId === 0x5 || messageId === 0x7;
    const address = 0x1_4000_0000n + BigInt(messageId) * 4n;
    return { address, size, rateLimitUs: 1000, doorbell: isSet ? doorbell : null };
  }

  mapRegion(): bigint | null {
    return null;
  }
}

Deno.test("POWERCAP_DESCRIBE_FASTCHANNEL knows which messages there are, and has nothing without a transport that has", async () => {
  const { ospm } = createPowercaps();
  const ask = (domainId: number, messageId: number) =>
    callStatus(ospm, POWERCAP, powercap.POWERCAP_DESCRIBE_FASTCHANNEL, { domainId, messageId });
  for (let messageId = 0; messageId <= 0xc; messageId++) {
    assertEquals(await ask(CAPPED.cpu, messageId), "NOT_SUPPORTED", `message ${messageId}`);
    const told = await callOk(ospm, POWERCAP, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
    assertEquals(told.attributes, 0);
  }
  assertEquals(await ask(CAPPED.cpu, 0xd), "NOT_FOUND");
  assertEquals(await ask(CAPPED.missing, 0x5), "NOT_FOUND");
});

Deno.test("POWERCAP_DESCRIBE_FASTCHANNEL describes what the transport offers", async () => {
  for (const release of RELEASES) {
    const { ospm } = createPowercaps(release);
    ospm.channel.sharedAreas = new TestAreas();
    assertEquals(await flagsOf(ospm, CAPPED.cpu), "CPA-cmif 1");
    assertEquals(await flagsOf(ospm, CAPPED.soc), "CPA-cmi- 2");
    for (const messageId of [0x4, 0x5, 0x6, 0x7]) {
      const told = await callOk(ospm, POWERCAP, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
      assertEquals(told.attributes, 1);
      const isSet = messageId % 2 === 1;
      const params = { domainId: CAPPED.cpu, messageId };
      assertEquals(await callOk(ospm, POWERCAP, powercap.POWERCAP_DESCRIBE_FASTCHANNEL, params), {
        attributes: { hasDoorbell: isSet, doorbellWidth: 0 },
        rateLimit: { intervalUs: 1000 },
        addressLow: 0x4000_0000 + messageId * 4,
        addressHigh: 1,
        size: 4,
        doorbellAddressLow: isSet ? 0x1000 : 0,
        doorbellAddressHigh: isSet ? 2 : 0,
        setMaskLow: isSet ? 1 : 0,
        setMaskHigh: 0,
        preserveMaskLow: isSet ? 0xfe : 0,
        preserveMaskHigh: 0,
      });
    }
    const status = (domainId: number, messageId: number) =>
      callStatus(ospm, POWERCAP, powercap.POWERCAP_DESCRIBE_FASTCHANNEL, { domainId, messageId });
    assertEquals(await status(CAPPED.soc, 0x5), "NOT_SUPPORTED");
    assertEquals(await status(CAPPED.cpu, 0x9), "NOT_SUPPORTED");
    const other = await callOk(ospm, POWERCAP, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: 0x9 });
    assertEquals(other.attributes, 0);
  }
});

Deno.test("POWERCAP FastChannels do what the commands do, and ignore what those refuse", async () => {
  const { ospm } = createPowercaps();
  const fast = fastChannelsOf(ospm, POWERCAP);
  const { write, read } = fast;
  const valuesOf = async (domainId: number) => {
    const { powerCap } = await callOk(ospm, POWERCAP, powercap.POWERCAP_CAP_GET, { domainId });
    const { averagingUs } = await callOk(ospm, POWERCAP, powercap.POWERCAP_PAI_GET, { domainId });
    assertEquals([read(0x4, domainId), read(0x6, domainId)], [[powerCap], [averagingUs]]);
    return [powerCap, averagingUs];
  };
  assertEquals(write(0x5, CAPPED.cpu, [1_500_000]), "SUCCESS");
  assertEquals(write(0x7, CAPPED.cpu, [50_000]), "SUCCESS");
  assertEquals(await valuesOf(CAPPED.cpu), [1_500_000, 50_000]);
  assertEquals(write(0x5, CAPPED.cpu, [1]), "OUT_OF_RANGE");
  assertEquals(write(0x7, CAPPED.cpu, [1]), "OUT_OF_RANGE");
  assertEquals(write(0x4, CAPPED.cpu, [100_000]), "NOT_SUPPORTED", "it is only read");
  assertEquals(await valuesOf(CAPPED.cpu), [1_500_000, 50_000]);
  assertEquals(write(0x5, CAPPED.cpu, [powercap.NO_CAP]), "SUCCESS");
  assertEquals(await valuesOf(CAPPED.cpu), [0, 50_000]);
  assertEquals(write(0x5, CAPPED.npu, [500]), "DENIED");
  assertEquals(await valuesOf(CAPPED.npu), [300, 100_000], "of another agent");
  assertEquals([read(0x5, CAPPED.cpu), read(0x7, CAPPED.cpu)], [[0], [0]], "they are only written");
  const sizes = [0x3, 0x4, 0x5, 0x6, 0x7, 0x9].map((messageId) => fastSizeOf(fast, messageId));
  assertEquals(sizes, [0, 4, 4, 4, 4, 0]);
});
