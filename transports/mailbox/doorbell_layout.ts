// Where the doorbell words of an MHU stand in plain memory, by version. Memory keeps what was stored last and does nothing
// by itself: the platform takes the agent's stores to SET and CLEAR away, and writes what the agent is to read. Hence one
// doorbell for each slot, no masks, and no interrupt for a sender. transports.md 2.3 to 2.5, 7.3; registers: mhu_v1.ts ...
import { MHU_V1_PERIPHERAL_ID, MHU_V1_SIZE, MHU_V1_SLOTS, MHU_V1_WORD } from "./mhu_v1.ts";
import {
  MHU_V2_FRAME,
  MHU_V2_FRAME_SIZE,
  MHU_V2_PERIPHERAL_IDS,
  MHU_V2_RECEIVER_WINDOW,
  MHU_V2_SENDER_WINDOW,
  MHU_V2_WINDOW_SIZE,
  mhuV2Architecture,
} from "./mhu_v2.ts";
import {
  MHU_V3_ARCHITECTURE,
  MHU_V3_BLOCK_ID,
  MHU_V3_CONTROL,
  MHU_V3_DOORBELLS_ONLY,
  MHU_V3_FRAME_SIZE,
  MHU_V3_MBX_WINDOW,
  MHU_V3_PBX_WINDOW,
  MHU_V3_WINDOW_SIZE,
  MHU_V3_WINDOWS_OFFSET,
} from "./mhu_v3.ts";
import { COMPONENT_ID_OFFSET, PERIPHERAL_ID_OFFSET, readAmbaId, REGISTER_SIZE } from "./registers.ts";

/** The version of an MHU whose registers stand in memory. */
export type MhuVersion = 1 | 2 | 3;

/** One slot, window or channel: offsets from the begin of the registers. */
export interface DoorbellSlot {
  /** Where the agent stores to ring. */
  readonly set: number;
  /** What the agent reads to find out that it was rung; all are written alike. */
  readonly status: readonly number[];
  /** Where the agent stores to say that it has heard. */
  readonly clear: number;
  /** The word with a bit for each slot that was rung, and the slot's bit; null = the agent looks at all slots. */
  readonly combined: { readonly offset: number; readonly bit: number } | null;
  /** Which of the agent's interrupt lines it has. */
  readonly line: number;
  /**
   * Where the agent's driver stores when it begins and never in normal work: how the platform learns that what it finds was
   * another one's. `clear` may be among them, and counts as long as the agent was never rung.
   */
  readonly begins: readonly number[];
}

/** The doorbell words of one version. */
export interface DoorbellLayout {
  /** Bytes of all frames. */
  readonly size: number;
  readonly slots: readonly DoorbellSlot[];
  /** What stands in the registers that never change: offset and value. All others are zero at first. */
  readonly constants: readonly (readonly [offset: number, value: number])[];
}

/** Windows and channels that versions 2 and 3 have: hardware may have many more, Linux writes to each when it starts. */
export const WINDOW_COUNT = 16;

/** Id words of a frame. */
function idWords(peripheralId: number, frame: number): [number, number][] {
  const offsets = [PERIPHERAL_ID_OFFSET, COMPONENT_ID_OFFSET].flatMap((at) =>
    Array.from({ length: 4 }, (_, i) => at + i * REGISTER_SIZE)
  );
  return offsets.map((offset) => [frame + offset, readAmbaId(peripheralId, offset) ?? 0]);
}

/**
 * For agents that poll. Linux (7.2) reads the status again right after it has stored to CLEAR, sooner than anybody can have
 * taken that away, and tells its client of the same doorbell hundreds of times: it needs another version for interrupts.
 */
const VERSION_1: DoorbellLayout = {
  size: MHU_V1_SIZE,
  slots: MHU_V1_SLOTS.map(({ rx, tx }, line) => ({
    set: tx + MHU_V1_WORD.set,
    status: [rx + MHU_V1_WORD.stat],
    clear: rx + MHU_V1_WORD.clear,
    combined: null,
    line,
    // Linux clears the doorbell of a channel when that is opened, and when it is closed.
    begins: [rx + MHU_V1_WORD.clear],
  })),
  constants: idWords(MHU_V1_PERIPHERAL_ID, 0),
};

/**
 * The receiver's frame stands behind the sender's. Minor version 0 has no interrupt for the sender, which memory cannot
 * raise. Linux clears its flag before it tells the client, once for each interrupt, as memory needs it.
 */
