// What the platform sends of itself: trip-point events and continuous updates, as they arrive in the guest.

import { assert, assertEquals } from "@std/assert";
import { boardSensor, readingOf } from "../board_sensors.ts";
import type { GuestCase } from "../case.ts";
import { commandHex, NOTIFICATION, parseMessage, SENSOR, value64, words64 } from "../raw_message.ts";

const SENSOR_TRIP_POINT_NOTIFY = 0x4;
const SENSOR_TRIP_POINT_CONFIG = 0x5;
const SENSOR_CONFIG_SET = 0xa;
const SENSOR_CONTINUOUS_UPDATE_NOTIFY = 0xb;

const TRIP_POINT_EVENT = 0x0;
const SENSOR_UPDATE = 0x1;

const CROSSING_BOTH = 3;

/** The cases of this file. */
export const NOTIFICATION_CASES: readonly GuestCase[] = [
  {
    name: "trip point crossed upward and downward notifies the guest each time",
    async run(context) {
      const { platform } = context;
      const sensor = boardSensor("thermal1");
      const [low, threshold, high] = [-20, -10, 80];
      await platform.override(sensor.name, [low]);
      const config = (CROSSING_BOTH << 0) | (0 << 4);
      const report = await context.boot({
        script: `
exchange config "${
          commandHex(SENSOR, SENSOR_TRIP_POINT_CONFIG, 50, sensor.id, config, ...words64(threshold * 1000))
        }"
exchange notify "${commandHex(SENSOR, SENSOR_TRIP_POINT_NOTIFY, 51, sensor.id, 1)}"
mark armed
mark upward "$(receive notification 20)"
mark downward "$(receive notification 20)"
exchange off "${commandHex(SENSOR, SENSOR_TRIP_POINT_NOTIFY, 52, sensor.id, 0)}"
mark silent
await_host
mark none "$(receive notification 1)"
`,
        async onMark(key, _value, tell) {
          if (key === "armed") await platform.override(sensor.name, [high]);
          if (key === "upward") await platform.override(sensor.name, [low]);
          if (key === "silent") {
            await platform.override(sensor.name, [high]);
            await tell();
          }
        },
      });
      for (const key of ["config", "notify", "off"]) {
        assertEquals(parseMessage(report.one(key)).words, [0], key);
      }
      for (const [key, direction] of [["upward", 1], ["downward", 0]] as const) {
        const event = parseMessage(report.one(key));
        assertEquals([event.type, event.protocolId, event.messageId], [
          NOTIFICATION,
          SENSOR,
          TRIP_POINT_EVENT,
        ]);
        assertEquals(event.words, [0, sensor.id, direction << 16], key);
      }
      assertEquals(report.one("none"), "");
    },
  },
  // One sensor with a list of intervals, one with a segment; both with timestamps in milliseconds.
  continuousUpdates("thermal2", -3.5, 100),
  continuousUpdates("curr_traction", -12.5, 30),
];

function continuousUpdates(name: string, value: number, intervalMs: number): GuestCase {
  return {
    name: `continuous updates of ${name} arrive with its value every ${intervalMs} ms`,
    async run(context) {
      const sensor = boardSensor(name);
      await context.platform.override(name, [value]);
      // Mantissa and exponent of the interval; timestamps and the sensor itself on.
      const config = ((intervalMs << 16) | (0x1d << 11) | 3) >>> 0;
      const report = await context.boot({
        script: `
exchange config "${commandHex(SENSOR, SENSOR_CONFIG_SET, 60, sensor.id, config)}"
exchange notify "${commandHex(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY, 61, sensor.id, 1)}"
for number in 1 2 3 4 5; do mark update "$(receive notification 20)"; done
exchange off "${commandHex(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY, 62, sensor.id, 0)}"
`,
      });
      for (const key of ["config", "notify", "off"]) {
        assertEquals(parseMessage(report.one(key)).words, [0], key);
      }
      const updates = report.all("update").map(parseMessage);
      for (const update of updates) {
        assertEquals([update.type, update.protocolId, update.messageId], [
          NOTIFICATION,
          SENSOR,
          SENSOR_UPDATE,
        ]);
        const { reading } = readingOf(sensor, value);
        assertEquals([...update.words.slice(0, 2), value64(update.words, 2)], [
          0,
          sensor.id,
          BigInt(reading),
        ]);
        assertEquals(update.words.length, 6);
      }
      const timesMs = updates.map((update) => Number(value64(update.words, 4)));
      const steps = timesMs.slice(1).map((time, index) => time - (timesMs[index] ?? NaN));
      const isEven = steps.every((step) => step > 0 && step % intervalMs === 0);
      assert(isEven, `timestamps in ms: ${timesMs.join(" ")}`);
    },
  };
}
