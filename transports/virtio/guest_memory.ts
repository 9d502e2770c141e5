// Guest memory: the regions of a memory table mapped into this process, found by guest-physical address (buffers) or by
// the front-end's user address (rings), and copied from and to within their bounds. The only owner of views on mapped
// memory: once a region is unmapped a view of it would be a wild pointer. virtio 1.3, 2.7; vhost-user "Memory region".
// Addresses are numbers: a region that reaches beyond 2^53 is refused.

import type { MessageBuffer } from "../channel.ts";
import {
  errno,
  errnoText,
  F_GET_SEALS,
  F_SEAL_SHRINK,
  libc,
  MAP_NORESERVE,
  MAP_SHARED,
  mapMemory,
  mappingPageSize,
  PROT_READ,
  PROT_WRITE,
  S_IFMT,
  S_IFREG,
  statusOfDescriptor,
} from "../ffi/libc.ts";
import { guardMapping, type MappingGuard } from "../ffi/sigbus_guard.ts";

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

interface Region {
  readonly guestStart: number;
  readonly guestEnd: number;
  readonly userStart: number;
  readonly userEnd: number;
  /** Where the region begins in the mapping, whose own start is aligned to the pages of the file. */
  readonly padding: number;
  readonly view: DataView<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pointer: Deno.PointerObject;
  readonly mappedSize: number;
  /** null: the file is sealed against shrinking, no page can go away. */
  readonly guard: MappingGuard | null;
}

/** Copies up to this size go word by word: a call of `set` with its subarray costs as much as 60 words. */
const WORD_COPY_SIZE_MAX = 192;

const EMPTY = new DataView(new ArrayBuffer(0));

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
  const status = statusOfDescriptor(fd);
  if (status === null || (status.mode & S_IFMT) !== S_IFREG) return "its descriptor is no memory file";
  if (request.fileOffset + request.size > status.size) return "it reaches beyond the end of its file";
  const alignment = mappingPageSize(fd); // files of huge pages can be mapped in whole such pages only
  const padding = request.fileOffset % alignment;
  const mappedSize = Math.ceil((padding + request.size) / alignment) * alignment;
  const flags = MAP_SHARED | MAP_NORESERVE;
  const pointer = mapMemory(mappedSize, PROT_READ | PROT_WRITE, flags, fd, request.fileOffset - padding);
  if (pointer === null) return `it cannot be mapped: ${errnoText(errno())}`;
  let guard: MappingGuard | null = null;
  const seals = libc.fcntl(fd, F_GET_SEALS, 0);
  if (seals < 0 || (seals & F_SEAL_SHRINK) === 0) {
    guard = guardMapping(pointer, mappedSize, alignment);
    if (guard === null) {
      libc.munmap(pointer, BigInt(mappedSize));
      return "its file can shrink: use a memory file sealed against that (QEMU: memory-backend-memfd)";
    }
  }
  const buffer = Deno.UnsafePointerView.getArrayBuffer(pointer, padding + request.size);
  return {
    guestStart: request.guestAddress,
    guestEnd: request.guestAddress + request.size,
    userStart: request.userAddress,
    userEnd: request.userAddress + request.size,
    padding,
    view: new DataView(buffer),
    bytes: new Uint8Array(buffer),
    pointer,
    mappedSize,
    guard,
  };
}

function unmap(region: Region): void {
  region.guard?.release();
  libc.munmap(region.pointer, BigInt(region.mappedSize));
}

