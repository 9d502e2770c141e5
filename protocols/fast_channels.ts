// What protocols with FastChannels have in common: which there are, and how one is described to an agent. Which there are is
// the transport's matter. scmi-core 5.5, scmi-devices 6.4.
import { bits, bits32, flag, u32 } from "../scp/core/schema.ts";
import { DOORBELL_WIDTHS, type FastChannel } from "../scp/core/shared_area.ts";
import type { FastChannelAccess, Session } from "./protocol.ts";

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

/** The FastChannels that a protocol has on one channel of an agent. */
export class FastChannels {
  constructor(
    readonly session: Session,
    readonly access: Pick<FastChannelAccess<never>, "since" | "commands">,
  ) {}

  /** Whether a resource has any. */
  isFastResource(resourceId: number): boolean {
    return this.access.commands.some(({ messageId }) => this.#find(messageId, resourceId) !== null);
  }

  /** Whether a command has one for any of so many resources: what PROTOCOL_MESSAGE_ATTRIBUTES tells in bit 0. */
  isFastCommand(messageId: number, resourceCount: number): boolean {
    for (let id = 0; id < resourceCount; id++) if (this.#find(messageId, id) !== null) return true;
    return false;
  }

  /** Answers a *_DESCRIBE_FASTCHANNEL command. */
  describe(messageId: number, resourceId: number) {
    if (!this.session.isOffered(messageId)) return "NOT_FOUND";
    const channel = this.#find(messageId, resourceId);
    return channel === null ? "NOT_SUPPORTED" : fastChannelReply(channel);
  }

  #find(messageId: number, resourceId: number): FastChannel | null {
    const { session, access } = this;
    if (session.version < access.since) return null;
    if (!access.commands.some((command) => command.messageId === messageId)) return null;
    if (!session.mayUse(messageId, resourceId)) return null;
    return session.sharedAreas?.findFastChannel(session.protocolId, messageId, resourceId) ?? null;
  }
}

/** Describes a FastChannel. */
function fastChannelReply({ address, size, rateLimitUs, doorbell }: FastChannel) {
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
