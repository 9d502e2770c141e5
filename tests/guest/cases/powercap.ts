// What Linux' powercap framework makes of the power capping domains: their tree and ranges, and caps set through sysfs; and
// the platform's notifications of power beyond thresholds.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import { PERFORMANCE_LEVEL_SET } from "../../../protocols/performance/messages.ts";
import type { GuestCase } from "../case.ts";
import { WITH_COMMANDS } from "../guest_transports.ts";
import { commandHex, NOTIFICATION, parseMessage, PERFORMANCE, POWERCAP } from "../raw_message.ts";

const MEASUREMENTS_NOTIFY = 0xb;
const MEASUREMENTS_CHANGED = 0x1;
/** The id of the platform, whose doing notifications of measurements are. */
const PLATFORM = 0;

const CLASS = "/sys/class/powercap";
const UW_PER_MW = 1000;
const US_PER_S = 1_000_000;

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
    over: WITH_COMMANDS,
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
  {
    // Power follows the frequency of the processors, which another agent sets.
    name: "power that gets beyond thresholds of the guest is notified, once each way",
    simulatorArguments: ["--time", "stepped"],
    async run(context) {
      const { platform } = context;
      const { id, name } = DOMAINS.find((domain) => domain.name === "cpu-big")!;
      const { id: domainId, levels } = rcarBoard.performanceDomains.find((each) => each.name === "BIG_CPU")!;
      const other = await platform.openOtherAgent();
      /** Sets the slowest or the fastest level and returns the power it leads to. */
      const settleAt = async (speed: "slow" | "fast") => {
        const { level } = levels.at(speed === "slow" ? 0 : -1)!;
        const result = await other.call(PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId, level });
        assert(result.ok, "the other agent may set the level");
        await platform.step(US_PER_S);
        return (await platform.hardware("powerCaps")).find((each) => each.name === name)!.wire.power!;
      };
      const [fastMw, slowMw] = [await settleAt("fast"), await settleAt("slow")];
      const thresholdMw = Math.round((slowMw + fastMw) / 2);
      assert(slowMw < thresholdMw && thresholdMw < fastMw, `${slowMw} and ${fastMw} mW`);
      const notify = (token: number, enable: number) =>
        commandHex(POWERCAP, MEASUREMENTS_NOTIFY, token, id, enable, thresholdMw, thresholdMw);
      const speeds = ["slow", "fast", "slow"] as const;
      const report = await context.boot({
        script: `
exchange on "${notify(97, 1)}"
for speed in ${speeds.join(" ")}; do
	mark speed $speed
	mark event "$(receive notification 20)"
done
exchange off "${notify(98, 0)}"
`,
        async onMark(key, value) {
          if (key === "speed") await settleAt(value as "slow" | "fast");
        },
      });
      other.close();
      for (const key of ["on", "off"]) assertEquals(parseMessage(report.one(key)).words, [0], key);
      const events = report.all("event").map(parseMessage);
      assertEquals(events.length, speeds.length);
      for (const [index, { type, protocolId, messageId, words }] of events.entries()) {
        assertEquals([type, protocolId, messageId], [NOTIFICATION, POWERCAP, MEASUREMENTS_CHANGED]);
        const [agentId, domain, powerMw = NaN] = words;
        assertEquals([agentId, domain, words.length], [PLATFORM, id, 3]);
        const side = powerMw < thresholdMw ? "slow" : powerMw > thresholdMw ? "fast" : "neither";
        assertEquals(side, speeds[index], `${powerMw} mW, threshold ${thresholdMw}`);
      }
    },
  },
];
