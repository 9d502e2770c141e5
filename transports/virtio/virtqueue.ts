// The split virtqueue as a device sees it: takes chains from the available ring, gives used elements back, and says
// when the driver has to be called. Packed rings are not offered, so their layout is absent. virtio 1.3, 2.7.

import { assert } from "../../scp/core/assert.ts";
import { DESCRIPTOR_SIZE, type DescriptorChain } from "./descriptor_chain.ts";
import type { GuestMemory } from "./guest_memory.ts";

/** The largest queue size of a split ring. */
export const QUEUE_SIZE_MAX = 32768;

const AVAIL_FLAG_NO_INTERRUPT = 1;
const NO_WORDS = new Uint32Array(0);
const NO_HALVES = new Uint16Array(0);

/** Where the parts of a ring lie, in user addresses of the front-end. */
export interface RingAddresses {
  readonly descriptors: number;
  readonly available: number;
  readonly used: number;
}

/** What `next` found in the available ring. */
export const NEXT = {
  /** Nothing. */
  empty: 0,
  /** A chain: its segments stand in the `DescriptorChain`. */
  chain: 1,
  /** A chain that breaks a rule: it is to be given back with length 0. */
  badChain: 2,
  /** The available index is impossible: the ring cannot go on. */
  badRing: 3,
} as const;

/** One split ring. */
export class Virtqueue {
  #size = 0;
  /** The index of the next chain to take, modulo 2^16. */
  nextAvailable = 0;
  /** The head of the chain that `next` found. */
  head = 0;
  #addresses: RingAddresses | null = null;
  #hasEventIndex = false;
  #allowsIndirect = false;
  #descriptors: Uint32Array = NO_WORDS;
  /** Flags, index, heads, used_event: 16 bits each. */
  #available: Uint16Array = NO_HALVES;
  /** Flags, index, then elements of four halves each, avail_event. */
  #used: Uint16Array = NO_HALVES;
  /** The same memory in words: element i is at words 1 + 2i (head) and 2 + 2i (length). */
  #usedWords: Uint32Array = NO_WORDS;
  #mask = 0;
  #usedIndex = 0;
  #publishedIndex = 0;
  /** After a start the driver is called at the first occasion: what it wants is not known for sure. */
  #isFirstCall = true;
  /** Fetched entries of the available ring that are known to be there without looking at the index again. */
  #knownCount = 0;

  /** Number of descriptors, a power of two; 0 until it is told. */
  get size(): number {
    return this.#size;
  }

  /** Whether its memory is mapped. */
  get isMapped(): boolean {
    return this.#used.length > 0;
  }

