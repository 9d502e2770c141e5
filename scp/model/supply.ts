// Which parts of the physics are supplied: one slot of the state for each power domain, 1 while it is on. What draws power
// looks there, so that a domain's change takes effect at its own time, however far physics has been driven.
import type { PowerDomainDescription } from "../../boards/power_domain.ts";
import { assert } from "../core/assert.ts";
import type { PowerTree } from "./power_tree.ts";
import type { StateLayout } from "./signal.ts";

/** The slots of a board's power domains. */
export class Supply {
  readonly #slots: ReadonlyMap<string, number>;
  readonly #alwaysSlot: number;

  constructor(domains: readonly PowerDomainDescription[], layout: StateLayout) {
    this.#alwaysSlot = layout.take(1);
    this.#slots = new Map(
      domains.map(({ name, bootState }) => [name, layout.take(bootState === "on" ? 1 : 0)]),
    );
  }

  /** Returns the slot that is 1 while a domain is on, 0 otherwise; without a domain, one that is always 1. */
  slotOf(domain: string | null): number {
    if (domain === null) return this.#alwaysSlot;
    const slot = this.#slots.get(domain);
    assert(slot !== undefined, `power domain ${domain} exists`);
    return slot;
  }

  /** Keeps the slots of a live state up with the domains from now on. */
  follow(tree: PowerTree, state: Float64Array): void {
    for (const domain of tree.domains) {
      const slot = this.slotOf(domain.name);
      domain.listen(() => state[slot] = domain.isOn ? 1 : 0);
    }
  }
}
