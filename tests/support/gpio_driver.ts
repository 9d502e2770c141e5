// A virtio-gpio back-end at a socket of its own in this thread, and the driver of a guest behind a front-end: asks for lines,
// gives event buffers, takes interrupts. Whatever the device does not write still has the filling.

import { assert } from "@std/assert";
import { createReactor, type Reactor } from "../../transports/ffi/reactor.ts";
import type { GpioLine, Level } from "../../transports/gpio/gpio_line.ts";
import { InterruptGpioLine } from "../../transports/gpio/interrupt_gpio_line.ts";
import { listenGpio } from "../../transports/gpio/listener.ts";
import { WRITE_FLAG } from "./virtio_driver_queue.ts";
import { EVENTQ, FrontEnd, type FrontEndOptions } from "./vhost_user_front_end.ts";

/** What every byte of a response is before the device writes it. */
export const FILLING = 0xa5;

/** Behind the readable part of an event buffer. */
const STATUS_AT = 256;

/** An input of which is known how many listen to it. */
export class CountedInput extends InterruptGpioLine {
  listenerCount = 0;

  override listen(listener: (level: Level) => void): () => void {
    this.listenerCount++;
    const stop = super.listen(listener);
    return () => {
      this.listenerCount--;
      stop();
    };
  }
}

/** An output that remembers what it was driven to. */
export class RecordedOutput implements GpioLine {
  readonly isOutput = true;
  readonly driven: Level[] = [];

  constructor(readonly name: string) {}

  read(): Level {
    return this.driven.at(-1) ?? 0;
  }

  write(level: Level): void {
    this.driven.push(level);
  }

  listen(): () => void {
    return () => {};
  }
}

/** An event buffer that came back. */
export interface ReturnedBuffer {
  /** Of which line the guest had given it. */
  readonly line: number;
  readonly size: number;
  readonly status: number;
}

/** The driver of a guest. */
export class GpioDriver {
  readonly frontEnd: FrontEnd;

  constructor(frontEnd: FrontEnd) {
    this.frontEnd = frontEnd;
  }

  /** Negotiates and starts both queues. */
  start(): this {
    this.frontEnd.negotiate();
    this.frontEnd.startDevice();
    return this;
  }

  /** Sends a request and returns all bytes of its response; null when it does not come back. */
  ask(type: number, line: number, value = 0, room = 2): readonly number[] | null {
    const request = new Uint8Array(8);
    const view = new DataView(request.buffer);
    view.setUint16(0, type, true);
    view.setUint16(2, line, true);
    view.setUint32(4, value, true);
    this.frontEnd.memory.write(this.frontEnd.responseAddress(0), new Uint8Array(room).fill(FILLING));
    const response = this.frontEnd.command(request, room);
    return response && [...response];
  }

  /** Gives the buffer of a line, by which it is unmasked. */
  unmask(line: number): void {
    this.offerBuffer(line, line);
    this.submit();
  }

  /** Offers the buffer at a place of the table, which says it is for a line. */
  offerBuffer(place: number, line: number): void {
    const { eventq, memory } = this.frontEnd;
    const address = this.frontEnd.eventAddress(place);
    memory.write(address, Uint8Array.of(line & 0xff, line >> 8));
    memory.write(address + STATUS_AT, Uint8Array.of(FILLING));
    eventq.describeChain(2 * place, [
      { address, size: 2 },
      { address: address + STATUS_AT, size: 1, flags: WRITE_FLAG },
    ]);
    eventq.offer(2 * place);
  }

  /** Shows the device what was offered. */
  submit(): void {
    this.frontEnd.eventq.submit();
    this.frontEnd.settle();
  }

  /** Takes the event buffers that came back, in their order. */
  takeBuffers(): ReturnedBuffer[] {
    const buffers: ReturnedBuffer[] = [];
    const { eventq, memory } = this.frontEnd;
    this.frontEnd.settle();
    for (let used = eventq.take(); used !== null; used = eventq.take()) {
      const address = this.frontEnd.eventAddress(used.head / 2);
      const [low = 0, high = 0] = memory.read(address, 2);
      const [status = NaN] = memory.read(address + STATUS_AT, 1);
      buffers.push({ line: low | (high << 8), size: used.size, status });
    }
    return buffers;
  }

  /** How often the device has called for event buffers since it was last asked. */
  takeCalls(): number {
    return this.frontEnd.eventq.takeCalls();
  }

  /** Stops both queues and starts them where they were, as a machine that is paused. */
  pause(whilePaused: () => void): void {
    const [requestBase = 0, eventBase = 0] = this.frontEnd.stopDevice();
    whilePaused();
    this.frontEnd.startQueue(0, requestBase);
    this.frontEnd.startQueue(EVENTQ, eventBase);
    this.frontEnd.enable(0, true);
    this.frontEnd.enable(EVENTQ, true);
  }

  /** Stops both queues and starts them anew, as a guest that boots again. */
  reboot(): void {
    this.frontEnd.stopDevice();
    for (const queue of this.frontEnd.queues) queue.clear();
    this.frontEnd.startDevice();
  }
}

/** A served GPIO device. */
export class GpioBackEnd {
  readonly reports: string[] = [];
  readonly lines: readonly CountedInput[];
  readonly output = new RecordedOutput("lamp");
  readonly #reactor: Reactor;
  readonly #path: string;
  readonly #frontEnds: FrontEnd[] = [];
  readonly #close: () => void;

  /** Two inputs and, behind them, an output. */
  constructor(reactor: Reactor, path: string) {
    this.#reactor = reactor;
    this.#path = path;
    this.lines = ["door", "wheel"].map((name) => new CountedInput(name));
    const endpoint = listenGpio(
      reactor,
      path,
      [...this.lines, this.output],
      (line) => this.reports.push(line),
    );
    assert("spec" in endpoint, "error" in endpoint ? endpoint.error : "");
    this.#close = () => endpoint.close();
  }

  /** Connects, and nothing more. */
  connect(settings: Omit<FrontEndOptions, "turn"> = {}): GpioDriver {
    const frontEnd = FrontEnd.connect(this.#path, { turn: () => this.#reactor.runOnce(0) > 0, ...settings });
    this.#frontEnds.push(frontEnd);
    return new GpioDriver(frontEnd);
  }

  /** Connects and starts both queues. */
  start(settings: Omit<FrontEndOptions, "turn"> = {}): GpioDriver {
    return this.connect(settings).start();
  }

  close(): void {
    this.#close();
    for (const frontEnd of this.#frontEnds) frontEnd.close();
  }
}

/** Runs a test with a served device, whose lines 0 and 1 are inputs and whose line 2 is an output. */
export function withGpio(body: (backEnd: GpioBackEnd) => void): void {
  const dir = Deno.makeTempDirSync();
  const reactor = createReactor();
  const backEnd = new GpioBackEnd(reactor, `${dir}/gpio.sock`);
  try {
    body(backEnd);
  } finally {
    backEnd.close();
    reactor.close();
    Deno.removeSync(dir, { recursive: true });
  }
}
