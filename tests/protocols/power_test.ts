// Power domain protocol: what each command means. Refusals that follow from the declarations alone are in refusals_test.ts.
// Test names in parentheses are those of Arm's compliance suite that check the same.
import { assertEquals } from "@std/assert";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as power from "../../protocols/power/messages.ts";
import type { Release } from "../../protocols/protocol.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE } from "../../scp/core/header.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import {
  callOk,
  callStatus,
  connectAgent,
  encodeCommand,
  statusOfBytes,
  type TestAgent,
} from "../support/platform.ts";
import { AGENT, DOMAIN, POWER_BOARD } from "../support/power_board.ts";

const POWER = 0x11;
const ON = { isContextLost: false, stateId: 0 };
const OFF = { isContextLost: true, stateId: 0 };
const DOMAINS = Object.entries(DOMAIN);

interface Setting extends Platform {
  readonly ospm: TestAgent;
  readonly psci: TestAgent;
}

function createSetting(release: Release = "3.2"): Setting {
  const platform = createPlatform(POWER_BOARD, { release });
  return { ...platform, ospm: connectAgent(platform.machine), psci: connectAgent(platform.machine, "PSCI") };
}

async function set(
  agent: TestAgent,
  domainId: number,
  powerState: { isContextLost: boolean; stateId: number },
  isAsync = false,
): Promise<string> {
  return await callStatus(agent, POWER, power.POWER_STATE_SET, {
    flags: { async: isAsync },
    domainId,
    powerState,
  });
}

async function get(agent: TestAgent, domainId: number) {
  return (await callOk(agent, POWER, power.POWER_STATE_GET, { domainId })).powerState;
}

/** A command's bytes with one of its words replaced. */
function withWord(message: Uint8Array, place: number, word: number): Uint8Array {
  new DataView(message.buffer).setUint32(HEADER_SIZE + 4 * place, word, true);
  return message;
}

function stateSetMessage(domainId: number): Uint8Array {
  const params = { flags: { async: false }, domainId, powerState: ON };
  return encodeCommand(POWER, power.POWER_STATE_SET, params, 0);
}

/** What an agent heard: notification id, agent, domain, state. */
function heardBy(agent: TestAgent): unknown[] {
  return agent.heard.map((message) => {
    const view = new DataView(message.buffer, message.byteOffset);
    const { agentId, domainId, powerState } = readFields(
      power.POWER_STATE_CHANGED.payload,
      view,
      HEADER_SIZE,
      message.length,
    )!;
    return [message[0], agentId, domainId, powerState];
  });
}

Deno.test("PROTOCOL_VERSION of Power follows the release of the platform (p001)", async () => {
  const versions = { "1.0": 0x10000, "2.0": 0x20000, "3.0": 0x20000, "3.1": 0x30000, "3.2": 0x30001 };
  for (const [release, version] of Object.entries(versions)) {
    const { ospm } = createSetting(release as Release);
    assertEquals(await callOk(ospm, POWER, PROTOCOL_VERSION, {}), { version }, release);
  }
});

