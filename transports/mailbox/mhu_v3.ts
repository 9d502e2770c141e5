// The registers of an MHUv3 with its doorbell extension: postbox (PBX, sender) and mailbox (MBX, receiver), each a control page
// and a page of doorbell windows. transports.md 2.5. Leaves out the FIFO and FastChannel extensions: the feature register says
// that they are absent, their registers read as zero.
import { assert } from "../../scp/core/assert.ts";
import {
  InterruptLines,
  joinRegisterFiles,
  type MhuModel,
  type MhuSide,
  RECEIVER_LINE,
  RegisterBlock,
  type RegisterFile,
  SENDER_LINE,
} from "./registers.ts";

/** Bytes of a postbox or mailbox block. */
export const MHU_V3_FRAME_SIZE = 0x10000;
/** Doorbell channels that a block can have. */
export const MHU_V3_CHANNEL_COUNT_MAX = 128;
/** Where the windows of the doorbell channels begin, and bytes of each. */
export const MHU_V3_WINDOWS_OFFSET = 0x1000;
export const MHU_V3_WINDOW_SIZE = 0x20;

/** BLK_ID of either block. */
export const MHU_V3_BLOCK_ID = { pbx: 0, mbx: 1 } as const;
/** AIDR: the architecture calls version 3 major 2. */
export const MHU_V3_ARCHITECTURE = 0x20;

/** Registers of the control page. */
export const MHU_V3_CONTROL = {
  blockId: 0x000,
  features0: 0x010,
  features1: 0x014,
  doorbellConfig: 0x020,
  fifoConfig: 0x030,
  fastChannelConfig: 0x040,
  control: 0x100,
  doorbellIntSt: 0x400,
  fifoIntSt: 0x410,
  implementer: 0xfc8,
  architecture: 0xfcc,
} as const;
/** FEAT_SPT0 of a block with doorbells alone. */
export const MHU_V3_DOORBELLS_ONLY = 0x001;

/** Registers of a window in the postbox. */
export const MHU_V3_PBX_WINDOW = {
  st: 0x00,
  set: 0x0c,
  intSt: 0x10,
  intClr: 0x14,
  intEn: 0x18,
  control: 0x1c,
} as const;
/** Registers of a window in the mailbox. */
export const MHU_V3_MBX_WINDOW = {
  st: 0x00,
  stMasked: 0x04,
  clear: 0x08,
  mask: 0x10,
  maskSet: 0x14,
  maskClear: 0x18,
  control: 0x1c,
} as const;

const COMBINED_WORD_COUNT = 4;
/** Bits of CTRL: stay operational, mask operational changes. */
const CONTROL_BITS = 0b11;

/** What an MHUv3 is made of. */
export interface MhuV3Options {
  /** Doorbell channels in each direction, 1 to 128; 1 unless given. */
  readonly channelCount?: number;
  /** Whether blocks become operational by themselves, and stay so on request; false unless given. */
  readonly hasAutoOperation?: boolean;
}

/** One direction: the flags, and a block for either end. */
class Link {
  readonly postbox: RegisterFile;
  readonly mailbox: RegisterFile;
  readonly #flags: Uint32Array;
  readonly #masks: Uint32Array;
  /** Of each channel: the transfer was acknowledged; that event is enabled; windows that take part in the combined line. */
  readonly #acknowledged: Uint32Array;
  readonly #acknowledgeEnabled: Uint32Array;
  readonly #pbxCombined: Uint32Array;
  readonly #mbxCombined: Uint32Array;
  #pbxControl = 0;
  #mbxControl = 0;

