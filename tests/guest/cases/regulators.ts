// What Linux' regulator framework makes of the voltage domains, what a device that uses one does to it, and what an agent does
// past the driver.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import type { Regulator } from "../../../boards/regulator.ts";
import type { HardwareViews } from "../../../scp/control/hardware_views.ts";
import type { GuestCase } from "../case.ts";
import { SAME_MESSAGES, WITH_COMMANDS } from "../guest_transports.ts";
import type { Platform } from "../platform.ts";
import { commandHex, parseMessage, VOLTAGE } from "../raw_message.ts";
import { settle } from "../settle.ts";

const VOLTAGE_CONFIG_SET = 0x5;
const VOLTAGE_LEVEL_SET = 0x7;
const OFF = 0;

/** The domains with the rails behind them. */
const DOMAINS = rcarBoard.voltageDomains.map(({ id, name, rail }) => {
  const regulator = rcarBoard.power.rails.find((each) => each.name === rail)?.regulator;
  assert(regulator !== null && regulator !== undefined);
  const { steps } = regulator;
  const isList = steps.kind === "list";
  return {
    id,
    name,
    regulator,
    minUv: isList ? steps.levelsUv[0]! : steps.lowestUv,
    maxUv: isList ? steps.levelsUv.at(-1)! : steps.highestUv,
  };
});

/** Marks files of all regulators but the one that Linux makes up, with the regulators' names. */
const LIST_REGULATORS = `
for regulator in /sys/class/regulator/regulator.*; do
	name=$(cat $regulator/name)
	[ $name = regulator-dummy ] && continue
	mark regulator "$name $(cd $regulator && cat min_microvolts max_microvolts microvolts state | xargs)"
done
`;

/** What the driver of such a device says when it finds the first one. */
const NOTICE = /^\*\*.*\*\*$/;
const BEYOND_LIMITS = /unsupportable voltage range: \d+-\d+uV$/;
const REFUSED_BY_LINUX = /reg-virt-consumer scmi-voltage-\d+: regulator_set_voltage\(\) failed: -22$/;
/** EACCES, which is what Linux makes of DENIED. */
const REFUSED_BY_PLATFORM = /reg-virt-consumer scmi-voltage-\d+: regulator_set_voltage\(\) failed: -13$/;

/** A range that a device asks for. */
interface Request {
  readonly title: string;
  readonly fromUv: number;
  readonly toUv: number;
  /** What comes of it; null = the level stays what it was. */
  readonly levelUv: number | null;
  readonly mode: "on" | "off";
}

/** `ask FROM TO`: asks for nothing, then for a range, and marks level and state that the regulator then has. */
function voltageFunctions(id: number, name: string): string {
  return `
device=/sys/bus/platform/devices/scmi-voltage-${id}
await '[ -e $device/max_microvolts ]'
regulator=$(grep -lx ${name} /sys/class/regulator/regulator.*/name)
regulator=\${regulator%/name}
ask() {
	echo 0 > $device/max_microvolts
	echo $1 > $device/min_microvolts
	echo $2 > $device/max_microvolts
	mark regulator "$(cat $regulator/microvolts) $(cat $regulator/state)"
}
`;
}

/** A domain whose levels are evenly spaced, and whose regulator is as wanted. */
function segmentDomain(isWanted: (regulator: Regulator, rail: string) => boolean) {
  const domain = DOMAINS.find(({ regulator, name }) =>
    regulator.steps.kind === "segment" && isWanted(regulator, name)
  );
  assert(domain !== undefined && domain.regulator.steps.kind === "segment");
  return { ...domain, stepUv: domain.regulator.steps.stepUv };
}

/** The domain as the platform shows it. */
async function findVoltage(platform: Platform, name: string) {
  const found = (await platform.hardware("voltages")).find((each) => each.name === name);
  assert(found !== undefined);
  return found;
}

