// The words of FastChannels without doorbells: whether any has changed since the last look. There may be hundreds of them, and
// nearly always none has, so this does nothing but compare.
import { CELL_SIZE } from "./layout.ts";
import type { WrittenChannel } from "./written_channel.ts";

const WORD_SIZE = 4;

/** Finds the FastChannels in which a word has changed. */
export class SilentWords {
  readonly #memory: Int32Array;
  readonly #channels: readonly WrittenChannel[];
  readonly #onChange: (channel: WrittenChannel) => void;
  /** Places of all words in memory, and what was there. */
  readonly #places: Int32Array;
  readonly #found: Int32Array;

  /** Of `channels`, those with doorbells are left alone. */
  constructor(
    memory: Int32Array,
    channels: readonly WrittenChannel[],
    onChange: (channel: WrittenChannel) => void,
  ) {
    this.#memory = memory;
    this.#channels = channels.filter(({ slot }) => slot.doorbell === null);
    this.#onChange = onChange;
    // One place for each word of a cell, used or not: a channel is found by its place.
    this.#places = Int32Array.from(
      this.#channels.flatMap(({ slot }) => [slot.offset / WORD_SIZE, slot.offset / WORD_SIZE + 1]),
    );
    this.#found = new Int32Array(this.#places.length);
  }

  /** Compares once. */
  look(): void {
    const [memory, places, found] = [this.#memory, this.#places, this.#found];
    for (let i = 0; i < places.length; i++) {
      // A plain load: a change that it misses is found by the next look.
      const word = memory[places[i]!]!;
      if (word === found[i]) continue;
      found[i] = word;
      this.#onChange(this.#channels[Math.floor(i / (CELL_SIZE / WORD_SIZE))]!);
    }
  }
}
