// The registers of an MHUv1, with its doorbell variant: three slots, each with a 32-bit word in either direction. As doorbells
// the bits of a word are channels of their own; as data the word is the message; the registers do not differ.
// transports.md 2.3. Leaves out security: the secure slot is open to whoever holds the register file.
import {
  InterruptLines,
  type MhuModel,
  type MhuSide,
  readAmbaId,
  RegisterBlock,
  type RegisterFile,
} from "./registers.ts";

/** Bytes of the block. */
export const MHU_V1_SIZE = 0x1000;
/** What the agent's bus finds in the id bytes. */
export const MHU_V1_PERIPHERAL_ID = 0x001bb098;

/** Where the words of a slot are: low priority, high priority, secure. */
export const MHU_V1_SLOTS = [
  { rx: 0x000, tx: 0x100 },
  { rx: 0x020, tx: 0x120 },
  { rx: 0x200, tx: 0x300 },
] as const;

/** Registers of a word: status, to be read; set and clear, to be written. */
export const MHU_V1_WORD = { stat: 0x00, set: 0x08, clear: 0x10 } as const;

/** Bytes that a word's registers take. */
const WORD_STEP = 0x20;

/** An MHUv1. Line n is that of slot n, asserted while the word that its side receives is not zero. */
export class MhuV1 implements MhuModel {
  readonly version = 1;
  readonly agent: RegisterFile;
  readonly platform: RegisterFile;
  onInterrupt: MhuModel["onInterrupt"] = null;
  readonly #lines = new InterruptLines(MHU_V1_SLOTS.length, (...change) => this.onInterrupt?.(...change));
  /** What each side receives, by slot. */
  readonly #words: Readonly<Record<MhuSide, Uint32Array>> = {
    agent: new Uint32Array(MHU_V1_SLOTS.length),
    platform: new Uint32Array(MHU_V1_SLOTS.length),
  };

  constructor() {
    this.agent = this.#registersOf("agent", "platform");
    this.platform = this.#registersOf("platform", "agent");
  }

  isAsserted(side: MhuSide, line: number): boolean {
    return this.#lines.isAsserted(side, line);
  }

  #registersOf(own: MhuSide, other: MhuSide): RegisterFile {
    // Both registers of both directions work for both sides: Linux clears the word that it sends, when it starts.
    const wordAt = (offset: number): { receiver: MhuSide; slot: number } | null => {
      const start = offset - offset % WORD_STEP;
      const slot = MHU_V1_SLOTS.findIndex(({ rx, tx }) => rx === start || tx === start);
      return slot < 0 ? null : { receiver: MHU_V1_SLOTS[slot]!.rx === start ? own : other, slot };
    };
    const load = (offset: number): number | undefined => {
      const word = wordAt(offset);
      if (word === null) return readAmbaId(MHU_V1_PERIPHERAL_ID, offset);
      return offset % WORD_STEP === MHU_V1_WORD.stat ? this.#words[word.receiver][word.slot] : undefined;
    };
    const store = (offset: number, value: number): boolean => {
      const word = wordAt(offset);
      const register = offset % WORD_STEP;
      if (word === null || (register !== MHU_V1_WORD.set && register !== MHU_V1_WORD.clear)) return false;
      const words = this.#words[word.receiver];
      if (register === MHU_V1_WORD.set) words[word.slot]! |= value;
      else words[word.slot]! &= ~value;
      this.#lines.set(word.receiver, word.slot, words[word.slot] !== 0);
      return true;
    };
    return new RegisterBlock(MHU_V1_SIZE, load, store);
  }
}
