// The pins, groups and functions that agents see, with their ids and how they belong together: worked out once for a view, as
// all channels of its agents share it and a board may have many pins.
import type { HardwareView } from "../../scp/model/hardware.ts";
import type { Pin, PinUnit } from "../../scp/model/pin.ts";
import type { PinFunction } from "../../scp/model/pin_function.ts";
import type { PinGroup } from "../../scp/model/pin_group.ts";

/** What there is of pins in a view. */
export class PinView {
  readonly pins: readonly Pin[];
  readonly groups: readonly PinGroup[];
  readonly functions: readonly PinFunction[];
  readonly #ids = new Map<PinUnit | PinFunction, number>();
  readonly #associations = new Map<PinUnit | PinFunction, readonly number[]>();

  constructor(view: HardwareView) {
    this.pins = view.pin;
    this.groups = view.pinGroup;
    this.functions = view.pinFunction;
    for (const all of [this.pins, this.groups, this.functions]) {
      all.forEach((one: PinUnit | PinFunction, id) => this.#ids.set(one, id));
    }
  }

  /** The id of a pin, group or function among its kind; undefined = it is not in the view. */
  findId(one: PinUnit | PinFunction): number | undefined {
    return this.#ids.get(one);
  }

  /** The ids of a function's groups or pins, or of a group's pins, as far as they are in the view; ascending. */
  associationsOf(one: PinUnit | PinFunction): readonly number[] {
    let found = this.#associations.get(one);
    if (found === undefined) {
      const parts: readonly PinUnit[] = "isGpio" in one && one.groups.length > 0 ? one.groups : one.pins;
      found = parts.flatMap((part) => this.#ids.get(part) ?? []).sort((a, b) => a - b);
      this.#associations.set(one, found);
    }
    return found;
  }
}

const views = new WeakMap<HardwareView, PinView>();

/** The pins of a view. */
export function pinViewOf(view: HardwareView): PinView {
  let found = views.get(view);
  if (found === undefined) views.set(view, found = new PinView(view));
  return found;
}
