// How long a piece of hardware was at each of its levels, and how often it came to it: what a platform may show its agents
// in a shared region (protocols/statistics.ts has its layout). scmi-core 5.8.

/** What is known of one level. */
export interface LevelUse {
  /** How often it was entered, the start of the platform included. */
  readonly usageCount: number;
  /** How long it was in force, us. */
  readonly residencyUs: number;
}

/** Counts and times per level, in virtual time. */
export class LevelStatistics {
  readonly #usageCounts: Float64Array;
  readonly #residenciesUs: Float64Array;
  #levelIndex: number;
  #lastChangeUs = 0;

  /** Begins at virtual time 0 with a level in force. */
  constructor(levelCount: number, levelIndex: number) {
    this.#usageCounts = new Float64Array(levelCount);
    this.#residenciesUs = new Float64Array(levelCount);
    this.#levelIndex = levelIndex;
    this.#usageCounts[levelIndex] = 1;
  }

  /** How many levels there are. */
  get levelCount(): number {
    return this.#usageCounts.length;
  }

  /** The level in force. */
  get levelIndex(): number {
    return this.#levelIndex;
  }

  /** When it came into force, virtual us. */
  get lastChangeUs(): number {
    return this.#lastChangeUs;
  }

  /** Notes that another level came into force. */
  enter(levelIndex: number, timeUs: number): void {
    this.#residenciesUs[this.#levelIndex]! += timeUs - this.#lastChangeUs;
    this.#usageCounts[levelIndex]! += 1;
    this.#levelIndex = levelIndex;
    this.#lastChangeUs = timeUs;
  }

  /** What is known of every level up to a time, which is not before the last change. */
  usesAt(timeUs: number): LevelUse[] {
    return Array.from(this.#usageCounts, (usageCount, index) => ({
      usageCount,
      residencyUs: this.#residenciesUs[index]! +
        (index === this.#levelIndex ? timeUs - this.#lastChangeUs : 0),
    }));
  }
}
