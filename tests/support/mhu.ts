// What tests of all MHU models do alike: hear interrupt lines, compare a whole register file with a table.
import { assertEquals } from "@std/assert";
import type { MhuModel, RegisterFile } from "../../transports/mailbox/registers.ts";

/** Collects changes of interrupt lines as text: `agent 0 up`. */
export function hearLines(model: MhuModel): string[] {
  const heard: string[] = [];
  model.onInterrupt = (side, line, isAsserted) => heard.push(`${side} ${line} ${isAsserted ? "up" : "down"}`);
  return heard;
}

/** Reads every aligned word of a register file; those that are not zero, by their offsets. */
export function nonZeroRegisters(file: RegisterFile): Record<string, number> {
  const found: Record<string, number> = {};
  for (let offset = 0; offset < file.size; offset += 4) {
    const value = file.read32(offset);
    if (value !== 0) found[offset.toString(16)] = value;
  }
  return found;
}

/** Returns the offsets of a register file that can be read, and those that can be written, in hexadecimal. */
export function accessibleOffsets(file: RegisterFile): { read: string[]; written: string[] } {
  const read: string[] = [];
  const written: string[] = [];
  for (let offset = 0; offset < file.size; offset += 4) {
    const before = file.refusedCount;
    file.read32(offset);
    if (file.refusedCount === before) read.push(offset.toString(16));
    const between = file.refusedCount;
    file.write32(offset, 0);
    if (file.refusedCount === between) written.push(offset.toString(16));
  }
  return { read, written };
}

/** Checks that nothing but aligned accesses of 32 bits inside the file reaches a register that holds `value` at `offset`. */
export function assertOddAccessesRefused(
  file: RegisterFile,
  statusOffset: number,
  setOffset: number,
  value: number,
): void {
  assertEquals(file.read32(statusOffset), value, "the register holds the value");
  const refused = file.refusedCount;
  const reads: [number, number][] = [
    ...[1, 2, 8, 0, 3].map((width): [number, number] => [statusOffset, width]),
    ...[1, 2, 3].map((shift): [number, number] => [statusOffset + shift, 4]),
    [file.size - 3, 4], // beside the last id byte, where there is one
    [-4, 4],
    [file.size, 4],
    [file.size + statusOffset, 4],
    [NaN, 4],
    [Infinity, 4],
    [statusOffset + 0.5, 4],
  ];
  for (const [offset, width] of reads) assertEquals(file.read(offset, width), 0, `${width} at ${offset}`);
  for (const [offset, width] of reads) file.write(offset - statusOffset + setOffset, width, 0xffffffff);
  assertEquals(file.read32(statusOffset), value, "the register is what it was");
  assertEquals(file.refusedCount - refused, 2 * reads.length);
}
