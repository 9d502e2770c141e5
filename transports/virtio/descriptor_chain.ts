// The bounded walk over one descriptor chain, direct or indirect. Each descriptor is read once into locals, judged, and
// kept as a segment; the guest may change the table meanwhile without effect. virtio 1.3, 2.7.5.

import { assert } from "../../scp/core/assert.ts";
import { createMessageBuffer, type MessageBuffer } from "../channel.ts";
import { copyFromRegion, copyToRegion, type GuestMemory, type Region } from "./guest_memory.ts";

/** Bytes of one descriptor: address, length, flags, next. */
export const DESCRIPTOR_SIZE = 16;
/** The most segments of one chain, and the most entries of an indirect table. */
export const SEGMENT_COUNT_MAX = 1024;

const FLAG_NEXT = 1;
const FLAG_WRITE = 2;
const FLAG_INDIRECT = 4;

/** One chain: what the driver lets the device read, then what it lets it write. Filled anew by each walk. */
export class DescriptorChain {
  /** Total bytes of the readable and of the writable part. */
  readableSize = 0;
  writableSize = 0;
  /** Segments that are not empty: `[0, readableCount)` are readable, `[readableCount, segmentCount)` writable. */
  readableCount = 0;
  segmentCount = 0;
  /** The region a segment lies in, and its offset there; null and its address if it goes on in another. */
  readonly #regions: (Region | null)[] = new Array<Region | null>(SEGMENT_COUNT_MAX).fill(null);
  readonly #offsets = new Float64Array(SEGMENT_COUNT_MAX);
  readonly #sizes = new Float64Array(SEGMENT_COUNT_MAX);
  /** Descriptors the last walk looked at: the measure of its work. */
  visitedCount = 0;
  /** What the last walk that failed found wrong. */
  fault = "";
  readonly #scratch = createMessageBuffer(DESCRIPTOR_SIZE);

