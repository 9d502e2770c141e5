// What Linux' cpufreq makes of the performance domains that the device tree gives to its processors: frequencies and costs
// are the board's, each one set is in force on the platform, limits of others count, and the silicon gets as hot as the
// model says.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import { PERFORMANCE_LIMITS_SET } from "../../../protocols/performance/messages.ts";
import { createModel, type Model } from "../../../scp/model/model.ts";
import { boardSensor } from "../board_sensors.ts";
import type { GuestCase } from "../case.ts";
import { SAME_MESSAGES, WITH_COMMANDS } from "../guest_transports.ts";
import { AGENT, type Platform } from "../platform.ts";
import { PERFORMANCE } from "../raw_message.ts";
import { settle } from "../settle.ts";

const POLICY = "/sys/devices/system/cpu/cpufreq/policy";
const ENERGY_MODEL = "/sys/kernel/debug/energy_model";
const UW_PER_MW = 1000;
const US_PER_S = 1_000_000;

/** The domain of each processor of the guest. */
const DOMAINS = ["BIG_CPU", "LITTLE_CPU"].map((name) => {
  const domain = rcarBoard.performanceDomains.find((each) => each.name === name);
  assert(domain !== undefined && domain.powerUnit === "mW");
  return domain;
});
const TREE_ARGUMENTS = ["--cpu-perf", DOMAINS.map(({ name }) => name).join(",")];

/** The frequencies in kHz that can be kept up for good, or the others. */
function frequenciesKhz(cpu: number, isSustained: boolean): number[] {
  const { levels, sustainedMhz } = DOMAINS[cpu]!;
  return levels.filter(({ mhz }) => (mhz <= sustainedMhz) === isSustained).map(({ mhz }) => mhz * 1000);
}

async function frequencyKhz(platform: Platform, name: string): Promise<number | undefined> {
  const domains = await platform.hardware("performanceDomains");
  return domains.find((each) => each.name === name)?.truth.frequencyKhz;
}

/** The power domains and clocks of a platform that do not heat. */
async function stoppedOn(platform: Platform): Promise<Set<string>> {
  const domains = (await platform.hardware("powerDomains")).filter(({ wire }) => wire.state === "off");
  const clocks = (await platform.hardware("clocks")).filter(({ wire }) => !wire.isEnabled);
  return new Set([
    ...domains.map(({ name }) => `power domain ${name}`),
    ...clocks.map(({ name }) => `clock ${name}`),
  ]);
}

/** Stops the same ones of a model, where Linux has done so late in boot. */
function stop({ powerTree, clockTree }: Model, stopped: ReadonlySet<string>, agentId: number): void {
  // Those below come first on the board, as they have to go first.
  for (const domain of powerTree.exposed) {
    if (!domain.isOn || !stopped.has(`power domain ${domain.name}`)) continue;
    assertEquals(domain.request(domain.states.at(-1)!, false, agentId), "SUCCESS", domain.name);
  }
  for (const clock of clockTree.clocks) {
    if (!clock.isEnabled || !stopped.has(`clock ${clock.name}`)) continue;
    assertEquals(clock.configure(agentId, { isEnabled: false, setting: null }), "SUCCESS", clock.name);
  }
}

