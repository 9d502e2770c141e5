// Sensors without physics: each value is what the test sets. For tests of protocol and server, which need no model.
import type { Timeline } from "../../scp/core/timeline.ts";
import { ReferredValue, Supplier } from "../../scp/model/referred_value.ts";
import type { Quantity, Sample, SampleFailure, Sensor } from "../../scp/model/sensor.ts";

/** A sensor whose readings a test sets. */
export class SettableSensor implements Sensor {
  readonly isVector: boolean = false;
  readonly powerUw = 1500;
  readonly hasExtendedAttributes: boolean = true;
  readonly tripPointCount: number = 2;
  readonly asyncLatencyUs: number | null = 2000;
  readonly supportsContinuousUpdate: boolean = true;
  readonly timestampExponent: number | null = -6;
  readonly intervals: Sensor["intervals"] = {
    kind: "list",
    list: [{ mantissa: 10, exponent: -3 }, { mantissa: 100, exponent: -3 }, { mantissa: 1, exponent: 0 }],
  };
  readonly defaultInterval: Sensor["defaultInterval"] = { mantissa: 100, exponent: -3 };
  readonly startsEnabled: boolean = true;
  readonly samplePeriodUs: number = 10_000;
  readonly quantities: readonly Quantity[];
  readonly supplier: Sensor["supplier"] = null;
  values: number[];
  failure: SampleFailure | null = null;

  constructor(readonly name: string, changes: Partial<Sensor> = {}) {
    Object.assign(this, changes);
    this.quantities = changes.quantities ?? [quantity(name)];
    this.values = this.quantities.map((_, i) => 1000 + i);
  }

  sampleAt(timeUs: number): Sample {
    const takenUs = Math.floor(timeUs / this.samplePeriodUs) * this.samplePeriodUs;
    return { values: this.values, timeUs: takenUs, failure: this.failure };
  }
}

/** A quantity in milli-degrees Celsius. */
export function quantity(name: string, typeCode = 2, unitExponent = -3): Quantity {
  return {
    name,
    typeCode,
    unitExponent,
    resolution: { mantissa: 5, exponent: -1 },
    minRange: -40_000n,
    maxRange: 125_000n,
  };
}

/** Three axes as Linux wants them of an accelerometer. */
export function axes(prefix: string): Quantity[] {
  return ["X", "Y", "Z"].map((axis) => quantity(`${prefix}_${axis}`, 89, -6));
}

/** Agent 1 as one that supplies these sensors; they go on showing what the test sets. */
export function supplierOf(sensors: readonly SettableSensor[], timeline: Timeline): Supplier {
  const supplier = new Supplier(1);
  for (const sensor of sensors) {
    new ReferredValue(supplier, sensor.quantities.length, null, timeline).showIn(sensor, () => {});
  }
  return supplier;
}
