// Performance protocol: levels, limits and notifications. Refusals that follow from the declarations alone are in
// refusals_test.ts, what agents are told of domains in performance_description_test.ts. Test names in parentheses are those
// of Arm's compliance suite that check the same.
import { assertEquals } from "@std/assert";
import { NEGOTIATE_PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as performance from "../../protocols/performance/messages.ts";
import type { Release } from "../../protocols/protocol.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import {
  createDvfs,
  DOMAIN,
  type DvfsSetting,
  heardOfPerformance,
  LATENCY_US,
  PERFORMANCE,
} from "../support/dvfs_board.ts";
import { callOk, callStatus, type TestAgent } from "../support/platform.ts";

const RELEASES: readonly Release[] = ["1.0", "2.0", "3.0", "3.1", "3.2"];

async function setLevel(agent: TestAgent, level: number, domainId: number = DOMAIN.cpu): Promise<string> {
  return await callStatus(agent, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId, level });
}

async function levelOf(agent: TestAgent, domainId: number = DOMAIN.cpu): Promise<number> {
  return (await callOk(agent, PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, { domainId })).level;
}

async function setLimits(
  agent: TestAgent,
  rangeMax: number,
  rangeMin: number,
  domainId: number = DOMAIN.cpu,
): Promise<string> {
  const params = { domainId, rangeMax, rangeMin };
  return await callStatus(agent, PERFORMANCE, performance.PERFORMANCE_LIMITS_SET, params);
}

/** The limits as `MAX MIN`. */
async function limitsOf(agent: TestAgent, domainId: number = DOMAIN.cpu): Promise<string> {
  const { rangeMax, rangeMin } = await callOk(agent, PERFORMANCE, performance.PERFORMANCE_LIMITS_GET, {
    domainId,
  });
  return `${rangeMax} ${rangeMin}`;
}

async function hear(agent: TestAgent, what: "level" | "limits", enable = true): Promise<string> {
  const params = { domainId: DOMAIN.cpu, notifyEnable: { enable } };
  return what === "level"
    ? await callStatus(agent, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LEVEL, params)
    : await callStatus(agent, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LIMITS, params);
}

function settle({ machine, model }: DvfsSetting): void {
  machine.step(machine.nowUs() + 2 * LATENCY_US);
  assertEquals(checkInvariants(model), []);
}

for (const release of RELEASES) {
  Deno.test(`PERFORMANCE_LEVEL_GET of release ${release} returns what PERFORMANCE_LEVEL_SET set, at once and later (d013)`, async () => {
    const setting = createDvfs(release);
    const { ospm } = setting;
    for (const level of [50, 200, 100, 150]) {
      assertEquals(await setLevel(ospm, level), "SUCCESS");
      assertEquals(await levelOf(ospm), level);
      settle(setting);
      assertEquals(await levelOf(ospm), level);
    }
  });

  Deno.test(`PERFORMANCE_LIMITS_GET of release ${release} returns what PERFORMANCE_LIMITS_SET set (d009)`, async () => {
    const { ospm } = createDvfs(release);
    assertEquals(await limitsOf(ospm), "200 50");
    for (const [max, min] of [[150, 100], [100, 100], [200, 50]] as const) {
      assertEquals(await setLimits(ospm, max, min), "SUCCESS");
      assertEquals(await limitsOf(ospm), `${max} ${min}`);
    }
  });
}

Deno.test("PERFORMANCE_LEVEL_SET refuses what is no level, and what is beyond them (d014)", async () => {
  for (const release of RELEASES) {
    const { ospm } = createDvfs(release);
    for (const level of [49, 201, 0, 75, 3, 0xffff_ffff]) {
      assertEquals(await setLevel(ospm, level), "OUT_OF_RANGE", `${release} ${level}`);
    }
    assertEquals(await levelOf(ospm), 150, "the boot level stays");
  }
});