/** The cases of this file. */
export const PROCESSOR_CASES: readonly GuestCase[] = [
  {
    name: "cpufreq lists the board's frequencies and costs, and sets each on the platform",
    over: WITH_COMMANDS,
    async run(context) {
      const { platform } = context;
      const inForce: string[] = [];
      const report = await context.boot({
        treeArguments: TREE_ARGUMENTS,
        script: `
for cpu in 0 1; do
	cd ${POLICY}$cpu
	mark available "$cpu $(xargs < scaling_available_frequencies)"
	mark boost "$cpu $(xargs < scaling_boost_frequencies)"
	for state in ${ENERGY_MODEL}/cpu$cpu/ps:*; do mark power "$cpu \${state##*:} $(cat $state/power)"; done
	echo userspace > scaling_governor
	for khz in $(cat scaling_available_frequencies); do
		echo $khz > scaling_setspeed
		mark current "$cpu $khz $(cat scaling_cur_freq) $(cat cpuinfo_cur_freq)"
		await_host
	done
done
`,
        async onMark(key, value, tell) {
          if (key !== "current") return;
          const [cpu = "", khz = ""] = value.split(" ");
          const { name } = DOMAINS[Number(cpu)]!;
          const found = await settle(() => frequencyKhz(platform, name), (each) => `${each}` === khz);
          inForce.push(`${cpu} ${khz} ${found}`);
          await tell();
        },
      });
      const lists = (isSustained: boolean) =>
        DOMAINS.map((_, cpu) => [cpu, ...frequenciesKhz(cpu, isSustained)].join(" "));
      assertEquals(report.all("available"), lists(true));
      assertEquals(report.all("boost").map((line) => line.trim()), lists(false));
      const costs = DOMAINS.flatMap(({ levels }, cpu) =>
        levels.map(({ mhz, powerCost }) => `${cpu} ${mhz * 1000} ${powerCost * UW_PER_MW}`)
      );
      assertEquals(report.all("power").toSorted(), costs.toSorted());
      const set = DOMAINS.flatMap((_, cpu) => frequenciesKhz(cpu, true).map((khz) => [cpu, khz]));
      assertEquals(report.all("current"), set.map(([cpu, khz]) => `${cpu} ${khz} ${khz} ${khz}`));
      assertEquals(inForce, set.map(([cpu, khz]) => `${cpu} ${khz} ${khz}`));
    },
  },
  {
    name: "limits that another agent sets are those of cpufreq",
    // The driver of 6.12 does not ask to be told.
    kernels: ["7.2"],
    async run(context) {
      const other = await context.platform.openOtherAgent();
      const [domain] = DOMAINS;
      assert(domain !== undefined);
      const [slowest, second] = domain.levels;
      assert(slowest !== undefined && second !== undefined);
      let isTaken = false;
      const report = await context.boot({
        treeArguments: TREE_ARGUMENTS,
        script: `
# Else it may ask for a frequency above the limits before it has heard of them.
echo userspace > ${POLICY}0/scaling_governor
echo ${slowest.mhz * 1000} > ${POLICY}0/scaling_setspeed
mark before "$(cat ${POLICY}0/scaling_max_freq)"
mark ready
await '[ "$(cat ${POLICY}0/scaling_max_freq)" = ${second.mhz * 1000} ]'
`,
        async onMark(key) {
          if (key !== "ready") return;
          const result = await other.call(PERFORMANCE, PERFORMANCE_LIMITS_SET, {
            domainId: domain.id,
            rangeMax: second.level,
            rangeMin: slowest.level,
          });
          isTaken = result.ok;
        },
      });
      other.close();
      assert(isTaken, "the platform takes the limits");
      // Boost is on or off at boot, as the kernel's version has it.
      const mayBe = [...frequenciesKhz(0, true), ...frequenciesKhz(0, false)].slice(2).map(String);
      assert(mayBe.includes(report.one("before")), report.one("before"));
    },
  },
  {
    name: "temperature of the processors follows the frequency that cpufreq sets as in the model",
    over: SAME_MESSAGES,
    simulatorArguments: ["--time", "stepped"],
    async run(context) {
      const { platform } = context;
      const sensor = boardSensor("thermal3");
      const [domain] = DOMAINS;
      assert(domain !== undefined);
      const speeds = frequenciesKhz(0, true);
      const [slow, fast] = [speeds[0]!, speeds.at(-1)!];
      // Past the idle phase of the load; then beyond some, and beyond most of the time constants of the silicon.
      const steps: readonly (readonly [khz: number, seconds: number])[] = [
        [slow, 90],
        [fast, 0.1],
        [fast, 3],
        [slow, 0.1],
        [slow, 3],
      ];
      let stepped = 0;
      let stopped: ReadonlySet<string> = new Set();
      const report = await context.boot({
        treeArguments: ["--cpu-perf", domain.name],
        script: `
await '! is_power_moving'
input=$(grep -lx ${sensor.name} $HWMON/temp*_label)
input=\${input%_label}_input
echo userspace > ${POLICY}0/scaling_governor
for khz in ${steps.map(([khz]) => khz).join(" ")}; do
	echo $khz > ${POLICY}0/scaling_setspeed
	mark step
	await_host
	mark temperature "$(cat $input)"
done
`,
        async onMark(key, _value, tell) {
          if (key !== "step") return;
          if (stepped === 0) stopped = await stoppedOn(platform);
          await platform.step(Math.round(steps[stepped++]![1] * US_PER_S));
          await tell();
        },
      });
      const twin = createModel(rcarBoard, { seed: 1 });
      const twinDomain = twin.dvfs.performanceDomains[domain.id]!;
      const agentId = 1 + rcarBoard.agents.findIndex(({ name }) => name === AGENT);
      stop(twin, stopped, agentId);
      let nowUs = 0;
      const expected = steps.map(([khz, seconds]) => {
        twinDomain.setLevel(twinDomain.levels.find(({ frequencyKhz }) => frequencyKhz === khz)!, agentId);
        nowUs += Math.round(seconds * US_PER_S);
        twin.advanceTo(nowUs);
        return twin.sensors[sensor.id]!.sampleAt(nowUs).values[0]!;
      });
      assertEquals(report.all("temperature").map(Number), expected);
      const [cool = NaN, warmer = NaN, warm = NaN] = expected;
      assert(cool < warmer && warmer < warm, `the silicon gets warmer: ${expected.join(" ")}`);
    },
  },
];
