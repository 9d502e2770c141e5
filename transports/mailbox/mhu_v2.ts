// The registers of an MHUv2 (2.0 and 2.1): channel windows in one direction, seen by the sender in one frame and by the
// receiver in another. A model has a link of both frames for each direction. transports.md 2.4. Leaves out bus errors:
// an access that hardware may answer with one reads as zero or changes nothing.
import { assert } from "../../scp/core/assert.ts";
import {
  InterruptLines,
  joinRegisterFiles,
  type MhuModel,
  type MhuSide,
  readAmbaId,
  RECEIVER_LINE,
  RegisterBlock,
  type RegisterFile,
  SENDER_LINE,
} from "./registers.ts";

/** Bytes of a frame. */
export const MHU_V2_FRAME_SIZE = 0x1000;
/** Windows that a frame can have. */
export const MHU_V2_WINDOW_COUNT_MAX = 124;
/** Bytes of a window. */
export const MHU_V2_WINDOW_SIZE = 0x20;
/** What the agent's bus finds in the id bytes, by minor version. */
export const MHU_V2_PERIPHERAL_IDS = [0x000bb0d1, 0x000bb076] as const;

/** Registers of a window in the sender's frame. */
export const MHU_V2_SENDER_WINDOW = {
  stat: 0x00,
  set: 0x0c,
  intSt: 0x10,
  intClr: 0x14,
  intEn: 0x18,
} as const;
/** Registers of a window in the receiver's frame. */
export const MHU_V2_RECEIVER_WINDOW = {
  stat: 0x00,
  statMasked: 0x04,
  clear: 0x08,
  mask: 0x10,
  maskSet: 0x14,
  maskClear: 0x18,
} as const;
/** Registers of a frame; those of the response and the access are the sender's alone. */
export const MHU_V2_FRAME = {
  config: 0xf80,
  responseConfig: 0xf84,
  accessRequest: 0xf88,
  accessReady: 0xf8c,
  intSt: 0xf90,
  intClr: 0xf94,
  intEn: 0xf98,
  combinedIntSt: 0xfa0,
  implementer: 0xfc8,
  architecture: 0xfcc,
} as const;

/** AIDR of a minor version: the major one stands in bits 7:4. */
export function mhuV2Architecture(minor: number): number {
  return 0x10 | minor;
}

const WINDOWS_END = MHU_V2_WINDOW_COUNT_MAX * MHU_V2_WINDOW_SIZE;
const COMBINED_WORD_COUNT = 4;
/** Bits of the sender frame's INT_ST and INT_EN: became ready, ceased to be ready; INT_EN also has the windows combined. */
const INT_BECAME_READY = 1 << 0;
const INT_CEASED_READY = 1 << 1;
const INT_COMBINED = 1 << 2;

/** What an MHUv2 is made of. */
export interface MhuV2Options {
  /** Windows in each direction, 1 to 124; 1 unless given. */
  readonly windowCount?: number;
  /** 0: no combined status and no interrupt of the sender; 1: both. 0 unless given. */
  readonly minor?: 0 | 1;
}

/** One direction: the status words, and a frame for either end. */
class Link {
  readonly sender: RegisterFile;
  readonly receiver: RegisterFile;
  readonly #status: Uint32Array;
  readonly #masks: Uint32Array;
  /** Of each window: whether flags were cleared since the sender last cleared that event, and whether that interrupts. */
  readonly #cleared: Uint32Array;
  readonly #clearedEnabled: Uint32Array;
  #responseConfig = 0;
  #isRequested = false;
  #isReceiverOn = true;
  #senderEvents = 0;
  #senderEnabled = 0;
  #receiverEnabled = 0;

  constructor(
    readonly windowCount: number,
    readonly minor: number,
    private readonly onLevels: (receiver: boolean, sender: boolean) => void,
  ) {
    this.#status = new Uint32Array(windowCount);
    this.#masks = new Uint32Array(windowCount);
    this.#cleared = new Uint32Array(windowCount);
    this.#clearedEnabled = new Uint32Array(windowCount);
    this.sender = new RegisterBlock(
      MHU_V2_FRAME_SIZE,
      (offset) => offset < WINDOWS_END ? this.#loadSender(offset) : this.#loadFrame(offset, true),
      (offset, value) => this.#settle(this.#storeSender(offset, value)),
    );
    this.receiver = new RegisterBlock(
      MHU_V2_FRAME_SIZE,
      (offset) => offset < WINDOWS_END ? this.#loadReceiver(offset) : this.#loadFrame(offset, false),
      (offset, value) => this.#settle(this.#storeReceiver(offset, value)),
    );
  }

