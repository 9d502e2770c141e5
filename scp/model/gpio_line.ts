// A GPIO line: what moves it, who listens, and what the outside makes it show. Guests reach lines through a GPIO device, so
// no protocol of SCMI knows them. A line that nobody listens to costs nothing, and has the same level at the same time.
import { assert } from "../core/assert.ts";
import { ChangeListeners } from "./change_listeners.ts";

/** The level of a line. */
export type LineLevel = 0 | 1;

/** What moves a line. */
export interface LevelSource {
  /** Returns the level now. */
  read(): LineLevel;
  /** How often the level has risen since the start. */
  readonly riseCount: number;
  /** Drives it; null = it is not to be driven. */
  readonly drive: ((level: LineLevel) => void) | null;
  /** Has each change told from now on; returns the function that ends that. One listener at a time. */
  watch(onChange: () => void): () => void;
}

/** A level that is set: by a switch or by the guest. */
export class SetLevel implements LevelSource {
  readonly drive: ((level: LineLevel) => void) | null;
  #level: LineLevel;
  #riseCount = 0;
  #onChange: (() => void) | null = null;

  /** Only an output can be driven by the guest. */
  constructor(initial: LineLevel, isOutput: boolean) {
    this.#level = initial;
    this.drive = isOutput ? (level) => this.set(level) : null;
  }

  get riseCount(): number {
    return this.#riseCount;
  }

  read(): LineLevel {
    return this.#level;
  }

  set(level: LineLevel): void {
    if (level === this.#level) return;
    this.#level = level;
    if (level === 1) this.#riseCount++;
    this.#onChange?.();
  }

  watch(onChange: () => void): () => void {
    this.#onChange = onChange;
    return () => this.#onChange = null;
  }
}

/** A line. */
export class SimulatedGpioLine {
  readonly name: string;
  readonly #source: LevelSource;
  readonly #listeners = new ChangeListeners<LineLevel>();
  #listenerCount = 0;
  /** What listeners were told last. */
  #told: LineLevel = 0;
  #override: LineLevel | null = null;
  #stopWatching: (() => void) | null = null;

  constructor(name: string, source: LevelSource) {
    this.name = name;
    this.#source = source;
  }

  /** Whether the guest drives it. */
  get isOutput(): boolean {
    return this.#source.drive !== null;
  }

  /** Returns its level now, as whoever is connected sees it. */
  read(): LineLevel {
    return this.#override ?? this.#source.read();
  }

  /** Drives an output. */
  write(level: LineLevel): void {
    assert(this.#source.drive !== null, "only an output is driven");
    this.#source.drive(level);
  }

  /** Has the listener told each change of level, in virtual time; returns the function that ends that. */
  listen(listener: (level: LineLevel) => void): () => void {
    if (this.#listenerCount++ === 0) {
      this.#told = this.read();
      this.#stopWatching = this.#source.watch(() => this.#tell());
    }
    // Wrapped, so that a function that listens twice counts twice.
    const remove = this.#listeners.add((level) => listener(level));
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      remove();
      if (--this.#listenerCount > 0) return;
      this.#stopWatching?.();
      this.#stopWatching = null;
    };
  }

  /** The level that what moves the line gives it, whatever it is made to show. */
  get sourceLevel(): LineLevel {
    return this.#source.read();
  }

  /** How often that has risen since the start. */
  get riseCount(): number {
    return this.#source.riseCount;
  }

  /** What the line is made to show; null = what moves it. */
  get overridden(): LineLevel | null {
    return this.#override;
  }

  /** Makes the line show a level, whatever moves it; null = no longer. */
  setOverride(level: LineLevel | null): void {
    this.#override = level;
    if (this.#listenerCount > 0) this.#tell();
  }

  #tell(): void {
    const level = this.read();
    if (level === this.#told) return;
    this.#told = level;
    this.#listeners.tell(level);
  }
}
