// The data events that an agent sees: one for each value of its sensors. The axes of a sensor are a group. An id is made of the
// sensor's and the axis', so that it stays the same when the board gets further sensors.
import type { Quantity, Sensor } from "../../scp/model/sensor.ts";

/** One value that can be collected. */
export interface DataEvent {
  readonly id: number;
  readonly sensorId: number;
  readonly sensor: Sensor;
  /** The place of the value in a reading of the sensor. */
  readonly axis: number;
  readonly quantity: Quantity;
  /** null = it is in none. */
  readonly groupId: number | null;
}

const AXES_PER_SENSOR = 0x100;

/** The data events of an agent, and its groups of them. */
export class DataEvents {
  readonly all: readonly DataEvent[];
  /** The members of each group. */
  readonly groups: readonly (readonly DataEvent[])[];
  readonly #places: ReadonlyMap<number, number>;

  constructor(sensors: readonly Sensor[]) {
    const groups: DataEvent[][] = [];
    this.all = sensors.flatMap((sensor, sensorId) => {
      const groupId = sensor.isVector ? groups.length : null;
      const events = sensor.quantities.map((quantity, axis): DataEvent => ({
        id: sensorId * AXES_PER_SENSOR + axis,
        sensorId,
        sensor,
        axis,
        quantity,
        groupId,
      }));
      if (groupId !== null) groups.push(events);
      return events;
    });
    this.groups = groups;
    this.#places = new Map(this.all.map(({ id }, place) => [id, place]));
  }

  /** Where a data event stands among all, by its id; undefined = there is none. */
  findPlace(id: number): number | undefined {
    return this.#places.get(id);
  }
}

const tables = new WeakMap<readonly Sensor[], DataEvents>();

/** The data events of a view's sensors; worked out once, as all channels of an agent share them. */
export function dataEventsOf(sensors: readonly Sensor[]): DataEvents {
  let found = tables.get(sensors);
  if (found === undefined) tables.set(sensors, found = new DataEvents(sensors));
  return found;
}
