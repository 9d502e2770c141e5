// What the guest has made of one line: its direction, when it interrupts, and whether an interrupt waits to be delivered.
// A guest unmasks a line by giving a buffer for it; until then edges are kept (one, however many come) and levels are
// not: the level is looked at when the buffer comes. virtio 1.3, 5.18.6. Leaves out the queues.

import { DIRECTION, IRQ_TYPE } from "./gpio_messages.ts";
import type { GpioLine, Level } from "./gpio_line.ts";

const IRQ_TYPES: ReadonlySet<number> = new Set(Object.values(IRQ_TYPE));

/** A buffer that the guest has given for a line: the head of its chain, and where its status goes. */
export interface EventBuffer {
  readonly head: number;
  readonly statusAddress: number;
}

/** One line, as one driver uses it. */
export class GuestLine {
  readonly line: GpioLine;
  /** The buffer that unmasks it; null = it is masked. */
  buffer: EventBuffer | null = null;
  readonly #onDue: (line: GuestLine) => void;
  #direction: number = DIRECTION.NONE;
  #irqType: number = IRQ_TYPE.NONE;
  /** Whether an edge has come that the guest has not heard of. */
  #isLatched = false;
  /** What the guest wants an output to be, also before it is one. */
  #wanted: Level | null = null;
  #stopListening: (() => void) | null = null;

  /** `onDue` is called when a change of the line makes an interrupt due while it is unmasked. */
  constructor(line: GpioLine, onDue: (line: GuestLine) => void) {
    this.line = line;
    this.#onDue = onDue;
  }

  /** A number of DIRECTION. */
  get direction(): number {
    return this.#direction;
  }

  /** A number of IRQ_TYPE; a line without a type never interrupts. */
  get irqType(): number {
    return this.#irqType;
  }

  /** Whether there is something that the guest is to be interrupted for. Whoever drives the line is asked first. */
  get isDue(): boolean {
    return this.#isDueAt(this.line.read());
  }

  /** Tells that the guest is being interrupted: the edge is heard of. */
  acknowledge(): void {
    this.#isLatched = false;
  }

  /** Sets the direction. False when the line cannot have it. */
  setDirection(direction: number): boolean {
    if (direction === DIRECTION.NONE) {
      this.reset();
      return true;
    }
    if (direction !== (this.line.isOutput ? DIRECTION.OUT : DIRECTION.IN)) return false;
    this.#direction = direction;
    this.#drive();
    return true;
  }

  /** Sets what the line is to be as an output; it takes effect when the line is one. False for lines that cannot be. */
  setValue(value: number): boolean {
    if (!this.line.isOutput || (value !== 0 && value !== 1)) return false;
    this.#wanted = value;
    this.#drive();
    return true;
  }

  /** Sets when the line interrupts; an edge that was kept is forgotten. False when the line cannot do that. */
  setIrqType(type: number): boolean {
    if (!IRQ_TYPES.has(type)) return false;
    if (type !== IRQ_TYPE.NONE && this.line.isOutput) return false;
    this.#irqType = type;
    this.#isLatched = false;
    if (type === IRQ_TYPE.NONE) {
      this.#stopListening?.();
      this.#stopListening = null;
    } else this.#stopListening ??= this.line.listen((level) => this.#changed(level));
    return true;
  }

  /** Forgets what the guest made of the line. Its buffer is the caller's matter. */
  reset(): void {
    this.setIrqType(IRQ_TYPE.NONE);
    this.#direction = DIRECTION.NONE;
    this.#wanted = null;
  }

  #drive(): void {
    if (this.#direction === DIRECTION.OUT && this.#wanted !== null) this.line.write(this.#wanted);
  }

  #changed(level: Level): void {
    const edge = level === 1 ? IRQ_TYPE.EDGE_RISING : IRQ_TYPE.EDGE_FALLING;
    if ((this.#irqType & edge) !== 0) this.#isLatched = true;
    if (this.buffer !== null && this.#isDueAt(level)) this.#onDue(this);
  }

  #isDueAt(level: Level): boolean {
    if (this.#irqType === IRQ_TYPE.LEVEL_HIGH) return level === 1;
    if (this.#irqType === IRQ_TYPE.LEVEL_LOW) return level === 0;
    return this.#isLatched;
  }
}
