// The platform's side of doorbells that stand in plain memory: what the agent stored is taken away and becomes a ring or an
// acknowledgement, what it reads is written for it. The state is kept here, since the agent can write any word at any time.
// transports.md 1.4, 7.3. Leaves out when to look (memory/memory_watcher.ts).
import { assert } from "../../scp/core/assert.ts";
import type { InterruptLine } from "../gpio/interrupt_line.ts";
import type { MemoryWindow } from "../memory/memory_file.ts";
import type { DoorbellLayout, DoorbellSlot } from "./doorbell_layout.ts";

/** The bit that stands for a doorbell. No other is ever raised: Linux clears none that nobody has registered for. */
const FLAG = 1;

/** A line, and whether it is to be raised when the rings of a look are all there. */
interface RungLine {
  readonly line: InterruptLine;
  isDue: boolean;
}

/** One slot, as indices of words. */
interface SlotWords {
  readonly set: number;
  readonly status: readonly number[];
  readonly clear: number;
  readonly combined: number;
  readonly combinedBit: number;
  readonly line: RungLine | null;
  readonly begins: readonly number[];
  /** Whether the agent was rung since it began. */
  wasRung: boolean;
  /** Whether the agent was rung and has not acknowledged. */
  isRung: boolean;
  /** Whether it is to be rung again once it has: a ring on top of a ring would go with it. */
  isOwed: boolean;
}

function wordsOf(slot: DoorbellSlot, lines: readonly RungLine[]): SlotWords {
  return {
    set: slot.set >>> 2,
    status: slot.status.map((offset) => offset >>> 2),
    clear: slot.clear >>> 2,
    combined: (slot.combined?.offset ?? 0) >>> 2,
    combinedBit: slot.combined?.bit ?? 0,
    line: lines[slot.line] ?? null,
    begins: slot.begins.map((offset) => offset >>> 2),
    wasRung: false,
    isRung: false,
    isOwed: false,
  };
}

/** The doorbells of a mailbox, both ways. */
export class Doorbells {
  readonly #window: MemoryWindow;
  readonly #initialWords: Int32Array;
  readonly #slots: readonly SlotWords[];
  readonly #lines: readonly RungLine[];
  /** A word that is never zero, unless somebody has cleared all. */
  readonly #constantWord: number;
  #isCollecting = false;

  /** For the first `slotCount` slots of a window of `layout.size` bytes. */
  constructor(
    window: MemoryWindow,
    layout: DoorbellLayout,
    slotCount: number,
    lines: readonly InterruptLine[],
  ) {
    assert(window.size === layout.size, "the window has the size of the registers");
    this.#window = window;
    this.#initialWords = new Int32Array(window.words.length);
    for (const [offset, value] of layout.constants) this.#initialWords[offset >>> 2] = value;
    this.#lines = lines.map((line) => ({ line, isDue: false }));
    this.#slots = layout.slots.slice(0, slotCount).map((slot) => wordsOf(slot, this.#lines));
    this.#constantWord = layout.constants.find(([, value]) => value !== 0)![0] >>> 2;
    for (const line of lines) line.beforeSample = () => this.takeAcknowledgements();
  }

  /** Makes the registers what they are after a reset: nothing was rung. */
  initialise(): void {
    // In one go: a guest that starts may just be looking for what never changes.
    this.#window.words.set(this.#initialWords);
    this.forgetRings();
  }

  /** Whether the registers have lost what never changes: the memory was cleared. */
  get isCleared(): boolean {
    return this.#window.words[this.#constantWord] === 0;
  }

