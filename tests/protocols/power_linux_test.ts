// What Linux does with power domains and system power, as sequences over a channel with buffers of its size: its probe, its
// power domain driver (drivers/pmdomain/arm/scmi_pm_domain.c of 6.12 and 7.2), its power control driver.
import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import type { Board } from "../../boards/board.ts";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as power from "../../protocols/power/messages.ts";
import * as system from "../../protocols/system_power/messages.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";

const POWER = 0x11;
const SYSTEM = 0x12;
/** Largest response of a Linux guest over virtio: 128 bytes of payload. */
const LINUX_ROOM = 132;

type Kernel = "6.12" | "7.2";
const KERNELS: readonly Kernel[] = ["6.12", "7.2"];

/** What the driver knows of one domain. */
interface Genpd {
  readonly name: string;
  isOn: boolean;
}

function start(board: Board): Platform & { readonly agent: TestAgent } {
  const platform = createPlatform(board);
  return { ...platform, agent: connectAgent(platform.machine, "OSPM", { room: LINUX_ROOM }) };
}

/** The protocol's part of the probe: returns the names of the domains. */
async function probe(agent: TestAgent): Promise<string[]> {
  const { version } = await callOk(agent, POWER, PROTOCOL_VERSION, {});
  const { attributes } = await callOk(agent, POWER, power.POWER_PROTOCOL_ATTRIBUTES, {});
  await callOk(agent, POWER, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: power.POWER_STATE_NOTIFY.id });
  const names: string[] = [];
  for (let domainId = 0; domainId < attributes.domainCount; domainId++) {
    const domain = await callOk(agent, POWER, power.POWER_DOMAIN_ATTRIBUTES, { domainId });
    const isLong = version >= 0x30000 && domain.attributes.hasExtendedName;
    names.push(
      isLong ? (await callOk(agent, POWER, power.POWER_DOMAIN_NAME_GET, { domainId })).name : domain.name,
    );
  }
  return names;
}

async function wordOf(agent: TestAgent, domainId: number): Promise<number> {
  const { powerState } = await callOk(agent, POWER, power.POWER_STATE_GET, { domainId });
  return (powerState.isContextLost ? 0x4000_0000 : 0) + powerState.stateId;
}

async function sendState(agent: TestAgent, domainId: number, isOn: boolean): Promise<string> {
  return await callStatus(agent, POWER, power.POWER_STATE_SET, {
    flags: { async: false },
    domainId,
    powerState: { isContextLost: !isOn, stateId: 0 },
  });
}

/** The driver's probe. */
async function probeDomains(agent: TestAgent, kernel: Kernel): Promise<Genpd[]> {
  const genpds: Genpd[] = [];
  for (const [domainId, name] of (await probe(agent)).entries()) {
    const isOn = await wordOf(agent, domainId) !== 0x4000_0000;
    if (isOn && kernel === "7.2") await sendState(agent, domainId, true);
    genpds.push({ name, isOn });
  }
  return genpds;
}

/** Switches a domain; what the kernel believes follows the answer. */
async function switchDomain(
  agent: TestAgent,
  kernel: Kernel,
  genpds: Genpd[],
  domainId: number,
  isOn: boolean,
) {
  if (await sendState(agent, domainId, isOn) !== "SUCCESS") return;
  // 6.12 reads back, and takes another state for an error.
  if (kernel === "6.12") assertEquals(await wordOf(agent, domainId), isOn ? 0 : 0x4000_0000);
  genpds[domainId]!.isOn = isOn;
}

/** What the kernel believes has to be what is. */
async function expectBelief(agent: TestAgent, genpds: readonly Genpd[]): Promise<void> {
  for (const [domainId, { name, isOn }] of genpds.entries()) {
    assertEquals(await wordOf(agent, domainId) !== 0x4000_0000, isOn, name);
  }
}

function onOf(genpds: readonly Genpd[]): string {
  return genpds.filter(({ isOn }) => isOn).map(({ name }) => name).join(" ");
}

