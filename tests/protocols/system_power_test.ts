// System power protocol: what each command means, and a whole negotiation. Refusals that follow from the declarations alone
// are in refusals_test.ts. Test names in parentheses are those of Arm's compliance suite that check the same.
import { assert, assertEquals } from "@std/assert";
import { completeSystemPolicy } from "../../boards/system_policy.ts";
import { BASE_RESET_AGENT_CONFIGURATION } from "../../protocols/base/messages.ts";
import {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "../../protocols/every_protocol.ts";
import * as power from "../../protocols/power/messages.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as system from "../../protocols/system_power/messages.ts";
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

const BASE = 0x10;
const SYSTEM = 0x12;
const POWER = 0x11;
const { SYSTEM_STATE } = system;

interface Setting extends Platform {
  readonly ospm: TestAgent;
  readonly psci: TestAgent;
  readonly vm: TestAgent;
  readonly bmc: TestAgent;
}

function createSetting(release: Release = "3.2"): Setting {
  const platform = createPlatform(POWER_BOARD, { release });
  const [ospm, psci, vm, bmc] = POWER_BOARD.agents.map(({ name }) => connectAgent(platform.machine, name));
  return { ...platform, ospm: ospm!, psci: psci!, vm: vm!, bmc: bmc! };
}

async function set(agent: TestAgent, systemState: number, graceful = false): Promise<string> {
  return await callStatus(agent, SYSTEM, system.SYSTEM_POWER_STATE_SET, { flags: { graceful }, systemState });
}

async function get(agent: TestAgent): Promise<number> {
  return (await callOk(agent, SYSTEM, system.SYSTEM_POWER_STATE_GET, {})).systemState;
}

async function subscribe(...agents: TestAgent[]): Promise<void> {
  for (const agent of agents) {
    const params = { notifyEnable: { enable: true } };
    assertEquals(await callStatus(agent, SYSTEM, system.SYSTEM_POWER_STATE_NOTIFY, params), "SUCCESS");
  }
}

/** What an agent heard of the system: requester, graceful, state, timeout. */
function heardBy(agent: TestAgent): unknown[] {
  return agent.heard.map((message) => {
    const view = new DataView(message.buffer, message.byteOffset);
    const { payload } = system.SYSTEM_POWER_STATE_NOTIFIER;
    const { agentId, flags, systemState, timeoutMs } = readFields(
      payload,
      view,
      HEADER_SIZE,
      message.length,
    )!;
    return [agentId, flags.graceful, systemState, timeoutMs];
  });
}

async function attributesOf(agent: TestAgent, messageId: number): Promise<number | string> {
  const result = await agent.client.call(SYSTEM, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
  return result.ok ? result.values.attributes : result.status;
}

Deno.test("PROTOCOL_VERSION of System power follows the release of the platform (s001)", async () => {
  const versions = { "1.0": 0x10000, "2.0": 0x10000, "3.0": 0x10000, "3.1": 0x20000, "3.2": 0x20001 };
  for (const [release, version] of Object.entries(versions)) {
    const { ospm } = createSetting(release as Release);
    assertEquals(await callOk(ospm, SYSTEM, PROTOCOL_VERSION, {}), { version }, release);
  }
});

Deno.test("PROTOCOL_ATTRIBUTES of System power is 0 (s002)", async () => {
  const { ospm } = createSetting();
  assertEquals(await callOk(ospm, SYSTEM, system.SYSTEM_POWER_PROTOCOL_ATTRIBUTES, {}), { attributes: 0 });
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES of System power tells what the agent may ask for (s003)", async () => {
  const { ospm, psci, vm } = createSetting();
  const { SYSTEM_POWER_STATE_SET, SYSTEM_POWER_STATE_GET } = system;
  assertEquals(await attributesOf(psci, SYSTEM_POWER_STATE_SET.id), 0xc000_0000);
  assertEquals(await attributesOf(ospm, SYSTEM_POWER_STATE_SET.id), 0x8000_0000);
  assertEquals(await attributesOf(vm, SYSTEM_POWER_STATE_SET.id), 0);
  assertEquals(await attributesOf(vm, SYSTEM_POWER_STATE_GET.id), 0);
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES of System power does not know others (s004)", async () => {
  const { ospm } = createSetting();
  assertEquals(await attributesOf(ospm, 6), "NOT_FOUND");
  assertEquals(statusOfBytes(ospm, Uint8Array.of(6, SYSTEM << 2, 0, 0)), -4);
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES says NOT_SUPPORTED of the notification where there is none", async () => {
  const { machine, ospm } = createSetting();
  const mute = connectAgent(machine, "OSPM", { hasP2a: false });
  assertEquals(await attributesOf(mute, system.SYSTEM_POWER_STATE_NOTIFY.id), "NOT_SUPPORTED");
  assertEquals(await attributesOf(ospm, system.SYSTEM_POWER_STATE_NOTIFY.id), 0);
});

Deno.test("SYSTEM_POWER_STATE_SET refuses reserved flags and states before it looks at the view (s005)", async () => {
  const { vm, psci } = createSetting();
  for (const agent of [vm, psci]) {
    const params = { flags: { graceful: false }, systemState: SYSTEM_STATE.coldReset };
    const message = encodeCommand(SYSTEM, system.SYSTEM_POWER_STATE_SET, params, 0);
    for (const flags of [0x2, 0xf, 0x8000_0000]) {
      new DataView(message.buffer).setUint32(HEADER_SIZE, flags, true);
      assertEquals(statusOfBytes(agent, message), -2);
    }
    for (const state of [5, 0x7fff_ffff]) assertEquals(await set(agent, state), "INVALID_PARAMETERS");
    for (const state of [0x8000_0000, 0xffff_ffff]) assertEquals(await set(agent, state), "NOT_SUPPORTED");
  }
});

Deno.test("SYSTEM_POWER_STATE_GET tells the condition to the full view only (s006)", async () => {
  const { ospm, vm, psci, bmc, machine } = createSetting();
  for (const agent of [ospm, vm]) {
    assertEquals(await callStatus(agent, SYSTEM, system.SYSTEM_POWER_STATE_GET, {}), "NOT_SUPPORTED");
  }
  assertEquals(await get(bmc), SYSTEM_STATE.powerUp);
  assertEquals(await set(psci, SYSTEM_STATE.suspend), "SUCCESS");
  assertEquals(await get(bmc), SYSTEM_STATE.suspend);
  assertEquals(await set(bmc, SYSTEM_STATE.powerUp), "SUCCESS");
  assertEquals(await set(bmc, SYSTEM_STATE.coldReset), "SUCCESS");
  assertEquals(await get(bmc), SYSTEM_STATE.shutdown, "on its way");
  machine.step(5_000);
  assertEquals(await get(bmc), SYSTEM_STATE.powerUp);
  assertEquals(await set(bmc, SYSTEM_STATE.shutdown), "SUCCESS");
  assertEquals(await get(bmc), SYSTEM_STATE.shutdown);
});

Deno.test("SYSTEM_POWER_STATE_NOTIFY refuses reserved bits (s007)", () => {
  const { ospm } = createSetting();
  const params = { notifyEnable: { enable: true } };
  const message = encodeCommand(SYSTEM, system.SYSTEM_POWER_STATE_NOTIFY, params, 0);
  new DataView(message.buffer).setUint32(HEADER_SIZE, 0xf, true);
  assertEquals(statusOfBytes(ospm, message), -2);
});

Deno.test("SYSTEM_POWER_STATE_SET acts at once for the full view, and is answered", async () => {
  const { psci, model } = createSetting();
  assertEquals(await set(psci, SYSTEM_STATE.powerUp), "DENIED");
  assertEquals(await set(psci, SYSTEM_STATE.shutdown), "SUCCESS");
  assertEquals(model.powerTree.domains.filter(({ isOn }) => isOn), []);
  assertEquals(await set(psci, SYSTEM_STATE.warmReset), "DENIED");
  assertEquals(await set(psci, SYSTEM_STATE.coldReset), "SUCCESS");
  assertEquals(await set(psci, SYSTEM_STATE.shutdown), "BUSY");
  assertEquals(checkInvariants(model), []);
});

Deno.test("SYSTEM_POWER_STATE_SET of guests: graceful from trusted ones, nothing from others", async () => {
  const { ospm, vm } = createSetting();
  for (const systemState of Object.values(SYSTEM_STATE)) {
    assertEquals(await set(ospm, systemState), "NOT_SUPPORTED");
    for (const graceful of [true, false]) assertEquals(await set(vm, systemState, graceful), "NOT_SUPPORTED");
  }
  assertEquals(await set(ospm, SYSTEM_STATE.suspend, true), "NOT_SUPPORTED");
  assertEquals(await set(ospm, SYSTEM_STATE.warmReset, true), "SUCCESS");
});

Deno.test("SYSTEM_POWER_STATE_NOTIFIER tells a graceful shutdown with its timeout, and not the requester", async () => {
  const { ospm, vm, bmc } = createSetting();
  await subscribe(ospm, vm, bmc);
  assertEquals(await set(bmc, SYSTEM_STATE.shutdown, true), "SUCCESS");
  const told = [AGENT.BMC, true, SYSTEM_STATE.shutdown, 2_000];
  assertEquals([ospm, vm, bmc].map(heardBy), [[told], [told], []]);
  assertEquals(await set(ospm, SYSTEM_STATE.coldReset, true), "BUSY");
});

Deno.test("SYSTEM_POWER_STATE_NOTIFIER has 12 bytes in version 1.0, 16 since 2.0, also after a negotiation", async () => {
  const sizes = { "1.0": 12, "3.0": 12, "3.1": 16, "3.2": 16 } as const;
  for (const [release, size] of Object.entries(sizes)) {
    const { ospm, bmc } = createSetting(release as Release);
    await subscribe(ospm);
    await set(bmc, SYSTEM_STATE.warmReset, true);
    assertEquals(ospm.heard[0]!.length, HEADER_SIZE + size, release);
  }
  const { ospm, bmc } = createSetting();
  await subscribe(ospm);
  await callOk(ospm, SYSTEM, NEGOTIATE_PROTOCOL_VERSION, { version: 0x10000 });
  await set(bmc, SYSTEM_STATE.warmReset, true);
  assertEquals(ospm.heard[0]!.length, HEADER_SIZE + 12);
});

Deno.test("SYSTEM_POWER_STATE_NOTIFY is switched on and off again, any number of times", async () => {
  const { ospm, bmc, model } = createSetting();
  await subscribe(ospm, ospm);
  for (const enable of [false, false]) {
    await callOk(ospm, SYSTEM, system.SYSTEM_POWER_STATE_NOTIFY, { notifyEnable: { enable } });
  }
  await set(bmc, SYSTEM_STATE.shutdown, true);
  assertEquals(heardBy(ospm), []);
  assertEquals(model.systemPower!.condition, "down", "nobody was to be waited for");
});

Deno.test("a shutdown resets the channels of the agents that run on the system, and of no others", async () => {
  const { ospm, bmc, psci, machine, model } = createSetting();
  const enable = { domainId: DOMAIN.gpu, notifyEnable: { enable: true } };
  for (const agent of [ospm, bmc]) await callOk(agent, POWER, power.POWER_STATE_NOTIFY, enable);
  await subscribe(ospm, bmc);
  await callOk(ospm, SYSTEM, NEGOTIATE_PROTOCOL_VERSION, { version: 0x10000 });
  await set(psci, SYSTEM_STATE.coldReset);
  machine.step(5_000);
  assertEquals([ospm.heard.length, bmc.heard.length], [1, 1], "of the reset itself");
  const gpu = model.powerTree.find("gpu")!;
  gpu.request(gpu.stateNamed("on"), false, AGENT.PSCI);
  await set(psci, SYSTEM_STATE.shutdown);
  // The management controller also heard of the GPU going on, of the shutdown, and of the GPU going off.
  assertEquals([ospm.heard.length, bmc.heard.length], [1, 4]);
});

Deno.test("three agents negotiate a shutdown: one goes, one hangs, and the platform forces it", async () => {
  const { ospm, vm, bmc, machine, model } = createSetting();
  await subscribe(ospm, vm, bmc);
  const log: string[] = [];
  const sys = model.powerTree.find("SYS")!;
  sys.listen(({ state }) => log.push(`${machine.nowUs()} SYS ${state.name}`));
  machine.step(1_000_000);

  assertEquals(await set(bmc, SYSTEM_STATE.shutdown, true), "SUCCESS");
  assertEquals(heardBy(ospm), [[AGENT.BMC, true, SYSTEM_STATE.shutdown, 2_000]]);
  assertEquals(heardBy(vm), heardBy(ospm));
  assertEquals(heardBy(bmc), []);

  // The first guest shuts down in an orderly way, and its virtual machine ends.
  machine.step(1_700_000);
  ospm.loopback.close();
  machine.step(2_500_000);
  assertEquals(log, []);
  assertEquals(await get(bmc), SYSTEM_STATE.powerUp);

  // The second one never does.
  machine.step(3_000_000);
  assertEquals(log, ["3000000 SYS off"]);
  assertEquals(await get(bmc), SYSTEM_STATE.shutdown);
  assertEquals(checkInvariants(model), []);

  // The controller turns the system on again; the guest finds a platform that has forgotten it.
  assertEquals(await set(bmc, SYSTEM_STATE.powerUp), "SUCCESS");
  assertEquals(log, ["3000000 SYS off", "3000000 SYS on"]);
  vm.heard.length = 0;
  assertEquals(await set(bmc, SYSTEM_STATE.shutdown, true), "SUCCESS");
  assertEquals([vm.heard.length, await get(bmc)], [0, SYSTEM_STATE.shutdown]);
});

Deno.test("three agents negotiate a shutdown: the last one to go ends it, by its firmware or by leaving", async () => {
  for (const way of ["firmware", "leaving"] as const) {
    const { ospm, psci, vm, bmc, machine, model } = createSetting();
    await subscribe(ospm, vm);
    await set(bmc, SYSTEM_STATE.shutdown, true);
    machine.step(300_000);
    vm.loopback.close();
    machine.step(900_000);
    assertEquals(model.systemPower!.condition, "up");
    if (way === "firmware") assertEquals(await set(psci, SYSTEM_STATE.shutdown), "SUCCESS");
    else ospm.loopback.close();
    machine.step(900_000);
    assertEquals(model.systemPower!.condition, "down");
    assert(!model.systemPower!.isWaiting);
    machine.step(10_000_000);
    assertEquals(checkInvariants(model), []);
  }
});

Deno.test("RESET_AGENT_CONFIGURATION takes back what an agent that is there voted for, of one that has gone nothing", async () => {
  const policy = completeSystemPolicy({ voters: ["OSPM", "VM1", "BMC"] });
  const board = { ...POWER_BOARD, systemPower: { ...POWER_BOARD.systemPower!, policy } };
  const { machine, model } = createPlatform(board);
  const [ospm, vm, bmc] = ["OSPM", "VM1", "BMC"].map((name) => connectAgent(machine, name)) as [
    TestAgent,
    TestAgent,
    TestAgent,
  ];
  const params = { agentId: AGENT.VM1, flags: { resetPermissions: false } };
  assertEquals(await set(vm, SYSTEM_STATE.shutdown), "SUCCESS");
  await callOk(ospm, BASE, BASE_RESET_AGENT_CONFIGURATION, params);
  assertEquals(model.systemPower!.conditionFor(AGENT.VM1), "up");
  assertEquals([await set(ospm, SYSTEM_STATE.shutdown), await set(bmc, SYSTEM_STATE.shutdown)], [
    "SUCCESS",
    "SUCCESS",
  ]);
  assertEquals(model.systemPower!.condition, "up", "it stands in the way again");
  assertEquals(await set(vm, SYSTEM_STATE.shutdown), "SUCCESS");
  assertEquals(model.systemPower!.condition, "down");

  const { machine: again, model: hardware } = createPlatform(board);
  const [first, leaving] = [connectAgent(again, "OSPM"), connectAgent(again, "VM1")];
  assertEquals(await set(leaving, SYSTEM_STATE.coldReset), "SUCCESS");
  leaving.channel.close();
  await callOk(first, BASE, BASE_RESET_AGENT_CONFIGURATION, params);
  assertEquals(await set(first, SYSTEM_STATE.shutdown), "SUCCESS");
  assertEquals(hardware.systemPower!.condition, "down", "nobody waits for who is not there");
});

Deno.test("System power can be denied as a device", async () => {
  const platform = createPlatform({
    ...POWER_BOARD,
    devices: [{ name: "SYSTEM", resources: { systemPower: ["system"] } }],
  });
  const psci = connectAgent(platform.machine, "PSCI");
  platform.machine.agents.find("PSCI")!.permit(0, null, false);
  assertEquals(await set(psci, SYSTEM_STATE.shutdown), "DENIED");
  platform.machine.agents.find("PSCI")!.permit(0, null, true);
  assertEquals(await set(psci, SYSTEM_STATE.shutdown), "SUCCESS");
});
