// What physics offers to sensors: named signals, and the slots of the state vector they are computed from. A signal is a
// pure function of a state and a time, so a sensor may look at a state that was kept from an earlier moment.

/** A physical quantity of one or three components, in the unit of its SCMI sensor type. */
export interface Signal {
  readonly width: 1 | 3;
  /** SCMI sensor type (unit code) of its unit. */
  readonly typeCode: number;
  /** Writes the components, as of `timeUs`, to the front of `out`. */
  read(state: Float64Array, timeUs: number, out: Float64Array): void;
}

/** Signals by name, such as `temperature.die`. */
export type SignalTable = Map<string, Signal>;

/** SCMI sensor types (unit codes) of the signals there are. */
export const UNIT = {
  celsius: 2,
  volt: 5,
  ampere: 6,
  watt: 7,
  joule: 8,
  kilopascal: 15,
  percent: 65,
  radianPerSecond: 87,
  metrePerSecondSquared: 89,
  metrePerSecond: 90,
} as const;

/** What the outside may set, and between which bounds. */
export interface ModelInput {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** An input and its place in the state. */
export interface InputSlot extends ModelInput {
  readonly slot: number;
}

/** Hands out the slots of a state vector while the parts of the physics are being put together. */
export class StateLayout {
  readonly #initial: number[] = [];
  readonly #inputs: InputSlot[] = [];

  /** Takes one more slot; returns its index. */
  take(initial: number): number {
    return this.#initial.push(initial) - 1;
  }

  /** Takes a slot that the outside may set by name; NaN = nobody has, the part's own value is in force. */
  takeInput(name: string, min: number, max: number): number {
    const slot = this.take(NaN);
    this.#inputs.push({ name, min, max, slot });
    return slot;
  }

  /** Returns all inputs. */
  inputs(): readonly InputSlot[] {
    return this.#inputs;
  }

  /** Makes a state vector with the initial values. */
  createState(): Float64Array {
    return Float64Array.from(this.#initial);
  }
}

/** Returns a signal that is a slot of the state. */
export function slotSignal(slot: number, typeCode: number, scale = 1): Signal {
  return { width: 1, typeCode, read: (state, _timeUs, out) => void (out[0] = state[slot]! * scale) };
}

/** Returns a signal of one component that is computed. */
export function scalarSignal(
  typeCode: number,
  value: (state: Float64Array, timeUs: number) => number,
): Signal {
  return { width: 1, typeCode, read: (state, timeUs, out) => void (out[0] = value(state, timeUs)) };
}