  /** Takes back what the agent was rung for and has not acknowledged, as for one that has just begun. */
  forgetRings(): void {
    for (const slot of this.#slots) slot.isRung = slot.isOwed = slot.wasRung = false;
    for (const slot of this.#slots) {
      this.#showStatus(slot, 0);
      // What an acknowledgement has left there must not be taken for another begin.
      for (const word of slot.begins) Atomics.store(this.#window.words, word, 0);
    }
    for (const each of this.#lines) {
      each.isDue = false;
      each.line.lower();
    }
  }

  /** Takes the signs of a driver that begins, and forgets its rings; returns whether there were any. */
  takeBegin(): boolean {
    const { words } = this.#window;
    for (const slot of this.#slots) {
      for (const word of slot.begins) {
        // A plain load, as one that it misses is found by the next look. An acknowledgement may be stored several times.
        if (words[word] === 0 || (word === slot.clear && slot.wasRung)) continue;
        this.forgetRings();
        return true;
      }
    }
    return false;
  }

  /** Whether the agent has rung and was not heard yet. */
  isRinging(slot: number): boolean {
    return Atomics.load(this.#window.words, this.#slots[slot]!.set) !== 0;
  }

  /** Takes a ring of the agent. Any value counts, as memory keeps the last of several bits only. */
  takeRing(slot: number): boolean {
    const { words } = this.#window;
    const { set } = this.#slots[slot]!;
    if (Atomics.load(words, set) === 0) return false;
    // Taken away before the message is read: a ring that comes from now on is another one.
    return Atomics.exchange(words, set, 0) !== 0;
  }

  /** Keeps the lines as they are until `raiseLines`: several rings are one interrupt. */
  collectRings(): void {
    this.#isCollecting = true;
  }

  /** Raises the lines of what was rung since `collectRings`. */
  raiseLines(): void {
    this.#isCollecting = false;
    for (const each of this.#lines) {
      if (each.isDue) this.#raiseLine(each);
    }
  }

  /** Rings the agent, at once or when it has acknowledged the ring before. */
  ring(slot: number): void {
    const words = this.#slots[slot]!;
    // What was stored to CLEAR before must not take this ring away.
    this.#takeAcknowledgement(words);
    if (words.isRung) words.isOwed = true;
    else this.#raise(words);
  }

  /** Takes what the agent has acknowledged; returns whether it has. */
  takeAcknowledgements(): boolean {
    let hasTaken = false;
    for (const slot of this.#slots) {
      if (slot.isRung && this.#takeAcknowledgement(slot)) hasTaken = true;
    }
    return hasTaken;
  }

  /** Has `onGuestLost` called when the guest behind the interrupt lines is gone or starts anew. */
  listen(onGuestLost: () => void): void {
    for (const { line } of this.#lines) line.onGuestLost = onGuestLost;
  }

  /** Lets go of the interrupt lines; memory is not touched any more. */
  close(): void {
    for (const { line } of this.#lines) {
      line.beforeSample = null;
      line.onGuestLost = null;
      line.lower();
    }
  }

  /** Returns whether a ring was acknowledged. */
  #takeAcknowledgement(slot: SlotWords): boolean {
    const { words } = this.#window;
    if (Atomics.load(words, slot.clear) === 0) return false;
    const isFlagCleared = (Atomics.exchange(words, slot.clear, 0) & FLAG) !== 0;
    if (!slot.isRung || !isFlagCleared) return false;
    slot.isRung = false;
    this.#showStatus(slot, 0);
    this.#lowerUnlessRung(slot.line);
    if (slot.isOwed) {
      slot.isOwed = false;
      this.#raise(slot);
    }
    return true;
  }

  #raise(slot: SlotWords): void {
    slot.isRung = slot.wasRung = true;
    this.#showStatus(slot, FLAG);
    if (slot.line === null) return;
    if (this.#isCollecting) slot.line.isDue = true;
    else this.#raiseLine(slot.line);
  }

  #raiseLine(rung: RungLine): void {
    rung.isDue = false;
    // Another slot may hold the line high: an agent that listens to edges would not hear of this one.
    rung.line.lower();
    rung.line.raise();
  }

  #lowerUnlessRung(line: RungLine | null): void {
    if (line === null) return;
    for (const slot of this.#slots) {
      if (slot.line === line && slot.isRung) return;
    }
    line.line.lower();
  }

  #showStatus(slot: SlotWords, value: number): void {
    const { words } = this.#window;
    for (const word of slot.status) Atomics.store(words, word, value);
    if (slot.combinedBit === 0) return;
    let bits = 0;
    for (const each of this.#slots) {
      if (each.isRung) bits |= each.combinedBit;
    }
    Atomics.store(words, slot.combined, bits);
  }
}
