// What Linux' regulator framework makes of the voltage domains, and what an agent does to them past the driver.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import type { HardwareViews } from "../../../scp/control/hardware_views.ts";
import type { GuestCase } from "../case.ts";
import { VIRTIO_ONLY, WITH_COMMANDS } from "../guest_transports.ts";
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
    over: VIRTIO_ONLY,
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
];
