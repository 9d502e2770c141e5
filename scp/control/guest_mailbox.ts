// A mailbox in a guest's RAM: where it lies when nobody says, and what a specification means to the guest.
// The kernel is told to leave alone all memory from the mailbox on, so it has to be at the top. transports.md
// 7.3.
import { FAST_AREA_SIZE } from "../../transports/fast_channels/layout.ts";
import { MHU_V1_SIZE } from "../../transports/mailbox/mhu_v1.ts";
import { MHU_V2_FRAME_SIZE } from "../../transports/mailbox/mhu_v2.ts";
import { MHU_V3_FRAME_SIZE } from "../../transports/mailbox/mhu_v3.ts";
import type { GuestDoorbell, GuestMailbox, GuestMemory } from "./device_tree_transport.ts";
import { MEBIBYTE } from "./guest_places.ts";
import { GUEST_RAM_ADDRESS, type TransportSpecOf } from "./transport_spec.ts";

/** Memory that the kernel cannot do without, MiB. */
const KERNEL_MIB_MIN = 64;

/** Of the top of the guest's memory. */
const WINDOW_MIB = 1;
/** Registers first, then the areas, then FastChannels. */
const AREAS_AT = 0x4_0000;
const FAST_AT = 0x8_0000;

/** Frames of registers, one behind the other: how many, and how large each is. */
const FRAMES = {
  1: { count: 1, size: MHU_V1_SIZE },
  2: { count: 2, size: MHU_V2_FRAME_SIZE },
  3: { count: 2, size: MHU_V3_FRAME_SIZE },
} as const;

/**
 * An area has room for exactly the payload of 128 bytes that Linux takes: what the platform would write beyond is lost there.
 */
const AREA_SIZE = 156;
/** The next area is this far away: Linux may write a little past the end of one. */
const AREA_STEP = 256;

/** What a mailbox that is ours to lay out is to have. */
export interface MailboxWish {
  readonly path: string;
  readonly agent: string;
  readonly memoryMib: number;
  readonly version: 1 | 2 | 3;
  readonly hasInterrupt: boolean;
  /** Channels beside the one for all protocols. */
  readonly moreChannelCount: number;
}

/** A mailbox as its guest has to know it. */
export interface MailboxInGuest {
  readonly transport: GuestMailbox;
  /** Memory that is left to the kernel, MiB. */
  readonly keptMib: number;
}

/** Lays a mailbox out at the top of a guest's memory. */
export function guestMailbox(wish: MailboxWish): TransportSpecOf<"mailbox"> | string {
  const { path, agent, memoryMib, version, hasInterrupt, moreChannelCount } = wish;
  if (memoryMib < KERNEL_MIB_MIN + WINDOW_MIB) return tooLittle(memoryMib);
  const mhu = (memoryMib - WINDOW_MIB) * MEBIBYTE;
  const channelCount = 1 + moreChannelCount;
  const shmem = Array.from({ length: channelCount }, (_, index) => mhu + AREAS_AT + index * AREA_STEP);
  const p2a = hasInterrupt ? mhu + AREAS_AT + channelCount * AREA_STEP : null;
  return {
    scheme: "mailbox",
    path,
    mhu,
    shmem,
    p2a,
    area: AREA_SIZE,
    version,
    base: GUEST_RAM_ADDRESS,
    fast: mhu + FAST_AT,
    doorbell: 32,
    rate: 0,
    size: null,
    agent,
  };
}

/**
 * Tells what a mailbox is to a guest with so much memory; its interrupt is line 0 of the GPIO device, if there is one.
 * `channelProtocols` have the channels behind the first, in this order.
 */
export function mailboxInGuest(
  spec: TransportSpecOf<"mailbox">,
  memoryMib: number,
  hasInterrupt: boolean,
  channelProtocols: readonly number[],
): MailboxInGuest | string {
  const { version, base, mhu, shmem, p2a, fast, area: areaSize } = spec;
  const { count, size } = FRAMES[version];
  const areaAt = (offset: number): GuestMemory => ({ address: base + offset, size: areaSize });
  const places: [name: string, offset: number, size: number][] = [
    ["mhu", mhu, count * size],
    ...shmem.map((offset): [string, number, number] => ["shmem", offset, areaSize]),
    ...(p2a === null ? [] : [["p2a", p2a, areaSize] as [string, number, number]]),
    ...(fast === null ? [] : [["fast", fast, FAST_AREA_SIZE] as [string, number, number]]),
  ];
  for (const [name, offset, length] of places) {
    if (offset + length > memoryMib * MEBIBYTE) {
      return `${name}=0x${offset.toString(16)} is beyond the ${memoryMib} MiB of the guest: ` +
        "give it more memory (--memory), or lay the mailbox below";
    }
  }
  const keptMib = Math.floor(Math.min(...places.map(([, offset]) => offset)) / MEBIBYTE);
  if (keptMib < KERNEL_MIB_MIN) return tooLittle(keptMib);
  if (channelProtocols.length !== shmem.length - 1) {
    return `shmem= has ${
      shmem.length - 1
    } areas behind the first, --channels ${channelProtocols.length} protocols: ` +
      "each area is the channel of one protocol";
  }
  const frames = Array.from({ length: count }, (_, i): GuestMemory => ({
    address: base + mhu + i * size,
    size,
  }));
  return {
    keptMib,
    transport: {
      kind: "mailbox",
      version,
      frames,
      channels: shmem.map((offset, index) => ({
        protocolId: index === 0 ? null : channelProtocols[index - 1]!,
        area: areaAt(offset),
        send: doorbell(version, index),
        receive: doorbell(version, index),
      })),
      p2a: p2a === null ? null : { area: areaAt(p2a), receive: doorbell(version, shmem.length) },
      interruptLine: hasInterrupt ? 0 : null,
    },
  };
}

/**
 * A doorbell of its own for each channel: a slot, window or doorbell channel, as memory keeps only the last of several bits
 * that are written to one of them.
 */
function doorbell(version: 1 | 2 | 3, channel: number): GuestDoorbell {
  return version === 3 ? [0, channel, 0] : [channel, 0];
}

function tooLittle(mib: number): string {
  return `${mib} MiB are too little for a kernel: a mailbox lies above at least ${KERNEL_MIB_MIN} MiB of memory`;
}
