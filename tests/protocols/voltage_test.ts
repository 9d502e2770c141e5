// Voltage domain protocol: what each command means, also what Linux' regulator driver relies on. Refusals that follow from
// the declarations alone are in refusals_test.ts; Arm's compliance suite does not test this protocol.
import { assertEquals } from "@std/assert";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as voltage from "../../protocols/voltage/messages.ts";
import { HEADER_SIZE, messageTypeOf, tokenOf } from "../../scp/core/header.ts";
import { ASYNC_PENDING_MAX } from "../../scp/core/limits.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createDvfs, DOMAIN, PERFORMANCE, RAIL, VOLTAGE } from "../support/dvfs_board.ts";
import {
  callOk,
  callStatus,
  connectAgent,
  encodeCommand,
  STATUS,
  statusOfBytes,
  type TestAgent,
} from "../support/platform.ts";
import { PERFORMANCE_LEVEL_SET } from "../../protocols/performance/messages.ts";

const ON = { isOwnMode: false, modeId: 7 };
const OFF = { isOwnMode: false, modeId: 0 };
const COMMAND_US = 100;

async function set(agent: TestAgent, domainId: number, levelUv: number, async = false): Promise<string> {
  return await callStatus(agent, VOLTAGE, voltage.VOLTAGE_LEVEL_SET, { domainId, flags: { async }, levelUv });
}

async function levelOf(agent: TestAgent, domainId: number): Promise<number> {
  return (await callOk(agent, VOLTAGE, voltage.VOLTAGE_LEVEL_GET, { domainId })).levelUv;
}

async function configure(agent: TestAgent, domainId: number, config: typeof ON): Promise<string> {
  return await callStatus(agent, VOLTAGE, voltage.VOLTAGE_CONFIG_SET, { domainId, config });
}

async function configOf(agent: TestAgent, domainId: number) {
  return (await callOk(agent, VOLTAGE, voltage.VOLTAGE_CONFIG_GET, { domainId })).config;
}

