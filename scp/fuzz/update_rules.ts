// Whether continuous updates flow: while an agent listens and the sensor is on, each interval brings one, no less and
// no more.
import type { Sensor } from "../model/sensor.ts";
import type { ChannelState, SensorSettings } from "./channel_state.ts";
import type { Permissions } from "./permissions.ts";
import { intervalUsOf } from "./sensor_rules.ts";

const V2 = 0x20000;
const SWITCH = "SENSOR_CONTINUOUS_UPDATE_NOTIFY";

/** Header, agent id and sensor id; then the readings. */
const UPDATE_SIZE = 12;
const READING_SIZE = 16;

/** The interval of a sensor's updates, us; null = not known. */
function periodUsOf(sensor: Sensor, settings: SensorSettings): number | null {
  if (settings.intervalWord !== null && settings.intervalWord !== 0) {
    return intervalUsOf(settings.intervalWord);
  }
  if (settings.wanted !== null) return null;
  const { defaultInterval, samplePeriodUs } = sensor;
  if (defaultInterval === null) return samplePeriodUs;
  return defaultInterval.mantissa * 10 ** (defaultInterval.exponent + 6);
}

/** Judges how many updates came on a channel while virtual time passed; null = nothing is wrong. */
export function judgeUpdates(
  state: ChannelState,
  permissions: Permissions,
  passedUs: number,
  nowUs: number,
): string | null {
  const counts = new Map(state.updateCounts);
  state.updateCounts.clear();
  if (!state.hasP2a || state.p2aRoom !== Infinity) return null;
  for (const { schema, ids, isOn, protocolId } of state.subscriptions) {
    const sensorId = ids.get("sensorId");
    const sensor = sensorId === undefined ? undefined : state.agent.view.sensor[sensorId];
    if (schema.name !== SWITCH || !isOn || sensor === undefined || sensorId === undefined) continue;
    const protocol = state.facts.protocols.find(({ id }) => id === protocolId)!;
    if (state.versions.get(protocolId)! < V2 || permissions.isDenied(state.agent, protocol, sensorId)) {
      continue;
    }
    const settings = state.settingsOf(sensorId);
    const count = counts.get(sensorId) ?? 0;
    if (settings.isEnabled === false && count > 0) {
      return `the disabled sensor ${sensorId} sent ${count} updates`;
    }
    const periodUs = periodUsOf(sensor, settings);
    if (settings.isEnabled !== true || periodUs === null) continue;
    // A sensor that fails has nothing to tell; faults do not change while time passes.
    if (sensor.sampleAt(nowUs).failure !== null) continue;
    if (UPDATE_SIZE + READING_SIZE * sensor.quantities.length > state.room) continue;
    const expected = passedUs / periodUs;
    if (Math.abs(count - expected) <= 1 + 1e-6) continue;
    return `sensor ${sensorId} sent ${count} updates in ${passedUs} us, its interval is ${periodUs} us`;
  }
  return null;
}
