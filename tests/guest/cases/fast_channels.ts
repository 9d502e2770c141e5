// What Linux' drivers do through FastChannels in the shared memory of a mailbox: set and read without a message. Over virtio
// there is no such memory, and the same takes messages.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import { PERFORMANCE_LIMITS_SET } from "../../../protocols/performance/messages.ts";
import type { GuestCase } from "../case.ts";
import type { MessageCount, Platform } from "../platform.ts";
import { PERFORMANCE } from "../raw_message.ts";

const POLICY = "/sys/devices/system/cpu/cpufreq/policy";
const POWERCAP = "/sys/class/powercap";
const UW_PER_MW = 1000;

const DOMAINS = ["BIG_CPU", "LITTLE_CPU"].map((name) => {
  const domain = rcarBoard.performanceDomains.find((each) => each.name === name);
  assert(domain !== undefined);
  return domain;
});
const TREE_ARGUMENTS = ["--cpu-perf", DOMAINS.map(({ name }) => name).join(",")];

/** The frequencies of a processor that can be kept up for good, kHz. */
function frequenciesKhz(cpu: number): number[] {
  const { levels, sustainedMhz } = DOMAINS[cpu]!;
  return levels.filter(({ mhz }) => mhz <= sustainedMhz).map(({ mhz }) => mhz * 1000);
}

/** Sees to it that nothing but what the script does sends messages; `sent` then counts them. */
const QUIET = `
for mode in /sys/class/thermal/thermal_zone*/mode; do [ -f "$mode" ] && echo disabled > "$mode"; done
await '! is_power_moving'
sent() {
	cat "$SCMI/transport/counters/sent_ok"
}
`;

async function frequencyKhz(platform: Platform, cpu: number): Promise<number | undefined> {
  const domains = await platform.hardware("performanceDomains");
  return domains.find(({ name }) => name === DOMAINS[cpu]!.name)?.truth.frequencyKhz;
}

/** How often a message was sent, and the same was done through a FastChannel: done, and refused. */
function countsOf(counts: ReadonlyMap<string, MessageCount>, name: string): (number | undefined)[] {
  const { count = 0, fastCount = 0, fastRefusedCount = 0 } = counts.get(name) ?? {};
  return [count, fastCount, fastRefusedCount];
}

