// Reset protocol: what each command means, in each version. Test names in parentheses are those of Arm's compliance suite that
// check the same.
import { assertEquals } from "@std/assert";
import { completeResetDomain, type ResetDomainInput } from "../../boards/reset_domain.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as reset from "../../protocols/reset/messages.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE } from "../../scp/core/header.ts";
import { STATUS } from "../../scp/core/status.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { SimulatedResetDomain } from "../../scp/model/reset_domain.ts";
import {
  callOk,
  callStatus,
  connectAgent,
  createMachine,
  encodeCommand,
  statusOfBytes,
  type TestAgent,
} from "../support/platform.ts";

const RESET = 0x16;
const COLD = { isOwn: false, id: 0 };

const CAMERA = { name: "camera", pulseUs: 100, supportsAsync: true, notifies: true } as const;

/** A platform whose agents OSPM and VM1 see these domains; ids are the places. */
function setup(inputs: readonly Omit<ResetDomainInput, "id">[], release: Release = "3.2") {
  const timeline = new Timeline();
  const domains = inputs.map((each, id) =>
    new SimulatedResetDomain(completeResetDomain({ id, ...each }), timeline)
  );
  const machine = createMachine({ release, timeline, view: { resetDomain: domains } });
  return { domains, machine, agent: connectAgent(machine) };
}

interface Flags {
  readonly autonomous?: boolean;
  readonly assert?: boolean;
  readonly async?: boolean;
}

const paramsOf = (flags: Flags, resetState = COLD, domainId = 0) => ({
  domainId,
  flags: { autonomous: false, assert: false, async: false, ...flags },
  resetState,
});

const resetStatus = (agent: TestAgent, flags: Flags, resetState = COLD, domainId = 0) =>
  callStatus(agent, RESET, reset.RESET, paramsOf(flags, resetState, domainId));

const notify = (agent: TestAgent, enable: boolean, domainId = 0) =>
  callStatus(agent, RESET, reset.RESET_NOTIFY, { domainId, notifyEnable: { enable } });

function heard(agent: TestAgent): unknown[] {
  return agent.heard.map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const isNotification = (message[1]! & 3) === 3;
    return isNotification
      ? readFields(reset.RESET_ISSUED.payload, view, HEADER_SIZE, message.length)
      : ["delayed response", view.getInt32(HEADER_SIZE, true)];
  });
}

const issued = (agentId: number, resetState = COLD, domainId = 0) => ({ agentId, domainId, resetState });

Deno.test("PROTOCOL_VERSION of Reset follows the release, which 1.0 does not have (r001)", async () => {
  const versions = { "2.0": 0x10000, "3.0": 0x20000, "3.1": 0x30000, "3.2": 0x30001 } as const;
  for (const [release, version] of Object.entries(versions)) {
    const { agent } = setup([CAMERA], release as Release);
    assertEquals(await callOk(agent, RESET, PROTOCOL_VERSION, {}), { version });
  }
  assertEquals(await callStatus(setup([CAMERA], "1.0").agent, RESET, PROTOCOL_VERSION, {}), "NOT_SUPPORTED");
});

