// Platforms that show an older release of the specification: what Linux finds in the older layouts of the messages.

import { assertEquals } from "@std/assert";
import { BOARD_SENSORS, isTemperature } from "../board_sensors.ts";
import type { GuestCase } from "../case.ts";

// The sensor protocol of releases 1.0 and 2.0 is version 1: no axes, hence nothing for IIO, and no switching on, which
// 7.2 tries and complains of.
const IIO_DEVICE_COUNT = { "1.0": 0, "2.0": 0, "3.0": 2 } as const;

/** The cases of this file. */
export const RELEASE_CASES: readonly GuestCase[] = (["1.0", "2.0", "3.0"] as const).map((release) => ({
  name: `platform of release ${release} shows its temperatures`,
  simulatorArguments: ["--spec", release],
  async run(context) {
    const temperatures = BOARD_SENSORS.filter(isTemperature);
    const degrees = temperatures.map((_, index) => index % 2 === 0 ? -10 : 10 + index);
    for (const [index, { name }] of temperatures.entries()) {
      await context.platform.override(name, [degrees[index] ?? NaN]);
    }
    const isVersion1 = IIO_DEVICE_COUNT[release] === 0;
    const report = await context.boot({
      script: `
for label in $HWMON/temp*_label; do mark sensor "$(cat $label) $(cat \${label%_label}_input)"; done
mark devices "$(ls -d /sys/bus/iio/devices/iio:device* 2>/dev/null | wc -l)"
`,
      expectedLog: isVersion1 ? [/Error enabling sensor \S+ err=-2$/] : [],
    });
    const expected = temperatures.map(({ name }, index) => `${name} ${degrees[index]}000`);
    assertEquals(report.all("sensor").toSorted(), expected.toSorted());
    assertEquals(report.one("devices"), `${IIO_DEVICE_COUNT[release]}`);
  },
}));
