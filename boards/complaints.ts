// What is wrong with a board file: a list of mistakes, each with the path to its field.

/** Names told of one mistake that is made with many. */
const TOLD_MAX = 3;

/** Collects mistakes; at the end all of them are shown at once. */
export class Complaints {
  readonly #lines = new Set<string>();

  /** Adds a mistake, once, at a path such as `sensors[3].unitExponent`; the empty path is the whole file. */
  add(path: string, message: string): void {
    this.#lines.add(path === "" ? message : `${path}: ${message}`);
  }

  /** Adds a mistake for each name that occurred before; null stands for one that cannot be judged. */
  checkUnique(names: readonly (string | null)[], pathOf: (index: number) => string): void {
    const firstIndex = new Map<string, number>();
    names.forEach((name, index) => {
      if (name === null) return;
      const first = firstIndex.get(name);
      if (first === undefined) firstIndex.set(name, index);
      else this.add(pathOf(index), `${name} is taken by ${pathOf(first)}`);
    });
  }

  /** Adds a mistake for each part of a list whose wire id is not its place; null stands for one that cannot be judged. */
  checkIds(section: string, parts: readonly ({ readonly id: number } | null)[]): void {
    parts.forEach((part, index) => {
      if (part === null || part.id === index) return;
      this.add(
        `${section}[${index}].id`,
        `Expected ${index}, as wire ids count from 0 without gaps; got ${part.id}`,
      );
    });
  }

  /** All mistakes, in the order they were found. */
  get lines(): readonly string[] {
    return [...this.#lines];
  }
}

/** Names as the subject of a sentence. */
export function listed(names: readonly string[]): string {
  return `${shortList(names)} ${names.length === 1 ? "is" : "are"}`;
}

/** The first few names, and how many more. */
export function shortList(names: readonly string[]): string {
  const more = names.length - TOLD_MAX;
  return names.slice(0, TOLD_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