Deno.test("PERFORMANCE_LEVEL_SET refuses a level outside the limits of agents, whoever set them", async () => {
  const { ospm, psci } = createDvfs();
  assertEquals(await setLimits(psci, 150, 100), "SUCCESS");
  assertEquals(await setLevel(ospm, 200), "OUT_OF_RANGE");
  assertEquals(await setLevel(ospm, 50), "OUT_OF_RANGE");
  assertEquals(await setLevel(ospm, 100), "SUCCESS");
});

Deno.test("PERFORMANCE_LEVEL_SET is denied to agents that may not set the level (d015)", async () => {
  const { ospm, psci } = createDvfs();
  assertEquals(await setLevel(ospm, 1000, DOMAIN.idle), "DENIED");
  assertEquals(await setLevel(ospm, 1, DOMAIN.idle), "DENIED", "before the level is looked at");
  assertEquals(await setLevel(psci, 1000, DOMAIN.idle), "SUCCESS");
});

Deno.test("PERFORMANCE_LIMITS_SET refuses limits beyond the levels and limits turned round (d010)", async () => {
  for (const release of RELEASES) {
    const { ospm } = createDvfs(release);
    assertEquals(await setLimits(ospm, 201, 50), "OUT_OF_RANGE", release);
    assertEquals(await setLimits(ospm, 200, 49), "OUT_OF_RANGE", release);
    assertEquals(await setLimits(ospm, 160, 50), "OUT_OF_RANGE", `${release}: no level`);
    assertEquals(await setLimits(ospm, 50, 200), "INVALID_PARAMETERS", release);
    assertEquals(await limitsOf(ospm), "200 50", release);
  }
});

Deno.test("PERFORMANCE_LIMITS_SET is denied to agents that may not set limits (d011)", async () => {
  const { ospm, psci } = createDvfs("2.0");
  assertEquals(await setLimits(ospm, 60, 30, DOMAIN.gpu), "DENIED");
  assertEquals(await setLimits(ospm, 61, 30, DOMAIN.gpu), "DENIED", "before the levels are looked at");
  assertEquals(await setLimits(ospm, 30, 60, DOMAIN.gpu), "INVALID_PARAMETERS", "but after their order");
  assertEquals(await setLimits(psci, 60, 60, DOMAIN.gpu), "SUCCESS");
});

Deno.test("PERFORMANCE_LIMITS_SET leaves a limit unchanged that is 0, since version 3.0", async () => {
  const { ospm } = createDvfs("3.1");
  assertEquals(await setLimits(ospm, 150, 0), "SUCCESS");
  assertEquals(await limitsOf(ospm), "150 50");
  assertEquals(await setLimits(ospm, 0, 100), "SUCCESS");
  assertEquals(await limitsOf(ospm), "150 100");
  assertEquals(await setLimits(ospm, 0, 200), "INVALID_PARAMETERS", "above the one that stays");
  assertEquals(await setLimits(ospm, 50, 0), "INVALID_PARAMETERS", "below the one that stays");
  assertEquals(await setLimits(ospm, 0, 0), "OUT_OF_RANGE");
  assertEquals(await limitsOf(ospm), "150 100");
});

Deno.test("PERFORMANCE_LIMITS_SET takes 0 for a level like others before version 3.0", async () => {
  const { ospm } = createDvfs("2.0");
  assertEquals(await setLimits(ospm, 150, 0), "OUT_OF_RANGE");
  assertEquals(await setLimits(ospm, 0, 100), "INVALID_PARAMETERS");
  assertEquals(await limitsOf(ospm), "200 50");
});

Deno.test("PERFORMANCE commands do not find a domain behind the last (d006, d008, d012, d016, d020)", async () => {
  const { ospm } = createDvfs();
  const domainId = DOMAIN.missing;
  const notifyEnable = { enable: true };
  const calls = [
    callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_DOMAIN_ATTRIBUTES, { domainId }),
    callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_DESCRIBE_LEVELS, { domainId, skip: 0 }),
    callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_LIMITS_GET, { domainId }),
    callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, { domainId }),
    callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LEVEL, { domainId, notifyEnable }),
    callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LIMITS, { domainId, notifyEnable }),
    setLevel(ospm, 50, domainId),
    setLimits(ospm, 200, 50, domainId),
  ];
  for (const status of await Promise.all(calls)) assertEquals(status, "NOT_FOUND");
});

