// What pins and groups of pins do alike: being taken by one agent, and being set all or nothing. Who took nothing may still
// set what is free: then the last writer decides.
import { PIN_CONFIG } from "../core/pin_config.ts";
import type { PinChange, PinChangeResult, PinClaim, PinConfig, PinUnit } from "./pin.ts";
import { type PinFunction, worksOn } from "./pin_function.ts";
import type { SimulatedPin } from "./simulated_pin.ts";

/** Those who took a pin or group: all of one agent. */
export class PinHold {
  readonly #claims = new Set<PinClaim>();

  /** The agent; 0 = nobody. */
  get agentId(): number {
    for (const { agentId } of this.#claims) return agentId;
    return 0;
  }

  add(claim: PinClaim): void {
    this.#claims.add(claim);
  }

  drop(claim: PinClaim): void {
    this.#claims.delete(claim);
  }

  clear(): void {
    this.#claims.clear();
  }

  /** Lists the agents that have a claim; more than one is a mistake of ours. */
  get agentIds(): number[] {
    return [...new Set([...this.#claims].map(({ agentId }) => agentId))];
  }
}

/** A pin or a group of pins, with who has it. */
export abstract class SimulatedPinUnit implements PinUnit {
  readonly hold = new PinHold();

  constructor(readonly name: string) {}

  abstract readonly pins: readonly SimulatedPin[];
  abstract readonly function: PinFunction | null;
  abstract readonly configs: readonly PinConfig[];
  abstract valueOf(typeCode: number): number | null;

  request(claim: PinClaim): "SUCCESS" | "IN_USE" {
    if (this.isOthers(claim.agentId)) return "IN_USE";
    this.hold.add(claim);
    return "SUCCESS";
  }

  release(agentId: number): "SUCCESS" | "IN_USE" | "DENIED" {
    if (this.isOthers(agentId)) return "IN_USE";
    this.hold.clear();
    return "SUCCESS";
  }

  drop(claim: PinClaim): void {
    this.hold.drop(claim);
  }

  configure(agentId: number, change: PinChange): PinChangeResult {
    if (this.isOthers(agentId)) return "IN_USE";
    if (change.function !== null && !worksOn(change.function, this)) return "NOT_SUPPORTED";
    for (const { typeCode } of change.configs) {
      // What is at a pin can be read only.
      if (typeCode === PIN_CONFIG.inputValue) return "NOT_SUPPORTED";
      if (this.pins.some((pin) => !pin.hasType(typeCode))) return "NOT_SUPPORTED";
    }
    for (const { typeCode, value } of change.configs) {
      if (this.pins.some((pin) => !pin.takes(typeCode, value))) return "OUT_OF_RANGE";
    }
    for (const pin of this.pins) {
      pin.set(this, change);
      pin.noteSetter(agentId);
    }
    return "SUCCESS";
  }

  /** Whether another agent has one of the pins. */
  protected isOthers(agentId: number): boolean {
    return this.pins.some(({ ownerId }) => ownerId !== 0 && ownerId !== agentId);
  }
}