Deno.test("PROTOCOL_VERSION of Voltage follows the release of the platform", async () => {
  const versions = { "3.0": 0x10000, "3.1": 0x20000, "3.2": 0x20001 };
  for (const [release, version] of Object.entries(versions)) {
    const { ospm } = createDvfs(release as Release);
    assertEquals(await callOk(ospm, VOLTAGE, PROTOCOL_VERSION, {}), { version }, release);
  }
  for (const release of ["1.0", "2.0"] as const) {
    const { ospm } = createDvfs(release);
    assertEquals(await callStatus(ospm, VOLTAGE, PROTOCOL_VERSION, {}), "NOT_SUPPORTED", release);
  }
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES of Voltage knows the messages of each version", async () => {
  for (const [release, lastId] of [["3.0", 0x8], ["3.1", 0x9], ["3.2", 0x9]] as const) {
    const { ospm } = createDvfs(release);
    for (let messageId = 0; messageId < 0x20; messageId++) {
      const isThere = messageId <= lastId || (messageId === 0x10 && release === "3.2");
      const status = await callStatus(ospm, VOLTAGE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
      assertEquals(status, isThere ? "SUCCESS" : "NOT_FOUND", `${release} ${messageId}`);
    }
  }
});

Deno.test("PROTOCOL_ATTRIBUTES of Voltage counts the domains", async () => {
  const { ospm } = createDvfs();
  assertEquals(await callOk(ospm, VOLTAGE, voltage.VOLTAGE_PROTOCOL_ATTRIBUTES, {}), {
    attributes: { domainCount: 3 },
  });
});

Deno.test("VOLTAGE_DOMAIN_ATTRIBUTES tells names, and delayed responses where there is a way for them", async () => {
  const { machine, ospm } = createDvfs();
  const told = async (agent: TestAgent) => {
    const replies = [];
    for (const domainId of [RAIL.core, RAIL.io, RAIL.fixed]) {
      const { attributes, name } = await callOk(agent, VOLTAGE, voltage.VOLTAGE_DOMAIN_ATTRIBUTES, {
        domainId,
      });
      const flags = `${attributes.supportsAsync ? "a" : "-"}${attributes.hasExtendedName ? "x" : "-"}`;
      replies.push(`${name} ${flags}`);
    }
    return replies;
  };
  assertEquals(await told(ospm), ["core a-", "a_voltage_domai ax", "fixed --"]);
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  assertEquals(await told(deaf), ["core --", "a_voltage_domai -x", "fixed --"]);
  assertEquals(await told(createDvfs("3.0").ospm), ["core --", "a_voltage_domai --", "fixed --"]);
});

Deno.test("VOLTAGE_DESCRIBE_LEVELS tells a segment as lowest, highest and step, whole", async () => {
  const { ospm } = createDvfs();
  const params = { domainId: RAIL.core, levelIndex: 0 };
  assertEquals(await callOk(ospm, VOLTAGE, voltage.VOLTAGE_DESCRIBE_LEVELS, params), {
    counts: { returned: 3, isSegment: true, remaining: 0 },
    levels: [{ levelUv: 700_000 }, { levelUv: 1_100_000 }, { levelUv: 10_000 }],
  });
  for (const levelIndex of [1, 3, 0xffff_ffff]) {
    const status = await callStatus(ospm, VOLTAGE, voltage.VOLTAGE_DESCRIBE_LEVELS, {
      ...params,
      levelIndex,
    });
    assertEquals(status, "OUT_OF_RANGE");
  }
});

Deno.test("VOLTAGE_DESCRIBE_LEVELS pages a list by the room of the agent, negative levels too", async () => {
  const { machine } = createDvfs();
  // Status, counts and three levels.
  const agent = connectAgent(machine, "OSPM", { room: 4 + 4 + 4 + 3 * 4 });
  const page = (levelIndex: number) =>
    callOk(agent, VOLTAGE, voltage.VOLTAGE_DESCRIBE_LEVELS, { domainId: RAIL.io, levelIndex });
  assertEquals(await page(0), {
    counts: { returned: 3, isSegment: false, remaining: 1 },
    levels: [{ levelUv: -5_000_000 }, { levelUv: 1_800_000 }, { levelUv: 2_500_000 }],
  });
  assertEquals(await page(3), {
    counts: { returned: 1, isSegment: false, remaining: 0 },
    levels: [{ levelUv: 3_300_000 }],
  });
  const params = { domainId: RAIL.io, levelIndex: 4 };
  assertEquals(await callStatus(agent, VOLTAGE, voltage.VOLTAGE_DESCRIBE_LEVELS, params), "OUT_OF_RANGE");
});

Deno.test("VOLTAGE_LEVEL_SET sets each level, and VOLTAGE_LEVEL_GET returns it", async () => {
  const { ospm, model } = createDvfs();
  for (const levelUv of [-5_000_000, 3_300_000, 2_500_000, 1_800_000]) {
    assertEquals(await set(ospm, RAIL.io, levelUv), "SUCCESS");
    assertEquals(await levelOf(ospm, RAIL.io), levelUv);
    assertEquals(checkInvariants(model), []);
  }
});

Deno.test("VOLTAGE_LEVEL_SET refuses what is not a level", async () => {
  const { ospm } = createDvfs();
  for (const levelUv of [0, 1_799_999, 3_300_001, -1, 0x7fff_ffff, -0x8000_0000]) {
    assertEquals(await set(ospm, RAIL.io, levelUv), "INVALID_PARAMETERS");
    assertEquals(await set(ospm, RAIL.io, levelUv, true), "INVALID_PARAMETERS");
  }
  for (const levelUv of [690_000, 1_110_000, 905_000]) {
    assertEquals(await set(ospm, RAIL.core, levelUv), "INVALID_PARAMETERS");
  }
  assertEquals(await levelOf(ospm, RAIL.io), 1_800_000);
});

Deno.test("VOLTAGE_LEVEL_SET and VOLTAGE_CONFIG_SET are denied to agents that may not set a domain", async () => {
  const { ospm, psci } = createDvfs();
  assertEquals(await set(ospm, RAIL.fixed, 5_000_000), "DENIED");
  assertEquals(await configure(ospm, RAIL.fixed, ON), "DENIED");
  assertEquals(await set(psci, RAIL.fixed, 5_000_000), "SUCCESS");
  assertEquals(await configure(psci, RAIL.fixed, ON), "SUCCESS");
  assertEquals(await configOf(ospm, RAIL.fixed), ON, "everybody may look");
});

Deno.test("VOLTAGE_LEVEL_SET does not take a rail below what a performance domain on it needs", async () => {
  const { ospm, machine } = createDvfs();
  // The CPU boots at 1500 MHz, for which it needs 900 mV.
  assertEquals(await levelOf(ospm, RAIL.core), 900_000);
  assertEquals(await set(ospm, RAIL.core, 890_000), "DENIED");
  assertEquals(await set(ospm, RAIL.core, 890_000, true), "DENIED");
  assertEquals(await set(ospm, RAIL.core, 950_000), "SUCCESS");
  assertEquals(await set(ospm, RAIL.core, 900_000), "SUCCESS");
  await callOk(ospm, PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level: 50 });
  machine.step(10_000);
  assertEquals(await set(ospm, RAIL.core, 850_000), "SUCCESS", "what the GPU needs at its level");
  assertEquals(await set(ospm, RAIL.core, 840_000), "DENIED");
  assertEquals(await configure(ospm, RAIL.core, OFF), "DENIED", "nor is it switched off");
  assertEquals(await configOf(ospm, RAIL.core), ON);
});

