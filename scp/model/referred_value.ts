// The value of a sensor that an agent supplies: in force from when it is given until it is taken back or too old. Before the
// first one the sensor is not ready yet, without one later it has failed. Leaves out who may give it (the server's matter).
import { assert } from "../core/assert.ts";
import type { Scheduler, Timer } from "../core/timeline.ts";
import { ChangeListeners } from "./change_listeners.ts";
import type { SampleFailure, Sensor } from "./sensor.ts";
import type { SensorSupplier, SuppliedSensor } from "./sensor_supplier.ts";

/** What a sensor of the model reads that has no signal. */
export class ReferredValue implements SuppliedSensor {
  /** In wire units. */
  readonly values: number[];
  /** Told when `values`, `takenUs` or `failure` have changed. */
  changed: () => void = () => {};
  #sensor: Sensor | null = null;
  #takenUs = 0;
  #failure: SampleFailure | null = "BUSY";
  /** Who gave the value in force. */
  #by: object | null = null;
  #timer: Timer | null = null;

  constructor(
    readonly supplier: Supplier,
    width: number,
    readonly staleAfterUs: number | null,
    readonly scheduler: Scheduler,
  ) {
    this.values = new Array<number>(width).fill(0);
    supplier.add(this);
  }

  get sensor(): Sensor {
    assert(this.#sensor !== null, "a value belongs to a sensor");
    return this.#sensor;
  }

  get failure(): SampleFailure | null {
    return this.#failure;
  }

  get takenUs(): number {
    return this.#takenUs;
  }

  /** Tells which sensor shows it. */
  showIn(sensor: Sensor, changed: () => void): void {
    this.#sensor = sensor;
    this.changed = changed;
  }

  supply(values: readonly number[], takenUs: number, by: object): void {
    assert(values.length === this.values.length, "one value per quantity is supplied");
    values.forEach((value, place) => this.values[place] = value);
    this.#takenUs = takenUs;
    this.#failure = null;
    this.#by = by;
    this.changed();
    this.#watchAge();
  }

  /** Takes the value out of force if it was given by this source (null = whoever it was); tells whether there was one. */
  take(by: object | null): boolean {
    if (this.#failure !== null || (by !== null && by !== this.#by)) return false;
    this.#failure = "HARDWARE_ERROR";
    this.#by = null;
    this.#timer?.cancel();
    this.#timer = null;
    this.changed();
    return true;
  }

  /** One timer at a time, which looks at the value's age when it is due: a value may be replaced a thousand times before. */
  #watchAge(): void {
    if (this.staleAfterUs === null || this.#timer !== null) return;
    this.#timer = this.scheduler.at(this.#takenUs + this.staleAfterUs + 1, () => {
      this.#timer = null;
      if (this.scheduler.nowUs() - this.#takenUs > this.staleAfterUs!) this.supplier.withdraw(this, null);
      else this.#watchAge();
    });
  }
}

/** An agent that supplies sensors of the model. */
export class Supplier implements SensorSupplier {
  readonly #values: ReferredValue[] = [];
  readonly #losses = new ChangeListeners<ReadonlySet<Sensor>>();

  constructor(readonly agentId: number) {}

  get sensors(): readonly ReferredValue[] {
    return this.#values;
  }

  /** Adds a sensor's value, whose id is the next one. */
  add(value: ReferredValue): void {
    this.#values.push(value);
  }

  withdraw(sensor: SuppliedSensor | null, by: object | null): void {
    const lost = this.#values.filter((value) => (sensor === null || value === sensor) && value.take(by));
    if (lost.length > 0) this.#losses.tell(new Set(lost.map((value) => value.sensor)));
  }

  listenLosses(listener: (lost: ReadonlySet<Sensor>) => void): () => void {
    return this.#losses.add(listener);
  }
}