  /** Switches the receiving side on or off: the sender finds out by ACCESS_READY and its two events. */
  set isReceiverOn(isOn: boolean) {
    const wasReady = this.#isReady;
    this.#isReceiverOn = isOn;
    this.#noteReadiness(wasReady, INT_CEASED_READY);
    this.#settle(true);
  }

  get #isReady(): boolean {
    return this.#isRequested && this.#isReceiverOn;
  }

  /** Notes what the sender hears of; a request that it has withdrawn itself is no event. */
  #noteReadiness(wasReady: boolean, onCease: number): void {
    if (wasReady === this.#isReady) return;
    this.#senderEvents |= this.#isReady ? INT_BECAME_READY : onCease;
  }

  #loadSender(offset: number): number | undefined {
    const window = Math.floor(offset / MHU_V2_WINDOW_SIZE);
    if (window >= this.windowCount) return undefined;
    const register = offset % MHU_V2_WINDOW_SIZE;
    if (register === MHU_V2_SENDER_WINDOW.stat) return this.#isReady ? this.#status[window] : 0;
    if (this.minor === 0) return undefined;
    if (register === MHU_V2_SENDER_WINDOW.intSt) return this.#cleared[window];
    return register === MHU_V2_SENDER_WINDOW.intEn ? this.#clearedEnabled[window] : undefined;
  }

  #storeSender(offset: number, value: number): boolean {
    const window = Math.floor(offset / MHU_V2_WINDOW_SIZE);
    if (window < this.windowCount) {
      const register = offset % MHU_V2_WINDOW_SIZE;
      if (register === MHU_V2_SENDER_WINDOW.set) {
        // Flags cannot be set while the receiver is not ready to keep them.
        if (this.#isReady) this.#status[window]! |= value;
        return true;
      }
      if (this.minor === 0) return false;
      if (register === MHU_V2_SENDER_WINDOW.intClr) this.#cleared[window]! &= ~value;
      else if (register === MHU_V2_SENDER_WINDOW.intEn) this.#clearedEnabled[window] = value & 1;
      else return false;
      return true;
    }
    switch (offset) {
      case MHU_V2_FRAME.responseConfig:
        this.#responseConfig = value & 1;
        return true;
      case MHU_V2_FRAME.accessRequest: {
        const wasReady = this.#isReady;
        this.#isRequested = (value & 1) !== 0;
        this.#noteReadiness(wasReady, 0);
        return true;
      }
      case MHU_V2_FRAME.intClr:
        this.#senderEvents &= ~value;
        return true;
      case MHU_V2_FRAME.intEn:
        this.#senderEnabled = value & (INT_BECAME_READY | INT_CEASED_READY | this.#combinedEnable);
        return true;
      default:
        return false;
    }
  }

  #loadReceiver(offset: number): number | undefined {
    const window = Math.floor(offset / MHU_V2_WINDOW_SIZE);
    if (window >= this.windowCount) return undefined;
    switch (offset % MHU_V2_WINDOW_SIZE) {
      case MHU_V2_RECEIVER_WINDOW.stat:
        return this.#status[window];
      case MHU_V2_RECEIVER_WINDOW.statMasked:
        return this.#unmaskedOf(window);
      case MHU_V2_RECEIVER_WINDOW.mask:
        return this.#masks[window];
      default:
        return undefined;
    }
  }

  #storeReceiver(offset: number, value: number): boolean {
    const window = Math.floor(offset / MHU_V2_WINDOW_SIZE);
    if (window >= this.windowCount) {
      if (offset !== MHU_V2_FRAME.intEn || this.minor === 0) return false;
      this.#receiverEnabled = value & INT_COMBINED;
      return true;
    }
    switch (offset % MHU_V2_WINDOW_SIZE) {
      case MHU_V2_RECEIVER_WINDOW.clear:
        if ((this.#status[window]! & value) !== 0) this.#cleared[window] = 1;
        this.#status[window]! &= ~value;
        return true;
      case MHU_V2_RECEIVER_WINDOW.maskSet:
        this.#masks[window]! |= value;
        return true;
      case MHU_V2_RECEIVER_WINDOW.maskClear:
        this.#masks[window]! &= ~value;
        return true;
      default:
        return false;
    }
  }

  #loadFrame(offset: number, isSender: boolean): number | undefined {
    const combined = (offset - MHU_V2_FRAME.combinedIntSt) / 4;
    if (combined >= 0 && combined < COMBINED_WORD_COUNT) {
      return this.minor === 0 ? undefined : this.#combined(combined, isSender);
    }
    switch (offset) {
      case MHU_V2_FRAME.config:
        return this.windowCount;
      case MHU_V2_FRAME.responseConfig:
        return isSender ? this.#responseConfig : undefined;
      case MHU_V2_FRAME.accessRequest:
        return isSender ? Number(this.#isRequested) : undefined;
      case MHU_V2_FRAME.accessReady:
        return isSender ? Number(this.#isReady) : undefined;
      case MHU_V2_FRAME.intSt:
        return isSender ? this.#senderEvents : this.minor === 0 ? undefined : 0;
      case MHU_V2_FRAME.intEn:
        return isSender ? this.#senderEnabled : this.minor === 0 ? undefined : this.#receiverEnabled;
      case MHU_V2_FRAME.implementer:
        return 0;
      case MHU_V2_FRAME.architecture:
        return mhuV2Architecture(this.minor);
      default:
        return readAmbaId(MHU_V2_PERIPHERAL_IDS[this.minor === 0 ? 0 : 1], offset);
    }
  }

  get #combinedEnable(): number {
    return this.minor === 0 ? 0 : INT_COMBINED;
  }

  #unmaskedOf(window: number): number {
    return this.#status[window]! & ~this.#masks[window]!;
  }

  #interruptsSender(window: number): boolean {
    return (this.#cleared[window]! & this.#clearedEnabled[window]!) !== 0;
  }

  /** One bit for each of 32 windows. */
  #combined(word: number, isSender: boolean): number {
    let bits = 0;
    for (let bit = 0; bit < 32 && word * 32 + bit < this.windowCount; bit++) {
      const window = word * 32 + bit;
      if (isSender ? this.#interruptsSender(window) : this.#unmaskedOf(window) !== 0) bits |= 1 << bit;
    }
    return bits;
  }

  /** Brings the lines up to date after a write; hands through whether there was a register. */
  #settle(isRegister: boolean): boolean {
    let isFlagged = false;
    let isAcknowledged = (this.#senderEvents & this.#senderEnabled) !== 0;
    for (let window = 0; window < this.windowCount; window++) {
      if (this.#unmaskedOf(window) !== 0) isFlagged = true;
      if ((this.#senderEnabled & INT_COMBINED) !== 0 && this.#interruptsSender(window)) isAcknowledged = true;
    }
    this.onLevels(isFlagged && (this.minor === 0 || this.#receiverEnabled !== 0), isAcknowledged);
    return isRegister;
  }
}

/** An MHUv2. Each side has its sender frame first, its receiver frame behind it. */
export class MhuV2 implements MhuModel {
  readonly version = 2;
  readonly agent: RegisterFile;
  readonly platform: RegisterFile;
  onInterrupt: MhuModel["onInterrupt"] = null;
  readonly #lines = new InterruptLines(2, (...change) => this.onInterrupt?.(...change));
  readonly #toPlatform: Link;
  readonly #toAgent: Link;

  constructor(options: MhuV2Options = {}) {
    const { windowCount = 1, minor = 0 } = options;
    assert(windowCount >= 1 && windowCount <= MHU_V2_WINDOW_COUNT_MAX, "a frame has 1 to 124 windows");
    const link = (sender: MhuSide, receiver: MhuSide) =>
      new Link(windowCount, minor, (isFlagged, isAcknowledged) => {
        this.#lines.set(receiver, RECEIVER_LINE, isFlagged);
        this.#lines.set(sender, SENDER_LINE, isAcknowledged);
      });
    this.#toPlatform = link("agent", "platform");
    this.#toAgent = link("platform", "agent");
    this.agent = joinRegisterFiles([this.#toPlatform.sender, this.#toAgent.receiver]);
    this.platform = joinRegisterFiles([this.#toAgent.sender, this.#toPlatform.receiver]);
  }

  isAsserted(side: MhuSide, line: number): boolean {
    return this.#lines.isAsserted(side, line);
  }

  /** Switches a side on or off as a receiver; both are on at first. */
  setReceiverOn(side: MhuSide, isOn: boolean): void {
    (side === "platform" ? this.#toPlatform : this.#toAgent).isReceiverOn = isOn;
  }
}
