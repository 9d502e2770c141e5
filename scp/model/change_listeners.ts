// Who wants to hear of the changes of a piece of hardware. Told in the order they came; one that leaves while the others
// are being told is not told any more.

/** The listeners of one piece of hardware. */
export class ChangeListeners<E> {
  readonly #listeners = new Set<(change: E) => void>();

  /** Adds a listener; returns the function that takes it away. */
  add(listener: (change: E) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells all. */
  tell(change: E): void {
    for (const listener of this.#listeners) listener(change);
  }
}
