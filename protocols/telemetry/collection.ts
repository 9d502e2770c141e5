// Telemetry protocol: turning the collection on and off, for all data events at once. Updates come at multiples of the interval,
// as those of sensors do. A single read leaves the collection as it is.
import { nextMultiple } from "../../scp/core/period.ts";
import { STATUS } from "../../scp/core/status.ts";
import { periodUsOf } from "../intervals.ts";
import type { Handler } from "../protocol.ts";
import type { TelemetryContext } from "./context.ts";
import { findInterval } from "./intervals.ts";
import { collect, hasFault } from "./lines.ts";
import * as messages from "./messages.ts";
import { COLLECTION, SELECTOR } from "./messages.ts";

/** The time a single read takes, us. */
const SINGLE_READ_US = 1_000;

type ConfigSet = Handler<typeof messages.TELEMETRY_CONFIG_SET, TelemetryContext>;

/** Handles TELEMETRY_CONFIG_SET. */
export const configSet: ConfigSet = (params, context) => {
  const { enable, mode, selector } = params.control;
  // Groups are not configured one by one.
  if (selector !== SELECTOR.all) return "INVALID_PARAMETERS";
  if (!enable) {
    context.collection = { ...context.collection, isOn: false };
    context.isAreaFilled = false;
    planUpdates(context);
    return "SUCCESS";
  }
  if (mode > COLLECTION.singleRead || context.enabledCount() === 0) return "INVALID_PARAMETERS";
  if (!isSupported(mode, context)) return "NOT_SUPPORTED";
  if (mode === COLLECTION.singleRead) return readOnce(context);
  const interval = findInterval(params.samplingRate.rateMantissa, params.samplingRate.rateExponent);
  if (interval === undefined) return "INVALID_PARAMETERS";
  context.collection = { isOn: true, mode, interval };
  context.isAreaFilled = true;
  planUpdates(context);
  return "SUCCESS";
};

function isSupported(mode: number, { area, session }: TelemetryContext): boolean {
  return mode === COLLECTION.sharedArea ? area !== null : session.hasP2a();
}

function readOnce(context: TelemetryContext): "SUCCESS" | "BUSY" {
  const { session } = context;
  const isAccepted = session.respondLater(
    messages.TELEMETRY_CONFIG_SET,
    session.nowUs() + SINGLE_READ_US,
    () => {
      if (hasFault(context)) return "HARDWARE_ERROR";
      context.isAreaFilled = true;
      return collect(context);
    },
  );
  return isAccepted ? "SUCCESS" : "BUSY";
}

/** Starts, changes or stops the updates after what they depend on has changed. */
function planUpdates(context: TelemetryContext): void {
  context.updateTimer?.cancel();
  context.updateTimer = null;
  const { isOn, mode } = context.collection;
  if (isOn && mode === COLLECTION.updates) scheduleUpdate(context);
}

function scheduleUpdate(context: TelemetryContext): void {
  const { session } = context;
  const dueUs = nextMultiple(session.nowUs(), periodUsOf(context.collection.interval));
  context.updateTimer = session.at(dueUs, () => {
    if (!session.isHeld) sendUpdate(context);
    scheduleUpdate(context);
  });
}

/** Tells what the data events are now; nothing, when none that is on may be told. */
function sendUpdate(context: TelemetryContext): void {
  context.session.spend();
  const collected = collect(context);
  if (collected.lines.length === 0 && context.area === null) return;
  const status = hasFault(context) ? STATUS.HARDWARE_ERROR : STATUS.SUCCESS;
  context.session.notify(messages.TELEMETRY_UPDATE, { agentId: 0, status, ...collected });
}

export const configGet: Handler<typeof messages.TELEMETRY_CONFIG_GET, TelemetryContext> = (
  params,
  { collection, events },
) => {
  const { selector } = params.flags;
  if (selector > SELECTOR.all) return "INVALID_PARAMETERS";
  if (selector === SELECTOR.group && params.groupId >= events.groups.length) return "NOT_FOUND";
  const { isOn, mode, interval } = collection;
  return {
    control: { enable: isOn, mode, selector },
    samplingRate: { rateMantissa: interval.mantissa, rateExponent: interval.exponent },
  };
};

export const reset: Handler<typeof messages.TELEMETRY_RESET, TelemetryContext> = (_params, context) => {
  context.reset();
  return "SUCCESS";
};
