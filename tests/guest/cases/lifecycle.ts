// Guests that come, go and come back: reboots, boots one after the other, drivers taken off and put back, QEMU killed
// in the middle of its work.

import { assertEquals } from "@std/assert";
import type { GuestCase } from "../case.ts";
import { ABOUT_VIRTIO, EVERY_WAY, SAME_MESSAGES } from "../guest_transports.ts";

const READ_TEMPERATURE = `mark temperature "$(cat $HWMON/temp1_input)"\n`;

// Of the devices that the SCMI core makes for its protocols.
const FUNCTIONS = `
bound_count() {
	ls -d /sys/bus/scmi_protocol/devices/scmi_dev.*/driver | wc -l
}
probe_again() {
	for unbound in /sys/bus/$1/devices/$2; do
		[ -e "$unbound/driver" ] || echo \${unbound##*/} > /sys/bus/$1/drivers_probe
	done
}
`;

// After its transport's driver is bound again, 7.2 leaves the SCMI instance and its devices for others to probe. 6.12 does
// it by itself, and a second probe at that moment would get in its way.
const PROBE_AGAIN = 'probe_again platform "arm-scmi.*"; probe_again scmi_protocol "scmi_dev.*"';
const AWAIT_DEVICES = {
  "6.12": `await '[ "$(bound_count)" = $((count - 1)) ]'`,
  "7.2": `await '${PROBE_AGAIN}; [ "$(bound_count)" = $count ]'`,
} as const;

// 6.12 keeps the device of system power of the instance that is gone, and wants no second one (hence one driver less):
// all else comes back.
const LEFT_BEHIND = [
  /Still active SCMI users will be forcibly unbound\.$/,
  /SCMI SystemPower protocol device must be unique !$/,
  /Failed to create device for protocol 0x12 \(syspower\)$/,
];

