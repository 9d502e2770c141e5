// The rate limit of a performance domain: requests that come sooner are accepted and wait. The domain gpu allows one in 2500 us; its
// levels go by their index, 1 and 2.
import { assertEquals } from "@std/assert";
import * as performance from "../../protocols/performance/messages.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createDvfs, DOMAIN, type DvfsSetting, LATENCY_US, PERFORMANCE } from "../support/dvfs_board.ts";
import { callOk, callStatus, type TestAgent } from "../support/platform.ts";

const RATE_LIMIT_US = 2500;
const [SLOW, FAST] = [1, 2] as const;
const domainId = DOMAIN.gpu;

async function setLevel(agent: TestAgent, level: number): Promise<void> {
  const params = { domainId, level };
  assertEquals(await callStatus(agent, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, params), "SUCCESS");
  // What was asked for last is told at once.
  assertEquals(await callOk(agent, PERFORMANCE, performance.PERFORMANCE_LEVEL_GET, { domainId }), { level });
}

/** Goes to a time and returns the index of the level that the block runs at then. */
function runsAt({ machine, model }: DvfsSetting, us: number): number {
  machine.step(us);
  assertEquals(checkInvariants(model), []);
  return model.dvfs.performanceDomains[domainId]!.runningLevel.index + 1;
}

Deno.test("PERFORMANCE_LEVEL_SET within the rate limit is accepted and waits until that has passed", async () => {
  const setting = createDvfs();
  const { machine, ospm, psci } = setting;
  machine.step(10_000);
  await setLevel(ospm, FAST);
  assertEquals(runsAt(setting, 10_000 + LATENCY_US), FAST);
  // Whoever asks: the limit is the domain's.
  await setLevel(psci, SLOW);
  assertEquals(runsAt(setting, 10_000 + RATE_LIMIT_US - 1), FAST);
  assertEquals(runsAt(setting, 10_000 + RATE_LIMIT_US + LATENCY_US), SLOW);
  // What waited counts, too.
  await setLevel(ospm, FAST);
  assertEquals(runsAt(setting, 10_000 + 2 * RATE_LIMIT_US - 1), SLOW);
  assertEquals(runsAt(setting, 10_000 + 2 * RATE_LIMIT_US + LATENCY_US), FAST);
});

Deno.test("PERFORMANCE_LEVEL_SET acts at once when the rate limit has passed, the last request that waits counts", async () => {
  const setting = createDvfs();
  const { ospm } = setting;
  await setLevel(ospm, FAST);
  await setLevel(ospm, SLOW);
  await setLevel(ospm, FAST);
  const { statistics } = setting.model.dvfs.performanceDomains[domainId]!;
  // They were one request: a limit after it all is open again.
  const laterUs = 2 * RATE_LIMIT_US + 1;
  assertEquals(runsAt(setting, laterUs), FAST);
  assertEquals(statistics.usesAt(laterUs)[SLOW - 1]!.usageCount, 0);
  await setLevel(ospm, SLOW);
  assertEquals(runsAt(setting, laterUs + LATENCY_US), SLOW);
});

Deno.test("PERFORMANCE_LIMITS_SET is under the rate limit, too: limits are in force at once, the level follows", async () => {
  const setting = createDvfs();
  const { psci } = setting;
  await setLevel(psci, FAST);
  assertEquals(runsAt(setting, LATENCY_US), FAST);
  const params = { domainId, rangeMax: SLOW, rangeMin: SLOW };
  assertEquals(await callStatus(psci, PERFORMANCE, performance.PERFORMANCE_LIMITS_SET, params), "SUCCESS");
  const limits = await callOk(psci, PERFORMANCE, performance.PERFORMANCE_LIMITS_GET, { domainId });
  assertEquals(limits, { rangeMax: SLOW, rangeMin: SLOW });
  assertEquals(runsAt(setting, RATE_LIMIT_US - 1), FAST);
  assertEquals(runsAt(setting, RATE_LIMIT_US + LATENCY_US), SLOW);
});

Deno.test("a request that the domain refuses does not count for the rate limit", async () => {
  const setting = createDvfs();
  const { ospm } = setting;
  for (const level of [0, 3, 60]) {
    const status = await callStatus(ospm, PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, {
      domainId,
      level,
    });
    assertEquals(status, "OUT_OF_RANGE");
  }
  await setLevel(ospm, FAST);
  assertEquals(runsAt(setting, LATENCY_US), FAST);
});

Deno.test("what the platform does itself does not wait for the rate limit, and a reset forgets what waits", async () => {
  const setting = createDvfs();
  const { model, ospm } = setting;
  const domain = model.dvfs.performanceDomains[domainId]!;
  await setLevel(ospm, FAST);
  assertEquals(runsAt(setting, LATENCY_US), FAST);
  domain.imposeCeiling("heat", 0);
  assertEquals(runsAt(setting, 2 * LATENCY_US), SLOW);
  domain.imposeCeiling("heat", null);
  assertEquals(runsAt(setting, 3 * LATENCY_US), FAST);
  await setLevel(ospm, SLOW);
  domain.reset();
  const boot = runsAt(setting, 3 * LATENCY_US);
  const other = boot === FAST ? SLOW : FAST;
  await setLevel(ospm, other);
  assertEquals(runsAt(setting, 4 * LATENCY_US), other);
});
