// Sensor protocol: trip points. Each channel has its own; the sensor is looked at whenever it takes a new sample, while
// the agent listens and a point is set. Several crossings of one point between two samples are one. SCMI 4.7.2.5, 4.7.2.6.
import { nextMultiple } from "../../scp/core/period.ts";
import type { Handler } from "../protocol.ts";
import type { SensorContext, SensorState } from "./context.ts";
import * as messages from "./messages.ts";
import { TRIP_DIRECTION } from "./messages.ts";

export const tripPointNotify: Handler<typeof messages.SENSOR_TRIP_POINT_NOTIFY, SensorContext> = (
  params,
  context,
) => {
  if (context.sensors[params.sensorId]!.tripPointCount === 0) return "NOT_SUPPORTED";
  context.stateOf(params.sensorId).notifiesTrips = params.eventControl.enable;
  watchTripPoints(context, params.sensorId);
  return "SUCCESS";
};

export const tripPointConfig: Handler<typeof messages.SENSOR_TRIP_POINT_CONFIG, SensorContext> = (
  params,
  context,
) => {
  const { tripPointId, direction } = params.eventControl;
  // A sensor without trip points has no valid id either, as the suite wants (m008, m009).
  if (tripPointId >= context.sensors[params.sensorId]!.tripPointCount) return "INVALID_PARAMETERS";
  const tripPoint = context.stateOf(params.sensorId).tripPoints[tripPointId]!;
  tripPoint.direction = direction;
  tripPoint.value = Number(params.value);
  watchTripPoints(context, params.sensorId);
  return "SUCCESS";
};

/** Starts or stops the watch on a sensor after what it depends on has changed; the reading of now is the reference. */
export function watchTripPoints(context: SensorContext, sensorId: number): void {
  const state = context.stateOf(sensorId);
  state.tripTimer?.cancel();
  state.tripTimer = null;
  const isWatched = state.notifiesTrips && context.isEnabled(sensorId) &&
    state.tripPoints.some((tripPoint) => tripPoint.direction !== TRIP_DIRECTION.none);
  if (!isWatched) return;
  const sample = context.sensors[sensorId]!.sampleAt(context.session.nowUs());
  state.tripReference = sample.failure === null ? sample.values[0]! : null;
  scheduleLook(context, sensorId, state);
}

function scheduleLook(context: SensorContext, sensorId: number, state: SensorState): void {
  const { samplePeriodUs } = context.sensors[sensorId]!;
  const dueUs = nextMultiple(context.session.nowUs(), samplePeriodUs);
  state.tripTimer = context.session.at(dueUs, () => {
    // What is crossed meanwhile is found by the next look.
    if (!context.session.isHeld) look(context, sensorId, state);
    scheduleLook(context, sensorId, state);
  });
}

function look(context: SensorContext, sensorId: number, state: SensorState): void {
  const sample = context.sensors[sensorId]!.sampleAt(context.session.nowUs());
  if (sample.failure !== null) return;
  const value = sample.values[0]!;
  const before = state.tripReference;
  state.tripReference = value;
  if (before === null || before === value) return;
  state.tripPoints.forEach((tripPoint, tripPointId) => {
    const isUpward = before < tripPoint.value && value >= tripPoint.value;
    const isDownward = before > tripPoint.value && value <= tripPoint.value;
    const wanted = (isUpward ? TRIP_DIRECTION.upward : 0) | (isDownward ? TRIP_DIRECTION.downward : 0);
    if ((tripPoint.direction & wanted) === 0) return;
    context.session.spend();
    context.session.notify(messages.SENSOR_TRIP_POINT_EVENT, {
      agentId: 0,
      sensorId,
      tripPoint: { isUpward, tripPointId },
    });
  });
}
