// Devices of the guest that use a power domain and a clock: Linux' own drivers switch both with the device.

import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../../boards/rcar.ts";
import type { GuestCase } from "../case.ts";
import { WITH_COMMANDS } from "../guest_transports.ts";
import { settle } from "../settle.ts";

/** The cases of this file. */
export const CONSUMER_CASES: readonly GuestCase[] = [
  {
    name: "devices that wake up and fall asleep switch their power domain and their clock",
    over: WITH_COMMANDS,
    async run(context) {
      const { platform } = context;
      const domain = rcarBoard.powerDomains.find(({ name }) => name === "a3ir");
      const clock = rcarBoard.clocks.find(({ name }) => name === "etheravb");
      assert(domain !== undefined && clock !== undefined);
      const state = async () => {
        const domains = await platform.hardware("powerDomains");
        const clocks = await platform.hardware("clocks");
        return [
          domains.find(({ name }) => name === domain.name)?.wire.state,
          clocks.find(({ name }) => name === clock.name)?.wire.isEnabled,
        ];
      };
      const states: unknown[] = [];
      await context.boot({
        treeArguments: ["--consumers", `power:${domain.name},clock:${clock.name}`],
        script: `
# Linux puts a device to sleep some time after it was allowed to.
for status in suspended active suspended; do
	[ $status = active ] && control=on || control=auto
	for device in scmi-power-${domain.id} scmi-clock-${clock.id}; do
		echo $control > /sys/bus/platform/devices/$device/power/control
		await '[ "$(cat /sys/bus/platform/devices/$device/power/runtime_status)" = $status ]'
	done
	mark status $status
	await_host
done
`,
        async onMark(key, status, tell) {
          if (key !== "status") return;
          // A domain may follow its device later still.
          const wanted = status === "active" ? ["on", true] : ["off", false];
          states.push(await settle(state, (found) => `${found}` === `${wanted}`));
          await tell();
        },
      });
      assertEquals(states, [["off", false], ["on", true], ["off", false]]);
    },
  },
];
