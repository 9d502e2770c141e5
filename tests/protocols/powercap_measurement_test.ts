// Power capping protocol: measured power, read and told beyond thresholds.
import { assertEquals } from "@std/assert";
import { completePowercapDomain } from "../../boards/powercap_domain.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import type { Release } from "../../protocols/protocol.ts";
import {
  CAPPED,
  CPU_W,
  createPowercaps,
  GPU_W,
  heardOfPowercaps,
  IO_UNIT_W,
  IO_W,
  POWERCAP,
  POWERCAP_BOARD,
  REST_W,
} from "../support/powercap_board.ts";
import { callOk, callStatus, type TestAgent } from "../support/platform.ts";

const RELEASES: readonly Release[] = ["3.1", "3.2"];

async function measure(agent: TestAgent, domainId: number = CAPPED.cpu) {
  return await callOk(agent, POWERCAP, powercap.POWERCAP_MEASUREMENTS_GET, { domainId });
}

async function hearPower(
  agent: TestAgent,
  powerLow: number,
  powerHigh: number,
  enable = true,
  domainId: number = CAPPED.cpu,
): Promise<string> {
  const params = { domainId, notifyEnable: { enable }, powerLow, powerHigh };
  return await callStatus(agent, POWERCAP, powercap.POWERCAP_MEASUREMENTS_NOTIFY, params);
}

for (const release of RELEASES) {
  Deno.test(`POWERCAP_MEASUREMENTS_GET of release ${release} tells power in the unit of the domain, and the interval`, async () => {
    const { ospm, machine } = createPowercaps(release);
    machine.step(1_000_000);
    assertEquals(await measure(ospm, CAPPED.cpu), { power: CPU_W[3] * 1e6, averagingUs: 100_000 });
    assertEquals(await measure(ospm, CAPPED.gpu), { power: GPU_W[1] * 1e3, averagingUs: 2_000 });
    const wholeMw = Math.round((CPU_W[3] + GPU_W[1] + IO_W[0] + REST_W) * 1e3);
    assertEquals(await measure(ospm, CAPPED.soc), { power: wholeMw, averagingUs: 100_000 });
    assertEquals(await measure(ospm, CAPPED.io), { power: IO_W[0] / IO_UNIT_W, averagingUs: 50_000 });
    const params = { domainId: CAPPED.npu };
    assertEquals(
      await callStatus(ospm, POWERCAP, powercap.POWERCAP_MEASUREMENTS_GET, params),
      "NOT_SUPPORTED",
    );
  });

  Deno.test(`POWERCAP_MEASUREMENTS_NOTIFY of release ${release} tells when power gets below or above thresholds`, async () => {
    const { ospm, psci, model, machine } = createPowercaps(release);
    const load = (utilisation: number) => {
      model.setInput("utilisation.cpu", utilisation);
      machine.step(machine.nowUs() + 1_000_000);
      return heardOfPowercaps(ospm);
    };
    load(0.5);
    assertEquals(await hearPower(ospm, 600_000, 1_400_000), "SUCCESS");
    assertEquals(load(0.5), [], "between them");
    // The average over 100 ms passes 1.4 W somewhere on its way from 1 to 2 W, at the end of an interval.
    assertEquals(load(1), ["power 0 0 2000000"]);
    assertEquals(load(0.9), [], "still above");
    assertEquals(load(0.5), []);
    assertEquals(load(0), ["power 0 0 0"]);
    assertEquals(load(0.2), [], "still below");
    assertEquals(load(1), ["power 0 0 2000000"], "from below to above");
    assertEquals(load(0), ["power 0 0 0"], "and back");
    assertEquals([load(0.5), load(0.3), load(0.7)], [[], [], []], "at the thresholds it is neither");
    assertEquals(await hearPower(ospm, 0, 0, false), "SUCCESS");
    assertEquals(load(1), []);
    assertEquals(psci.heard, []);
  });
}

Deno.test("POWERCAP_MEASUREMENTS_NOTIFY tells at once of power that is beyond when it is asked for, and of new thresholds", async () => {
  const { ospm, machine } = createPowercaps();
  machine.step(990_000);
  await hearPower(ospm, 0, 1_000_000);
  machine.step(999_999);
  assertEquals(ospm.heard, []);
  machine.step(1_000_000);
  assertEquals(heardOfPowercaps(ospm), ["power 0 0 2000000"], "at the end of the interval");
  machine.step(2_000_000);
  await hearPower(ospm, 3_000_000, 4_000_000);
  machine.step(3_000_000);
  assertEquals(heardOfPowercaps(ospm), ["power 0 0 2000000"], "below the others, once");
});

Deno.test("POWERCAP_MEASUREMENTS_NOTIFY looks at the end of each averaging interval", async () => {
  const { ospm, model, machine } = createPowercaps();
  const { domains } = model.powercapTree;
  domains[CAPPED.soc]!.setAveraging(1, 500_000);
  await hearPower(ospm, 0, 3_000, true, CAPPED.soc);
  machine.step(499_999);
  assertEquals(ospm.heard, []);
  machine.step(500_000);
  assertEquals(heardOfPowercaps(ospm), ["power 0 2 4300"]);
});

Deno.test("POWERCAP_MEASUREMENTS_NOTIFY refuses thresholds in the wrong order, before it looks at the domain", async () => {
  const { ospm, machine } = createPowercaps();
  assertEquals(await hearPower(ospm, 1_001, 1_000), "INVALID_PARAMETERS");
  assertEquals(await hearPower(ospm, 1_001, 1_000, false), "INVALID_PARAMETERS");
  assertEquals(await hearPower(ospm, 1_001, 1_000, true, CAPPED.gpu), "INVALID_PARAMETERS");
  assertEquals(await hearPower(ospm, 1_000, 1_000, true, CAPPED.gpu), "NOT_SUPPORTED");
  assertEquals(await hearPower(ospm, 0, 0, false, CAPPED.npu), "NOT_SUPPORTED");
  machine.step(1_000_000);
  assertEquals(ospm.heard, []);
});

Deno.test("POWERCAP_MEASUREMENTS_NOTIFY leaves nothing behind when the channel is reset", async () => {
  const { ospm, psci, machine } = createPowercaps();
  await callOk(psci, POWERCAP, powercap.POWERCAP_CAP_SET, {
    domainId: CAPPED.npu,
    flags: { ignoresDelayed: false, async: false },
    powerCap: powercap.NO_CAP,
  });
  await hearPower(ospm, 0, 0);
  ospm.channel.reset();
  machine.step(1_000_000);
  assertEquals([ospm.heard, machine.nextUs], [[], Infinity]);
});

Deno.test("POWERCAP measurements beyond 32 bits are told as the largest number", async () => {
  const domain = { id: 0, name: "fine", blocks: ["cpu"], cap: { min: 1, max: 2, step: 1 } } as const;
  const { ospm, machine } = createPowercaps("3.2", {
    ...POWERCAP_BOARD,
    powercapDomains: [completePowercapDomain({ ...domain, unit: "abstract", unitUw: 1e-6 })],
  });
  await hearPower(ospm, 0, 0);
  machine.step(1_000_000);
  assertEquals((await measure(ospm)).power, 0xffff_ffff);
  assertEquals(heardOfPowercaps(ospm), ["power 0 0 4294967295"]);
});