/** The cases of this file. */
export const LIFECYCLE_CASES: readonly GuestCase[] = [
  {
    name: "kernel log names the platform that the base protocol identifies",
    over: SAME_MESSAGES,
    async run(context) {
      const report = await context.boot({ script: "true" });
      const lines = report.all("log").filter((line) => line.includes("Firmware version"));
      assertEquals(lines.length, 1);
      assertEquals(/SCMI Protocol v(\S+) '([^']*)'/.exec(lines[0] ?? "")?.slice(1), [
        "2.1",
        "renesas:renesas",
      ]);
    },
  },
  {
    name: "guest that reboots finds its sensors again",
    over: EVERY_WAY,
    async run(context) {
      await context.platform.override("thermal1", [33]);
      let boots = 0;
      const report = await context.boot({
        script: `
${READ_TEMPERATURE}
mark boot
await_host
if [ "$line" = again ]; then reboot -f; fi
`,
        mayReboot: true,
        // Those of the last of three boots.
        expectedCounters: ["err_protocol"],
        async onMark(key, _value, tell) {
          if (key !== "boot") return;
          boots++;
          await context.platform.override("thermal1", [33 + boots]);
          await tell(boots < 3 ? "again" : "end");
        },
      });
      assertEquals(report.all("temperature"), ["33000", "34000", "35000"]);
    },
  },
  {
    name: "guests one after the other are served by the same simulator",
    async run(context) {
      for (const degrees of [11, 12, 13]) {
        await context.platform.override("thermal1", [degrees]);
        const report = await context.boot({ script: READ_TEMPERATURE });
        assertEquals(report.one("temperature"), `${degrees}000`);
      }
    },
  },
  {
    name: "guest killed in the middle of buffered sampling leaves the simulator fit for the next",
    async run(context) {
      await context.boot({
        script: `
. /iio.sh
start_buffer accel 100
mark sampled "$(dd if=/dev/$ACCEL bs=32 count=4 iflag=fullblock 2>/dev/null | wc -c)"
mark sampling
await_host
`,
        killAtMark: "sampling",
      });
      await context.platform.override("thermal1", [14]);
      const report = await context.boot({ script: READ_TEMPERATURE });
      assertEquals(report.one("temperature"), "14000");
    },
  },
  {
    name: "guest killed while it reads leaves its mailbox fit for the next",
    over: ["polled", "mailbox"],
    async run(context) {
      await context.boot({
        script: `
for number in 1 2 3; do
	( while true; do cat $HWMON/temp\${number}_input > /dev/null; done ) &
done
mark reading
await_host
`,
        killAtMark: "reading",
      });
      await context.platform.override("thermal1", [17]);
      const report = await context.boot({ script: READ_TEMPERATURE });
      assertEquals(report.one("temperature"), "17000");
    },
  },
  {
    name: "guest that QEMU stops and continues goes on where it was",
    async run(context) {
      await context.platform.override("thermal1", [18]);
      const report = await context.boot({
        script: `
${READ_TEMPERATURE.repeat(3)}
mark before
await_host
echo
${READ_TEMPERATURE.repeat(3)}
`,
        hasMonitor: true,
        async onMark(key, _value, tell) {
          if (key !== "before") return;
          // The monitor's prompt has no line end, hence the empty line that the script prints first.
          for (const line of ["\x01cstop", "cont", "stop", "cont", "\x01c"]) await tell(line);
        },
      });
      assertEquals(report.all("temperature"), new Array<string>(6).fill("18000"));
      assertEquals(report.console.split("(qemu) ").length - 1, 5, "prompts of the monitor");
    },
  },
  {
    name: "sensor drivers can be unbound and bound again",
    async run(context) {
      await context.platform.override("thermal1", [15]);
      const report = await context.boot({
        script: `
bus=/sys/bus/scmi_protocol
for driver in scmi-hwmon scmi-sensor-iiodev; do
	device=$(ls -d $bus/drivers/$driver/scmi_dev.* | head -n 1)
	device=\${device##*/}
	echo $device > $bus/drivers/$driver/unbind
	mark left "$driver $(ls -d /sys/class/hwmon/*/temp1_label /sys/bus/iio/devices/iio:device* 2>/dev/null | wc -l)"
	echo $device > $bus/drivers/$driver/bind
done
. /functions.sh
${READ_TEMPERATURE}
mark devices "$(ls -d /sys/bus/iio/devices/iio:device* | wc -l)"
`,
      });
      assertEquals(report.all("left"), ["scmi-hwmon 2", "scmi-sensor-iiodev 1"]);
      assertEquals(report.one("temperature"), "15000");
      assertEquals(report.one("devices"), "2");
    },
  },
  {
    name: "virtio device unbound and bound again brings all sensors back",
    over: ABOUT_VIRTIO,
    async run(context) {
      await context.platform.override("thermal1", [16]);
      const report = await context.boot({
        script: `
${FUNCTIONS}
${READ_TEMPERATURE}
count=$(bound_count)
device=$(ls -d /sys/bus/virtio/drivers/*scmi*/virtio* | head -n 1)
driver=\${device%/*}
echo \${device##*/} > $driver/unbind
mark gone "$(ls /sys/class/hwmon | wc -l)"
echo \${device##*/} > $driver/bind
${AWAIT_DEVICES[context.kernel.series]}
. /functions.sh
${READ_TEMPERATURE}
`,
        expectedLog: context.kernel.series === "6.12" ? LEFT_BEHIND : [],
        // They start anew with the driver.
        expectedCounters: ["err_protocol"],
      });
      assertEquals(report.one("gone"), "0");
      assertEquals(report.all("temperature"), ["16000", "16000"]);
    },
  },
  {
    name: "four processes read at once and each gets its own answer",
    async run(context) {
      for (const [index, name] of ["thermal1", "thermal2", "thermal3"].entries()) {
        await context.platform.override(name, [20 + index]);
      }
      const report = await context.boot({
        script: `
for reader in 1 2 3 4; do
	number=$((reader % 3 + 1))
	( for turn in $(seq 200); do cat $HWMON/temp\${number}_input; done > /tmp/read.$reader ) &
done
wait
for reader in 1 2 3 4; do
	mark read "$((reader % 3 + 1)) $(sort /tmp/read.$reader | uniq -c | xargs)"
done
`,
      });
      assertEquals(report.all("read"), ["2 200 21000", "3 200 22000", "1 200 20000", "2 200 21000"]);
    },
  },
];
