// What the register models of all Message Handling Units have in common: blocks of 32-bit registers as a bus reaches them, and
// interrupt lines with a level. Leaves out which registers there are: mhu_v1.ts, mhu_v2.ts, mhu_v3.ts.
import { assert } from "../../scp/core/assert.ts";

/** Bytes of a register. */
export const REGISTER_SIZE = 4;

/** The two that an MHU connects. */
export type MhuSide = "agent" | "platform";

/** The registers that one side of an MHU sees, as a simulator or a test reaches them. No access fails. */
export interface RegisterFile {
  /** Bytes of address space. */
  readonly size: number;
  /** How many accesses reached no register: none is there, or not of that width, or not for that direction. */
  readonly refusedCount: number;
  /** Reads the register at an offset; 0 where nothing can be read. */
  read32(offset: number): number;
  /** Writes the register at an offset; ignored where nothing can be written. Only the low 32 bits of the value count. */
  write32(offset: number, value: number): void;
  /** Reads as a bus does that knows the width of an access, bytes: anything but an aligned 32-bit one reads as 0. */
  read(offset: number, width: number): number;
  /** Writes as such a bus does: anything but an aligned 32-bit access changes nothing. */
  write(offset: number, width: number, value: number): void;
}

/**
 * An MHU with both its sides. Its interrupt lines are numbered: of version 1 by slot, of versions 2 and 3
 * `RECEIVER_LINE` and `SENDER_LINE`.
 */
export interface MhuModel {
  readonly version: 1 | 2 | 3;
  /** What the agent's driver reaches. */
  readonly agent: RegisterFile;
  /** What the platform reaches: the mirror image. */
  readonly platform: RegisterFile;
  /** Hears each change of an interrupt line. */
  onInterrupt: ((side: MhuSide, line: number, isAsserted: boolean) => void) | null;
  /** Tells the level of an interrupt line. */
  isAsserted(side: MhuSide, line: number): boolean;
}

/** The line of a receiver frame (MHUv2) or of a mailbox, MBX (MHUv3): flags are set. */
export const RECEIVER_LINE = 0;
/** The line of a sender frame or of a postbox, PBX: flags were cleared by the receiver. */
export const SENDER_LINE = 1;

/** A register file made of a decoder: `load` and `store` are asked for aligned offsets inside only. */
export class RegisterBlock implements RegisterFile {
  refusedCount = 0;

  /** `load` gives undefined, and `store` false, where there is no register for it. */
  constructor(
    readonly size: number,
    private readonly load: (offset: number) => number | undefined,
    private readonly store: (offset: number, value: number) => boolean,
  ) {}

  read32(offset: number): number {
    const value = this.#isRegister(offset) ? this.load(offset) : undefined;
    if (value === undefined) this.refusedCount++;
    return (value ?? 0) >>> 0;
  }

  write32(offset: number, value: number): void {
    if (!this.#isRegister(offset) || !this.store(offset, value >>> 0)) this.refusedCount++;
  }

  read(offset: number, width: number): number {
    if (width === REGISTER_SIZE) return this.read32(offset);
    this.refusedCount++;
    return 0;
  }

  write(offset: number, width: number, value: number): void {
    if (width === REGISTER_SIZE) this.write32(offset, value);
    else this.refusedCount++;
  }

  #isRegister(offset: number): boolean {
    return Number.isInteger(offset) && offset >= 0 && offset < this.size && offset % REGISTER_SIZE === 0;
  }
}

/** Joins register files to one, each behind the other. */
export function joinRegisterFiles(files: readonly RegisterFile[]): RegisterFile {
  const first = files[0];
  assert(first !== undefined, "there is a register file to join");
  assert(files.every(({ size }) => size === first.size), "frames are of one size");
  const fileAt = (offset: number): RegisterFile | undefined => files[Math.floor(offset / first.size)];
  let outsideCount = 0;
  return {
    size: first.size * files.length,
    get refusedCount() {
      return files.reduce((sum, { refusedCount }) => sum + refusedCount, outsideCount);
    },
    read(offset, width) {
      const file = fileAt(offset);
      if (file !== undefined) return file.read(offset % first.size, width);
      outsideCount++;
      return 0;
    },
    write(offset, width, value) {
      const file = fileAt(offset);
      if (file !== undefined) file.write(offset % first.size, width, value);
      else outsideCount++;
    },
    read32(offset) {
      return this.read(offset, REGISTER_SIZE);
    },
    write32(offset, value) {
      this.write(offset, REGISTER_SIZE, value);
    },
  };
}

/** Interrupt lines of both sides: remembers levels, tells changes. */
export class InterruptLines {
  readonly #levels: Readonly<Record<MhuSide, boolean[]>>;

  constructor(
    lineCount: number,
    private readonly onChange: (side: MhuSide, line: number, isAsserted: boolean) => void,
  ) {
    this.#levels = {
      agent: new Array(lineCount).fill(false),
      platform: new Array(lineCount).fill(false),
    };
  }

  isAsserted(side: MhuSide, line: number): boolean {
    return this.#levels[side][line] ?? false;
  }

  set(side: MhuSide, line: number, isAsserted: boolean): void {
    if (this.#levels[side][line] === isAsserted) return;
    this.#levels[side][line] = isAsserted;
    this.onChange(side, line, isAsserted);
  }
}

/** Offset of the first peripheral id byte in a block of 4 KiB, one byte in each word. */
export const PERIPHERAL_ID_OFFSET = 0xfe0;
/** Offset of the first component id byte. */
export const COMPONENT_ID_OFFSET = 0xff0;
const ID_BYTE_COUNT = 4;
/** What all PrimeCells say. */
const COMPONENT_ID = 0xb105f00d;

/** Reads the id words by which the AMBA bus of an agent finds a driver; undefined for other offsets. */
export function readAmbaId(peripheralId: number, offset: number): number | undefined {
  if (offset < PERIPHERAL_ID_OFFSET || offset >= COMPONENT_ID_OFFSET + ID_BYTE_COUNT * REGISTER_SIZE) {
    return undefined;
  }
  const id = offset < COMPONENT_ID_OFFSET ? peripheralId : COMPONENT_ID;
  const byteIndex = (offset - PERIPHERAL_ID_OFFSET) / REGISTER_SIZE % ID_BYTE_COUNT;
  return (id >>> (byteIndex * 8)) & 0xff;
}
