// What Linux' thermal framework makes of the zones that the device tree describes.

import { assert, assertEquals } from "@std/assert";
import type { GuestCase } from "../case.ts";
import { WITH_COMMANDS } from "../guest_transports.ts";

const LIST_ZONES = `
for zone in /sys/class/thermal/thermal_zone*; do
	mark zone "$(cat $zone/type) $(cat $zone/temp)"
	for trip in $zone/trip_point_*_temp; do
		mark trip "$(cat $zone/type) $(cat $trip) $(cat \${trip%temp}type)"
	done
done
`;

/** The cases of this file. */
export const THERMAL_CASES: readonly GuestCase[] = [
  {
    name: "thermal zones of the three die sensors show their temperatures and trip points",
    over: WITH_COMMANDS,
    async run(context) {
      for (const [name, degrees] of [["thermal1", 41.5], ["thermal2", -7], ["thermal3", 99]] as const) {
        await context.platform.override(name, [degrees]);
      }
      const report = await context.boot({ script: LIST_ZONES });
      assertEquals(report.all("zone").toSorted(), [
        "thermal1-thermal 41500",
        "thermal2-thermal -7000",
        "thermal3-thermal 99000",
      ]);
      assertEquals(report.all("trip").toSorted(), [
        "thermal1-thermal 120000 critical",
        "thermal2-thermal 120000 critical",
        "thermal3-thermal 100000 passive",
        "thermal3-thermal 120000 critical",
      ]);
    },
  },
  {
    name: "thermal zone above its critical trip point makes the guest power off",
    async run(context) {
      const { platform } = context;
      await platform.override("thermal1", [60]);
      const report = await context.boot({
        script: `
mkdir -p /sbin
cat > /sbin/poweroff <<'END'
#!/bin/busybox sh
/bin/busybox touch /tmp/asked-to-power-off
END
chmod 755 /sbin/poweroff
mark cool "$([ -e /tmp/asked-to-power-off ] && echo hot || echo cool)"
await '[ -e /tmp/asked-to-power-off ]'
`,
        async onMark(key) {
          if (key === "cool") await platform.override("thermal1", [121]);
        },
        expectedLog: [/critical temperature reached/, /HARDWARE PROTECTION shutdown/, /Temperature too high/],
      });
      assertEquals(report.one("cool"), "cool");
      assert(
        report.all("log").some((line) => /critical temperature reached/.test(line)),
        "no line in the log",
      );
    },
  },
];
