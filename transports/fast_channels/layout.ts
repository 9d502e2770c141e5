// Where FastChannels and their doorbells lie in shared memory: first a slot for each FastChannel, then the doorbell registers,
// then room for regions that the platform fills. Everything has 8 bytes to itself, so that a store which is wider than it
// should be hurts no neighbour. Sizes: transports.md 1.6. Offsets are those of the window.
import { assert } from "../../scp/core/assert.ts";
import type { DOORBELL_WIDTHS } from "../../scp/core/shared_area.ts";
import type { FastChannelPlan } from "../channel.ts";

/** Bytes of a slot and of a doorbell register. */
export const CELL_SIZE = 8;

/** Regions begin at multiples of this: cache lines. */
export const REGION_ALIGNMENT = 64;

/** Bytes of an area where nobody says how large: enough for the FastChannels and statistics of 64 domains of each kind. */
export const FAST_AREA_SIZE = 0x8000;

/** What the doorbells of written FastChannels are like. */
export interface DoorbellOptions {
  /** Bits of a register. */
  readonly width: typeof DOORBELL_WIDTHS[number];
  /**
   * FastChannels that share a register, each with a bit of it, at most `width`. An agent has to keep its processors from
   * ringing in the same register at once, as each preserves the bits of the others. With 1 it just stores.
   */
  readonly channelsPerRegister: number;
}

/** A register for every FastChannel: nothing has to be preserved, and no ring is ever lost. */
export const DEFAULT_DOORBELLS: DoorbellOptions = { width: 32, channelsPerRegister: 1 };

/** The doorbell of one FastChannel. */
export interface DoorbellPlace {
  readonly register: number;
  readonly offset: number;
  /** Its bit. */
  readonly bit: number;
  readonly setMask: bigint;
  readonly preserveMask: bigint;
}

/** Where one FastChannel lies. */
export interface SlotPlace {
  readonly plan: FastChannelPlan;
  /** Its place in the list of the port. */
  readonly place: number;
  readonly offset: number;
  /** null = it has none: it is read, or looked at without being rung for. */
  readonly doorbell: DoorbellPlace | null;
}

/** Where everything lies. */
export interface FastLayout {
  readonly slots: readonly SlotPlace[];
  readonly registersOffset: number;
  readonly registerCount: number;
  /** Where regions may lie. */
  readonly regionsOffset: number;
}

/**
 * Lays out all FastChannels that fit into so many bytes, in their order; what does not fit is served by messages only.
 * `doorbells` null: the platform looks by itself.
 */
export function layFastChannels(
  plans: readonly FastChannelPlan[],
  doorbells: DoorbellOptions | null,
  size: number,
): FastLayout {
  const { width = 0, channelsPerRegister = Infinity } = doorbells ?? {};
  assert(doorbells === null || channelsPerRegister <= width, "each FastChannel has a bit of a register");
  let count = 0;
  let writtenCount = 0;
  let registerCount = 0;
  for (const { isWritten } of plans) {
    const moreCount = writtenCount + (isWritten ? 1 : 0);
    const moreRegisters = Math.ceil(moreCount / channelsPerRegister);
    if (CELL_SIZE * (count + 1 + moreRegisters) > size) break;
    count++;
    writtenCount = moreCount;
    registerCount = moreRegisters;
  }
  const registersOffset = CELL_SIZE * count;
  let bellCount = 0;
  const slots = plans.slice(0, count).map((plan, place): SlotPlace => {
    const hasDoorbell = plan.isWritten && doorbells !== null;
    const doorbell = hasDoorbell ? doorbellOf(bellCount++, doorbells, registersOffset) : null;
    return { plan, place, offset: CELL_SIZE * place, doorbell };
  });
  const end = registersOffset + CELL_SIZE * registerCount;
  const regionsOffset = Math.min(Math.ceil(end / REGION_ALIGNMENT) * REGION_ALIGNMENT, size);
  return { slots, registersOffset, registerCount, regionsOffset };
}

/** The doorbell of the nth written FastChannel. */
function doorbellOf(
  n: number,
  { width, channelsPerRegister }: DoorbellOptions,
  registersOffset: number,
): DoorbellPlace {
  const register = Math.floor(n / channelsPerRegister);
  const bit = n % channelsPerRegister;
  const setMask = 1n << BigInt(bit);
  return {
    register,
    offset: registersOffset + CELL_SIZE * register,
    bit,
    setMask,
    preserveMask: channelsPerRegister === 1 ? 0n : BigInt.asUintN(width, ~setMask),
  };
}
