// The list of all cases, in the order in which they run.

import type { GuestCase } from "./case.ts";
import { CLOCK_CASES } from "./cases/clocks.ts";
import { COMMAND_CASES } from "./cases/commands.ts";
import { CONSUMER_CASES } from "./cases/consumers.ts";
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
import { RELEASE_CASES } from "./cases/releases.ts";
import { THERMAL_CASES } from "./cases/thermal.ts";

/** Every guest case. */
export const EVERY_CASE: readonly GuestCase[] = [
  ...HWMON_CASES,
  ...THERMAL_CASES,
  ...IIO_CASES,
  ...RAW_MODE_CASES,
  ...CLOCK_CASES,
  ...POWER_CASES,
  ...PROCESSOR_CASES,
  ...REGULATOR_CASES,
  ...CONSUMER_CASES,
  ...POWERCAP_CASES,
  ...PIN_CASES,
  ...HARDWARE_EVENT_CASES,
  ...NOTIFICATION_CASES,
  ...LIFECYCLE_CASES,
  ...RELEASE_CASES,
  ...COMMAND_CASES,
];