Deno.test("PERFORMANCE_LEVEL_CHANGED tells who asked, the requester too, when the level is in force (d027)", async () => {
  const setting = createDvfs();
  const { ospm, psci, machine } = setting;
  assertEquals(await hear(ospm, "level"), "SUCCESS");
  assertEquals(await hear(psci, "level"), "SUCCESS");
  assertEquals(await setLevel(ospm, 200), "SUCCESS");
  machine.step(LATENCY_US - 1);
  assertEquals(heardOfPerformance(ospm), []);
  machine.step(LATENCY_US);
  assertEquals(heardOfPerformance(ospm), ["level 1 0 200"]);
  assertEquals(heardOfPerformance(psci), ["level 1 0 200"]);

  assertEquals(await hear(ospm, "level", false), "SUCCESS");
  assertEquals(await setLevel(psci, 100), "SUCCESS");
  settle(setting);
  assertEquals(heardOfPerformance(ospm), []);
  assertEquals(heardOfPerformance(psci), ["level 2 0 100"]);
});

Deno.test("PERFORMANCE_LEVEL_CHANGED tells only levels that were in force: a newer request replaces one that waits", async () => {
  const setting = createDvfs();
  const { ospm } = setting;
  await hear(ospm, "level");
  for (const level of [50, 200, 100]) assertEquals(await setLevel(ospm, level), "SUCCESS");
  assertEquals(await levelOf(ospm), 100);
  settle(setting);
  assertEquals(heardOfPerformance(ospm), ["level 1 0 50", "level 1 0 100"]);
});

Deno.test("PERFORMANCE_LIMITS_CHANGED tells who set the limits, the requester too (d026)", async () => {
  const { ospm, psci } = createDvfs();
  assertEquals(await hear(ospm, "limits"), "SUCCESS");
  assertEquals(await hear(psci, "limits"), "SUCCESS");
  assertEquals(await setLimits(psci, 150, 100), "SUCCESS");
  assertEquals(heardOfPerformance(ospm), ["limits 2 0 150 100"]);
  assertEquals(heardOfPerformance(psci), ["limits 2 0 150 100"]);
  assertEquals(await setLimits(psci, 150, 100), "SUCCESS");
  assertEquals(heardOfPerformance(ospm), [], "unchanged");
  assertEquals(await hear(ospm, "limits", false), "SUCCESS");
  assertEquals(await setLimits(psci, 200, 50), "SUCCESS");
  assertEquals(heardOfPerformance(ospm), []);
});

Deno.test("PERFORMANCE notifications of levels and of limits are asked for apart", async () => {
  const setting = createDvfs();
  const { ospm, psci } = setting;
  await hear(ospm, "level");
  await hear(psci, "limits");
  assertEquals(await setLimits(ospm, 100, 50), "SUCCESS");
  settle(setting);
  assertEquals(heardOfPerformance(ospm), ["level 1 0 100"]);
  assertEquals(heardOfPerformance(psci), ["limits 1 0 100 50"]);
});

Deno.test("PERFORMANCE_LIMITS_SET pulls the level to the nearer limit, and lets it go back", async () => {
  const setting = createDvfs();
  const { ospm, psci } = setting;
  await setLevel(ospm, 200);
  settle(setting);
  await hear(ospm, "level");
  await hear(ospm, "limits");
  assertEquals(await setLimits(psci, 100, 50), "SUCCESS");
  assertEquals(await levelOf(ospm), 100);
  settle(setting);
  assertEquals(heardOfPerformance(ospm), ["limits 2 0 100 50", "level 2 0 100"]);
  assertEquals(await setLimits(ospm, 200, 150), "SUCCESS");
  assertEquals(await levelOf(ospm), 200, "what was requested last");
});