Deno.test("VOLTAGE_LEVEL_SET: what an agent asked for stays when a performance domain needs less", async () => {
  const { ospm, machine } = createDvfs();
  assertEquals(await set(ospm, RAIL.core, 950_000), "SUCCESS");
  for (const [level, levelUv] of [[200, 1_000_000], [50, 950_000]] as const) {
    await callOk(ospm, PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level });
    machine.step(machine.nowUs() + 10_000);
    assertEquals(await levelOf(ospm, RAIL.core), levelUv);
  }
});

Deno.test("VOLTAGE_LEVEL_SET with a delayed response answers when the regulator is there", async () => {
  const { ospm, machine } = createDvfs();
  const params = { domainId: RAIL.io, flags: { async: true }, levelUv: 3_300_000 };
  const later = ospm.client.callDelayed(VOLTAGE, voltage.VOLTAGE_LEVEL_SET, params);
  // To be told, then 1.5 V at 1 mV/us.
  machine.step(COMMAND_US + 1_500 - 1);
  assertEquals(await levelOf(ospm, RAIL.io), 1_800_000, "on the way it has the level it comes from");
  assertEquals(ospm.heard.length, 0);
  assertEquals(await set(ospm, RAIL.io, 2_500_000), "BUSY");
  assertEquals(await set(ospm, RAIL.io, 2_500_000, true), "BUSY");
  machine.step(COMMAND_US + 1_500);
  assertEquals(await later, { ok: true, values: { domainId: RAIL.io, levelUv: 3_300_000 } });
  assertEquals(await levelOf(ospm, RAIL.io), 3_300_000);
  assertEquals(await set(ospm, RAIL.io, 2_500_000), "SUCCESS");
});

Deno.test("VOLTAGE_LEVEL_SET echoes the token in its delayed response", async () => {
  const { ospm, machine } = createDvfs();
  const params = { domainId: RAIL.io, flags: { async: true }, levelUv: 2_500_000 };
  const message = encodeCommand(VOLTAGE, voltage.VOLTAGE_LEVEL_SET, params, 0x2a5);
  assertEquals(statusOfBytes(ospm, message), STATUS.SUCCESS);
  machine.step(10_000);
  const [delayed] = ospm.heard;
  const view = new DataView(delayed!.buffer, delayed!.byteOffset);
  const header = view.getUint32(0, true);
  assertEquals([messageTypeOf(header), tokenOf(header), delayed!.length], [2, 0x2a5, HEADER_SIZE + 12]);
  assertEquals(await levelOf(ospm, RAIL.io), 2_500_000);
});

Deno.test("VOLTAGE_LEVEL_SET refuses delayed responses that there is no way for", async () => {
  const { machine, psci, ospm } = createDvfs();
  assertEquals(await set(psci, RAIL.fixed, 5_000_000, true), "NOT_SUPPORTED");
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  assertEquals(await set(deaf, RAIL.io, 2_500_000, true), "NOT_SUPPORTED");
  assertEquals(await levelOf(ospm, RAIL.io), 1_800_000);
});

Deno.test("VOLTAGE_LEVEL_SET changes nothing when too many delayed responses are pending", async () => {
  const { machine } = createDvfs();
  const agent = connectAgent(machine, "OSPM", { p2aRoom: 0 });
  for (let i = 0; i < ASYNC_PENDING_MAX; i++) {
    const levelUv = i % 2 === 0 ? 2_500_000 : 1_800_000;
    assertEquals(await set(agent, RAIL.io, levelUv, true), "SUCCESS");
    machine.step(machine.nowUs() + 10_000);
  }
  assertEquals(await set(agent, RAIL.io, 3_300_000, true), "BUSY");
  machine.step(machine.nowUs() + 10_000);
  assertEquals(await levelOf(agent, RAIL.io), 1_800_000);
  assertEquals(await set(agent, RAIL.io, 3_300_000), "SUCCESS", "the rail is free");
});

Deno.test("VOLTAGE_LEVEL_SET of version 1.0 has no flags", async () => {
  const { ospm } = createDvfs("3.0");
  const schema = voltage.VOLTAGE_LEVEL_SET_V1;
  const params = { domainId: RAIL.io, flags: {}, levelUv: 2_500_000 };
  assertEquals(await callStatus(ospm, VOLTAGE, schema, params), "SUCCESS");
  assertEquals(await levelOf(ospm, RAIL.io), 2_500_000);
  const message = encodeCommand(VOLTAGE, schema, params, 0);
  new DataView(message.buffer).setUint32(HEADER_SIZE + 4, 1, true);
  assertEquals(statusOfBytes(ospm, message), STATUS.INVALID_PARAMETERS);
});