  /**
   * Walks the chain that begins at `head` of the table `descriptors` (four words each, `size` of them). False when it
   * breaks a rule or has a byte outside of the guest's memory, see `fault`; then its segments mean nothing.
   */
  walk(
    memory: GuestMemory,
    descriptors: Uint32Array,
    size: number,
    head: number,
    allowsIndirect: boolean,
  ): boolean {
    this.readableSize = 0;
    this.writableSize = 0;
    this.readableCount = 0;
    this.segmentCount = 0;
    this.visitedCount = 0;
    let index = head;
    for (let count = 0; count < size; count++) {
      if (index >= size) return this.#fail(`descriptor ${index} is outside the table`);
      this.visitedCount++;
      const at = index * 4;
      const addressLow = descriptors[at] ?? 0;
      const addressHigh = descriptors[at + 1] ?? 0;
      const length = descriptors[at + 2] ?? 0;
      const flagsAndNext = descriptors[at + 3] ?? 0;
      if ((flagsAndNext & FLAG_INDIRECT) !== 0) {
        if (!allowsIndirect) return this.#fail("indirect descriptors were not negotiated");
        if ((flagsAndNext & FLAG_NEXT) !== 0) return this.#fail("an indirect descriptor has a next one");
        return this.#walkTable(memory, addressLow, addressHigh, length);
      }
      if (!this.#add(memory, addressLow, addressHigh, length, flagsAndNext)) return false;
      if ((flagsAndNext & FLAG_NEXT) === 0) return true;
      index = flagsAndNext >>> 16;
    }
    return this.#fail("its descriptors form a loop"); // more than the table has
  }

  #walkTable(memory: GuestMemory, addressLow: number, addressHigh: number, length: number): boolean {
    const size = length / DESCRIPTOR_SIZE;
    if (length === 0 || length % DESCRIPTOR_SIZE !== 0 || size > SEGMENT_COUNT_MAX) {
      return this.#fail(`an indirect table has ${length} bytes`);
    }
    const table = addressHigh * 2 ** 32 + addressLow;
    if (!memory.contains(table, length)) return this.#fail("an indirect table is outside of memory");
    let index = 0;
    for (let count = 0; count < size; count++) {
      if (index >= size) return this.#fail(`descriptor ${index} is outside the indirect table`);
      this.visitedCount++;
      const address = table + index * DESCRIPTOR_SIZE;
      const region = memory.regionAt(address);
      assert(region !== null, "the whole table is in memory");
      let view: DataView = region.view;
      let at = address + region.bias;
      if (address + DESCRIPTOR_SIZE > region.guestEnd) { // this one goes on in the next region
        memory.copyOut(address, DESCRIPTOR_SIZE, this.#scratch, 0);
        view = this.#scratch.view;
        at = 0;
      }
      const flagsAndNext = view.getUint32(at + 12, true);
      if ((flagsAndNext & FLAG_INDIRECT) !== 0) return this.#fail("an indirect table holds another");
      const low = view.getUint32(at, true);
      const high = view.getUint32(at + 4, true);
      if (!this.#add(memory, low, high, view.getUint32(at + 8, true), flagsAndNext)) return false;
      if ((flagsAndNext & FLAG_NEXT) === 0) return true;
      index = flagsAndNext >>> 16;
    }
    return this.#fail("its indirect descriptors form a loop");
  }

  #add(
    memory: GuestMemory,
    addressLow: number,
    addressHigh: number,
    length: number,
    flags: number,
  ): boolean {
    const isWritable = (flags & FLAG_WRITE) !== 0;
    if (!isWritable && this.segmentCount > this.readableCount) {
      return this.#fail("a readable descriptor follows a writable one");
    }
    if (length === 0) return true;
    if (this.segmentCount === SEGMENT_COUNT_MAX) return this.#fail("it has too many descriptors");
    // Not exact from 2^53 on, but nothing is mapped there.
    const address = addressHigh * 2 ** 32 + addressLow;
    const region = memory.regionAt(address);
    if (region === null) return this.#fail("a buffer is outside of memory");
    const index = this.segmentCount++;
    this.#sizes[index] = length;
    if (address + length <= region.guestEnd) {
      this.#regions[index] = region;
      this.#offsets[index] = address + region.bias;
    } else {
      if (!memory.contains(address, length)) return this.#fail("a buffer reaches outside of memory");
      this.#regions[index] = null;
      this.#offsets[index] = address;
    }
    if (isWritable) this.writableSize += length;
    else {
      this.readableSize += length;
      this.readableCount++;
    }
    return true;
  }

  /** Guest-physical address of the first byte of the writable part; there has to be one. */
  get writableAddress(): number {
    assert(this.segmentCount > this.readableCount, "there is a writable part");
    const region = this.#regions[this.readableCount] ?? null;
    return (this.#offsets[this.readableCount] ?? 0) - (region === null ? 0 : region.bias);
  }

  /** Copies the first `size` bytes of the readable part. To be called in the turn of the walk. */
  gather(memory: GuestMemory, into: MessageBuffer, size: number): void {
    let at = 0;
    for (let i = 0; at < size; i++) {
      const part = Math.min(this.#sizes[i] ?? 0, size - at);
      const region = this.#regions[i] ?? null;
      const offset = this.#offsets[i] ?? 0;
      if (region !== null) copyFromRegion(region, offset, part, into, at);
      else assert(memory.copyOut(offset, part, into, at), "the walk has checked the segment");
      at += part;
    }
  }

  /** Copies `from[0, size)` to the beginning of the writable part. To be called in the turn of the walk. */
  scatter(memory: GuestMemory, from: MessageBuffer, size: number): void {
    let at = 0;
    for (let i = this.readableCount; at < size; i++) {
      const part = Math.min(this.#sizes[i] ?? 0, size - at);
      const region = this.#regions[i] ?? null;
      const offset = this.#offsets[i] ?? 0;
      if (region !== null) copyToRegion(from, at, part, region, offset);
      else assert(memory.copyIn(from, at, part, offset), "the walk has checked the segment");
      at += part;
    }
  }

  #fail(fault: string): false {
    this.fault = fault;
    return false;
  }
}
