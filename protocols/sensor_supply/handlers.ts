// Sensor supply protocol 0xA0: what its commands do. What a channel has supplied is in force as long as the channel is: its
// agent knows of it no more when it is reset or gone. Values that one channel has replaced are not another's to take back.
import { assert } from "../../scp/core/assert.ts";
import type { SensorSupplier, SuppliedSensor } from "../../scp/model/sensor_supplier.ts";
import { everyProtocol } from "../every_protocol.ts";
import { bind, type Handler, type ProtocolDefinition, type Session } from "../protocol.ts";
import * as messages from "./messages.ts";

const V1 = 0x10000;

/** One channel's state: itself stands for who gave a value. */
interface SupplyContext {
  readonly session: Session;
  readonly supplier: SensorSupplier;
}

const attributes: Handler<typeof messages.SENSOR_SUPPLY_PROTOCOL_ATTRIBUTES, SupplyContext> = (
  _params,
  { supplier },
) => ({ attributes: { suppliedSensorCount: supplier.sensors.length } });

const describe: Handler<typeof messages.SENSOR_SUPPLY_DESCRIBE, SupplyContext> = (params, { supplier }) => {
  const { sensor, staleAfterUs } = supplier.sensors[params.sensorId]!;
  const { name, isVector, quantities, timestampExponent } = sensor;
  const { typeCode, unitExponent, minRange, maxRange } = quantities[0]!;
  return {
    attributes: {
      typeCode,
      unitExponent,
      timestampExponent: timestampExponent ?? 0,
      hasTimestamps: timestampExponent !== null,
      isVector,
      axisCount: isVector ? quantities.length : 0,
    },
    staleAfterMs: (staleAfterUs ?? 0) / 1000,
    minRange,
    maxRange,
    name,
  };
};

const axisNameGet: Handler<typeof messages.SENSOR_SUPPLY_AXIS_NAME_GET, SupplyContext> = (
  params,
  { supplier },
) => {
  const { isVector, quantities } = supplier.sensors[params.sensorId]!.sensor;
  if (!isVector) return "NOT_SUPPORTED";
  const axis = quantities[params.axisId];
  return axis === undefined ? "INVALID_PARAMETERS" : { axisName: axis.name };
};

const supply: Handler<typeof messages.SENSOR_SUPPLY, SupplyContext> = (params, context) => {
  const supplied = context.supplier.sensors[params.sensorId]!;
  const { quantities, timestampExponent } = supplied.sensor;
  const { values, flags, timestamp } = params;
  if (values.length !== quantities.length) return "INVALID_PARAMETERS";
  if (flags.hasTimestamp && timestampExponent === null) return "NOT_SUPPORTED";
  const isWithin = values.every(({ value }, axis) =>
    quantities[axis]!.minRange <= value && value <= quantities[axis]!.maxRange
  );
  if (!isWithin) return "OUT_OF_RANGE";
  const nowUs = context.session.nowUs();
  const takenUs = flags.hasTimestamp ? timeOf(timestamp, timestampExponent!, supplied, nowUs) : nowUs;
  if (takenUs === null) return "OUT_OF_RANGE";
  supplied.supply(values.map(({ value }) => Number(value)), takenUs, context);
  return "SUCCESS";
};

/**
 * The virtual time that a timestamp means; null = it is to come, is before that of the value in force, or so long ago that the
 * value is too old. Where a tick is long, the value in force and now may be within the one that is meant.
 */
function timeOf(ticks: bigint, exponent: number, supplied: SuppliedSensor, nowUs: number): number | null {
  const tickUs = 10 ** (exponent + 6);
  const startUs = Math.floor(Number(ticks) * tickUs);
  const lastUs = supplied.takenUs;
  if (startUs > nowUs || startUs + tickUs <= lastUs) return null;
  const takenUs = Math.max(startUs, lastUs);
  const { staleAfterUs } = supplied;
  return staleAfterUs !== null && nowUs - takenUs > staleAfterUs ? null : takenUs;
}

const withdraw: Handler<typeof messages.SENSOR_SUPPLY_WITHDRAW, SupplyContext> = (params, { supplier }) => {
  supplier.withdraw(supplier.sensors[params.sensorId]!, null);
  return "SUCCESS";
};

/** The sensor supply protocol. */
export const sensorSupplyProtocol: ProtocolDefinition<SupplyContext> = {
  id: messages.SENSOR_SUPPLY_MESSAGES.id,
  name: messages.SENSOR_SUPPLY_MESSAGES.name,
  versions: [V1],
  releases: { "1.0": V1, "2.0": V1, "3.0": V1, "3.1": V1, "3.2": V1, "4.0-draft": V1 },
  bindings: [
    ...everyProtocol(V1),
    bind(messages.SENSOR_SUPPLY_PROTOCOL_ATTRIBUTES, attributes),
    bind(messages.SENSOR_SUPPLY_DESCRIBE, describe),
    bind(messages.SENSOR_SUPPLY_AXIS_NAME_GET, axisNameGet),
    bind(messages.SENSOR_SUPPLY, supply),
    bind(messages.SENSOR_SUPPLY_WITHDRAW, withdraw),
  ],
  notifications: messages.SENSOR_SUPPLY_MESSAGES.notifications,
  resource: null,
  servedFor: "suppliedSensor",
  createContext(session, { supplier }) {
    assert(supplier !== null, "only agents that supply sensors are served the protocol");
    return { session, supplier };
  },
  closeContext: (context) => context.supplier.withdraw(null, context),
};
