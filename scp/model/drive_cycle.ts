// Speed over time from a list of breakpoints, repeated for ever. The corners are rounded by averaging over half a second,
// as no car changes its acceleration at once; distance, speed, acceleration and jerk stay consistent with each other.

/** Half of the averaging window, s. */
const HALF_WINDOW_S = 0.25;

/** What the car does along its path at one moment. */
export interface Motion {
  speedMPerS: number;
  accelerationMPerS2: number;
  jerkMPerS3: number;
}

/** A repeated drive cycle. */
export class DriveCycle {
  readonly #startsS: Float64Array;
  readonly #speeds: Float64Array;
  readonly #slopes: Float64Array;
  readonly #metres: Float64Array;
  readonly #lengthS: number;
  readonly #roundM: number;
  // Of the last look-up: distance, speed and slope of the unrounded cycle.
  #atM = 0;
  #atMPerS = 0;
  #atMPerS2 = 0;

  /** Takes breakpoints: time in s (from 0, rising), speed in km/h; the last speed is the first. */
  constructor(points: readonly (readonly [number, number])[]) {
    this.#startsS = Float64Array.from(points, (point) => point[0]);
    this.#speeds = Float64Array.from(points, (point) => point[1] / 3.6);
    const last = points.length - 1;
    this.#slopes = new Float64Array(last);
    this.#metres = new Float64Array(points.length);
    for (let place = 0; place < last; place++) {
      const durationS = this.#startsS[place + 1]! - this.#startsS[place]!;
      const gain = this.#speeds[place + 1]! - this.#speeds[place]!;
      this.#slopes[place] = gain / durationS;
      this.#metres[place + 1] = this.#metres[place]! + (this.#speeds[place]! + gain / 2) * durationS;
    }
    this.#lengthS = this.#startsS[last]!;
    this.#roundM = this.#metres[last]!;
  }

  /** Length of one round, s and m. */
  get roundS(): number {
    return this.#lengthS;
  }
  get roundM(): number {
    return this.#roundM;
  }

  /** Writes speed, acceleration and jerk at a time into `motion`. */
  read(timeS: number, motion: Motion): void {
    const before = this.#lookUp(timeS - HALF_WINDOW_S);
    const metres = this.#atM;
    const speed = this.#atMPerS;
    const slope = this.#atMPerS2;
    const after = this.#lookUp(timeS + HALF_WINDOW_S);
    // The distance counts from the start of the round. Which one it is, time tells: a car that stands may seem to go back a hair.
    const passedM = this.#atM - metres + (after - before) * this.#roundM;
    motion.speedMPerS = passedM / (2 * HALF_WINDOW_S);
    motion.accelerationMPerS2 = (this.#atMPerS - speed) / (2 * HALF_WINDOW_S);
    motion.jerkMPerS3 = (this.#atMPerS2 - slope) / (2 * HALF_WINDOW_S);
  }

  /** Finds distance, speed and slope of the unrounded cycle; returns the number of the round. */
  #lookUp(timeS: number): number {
    const round = Math.floor(timeS / this.#lengthS);
    const inRoundS = timeS - round * this.#lengthS;
    let low = 0;
    let high = this.#slopes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#startsS[middle]! <= inRoundS) low = middle;
      else high = middle - 1;
    }
    const sinceS = inRoundS - this.#startsS[low]!;
    this.#atMPerS2 = this.#slopes[low]!;
    this.#atMPerS = this.#speeds[low]! + this.#atMPerS2 * sinceS;
    this.#atM = this.#metres[low]! + (this.#speeds[low]! + this.#atMPerS2 * sinceS / 2) * sinceS;
    return round;
  }
}
