// Where the parts of a board stand that name a part above them: loops, and how many are one above the other. The tree is gone
// through once, without recursion: a file may have tens of thousands of parts in a row.

/** What may be above a part at most: the model goes up and down these trees by recursion. */
export const TREE_DEPTH_MAX = 64;

/** The place of a part. */
export interface TreePlace {
  /** How many are above it; Infinity in a loop and below one. */
  readonly depth: number;
  /** Whether it is above itself. */
  readonly isInLoop: boolean;
}

/** Finds the places of all parts by their names. A parent that is not there counts as none. */
export function findPlaces(parentOf: ReadonlyMap<string, string | null>): Map<string, TreePlace> {
  const places = new Map<string, TreePlace>();
  for (const start of parentOf.keys()) {
    const below: string[] = [];
    const indexOf = new Map<string, number>();
    let name: string | null = start;
    while (name !== null && parentOf.has(name) && !places.has(name) && !indexOf.has(name)) {
      indexOf.set(name, below.length);
      below.push(name);
      name = parentOf.get(name)!;
    }
    const loopAt = name === null ? undefined : indexOf.get(name);
    let depth = loopAt !== undefined ? Infinity : (places.get(name ?? "")?.depth ?? -1) + 1;
    for (let index = below.length - 1; index >= 0; index--) {
      places.set(below[index]!, { depth, isInLoop: loopAt !== undefined && index >= loopAt });
      depth++;
    }
  }
  return places;
}
