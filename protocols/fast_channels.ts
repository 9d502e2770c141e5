// What protocols with FastChannels have in common: how one is described to an agent. scmi-core 5.5, scmi-devices 6.4.
import { bits, bits32, flag, u32 } from "../scp/core/schema.ts";
import { DOORBELL_WIDTHS, type FastChannel } from "../scp/core/shared_area.ts";

/** The return values of a *_DESCRIBE_FASTCHANNEL command. */
export const FAST_CHANNEL_RETURNS = {
  attributes: bits32({ hasDoorbell: flag(0), doorbellWidth: bits(2, 1) }),
  rateLimit: bits32({ intervalUs: bits(19, 0) }),
  addressLow: u32(),
  addressHigh: u32(),
  size: u32(),
  doorbellAddressLow: u32(),
  doorbellAddressHigh: u32(),
  setMaskLow: u32(),
  setMaskHigh: u32(),
  preserveMaskLow: u32(),
  preserveMaskHigh: u32(),
} as const;

/** Describes a FastChannel. */
export function fastChannelReply({ address, size, rateLimitUs, doorbell }: FastChannel) {
  return {
    attributes: {
      hasDoorbell: doorbell !== null,
      doorbellWidth: doorbell === null ? 0 : DOORBELL_WIDTHS.indexOf(doorbell.width),
    },
    rateLimit: { intervalUs: rateLimitUs },
    addressLow: lowOf(address),
    addressHigh: highOf(address),
    size,
    doorbellAddressLow: lowOf(doorbell?.address ?? 0n),
    doorbellAddressHigh: highOf(doorbell?.address ?? 0n),
    setMaskLow: lowOf(doorbell?.setMask ?? 0n),
    setMaskHigh: highOf(doorbell?.setMask ?? 0n),
    preserveMaskLow: lowOf(doorbell?.preserveMask ?? 0n),
    preserveMaskHigh: highOf(doorbell?.preserveMask ?? 0n),
  };
}

/** The low word of 64 bits. */
export function lowOf(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}

/** The high word of 64 bits. */
export function highOf(value: bigint): number {
  return Number(BigInt.asUintN(32, value >> 32n));
}
