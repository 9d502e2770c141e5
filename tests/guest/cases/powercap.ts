// What Linux' powercap framework makes of the power capping domains: their tree and ranges, and caps set through sysfs.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import type { GuestCase } from "../case.ts";

const CLASS = "/sys/class/powercap";
const UW_PER_MW = 1000;

const DOMAINS = rcarBoard.powercapDomains;

/** Marks the files of each zone, with its folder's name and its own. */
const LIST_ZONES = `
for zone in ${CLASS}/arm-scmi:*; do
	for file in name power_uw enabled constraint_0_power_limit_uw constraint_0_time_window_us \\
		constraint_0_min_power_uw constraint_0_max_power_uw constraint_0_min_time_window_us \\
		constraint_0_max_time_window_us; do
		mark zone "\${zone##*/} $file $(cat $zone/$file)"
	done
done
`;

/** The zones that were marked: their files' contents by name, and the zone they are in. */
function zonesOf(lines: readonly string[]) {
  const folders = new Map<string, Map<string, string>>();
  for (const line of lines) {
    const [folder = "", file = "", ...value] = line.split(" ");
    const files = folders.get(folder) ?? new Map<string, string>();
    folders.set(folder, files.set(file, value.join(" ")));
  }
  return new Map(
    folders.entries().map(([folder, files]) => {
      const above = folders.get(folder.slice(0, folder.lastIndexOf(":")));
      return [files.get("name") ?? "", { files, parent: above?.get("name") ?? null }] as const;
    }),
  );
}

/** The cases of this file. */
export const POWERCAP_CASES: readonly GuestCase[] = [
  {
    name: "powercap zones equal the board's power capping domains and measure what the platform measures",
    // Time stands still, so that power does, too.
    simulatorArguments: ["--time", "stepped"],
    async run(context) {
      // A domain that goes off meanwhile would change the power.
      const report = await context.boot({ script: `await '! is_power_moving'\n${LIST_ZONES}` });
      const zones = zonesOf(report.all("zone"));
      const platform = new Map(
        (await context.platform.hardware("powerCaps")).map((each) => [each.name, each.wire]),
      );
      const shown = DOMAINS.map(({ name }) => {
        const zone = zones.get(name);
        return { name, parent: zone?.parent, files: Object.fromEntries(zone?.files ?? []) };
      });
      assertEquals(
        shown,
        DOMAINS.map(({ name, parent, cap, averaging, bootCap, bootAveragingUs }) => ({
          name,
          parent,
          files: {
            name,
            power_uw: `${platform.get(name)!.power! * UW_PER_MW}`,
            enabled: bootCap === null ? "0" : "1",
            constraint_0_power_limit_uw: `${(bootCap ?? 0) * UW_PER_MW}`,
            constraint_0_time_window_us: `${bootAveragingUs}`,
            constraint_0_min_power_uw: `${cap.min * UW_PER_MW}`,
            constraint_0_max_power_uw: `${cap.max * UW_PER_MW}`,
            constraint_0_min_time_window_us: `${averaging.minUs}`,
            constraint_0_max_time_window_us: `${averaging.maxUs}`,
          },
        })),
      );
    },
  },
  {
    // A limit set while the zone is disabled is kept by Linux, and sent when it is enabled.
    name: "powercap zone sets cap and averaging interval on the platform and lifts the cap again",
    async run(context) {
      const { platform } = context;
      const domain = DOMAINS.find(({ parent, cap }) => parent !== null && cap.max > cap.min);
      assert(domain !== undefined);
      const { name, cap, averaging } = domain;
      const capMw = cap.max - cap.step;
      const averagingUs = averaging.maxUs - averaging.stepUs;
      const seen: unknown[] = [];
      const report = await context.boot({
        script: `
zone=$(grep -lx ${name} ${CLASS}/arm-scmi:*/name)
zone=\${zone%/name}
echo ${capMw * UW_PER_MW} > $zone/constraint_0_power_limit_uw
echo 1 > $zone/enabled
# Linux does not wait for the delayed responses.
await '[ "$(cat $zone/enabled)" = 1 ]'
echo ${averagingUs} > $zone/constraint_0_time_window_us
await '[ "$(cat $zone/constraint_0_time_window_us)" = ${averagingUs} ]'
mark_files set $zone/constraint_0_power_limit_uw
mark ready
await_host
echo 0 > $zone/enabled
await '[ "$(cat $zone/enabled)" = 0 ]'
mark ready
await_host
`,
        async onMark(key, _value, tell) {
          if (key !== "ready") return;
          const { wire } = (await platform.hardware("powerCaps")).find((each) => each.name === name)!;
          seen.push([wire.cap, wire.averagingUs]);
          await tell();
        },
      });
      assertEquals(
        report.pairs("set"),
        new Map([["constraint_0_power_limit_uw", `${capMw * UW_PER_MW}`]]),
      );
      assertEquals(seen, [[capMw, averagingUs], [null, averagingUs]]);
    },
  },
];
