// Checksums of messages in shared memory, as NXP's i.MX System Manager has them: mode and sum stand in the two words that
// others leave to implementations. Its firmware names J1850 as a mode and computes the other two. transports.md 1.1.
import type { MessageBuffer } from "../channel.ts";

/** The modes; the place is the code in the area. */
export const CHECKSUM_MODES = ["none", "xor", "j1850", "crc32"] as const;

/** How the messages of an area are checked. */
export type ChecksumMode = typeof CHECKSUM_MODES[number];

/** SAE J1850 without the final inversion: 8 bits. */
const J1850_POLYNOMIAL = 0x1d;
const J1850_SEED = 0xff;
/** IEEE 802.3, its bits reversed. */
const CRC32_POLYNOMIAL = 0xedb88320;

const CRC32_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ CRC32_POLYNOMIAL : crc >>> 1;
  return crc;
});

function xorOf({ view }: MessageBuffer, size: number): number {
  let sum = 0;
  for (let at = 0; at + 4 <= size; at += 4) sum ^= view.getInt32(at, true);
  return sum;
}

function j1850Of({ bytes }: MessageBuffer, size: number): number {
  let crc = J1850_SEED;
  for (let at = 0; at < size; at++) {
    crc ^= bytes[at]!;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x80) !== 0 ? ((crc << 1) ^ J1850_POLYNOMIAL) & 0xff : crc << 1;
    }
  }
  return crc;
}

function crc32Of({ bytes }: MessageBuffer, size: number): number {
  let crc = -1;
  for (let at = 0; at < size; at++) crc = (crc >>> 8) ^ CRC32_TABLE[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc;
}

/** Computes the checksum of `message[0, size)` as the signed word that stands in the area; 0 without one. */
export function checksumOf(mode: ChecksumMode, message: MessageBuffer, size: number): number {
  switch (mode) {
    case "none":
      return 0;
    case "xor":
      return xorOf(message, size);
    case "j1850":
      return j1850Of(message, size);
    case "crc32":
      return crc32Of(message, size);
  }
}
