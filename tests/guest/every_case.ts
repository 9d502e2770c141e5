// The list of all cases, in the order in which they run, and what kernels can that pass them.

import type { KernelSeries } from "../../scp/control/guest_cache.ts";
import type { GuestCase } from "./case.ts";
import { CLOCK_CASES } from "./cases/clocks.ts";
import { COMMAND_CASES } from "./cases/commands.ts";
import { CONSUMER_CASES } from "./cases/consumers.ts";
import { GPIO_CASES } from "./cases/gpio.ts";
import { FAST_CHANNEL_CASES } from "./cases/fast_channels.ts";
import { HARDWARE_EVENT_CASES } from "./cases/hardware_events.ts";
import { HWMON_CASES } from "./cases/hwmon.ts";
import { IIO_CASES } from "./cases/iio.ts";
import { LIFECYCLE_CASES } from "./cases/lifecycle.ts";
import { NOTIFICATION_CASES } from "./cases/notifications.ts";
import { PIN_CASES } from "./cases/pins.ts";
import { POWER_CASES } from "./cases/power.ts";
import { POWERCAP_CASES } from "./cases/powercap.ts";
import { PROCESSOR_CASES } from "./cases/processors.ts";
import { RAW_MODE_CASES } from "./cases/raw_mode.ts";
import { REGULATOR_CASES } from "./cases/regulators.ts";
import { SEVERAL_GUEST_CASES } from "./cases/several_guests.ts";
import { RELEASE_CASES } from "./cases/releases.ts";
import { THERMAL_CASES } from "./cases/thermal.ts";
import { canReach, type GuestTransportName, WITH_NOTIFICATIONS } from "./guest_transports.ts";

/** Cases, and what they show unless they say otherwise; null = nothing that the README tells. */
const GROUPS: readonly (readonly [shows: string | null, cases: readonly GuestCase[]])[] = [
  ["hwmon: sensors", HWMON_CASES],
  ["thermal zones and their trip points", THERMAL_CASES],
  ["IIO: accelerometer and gyroscope, sampled", IIO_CASES],
  ["raw mode: any message", RAW_MODE_CASES],
  ["clocks", CLOCK_CASES],
  ["power domains", POWER_CASES],
  ["cpufreq and energy model", PROCESSOR_CASES],
  ["regulators", REGULATOR_CASES],
  ["devices that switch domains and clocks", CONSUMER_CASES],
  ["power capping", POWERCAP_CASES],
  ["FastChannels: cpufreq and powercap without messages", FAST_CHANNEL_CASES],
  ["pinctrl", PIN_CASES],
  ["notifications", HARDWARE_EVENT_CASES],
  ["notifications", NOTIFICATION_CASES],
  ["GPIO lines: door contact, wheel pulses", GPIO_CASES],
  ["reboot, guests one after the other", LIFECYCLE_CASES],
  // About views, whatever the way.
  [null, SEVERAL_GUEST_CASES],
  [null, RELEASE_CASES],
  [null, COMMAND_CASES],
];

/** Every guest case. */
export const EVERY_CASE: readonly GuestCase[] = GROUPS.flatMap(([shows, cases]) =>
  cases.map((one) => one.shows === undefined ? { ...one, shows } : one)
);

/** The ways over which a case runs. */
export function waysOf({ over }: GuestCase): readonly GuestTransportName[] {
  return over ?? WITH_NOTIFICATIONS;
}

/** Tells whether a case runs on a kernel over a way. */
export function runsOn(one: GuestCase, series: KernelSeries, way: GuestTransportName): boolean {
  return waysOf(one).includes(way) && canReach(series, way) && (one.kernels?.includes(series) ?? true);
}
