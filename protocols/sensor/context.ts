// One channel's state in the sensor protocol: what its agent set for each sensor. A sensor that was never touched has no
// state, so a channel costs nothing for the thousands it never asks about.
import type { Interval, Sensor } from "../../scp/model/sensor.ts";
import type { SensorSupplier } from "../../scp/model/sensor_supplier.ts";
import type { Platform, Session, Timer } from "../protocol.ts";
import { SENSOR_READING_GET, V2 } from "./messages.ts";

/** A trip point as an agent set it. */
export interface TripPoint {
  /** Bits of TRIP_DIRECTION. */
  direction: number;
  /** In wire units. Rounded beyond 2^53, where no reading ever is. */
  value: number;
}

/** What an agent set for one sensor on one channel. */
export interface SensorState {
  isEnabled: boolean;
  hasTimestamps: boolean;
  interval: Interval | null;
  notifiesTrips: boolean;
  tripPoints: TripPoint[];
  tripTimer: Timer | null;
  /** The reading that the next one is compared with; null before the first valid one. */
  tripReference: number | null;
  notifiesUpdates: boolean;
  updateTimer: Timer | null;
}

/** A reading on its way to the encoder. */
export interface ReadingReply {
  readonly readings: { value: number; timestamp: number }[];
}

/** The context of the protocol's handlers. */
export class SensorContext {
  readonly sensors: readonly Sensor[];
  /** null = the agent has set nothing yet. */
  #states: (SensorState | undefined)[] | null = null;
  readonly #stopListening: readonly (() => void)[];

  constructor(readonly session: Session, platform: Platform) {
    this.sensors = platform.view.sensor;
    const suppliers = new Set<SensorSupplier>();
    for (const { supplier } of this.sensors) if (supplier !== null) suppliers.add(supplier);
    this.#stopListening = Array.from(
      suppliers,
      (supplier) => supplier.listenLosses((lost) => this.#tellLoss(supplier, lost)),
    );
  }

  /** Ends what the context hears. */
  close(): void {
    for (const stop of this.#stopListening) stop();
  }

  /** Tells the agent, once for all sensors that it may read, that there are no values of them any more. */
  #tellLoss({ agentId }: SensorSupplier, lost: ReadonlySet<Sensor>): void {
    const { sensors, session } = this;
    const isLoss = sensors.some((sensor, id) =>
      lost.has(sensor) && session.mayUse(SENSOR_READING_GET.id, id)
    );
    if (isLoss) session.reportFailure(SENSOR_READING_GET, "HARDWARE_ERROR", agentId);
  }

  /** The state of a sensor, if the agent ever set any. */
  findState(sensorId: number): SensorState | undefined {
    return this.#states?.[sensorId];
  }

  /** The state of a sensor, made with its defaults on first use. */
  stateOf(sensorId: number): SensorState {
    const states = this.#states ??= new Array<SensorState | undefined>(this.sensors.length);
    let state = states[sensorId];
    if (state === undefined) {
      const sensor = this.sensors[sensorId]!;
      state = {
        isEnabled: sensor.startsEnabled,
        hasTimestamps: false,
        interval: sensor.defaultInterval,
        notifiesTrips: false,
        tripPoints: Array.from({ length: sensor.tripPointCount }, () => ({ direction: 0, value: 0 })),
        tripTimer: null,
        tripReference: null,
        notifiesUpdates: false,
        updateTimer: null,
      };
      states[sensorId] = state;
    }
    return state;
  }

  /** Whether a sensor is on for the agent. Version 1.0 has no switch: its sensors are always on. */
  isEnabled(sensorId: number): boolean {
    return this.session.version < V2 || this.isSwitchedOn(sensorId);
  }

  /** The sensors of which the agent has set anything. */
  touchedIds(): number[] {
    return (this.#states ?? []).flatMap((state, sensorId) => state === undefined ? [] : [sensorId]);
  }

  /** What the switch of later versions says. */
  isSwitchedOn(sensorId: number): boolean {
    return this.#states?.[sensorId]?.isEnabled ?? this.sensors[sensorId]!.startsEnabled;
  }
}

/**
 * Replies by their number of readings, for all channels: a reply is encoded before the next is made. One for each channel would
 * drive the others out of the processor's cache.
 */
const replies: ReadingReply[] = [];

/** A reply object for so many readings; valid until the next call. */
export function replyFor(count: number): ReadingReply {
  return replies[count] ??= {
    readings: Array.from({ length: count }, () => ({ value: 0, timestamp: 0 })),
  };
}
