// What the firmware of a board does against heat on its own: at a temperature of a thermal node it slows domains down. The
// law is scp/model/thermal_governor.ts.

/** A governor of one thermal node. */
export interface ThermalGovernorPlan {
  /** The thermal node it watches; a node has one governor at most. */
  readonly node: string;
  /** From this temperature on it lowers the ceilings, degree Celsius. */
  readonly passiveC: number;
  /** It gives them back below passiveC - hysteresisC. */
  readonly hysteresisC: number;
  /** It looks, and moves the ceilings by one level, once in this time, us. */
  readonly periodUs: number;
  /** The performance domains it slows down, by name. */
  readonly performanceDomains: readonly string[];
}
