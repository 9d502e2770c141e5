// What Linux' hwmon driver makes of the sensors: one attribute per scalar sensor of five types, numbered in the order
// of the ids within its class, labelled with the sensor's name.

import { assert, assertEquals } from "@std/assert";
import type { SensorDescription } from "../../../boards/sensor_description.ts";
import { BOARD_SENSORS, chooseValue, isTemperature } from "../board_sensors.ts";
import type { GuestCase } from "../case.ts";
import { EVERY_WAY, SAME_MESSAGES } from "../guest_transports.ts";

interface HwmonClass {
  readonly prefix: string;
  /** Number of the first attribute: voltages count from 0. */
  readonly firstNumber: number;
  /** sysfs shows units of 10^-scale. */
  readonly scale: number;
}

const CLASSES: ReadonlyMap<number, HwmonClass> = new Map([
  [2, { prefix: "temp", firstNumber: 1, scale: 3 }],
  [5, { prefix: "in", firstNumber: 0, scale: 3 }],
  [6, { prefix: "curr", firstNumber: 1, scale: 3 }],
  [7, { prefix: "power", firstNumber: 1, scale: 6 }],
  [8, { prefix: "energy", firstNumber: 1, scale: 6 }],
]);

const LIST_ALL = `
for label in $HWMON/*_label; do
	attribute=\${label##*/}
	mark sensor "\${attribute%_label} $(cat $label) $(cat \${label%_label}_input)"
done
`;

/** The cases of this file. */
export const HWMON_CASES: readonly GuestCase[] = [
  {
    name: "hwmon shows every scalar sensor of its types, with name and overridden value",
    over: EVERY_WAY,
    async run(context) {
      const expected: string[] = [];
      const counts = new Map<string, number>();
      for (const { sensor, hwmon } of hwmonSensors()) {
        const ordinal = counts.get(hwmon.prefix) ?? 0;
        counts.set(hwmon.prefix, ordinal + 1);
        // Another share of the range for each, so that a value under a wrong name shows.
        const { value, reading } = chooseValue(sensor, 0.2 + 0.11 * ordinal);
        await context.platform.override(sensor.name, [value]);
        const shown = Math.round(reading * 10 ** (sensor.unitExponent + hwmon.scale));
        expected.push(`${hwmon.prefix}${hwmon.firstNumber + ordinal} ${sensor.name} ${shown}`);
      }
      const report = await context.boot({ script: LIST_ALL });
      assertEquals(report.all("sensor").toSorted(), expected.toSorted());
    },
  },
  {
    name: "hwmon reads temperatures below zero",
    over: SAME_MESSAGES,
    async run(context) {
      const temperatures = BOARD_SENSORS.filter(isTemperature);
      // Just below zero, and the coldest that all have in their range.
      const degrees = temperatures.map((_, index) => index % 2 === 0 ? -1 : -40);
      for (const [index, sensor] of temperatures.entries()) {
        await context.platform.override(sensor.name, [degrees[index] ?? NaN]);
      }
      const report = await context.boot({ script: "mark_files temperature $HWMON/temp*_input" });
      const shown = [...report.pairs("temperature")].sort(byNumber).map(([, value]) => value);
      assertEquals(shown, degrees.map((one) => `${one}000`));
    },
  },
  {
    name: "hwmon shows a changed value at the next reading, and the model's again after release",
    over: SAME_MESSAGES,
    async run(context) {
      const { platform } = context;
      await platform.override("thermal1", [77]);
      const read = (key: string) => `mark ${key} "$(cat $HWMON/temp1_input)"\nawait_host\n`;
      const report = await context.boot({
        script: read("first") + read("second") + read("third"),
        async onMark(key, _value, tell) {
          if (key === "first") await platform.override("thermal1", [-12]);
          if (key === "second") await platform.release("thermal1");
          if (["first", "second", "third"].includes(key)) await tell();
        },
      });
      assertEquals(report.one("first"), "77000");
      assertEquals(report.one("second"), "-12000");
      const released = Number(report.one("third"));
      assert(
        released > 15_000 && released < 70_000,
        `${released} is neither an override nor a chip that just woke`,
      );
    },
  },
  {
    name: "hwmon agrees with the model's truth while nothing is overridden",
    over: SAME_MESSAGES,
    async run(context) {
      const { platform } = context;
      const seen = [await platform.truths()];
      const report = await context.boot({
        script: LIST_ALL,
        async onMark(key) {
          if (key === "sensor") seen.push(await platform.truths());
        },
      });
      const shown = new Map(
        report.all("sensor").map((line): [string, number] => {
          const [, name = "", value = ""] = line.split(" ");
          return [name, Number(value)];
        }),
      );
      const wrong = BOARD_SENSORS.filter(isTemperature).flatMap((sensor) => {
        const truths = seen.map((one) => one.get(sensor.name)?.[0] ?? NaN);
        const [least, most] = [Math.min(...truths), Math.max(...truths)];
        const degrees = (shown.get(sensor.name) ?? NaN) / 1000;
        // Noise and quantisation stay within a degree and a half; heat moves slowly.
        const isNear = degrees > least - 1.5 && degrees < most + 1.5;
        return isNear ? [] : [`${sensor.name}: guest ${degrees}, truth ${least} to ${most}`];
      });
      assertEquals(wrong, []);
    },
  },
];

/** The sensors that hwmon shows, in the order of their ids. */
function hwmonSensors(): { sensor: SensorDescription; hwmon: HwmonClass }[] {
  return BOARD_SENSORS.flatMap((sensor) => {
    const hwmon = sensor.axes === null ? CLASSES.get(sensor.typeCode) : undefined;
    return hwmon === undefined ? [] : [{ sensor, hwmon }];
  });
}

/** Sorts attributes by the number in their name: temp2 before temp10. */
function byNumber([a]: [string, string], [b]: [string, string]): number {
  return Number(a.replace(/\D/g, "")) - Number(b.replace(/\D/g, ""));
}