Deno.test("PERFORMANCE_NOTIFY_LEVEL and _LIMITS refuse domains without notifications (d018, d019)", async () => {
  const { ospm } = createDvfs();
  const params = { domainId: DOMAIN.idle, notifyEnable: { enable: true } };
  for (const schema of [performance.PERFORMANCE_NOTIFY_LEVEL, performance.PERFORMANCE_NOTIFY_LIMITS]) {
    assertEquals(await callStatus(ospm, PERFORMANCE, schema, params), "NOT_SUPPORTED");
  }
});

Deno.test("PERFORMANCE notifications of the platform name agent 0: a ceiling lowers limits and level", async () => {
  const setting = createDvfs();
  const { ospm, model } = setting;
  const domain = model.view.performanceDomain[DOMAIN.cpu]!;
  await setLevel(ospm, 200);
  settle(setting);
  await hear(ospm, "level");
  await hear(ospm, "limits");
  domain.imposeCeiling("test", 1);
  settle(setting);
  assertEquals(heardOfPerformance(ospm), ["limits 0 0 100 50", "level 0 0 100"]);
  assertEquals([await limitsOf(ospm), await levelOf(ospm)], ["100 50", 100]);

  assertEquals(await setLevel(ospm, 150), "SUCCESS", "a ceiling refuses nothing");
  assertEquals(await levelOf(ospm), 100);
  domain.imposeCeiling("test", null);
  settle(setting);
  assertEquals(heardOfPerformance(ospm), ["limits 0 0 200 50", "level 0 0 150"]);
});

Deno.test("PERFORMANCE levels go by their index in version 4.0, where a domain wants that", async () => {
  const setting = createDvfs("3.2");
  const { ospm, psci } = setting;
  assertEquals(await levelOf(ospm, DOMAIN.gpu), 2);
  assertEquals(await limitsOf(ospm, DOMAIN.gpu), "2 1");
  assertEquals(await setLevel(ospm, 30, DOMAIN.gpu), "OUT_OF_RANGE", "a value is no index");
  assertEquals(await setLevel(ospm, 0, DOMAIN.gpu), "OUT_OF_RANGE");
  const params = { domainId: DOMAIN.gpu, notifyEnable: { enable: true } };
  await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LEVEL, params);
  await callOk(ospm, PERFORMANCE, performance.PERFORMANCE_NOTIFY_LIMITS, params);
  assertEquals(await setLevel(ospm, 1, DOMAIN.gpu), "SUCCESS");
  settle(setting);
  assertEquals(await setLimits(psci, 1, 0, DOMAIN.gpu), "SUCCESS");
  assertEquals(heardOfPerformance(ospm), ["level 1 1 1", "limits 2 1 1 1"]);

  // An agent that goes back to version 3.0 finds values everywhere.
  await callOk(ospm, PERFORMANCE, NEGOTIATE_PROTOCOL_VERSION, { version: performance.V3 });
  assertEquals([await levelOf(ospm, DOMAIN.gpu), await limitsOf(ospm, DOMAIN.gpu)], [30, "30 30"]);
  assertEquals(await setLimits(psci, 2, 2, DOMAIN.gpu), "SUCCESS");
  settle(setting);
  assertEquals(heardOfPerformance(ospm), ["limits 2 1 60 60", "level 2 1 60"]);
});

Deno.test("PERFORMANCE notifications end with the channel's state", async () => {
  const setting = createDvfs();
  const { ospm, psci, machine } = setting;
  await hear(ospm, "level");
  await hear(ospm, "limits");
  ospm.channel.reset();
  assertEquals(await setLevel(psci, 50), "SUCCESS");
  assertEquals(await setLimits(psci, 150, 50), "SUCCESS");
  machine.step(1e6);
  assertEquals(heardOfPerformance(ospm), []);
});
