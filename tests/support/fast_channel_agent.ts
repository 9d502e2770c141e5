// An agent at FastChannels in shared memory: asks over messages where they are, then writes words and rings doorbells as a
// driver does, or as one should not.
import { assert } from "@std/assert";
import type { CommandSchema } from "../../scp/core/schema.ts";
import { PERFORMANCE_DESCRIBE_FASTCHANNEL } from "../../protocols/performance/messages.ts";
import { POWERCAP_DESCRIBE_FASTCHANNEL } from "../../protocols/powercap/messages.ts";
import type { MemoryWindow } from "../../transports/memory/memory_file.ts";
import { callOk, type TestAgent } from "./platform.ts";

const PERFORMANCE = 0x13;

/** Memory without a file, at an offset of what would be one. */
export function memoryWindow(size: number, offset = 0): MemoryWindow {
  const buffer = new ArrayBuffer(size);
  const bytes = new Uint8Array(buffer).fill(0xa5);
  return { offset, size, words: new Int32Array(buffer), bytes, view: new DataView(buffer) };
}

/** A FastChannel as an agent knows it; addresses are those of the agent. */
export interface DescribedChannel {
  readonly address: number;
  readonly size: number;
  readonly intervalUs: number;
  /** null = it has none. */
  readonly doorbell: {
    readonly address: number;
    readonly width: number;
    readonly setMask: bigint;
    readonly preserveMask: bigint;
  } | null;
}

/** Asks for a FastChannel as an agent does. */
export async function describeFastChannel(
  agent: TestAgent,
  protocolId: number,
  messageId: number,
  domainId: number,
): Promise<DescribedChannel> {
  const schema: CommandSchema & typeof PERFORMANCE_DESCRIBE_FASTCHANNEL = protocolId === PERFORMANCE
    ? PERFORMANCE_DESCRIBE_FASTCHANNEL
    : { ...POWERCAP_DESCRIBE_FASTCHANNEL, params: PERFORMANCE_DESCRIBE_FASTCHANNEL.params };
  const told = await callOk(agent, protocolId, schema, { domainId, messageId });
  const wide = (low: number, high: number) => BigInt(high) << 32n | BigInt(low);
  return {
    address: Number(wide(told.addressLow, told.addressHigh)),
    size: told.size,
    intervalUs: told.rateLimit.intervalUs,
    doorbell: !told.attributes.hasDoorbell ? null : {
      address: Number(wide(told.doorbellAddressLow, told.doorbellAddressHigh)),
      width: 8 << told.attributes.doorbellWidth,
      setMask: wide(told.setMaskLow, told.setMaskHigh),
      preserveMask: wide(told.preserveMaskLow, told.preserveMaskHigh),
    },
  };
}

/** An agent's view of the memory. */
export class FastChannelAgent {
  readonly #view: DataView;
  readonly #base: number;

  /** `base` is the agent's address of the first byte of the window's file. */
  constructor(window: MemoryWindow, base = 0) {
    this.#view = window.view;
    this.#base = base + window.offset;
  }

  /** Writes words one after the other, and rings. */
  write(channel: DescribedChannel, words: readonly number[]): void {
    words.forEach((word, index) => this.store(channel, index, word));
    this.ring(channel);
  }

  /** Writes one word. */
  store(channel: DescribedChannel, index: number, word: number): void {
    this.#view.setUint32(this.#at(channel.address + 4 * index, 4), word, true);
  }

  read(channel: DescribedChannel): number[] {
    const count = channel.size / 4;
    return Array.from(
      { length: count },
      (_, i) => this.#view.getUint32(this.#at(channel.address + 4 * i, 4), true),
    );
  }

  /** Rings as the description says; does nothing where there is no doorbell. */
  ring({ doorbell }: DescribedChannel): void {
    if (doorbell === null) return;
    const { address, width, setMask, preserveMask } = doorbell;
    const old = preserveMask === 0n ? 0n : this.load(address, width);
    this.storeWide(address, width, (old & preserveMask) | setMask);
  }

  load(address: number, width: number): bigint {
    let value = 0n;
    for (let i = width / 8 - 1; i >= 0; i--) {
      value = value << 8n | BigInt(this.#view.getUint8(this.#at(address + i, 1)));
    }
    return value;
  }

  /** Writes a register of any width. */
  storeWide(address: number, width: number, value: bigint): void {
    const at = this.#at(address, width / 8);
    for (let i = 0; i < width / 8; i++) this.#view.setUint8(at + i, Number(value >> BigInt(8 * i) & 0xffn));
  }

  #at(address: number, size: number): number {
    const offset = address - this.#base;
    assert(offset >= 0 && offset + size <= this.#view.byteLength, `${address} is in the shared memory`);
    return offset;
  }
}
