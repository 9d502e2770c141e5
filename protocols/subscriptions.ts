// What one channel listens to in the hardware, one subscription at most for each thing it can ask to hear of. Nothing is heard,
// and nothing costs, before it is asked for.

/** Subscriptions by what they are to, such as the id of a domain. */
export class Subscriptions<K> {
  readonly #stops = new Map<K, () => void>();

  /** Begins a subscription, which `listen` ends by what it returns, or (null) ends it; an earlier one ends in any case. */
  set(key: K, listen: (() => () => void) | null): void {
    this.#stops.get(key)?.();
    this.#stops.delete(key);
    if (listen !== null) this.#stops.set(key, listen());
  }

  /** Ends all of them. */
  close(): void {
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
  }
}
