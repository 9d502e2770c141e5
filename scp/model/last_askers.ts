// Whose request is in force where no policy makes one of several agents' requests: that of the last who asked. When that agent
// has vanished, what it asked for goes back to what it was at boot; what another has asked for since stays.

/** The last who asked, by what can be asked for. */
export class LastAskers<W extends string> {
  readonly #ids = new Map<W, number>();

  /** Notes that an agent's request is in force from now on. */
  note(what: W, agentId: number): void {
    this.#ids.set(what, agentId);
  }

  /** Forgets an agent; returns what its requests were in force for. */
  forget(agentId: number): W[] {
    const found: W[] = [];
    for (const [what, id] of this.#ids) if (id === agentId) found.push(what);
    for (const what of found) this.#ids.delete(what);
    return found;
  }

  /** Forgets all, as when all is as it was at boot. */
  clear(): void {
    this.#ids.clear();
  }
}
