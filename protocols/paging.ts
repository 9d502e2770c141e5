// Lists that come in pages: which part of one fits into the room that an agent gave. A page begins with the index the agent
// asks for, and nothing is kept between two, so that pages may be asked for in any order. SCMI 4.2.2.5 and its like.

/** Bytes of the word before the items that counts those returned and those remaining. */
const COUNTS_SIZE = 4;

/** What bounds a page. */
export interface PageBounds<T> {
  /** Bytes that the return values may take, status not counted. */
  readonly room: number;
  /** Bytes of the return values before the list; absent: only the word of the counts. */
  readonly headSize?: number;
  /** Bytes of an item, when all have the same size or as each has its own. */
  readonly itemSize: number | ((item: T) => number);
  /** How many items the counts can express. */
  readonly countMax: number;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** How many items follow behind the page. */
  readonly remaining: number;
}

/**
 * Takes the page of a list that begins at `index`, or null when no item is there. It has one item at least: a reply that
 * has no room even for that is refused by the dispatcher, where an empty page would make the agent ask without end.
 */
export function pageOf<T>(list: readonly T[], index: number, bounds: PageBounds<T>): Page<T> | null {
  if (index >= list.length) return null;
  const end = typeof bounds.itemSize === "number"
    ? endOfEqual(list.length, index, bounds.itemSize, bounds)
    : endOfVarying(list, index, bounds.itemSize, bounds);
  return { items: list.slice(index, end), remaining: list.length - end };
}

interface Room {
  readonly room: number;
  readonly headSize?: number;
  readonly countMax: number;
}

function endOfEqual(length: number, index: number, itemSize: number, bounds: Room): number {
  const fitting = Math.floor((bounds.room - (bounds.headSize ?? COUNTS_SIZE)) / itemSize);
  return Math.min(length, index + Math.max(1, Math.min(bounds.countMax, fitting)));
}

function endOfVarying<T>(
  list: readonly T[],
  index: number,
  sizeOf: (item: T) => number,
  bounds: Room,
): number {
  const last = Math.min(list.length, index + bounds.countMax);
  let room = bounds.room - (bounds.headSize ?? COUNTS_SIZE) - sizeOf(list[index]!);
  let end = index + 1;
  while (end < last) {
    room -= sizeOf(list[end]!);
    if (room < 0) break;
    end++;
  }
  return end;
}
