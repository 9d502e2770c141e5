// Devices of the guest that use a power domain and a clock: Linux' own drivers switch both with the device.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import type { GuestCase } from "../case.ts";

/** The cases of this file. */
export const CONSUMER_CASES: readonly GuestCase[] = [
  {
    name: "devices that wake up and fall asleep switch their power domain and their clock",
    async run(context) {
      const { platform } = context;
      const domain = rcarBoard.powerDomains.find(({ name }) => name === "a3ir");
      const clock = rcarBoard.clocks.find(({ name }) => name === "etheravb");
      assert(domain !== undefined && clock !== undefined);
      const states: unknown[] = [];
      await context.boot({
        treeArguments: ["--consumers", `power:${domain.name},clock:${clock.name}`],
        script: `
for control in auto on auto; do
	for device in scmi-power-${domain.id} scmi-clock-${clock.id}; do
		echo $control > /sys/bus/platform/devices/$device/power/control
	done
	mark control $control
	await_host
done
`,
        async onMark(key, _value, tell) {
          if (key !== "control") return;
          const domains = await platform.hardware("powerDomains");
          const clocks = await platform.hardware("clocks");
          states.push([
            domains.find(({ name }) => name === domain.name)?.wire.state,
            clocks.find(({ name }) => name === clock.name)?.wire.isEnabled,
          ]);
          await tell();
        },
      });
      assertEquals(states, [["off", false], ["on", true], ["off", false]]);
    },
  },
];
