// The GPIO lines of a board with what moves them, and the inputs by which the outside sets its switches.
import type { Board } from "../../boards/board.ts";
import type { GpioLineSource, WheelName } from "../../boards/gpio_line.ts";
import { assert } from "../core/assert.ts";
import type { Scheduler } from "../core/timeline.ts";
import { type LevelSource, SetLevel, SimulatedGpioLine } from "./gpio_line.ts";
import { Kinematics } from "./kinematics.ts";
import type { ModelInput } from "./signal.ts";
import { WheelPulse } from "./wheel_pulse.ts";
import { WheelTurns } from "./wheel_turns.ts";
import type { Part } from "./world.ts";

/** From here on a switch is actuated: what sets it may go from 0 to 1 in between. */
const ACTUATED_MIN = 0.5;

/** A switch behind one line or several. */
type Switch = { readonly level: SetLevel; readonly isActiveLow: boolean }[];

/** What the lines are made with. */
export interface GpioSurroundings {
  readonly scheduler: Scheduler;
  /** The time that the physics and the scheduler have reached. */
  readonly nowUs: () => number;
}

/** All lines of a board. */
export class GpioLines {
  /** In the board's order. */
  readonly all: readonly SimulatedGpioLine[];
  /** What has to move on with the physics. */
  readonly parts: readonly Part[];
  readonly #switches = new Map<string, Switch>();

  constructor({ gpioLines, vehicle }: Pick<Board, "gpioLines" | "vehicle">, surroundings: GpioSurroundings) {
    const wheels = new Map<WheelName, WheelTurns>();
    const kinematics = vehicle === null ? null : new Kinematics(vehicle);
    const wheelOf = (name: WheelName): WheelTurns => {
      assert(kinematics !== null, "a board with a wheel has a vehicle");
      const wheel = wheels.get(name) ?? new WheelTurns(kinematics, name.endsWith("l") ? 1 : -1);
      wheels.set(name, wheel);
      return wheel;
    };
    const sourceOf = (source: GpioLineSource): LevelSource => {
      switch (source.kind) {
        case "switch":
          return this.#addSwitch(source.input, source.isActiveLow);
        case "wheelPulse": {
          const { scheduler, nowUs } = surroundings;
          return new WheelPulse(wheelOf(source.wheel), source.pulsesPerTurn, scheduler, nowUs);
        }
        case "guest":
          return new SetLevel(0, true);
      }
    };
    this.all = gpioLines.map(({ name, follows }) => new SimulatedGpioLine(name, sourceOf(follows)));
    this.parts = [...wheels.values()];
  }

  /** What `setInput` takes. */
  get inputs(): readonly ModelInput[] {
    return [...this.#switches.keys()].map((name) => ({ name, min: 0, max: 1 }));
  }

  /** Sets a switch at once, or (null) lets go of it. False: out of bounds; null: there is no switch of this name. */
  setInput(name: string, value: number | null): boolean | null {
    const found = this.#switches.get(name);
    if (found === undefined) return null;
    if (value !== null && !(value >= 0 && value <= 1)) return false;
    const isActuated = (value ?? 0) >= ACTUATED_MIN;
    for (const { level, isActiveLow } of found) level.set(isActuated === isActiveLow ? 0 : 1);
    return true;
  }

  #addSwitch(name: string, isActiveLow: boolean): SetLevel {
    const found = this.#switches.get(name) ?? [];
    this.#switches.set(name, found);
    const level = new SetLevel(isActiveLow ? 1 : 0, false);
    found.push({ level, isActiveLow });
    return level;
  }
}
