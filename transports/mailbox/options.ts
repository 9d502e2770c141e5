// What a mailbox in a memory file is made of, as the command line and tests say it. Numbers only: nothing is opened here. Leaves out
// checksums: who has them rings by other hardware than an MHU, and Linux's drivers of MHUs know of none.
import type { FastAreaOptions } from "../fast_channels/fast_channel_area.ts";
import type { InterruptLine } from "../gpio/interrupt_line.ts";
import type { MhuVersion } from "./doorbell_layout.ts";

/**
 * Bytes of an area when nobody says otherwise: what device trees usually have. It takes 100 bytes of payload; of Linux, give it
 * `arm,max-msg-size = <100>`, or areas of 160 bytes and 128, which is what Linux 6.12 takes for granted.
 */
export const MAILBOX_AREA_SIZE = 128;

/** A mailbox: doorbell registers and areas for messages, all in one file. Offsets and sizes are in bytes. */
export interface MailboxOptions {
  /** The memory file: a guest's RAM, or any file that an agent maps. */
  readonly path: string;
  /** Bytes of the file if it is not there yet: it is then made, and removed at the end. null: it has to be there. */
  readonly createSize: number | null;
  readonly version: MhuVersion;
  /** Where the registers begin: `doorbellLayout(version).size` bytes, first what the agent sends with. */
  readonly mhuOffset: number;
  /**
   * Areas for commands. Area n has the doorbell of slot (MHUv1), window (v2) or channel (v3) n, bit 0, both for its
   * commands and for telling that a response is there. More than one serve protocols with a channel of their own.
   */
  readonly commandOffsets: readonly number[];
  /** The area for what the platform sends unasked, with the doorbell after those of the commands; null = none. */
  readonly notificationOffset: number | null;
  /** Bytes of each area. */
  readonly areaSize: number;
  /**
   * What interrupts the agent: of MHUv1 one line for each slot, of v2 and v3 one line for the receiver frame. An agent without
   * looks at the registers and areas itself.
   */
  readonly interrupts: readonly InterruptLine[];
  /** FastChannels and statistics, in FAST_AREA_SIZE bytes; null, or not given: there are none. */
  readonly fastChannels?: MailboxFastChannels | null;
}

/** FastChannels of a mailbox. */
export interface MailboxFastChannels extends Omit<FastAreaOptions, "isLost"> {
  /** Where their area begins. */
  readonly offset: number;
}