  constructor(
    readonly channelCount: number,
    readonly hasAutoOperation: boolean,
    private readonly onLevels: (mailbox: boolean, postbox: boolean) => void,
  ) {
    const words = () => new Uint32Array(channelCount);
    this.#flags = words();
    this.#masks = words();
    this.#acknowledged = words();
    this.#acknowledgeEnabled = words();
    this.#pbxCombined = words();
    this.#mbxCombined = words();
    this.postbox = this.#block(
      (channel, register) => this.#loadPbx(channel, register),
      (channel, register, value) => this.#storePbx(channel, register, value),
      true,
    );
    this.mailbox = this.#block(
      (channel, register) => this.#loadMbx(channel, register),
      (channel, register, value) => this.#storeMbx(channel, register, value),
      false,
    );
  }

  #block(
    load: (channel: number, register: number) => number | undefined,
    store: (channel: number, register: number, value: number) => boolean,
    isPbx: boolean,
  ): RegisterFile {
    const channelOf = (offset: number) => Math.floor((offset - MHU_V3_WINDOWS_OFFSET) / MHU_V3_WINDOW_SIZE);
    return new RegisterBlock(
      MHU_V3_FRAME_SIZE,
      (offset) => {
        const channel = channelOf(offset);
        if (channel < 0) return this.#loadControl(offset, isPbx);
        return channel < this.channelCount ? load(channel, offset % MHU_V3_WINDOW_SIZE) : undefined;
      },
      (offset, value) => {
        const channel = channelOf(offset);
        const isRegister = channel < 0
          ? this.#storeControl(offset, value, isPbx)
          : channel < this.channelCount && store(channel, offset % MHU_V3_WINDOW_SIZE, value);
        this.onLevels(this.#anyCombined(false), this.#anyCombined(true));
        return isRegister;
      },
    );
  }

  #loadControl(offset: number, isPbx: boolean): number | undefined {
    const combined = (offset - MHU_V3_CONTROL.doorbellIntSt) / 4;
    if (combined >= 0 && combined < COMBINED_WORD_COUNT) return this.#combinedWord(combined, isPbx);
    switch (offset) {
      case MHU_V3_CONTROL.blockId:
        return isPbx ? MHU_V3_BLOCK_ID.pbx : MHU_V3_BLOCK_ID.mbx;
      case MHU_V3_CONTROL.features0:
        return MHU_V3_DOORBELLS_ONLY;
      case MHU_V3_CONTROL.features1:
        return Number(this.hasAutoOperation);
      case MHU_V3_CONTROL.doorbellConfig:
        return this.channelCount - 1;
      case MHU_V3_CONTROL.fifoConfig:
      case MHU_V3_CONTROL.fastChannelConfig:
      case MHU_V3_CONTROL.fifoIntSt:
      case MHU_V3_CONTROL.implementer:
        return 0;
      case MHU_V3_CONTROL.control:
        return isPbx ? this.#pbxControl : this.#mbxControl;
      case MHU_V3_CONTROL.architecture:
        return MHU_V3_ARCHITECTURE;
      default:
        return undefined;
    }
  }

  #storeControl(offset: number, value: number, isPbx: boolean): boolean {
    if (offset !== MHU_V3_CONTROL.control) return false;
    if (isPbx) this.#pbxControl = value & CONTROL_BITS;
    else this.#mbxControl = value & CONTROL_BITS;
    return true;
  }

  #loadPbx(channel: number, register: number): number | undefined {
    switch (register) {
      case MHU_V3_PBX_WINDOW.st:
        return this.#flags[channel];
      case MHU_V3_PBX_WINDOW.intSt:
        return this.#acknowledged[channel];
      case MHU_V3_PBX_WINDOW.intEn:
        return this.#acknowledgeEnabled[channel];
      case MHU_V3_PBX_WINDOW.control:
        return this.#pbxCombined[channel];
      default:
        return undefined;
    }
  }

  #storePbx(channel: number, register: number, value: number): boolean {
    switch (register) {
      case MHU_V3_PBX_WINDOW.set:
        this.#flags[channel]! |= value;
        return true;
      case MHU_V3_PBX_WINDOW.intClr:
        this.#acknowledged[channel]! &= ~value;
        return true;
      case MHU_V3_PBX_WINDOW.intEn:
        this.#acknowledgeEnabled[channel] = value & 1;
        return true;
      case MHU_V3_PBX_WINDOW.control:
        this.#pbxCombined[channel] = value & 1;
        return true;
      default:
        return false;
    }
  }

  #loadMbx(channel: number, register: number): number | undefined {
    switch (register) {
      case MHU_V3_MBX_WINDOW.st:
        return this.#flags[channel];
      case MHU_V3_MBX_WINDOW.stMasked:
        return this.#flags[channel]! & ~this.#masks[channel]!;
      case MHU_V3_MBX_WINDOW.mask:
        return this.#masks[channel];
      case MHU_V3_MBX_WINDOW.control:
        return this.#mbxCombined[channel];
      default:
        return undefined;
    }
  }

  #storeMbx(channel: number, register: number, value: number): boolean {
    switch (register) {
      case MHU_V3_MBX_WINDOW.clear:
        // A flag that falls is what acknowledges the transfer; clearing none tells the sender nothing.
        if ((this.#flags[channel]! & value) !== 0) this.#acknowledged[channel] = 1;
        this.#flags[channel]! &= ~value;
        return true;
      case MHU_V3_MBX_WINDOW.maskSet:
        this.#masks[channel]! |= value;
        return true;
      case MHU_V3_MBX_WINDOW.maskClear:
        this.#masks[channel]! &= ~value;
        return true;
      case MHU_V3_MBX_WINDOW.control:
        this.#mbxCombined[channel] = value & 1;
        return true;
      default:
        return false;
    }
  }

  /** Whether a channel takes part in the combined line of a block and has something to tell. */
  #isCombined(channel: number, isPbx: boolean): boolean {
    if (isPbx) {
      return this.#pbxCombined[channel] !== 0 &&
        (this.#acknowledged[channel]! & this.#acknowledgeEnabled[channel]!) !== 0;
    }
    return this.#mbxCombined[channel] !== 0 && (this.#flags[channel]! & ~this.#masks[channel]!) !== 0;
  }

  #anyCombined(isPbx: boolean): boolean {
    for (let channel = 0; channel < this.channelCount; channel++) {
      if (this.#isCombined(channel, isPbx)) return true;
    }
    return false;
  }

  #combinedWord(word: number, isPbx: boolean): number {
    let bits = 0;
    for (let bit = 0; bit < 32 && word * 32 + bit < this.channelCount; bit++) {
      if (this.#isCombined(word * 32 + bit, isPbx)) bits |= 1 << bit;
    }
    return bits;
  }
}