Deno.test("PROTOCOL_ATTRIBUTES counts the domains (r002)", async () => {
  const domains = Array.from({ length: 300 }, (_, id) => ({ name: `domain${id}` }));
  const { agent } = setup(domains);
  assertEquals(await callOk(agent, RESET, reset.RESET_PROTOCOL_ATTRIBUTES, {}), {
    attributes: { domainCount: 300 },
  });
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES tells which commands each version has (r003, r004)", async () => {
  const v1 = [0, 1, 2, 3, 4, 5];
  for (
    const [release, known] of [["2.0", v1], ["3.0", v1], ["3.1", [...v1, 6]], ["3.2", [
      ...v1,
      6,
      0x10,
    ]]] as const
  ) {
    const { agent } = setup([CAMERA], release);
    for (let messageId = 0; messageId <= 0x11; messageId++) {
      const status = await callStatus(agent, RESET, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
      assertEquals(status, (known as readonly number[]).includes(messageId) ? "SUCCESS" : "NOT_FOUND");
    }
  }
});

Deno.test("RESET_DOMAIN_ATTRIBUTES tells what a domain can do, in each version (r005)", async () => {
  const inputs = [CAMERA, { name: "a_reset_domain_with_a_long_name", tellsLatency: false }];
  const describe = (agent: TestAgent, domainId: number) =>
    callOk(agent, RESET, reset.RESET_DOMAIN_ATTRIBUTES, { domainId });
  const name = "a_reset_domain_";
  for (const release of ["2.0", "3.0", "3.1", "3.2"] as const) {
    const { agent, machine } = setup(inputs, release);
    assertEquals(await describe(agent, 0), {
      attributes: { supportsAsync: true, notifies: true, hasExtendedName: false },
      latencyUs: 100,
      name: "camera",
    });
    assertEquals(await describe(agent, 1), {
      attributes: { supportsAsync: false, notifies: false, hasExtendedName: release >= "3.1" },
      latencyUs: 0xffff_ffff,
      name,
    });
    // Neither can be used on a channel that carries no messages of the platform.
    const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
    assertEquals((await describe(deaf, 0)).attributes, {
      supportsAsync: false,
      notifies: false,
      hasExtendedName: false,
    });
  }
});

Deno.test("RESET_DOMAIN_NAME_GET tells a name that the descriptor cuts, and no other", async () => {
  const name = "a_reset_domain_with_a_long_name";
  const { agent } = setup([CAMERA, { name }]);
  assertEquals(await callOk(agent, RESET, reset.RESET_DOMAIN_NAME_GET, { domainId: 1 }), { flags: 0, name });
  assertEquals(await callStatus(agent, RESET, reset.RESET_DOMAIN_NAME_GET, { domainId: 0 }), "NOT_SUPPORTED");
});

Deno.test("RESET holds a domain explicitly until it is released, whoever does it", async () => {
  const { agent, machine, domains } = setup([CAMERA]);
  assertEquals(await resetStatus(agent, { assert: true }), "SUCCESS");
  assertEquals(domains[0]!.isInReset, true);
  machine.step(1_000_000);
  assertEquals(await resetStatus(agent, { autonomous: true }), "SUCCESS");
  assertEquals(domains[0]!.isInReset, true);
  assertEquals(await resetStatus(connectAgent(machine, "VM1"), {}), "SUCCESS");
  assertEquals(domains[0]!.isInReset, false);
});

Deno.test("RESET pulses a domain by itself; the assert bit then means nothing", async () => {
  const { agent, domains } = setup([CAMERA]);
  assertEquals(await resetStatus(agent, { autonomous: true }), "SUCCESS");
  assertEquals(await resetStatus(agent, { autonomous: true, assert: true }), "SUCCESS");
  assertEquals(domains[0]!.isInReset, false);
});

Deno.test("RESET refuses flags without meaning and states that do not exist (r008, r009)", async () => {
  const { agent, domains } = setup([{ ...CAMERA, ownStates: [3] }]);
  assertEquals(await resetStatus(agent, { async: true }), "INVALID_PARAMETERS");
  assertEquals(await resetStatus(agent, { async: true, assert: true }), "INVALID_PARAMETERS");
  for (const flags of [{ autonomous: true }, { assert: true }, {}, { autonomous: true, async: true }]) {
    for (const resetState of [{ isOwn: false, id: 0xff }, { isOwn: false, id: 1 }, { isOwn: true, id: 0 }]) {
      assertEquals(await resetStatus(agent, flags, resetState), "INVALID_PARAMETERS");
    }
  }
  assertEquals(await resetStatus(agent, { autonomous: true }, { isOwn: true, id: 3 }), "SUCCESS");
  const message = encodeCommand(RESET, reset.RESET, paramsOf({ autonomous: true }), 0);
  for (const word of [0xf8, 8, 0x8000_0001]) {
    new DataView(message.buffer).setUint32(8, word, true);
    assertEquals(statusOfBytes(agent, message), STATUS.INVALID_PARAMETERS);
  }
  assertEquals(domains[0]!.isInReset, false);
});

Deno.test("an asynchronous reset is not supported by a domain without it, nor without P2A (r008)", async () => {
  const { agent, machine } = setup([{ name: "plain" }, CAMERA]);
  const flags = { autonomous: true, async: true };
  assertEquals(await resetStatus(agent, flags), "NOT_SUPPORTED");
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  assertEquals(await resetStatus(deaf, flags, COLD, 1), "NOT_SUPPORTED");
});

Deno.test("an asynchronous reset is accepted, then answered once when the pulse is over", async () => {
  const { agent, machine, domains } = setup([{ name: "plain" }, CAMERA]);
  const params = paramsOf({ autonomous: true, async: true }, COLD, 1);
  const later = agent.client.callDelayed(RESET, reset.RESET, params);
  machine.step(99);
  assertEquals([agent.heard.length, domains[1]!.isInReset], [0, true]);
  machine.step(100);
  assertEquals(await later, { ok: true, values: { domainId: 1 } });
  assertEquals(domains[1]!.isInReset, false);
  machine.step(10_000);
  assertEquals(agent.heard.length, 1);
});

Deno.test("a domain in a pulse is BUSY, and so is a channel with too many pulses", async () => {
  const inputs = Array.from({ length: 17 }, (_, id) => ({ ...CAMERA, name: `camera${id}` }));
  const { agent, machine, domains } = setup(inputs);
  const flags = { autonomous: true, async: true };
  const statuses = [];
  for (let id = 0; id < 17; id++) statuses.push(await resetStatus(agent, flags, COLD, id));
  assertEquals(statuses, [...Array.from({ length: 16 }, () => "SUCCESS"), "BUSY"]);
  assertEquals(domains[16]!.isInReset, false);
  for (const each of [{ assert: true }, {}, { autonomous: true }, flags]) {
    assertEquals(await resetStatus(connectAgent(machine, "VM1"), each), "BUSY");
  }
  machine.step(100);
  assertEquals(await resetStatus(agent, { assert: true }), "SUCCESS");
});

Deno.test("a broken domain answers HARDWARE_ERROR, also in a delayed response", async () => {
  const { agent, machine, domains } = setup([CAMERA]);
  const later = agent.client.callDelayed(RESET, reset.RESET, paramsOf({ autonomous: true, async: true }));
  domains[0]!.setBroken(true);
  machine.step(100);
  assertEquals(await later, { ok: false, status: "HARDWARE_ERROR" });
  for (const flags of [{ assert: true }, {}, { autonomous: true }, { autonomous: true, async: true }]) {
    assertEquals(await resetStatus(agent, flags), "HARDWARE_ERROR");
  }
});

Deno.test("the delayed response says GENERIC_ERROR when the system is reset meanwhile", async () => {
  const { agent, machine, domains } = setup([CAMERA]);
  const later = agent.client.callDelayed(RESET, reset.RESET, paramsOf({ autonomous: true, async: true }));
  domains[0]!.reset();
  machine.step(100);
  assertEquals(await later, { ok: false, status: "GENERIC_ERROR" });
});

Deno.test("RESET_ISSUED goes to all who asked, once a reset is complete, with who did it and the state", async () => {
  const { agent, machine } = setup([{ ...CAMERA, ownStates: [3] }]);
  const guest = connectAgent(machine, "VM1");
  for (const each of [agent, agent, guest]) assertEquals(await notify(each, true), "SUCCESS");
  const own = { isOwn: true, id: 3 };
  await resetStatus(guest, { assert: true }, own);
  await resetStatus(guest, {});
  await resetStatus(agent, { autonomous: true });
  assertEquals(heard(agent), [issued(2, own), issued(1)]);
  assertEquals(heard(guest), heard(agent));
  await resetStatus(agent, { autonomous: true, async: true });
  assertEquals(agent.heard.length, 2);
  machine.step(100);
  assertEquals(heard(agent).slice(2), [issued(1), ["delayed response", 0]]);
  assertEquals(await notify(guest, false), "SUCCESS");
  agent.channel.reset();
  await resetStatus(agent, { autonomous: true });
  assertEquals([agent.heard.length, guest.heard.length], [4, 3]);
});

Deno.test("RESET_NOTIFY refuses words that are no switch, and a domain without notifications (r011)", async () => {
  const { agent } = setup([CAMERA, { name: "quiet" }]);
  const message = encodeCommand(
    RESET,
    reset.RESET_NOTIFY,
    { domainId: 0, notifyEnable: { enable: true } },
    0,
  );
  new DataView(message.buffer).setUint32(8, 0xf, true);
  assertEquals(statusOfBytes(agent, message), STATUS.INVALID_PARAMETERS);
  assertEquals(await notify(agent, true, 1), "NOT_SUPPORTED");
});

Deno.test("ids beyond the count are not found (r006, r007, r010)", async () => {
  const { agent } = setup([CAMERA]);
  for (const domainId of [1, 0xffff_ffff]) {
    const statuses = [
      await callStatus(agent, RESET, reset.RESET_DOMAIN_ATTRIBUTES, { domainId }),
      await resetStatus(agent, { autonomous: true }, COLD, domainId),
      await notify(agent, true, domainId),
    ];
    assertEquals(statuses, ["NOT_FOUND", "NOT_FOUND", "NOT_FOUND"]);
  }
});

Deno.test("Linux resets, asserts and deasserts every domain of rcar, asynchronously where it can", async () => {
  const { machine, model } = createPlatform(rcarBoard);
  const agent = connectAgent(machine, "OSPM", { room: 4 + 4 + 128 });
  const { attributes: { domainCount } } = await callOk(agent, RESET, reset.RESET_PROTOCOL_ATTRIBUTES, {});
  assertEquals(domainCount, 133);
  let asyncCount = 0;
  for (let domainId = 0; domainId < domainCount; domainId++) {
    const { attributes } = await callOk(agent, RESET, reset.RESET_DOMAIN_ATTRIBUTES, { domainId });
    const flags = { autonomous: true, async: attributes.supportsAsync };
    const done = attributes.supportsAsync
      ? agent.client.callDelayed(RESET, reset.RESET, paramsOf(flags, COLD, domainId))
      : agent.client.call(RESET, reset.RESET, paramsOf(flags, COLD, domainId));
    // Linux waits two seconds for a delayed response.
    machine.step(machine.nowUs() + 2_000_000);
    assertEquals((await done).ok, true);
    if (attributes.supportsAsync) asyncCount++;
    assertEquals(await resetStatus(agent, { assert: true }, COLD, domainId), "SUCCESS");
    assertEquals(model.resetDomains[domainId]!.isInReset, true);
    assertEquals(await resetStatus(agent, {}, COLD, domainId), "SUCCESS");
    assertEquals(model.resetDomains[domainId]!.isInReset, false);
  }
  assertEquals(asyncCount, 6);
});
