// Platforms that show an older release of the specification: what Linux finds in the older layouts of the messages.

import { assertEquals } from "@std/assert";
import { BOARD_SENSORS, isTemperature } from "../board_sensors.ts";
import type { KernelSeries } from "../../../scp/control/guest_cache.ts";
import type { GuestCase } from "../case.ts";
import { SAME_MESSAGES } from "../guest_transports.ts";

// The sensor protocol of releases 1.0 and 2.0 is version 1: no axes, hence nothing for IIO, and no switching on, which
// 7.2 tries and complains of.
const IIO_DEVICE_COUNT = { "1.0": 0, "2.0": 0, "3.0": 2 } as const;

/** What Linux finds missing in the older versions that these releases have. */
function refusals(release: keyof typeof IIO_DEVICE_COUNT, series: KernelSeries): string[] {
  const isVersion1 = IIO_DEVICE_COUNT[release] === 0;
  return [
    // It asks for notifications whose commands are not there yet.
    "clock PROTOCOL_MESSAGE_ATTRIBUTES",
    ...(isVersion1 ? ["sensor PROTOCOL_MESSAGE_ATTRIBUTES"] : []),
    // Version 3 tells which clocks may not be switched; before, Linux tries all that nobody uses.
    "clock CLOCK_CONFIG_SET",
    ...(isVersion1 && series === "7.2" ? ["sensor SENSOR_CONFIG_SET"] : []),
  ];
}

/** The cases of this file. */
export const RELEASE_CASES: readonly GuestCase[] = (["1.0", "2.0", "3.0"] as const).map((release) => ({
  name: `platform of release ${release} shows its temperatures`,
  over: SAME_MESSAGES,
  simulatorArguments: ["--spec", release],
  async run(context) {
    const temperatures = BOARD_SENSORS.filter(isTemperature);
    const degrees = temperatures.map((_, index) => index % 2 === 0 ? -10 : 10 + index);
    for (const [index, { name }] of temperatures.entries()) {
      await context.platform.override(name, [degrees[index] ?? NaN]);
    }
    const isVersion1 = IIO_DEVICE_COUNT[release] === 0;
    const report = await context.boot({
      treeArguments: ["--spec", release],
      script: `
for label in $HWMON/temp*_label; do mark sensor "$(cat $label) $(cat \${label%_label}_input)"; done
mark devices "$(ls -d /sys/bus/iio/devices/iio:device* 2>/dev/null | wc -l)"
`,
      expectedRefusals: refusals(release, context.kernel.series),
      expectedLog: isVersion1 ? [/Error enabling sensor \S+ err=-2$/] : [],
    });
    const expected = temperatures.map(({ name }, index) => `${name} ${degrees[index]}000`);
    assertEquals(report.all("sensor").toSorted(), expected.toSorted());
    assertEquals(report.one("devices"), `${IIO_DEVICE_COUNT[release]}`);
  },
}));