Deno.test("PROTOCOL_ATTRIBUTES of Power counts the domains that agents are shown, and no statistics (p002)", async () => {
  const { ospm } = createSetting();
  assertEquals(await callOk(ospm, POWER, power.POWER_PROTOCOL_ATTRIBUTES, {}), {
    attributes: { domainCount: DOMAINS.length },
    statisticsAddressLow: 0,
    statisticsAddressHigh: 0,
    statisticsSize: 0,
  });
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES of Power knows the messages of each version (p003, p004)", async () => {
  const last = { "1.0": 0x6, "2.0": 0x7, "3.1": 0x8, "3.2": 0x8 };
  for (const [release, lastId] of Object.entries(last)) {
    const { ospm } = createSetting(release as Release);
    for (let messageId = 0; messageId < 0x20; messageId++) {
      const isThere = messageId <= lastId || (messageId === 0x10 && release === "3.2");
      const status = await callStatus(ospm, POWER, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
      assertEquals(status, isThere ? "SUCCESS" : "NOT_FOUND", `${release} ${messageId}`);
    }
  }
});

Deno.test("POWER_DOMAIN_ATTRIBUTES tells each agent what it may do with each domain (p005)", async () => {
  const { machine } = createSetting();
  const flagsFor = async (name: string, hasP2a = true) => {
    const agent = connectAgent(machine, name, { hasP2a });
    const rows = [];
    for (const [name, domainId] of DOMAINS) {
      const { attributes } = await callOk(agent, POWER, power.POWER_DOMAIN_ATTRIBUTES, { domainId });
      const letters = [
        attributes.notifiesChanges ? "c" : "-",
        attributes.supportsAsync ? "a" : "-",
        attributes.supportsSync ? "s" : "-",
        attributes.notifiesRequests ? "r" : "-",
        attributes.hasExtendedName ? "x" : "-",
      ];
      rows.push(`${name} ${letters.join("")}`);
    }
    return rows;
  };
  assertEquals(await flagsFor("OSPM"), [
    "core0 -----",
    "core1 -----",
    "cluster -----",
    "gpu casr-",
    "shader casr-",
    "codec ca-rx",
    "locked -----",
    "soc c-sr-",
    "backup casr-",
  ]);
  assertEquals(await flagsFor("PSCI", false), [
    "core0 -a---",
    "core1 -a---",
    "cluster --s--",
    "gpu -as--",
    "shader -as--",
    "codec -a--x",
    "locked --s--",
    "soc --s--",
    "backup -as--",
  ]);
});

Deno.test("POWER_DOMAIN_ATTRIBUTES before version 3.0 has neither extended names nor the bit for requests", async () => {
  const { ospm } = createSetting("2.0");
  const answer = await callOk(ospm, POWER, power.POWER_DOMAIN_ATTRIBUTES, { domainId: DOMAIN.codec });
  assertEquals(answer, {
    attributes: {
      notifiesChanges: true,
      supportsAsync: true,
      supportsSync: false,
      notifiesRequests: false,
      hasExtendedName: false,
    },
    name: "video_codec_and",
  });
});

Deno.test("POWER_DOMAIN_ATTRIBUTES refuses the id behind the last, as it hides the system's domain (p006)", async () => {
  const { ospm } = createSetting();
  for (const schema of [power.POWER_DOMAIN_ATTRIBUTES, power.POWER_STATE_GET]) {
    assertEquals(await callStatus(ospm, POWER, schema, { domainId: DOMAINS.length }), "NOT_FOUND");
    assertEquals(await callStatus(ospm, POWER, schema, { domainId: 0x10000 }), "NOT_FOUND");
  }
  assertEquals(await set(ospm, DOMAINS.length, ON), "NOT_FOUND");
});

Deno.test("POWER_STATE_SET refuses reserved bits of flags and state, in any mode (p007)", () => {
  const { ospm, psci } = createSetting();
  const codec = [ospm, DOMAIN.codec] as const;
  for (const [agent, domainId] of [[ospm, DOMAIN.gpu], codec, [psci, DOMAIN.core0]] as const) {
    for (const flags of [0xe, 0xf, 0x8000_0000]) {
      assertEquals(statusOfBytes(agent, withWord(stateSetMessage(domainId), 0, flags)), -2);
    }
    for (const state of [0xff00_0000, 0x8000_0000, 0x1000_0000, 0x2000_0000, 0x0000_0001, 0x4000_00ff]) {
      assertEquals(statusOfBytes(agent, withWord(stateSetMessage(domainId), 2, state)), -2);
    }
  }
});

Deno.test("POWER_STATE_SET refuses a mode that the domain does not have, or not for this agent (p008)", async () => {
  const { ospm, psci } = createSetting();
  assertEquals(await set(ospm, DOMAIN.locked, ON), "NOT_SUPPORTED");
  assertEquals(await set(ospm, DOMAIN.core0, ON), "NOT_SUPPORTED");
  assertEquals(await set(ospm, DOMAIN.core0, ON, true), "NOT_SUPPORTED");
  assertEquals(await set(ospm, DOMAIN.cluster, ON), "NOT_SUPPORTED");
  assertEquals(await set(ospm, DOMAIN.codec, ON), "NOT_SUPPORTED", "asynchronous only");
  assertEquals(await set(psci, DOMAIN.cluster, ON, true), "NOT_SUPPORTED", "synchronous only");
  assertEquals(await set(psci, DOMAIN.locked, ON), "SUCCESS");
});

Deno.test("POWER_STATE_SET puts a state in force before it answers (p009, p010, p011)", async () => {
  const { ospm } = createSetting();
  for (const [, domainId] of DOMAINS) await get(ospm, domainId);
  assertEquals(await get(ospm, DOMAIN.gpu), OFF);
  assertEquals(await set(ospm, DOMAIN.shader, ON), "SUCCESS");
  assertEquals(await get(ospm, DOMAIN.shader), ON);
  assertEquals(await get(ospm, DOMAIN.gpu), ON, "brought on by its child");
  assertEquals(await set(ospm, DOMAIN.gpu, OFF), "DENIED");
  assertEquals(await set(ospm, DOMAIN.shader, OFF), "SUCCESS");
  assertEquals(await get(ospm, DOMAIN.gpu), OFF);
});

Deno.test("POWER_STATE_SET asynchronously answers first, then takes the latencies of all on the way", async () => {
  const { ospm, machine } = createSetting();
  assertEquals(await set(ospm, DOMAIN.shader, ON, true), "SUCCESS");
  assertEquals(await set(ospm, DOMAIN.gpu, OFF), "BUSY");
  machine.step(139);
  assertEquals(await get(ospm, DOMAIN.shader), OFF);
  machine.step(140);
  assertEquals(await get(ospm, DOMAIN.shader), ON);
  assertEquals(ospm.heard, [], "there is no delayed response");
});

Deno.test("POWER_STATE_SET of a core ignores the flag: it answers, and the core goes off later", async () => {
  for (const isAsync of [false, true]) {
    const { psci, machine } = createSetting();
    assertEquals(await set(psci, DOMAIN.core0, OFF, isAsync), "SUCCESS");
    assertEquals(await get(psci, DOMAIN.core0), ON);
    machine.step(400);
    assertEquals(await get(psci, DOMAIN.core0), OFF);
  }
});

Deno.test("POWER_STATE_SET takes the states of the board, with and without context", async () => {
  const { ospm, psci, machine } = createSetting();
  const sleep = { isContextLost: true, stateId: 1 };
  const retention = { isContextLost: false, stateId: 7 };
  assertEquals(await set(psci, DOMAIN.core1, sleep), "SUCCESS");
  assertEquals(
    await set(ospm, DOMAIN.codec, { isContextLost: true, stateId: 7 }, true),
    "INVALID_PARAMETERS",
  );
  assertEquals(await set(ospm, DOMAIN.codec, retention, true), "SUCCESS");
  machine.step(30);
  assertEquals(await get(ospm, DOMAIN.core1), sleep);
  assertEquals(await get(ospm, DOMAIN.codec), retention);
});

Deno.test("POWER_STATE_SET is denied for what is always on, and in a system that is down", async () => {
  const { ospm, model } = createSetting();
  assertEquals(await set(ospm, DOMAIN.soc, OFF), "DENIED");
  assertEquals(await set(ospm, DOMAIN.soc, ON), "SUCCESS");
  model.systemPower!.request("shutdown", false, AGENT.PSCI);
  assertEquals(await set(ospm, DOMAIN.gpu, ON), "DENIED");
  assertEquals(checkInvariants(model), []);
});

Deno.test("POWER_STATE_NOTIFY tells every subscriber who changed what, the one who did it too", async () => {
  const { ospm, machine } = createSetting();
  const vm = connectAgent(machine, "VM1");
  for (const agent of [ospm, vm]) {
    for (const domainId of [DOMAIN.gpu, DOMAIN.shader]) {
      const params = { domainId, notifyEnable: { enable: true } };
      assertEquals(await callStatus(agent, POWER, power.POWER_STATE_NOTIFY, params), "SUCCESS");
    }
  }
  await set(vm, DOMAIN.shader, ON);
  await set(vm, DOMAIN.shader, ON);
  const expected = [[0, AGENT.VM1, DOMAIN.gpu, ON], [0, AGENT.VM1, DOMAIN.shader, ON]];
  assertEquals(heardBy(ospm), expected);
  assertEquals(heardBy(vm), expected);
  const off = { domainId: DOMAIN.gpu, notifyEnable: { enable: false } };
  assertEquals(await callStatus(vm, POWER, power.POWER_STATE_NOTIFY, off), "SUCCESS");
  assertEquals(await callStatus(vm, POWER, power.POWER_STATE_NOTIFY, off), "SUCCESS", "harmless");
  await set(ospm, DOMAIN.shader, OFF);
  assertEquals(heardBy(vm).slice(2), [[0, AGENT.OSPM, DOMAIN.shader, OFF]]);
  assertEquals(heardBy(ospm).length, 4);
});

Deno.test("POWER_STATE_CHANGED of an asynchronous set comes when the state is reached", async () => {
  const { ospm, machine } = createSetting();
  await callOk(ospm, POWER, power.POWER_STATE_NOTIFY, {
    domainId: DOMAIN.codec,
    notifyEnable: { enable: true },
  });
  await set(ospm, DOMAIN.codec, ON, true);
  machine.step(999);
  assertEquals(heardBy(ospm), []);
  machine.step(1_000);
  assertEquals(heardBy(ospm), [[0, AGENT.OSPM, DOMAIN.codec, ON]]);
});

Deno.test("POWER_STATE_CHANGE_REQUESTED_NOTIFY tells requests that change nothing yet, or never", async () => {
  const { ospm, machine } = createSetting();
  const vm = connectAgent(machine, "VM1");
  for (const domainId of [DOMAIN.gpu, DOMAIN.codec, DOMAIN.soc]) {
    const params = { domainId, notifyEnable: { enable: true } };
    assertEquals(await callStatus(ospm, POWER, power.POWER_STATE_CHANGE_REQUESTED_NOTIFY, params), "SUCCESS");
  }
  await set(vm, DOMAIN.codec, ON, true);
  await set(vm, DOMAIN.soc, OFF);
  await set(vm, DOMAIN.soc, ON);
  await set(vm, DOMAIN.shader, ON);
  await set(vm, DOMAIN.gpu, OFF);
  machine.step(1e6);
  assertEquals(heardBy(ospm), [
    [1, AGENT.VM1, DOMAIN.codec, ON],
    [1, AGENT.VM1, DOMAIN.soc, OFF],
    [1, AGENT.VM1, DOMAIN.gpu, OFF],
  ]);
});

Deno.test("POWER_STATE_NOTIFY and its fellow judge the value first, then the domain (p012, p013, p014, p015, p016)", async () => {
  const { ospm } = createSetting();
  for (const schema of [power.POWER_STATE_NOTIFY, power.POWER_STATE_CHANGE_REQUESTED_NOTIFY]) {
    for (const [, domainId] of DOMAINS) {
      const params = { domainId, notifyEnable: { enable: true } };
      assertEquals(statusOfBytes(ospm, withWord(encodeCommand(POWER, schema, params, 0), 1, 0xf)), -2);
    }
    for (const enable of [true, false]) {
      const params = { domainId: DOMAIN.locked, notifyEnable: { enable } };
      assertEquals(await callStatus(ospm, POWER, schema, params), "NOT_SUPPORTED");
    }
    const params = { domainId: DOMAINS.length, notifyEnable: { enable: true } };
    assertEquals(await callStatus(ospm, POWER, schema, params), "NOT_FOUND");
  }
});

Deno.test("POWER_STATE_NOTIFY ends with the channel", async () => {
  const { ospm, psci, machine } = createSetting();
  await callOk(ospm, POWER, power.POWER_STATE_NOTIFY, {
    domainId: DOMAIN.gpu,
    notifyEnable: { enable: true },
  });
  ospm.channel.reset();
  await set(psci, DOMAIN.gpu, ON);
  machine.step(1e6);
  assertEquals(ospm.heard, []);
});

Deno.test("POWER_STATE_CHANGED has its layout in every version", async () => {
  for (const release of ["1.0", "2.0", "3.1", "3.2"] as const) {
    const { ospm } = createSetting(release);
    await callOk(ospm, POWER, power.POWER_STATE_NOTIFY, {
      domainId: DOMAIN.gpu,
      notifyEnable: { enable: true },
    });
    await set(ospm, DOMAIN.gpu, ON);
    assertEquals(heardBy(ospm), [[0, AGENT.OSPM, DOMAIN.gpu, ON]]);
    assertEquals(ospm.heard[0]!.length, HEADER_SIZE + 12, "Linux takes no other size");
  }
});

Deno.test("POWER_DOMAIN_NAME_GET tells extended names only", async () => {
  const { ospm } = createSetting();
  assertEquals(await callOk(ospm, POWER, power.POWER_DOMAIN_NAME_GET, { domainId: DOMAIN.codec }), {
    flags: 0,
    name: "video_codec_and_scaler",
  });
  const status = await callStatus(ospm, POWER, power.POWER_DOMAIN_NAME_GET, { domainId: DOMAIN.gpu });
  assertEquals(status, "NOT_SUPPORTED");
});

Deno.test("POWER_STATE_SET of agents that disagree: the last one decides", async () => {
  const { ospm, machine } = createSetting();
  const vm = connectAgent(machine, "VM1");
  await set(ospm, DOMAIN.gpu, ON);
  await set(vm, DOMAIN.gpu, OFF);
  assertEquals(await get(ospm, DOMAIN.gpu), OFF);
});
