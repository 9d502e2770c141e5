// A part of a memory file mapped into this process: checked against the end of the file, begun at a page of it, guarded
// against being truncated. Whoever maps also unmaps, and lets go of all views before. mmap(2).
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
import { guardMapping, hasGuards, type MappingGuard } from "../ffi/sigbus_guard.ts";

/** A mapped part of a file. */
export interface FileMapping {
  /** The memory from the page in which the part begins to the end of the part. */
  readonly buffer: ArrayBuffer;
  /** Where in `buffer` the part begins. */
  readonly padding: number;
  readonly pointer: Deno.PointerObject;
  readonly mappedSize: number;
  /** null: this machine has no guard, and the file is sealed against shrinking. */
  readonly guard: MappingGuard | null;
}

/** Maps `size` bytes from `offset` of an open file, shared. Returns what is wrong when that cannot be: "it ..." or "its ...". */
export function mapFilePart(fd: number, offset: number, size: number): FileMapping | string {
  const status = statusOfDescriptor(fd);
  if (status === null || (status.mode & S_IFMT) !== S_IFREG) return "its descriptor is no memory file";
  if (offset + size > status.size) return "it reaches beyond the end of its file";
  const alignment = mappingPageSize(fd); // files of huge pages can be mapped in whole such pages only
  const padding = offset % alignment;
  const mappedSize = Math.ceil((padding + size) / alignment) * alignment;
  const flags = MAP_SHARED | MAP_NORESERVE;
  const pointer = mapMemory(mappedSize, PROT_READ | PROT_WRITE, flags, fd, offset - padding);
  if (pointer === null) return `it cannot be mapped: ${errnoText(errno())}`;
  const guard = guardMapping(pointer, mappedSize, alignment);
  const seals = libc.fcntl(fd, F_GET_SEALS, 0);
  if (guard === null && (seals < 0 || (seals & F_SEAL_SHRINK) === 0)) {
    libc.munmap(pointer, BigInt(mappedSize));
    if (hasGuards()) return "too many parts of files are mapped: serve fewer agents in one process";
    return "its file can shrink: use a memory file sealed against that (QEMU: memory-backend-memfd)";
  }
  const buffer = Deno.UnsafePointerView.getArrayBuffer(pointer, padding + size);
  return { buffer, padding, pointer, mappedSize, guard };
}

/** Ends a mapping: from now on a view of it is a wild pointer. */
export function unmapFilePart(mapping: FileMapping): void {
  mapping.guard?.release();
  libc.munmap(mapping.pointer, BigInt(mapping.mappedSize));
}
