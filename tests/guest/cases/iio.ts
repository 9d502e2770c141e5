// What Linux' IIO driver makes of accelerometer and gyroscope: channels, scale, sampling frequencies, single readings
// and the sample buffer, which is fed by continuous updates.

import { assert, assertEquals } from "@std/assert";
import type { GuestCase } from "../case.ts";

// Whole steps of each sensor, in micro-units: both signs, zero, and one step alone.
const ACCEL_READINGS = [-313 * 4788, 0, 2048 * 4788];
const GYRO_READINGS = [235 * 1065, -1065, 12 * 1065];

const AXES = ["x", "y", "z"] as const;

/** The cases of this file. */
export const IIO_CASES: readonly GuestCase[] = [
  {
    name: "IIO shows accelerometer and gyroscope with scale and raw values",
    async run(context) {
      await context.platform.override("accel", ACCEL_READINGS.map(inUnits));
      await context.platform.override("gyro", GYRO_READINGS.map(inUnits));
      const report = await context.boot({
        script: `
. /iio.sh
mark_files accel $IIO/$ACCEL/in_accel_*
mark_files gyro $IIO/$GYRO/in_anglvel_*
mark names "$(cat $IIO/$ACCEL/name) $(cat $IIO/$GYRO/name)"
`,
      });
      assertEquals(report.one("names"), "accel gyro");
      const expected = [["accel", "accel", ACCEL_READINGS], ["gyro", "anglvel", GYRO_READINGS]] as const;
      for (const [key, channel, readings] of expected) {
        const files = report.pairs(key);
        for (const [index, axis] of AXES.entries()) {
          assertEquals(files.get(`in_${channel}_${axis}_raw`), `${readings[index]}`, `${channel} ${axis}`);
          assertEquals(Number(files.get(`in_${channel}_${axis}_scale`)), 1e-6, `${channel} ${axis} scale`);
        }
      }
    },
  },
  {
    name: "IIO offers the sensor's intervals as sampling frequencies and takes one of them",
    async run(context) {
      const report = await context.boot({
        script: `
. /iio.sh
directory=$IIO/$ACCEL
mark available "$(cat $directory/in_accel_sampling_frequency_available)"
for frequency in 20 400 100; do
	echo $frequency > $directory/in_accel_sampling_frequency
	mark chosen "$(cat $directory/in_accel_sampling_frequency)"
done
`,
      });
      const available = report.one("available").trim().split(" ").map(Number);
      assertEquals(available, [1000, 400, 200, 100, 50, 20, 10]);
      assertEquals(report.all("chosen").map(Number), [20, 400, 100]);
    },
  },
  {
    name: "IIO buffer delivers samples with their values and evenly spaced timestamps",
    async run(context) {
      await context.platform.override("accel", ACCEL_READINGS.map(inUnits));
      const report = await context.boot({
        script: `
. /iio.sh
start_buffer accel 100
dd if=/dev/$ACCEL bs=32 count=25 iflag=fullblock 2>/dev/null | hexdump -v -e '32/1 "%02x" "\\n"' > /tmp/samples
stop_buffer accel
mark_lines sample cat /tmp/samples
# Those on their way still arrive; then 30 intervals without one.
count() {
	cat $SCMI/transport/counters/notification_ok
}
await 'before=$(count); usleep 300000; [ "$(count)" = $before ]'
`,
      });
      const samples = report.all("sample").map((hex) => {
        const view = new DataView(Uint8Array.fromHex(hex).buffer);
        const word = (index: number) => Number(view.getBigInt64(index * 8, true));
        return { values: [word(0), word(1), word(2)], timeNs: word(3) };
      });
      assertEquals(samples.length, 25);
      for (const sample of samples) assertEquals(sample.values, ACCEL_READINGS);
      const steps = samples.slice(1).map((sample, index) => sample.timeNs - (samples[index]?.timeNs ?? NaN));
      // A busy host may lose updates, never time: every step is a whole number of intervals, and some are one.
      assert(steps.every((step) => step > 0 && step % 10_000_000 === 0), `steps in ns: ${steps.join(" ")}`);
      assertEquals(Math.min(...steps), 10_000_000, "steps in ns");
    },
  },
];

function inUnits(micro: number): number {
  return micro / 1e6;
}
