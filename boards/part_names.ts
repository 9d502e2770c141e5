// How references between the parts of a board are judged while some names cannot be read: null stands for such a name,
// and could be any. Its mistake has been told; it does not make those that refer to it wrong.

/** Tells whether a name is among those of some parts, or may be: a name that cannot be read could be any. */
export function canBeOneOf(name: string, names: ReadonlySet<string | null>): boolean {
  return names.has(name) || names.has(null);
}

/** The names that can be read. */
export function known(names: readonly (string | null)[]): string[] {
  return names.filter((name) => name !== null);
}
