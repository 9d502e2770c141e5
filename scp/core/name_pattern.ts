// Patterns of names, as board files have them to name many resources at once.

/** Tells whether a name fits a pattern, in which `*` stands for any characters. */
export function fitsPattern(name: string, pattern: string): boolean {
  if (pattern === "*") return true;
  if (!pattern.includes("*")) return name === pattern;
  const parts = pattern.split("*");
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/** Returns the last of some patterns that a name fits. */
export function patternFor(name: string, patterns: readonly string[]): string | undefined {
  return patterns.findLast((pattern) => fitsPattern(name, pattern));
}
