// Guest memory as a driver and its front-end see it: one memory file, mapped here, offered as regions. The default
// regions touch each other in guest-physical space but not in the file, so that whoever translates has to do it right.

import { assert } from "@std/assert";
import {
  cString,
  F_ADD_SEALS,
  F_SEAL_SHRINK,
  libc,
  MAP_SHARED,
  mapMemory,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  PROT_READ,
  PROT_WRITE,
} from "../../transports/ffi/libc.ts";

/** A region as it goes into a memory table. */
export interface DriverRegion {
  guestAddress: bigint;
  size: bigint;
  userAddress: bigint;
  fileOffset: bigint;
}

/** Rings lie here; then two regions for buffers, adjacent in guest-physical space, in the other order in the file. */
export const RING_REGION = 0x4000_0000;
export const BUFFER_REGION = 0x1_0000_0000;
export const SECOND_BUFFER_REGION = 0x1_0008_0000;
const REGION_SIZE = 0x8_0000;
/** Where the last region ends. */
export const MEMORY_END = SECOND_BUFFER_REGION + REGION_SIZE;
/** In no region. */
export const OUTSIDE = 0x70_0000_0000;
/** The front-end's user addresses: invented, nobody follows them but the back-end's translation. */
const USER_BASE = 0x7e00_0000_0000n;

const LAYOUT: readonly { guestAddress: number; fileOffset: number }[] = [
  { guestAddress: RING_REGION, fileOffset: 0 },
  { guestAddress: BUFFER_REGION, fileOffset: 2 * REGION_SIZE },
  { guestAddress: SECOND_BUFFER_REGION, fileOffset: REGION_SIZE },
];
const FILE_SIZE = 3 * REGION_SIZE;

/** The memory of a test guest. */
export class DriverMemory {
  readonly fd: number;
  /** The whole file; valid until `close`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly #pointer: Deno.PointerObject;

  /** A sealed file cannot shrink, as QEMU makes it; one that is not can be truncated by a test. */
  constructor(isSealed: boolean) {
    this.fd = libc.memfd_create(cString("scp-test-guest"), MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert(this.fd >= 0 && libc.ftruncate(this.fd, BigInt(FILE_SIZE)) === 0);
    if (isSealed) assert(libc.fcntl(this.fd, F_ADD_SEALS, F_SEAL_SHRINK) === 0);
    const pointer = mapMemory(FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, this.fd, 0);
    assert(pointer !== null);
    this.#pointer = pointer;
    const buffer = Deno.UnsafePointerView.getArrayBuffer(pointer, FILE_SIZE);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  /** The default regions, anew for each call: a test may change them. */
  regions(): DriverRegion[] {
    return LAYOUT.map(({ guestAddress, fileOffset }) => ({
      guestAddress: BigInt(guestAddress),
      size: BigInt(REGION_SIZE),
      userAddress: USER_BASE + BigInt(fileOffset),
      fileOffset: BigInt(fileOffset),
    }));
  }

  /** The place of a guest-physical address in the file. */
  at(guestAddress: number): number {
    for (const region of LAYOUT) {
      const offset = guestAddress - region.guestAddress;
      if (offset >= 0 && offset < REGION_SIZE) return region.fileOffset + offset;
    }
    throw new Error(`Assertion failed: no guest memory at 0x${guestAddress.toString(16)}`);
  }

  /** The front-end's user address of a guest-physical address. */
  userAddress(guestAddress: number): bigint {
    return USER_BASE + BigInt(this.at(guestAddress));
  }

  /** Writes bytes at a guest-physical address; they may go on in the next region. */
  write(guestAddress: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => this.bytes[this.at(guestAddress + i)] = byte);
  }

  /** Reads bytes from a guest-physical address. */
  read(guestAddress: number, size: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: size }, (_, i) => this.bytes[this.at(guestAddress + i)] ?? 0);
  }

  /** Truncates the file: the pages are gone for everybody who maps it. Not to be touched here any more. */
  truncate(): void {
    assert(libc.ftruncate(this.fd, 0n) === 0);
  }

  close(): void {
    libc.munmap(this.#pointer, BigInt(FILE_SIZE));
    libc.close(this.fd);
  }
}
