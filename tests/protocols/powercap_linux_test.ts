// What Linux does with power capping, as sequences over a channel with buffers of its size: the probe of the protocol
// (drivers/firmware/arm_scmi/powercap.c of 6.12 and 7.2) and the powercap driver (drivers/powercap/arm_scmi_powercap.c).
import { assert, assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarFaithfulBoard } from "../../boards/rcar_faithful.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "../../protocols/every_protocol.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import { type Release, RELEASES } from "../../protocols/protocol.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { heardOfPowercaps, POWERCAP, POWERCAP_BOARD } from "../support/powercap_board.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";

/** Largest response of a Linux guest over virtio: 128 bytes of payload. */
const LINUX_ROOM = 132;
/** The newest version that 6.12 and 7.2 know. */
const KNOWN = 0x20000;
/** A delayed response that takes longer is given up, us. */
const RESPONSE_TIMEOUT_US = 2_000_000;

/** What the kernel knows of a domain. */
interface LinuxDomain {
  readonly id: number;
  readonly name: string;
  readonly parentId: number;
  readonly isCapConfigurable: boolean;
  readonly isAsync: boolean;
  readonly cap: { readonly min: number; readonly max: number; readonly step: number };
  readonly pai: { readonly min: number; readonly max: number; readonly step: number };
  /** uW of one of its unit; null = the driver does not register it. */
  readonly unitUw: number | null;
  isEnabled: boolean;
}

type Guest = Platform & { readonly agent: TestAgent; readonly domains: readonly LinuxDomain[] };

/** Refuses what `scmi_powercap_validate()` refuses: the whole protocol fails then. */
function expectConsistent(
  isConfigurable: boolean,
  min: number,
  max: number,
  step: number,
  about: string,
): void {
  assert(min > 0 && max > 0, `${about} has an end that is 0`);
  assertEquals(isConfigurable, min !== max, `${about} is settable while it has two ends`);
  assert(min === max || step > 0, `${about} has no step`);
}

