// Sensor protocol: readings, at once, as delayed responses and as continuous updates. A reading is the sample in force at
// the time of the command; the sensor samples at its own pace and one sample serves all who ask. SCMI 4.7.2.7, 4.7.2.12.
import { assert } from "../../scp/core/assert.ts";
import { nextMultiple } from "../../scp/core/period.ts";
import type { FailureName } from "../../scp/core/status.ts";
import type { Sensor } from "../../scp/model/sensor.ts";
import { periodUsOf } from "../intervals.ts";
import type { Handler } from "../protocol.ts";
import { type ReadingReply, replyFor, type SensorContext, type SensorState } from "./context.ts";
import * as messages from "./messages.ts";

/** Virtual microseconds in ticks of 10^exponent seconds. */
function ticksOf(timeUs: number, exponent: number): number {
  return exponent === -6 ? timeUs : Math.floor(timeUs * 10 ** (-6 - exponent));
}

/** Reads the sensor into the reply object, or tells why it cannot. */
function read(context: SensorContext, sensorId: number): ReadingReply | FailureName {
  const sensor = context.sensors[sensorId]!;
  const sample = sensor.sampleAt(context.session.nowUs());
  if (sample.failure !== null) return sample.failure;
  const hasTimestamps = context.findState(sensorId)?.hasTimestamps ?? false;
  const timestamp = hasTimestamps ? ticksOf(sample.timeUs, sensor.timestampExponent!) : 0;
  const { values } = sample;
  const reply = replyFor(values.length);
  for (let i = 0; i < values.length; i++) {
    const reading = reply.readings[i]!;
    reading.value = values[i]!;
    reading.timestamp = timestamp;
  }
  return reply;
}

/** The same for an agent that asked a while ago: the sensor may have been taken from it, and how it fares is a secret then. */
function readStillAllowed(context: SensorContext, sensorId: number): ReadingReply | FailureName {
  const isAllowed = context.session.mayUse(messages.SENSOR_READING_GET.id, sensorId);
  return isAllowed ? read(context, sensorId) : "DENIED";
}

export const readingGetV1: Handler<typeof messages.SENSOR_READING_GET_V1, SensorContext> = (
  params,
  context,
) => {
  const { sensorId } = params;
  if (params.flags.async) {
    return readLater(
      context,
      sensorId,
      (dueUs) =>
        context.session.respondLater(messages.SENSOR_READING_GET_V1, dueUs, () => {
          const reply = readStillAllowed(context, sensorId);
          return typeof reply === "string" ? reply : { sensorId, value: reply.readings[0]!.value };
        }),
    ) ?? { value: 0 };
  }
  const reply = read(context, sensorId);
  return typeof reply === "string" ? readFailure(reply) : reply.readings[0]!;
};

export const readingGet: Handler<typeof messages.SENSOR_READING_GET, SensorContext> = (params, context) => {
  const { sensorId } = params;
  if (!context.isSwitchedOn(sensorId)) return "PROTOCOL_ERROR";
  if (params.flags.async) {
    return readLater(
      context,
      sensorId,
      (dueUs) =>
        context.session.respondLater(messages.SENSOR_READING_GET, dueUs, () => {
          const reply = readStillAllowed(context, sensorId);
          return typeof reply === "string" ? reply : { sensorId, readings: reply.readings };
        }),
    ) ?? { readings: [] };
  }
  const reply = read(context, sensorId);
  return typeof reply === "string" ? readFailure(reply) : reply;
};

function readFailure(failure: FailureName): "HARDWARE_ERROR" | "BUSY" {
  assert(failure === "HARDWARE_ERROR" || failure === "BUSY", "a sensor fails in one of these ways");
  return failure;
}

/** Accepts an asynchronous reading: null = accepted, the delayed response follows. */
function readLater(
  context: SensorContext,
  sensorId: number,
  respond: (dueUs: number) => boolean,
): "NOT_SUPPORTED" | "BUSY" | null {
  const { asyncLatencyUs } = context.sensors[sensorId]!;
  if (asyncLatencyUs === null || !context.session.hasP2a()) return "NOT_SUPPORTED";
  return respond(context.session.nowUs() + asyncLatencyUs) ? null : "BUSY";
}

export const continuousUpdateNotify: Handler<typeof messages.SENSOR_CONTINUOUS_UPDATE_NOTIFY, SensorContext> =
  (
    params,
    context,
  ) => {
    const sensor = context.sensors[params.sensorId]!;
    if (!sensor.supportsContinuousUpdate) return "NOT_SUPPORTED";
    context.stateOf(params.sensorId).notifiesUpdates = params.notifyEnable.enable;
    planUpdates(context, params.sensorId);
    return "SUCCESS";
  };

/** Starts, changes or stops the updates of a sensor after what they depend on has changed. */
export function planUpdates(context: SensorContext, sensorId: number): void {
  const state = context.stateOf(sensorId);
  state.updateTimer?.cancel();
  state.updateTimer = null;
  const isDue = state.notifiesUpdates && state.isEnabled && context.session.version >= messages.V2;
  if (isDue) scheduleUpdate(context, sensorId, state);
}

function periodOf(sensor: Sensor, state: SensorState): number {
  return state.interval === null ? sensor.samplePeriodUs : periodUsOf(state.interval);
}

/** Updates come at multiples of the interval, so that those of several sensors can be compared. */
function scheduleUpdate(context: SensorContext, sensorId: number, state: SensorState): void {
  const periodUs = periodOf(context.sensors[sensorId]!, state);
  const dueUs = nextMultiple(context.session.nowUs(), periodUs);
  state.updateTimer = context.session.at(dueUs, () => {
    if (!context.session.isHeld) update(context, sensorId);
    scheduleUpdate(context, sensorId, state);
  });
}

function update(context: SensorContext, sensorId: number): void {
  const { session } = context;
  session.spend();
  const reply = read(context, sensorId);
  if (typeof reply === "string") return;
  session.notify(messages.SENSOR_UPDATE, { agentId: 0, sensorId, readings: reply.readings });
}
