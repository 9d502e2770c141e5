// The pins of a board with their groups and functions, put together. A pin belongs to one agent at most and has one function
// at most; a group is nothing but its pins.
import type { Board } from "../../boards/board.ts";
import { assert } from "../core/assert.ts";
import type { PinFunction } from "./pin_function.ts";
import { SimulatedPin } from "./simulated_pin.ts";
import { SimulatedPinGroup } from "./simulated_pin_group.ts";

/** All pins of a board. */
export class PinControl {
  readonly pins: readonly SimulatedPin[];
  readonly groups: readonly SimulatedPinGroup[];
  readonly functions: readonly PinFunction[];
  readonly #board: Pick<Board, "pinGroups">;

  constructor(board: Pick<Board, "pins" | "pinGroups" | "pinFunctions">) {
    this.#board = board;
    this.pins = board.pins.map((pin) => new SimulatedPin(pin));
    const pins = new Map(this.pins.map((pin) => [pin.name, pin]));
    this.groups = board.pinGroups.map(({ name, pins: names }) =>
      new SimulatedPinGroup(name, allNamed(names, pins))
    );
    const groups = new Map(this.groups.map((group) => [group.name, group]));
    this.functions = board.pinFunctions.map(({ name, isGpio, groups: groupNames, pins: pinNames }) => ({
      name,
      isGpio,
      groups: allNamed(groupNames, groups),
      pins: allNamed(pinNames, pins),
    }));
    this.reset();
  }

  /** Puts functions and configurations back to those of the boot; agents keep what they have taken. */
  reset(): void {
    this.#boot(this.pins);
  }

  /**
   * Puts the pins that an agent was the last to set back to what they are at boot, unless another has taken them since; what it has
   * taken it loses.
   */
  dropVotes(agentId: number): void {
    for (const unit of [...this.pins, ...this.groups]) {
      if (unit.hold.agentId === agentId) unit.hold.clear();
    }
    this.#boot(this.pins.filter((pin) => pin.isSetBy(agentId) && pin.ownerId === 0));
  }

  /** Puts some pins to what they are at boot. */
  #boot(pins: readonly SimulatedPin[]): void {
    for (const pin of pins) pin.reset();
    this.#board.pinGroups.forEach(({ bootFunction }, index) => {
      if (bootFunction === null) return;
      const group = this.groups[index]!;
      const found = this.functions.find(({ name }) => name === bootFunction);
      assert(found !== undefined, `pin function ${bootFunction} exists`);
      for (const pin of group.pins) if (pins.includes(pin)) pin.set(group, { function: found, configs: [] });
    });
  }

  /** What is wrong with any of them. */
  checkInvariants(): string[] {
    return [...this.pins, ...this.groups].flatMap((each) => each.checkInvariants());
  }
}

function allNamed<T>(names: readonly string[], all: ReadonlyMap<string, T>): T[] {
  return names.map((name) => {
    const found = all.get(name);
    assert(found !== undefined, `${name} exists`);
    return found;
  });
}
