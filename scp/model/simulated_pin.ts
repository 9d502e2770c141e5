// A pin with its state: the function it is put to, its configuration, who has it, and the level at it. Reset and power of
// the pin controller are those of the system.
import type { PinConfigDescription, PinDescription } from "../../boards/pin.ts";
import { assert } from "../core/assert.ts";
import { PIN_CONFIG, PIN_CONFIG_FAMILIES, pinConfigFamilyOf } from "../core/pin_config.ts";
import type { Pin, PinChange, PinConfig } from "./pin.ts";
import { type PinFunction, worksOn } from "./pin_function.ts";
import { SimulatedPinUnit } from "./simulated_pin_unit.ts";

/** What a pin is put to, and as a part of what. */
interface Mux {
  readonly function: PinFunction;
  /** The group, or the pin itself. */
  readonly unit: SimulatedPinUnit;
}

/** A pin. */
export class SimulatedPin extends SimulatedPinUnit implements Pin {
  readonly pins: readonly SimulatedPin[] = [this];
  /** The groups it belongs to. */
  readonly groups: SimulatedPinUnit[] = [];
  readonly #types: ReadonlyMap<number, PinConfigDescription>;
  readonly #typeCodes: readonly number[];
  readonly #values = new Map<number, number>();
  #mux: Mux | null = null;
  /** The agent that set it last; 0 = none has. */
  #setterId = 0;
  #outsideLevel: 0 | 1 | null = null;

  constructor(description: PinDescription) {
    super(description.name);
    this.#types = new Map(description.configs.map((config) => [config.typeCode, config]));
    this.#typeCodes = [...this.#types.keys()];
    this.reset();
  }

  get ownerId(): number {
    if (this.hold.agentId !== 0) return this.hold.agentId;
    return this.groups.find(({ hold }) => hold.agentId !== 0)?.hold.agentId ?? 0;
  }

  get mux(): Mux | null {
    return this.#mux;
  }

  get function(): PinFunction | null {
    return this.#mux?.function ?? null;
  }

  get configs(): PinConfig[] {
    return this.#typeCodes.map((typeCode) => ({ typeCode, value: this.valueOf(typeCode)! }));
  }

  valueOf(typeCode: number): number | null {
    if (!this.#types.has(typeCode)) return null;
    return typeCode === PIN_CONFIG.inputValue ? this.level : this.#values.get(typeCode)!;
  }

  /** The level at the pin: what it puts out, else what is outside, else where it is pulled. */
  get level(): 0 | 1 {
    if (this.#isOn(PIN_CONFIG.outputMode)) return this.#isOn(PIN_CONFIG.outputValue) ? 1 : 0;
    return this.#outsideLevel ?? (this.#isOn(PIN_CONFIG.pullUp) ? 1 : 0);
  }

  /** Puts a level at the pin from outside; null = nothing does. */
  setOutsideLevel(level: 0 | 1 | null): void {
    this.#outsideLevel = level;
  }

  hasType(typeCode: number): boolean {
    return this.#types.has(typeCode);
  }

  /** Whether a value is one of those that a type of the pin takes. */
  takes(typeCode: number, value: number): boolean {
    const type = this.#types.get(typeCode);
    return type !== undefined && value >= type.min && value <= type.max &&
      (value - type.min) % type.step === 0;
  }

  /** Whether an agent was the last to set it. */
  isSetBy(agentId: number): boolean {
    return this.#setterId === agentId;
  }

  /** Notes that an agent sets it. */
  noteSetter(agentId: number): void {
    this.#setterId = agentId;
  }

  /** Sets what has been found possible, as a part of a group or for itself. */
  set(unit: SimulatedPinUnit, change: PinChange): void {
    if (change.function !== null) this.#mux = { function: change.function, unit };
    for (const { typeCode, value } of change.configs) {
      assert(this.takes(typeCode, value), "a change is judged before it is made");
      if (value !== 0) {
        for (const other of pinConfigFamilyOf(typeCode)) {
          if (this.#values.has(other)) this.#values.set(other, 0);
        }
      }
      this.#values.set(typeCode, value);
    }
  }

  override release(agentId: number): "SUCCESS" | "IN_USE" | "DENIED" {
    if (this.ownerId === agentId && this.hold.agentId === 0) return "DENIED";
    return super.release(agentId);
  }

  /** Back to the configuration of the boot and to no function; who has the pin, and what is outside, stays. */
  reset(): void {
    this.#mux = null;
    this.#setterId = 0;
    for (const [typeCode, { start }] of this.#types) this.#values.set(typeCode, start);
  }

  /** What is wrong with the pin, if anything. */
  checkInvariants(): string[] {
    const wrong: string[] = [];
    const agentIds = new Set([this, ...this.groups].flatMap(({ hold }) => hold.agentIds));
    if (agentIds.size > 1) wrong.push(`pin ${this.name} belongs to agents ${[...agentIds].join(" and ")}`);
    if (this.#mux !== null) {
      const { unit } = this.#mux;
      if (!unit.pins.includes(this)) wrong.push(`pin ${this.name} has the function of ${unit.name}`);
      if (!worksOn(this.#mux.function, unit)) {
        wrong.push(
          `pin ${this.name} has function ${this.#mux.function.name}, which does not work on ${unit.name}`,
        );
      }
    }
    for (const [typeCode, value] of this.#values) {
      const isTold = typeCode === PIN_CONFIG.inputValue;
      if (!isTold && !this.takes(typeCode, value)) {
        wrong.push(`pin ${this.name} has ${value} for type ${typeCode}`);
      }
    }
    for (const family of PIN_CONFIG_FAMILIES) {
      const on = family.filter((typeCode) => this.#isOn(typeCode));
      if (on.length > 1) wrong.push(`pin ${this.name} has types ${on.join(" and ")} on at once`);
    }
    return wrong;
  }

  #isOn(typeCode: number): boolean {
    return (this.#values.get(typeCode) ?? 0) !== 0;
  }
}
