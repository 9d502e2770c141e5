// A file whose bytes several programs share as memory: a guest's RAM, or a file made for an agent of this host. Parts of it
// are seen through windows. The file may be truncated by others at any time: lost pages then read as zeros, and the file
// says so. Leaves out: what stands in a window.
import {
  cString,
  ERRNO,
  errno,
  errnoText,
  libc,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_RDWR,
  S_IFMT,
  S_IFREG,
  statusOfDescriptor,
  statusOfPath,
} from "../ffi/libc.ts";
import { type FileMapping, mapFilePart, unmapFilePart } from "./file_mapping.ts";

/** A place in a file, in bytes. */
export interface MemoryPlace {
  readonly offset: number;
  readonly size: number;
}

/** A part of a memory file, seen in three ways. Not to be touched once its file is closed. */
export interface MemoryWindow extends MemoryPlace {
  /** Its whole words, in the order of the host's bytes, for Atomics. */
  readonly words: Int32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
}

/** Names and places of parts that each want to be alone. */
export interface NamedPlace extends MemoryPlace {
  readonly name: string;
}

/** An open memory file. */
export class MemoryFile {
  readonly #fd: number;
  readonly #inode: bigint;
  readonly #mappings: FileMapping[] = [];
  #isOpen = true;

  constructor(
    fd: number,
    readonly path: string,
    /** Bytes it had when it was opened. */
    readonly size: number,
    /** Whether opening it made it. */
    readonly isCreated: boolean,
  ) {
    this.#fd = fd;
    this.#inode = statusOfDescriptor(fd)?.inode ?? -1n;
  }

  /** Whether a page of a window turned out to be gone: the file was truncated, and what is written there is lost. */
  get isTruncated(): boolean {
    for (const { guard } of this.#mappings) {
      if (guard !== null && guard.faultCount > 0) return true;
    }
    return false;
  }

  /** Maps `size` bytes from `offset`. An error is one line with the path and the place. */
  window(offset: number, size: number): MemoryWindow | { error: string } {
    const windows = this.windows([{ offset, size }]);
    return "error" in windows ? windows : windows[0]!;
  }

  /** Maps several places, at least one, in one go. An error is one line with the path, and the first place that cannot be. */
  windows(places: readonly (MemoryPlace & { readonly name?: string })[]): MemoryWindow[] | { error: string } {
    const fileSize = statusOfDescriptor(this.#fd)?.size ?? 0;
    for (const place of places) {
      const error = placeError(place) ?? (place.offset + place.size > fileSize ? BEYOND_END : null);
      if (error !== null) return { error: this.#cannotUse(place, error, place.name) };
    }
    // What lies between them costs addresses, and nothing else.
    const begin = Math.min(...places.map(({ offset }) => offset));
    const size = Math.max(...places.map((place) => place.offset + place.size)) - begin;
    const mapping = mapFilePart(this.#fd, begin, size);
    if (typeof mapping === "string") return { error: this.#cannotUse({ offset: begin, size }, mapping) };
    this.#mappings.push(mapping);
    return places.map(({ offset, size }) => {
      const at = mapping.padding + offset - begin;
      return {
        offset,
        size,
        words: new Int32Array(mapping.buffer, at, size >>> 2),
        bytes: new Uint8Array(mapping.buffer, at, size),
        view: new DataView(mapping.buffer, at, size),
      };
    });
  }

  /** Unmaps all windows, whose views nobody may touch any more, and removes the file if opening had made it. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const mapping of this.#mappings) unmapFilePart(mapping);
    // Somebody may have put another file at its place.
    if (this.isCreated && statusOfPath(this.path)?.inode === this.#inode) libc.unlink(cString(this.path));
    libc.close(this.#fd);
  }

  #cannotUse({ offset, size }: MemoryPlace, reason: string, name?: string): string {
    const text = `Cannot use ${size} bytes at ${hexOf(offset)} of ${this.path}: ${reason}`;
    return name === undefined ? text : `${text} (${name})`;
  }
}

const BEYOND_END = "it reaches beyond the end of its file";

function hexOf(value: number): string {
  return `0x${value.toString(16)}`;
}

function placeError({ offset, size }: MemoryPlace): string | null {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % 4 !== 0) {
    return "its offset is no multiple of 4";
  }
  if (!Number.isSafeInteger(offset + size) || size <= 0) return "its size makes no sense";
  return null;
}

/** Returns one line about the first two places that overlap, or null when there are none. */
export function overlapOf(places: readonly NamedPlace[]): string | null {
  for (const [i, place] of places.entries()) {
    for (const other of places.slice(0, i)) {
      if (place.offset >= other.offset + other.size || other.offset >= place.offset + place.size) continue;
      const texts = [other, place].map(({ name, offset, size }) =>
        `${name} (${hexOf(offset)} to ${hexOf(offset + size)})`
      );
      return `${texts.join(" and ")} overlap: move one of them`;
    }
  }
  return null;
}

/** How a memory file is opened. */
export interface OpenOptions {
  /** Bytes of the file if there is none yet: it is then made, for its owner only. Not given: it has to be there. */
  readonly createSize?: number;
}

/** Opens a memory file. An error is one line with the path and what to do. */
export function openMemoryFile(path: string, options: OpenOptions = {}): MemoryFile | { error: string } {
  const { createSize } = options;
  const flags = O_RDWR | O_CLOEXEC;
  let fd = -1;
  let isCreated = false;
  if (createSize !== undefined) {
    fd = libc.open(cString(path), flags | O_CREAT | O_EXCL, 0o600);
    isCreated = fd >= 0;
    if (!isCreated && errno() !== ERRNO.EEXIST) {
      return { error: `Cannot make ${path}: ${errnoText(errno())}; check its directory` };
    }
  }
  if (isCreated && libc.ftruncate(fd, BigInt(createSize ?? 0)) < 0) {
    const reason = errnoText(errno());
    libc.close(fd);
    libc.unlink(cString(path));
    return { error: `Cannot make ${path} ${createSize} bytes long: ${reason}` };
  }
  if (!isCreated) fd = libc.open(cString(path), flags, 0);
  if (fd < 0) return { error: `Cannot open ${path}: ${errnoText(errno())}; it has to be a file of yours` };
  const status = statusOfDescriptor(fd);
  if (status === null || (status.mode & S_IFMT) !== S_IFREG) {
    libc.close(fd);
    return { error: `Cannot share ${path}: it is no regular file; choose another path` };
  }
  return new MemoryFile(fd, path, status.size, isCreated);
}
