// Guest memory: the regions of a memory table mapped into this process, found by guest-physical address (buffers) or by
// the front-end's user address (rings), and copied from and to within their bounds. The only owner of views on mapped
// memory: once a region is unmapped a view of it would be a wild pointer. virtio 1.3, 2.7; vhost-user "Memory region".
// Addresses are numbers: a region that reaches beyond 2^53 is refused.

import type { MessageBuffer } from "../channel.ts";
import { type FileMapping, mapFilePart, unmapFilePart } from "../memory/file_mapping.ts";

/** The most regions of one table. */
export const REGION_COUNT_MAX = 8;

/** One region as the front-end describes it; all four are non-negative integers. */
export interface RegionRequest {
  readonly guestAddress: number;
  readonly size: number;
  readonly userAddress: number;
  readonly fileOffset: number;
}

/** A piece of one mapping: where a ring lies. Not to be kept beyond the next change of the table. */
export interface MemoryArea {
  readonly buffer: ArrayBuffer;
  readonly offset: number;
}

/** One mapped region. */
export interface Region {
  readonly guestStart: number;
  readonly guestEnd: number;
  readonly userStart: number;
  readonly userEnd: number;
  /** Offset in the mapping minus guest-physical address: the mapping begins at a page of the file. */
  readonly bias: number;
  readonly view: DataView<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mapping: FileMapping;
}

/** Copies up to this size go word by word: a call of `set` with its subarray costs as much as 60 words. */
const WORD_COPY_SIZE_MAX = 192;
/** And up to this offset in the mapping: below, the engine computes with 32-bit integers, twice as fast as with doubles. */
const WORD_COPY_OFFSET_MAX = 0x7fff_0000;

/** Checks a table before anything is mapped. Returns null, or what is wrong. */
function tableError(requests: readonly RegionRequest[]): string | null {
  if (requests.length > REGION_COUNT_MAX) return `${requests.length} regions, at most ${REGION_COUNT_MAX}`;
  for (const [i, region] of requests.entries()) {
    const { guestAddress, size, userAddress, fileOffset } = region;
    if (size === 0) return `region ${i} is empty`;
    for (const start of [guestAddress, userAddress, fileOffset]) {
      if (!Number.isSafeInteger(start + size)) return `region ${i} reaches beyond 2^53`;
    }
    for (const [k, other] of requests.slice(0, i).entries()) {
      if (guestAddress < other.guestAddress + other.size && other.guestAddress < guestAddress + size) {
        return `regions ${k} and ${i} overlap`;
      }
    }
  }
  return null;
}

function mapRegion(request: RegionRequest, fd: number): Region | string {
  const mapping = mapFilePart(fd, request.fileOffset, request.size);
  if (typeof mapping === "string") return mapping;
  return {
    guestStart: request.guestAddress,
    guestEnd: request.guestAddress + request.size,
    userStart: request.userAddress,
    userEnd: request.userAddress + request.size,
    bias: mapping.padding - request.guestAddress,
    view: new DataView(mapping.buffer),
    bytes: new Uint8Array(mapping.buffer),
    mapping,
  };
}

/** The memory of one guest. */
export class GuestMemory {
  #regions: readonly Region[] = [];
  /** The region found last: buffers of one guest mostly lie in one region. */
  #last: Region | null = null;

  /**
   * Replaces the table. New regions are mapped before old ones go; on failure the old ones stay. Takes no descriptor:
   * the caller closes `fds`, one for each region. Returns null, or what is wrong with the request.
   */
  replace(requests: readonly RegionRequest[], fds: readonly number[]): string | null {
    const error = tableError(requests);
    if (error !== null) return error;
    const regions: Region[] = [];
    for (const [i, request] of requests.entries()) {
      const region = mapRegion(request, fds[i] ?? -1);
      if (typeof region === "string") {
        for (const { mapping } of regions) unmapFilePart(mapping);
        return `region ${i}: ${region}`;
      }
      regions.push(region);
    }
    this.#forget();
    this.#regions = regions;
    return null;
  }

