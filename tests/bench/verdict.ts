// Whether a figure is what was wanted, in words: speed is printed and read by people, no exit status depends on it.

/** Returns "wanted 1.15 x at most: reached" or "... NOT REACHED". */
export function verdict(figure: number, max: number, unit: string): string {
  return `wanted ${max} ${unit} at most: ${figure <= max ? "reached" : "NOT REACHED"}`;
}
