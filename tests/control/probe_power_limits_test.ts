// The probe of power capping in version 3.0, a draft: all limits of each domain, and none where a version has
// but one.
import { assert, assertEquals } from "@std/assert";
import type { Release } from "../../protocols/protocol.ts";
import { probePlatform, type ProbeReport } from "../../scp/control/probe.ts";
import { reportLines } from "../../scp/control/probe_text.ts";
import { FUSE_CAP, LIMITS_BOARD } from "../support/power_limits.ts";
import { CAPPED, createPowercaps } from "../support/powercap_board.ts";

async function probeRelease(release: Release): Promise<ProbeReport> {
  const { client } = createPowercaps(release, LIMITS_BOARD).ospm;
  const report = await probePlatform(client, { timeoutMs: 5000, enables: false });
  assert(report !== null);
  return report;
}

Deno.test("probe tells of all limits of a power capping domain, and of what older versions tell", async () => {
  const report = await probeRelease("4.0-draft");
  assertEquals(report.failures, []);
  const { limits, ...cpu } = report.powercapDomains[CAPPED.cpu]!;
  assertEquals(limits!.map(({ name, cap, averagingUs }) => [name, cap, averagingUs]), [
    ["sustained", 0, 100_000],
    ["peak", 0, 5_000],
    ["fuse", FUSE_CAP, 10_000],
  ]);
  assertEquals([limits![1]!.caps, limits![1]!.averagings], [
    { min: 200_000, max: 6_000_000, step: 10_000 },
    { minUs: 5_000, maxUs: 50_000, stepUs: 5_000 },
  ]);
  assertEquals(report.powercapDomains[CAPPED.io]!.limits, []);
  const before = await probeRelease("3.2");
  assertEquals(before.powercapDomains[CAPPED.cpu], { ...cpu, limits: null });
  const lines = reportLines(report).filter((line) => / (sustained|peak|fuse) /.test(line));
  assertEquals(lines.map((line) => line.trim().split(/ {2,}/).slice(0, 3)), [
    ["0", "sustained", "none"],
    ["0", "peak", "none"],
    ["0", "fuse", `${FUSE_CAP}`],
  ]);
});
