// One channel's state in the pin control protocol: what its agent took over it. That is given back when the channel is reset or
// closed, and when the agent is denied it.
import { assert } from "../../scp/core/assert.ts";
import type { PinClaim, PinUnit } from "../../scp/model/pin.ts";
import type { PinFunction } from "../../scp/model/pin_function.ts";
import type { Platform, Session } from "../protocol.ts";
import { NO_FUNCTION, SELECTED } from "./messages.ts";
import { type PinView, pinViewOf } from "./pin_view.ts";

/** Selectors, as numbers on the wire. */
export const SELECTOR = { pin: 0, group: 1, function: 2 } as const;

/** A pin, group or function of the agent's view, as its messages name it. */
interface Named {
  readonly selector: number;
  readonly id: number;
}

/** The context of the protocol's handlers. It is the claim by which the agent takes pins over this channel. */
export class PinControlContext implements PinClaim {
  readonly view: PinView;
  readonly #taken = new Map<PinUnit, Named>();

  constructor(readonly session: Session, readonly platform: Platform) {
    this.view = pinViewOf(platform.view);
  }

  get agentId(): number {
    return this.session.agentId;
  }

  /** The pin or group that a message names; the dispatcher has checked it. */
  unitOf({ selector, id }: Named): PinUnit {
    const unit = selector === SELECTOR.pin ? this.view.pins[id] : this.view.groups[id];
    assert(unit !== undefined, "the dispatcher has checked the identifier");
    return unit;
  }

  /** What the agent calls a function; NO_FUNCTION for none, and for one that it does not see. */
  functionIdOf(one: PinFunction | null): number {
    return one === null ? NO_FUNCTION : this.view.findId(one) ?? NO_FUNCTION;
  }

  /** Whether the agent may control all pins of a group; without one of them it has no say in the group either. */
  mayControlPins(unit: PinUnit): boolean {
    return unit.pins.every((pin) => {
      const id = this.view.findId(pin);
      return id !== undefined && this.platform.mayControl("pin", id);
    });
  }

  /** Takes a pin or group for the agent. */
  take(named: Named): "SUCCESS" | "IN_USE" {
    const unit = this.unitOf(named);
    const result = unit.request(this);
    if (result === "SUCCESS") this.#taken.set(unit, named);
    return result;
  }

  /** Gives back what the agent took, over this channel or another. */
  giveBack(named: Named): "SUCCESS" | "IN_USE" | "DENIED" {
    const unit = this.unitOf(named);
    this.#taken.delete(unit);
    return unit.release(this.agentId);
  }

  /** Gives back what the agent is denied now: it could not do so itself. */
  dropDenied(): void {
    for (const [unit, { selector, id }] of this.#taken) {
      if (this.platform.mayControl(SELECTED[selector]!, id) && this.mayControlPins(unit)) continue;
      unit.drop(this);
      this.#taken.delete(unit);
    }
  }

  /** Gives back everything. */
  close(): void {
    for (const unit of this.#taken.keys()) unit.drop(this);
    this.#taken.clear();
  }
}
