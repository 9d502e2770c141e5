// The driver's side of a split virtqueue, over the memory of a test guest: writes descriptors, offers chains, takes
// used elements, kicks as the device asks for. What it writes is not checked: a test may write nonsense. virtio 1.3, 2.7.

import { assert } from "@std/assert";
import { EFD_CLOEXEC, EFD_NONBLOCK, libc } from "../../transports/ffi/libc.ts";
import { type DriverMemory, RING_REGION } from "./virtio_driver_memory.ts";

/** Flags of a descriptor. */
export const NEXT_FLAG = 1;
export const WRITE_FLAG = 2;
export const INDIRECT_FLAG = 4;

/** One descriptor. */
export interface Descriptor {
  readonly address: number | bigint;
  readonly size: number;
  readonly flags?: number;
  readonly next?: number;
}

/** An element of the used ring. */
export interface UsedElement {
  readonly head: number;
  readonly size: number;
}

/** Each queue has this much room for its parts; the used ring has a page of its own, as Linux lays it out. */
const QUEUE_STRIDE = 0x1_0000;
const AVAILABLE_AT = 0x4000;
const USED_AT = 0x8000;
const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);
const COUNT = new Uint8Array(8);

/** One queue of a test driver. */
export class DriverQueue {
  readonly size: number;
  /** Guest-physical addresses of the parts. */
  readonly descriptorsAddress: number;
  readonly availableAddress: number;
  readonly usedAddress: number;
  readonly kickFd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  readonly callFd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  /** Free-running indices: chains offered so far, chains shown to the device, used elements taken. */
  availableIndex = 0;
  shownIndex = 0;
  usedIndex = 0;
  kickCount = 0;
  hasEventIndex = true;
  readonly #view: DataView;
  readonly #descriptors: number;
  readonly #available: number;
  readonly #used: number;
  readonly #halves: Uint16Array;

  constructor(memory: DriverMemory, index: number, size: number) {
    this.size = size;
    this.descriptorsAddress = RING_REGION + index * QUEUE_STRIDE;
    this.availableAddress = this.descriptorsAddress + AVAILABLE_AT;
    this.usedAddress = this.descriptorsAddress + USED_AT;
    this.#view = memory.view;
    this.#halves = new Uint16Array(memory.bytes.buffer);
    this.#descriptors = memory.at(this.descriptorsAddress);
    this.#available = memory.at(this.availableAddress);
    this.#used = memory.at(this.usedAddress);
    this.clear();
  }

  /** Begins anew, as a driver after a reset: empty rings, all indices 0. */
  clear(): void {
    for (let at = 0; at < 6 + 2 * this.size; at += 2) this.#view.setUint16(this.#available + at, 0, true);
    for (let at = 0; at < 6 + 8 * this.size; at += 2) this.#view.setUint16(this.#used + at, 0, true);
    this.availableIndex = 0;
    this.shownIndex = 0;
    this.usedIndex = 0;
  }

  /** Writes one descriptor of the table. */
  describe(index: number, descriptor: Descriptor): void {
    writeDescriptor(this.#view, this.#descriptors + 16 * index, descriptor);
  }

  /** Writes descriptors from `index` on, each linked to the one behind it. */
  describeChain(index: number, descriptors: readonly Descriptor[]): void {
    descriptors.forEach((descriptor, i) => {
      const isLast = i === descriptors.length - 1;
      const flags = (descriptor.flags ?? 0) | (isLast ? 0 : NEXT_FLAG);
      this.describe(index + i, { ...descriptor, flags, next: descriptor.next ?? index + i + 1 });
    });
  }

  /** Puts a head into the available ring; the device sees it after `show`. */
  offer(head: number): void {
    this.#view.setUint16(this.#available + 4 + 2 * (this.availableIndex % this.size), head, true);
    this.availableIndex = (this.availableIndex + 1) & 0xffff;
  }

  /** Shows the device what was offered. Returns whether it wants a kick for that. */
  show(): boolean {
    const before = this.shownIndex;
    const after = this.availableIndex;
    Atomics.store(this.#halves, (this.#available + 2) / 2, after);
    this.shownIndex = after;
    if (!this.hasEventIndex) return (Atomics.load(this.#halves, this.#used / 2) & 1) === 0;
    const event = Atomics.load(this.#halves, (this.#used + 4 + 8 * this.size) / 2);
    return ((after - event - 1) & 0xffff) < ((after - before) & 0xffff);
  }

  /** Shows the device what was offered, and kicks if it wants to be. */
  submit(): void {
    if (this.show()) this.kick();
  }

  kick(): void {
    this.kickCount++;
    libc.write(this.kickFd, ONE, 8);
  }

  /** Writes any available index. */
  forceAvailableIndex(index: number): void {
    this.availableIndex = index & 0xffff;
    this.shownIndex = this.availableIndex;
    Atomics.store(this.#halves, (this.#available + 2) / 2, this.availableIndex);
  }

  /** Writes any used index, as if so much had been used before. */
  forceUsedIndex(index: number): void {
    this.usedIndex = index & 0xffff;
    Atomics.store(this.#halves, (this.#used + 2) / 2, this.usedIndex);
  }

  /** The used index as the device left it. */
  get deviceUsedIndex(): number {
    return Atomics.load(this.#halves, (this.#used + 2) / 2);
  }

  /** How many used elements were not taken yet. */
  get usedCount(): number {
    return (this.deviceUsedIndex - this.usedIndex) & 0xffff;
  }

  /** Takes the next used element; null when there is none. */
  take(): UsedElement | null {
    if (this.usedCount === 0) return null;
    const at = this.#used + 4 + 8 * (this.usedIndex % this.size);
    this.usedIndex = (this.usedIndex + 1) & 0xffff;
    return { head: this.#view.getUint32(at, true), size: this.#view.getUint32(at + 4, true) };
  }

  /** Takes the next used element without looking at it, for loops that are measured. */
  skip(): void {
    this.usedIndex = (this.usedIndex + 1) & 0xffff;
  }

  /** Asks for a call when `count` more elements are used, then looks again. Returns whether they are already. */
  askForCall(count = 1): boolean {
    if (this.hasEventIndex) this.setUsedEvent(this.usedIndex + count - 1);
    return this.usedCount >= count;
  }

  /** Writes any used_event. */
  setUsedEvent(index: number): void {
    Atomics.store(this.#halves, (this.#available + 4 + 2 * this.size) / 2, index & 0xffff);
  }

  /** Writes the flags of the available ring: 1 = no calls, without the event index. */
  setAvailableFlags(flags: number): void {
    Atomics.store(this.#halves, this.#available / 2, flags);
  }

  /** How often the driver was called since it was last asked. */
  takeCalls(): number {
    return libc.read(this.callFd, COUNT, 8) === 8 ? new DataView(COUNT.buffer).getUint32(0, true) : 0;
  }

  close(): void {
    assert(libc.close(this.kickFd) === 0 && libc.close(this.callFd) === 0);
  }
}

/** Writes a descriptor anywhere, for instance into an indirect table. */
export function writeDescriptor(view: DataView, at: number, descriptor: Descriptor): void {
  view.setBigUint64(at, BigInt(descriptor.address), true);
  view.setUint32(at + 8, descriptor.size, true);
  view.setUint16(at + 12, descriptor.flags ?? 0, true);
  view.setUint16(at + 14, descriptor.next ?? 0, true);
}