  /** Chains that were taken and are not given back yet. */
  get inFlightCount(): number {
    return (this.nextAvailable - this.#usedIndex) & 0xffff;
  }

  /** Whether nothing was ever used in the ring's memory, as far as the element before the next one tells. */
  get isUnused(): boolean {
    const at = 1 + 2 * ((this.#usedIndex - 1) & this.#mask);
    return this.#usedWords[at] === 0 && this.#usedWords[at + 1] === 0;
  }

  /** Sets the number of descriptors; if it is another one, the ring has to be placed anew. */
  resize(size: number): void {
    assert(size > 0 && size <= QUEUE_SIZE_MAX && (size & (size - 1)) === 0, "a queue size is a power of two");
    if (size === this.#size) return;
    this.release();
    this.#addresses = null;
    this.#size = size;
  }

  /** Tells where the ring lies. Returns whether it is well aligned and wholly in `memory`. */
  place(addresses: RingAddresses, memory: GuestMemory): boolean {
    this.#addresses = null;
    this.release();
    const isAligned = addresses.descriptors % 16 === 0 && addresses.available % 2 === 0 &&
      addresses.used % 4 === 0;
    if (!isAligned || this.#size === 0) return false;
    this.#addresses = addresses;
    return this.map(memory);
  }

  /** Finds the ring's memory again, after a change of the memory table. Returns whether it is still there. */
  map(memory: GuestMemory): boolean {
    this.release();
    const addresses = this.#addresses;
    if (addresses === null) return false;
    const descriptors = memory.areaAt(addresses.descriptors, DESCRIPTOR_SIZE * this.#size);
    const available = memory.areaAt(addresses.available, 6 + 2 * this.#size);
    const used = memory.areaAt(addresses.used, 6 + 8 * this.#size);
    if (descriptors === null || available === null || used === null) return false;
    // A region may begin at an odd place: then aligned user addresses are not aligned here.
    if (descriptors.offset % 4 !== 0 || available.offset % 2 !== 0 || used.offset % 4 !== 0) return false;
    this.#descriptors = new Uint32Array(descriptors.buffer, descriptors.offset, 4 * this.#size);
    this.#available = new Uint16Array(available.buffer, available.offset, 3 + this.#size);
    this.#used = new Uint16Array(used.buffer, used.offset, 3 + 4 * this.#size);
    this.#usedWords = new Uint32Array(used.buffer, used.offset, 1 + 2 * this.#size);
    this.#mask = this.#size - 1;
    return true;
  }

  /** Lets go of the ring's memory: has to be called before it is unmapped. */
  release(): void {
    this.#descriptors = NO_WORDS;
    this.#available = NO_HALVES;
    this.#used = NO_HALVES;
    this.#usedWords = NO_WORDS;
    this.#knownCount = 0;
  }

  /** Forgets where the ring lies, too. */
  reset(): void {
    this.release();
    this.#addresses = null;
    this.#size = 0;
    this.nextAvailable = 0;
  }

  /** Begins anew with the features of this start. The used index is the one the driver's memory has. */
  start(hasEventIndex: boolean, allowsIndirect: boolean): void {
    assert(this.isMapped, "a ring starts with its memory mapped");
    this.#hasEventIndex = hasEventIndex;
    this.#allowsIndirect = allowsIndirect;
    this.#usedIndex = Atomics.load(this.#used, 1);
    this.#publishedIndex = this.#usedIndex;
    this.#isFirstCall = true;
    this.#knownCount = 0;
    this.#used[0] = 0; // the driver may kick whenever it wants
  }

  /** Takes the next chain. See `NEXT`; of a chain, good or bad, `head` is to be given back with `complete`. */
  next(memory: GuestMemory, chain: DescriptorChain): number {
    if (this.#knownCount === 0) {
      const pending = (Atomics.load(this.#available, 1) - this.nextAvailable) & 0xffff;
      if (pending === 0) return NEXT.empty;
      if (pending > this.#size) return NEXT.badRing;
      this.#knownCount = pending;
    }
    this.#knownCount--;
    this.head = this.#available[2 + (this.nextAvailable & this.#mask)] ?? 0;
    this.nextAvailable = (this.nextAvailable + 1) & 0xffff;
    return chain.walk(memory, this.#descriptors, this.#size, this.head, this.#allowsIndirect)
      ? NEXT.chain
      : NEXT.badChain;
  }

  /** Leaves the chain that `next` returned where it was. */
  putBack(): void {
    this.nextAvailable = (this.nextAvailable - 1) & 0xffff;
    this.#knownCount++;
  }

  /** Gives a chain back with so many bytes written. The driver sees it after `publish`. */
  complete(head: number, writtenSize: number): void {
    const at = 1 + 2 * (this.#usedIndex & this.#mask);
    this.#usedWords[at] = head;
    this.#usedWords[at + 1] = writtenSize;
    this.#usedIndex = (this.#usedIndex + 1) & 0xffff;
  }

  /** Shows the driver what was completed. Returns whether it wants to be called for that. */
  publish(): boolean {
    const before = this.#publishedIndex;
    const after = this.#usedIndex;
    if (before === after) return false;
    // A sequentially consistent store: elements are visible before it, and the wish below is read after it.
    Atomics.store(this.#used, 1, after);
    this.#publishedIndex = after;
    if (this.#isFirstCall) {
      this.#isFirstCall = false;
      return true;
    }
    if (!this.#hasEventIndex) return (Atomics.load(this.#available, 0) & AVAIL_FLAG_NO_INTERRUPT) === 0;
    const usedEvent = Atomics.load(this.#available, 2 + this.#size);
    return ((after - usedEvent - 1) & 0xffff) < ((after - before) & 0xffff);
  }

  /** The used index that the driver sees. */
  get publishedIndex(): number {
    return this.#publishedIndex;
  }

  /**
   * Tells whether the driver has taken what was used up to an index, as far as it tells: it asks to be called for what comes
   * behind that. One without the event index tells nothing, and counts as having taken it.
   */
  hasTaken(index: number): boolean {
    if (!this.#hasEventIndex || !this.isMapped) return true;
    const usedEvent = Atomics.load(this.#available, 2 + this.#size);
    return ((usedEvent - index) & 0xffff) < 0x8000;
  }

  /**
   * Asks for a kick at the next chain, then looks again. Returns whether there is one already: then the kick may never
   * come, and the ring has to be served on.
   */
  askForKick(): boolean {
    // Without the event index the driver kicks for every chain as long as the used flags are 0.
    if (!this.#hasEventIndex) return this.#isPending();
    Atomics.store(this.#used, 2 + 4 * this.#size, this.nextAvailable);
    return this.#isPending();
  }

  #isPending(): boolean {
    return Atomics.load(this.#available, 1) !== this.nextAvailable;
  }
}