Deno.test("VOLTAGE_CONFIG_SET switches a domain off, on and into modes of its own", async () => {
  const { ospm } = createDvfs();
  assertEquals(await configOf(ospm, RAIL.io), ON);
  const own = (modeId: number) => ({ isOwnMode: true, modeId });
  for (const config of [OFF, own(1), own(0), ON]) {
    assertEquals(await configure(ospm, RAIL.io, config), "SUCCESS");
    assertEquals(await configOf(ospm, RAIL.io), config);
  }
});

Deno.test("VOLTAGE_CONFIG_SET refuses modes that do not exist, and those that a domain lacks", async () => {
  const { ospm } = createDvfs();
  for (const modeId of [1, 2, 3, 4, 5, 6]) {
    const config = { isOwnMode: false, modeId };
    assertEquals(await configure(ospm, RAIL.io, config), "INVALID_PARAMETERS", `architectural ${modeId}`);
  }
  for (const modeId of [2, 7]) {
    assertEquals(
      await configure(ospm, RAIL.io, { isOwnMode: true, modeId }),
      "NOT_SUPPORTED",
      `own ${modeId}`,
    );
  }
  assertEquals(await configure(ospm, RAIL.core, { isOwnMode: true, modeId: 1 }), "NOT_SUPPORTED");
  assertEquals(await configOf(ospm, RAIL.io), ON);
});

Deno.test("VOLTAGE_LEVEL_SET keeps a level while the domain is off, and does not switch it on", async () => {
  const { ospm, model } = createDvfs();
  assertEquals(await configure(ospm, RAIL.io, OFF), "SUCCESS");
  assertEquals(model.dvfs.rails.find(({ name }) => name === "io")!.volts, 0);
  assertEquals(await levelOf(ospm, RAIL.io), 1_800_000);
  assertEquals(await set(ospm, RAIL.io, 3_300_000), "SUCCESS");
  assertEquals(await configOf(ospm, RAIL.io), OFF);
  assertEquals(await levelOf(ospm, RAIL.io), 3_300_000);
  assertEquals(await configure(ospm, RAIL.io, ON), "SUCCESS");
  assertEquals(model.dvfs.rails.find(({ name }) => name === "io")!.volts, 3.3);
});

Deno.test("VOLTAGE_DOMAIN_NAME_GET tells the whole name of a domain that has more than the short one", async () => {
  const { ospm } = createDvfs("3.1");
  const schema = voltage.VOLTAGE_DOMAIN_NAME_GET;
  assertEquals(await callOk(ospm, VOLTAGE, schema, { domainId: RAIL.io }), {
    flags: 0,
    name: "a_voltage_domain_with_a_long_name",
  });
  assertEquals(await callStatus(ospm, VOLTAGE, schema, { domainId: RAIL.core }), "NOT_SUPPORTED");
});

Deno.test("VOLTAGE commands do not find a domain behind the last", async () => {
  const { ospm } = createDvfs();
  const domainId = RAIL.missing;
  assertEquals(await set(ospm, domainId, 0), "NOT_FOUND");
  assertEquals(await configure(ospm, domainId, ON), "NOT_FOUND");
  for (
    const schema of [voltage.VOLTAGE_DOMAIN_ATTRIBUTES, voltage.VOLTAGE_CONFIG_GET, voltage.VOLTAGE_LEVEL_GET]
  ) {
    assertEquals(await callStatus(ospm, VOLTAGE, schema, { domainId }), "NOT_FOUND", schema.name);
  }
});

Deno.test("VOLTAGE_LEVEL_SET answers later what came of the change, also when it was given up or was done at once", async () => {
  const begin = (setting: ReturnType<typeof createDvfs>) =>
    setting.ospm.client.callDelayed(VOLTAGE, voltage.VOLTAGE_LEVEL_SET, {
      domainId: RAIL.io,
      flags: { async: true },
      levelUv: 3_300_000,
    });
  const reset = createDvfs();
  const givenUp = begin(reset);
  reset.model.dvfs.reset(true);
  reset.machine.step(10_000);
  assertEquals(await givenUp, { ok: false, status: "GENERIC_ERROR" });
  const switched = createDvfs();
  const done = begin(switched);
  assertEquals(await configure(switched.ospm, RAIL.io, OFF), "SUCCESS");
  switched.machine.step(10_000);
  assertEquals(await done, { ok: true, values: { domainId: RAIL.io, levelUv: 3_300_000 } });
});
