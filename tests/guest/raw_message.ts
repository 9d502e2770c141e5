// SCMI messages as a case writes them into and reads them from Linux' raw mode: hexadecimal text, header first. Written
// out here by hand, apart from the simulator's own codec, so that one mistake cannot hide in both.

/** The protocols the cases speak. */
export const BASE = 0x10;
export const POWER = 0x11;
export const PERFORMANCE = 0x13;
export const CLOCK = 0x14;
export const SENSOR = 0x15;
export const RESET = 0x16;
export const VOLTAGE = 0x17;
export const POWERCAP = 0x18;
export const PIN_CONTROL = 0x19;

/** Message types in a header. */
export const COMMAND = 0;
export const DELAYED_RESPONSE = 2;
export const NOTIFICATION = 3;

/** A message read from raw mode. */
export interface RawMessage {
  readonly messageId: number;
  readonly type: number;
  readonly protocolId: number;
  readonly token: number;
  /** The words after the header, unsigned. */
  readonly words: readonly number[];
}

/** Returns a command as hexadecimal text: header, then one little-endian word per parameter. */
export function commandHex(protocolId: number, messageId: number, token: number, ...words: number[]): string {
  const header = messageId | (protocolId << 10) | (token << 18);
  return [header, ...words].map(wordHex).join(" ");
}

/** Reads a message; throws when the text is not whole words with a header. */
export function parseMessage(hex: string): RawMessage {
  if (hex.length < 8 || hex.length % 8 !== 0 || /[^0-9a-f]/.test(hex)) {
    throw new Error(`"${hex}" is no message: the guest read nothing, or not whole words`);
  }
  const bytes = Uint8Array.fromHex(hex);
  const view = new DataView(bytes.buffer);
  const all = Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, true));
  const [header = 0, ...words] = all;
  return {
    messageId: header & 0xff,
    type: (header >>> 8) & 0x3,
    protocolId: (header >>> 10) & 0xff,
    token: (header >>> 18) & 0x3ff,
    words,
  };
}

/** Reads a signed 64-bit value from two words of a message, low word first. */
export function value64(words: readonly number[], index: number): bigint {
  return BigInt.asIntN(64, BigInt(words[index] ?? 0) | (BigInt(words[index + 1] ?? 0) << 32n));
}

/** Splits a signed 64-bit value into two words, low word first. */
export function words64(value: number): [low: number, high: number] {
  const bits = BigInt.asUintN(64, BigInt(value));
  return [Number(bits & 0xffffffffn), Number(bits >> 32n)];
}

function wordHex(word: number): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, word, true);
  return bytes.toHex();
}
