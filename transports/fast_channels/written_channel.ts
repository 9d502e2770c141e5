// One FastChannel that an agent writes, as the platform looks at it: is there something new, is it whole, may it count yet?
// Two words are written one after the other, so that any look may find the first of a new pair with the second of an old
// one: a pair counts when it stays what it is for a while. transports.md 1.6.
import type { Timer } from "../../scp/core/timeline.ts";
import type { FastChannelPort } from "../channel.ts";
import { CELL_SIZE, type SlotPlace } from "./layout.ts";

/** What stands in a word that no agent has written yet. */
export const UNWRITTEN = 0xffff_ffff;

/** How long a pair without a doorbell has to stay what it is, virtual us: a host may hold an agent up between two stores. */
export const SETTLE_US = 10_000;
/** So many looks do where virtual time stands still. */
export const SETTLE_LOOKS = 64;

/** How long a write whose time has come waits at once for an agent that is held, virtual us. */
const HELD_US = 1_000;

const WORD_SIZE = 4;
const WORDS_MAX = CELL_SIZE / WORD_SIZE;

/** A FastChannel that is written. */
export class WrittenChannel {
  readonly slot: SlotPlace;
  /** Whether it stands in the list of those that are to be looked at. */
  isListed = false;
  readonly #memory: Int32Array;
  readonly #port: FastChannelPort;
  readonly #rateLimitUs: number;
  readonly #isLost: () => boolean;
  readonly #wordCount: number;
  readonly #firstWord: number;
  readonly #now = new Uint32Array(WORDS_MAX);
  /** What the last write that counted was; a copy, as the port takes it. */
  readonly #seen: Uint32Array;
  /** A pair on trial, since when and over how many looks. */
  readonly #trial = new Uint32Array(WORDS_MAX);
  #trialLooks = 0;
  #trialUs = 0;
  #isRung = false;
  /** Virtual time before which no write counts. */
  #freeUs = 0;
  #timer: Timer | null = null;

  /** `isLost` tells that memory is gone, and reads as zeros. */
  constructor(
    slot: SlotPlace,
    memory: Int32Array,
    port: FastChannelPort,
    rateLimitUs: number,
    isLost: () => boolean,
  ) {
    this.slot = slot;
    this.#memory = memory;
    this.#port = port;
    this.#rateLimitUs = rateLimitUs;
    this.#isLost = isLost;
    this.#wordCount = slot.plan.size / WORD_SIZE;
    this.#firstWord = slot.offset / WORD_SIZE;
    this.#seen = new Uint32Array(this.#wordCount);
  }

  /** Forgets what was written. */
  reset(): void {
    this.close();
    this.#isRung = false;
    this.#trialLooks = 0;
    this.#freeUs = 0;
    this.#seen.fill(UNWRITTEN);
    for (let i = 0; i < this.#wordCount; i++) Atomics.store(this.#memory, this.#firstWord + i, -1);
  }

  /** Gives up what is still to count. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Hears the doorbell: what is there counts, even if it was there before. */
  ring(): void {
    this.#isRung = true;
  }

  /** Whether there is nothing to look for until it is rung for or a word of it changes. */
  get isAtRest(): boolean {
    return !this.#isRung && this.#trialLooks === 0;
  }

  /** Looks once. Returns whether the next look is urgent, as the agent has just been here. */
  look(): boolean {
    if (this.slot.doorbell !== null && !this.#isRung) return false;
    this.#load();
    if (!this.#isRung && isSame(this.#now, this.#seen)) {
      this.#trialLooks = 0;
      return false;
    }
    if (this.#wordCount === 1) return this.#take();
    // The other half of the first pair is still to come.
    for (let i = 0; i < this.#wordCount; i++) {
      if (this.#now[i] !== UNWRITTEN) continue;
      this.#trialLooks = 0;
      return false;
    }
    return this.#hasSettled() ? this.#take() : this.#isRung;
  }

  #load(): void {
    for (let i = 0; i < this.#wordCount; i++) this.#now[i] = Atomics.load(this.#memory, this.#firstWord + i);
  }

  /** Whether a pair has been what it is for long enough. */
  #hasSettled(): boolean {
    const nowUs = this.#port.nowUs();
    if (this.#trialLooks === 0 || !isSame(this.#now, this.#trial)) {
      this.#trial.set(this.#now);
      this.#trialLooks = 1;
      this.#trialUs = nowUs;
      return false;
    }
    // Who rings has written both, unless another pair follows at once: two looks tell.
    if (this.#isRung) return true;
    this.#trialLooks++;
    const passedUs = nowUs - this.#trialUs;
    return passedUs >= SETTLE_US || (passedUs === 0 && this.#trialLooks >= SETTLE_LOOKS);
  }

  /** Lets what was found count, now or when the rate allows. Returns whether that was now. */
  #take(): boolean {
    if (this.#timer !== null || this.#isLost()) return false;
    if (this.#port.nowUs() < this.#freeUs) {
      this.#wakeAt(this.#freeUs);
      return false;
    }
    this.#apply();
    return true;
  }

  #wakeAt(timeUs: number): void {
    this.#timer = this.#port.at(timeUs, () => {
      this.#timer = null;
      if (this.#port.isHeld) this.#wakeAt(timeUs + HELD_US);
      else this.look();
    });
  }

  #apply(): void {
    this.#seen.set(this.#now.subarray(0, this.#wordCount));
    this.#isRung = false;
    this.#trialLooks = 0;
    this.#freeUs = this.#port.nowUs() + this.#rateLimitUs;
    this.#port.write(this.slot.place, this.#seen);
  }
}

/** Whether the first words of one are those of the other. */
function isSame(words: Uint32Array, others: Uint32Array): boolean {
  for (let i = 0; i < others.length; i++) if (words[i] !== others[i]) return false;
  return true;
}
