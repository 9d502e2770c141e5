// Power capping protocol: caps and averaging intervals, at once and with delayed responses, and who hears of them. Refusals
// that follow from the declarations alone are in refusals_test.ts.
import { assert, assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { completePerformanceDomain } from "../../boards/performance_domain.ts";
import { completePowercapDomain } from "../../boards/powercap_domain.ts";
import { BASE_RESET_AGENT_CONFIGURATION } from "../../protocols/base/messages.ts";
import { NEGOTIATE_PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import type { Release } from "../../protocols/protocol.ts";
import { ASYNC_PENDING_MAX } from "../../scp/core/limits.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import {
  AGENT,
  CAPPED,
  CPU_W,
  createPowercaps,
  heardOfPowercaps,
  PERIOD_US,
  POWERCAP,
  POWERCAP_BOARD,
} from "../support/powercap_board.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";

const BASE = 0x10;
const RELEASES: readonly Release[] = ["3.1", "3.2"];
const { OSPM, PSCI } = AGENT;

const AT_ONCE = { ignoresDelayed: false, async: false } as const;
const ASYNC = { ignoresDelayed: false, async: true } as const;
const UNHEARD = { ignoresDelayed: true, async: true } as const;

async function setCap(
  agent: TestAgent,
  powerCap: number,
  domainId: number = CAPPED.cpu,
  flags: { ignoresDelayed: boolean; async: boolean } = AT_ONCE,
): Promise<string> {
  return await callStatus(agent, POWERCAP, powercap.POWERCAP_CAP_SET, { domainId, flags, powerCap });
}

async function capOf(agent: TestAgent, domainId: number = CAPPED.cpu): Promise<number> {
  return (await callOk(agent, POWERCAP, powercap.POWERCAP_CAP_GET, { domainId })).powerCap;
}

async function setAveraging(agent: TestAgent, averagingUs: number, domainId: number = CAPPED.cpu) {
  return await callStatus(agent, POWERCAP, powercap.POWERCAP_PAI_SET, { domainId, flags: {}, averagingUs });
}

async function averagingOf(agent: TestAgent, domainId: number = CAPPED.cpu): Promise<number> {
  return (await callOk(agent, POWERCAP, powercap.POWERCAP_PAI_GET, { domainId })).averagingUs;
}

async function hearCap(agent: TestAgent, enable = true, domainId: number = CAPPED.cpu): Promise<string> {
  const params = { domainId, notifyEnable: { enable } };
  return await callStatus(agent, POWERCAP, powercap.POWERCAP_CAP_NOTIFY, params);
}

for (const release of RELEASES) {
  Deno.test(`POWERCAP_CAP_GET of release ${release} returns what POWERCAP_CAP_SET set`, async () => {
    const { ospm, psci } = createPowercaps(release);
    for (const powerCap of [100_000, 4_000_000, 1_215_000]) {
      assertEquals(await setCap(ospm, powerCap), "SUCCESS");
      assertEquals([await capOf(ospm), await capOf(psci)], [powerCap, powerCap], "for all agents");
    }
    assertEquals(await setCap(psci, 500_000), "SUCCESS");
    assertEquals(await capOf(ospm), 500_000, "the last writer decides");
  });

  Deno.test(`POWERCAP_CAP_SET of release ${release} refuses caps outside the range and between the steps`, async () => {
    const { ospm } = createPowercaps(release);
    await setCap(ospm, 1_000_000);
    for (const powerCap of [1, 99_000, 99_999, 4_000_001, 4_001_000, 0xffff_ffff, 1_000_001, 1_000_999]) {
      assertEquals(await setCap(ospm, powerCap), "OUT_OF_RANGE", `${powerCap} at once`);
      assertEquals(await setCap(ospm, powerCap, CAPPED.cpu, ASYNC), "OUT_OF_RANGE", `${powerCap} async`);
    }
    assertEquals(await capOf(ospm), 1_000_000);
  });

  Deno.test(`POWERCAP_CAP_SET of release ${release} refuses what the domain cannot, and agents that may not, in this order`, async () => {
    const { ospm, psci, model } = createPowercaps(release);
    for (const flags of [AT_ONCE, ASYNC, UNHEARD]) {
      assertEquals(await setCap(ospm, 16, CAPPED.io, flags), "NOT_SUPPORTED", "a fixed cap");
      assertEquals(await setCap(ospm, 500, CAPPED.npu, flags), "DENIED", "another agent's");
      assertEquals(await setCap(ospm, 1, CAPPED.npu, flags), "DENIED", "before the range");
      assertEquals(await setCap(psci, 1, CAPPED.npu, flags), "OUT_OF_RANGE");
    }
    assertEquals(
      await setCap(ospm, 1, CAPPED.gpu, ASYNC),
      "NOT_SUPPORTED",
      "no async form, before the range",
    );
    assertEquals(await setCap(ospm, 500, CAPPED.gpu, UNHEARD), "NOT_SUPPORTED");
    assertEquals(await setCap(psci, 500, CAPPED.npu), "SUCCESS");
    assertEquals(await capOf(ospm, CAPPED.npu), 500);
    assertEquals(checkInvariants(model), []);
  });

  Deno.test(`POWERCAP_CAP_SET of release ${release} ignores the wish for no delayed response where there is none`, async () => {
    const { ospm, machine } = createPowercaps(release);
    assertEquals(await setCap(ospm, 500, CAPPED.gpu, { ignoresDelayed: true, async: false }), "SUCCESS");
    assertEquals(await capOf(ospm, CAPPED.gpu), 500);
    machine.step(1_000_000);
    assertEquals(ospm.heard, []);
  });

  Deno.test(`POWERCAP_CAP_SET of release ${release} async answers again when the cap is in force`, async () => {
    const { ospm, psci, model, machine } = createPowercaps(release);
    machine.step(1_000_000);
    const before = await capOf(ospm);
    assertEquals(await setCap(ospm, 700_000, CAPPED.cpu, ASYNC), "SUCCESS");
    assertEquals([await capOf(ospm), ospm.heard], [before, []], "accepted, not in force");
    assertEquals(await setCap(ospm, 800_000), "BUSY");
    assertEquals(await setCap(psci, 800_000, CAPPED.cpu, ASYNC), "BUSY");
    machine.step(1_000_000 + 2 * PERIOD_US - 1);
    assertEquals([await capOf(ospm), ospm.heard], [before, []]);
    machine.step(1_000_000 + 2 * PERIOD_US);
    assertEquals(heardOfPowercaps(ospm), [`set ${CAPPED.cpu} 700000`]);
    assertEquals([await capOf(ospm), psci.heard], [700_000, []]);
    assertEquals(await setCap(ospm, 800_000), "SUCCESS", "it is not busy any more");
    assertEquals(checkInvariants(model), []);
  });

  Deno.test(`POWERCAP_CAP_SET of release ${release} async sends no delayed response to an agent that wants none`, async () => {
    const { ospm, machine } = createPowercaps(release);
    machine.step(1_000_000);
    assertEquals(await setCap(ospm, 700_000, CAPPED.cpu, UNHEARD), "SUCCESS");
    assertEquals(await setCap(ospm, 800_000), "BUSY");
    machine.step(2_000_000);
    assertEquals([await capOf(ospm), ospm.heard], [700_000, []]);
  });

  Deno.test(`POWERCAP_PAI_GET of release ${release} returns what POWERCAP_PAI_SET set`, async () => {
    const { ospm, psci } = createPowercaps(release);
    assertEquals(await averagingOf(ospm), 100_000);
    for (const averagingUs of [10_000, 1_000_000, 340_000]) {
      assertEquals(await setAveraging(ospm, averagingUs), "SUCCESS");
      assertEquals([await averagingOf(ospm), await averagingOf(psci)], [averagingUs, averagingUs]);
    }
    for (const averagingUs of [0, 9_999, 10_001, 1_010_000, 0xffff_ffff]) {
      assertEquals(await setAveraging(ospm, averagingUs), "OUT_OF_RANGE", `${averagingUs}`);
    }
    assertEquals(await averagingOf(ospm), 340_000);
    assertEquals(await setAveraging(ospm, 50_000, CAPPED.io), "NOT_SUPPORTED", "a fixed interval");
    assertEquals(await setAveraging(ospm, 1, CAPPED.npu), "DENIED", "another agent's, before the range");
    assertEquals(await setAveraging(psci, 20_000, CAPPED.npu), "SUCCESS");
  });

  Deno.test(`POWERCAP_CAP_NOTIFY of release ${release} tells who set which cap or interval, also the agent itself`, async () => {
    const { ospm, psci, machine } = createPowercaps(release);
    assertEquals([await hearCap(ospm), await hearCap(psci), await hearCap(psci)], Array(3).fill("SUCCESS"));
    await setCap(ospm, 3_000_000);
    await setAveraging(psci, 20_000);
    await setCap(ospm, 3_000_000);
    await setCap(ospm, 500, CAPPED.soc);
    const told = [`cap ${OSPM} 0 3000000 100000`, `cap ${PSCI} 0 3000000 20000`];
    assertEquals([heardOfPowercaps(ospm), heardOfPowercaps(psci)], [told, told]);
    assertEquals(await hearCap(ospm, false), "SUCCESS");
    assertEquals(await hearCap(ospm, false), "SUCCESS");
    await setCap(psci, 2_500_000);
    assertEquals([heardOfPowercaps(ospm), heardOfPowercaps(psci)], [[], [`cap ${PSCI} 0 2500000 20000`]]);
    machine.step(2_000_000);
    assertEquals([ospm.heard, psci.heard], [[], []]);
  });

  Deno.test(`POWERCAP_CAP_NOTIFY of release ${release} tells of an async cap when it is in force`, async () => {
    const { ospm, psci, machine } = createPowercaps(release);
    machine.step(1_000_000);
    await hearCap(psci);
    await setCap(ospm, 700_000, CAPPED.cpu, ASYNC);
    machine.step(1_000_000 + 2 * PERIOD_US - 1);
    assertEquals(psci.heard, []);
    machine.step(1_000_000 + 2 * PERIOD_US);
    assertEquals(heardOfPowercaps(psci), [`cap ${OSPM} 0 700000 100000`]);
  });

  Deno.test(`POWERCAP_CAP_NOTIFY of release ${release} is refused by a domain that tells nothing`, async () => {
    const { ospm } = createPowercaps(release);
    for (const enable of [true, false]) {
      assertEquals(await hearCap(ospm, enable, CAPPED.gpu), "NOT_SUPPORTED");
    }
  });
}

Deno.test("POWERCAP_CAP_SET since version 2.0 lifts the cap with 0, at once and async", async () => {
  const { ospm, psci, model, machine } = createPowercaps("3.2");
  assertEquals(await capOf(ospm), powercap.NO_CAP);
  await hearCap(psci);
  for (const flags of [AT_ONCE, ASYNC]) {
    assertEquals(await setCap(ospm, 700_000), "SUCCESS");
    machine.step(machine.nowUs() + 1_000_000);
    assertEquals(await setCap(ospm, powercap.NO_CAP, CAPPED.cpu, flags), "SUCCESS");
    machine.step(machine.nowUs() + 1_000_000);
    assertEquals(await capOf(ospm), powercap.NO_CAP);
    assertEquals(model.powercapTree.domains[CAPPED.cpu]!.measure(), CPU_W[3] * 1e6);
  }
  assertEquals(heardOfPowercaps(ospm), [`set ${CAPPED.cpu} 0`]);
  const told = [`cap ${OSPM} 0 700000 100000`, `cap ${OSPM} 0 0 100000`];
  assertEquals(heardOfPowercaps(psci), [...told, ...told]);
  assertEquals(await setCap(ospm, powercap.NO_CAP, CAPPED.io), "NOT_SUPPORTED");
  assertEquals(await setCap(ospm, powercap.NO_CAP, CAPPED.npu), "DENIED");
});

Deno.test("POWERCAP_CAP_SET of version 1.0 knows no cap of 0; without a cap the highest is told", async () => {
  const { ospm, psci, model } = createPowercaps("3.1");
  assertEquals([await capOf(ospm), await capOf(ospm, CAPPED.io)], [4_000_000, 16]);
  assertEquals(await setCap(ospm, 0), "OUT_OF_RANGE");
  await hearCap(psci);
  await setAveraging(ospm, 20_000);
  assertEquals(heardOfPowercaps(psci), [`cap ${OSPM} 0 4000000 20000`]);
  assertEquals(model.powercapTree.domains[CAPPED.cpu]!.cap, null);
});

Deno.test("POWERCAP_CAP_GET after negotiation speaks the agreed version", async () => {
  const { ospm, psci } = createPowercaps("3.2");
  await hearCap(ospm);
  assertEquals(await callStatus(ospm, POWERCAP, NEGOTIATE_PROTOCOL_VERSION, { version: 0x10000 }), "SUCCESS");
  assertEquals([await capOf(ospm), await capOf(psci)], [4_000_000, 0]);
  assertEquals([await setCap(ospm, 0), await setCap(psci, 0)], ["OUT_OF_RANGE", "SUCCESS"]);
  await setCap(psci, 500_000);
  await setCap(psci, 0);
  assertEquals(heardOfPowercaps(ospm), [`cap ${PSCI} 0 500000 100000`, `cap ${PSCI} 0 4000000 100000`]);
  assertEquals(
    await callStatus(ospm, POWERCAP, NEGOTIATE_PROTOCOL_VERSION, { version: 0x20001 }),
    "NOT_SUPPORTED",
  );
});

Deno.test("POWERCAP_CAP_SET async is over with its channel, but not with the cap", async () => {
  const { ospm, model, machine } = createPowercaps();
  machine.step(1_000_000);
  await setCap(ospm, 700_000, CAPPED.cpu, ASYNC);
  ospm.channel.reset();
  machine.step(2_000_000);
  assertEquals(ospm.heard, []);
  assertEquals(await capOf(ospm), 700_000);
  assertEquals(checkInvariants(model), []);
});

Deno.test("POWERCAP_CAP_SET async that a reset of the system gives up fails for agents that still wait", async () => {
  const { ospm, model, machine } = createPowercaps();
  machine.step(1_000_000);
  await setCap(ospm, 700_000, CAPPED.cpu, ASYNC);
  await setCap(ospm, 1_500, CAPPED.soc, UNHEARD);
  model.powercapTree.reset();
  assertEquals(heardOfPowercaps(ospm), ["GENERIC_ERROR"]);
  machine.step(2_000_000);
  assertEquals([await capOf(ospm), ospm.heard], [0, []]);
});

/** A board with so many domains that each can be capped. */
function boardWith(count: number): Board {
  const numbers = Array.from({ length: count }, (_, id) => id);
  const block = POWERCAP_BOARD.power.blocks[0]!;
  const levels = POWERCAP_BOARD.performanceDomains[0]!.levels;
  return {
    ...POWERCAP_BOARD,
    power: {
      rails: [],
      phases: [],
      blocks: numbers.map((id) => ({ ...block, name: `block${id}`, fixedW: 1 })),
    },
    performanceDomains: numbers.map((id) =>
      completePerformanceDomain({ id, name: `domain${id}`, block: `block${id}`, levels })
    ),
    powercapDomains: numbers.map((id) =>
      completePowercapDomain({
        id,
        name: `cap${id}`,
        blocks: [`block${id}`],
        cap: { min: 1, max: 5_000, step: 1 },
      })
    ),
  };
}

Deno.test("POWERCAP_CAP_SET async is refused beyond what a channel may have pending, and changes nothing then", async () => {
  const { ospm, psci, model, machine } = createPowercaps("3.2", boardWith(ASYNC_PENDING_MAX + 1));
  for (const { block } of model.dvfs.performanceDomains) model.setInput(`utilisation.${block}`, 1);
  machine.step(1_000_000);
  for (let domainId = 0; domainId < ASYNC_PENDING_MAX; domainId++) {
    // Those that nobody wants to hear of count, too.
    assertEquals(await setCap(ospm, 1, domainId, domainId % 2 === 0 ? ASYNC : UNHEARD), "SUCCESS");
  }
  assertEquals(await setCap(ospm, 1, ASYNC_PENDING_MAX, ASYNC), "BUSY");
  machine.step(1_100_000);
  assertEquals(model.dvfs.performanceDomains.map(({ level }) => level.index), [
    ...Array(ASYNC_PENDING_MAX).fill(0),
    3,
  ]);
  assertEquals(ospm.heard.length, ASYNC_PENDING_MAX / 2);
  assertEquals(await capOf(ospm, ASYNC_PENDING_MAX), 0);
  assertEquals(await setCap(ospm, 1, ASYNC_PENDING_MAX, ASYNC), "SUCCESS");
  assertEquals(await setCap(psci, 1, ASYNC_PENDING_MAX), "BUSY");
});

Deno.test("POWERCAP notifications end with a reset of the agent's configuration", async () => {
  const { ospm, psci, machine } = createPowercaps();
  await hearCap(ospm);
  const watch = {
    domainId: CAPPED.cpu,
    notifyEnable: { enable: true },
    powerLow: 3_000_000,
    powerHigh: 3_000_000,
  };
  await callOk(ospm, POWERCAP, powercap.POWERCAP_MEASUREMENTS_NOTIFY, watch);
  const params = { agentId: OSPM, flags: { resetPermissions: false } };
  const status = await callStatus(ospm, BASE, BASE_RESET_AGENT_CONFIGURATION, params);
  assertEquals(status, "SUCCESS");
  await setCap(psci, 500_000);
  machine.step(1_000_000);
  assertEquals(ospm.heard, []);
});

Deno.test("POWERCAP agents of one platform subscribe each for itself", async () => {
  const { ospm, machine } = createPowercaps();
  const other = connectAgent(machine);
  await hearCap(other);
  await setCap(ospm, 500_000);
  assert(ospm.heard.length === 0);
  assertEquals(heardOfPowercaps(other), [`cap ${OSPM} 0 500000 100000`]);
});
