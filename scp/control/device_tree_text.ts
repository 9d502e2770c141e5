// What the parts of a device-tree overlay have in common as text.

/** Keeps foreign text within its comment: no line end of any kind, and no backslash that would join lines. */
export function oneLine(text: string): string {
  return text.replace(/[^ -[\]-~]/g, "?").slice(0, 80);
}

/** Moves lines to the right by so many tabs. */
export function indent(depth: number, lines: readonly string[]): string[] {
  return lines.map((line) => line === "" ? "" : "\t".repeat(depth) + line);
}

/** Tells whether a number is whole and between two ends. */
export function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