/** The cases of this file. */
export const REGULATOR_CASES: readonly GuestCase[] = [
  {
    name: "regulators show the board's ranges, and level and state as the platform has them",
    over: WITH_COMMANDS,
    async run(context) {
      const { platform } = context;
      const wire = new Map<string, HardwareViews["voltages"]["wire"]>();
      const report = await context.boot({
        script: `${LIST_REGULATORS}\nmark listed\nawait_host\n`,
        // At that moment: half a minute after its start, Linux switches off what nothing uses.
        async onMark(key, _value, tell) {
          if (key !== "listed") return;
          for (const each of await platform.hardware("voltages")) wire.set(each.name, each.wire);
          await tell();
        },
      });
      assertEquals(
        report.all("regulator"),
        DOMAINS.map(({ name, minUv, maxUv }) => {
          const { levelUv, mode } = wire.get(name)!;
          return `${name} ${minUv} ${maxUv} ${levelUv} ${mode === "off" ? "disabled" : "enabled"}`;
        }),
      );
    },
  },
  {
    name: "raw mode sets level and state of a voltage domain, as its regulator shows",
    over: SAME_MESSAGES,
    async run(context) {
      const domain = DOMAINS.find(({ regulator }) => regulator.canSwitchOff);
      assert(domain !== undefined);
      const { id, name, minUv, maxUv } = domain;
      const report = await context.boot({
        script: `
exchange level "${commandHex(VOLTAGE, VOLTAGE_LEVEL_SET, 90, id, 0, minUv)}"
exchange off "${commandHex(VOLTAGE, VOLTAGE_CONFIG_SET, 91, id, OFF)}"
${LIST_REGULATORS}
`,
      });
      for (const key of ["level", "off"]) assertEquals(parseMessage(report.one(key)).words, [0], key);
      const shown = report.all("regulator").find((line) => line.startsWith(`${name} `));
      assertEquals(shown, `${name} ${minUv} ${maxUv} ${minUv} disabled`);
      const find = async () =>
        (await context.platform.hardware("voltages")).find((each) => each.name === name)!;
      const { wire, truth } = await settle(find, (found) => found.truth.volts === 0);
      assertEquals([wire.levelUv, truth.volts], [minUv, 0]);
    },
  },
  {
    name: "device that asks for a range of voltage sets level and state of its domain on the platform",
    async run(context) {
      const { platform } = context;
      const { id, name, minUv, maxUv, stepUv } = segmentDomain(({ canSwitchOff }) => canSwitchOff);
      const middleUv = minUv + 3 * stepUv;
      // A range of 0 is none.
      const requests: readonly Request[] = [
        { title: "one level", fromUv: minUv, toUv: minUv, levelUv: minUv, mode: "on" },
        { title: "range", fromUv: middleUv - 1, toUv: maxUv, levelUv: middleUv, mode: "on" },
        { title: "no level in it", fromUv: middleUv + 1, toUv: middleUv + 2, levelUv: null, mode: "off" },
        { title: "beyond the end", fromUv: maxUv + 1, toUv: maxUv + 2 * stepUv, levelUv: null, mode: "off" },
        { title: "highest", fromUv: maxUv, toUv: maxUv, levelUv: maxUv, mode: "on" },
        { title: "nothing", fromUv: 0, toUv: 0, levelUv: null, mode: "off" },
      ];
      const seen: unknown[] = [];
      const report = await context.boot({
        treeArguments: ["--consumers", `voltage:${name}`],
        script: `
${voltageFunctions(id, name)}
${requests.map(({ fromUv, toUv }) => `ask ${fromUv} ${toUv}\nmark asked\nawait_host\n`).join("")}
`,
        async onMark(key, _value, tell) {
          if (key !== "asked") return;
          const { wire } = await findVoltage(platform, name);
          seen.push([wire.levelUv, wire.mode]);
          await tell();
        },
        // What Linux refuses by itself, as there is no such level.
        expectedLog: [NOTICE, BEYOND_LIMITS, REFUSED_BY_LINUX],
      });
      let levelUv = NaN;
      const expected = requests.map((request) => {
        levelUv = request.levelUv ?? levelUv;
        return { ...request, levelUv };
      });
      assertEquals(seen, expected.map((each) => [each.levelUv, each.mode]));
      assertEquals(
        report.all("regulator"),
        expected.map((each) => `${each.levelUv} ${each.mode === "off" ? "disabled" : "enabled"}`),
      );
      assertEquals(report.all("log").filter((line) => REFUSED_BY_LINUX.test(line)).length, 2);
    },
  },
  {
    name: "device that asks for less voltage than the processors need is refused it by the platform",
    over: SAME_MESSAGES,
    async run(context) {
      const { platform } = context;
      const { id, name, minUv, maxUv } = segmentDomain((_, rail) => rail === "dvfs");
      const before = await findVoltage(platform, name);
      assert(before.truth.neededUv !== null && before.truth.neededUv > minUv, "something needs more");
      const report = await context.boot({
        treeArguments: ["--consumers", `voltage:${name}`],
        script: `
${voltageFunctions(id, name)}
ask ${minUv} ${minUv}
ask ${maxUv} ${maxUv}
`,
        expectedLog: [NOTICE, REFUSED_BY_PLATFORM],
        expectedRefusals: ["voltage VOLTAGE_LEVEL_SET"],
      });
      assertEquals(report.all("regulator"), [`${before.wire.levelUv} enabled`, `${maxUv} enabled`]);
      assertEquals(report.all("log").filter((line) => REFUSED_BY_PLATFORM.test(line)).length, 1);
    },
  },
  {
    name: "device that is switched by its supply switches the domain on the platform",
    over: SAME_MESSAGES,
    async run(context) {
      const { platform } = context;
      const domain = DOMAINS.find(({ regulator }) =>
        regulator.steps.kind === "list" && regulator.canSwitchOff
      );
      assert(domain !== undefined);
      const { id, name } = domain;
      const seen: unknown[] = [];
      await context.boot({
        treeArguments: ["--consumers", `regulator:${name}`],
        script: `
state=/sys/bus/platform/devices/scmi-regulator-${id}/state
await '[ -e $state ]'
for wanted in disabled enabled disabled; do
	echo $wanted > $state
	mark switched "$(cat $state)"
	await_host
done
`,
        async onMark(key, value, tell) {
          if (key !== "switched") return;
          const { wire, truth } = await findVoltage(platform, name);
          seen.push([value, wire.mode, truth.volts > 0]);
          await tell();
        },
      });
      const [off, on] = [["disabled", "off", false], ["enabled", "on", true]];
      assertEquals(seen, [off, on, off]);
    },
  },
];
