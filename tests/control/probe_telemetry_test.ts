// The probe of telemetry, a draft: data events in groups, intervals, areas, and nothing where the platform
// tells nothing.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { probePlatform } from "../../scp/control/probe.ts";
import { telemetryLines } from "../../scp/control/probe_telemetry.ts";
import { reportLines } from "../../scp/control/probe_text.ts";
import { connectAgent } from "../support/platform.ts";

async function probe(room: number, areas = false) {
  const { machine } = createPlatform(rcarBoard, { seed: 1, release: "4.0-draft" });
  const { channel, client } = connectAgent(machine, "OSPM", { room });
  if (areas) channel.sharedAreas = { findFastChannel: () => null, mapRegion: () => 0x1_0000_0000n };
  const report = await probePlatform(client, { timeoutMs: 5000, enables: false });
  assert(report !== null && report.telemetry !== null);
  assertEquals(report.failures, []);
  return { lines: reportLines(report), telemetry: report.telemetry };
}

Deno.test("probe tells of all data events of telemetry, of buffers of any size", async () => {
  const { lines, telemetry } = await probe(4096);
  assertEquals(telemetry, (await probe(128)).telemetry);
  const vectors = rcarBoard.sensors.filter(({ axes }) => axes !== null);
  assertEquals(telemetry.groupCount, vectors.length);
  assertEquals(
    telemetry.dataEvents.map(({ name }) => name),
    rcarBoard.sensors.flatMap(({ name, axes }) => axes ?? [name]).map((name) => name.slice(0, 15)),
  );
  assertEquals(telemetry.intervals.seconds.slice(0, 3), [0.01, 0.02, 0.05]);
  assertStringIncludes(lines.join("\n"), "telemetry by updates, single reads; 0.01, 0.02, ");
  assertEquals(lines.some((line) => /^3 data events: .*, in group 0, with timestamps$/.test(line)), true);
});

Deno.test("probe tells where the areas of telemetry are", async () => {
  const { lines, telemetry } = await probe(4096, true);
  const size = 24 + 24 * telemetry.dataEvents.length;
  assertEquals(telemetry.areas, [{ id: 0, address: "0x100000000", size }]);
  assertStringIncludes(lines.join("\n"), `telemetry by an area of ${size} bytes at 0x100000000, updates`);
});

Deno.test("probe writes of telemetry with nothing in it, and of a segment of intervals", () => {
  const none = {
    dataEvents: [],
    groupCount: 0,
    areas: [],
    supportsUpdates: false,
    supportsSingleReads: false,
    intervals: { isSegment: false, seconds: [] },
  };
  assertEquals(telemetryLines(none), ["telemetry by nothing; no intervals"]);
  const segment = { ...none, supportsUpdates: true, intervals: { isSegment: true, seconds: [1, 10, 0.5] } };
  assertEquals(telemetryLines(segment), ["telemetry by updates; 1 to 10 by 0.5 s"]);
  assertEquals(telemetryLines(null), []);
});
