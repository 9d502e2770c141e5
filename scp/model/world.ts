// The clock of the physics: parts advance in fixed ticks of virtual time, in a fixed order, whoever asks for what. For
// each sampling period in use, the state at its last multiple is kept, so that a reading does not depend on how far the
// model has been driven since, and costs the same on a board with many sensors.
import { assert } from "../core/assert.ts";
import type { InputSlot, ModelInput, StateLayout } from "./signal.ts";

/** The tick of the physics, us. */
export const TICK_US = 5_000;

/** A piece of physics that owns some slots of the state. */
export interface Part {
  /** It steps once per so many ticks. */
  readonly ticksPerStep: number;
  /** Fills its slots for time 0; called once, in the order of the parts. */
  start(state: Float64Array): void;
  /** Moves its slots on by its own step, which begins at `startUs`. */
  step(state: Float64Array, startUs: number): void;
}

/** The state as it was at the last multiple of a sampling period. */
export interface Capture {
  readonly periodUs: number;
  /** Virtual time of the sample; the state is that of the tick before or at it. */
  timeUs: number;
  readonly state: Float64Array;
}

/** The state of all physics, and its past as far as sensors need it. */
export class World {
  readonly #state: Float64Array;
  readonly #inputs: readonly InputSlot[];
  readonly #parts: readonly Part[];
  readonly #captures: Capture[] = [];
  #tick = 0;
  #nowUs = 0;
  /** Before this moment there is nothing to do. */
  #nextUs = TICK_US;

  constructor(layout: StateLayout, parts: readonly Part[]) {
    this.#state = layout.createState();
    this.#inputs = layout.inputs();
    this.#parts = parts;
    for (const part of parts) part.start(this.#state);
  }

  /** The live state: of the last tick up to now. */
  get state(): Float64Array {
    return this.#state;
  }

  /** The time of the last advance, us. */
  get nowUs(): number {
    return this.#nowUs;
  }

  /** What the outside may set. */
  get inputs(): readonly ModelInput[] {
    return this.#inputs;
  }

  /** Sets an input from the next tick on, or (null) gives it back. False: no such input, or outside its bounds. */
  setInput(name: string, value: number | null): boolean {
    const input = this.#inputs.find((each) => each.name === name);
    if (input === undefined) return false;
    if (value !== null && !(value >= input.min && value <= input.max)) return false;
    this.#state[input.slot] = value ?? NaN;
    return true;
  }

  /** Returns the capture of a sampling period, and keeps it up to date from now on. Only before the first advance. */
  captureOf(periodUs: number): Capture {
    assert(this.#nowUs === 0, "captures are asked for before time moves");
    const known = this.#captures.find((capture) => capture.periodUs === periodUs);
    if (known !== undefined) return known;
    const capture: Capture = { periodUs, timeUs: 0, state: this.#state.slice() };
    this.#captures.push(capture);
    this.#nextUs = Math.min(this.#nextUs, periodUs);
    return capture;
  }

  /** Moves everything to `timeUs`, which never falls. */
  advanceTo(timeUs: number): void {
    assert(timeUs >= this.#nowUs, "virtual time never falls");
    this.#nowUs = timeUs;
    if (timeUs < this.#nextUs) return;
    const lastTick = Math.floor(timeUs / TICK_US);
    for (;;) {
      const untilTick = this.#captureDue(timeUs, lastTick);
      if (untilTick > lastTick) break;
      while (this.#tick < untilTick) this.#stepTick();
    }
    while (this.#tick < lastTick) this.#stepTick();
    this.#nextUs = (lastTick + 1) * TICK_US;
    for (const capture of this.#captures) {
      this.#nextUs = Math.min(this.#nextUs, capture.timeUs + capture.periodUs);
    }
  }

  /** Keeps the state for captures due at the present tick; returns the first later tick where one is due. */
  #captureDue(timeUs: number, lastTick: number): number {
    let nextTick = lastTick + 1;
    for (const capture of this.#captures) {
      const dueUs = timeUs - timeUs % capture.periodUs;
      if (capture.timeUs === dueUs) continue;
      const dueTick = Math.floor(dueUs / TICK_US);
      if (dueTick === this.#tick) {
        capture.state.set(this.#state);
        capture.timeUs = dueUs;
      } else if (dueTick < nextTick) {
        nextTick = dueTick;
      }
    }
    return nextTick;
  }

  #stepTick(): void {
    const startTick = this.#tick;
    this.#tick = startTick + 1;
    for (const part of this.#parts) {
      if (this.#tick % part.ticksPerStep === 0) {
        part.step(this.#state, (this.#tick - part.ticksPerStep) * TICK_US);
      }
    }
  }
}