const VERSION_2: DoorbellLayout = {
  size: 2 * MHU_V2_FRAME_SIZE,
  slots: Array.from({ length: WINDOW_COUNT }, (_, window) => {
    const sender = window * MHU_V2_WINDOW_SIZE;
    const receiver = MHU_V2_FRAME_SIZE + sender;
    return {
      set: sender + MHU_V2_SENDER_WINDOW.set,
      status: [receiver + MHU_V2_RECEIVER_WINDOW.stat, receiver + MHU_V2_RECEIVER_WINDOW.statMasked],
      clear: receiver + MHU_V2_RECEIVER_WINDOW.clear,
      combined: null,
      line: 0,
      // Linux asks for access when it finds the sender, and unmasks the doorbell of each receiving channel that is opened.
      begins: [
        receiver + MHU_V2_RECEIVER_WINDOW.maskClear,
        ...(window === 0 ? [MHU_V2_FRAME.accessRequest] : []),
      ],
    };
  }),
  constants: [
    // Linux waits for ever for a receiver that is not ready.
    [MHU_V2_FRAME.accessReady, 1],
    ...[0, MHU_V2_FRAME_SIZE].flatMap((frame): [number, number][] => [
      [frame + MHU_V2_FRAME.config, WINDOW_COUNT],
      [frame + MHU_V2_FRAME.architecture, mhuV2Architecture(0)],
      ...idWords(MHU_V2_PERIPHERAL_IDS[0], frame),
    ]),
  ],
};

/** The mailbox block stands behind the postbox. Linux clears its flag last, but looks once for each interrupt only. */
const VERSION_3: DoorbellLayout = {
  size: 2 * MHU_V3_FRAME_SIZE,
  slots: Array.from({ length: WINDOW_COUNT }, (_, channel) => {
    const postbox = MHU_V3_WINDOWS_OFFSET + channel * MHU_V3_WINDOW_SIZE;
    const mailbox = MHU_V3_FRAME_SIZE + postbox;
    return {
      set: postbox + MHU_V3_PBX_WINDOW.set,
      status: [mailbox + MHU_V3_MBX_WINDOW.st, mailbox + MHU_V3_MBX_WINDOW.stMasked],
      clear: mailbox + MHU_V3_MBX_WINDOW.clear,
      combined: { offset: MHU_V3_FRAME_SIZE + MHU_V3_CONTROL.doorbellIntSt, bit: 1 << channel },
      line: 0,
      // Linux enables or unmasks the doorbell of each channel that is opened, a sending and a receiving one.
      begins: [postbox + MHU_V3_PBX_WINDOW.intEn, mailbox + MHU_V3_MBX_WINDOW.maskClear],
    };
  }),
  constants: [MHU_V3_BLOCK_ID.pbx, MHU_V3_BLOCK_ID.mbx].flatMap((id): [number, number][] => {
    const frame = id * MHU_V3_FRAME_SIZE;
    return [
      [frame + MHU_V3_CONTROL.blockId, id],
      [frame + MHU_V3_CONTROL.features0, MHU_V3_DOORBELLS_ONLY],
      [frame + MHU_V3_CONTROL.doorbellConfig, WINDOW_COUNT - 1],
      [frame + MHU_V3_CONTROL.architecture, MHU_V3_ARCHITECTURE],
    ];
  }),
};

// Linux's drivers work on all of them, unmodified, under QEMU 10 with RAM in a file, the top of which `mem=` hides from
// the kernel:
// - all versions with `arm,no-completion-irq` (7.2): one sender, `mboxes = <&mhu 0 0>` or, of version 3, `<&pbx 0 0 0>`.
//   The bus ids are found here, `arm,primecell-periphid` is not needed; a clock `apb_pclk` is, of any kind;
// - versions 2 and 3 with an interrupt (6.12 and 7.2): sender and receiver are two nodes, the receiver with
//   `interrupts-extended = <&gpio 0 4>` (a level of a virtio-gpio line; "combined" of version 3), the channels
//   `<&tx 0 0>, <&rx 0 0>, <&rx 1 0>` as tx, tx_reply and rx, and `arm,mhuv2-protocols = <0 N>`, N up to WINDOW_COUNT.
// The platform has to be there first: Linux reads ids once, and waits for an MHUv2 that is not ready without end.
const LAYOUTS: Readonly<Record<MhuVersion, DoorbellLayout>> = { 1: VERSION_1, 2: VERSION_2, 3: VERSION_3 };

/** Returns the doorbell words of a version. */
export function doorbellLayout(version: MhuVersion): DoorbellLayout {
  return LAYOUTS[version];
}