async function probe(board: Board, release: Release = "3.2"): Promise<Guest> {
  const platform = createPlatform(board, { release });
  const agent = connectAgent(platform.machine, "OSPM", { room: LINUX_ROOM });
  const { version } = await callOk(agent, POWERCAP, PROTOCOL_VERSION, {});
  if (version > KNOWN) {
    const messageId = NEGOTIATE_PROTOCOL_VERSION.id;
    await callOk(agent, POWERCAP, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
    await callOk(agent, POWERCAP, NEGOTIATE_PROTOCOL_VERSION, { version: KNOWN });
  }
  for (const messageId of [powercap.POWERCAP_CAP_NOTIFY.id, powercap.POWERCAP_MEASUREMENTS_NOTIFY.id]) {
    await callOk(agent, POWERCAP, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
  }
  const { attributes } = await callOk(agent, POWERCAP, powercap.POWERCAP_PROTOCOL_ATTRIBUTES, {});
  const domains: LinuxDomain[] = [];
  for (let id = 0; id < attributes.domainCount; id++) {
    domains.push(await probeDomain(agent, id, attributes.domainCount, Math.min(version, KNOWN)));
  }
  return { ...platform, agent, domains };
}

async function probeDomain(
  agent: TestAgent,
  id: number,
  count: number,
  version: number,
): Promise<LinuxDomain> {
  const told = await callOk(agent, POWERCAP, powercap.POWERCAP_DOMAIN_ATTRIBUTES, { domainId: id });
  const { attributes: flags, parentId } = told;
  const isAveraging = flags.isAveragingConfigurable;
  expectConsistent(
    isAveraging,
    told.averagingMinUs,
    told.averagingMaxUs,
    told.averagingStepUs,
    `interval ${id}`,
  );
  expectConsistent(
    flags.isCapConfigurable,
    told.powerCapMin,
    told.powerCapMax,
    told.powerCapStep,
    `cap ${id}`,
  );
  assert(parentId === powercap.NO_PARENT || (parentId < count && parentId !== id), `parent of ${id}`);
  assert(flags.unit <= powercap.UNIT_CODE.mW, `unit of ${id}`);
  assertEquals(flags.hasFastChannels, false, "they would be asked for next");
  const name = flags.hasExtendedName
    ? (await callOk(agent, POWERCAP, powercap.POWERCAP_DOMAIN_NAME_GET, { domainId: id })).name
    : told.name;
  const capOf = powercap.POWERCAP_CAP_GET;
  const cap = version >= powercap.V2
    ? (await callOk(agent, POWERCAP, capOf, { domainId: id })).powerCap
    : null;
  return {
    id,
    name,
    parentId,
    isCapConfigurable: flags.isCapConfigurable,
    isAsync: flags.supportsAsync,
    cap: { min: told.powerCapMin, max: told.powerCapMax, step: told.powerCapStep },
    pai: { min: told.averagingMinUs, max: told.averagingMaxUs, step: told.averagingStepUs },
    unitUw: flags.unit === powercap.UNIT_CODE.abstract
      ? null
      : flags.unit === powercap.UNIT_CODE.mW
      ? 1000
      : 1,
    isEnabled: cap !== 0,
  };
}

/** Writes `constraint_0_power_limit_uw`: inside the range, down to the step; waits for a delayed response if there is one. */
async function writeLimit({ agent, machine }: Guest, domain: LinuxDomain, powerUw: number): Promise<number> {
  const { min, max, step } = domain.cap;
  const asked = Math.ceil(powerUw / domain.unitUw!);
  const clamped = Math.min(max, Math.max(min, asked));
  const powerCap = clamped - (clamped % step);
  const flags = { async: domain.isAsync, ignoresDelayed: false };
  const before = agent.heard.length;
  const params = { domainId: domain.id, flags, powerCap };
  assertEquals(await callStatus(agent, POWERCAP, powercap.POWERCAP_CAP_SET, params), "SUCCESS");
  if (domain.isAsync) {
    const dueUs = machine.nowUs() + RESPONSE_TIMEOUT_US;
    while (agent.heard.length === before && machine.nowUs() < dueUs) machine.step(machine.nowUs() + 1_000);
    assertEquals(heardOfPowercaps(agent), [`set ${domain.id} ${powerCap}`]);
  }
  return powerCap * domain.unitUw!;
}

/** Writes `enabled`. */
async function enable({ agent }: Guest, domain: LinuxDomain, isOn: boolean, lastCap: number): Promise<void> {
  // The kernel wants no delayed response here, and says so to domains without an asynchronous form as well.
  const flags = { async: domain.isAsync, ignoresDelayed: true };
  const params = { domainId: domain.id, flags, powerCap: isOn ? lastCap : powercap.NO_CAP };
  assertEquals(await callStatus(agent, POWERCAP, powercap.POWERCAP_CAP_SET, params), "SUCCESS");
  domain.isEnabled = isOn;
}

/** Reads `power_uw`. */
async function powerUw({ agent }: Guest, domain: LinuxDomain): Promise<number> {
  const { power } = await callOk(agent, POWERCAP, powercap.POWERCAP_MEASUREMENTS_GET, {
    domainId: domain.id,
  });
  return power * domain.unitUw!;
}

for (const release of RELEASES.filter((each) => each >= "3.1")) {
  for (const board of [rcarBoard, minimalBoard, POWERCAP_BOARD]) {
    Deno.test(`Linux takes every domain of ${board.name} in release ${release}, and registers those with a unit`, async () => {
      const { domains, model } = await probe(board, release);
      assertEquals(domains.map(({ name }) => name), board.powercapDomains.map(({ name }) => name));
      assertEquals(new Set(domains.map(({ name }) => name)).size, domains.length);
      for (const { id, unitUw, parentId } of domains) {
        // A domain that is not registered may be a leaf of the tree only.
        if (unitUw === null) assert(domains.every((other) => other.parentId !== id));
        if (parentId !== powercap.NO_PARENT) {
          assertEquals(domains[parentId]!.name, board.powercapDomains[id]!.parent);
        }
      }
      assertEquals(checkInvariants(model), []);
    });
  }
}

Deno.test("Linux finds no power capping where a release or a board has none", async () => {
  for (const release of ["1.0", "2.0", "3.0"] as const) {
    const agent = connectAgent(createPlatform(rcarBoard, { release }).machine);
    assertEquals(await callStatus(agent, POWERCAP, PROTOCOL_VERSION, {}), "NOT_SUPPORTED");
  }
  const agent = connectAgent(createPlatform(rcarFaithfulBoard).machine);
  assertEquals(await callStatus(agent, POWERCAP, PROTOCOL_VERSION, {}), "NOT_SUPPORTED");
});

Deno.test("Linux finds rcar's domains uncapped, and four of them measurable", async () => {
  const guest = await probe(rcarBoard);
  assertEquals(guest.domains.map(({ name, parentId, isEnabled }) => [name, parentId, isEnabled]), [
    ["soc", powercap.NO_PARENT, false],
    ["cpu-big", 0, false],
    ["cpu-little", 0, false],
    ["gpu", 0, false],
  ]);
  guest.machine.step(100_000_000);
  const [soc, big, little, gpu] = await Promise.all(guest.domains.map((domain) => powerUw(guest, domain)));
  assert(big! > 0 && little! > 0 && gpu! > 0);
  assert(soc! > big! + little! + gpu!);
});

Deno.test("Linux sets limits of rcar and sees the power below them, always within its time for an answer", async () => {
  const guest = await probe(rcarBoard);
  const { machine, model, domains } = guest;
  const [soc, big] = domains;
  const params = { domainId: soc!.id, flags: {}, averagingUs: soc!.pai.max };
  await callOk(guest.agent, POWERCAP, powercap.POWERCAP_PAI_SET, params);
  // In the stress phase the processors are busy.
  machine.step(245_000_000);
  assertEquals(await writeLimit(guest, big!, 3_000_000), 3_000_000);
  assertEquals(await writeLimit(guest, soc!, 6_100_500.5), 6_101_000, "up to a whole mW");
  machine.step(machine.nowUs() + 2_000_000);
  assert(await powerUw(guest, big!) <= 3_000_000);
  assert(await powerUw(guest, soc!) <= 6_101_000);
  assertEquals(await writeLimit(guest, big!, 1), 500_000, "the lowest there is");
  assertEquals(await writeLimit(guest, big!, 1e12), 8_000_000);
  assertEquals(checkInvariants(model), []);
});

Deno.test("Linux switches capping off and on again with the limit it had", async () => {
  for (const board of [rcarBoard, POWERCAP_BOARD]) {
    const guest = await probe(board);
    const { agent, machine } = guest;
    for (const domain of guest.domains.filter(({ isCapConfigurable }) => isCapConfigurable)) {
      const { setBy } = board.powercapDomains[domain.id]!;
      if (!setBy.includes("OSPM")) continue;
      const capOf = () => callOk(agent, POWERCAP, powercap.POWERCAP_CAP_GET, { domainId: domain.id });
      const lastCap = await writeLimit(guest, domain, 1_000_000) / domain.unitUw!;
      assertEquals(await capOf(), { powerCap: lastCap });
      for (const isOn of [false, true, false]) {
        await enable(guest, domain, isOn, lastCap);
        machine.step(machine.nowUs() + RESPONSE_TIMEOUT_US);
        assertEquals(await capOf(), { powerCap: isOn ? lastCap : 0 });
      }
    }
    assertEquals(heardOfPowercaps(agent), []);
  }
});

Deno.test("Linux sets the time window and reads it back", async () => {
  const { agent, domains } = await probe(rcarBoard);
  for (const { id, pai } of domains) {
    for (const averagingUs of [pai.min, pai.max, 250_000]) {
      const params = { domainId: id, flags: {}, averagingUs };
      assertEquals(await callStatus(agent, POWERCAP, powercap.POWERCAP_PAI_SET, params), "SUCCESS");
      assertEquals(await callOk(agent, POWERCAP, powercap.POWERCAP_PAI_GET, { domainId: id }), {
        averagingUs,
      });
    }
  }
});

Deno.test("Linux' users of notifications get them in the size that it takes", async () => {
  const { agent, machine, domains } = await probe(rcarBoard);
  const domainId = domains[1]!.id;
  const notifyEnable = { enable: true };
  await callOk(agent, POWERCAP, powercap.POWERCAP_CAP_NOTIFY, { domainId, notifyEnable });
  const thresholds = { powerLow: 1, powerHigh: 2 };
  await callOk(agent, POWERCAP, powercap.POWERCAP_MEASUREMENTS_NOTIFY, {
    domainId,
    notifyEnable,
    ...thresholds,
  });
  const params = { domainId, flags: { async: false, ignoresDelayed: false }, powerCap: 8_000 };
  await callOk(agent, POWERCAP, powercap.POWERCAP_CAP_SET, params);
  machine.step(1_000_000);
  assertEquals(agent.heard.map(({ length }) => length), [4 + 16, 4 + 12]);
  // It withdraws both with thresholds of 0.
  notifyEnable.enable = false;
  await callOk(agent, POWERCAP, powercap.POWERCAP_CAP_NOTIFY, { domainId, notifyEnable });
  const zero = { powerLow: 0, powerHigh: 0 };
  await callOk(agent, POWERCAP, powercap.POWERCAP_MEASUREMENTS_NOTIFY, { domainId, notifyEnable, ...zero });
});