/** The memory of one guest. */
export class GuestMemory {
  #regions: readonly Region[] = [];
  #isGuarded = false;
  /** The region found last and what `locate` found there: buffers of one guest mostly lie in one region. */
  #last: Region | null = null;
  /** The view `locate` found, the offset of the address in it, and the bytes from there to the end of the region. */
  view: DataView = EMPTY;
  offset = 0;
  room = 0;

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
        for (const mapped of regions) unmap(mapped);
        return `region ${i}: ${region}`;
      }
      regions.push(region);
    }
    this.#forget();
    this.#regions = regions;
    this.#isGuarded = regions.some((region) => region.guard !== null);
    return null;
  }

  /** Unmaps everything. Whoever holds a view made from `areaAt` has to let go of it before. */
  close(): void {
    this.#forget();
  }

  /** Whether a page of the guest's memory turned out to be gone: its file was truncated. It reads as zeros then. */
  get isLost(): boolean {
    if (!this.#isGuarded) return false;
    for (const region of this.#regions) {
      if (region.guard !== null && region.guard.faultCount > 0) return true;
    }
    return false;
  }

  /** Finds the area of a ring by the front-end's user address; null when it is not wholly inside one region. */
  areaAt(userAddress: number, size: number): MemoryArea | null {
    for (const region of this.#regions) {
      if (userAddress >= region.userStart && userAddress + size <= region.userEnd) {
        return { buffer: region.view.buffer, offset: region.padding + (userAddress - region.userStart) };
      }
    }
    return null;
  }

  /** Finds a guest-physical address and sets `view`, `offset` and `room`. False when it is in no region. */
  locate(address: number): boolean {
    let region = this.#last;
    if (region === null || address < region.guestStart || address >= region.guestEnd) {
      region = this.#find(address);
      if (region === null) return false;
      this.#last = region;
      this.view = region.view;
    }
    this.offset = region.padding + (address - region.guestStart);
    this.room = region.guestEnd - address;
    return true;
  }

  /** Whether `size` bytes from a guest-physical address are all there; they may go on in an adjacent region. */
  contains(address: number, size: number): boolean {
    let at = address;
    const end = address + size;
    while (at < end) {
      if (!this.locate(at)) return false;
      at += this.room;
    }
    return true;
  }

  /** Copies from the guest to `into[at, at + size)`. False when a byte of it is not there; some may have been copied. */
  copyOut(address: number, size: number, into: MessageBuffer, at: number): boolean {
    while (size > 0) {
      if (!this.locate(address)) return false;
      const part = size < this.room ? size : this.room;
      if (part <= WORD_COPY_SIZE_MAX) copyWords(this.view, this.offset, into.view, at, part);
      else into.bytes.set(this.#lastBytes().subarray(this.offset, this.offset + part), at);
      address += part;
      at += part;
      size -= part;
    }
    return true;
  }

  /** Copies `from[at, at + size)` to the guest. False when a byte of it is not there; some may have been copied. */
  copyIn(from: MessageBuffer, at: number, size: number, address: number): boolean {
    while (size > 0) {
      if (!this.locate(address)) return false;
      const part = size < this.room ? size : this.room;
      if (part <= WORD_COPY_SIZE_MAX) copyWords(from.view, at, this.view, this.offset, part);
      else this.#lastBytes().set(from.bytes.subarray(at, at + part), this.offset);
      address += part;
      at += part;
      size -= part;
    }
    return true;
  }

  #lastBytes(): Uint8Array {
    return this.#last === null ? new Uint8Array(0) : this.#last.bytes;
  }

  #find(address: number): Region | null {
    for (const region of this.#regions) {
      if (address >= region.guestStart && address < region.guestEnd) return region;
    }
    return null;
  }

  #forget(): void {
    this.#last = null;
    this.view = EMPTY;
    this.offset = 0;
    this.room = 0;
    for (const region of this.#regions) unmap(region);
    this.#regions = [];
    this.#isGuarded = false;
  }
}

function copyWords(from: DataView, fromAt: number, to: DataView, toAt: number, size: number): void {
  const words = size & ~3;
  for (let i = 0; i < words; i += 4) to.setUint32(toAt + i, from.getUint32(fromAt + i, true), true);
  for (let i = words; i < size; i++) to.setUint8(toAt + i, from.getUint8(fromAt + i));
}