  /** Unmaps everything. Whoever holds a view made from `areaAt` has to let go of it before. */
  close(): void {
    this.#forget();
  }

  /** Whether a page of the guest's memory turned out to be gone: its file was truncated. It reads as zeros then. */
  get isLost(): boolean {
    for (const { mapping: { guard } } of this.#regions) {
      if (guard !== null && guard.faultCount > 0) return true;
    }
    return false;
  }

  /** Finds the area of a ring by the front-end's user address; null when it is not wholly inside one region. */
  areaAt(userAddress: number, size: number): MemoryArea | null {
    for (const region of this.#regions) {
      if (userAddress >= region.userStart && userAddress + size <= region.userEnd) {
        return {
          buffer: region.view.buffer,
          offset: region.guestStart + region.bias + (userAddress - region.userStart),
        };
      }
    }
    return null;
  }

  /** Returns the region of a guest-physical address; null when it is in none. Not to be kept beyond the turn. */
  regionAt(address: number): Region | null {
    const last = this.#last;
    if (last !== null && address >= last.guestStart && address < last.guestEnd) return last;
    for (const region of this.#regions) {
      if (address >= region.guestStart && address < region.guestEnd) return this.#last = region;
    }
    return null;
  }

  /** Whether `size` bytes from a guest-physical address are all there; they may go on in an adjacent region. */
  contains(address: number, size: number): boolean {
    const end = address + size;
    for (let at = address; at < end;) {
      const region = this.regionAt(at);
      if (region === null) return false;
      at = region.guestEnd;
    }
    return true;
  }

  /** Copies from the guest to `into[at, at + size)`. False when a byte of it is not there; some may have been copied. */
  copyOut(address: number, size: number, into: MessageBuffer, at: number): boolean {
    while (size > 0) {
      const region = this.regionAt(address);
      if (region === null) return false;
      const part = Math.min(size, region.guestEnd - address);
      copyFromRegion(region, address + region.bias, part, into, at);
      address += part;
      at += part;
      size -= part;
    }
    return true;
  }

  /** Copies `from[at, at + size)` to the guest. False when a byte of it is not there; some may have been copied. */
  copyIn(from: MessageBuffer, at: number, size: number, address: number): boolean {
    while (size > 0) {
      const region = this.regionAt(address);
      if (region === null) return false;
      const part = Math.min(size, region.guestEnd - address);
      copyToRegion(from, at, part, region, address + region.bias);
      address += part;
      at += part;
      size -= part;
    }
    return true;
  }

  #forget(): void {
    this.#last = null;
    for (const { mapping } of this.#regions) unmapFilePart(mapping);
    this.#regions = [];
  }
}

/** Copies from `offset` in the mapping of a region; all of it has to be inside. */
export function copyFromRegion(
  region: Region,
  offset: number,
  size: number,
  into: MessageBuffer,
  at: number,
): void {
  if (size <= WORD_COPY_SIZE_MAX && offset <= WORD_COPY_OFFSET_MAX) {
    copyWords(region.view, offset | 0, into.view, at | 0, size | 0);
  } else into.bytes.set(region.bytes.subarray(offset, offset + size), at);
}

/** Copies to `offset` in the mapping of a region; all of it has to be inside. */
export function copyToRegion(
  from: MessageBuffer,
  at: number,
  size: number,
  region: Region,
  offset: number,
): void {
  if (size <= WORD_COPY_SIZE_MAX && offset <= WORD_COPY_OFFSET_MAX) {
    copyWords(from.view, at | 0, region.view, offset | 0, size | 0);
  } else region.bytes.set(from.bytes.subarray(at, at + size), offset);
}

function copyWords(from: DataView, fromAt: number, to: DataView, toAt: number, size: number): void {
  const words = size & ~3;
  for (let i = 0; i < words; i += 4) to.setUint32(toAt + i, from.getUint32(fromAt + i, true), true);
  for (let i = words; i < size; i++) to.setUint8(toAt + i, from.getUint8(fromAt + i));
}