/** An MHUv3. Each side has its postbox first, its mailbox behind it. */
export class MhuV3 implements MhuModel {
  readonly version = 3;
  readonly agent: RegisterFile;
  readonly platform: RegisterFile;
  onInterrupt: MhuModel["onInterrupt"] = null;
  readonly #lines = new InterruptLines(2, (...change) => this.onInterrupt?.(...change));

  constructor(options: MhuV3Options = {}) {
    const { channelCount = 1, hasAutoOperation = false } = options;
    assert(channelCount >= 1 && channelCount <= MHU_V3_CHANNEL_COUNT_MAX, "a block has 1 to 128 channels");
    const link = (sender: MhuSide, receiver: MhuSide) =>
      new Link(channelCount, hasAutoOperation, (isFlagged, isAcknowledged) => {
        this.#lines.set(receiver, RECEIVER_LINE, isFlagged);
        this.#lines.set(sender, SENDER_LINE, isAcknowledged);
      });
    const toPlatform = link("agent", "platform");
    const toAgent = link("platform", "agent");
    this.agent = joinRegisterFiles([toPlatform.postbox, toAgent.mailbox]);
    this.platform = joinRegisterFiles([toAgent.postbox, toPlatform.mailbox]);
  }

  isAsserted(side: MhuSide, line: number): boolean {
    return this.#lines.isAsserted(side, line);
  }
}