const RUNNING =
  "CLUS0CORE0 CLUS0CORE1 CLUS0CORE2 CLUS0CORE3 CLUS1CORE0 CLUS1CORE1 CLUS1CORE2 CLUS1CORE3 CLUS0 CLUS1";

for (const kernel of KERNELS) {
  Deno.test(`Linux ${kernel} finds the domains of rcar under unique names, in the state they boot in`, async () => {
    const { agent } = start(rcarBoard);
    const genpds = await probeDomains(agent, kernel);
    const names = genpds.map(({ name }) => name);
    assertEquals(names, rcarBoard.powerDomains.filter(({ id }) => id !== null).map(({ name }) => name));
    assertEquals(new Set(names).size, names.length);
    assertEquals(onOf(genpds), `${RUNNING} 3dg-e 3dg-d 3dg-c 3dg-b 3dg-a a3vc a3vp always-on`);
    await expectBelief(agent, genpds);
  });

  Deno.test(`Linux ${kernel} switches unused domains off late, and is never mistaken about one`, async () => {
    const { agent, model } = start(rcarBoard);
    const genpds = await probeDomains(agent, kernel);
    // The domain registered last comes first: without knowledge of the tree, that is parents before children.
    for (let domainId = genpds.length - 1; domainId >= 0; domainId--) {
      if (genpds[domainId]!.isOn) await switchDomain(agent, kernel, genpds, domainId, false);
    }
    assertEquals(onOf(genpds), `${RUNNING} 3dg-d 3dg-c 3dg-b 3dg-a a3vc a3vp always-on`);
    await expectBelief(agent, genpds);
    assertEquals(checkInvariants(model), []);
  });

  Deno.test(`Linux ${kernel} that knows the tree gets all unused domains off`, async () => {
    const { agent, model } = start(rcarBoard);
    const genpds = await probeDomains(agent, kernel);
    for (const name of ["3dg-e", "3dg-d", "3dg-c", "3dg-b", "3dg-a"]) {
      await switchDomain(agent, kernel, genpds, genpds.findIndex((each) => each.name === name), false);
    }
    assertEquals(onOf(genpds), `${RUNNING} a3vc a3vp always-on`);
    assertEquals(model.powerTree.find("3dg-a")!.isOn, false);
    await expectBelief(agent, genpds);
  });

  Deno.test(`Linux ${kernel} switches a device's domain on and off with every use`, async () => {
    const { agent } = start(minimalBoard);
    const genpds = await probeDomains(agent, kernel);
    assertEquals(onOf(genpds), "soc");
    for (let use = 0; use < 3; use++) {
      await switchDomain(agent, kernel, genpds, 1, true);
      assertEquals(onOf(genpds), "soc camera");
      await expectBelief(agent, genpds);
      await switchDomain(agent, kernel, genpds, 1, false);
      await expectBelief(agent, genpds);
    }
  });
}

Deno.test("Linux' power control goes down when asked gracefully, and the system with it", async () => {
  const { agent, machine, model } = start(rcarBoard);
  const psci = connectAgent(machine, "PSCI");
  const messageId = system.SYSTEM_POWER_STATE_NOTIFY.id;
  await callOk(agent, SYSTEM, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
  await callOk(agent, SYSTEM, system.SYSTEM_POWER_STATE_NOTIFY, { notifyEnable: { enable: true } });
  await callOk(psci, SYSTEM, system.SYSTEM_POWER_STATE_SET, { flags: { graceful: true }, systemState: 0 });
  assertEquals(agent.heard.length, 1);
  assertEquals(agent.heard[0]!.length, 4 + 16, "no other size is taken");
  const timeoutMs = new DataView(agent.heard[0]!.buffer).getUint32(16, true);
  assert(timeoutMs > 0);
  // The kernel forces itself after 75 % of that; its last act is the reset of its channel.
  machine.step(timeoutMs * 750);
  assertEquals(model.systemPower!.condition, "up");
  agent.loopback.close();
  machine.step(timeoutMs * 750);
  assertEquals(model.systemPower!.condition, "down");
});