/** The cases of this file. */
export const FAST_CHANNEL_CASES: readonly GuestCase[] = [
  {
    name: "cpufreq sets each frequency and reads it without a message where memory is shared",
    over: ["virtio", "mailbox", "mailbox3", "polled"],
    without: ["virtio"],
    async run(context) {
      const { platform, transport } = context;
      const inForce: string[] = [];
      const report = await context.boot({
        treeArguments: TREE_ARGUMENTS,
        script: `
${QUIET}
for cpu in 0 1; do echo userspace > ${POLICY}$cpu/scaling_governor; done
for cpu in 0 1; do
	cd ${POLICY}$cpu
	for khz in $(cat scaling_available_frequencies); do
		before=$(sent)
		echo $khz > scaling_setspeed
		await '[ "$(cat cpuinfo_cur_freq)" = '$khz' ]'
		mark set "$cpu $khz $(($(sent) - before))"
		await_host
	done
done
`,
        async onMark(key, value, tell) {
          if (key !== "set") return;
          const [cpu = "", khz = ""] = value.split(" ");
          inForce.push(`${cpu} ${khz} ${await frequencyKhz(platform, Number(cpu))}`);
          await tell();
        },
      });
      const set = DOMAINS.flatMap((_, cpu) => frequenciesKhz(cpu).map((khz) => `${cpu} ${khz}`));
      assertEquals(inForce, set.map((each) => `${each} ${each.split(" ")[1]}`));
      const counts = await platform.messageCounts();
      const [levelSets, fastLevelSets, fastRefusals] = countsOf(counts, "performance PERFORMANCE_LEVEL_SET");
      if (transport === "virtio") {
        const sent = report.all("set").map((line) => Number(line.split(" ")[2]));
        assert(sent.every((count) => count >= 1), `messages for each frequency: ${sent}`);
        assertEquals(fastLevelSets, 0);
        return;
      }
      assertEquals(report.all("set"), set.map((each) => `${each} 0`));
      assertEquals([levelSets, fastRefusals], [0, 0]);
      assert(fastLevelSets! >= set.length, `${fastLevelSets} writes for ${set.length} frequencies`);
      assertEquals(countsOf(counts, "performance PERFORMANCE_LEVEL_GET")[0], 0, "levels are read in memory");
    },
  },
  {
    name: "cpufreq reads in memory what another agent's limits leave of its frequency",
    over: ["mailbox"],
    async run(context) {
      const other = await context.platform.openOtherAgent();
      const [slowest, second] = DOMAINS[0]!.levels;
      assert(slowest !== undefined && second !== undefined);
      const fastestKhz = frequenciesKhz(0).at(-1)!;
      assert(second.mhz * 1000 < fastestKhz);
      let isTaken = false;
      const report = await context.boot({
        treeArguments: TREE_ARGUMENTS,
        script: `
${QUIET}
cd ${POLICY}0
echo userspace > scaling_governor
echo ${fastestKhz} > scaling_setspeed
await '[ "$(cat cpuinfo_cur_freq)" = ${fastestKhz} ]'
before=$(sent)
mark ready
await_host
await '[ "$(cat cpuinfo_cur_freq)" = ${second.mhz * 1000} ]'
mark sent $(($(sent) - before))
`,
        async onMark(key, _value, tell) {
          if (key !== "ready") return;
          const result = await other.call(PERFORMANCE, PERFORMANCE_LIMITS_SET, {
            domainId: DOMAINS[0]!.id,
            rangeMax: second.level,
            rangeMin: slowest.level,
          });
          isTaken = result.ok;
          await tell();
        },
      });
      other.close();
      assert(isTaken, "the platform takes the limits");
      assertEquals(report.one("sent"), "0");
    },
  },
  {
    name: "powercap sets caps and averaging intervals without a message where memory is shared",
    over: ["virtio", "mailbox"],
    without: ["virtio"],
    async run(context) {
      const { platform, transport } = context;
      const domain = rcarBoard.powercapDomains.find(({ parent, cap }) =>
        parent !== null && cap.max > cap.min
      );
      assert(domain !== undefined);
      const { name, cap, averaging } = domain;
      const capMw = cap.max - cap.step;
      const averagingUs = averaging.maxUs - averaging.stepUs;
      const seen: unknown[] = [];
      const report = await context.boot({
        script: `
${QUIET}
zone=$(grep -lx ${name} ${POWERCAP}/arm-scmi:*/name)
zone=\${zone%/name}
before=$(sent)
echo ${capMw * UW_PER_MW} > $zone/constraint_0_power_limit_uw
echo 1 > $zone/enabled
await '[ "$(cat $zone/enabled)" = 1 ]'
echo ${averagingUs} > $zone/constraint_0_time_window_us
await '[ "$(cat $zone/constraint_0_time_window_us)" = ${averagingUs} ]'
mark sent $(($(sent) - before))
mark limit "$(cat $zone/constraint_0_power_limit_uw)"
await_host
echo 0 > $zone/enabled
await '[ "$(cat $zone/enabled)" = 0 ]'
mark sent $(($(sent) - before))
mark lifted
await_host
`,
        async onMark(key, _value, tell) {
          if (key !== "limit" && key !== "lifted") return;
          const { wire } = (await platform.hardware("powerCaps")).find((each) => each.name === name)!;
          seen.push([wire.cap, wire.averagingUs]);
          await tell();
        },
      });
      assertEquals(report.one("limit"), `${capMw * UW_PER_MW}`);
      assertEquals(seen, [[capMw, averagingUs], [null, averagingUs]]);
      const counts = await platform.messageCounts();
      const sets = ["powercap POWERCAP_CAP_SET", "powercap POWERCAP_PAI_SET"].map((each) =>
        countsOf(counts, each)
      );
      if (transport === "virtio") {
        assertEquals(sets, [[2, 0, 0], [1, 0, 0]]);
        return;
      }
      assertEquals(report.all("sent"), ["0", "0"]);
      assertEquals(sets, [[0, 2, 0], [0, 1, 0]]);
    },
  },
];
