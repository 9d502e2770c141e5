// What an agent has to do with sensors whose values it supplies, as protocols see it: readers hear when there is no value any
// more, the owner sets values. What such a sensor holds is referred_value.ts.
import type { Sensor } from "./sensor.ts";

/** A sensor, as the agent that supplies its values has it. */
export interface SuppliedSensor {
  /** As its readers have it. */
  readonly sensor: Sensor;
  /** A value that is older is none any more, us; null = it never grows too old. */
  readonly staleAfterUs: number | null;
  /** When the newest value was taken, whether it is in force or not: virtual time, us; 0 before the first. */
  readonly takenUs: number;
  /** Puts values in force, one per quantity, in wire units and within the sensor's range, taken at a time that is not to come. */
  supply(values: readonly number[], takenUs: number, by: object): void;
}

/** An agent that supplies sensors with values; its ids of them are the places in the list. */
export interface SensorSupplier {
  /** Wire id. */
  readonly agentId: number;
  readonly sensors: readonly SuppliedSensor[];
  /** Takes values out of force: of one sensor or (null) of all, given by one source or (null) by any. */
  withdraw(sensor: SuppliedSensor | null, by: object | null): void;
  /** Adds a listener to losses of values, of all sensors that lose theirs at once; returns the function that takes it away. */
  listenLosses(listener: (lost: ReadonlySet<Sensor>) => void): () => void;
}
