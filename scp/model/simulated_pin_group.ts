// A group of pins with its state, which is that of its pins.
import { assert } from "../core/assert.ts";
import type { PinConfig } from "./pin.ts";
import type { PinFunction } from "./pin_function.ts";
import type { PinGroup } from "./pin_group.ts";
import type { SimulatedPin } from "./simulated_pin.ts";
import { SimulatedPinUnit } from "./simulated_pin_unit.ts";

/** A group of pins. */
export class SimulatedPinGroup extends SimulatedPinUnit implements PinGroup {
  constructor(name: string, readonly pins: readonly SimulatedPin[]) {
    super(name);
    assert(pins.length > 0, "a group has pins");
    for (const pin of pins) pin.groups.push(this);
  }

  /** One of its pins may have been put to another function since, alone or with another group: then it has none. */
  get function(): PinFunction | null {
    const mux = this.pins[0]!.mux;
    if (mux === null) return null;
    const isWhole = this.pins.every((pin) => pin.mux?.unit === this && pin.mux.function === mux.function);
    return isWhole ? mux.function : null;
  }

  get configs(): PinConfig[] {
    return this.pins[0]!.configs.filter(({ typeCode }) => this.valueOf(typeCode) !== null);
  }

  valueOf(typeCode: number): number | null {
    const value = this.pins[0]!.valueOf(typeCode);
    return this.pins.every((pin) => pin.valueOf(typeCode) === value) ? value : null;
  }

  /** What is wrong with the group, if anything. */
  checkInvariants(): string[] {
    const { agentId } = this.hold;
    if (agentId === 0) return [];
    return this.pins.filter(({ ownerId }) => ownerId !== agentId).map((pin) =>
      `agent ${agentId} has group ${this.name}, agent ${pin.ownerId} its pin ${pin.name}`
    );
  }
}
