// The virtio-gpio device on its two queues: requests about lines, served in their order, and event buffers, of which the
// guest gives one per line and gets it back as the line's interrupt. virtio 1.3, 5.18. Leaves out what a guest has made
// of a line (guest_line.ts). A front-end that comes back after a break finds all lines as after a reset.

import { assert } from "../../scp/core/assert.ts";
import { createMessageBuffer, type MessageBuffer, PLAIN_SERVICE } from "../channel.ts";
import { DescriptorChain } from "../virtio/descriptor_chain.ts";
import { GuestMemory } from "../virtio/guest_memory.ts";
import { CHAIN_KEPT, type ChainServer, serveChains } from "../virtio/queue_service.ts";
import type { DriverCall, VirtioDevice } from "../virtio/virtio_device.ts";
import { Virtqueue } from "../virtio/virtqueue.ts";
import type { GpioLine } from "./gpio_line.ts";
import {
  configSpace,
  EVENT_REQUEST_SIZE,
  EVENT_RESPONSE_SIZE,
  EVENT_STATUS,
  FEATURE_IRQ,
  GPIO_REQUEST,
  GPIO_STATUS,
  IRQ_TYPE,
  REQUEST_SIZE,
  RESPONSE_SIZE,
} from "./gpio_messages.ts";
import { GuestLine } from "./guest_line.ts";

/** The most lines of one device. */
export const LINE_COUNT_MAX = 1024;

const REQUEST_QUEUE = 0;
const EVENT_QUEUE = 1;

/** A virtio-gpio device. */
export class GpioDevice implements VirtioDevice, ChainServer {
  readonly memory = new GuestMemory();
  readonly service = PLAIN_SERVICE;
  readonly queues: readonly Virtqueue[];
  readonly features = FEATURE_IRQ;
  readonly config: Uint8Array;
  readonly #requestQueue = new Virtqueue();
  readonly #eventQueue = new Virtqueue();
  readonly #driver: DriverCall;
  readonly #lines: readonly GuestLine[];
  readonly #names: Uint8Array;
  readonly #chain = new DescriptorChain();
  readonly #request = createMessageBuffer(REQUEST_SIZE);
  readonly #response: MessageBuffer;
  readonly #status = createMessageBuffer(EVENT_RESPONSE_SIZE);
  #isEventQueueRunning = false;
  /** Heads of the event buffers that are with the device. */
  readonly #heldHeads = new Set<number>();

  constructor(lines: readonly GpioLine[], driver: DriverCall) {
    assert(lines.length > 0 && lines.length <= LINE_COUNT_MAX, "a device has 1 to 1024 lines");
    this.#driver = driver;
    this.queues = [this.#requestQueue, this.#eventQueue];
    this.#lines = lines.map((line) => new GuestLine(line, (due) => this.#interrupt(due)));
    this.#names = new TextEncoder().encode(lines.map(({ name }) => `${name}\0`).join(""));
    this.#response = createMessageBuffer(Math.max(RESPONSE_SIZE, 1 + this.#names.length));
    this.config = configSpace(lines.length, this.#names.length);
  }

  /** Nothing hangs on it: without interrupts the driver uses neither SET_IRQ_TYPE nor the event queue. */
  acceptFeatures(): void {}

  driverReset(): void {
    this.#forgetBuffers();
    // A line that never could interrupt has told the driver nothing: what drives it may serve a guest that polls.
    const heard = this.#lines.filter(({ irqType }) => irqType !== IRQ_TYPE.NONE);
    for (const line of this.#lines) line.reset();
    for (const { line } of heard) line.guestLost?.();
  }

  queueRuns(index: number): void {
    if (index !== EVENT_QUEUE) return;
    // Whoever goes on with a stopped queue still waits for these buffers; another driver never heard of them.
    if (this.#eventQueue.inFlightCount !== this.#heldHeads.size) this.#forgetBuffers();
    this.#isEventQueueRunning = true;
    for (const line of this.#lines) this.#settle(line);
  }

  queueStopped(index: number): void {
    if (index === EVENT_QUEUE) this.#isEventQueueRunning = false;
  }

  close(): void {
    this.#isEventQueueRunning = false;
    this.driverReset();
  }

  serveQueue(index: number): boolean {
    const queue = index === REQUEST_QUEUE ? this.#requestQueue : this.#eventQueue;
    return serveChains(this, this.#driver, index, queue, this.#chain);
  }

  serveChain(queueIndex: number, head: number, chain: DescriptorChain): number {
    return queueIndex === REQUEST_QUEUE ? this.#serveRequest(head, chain) : this.#takeBuffer(head, chain);
  }

  #serveRequest(head: number, chain: DescriptorChain): number {
    if (chain.readableSize < REQUEST_SIZE || chain.writableSize < RESPONSE_SIZE) {
      const fault = chain.readableSize < REQUEST_SIZE ? "a request is too short" : "no room for a response";
      this.#driver.chainRefused(REQUEST_QUEUE, head, fault);
      return 0;
    }
    chain.gather(this.memory, this.#request, REQUEST_SIZE);
    const type = this.#request.view.getUint16(0, true);
    const room = Math.min(chain.writableSize, this.#response.bytes.length);
    const size = type === GPIO_REQUEST.GET_NAMES ? this.#getNames(room) : this.#respond(type);
    chain.scatter(this.memory, this.#response, size);
    return size;
  }

  /** Writes the names; to a guest with too little room for them an error, and no byte of its room unwritten. */
  #getNames(room: number): number {
    const { bytes } = this.#response;
    const fits = room === 1 + this.#names.length;
    bytes[0] = fits ? GPIO_STATUS.OK : GPIO_STATUS.ERROR;
    if (fits) bytes.set(this.#names, 1);
    else bytes.fill(0, 1, room);
    return room;
  }

  #respond(type: number): number {
    const line = this.#lines[this.#request.view.getUint16(2, true)];
    const value = line === undefined
      ? null
      : this.#carryOut(type, line, this.#request.view.getUint32(4, true));
    const { bytes } = this.#response;
    bytes[0] = value === null ? GPIO_STATUS.ERROR : GPIO_STATUS.OK;
    bytes[1] = value ?? 0;
    return RESPONSE_SIZE;
  }

  /** Carries out a request about one line. Returns the value of the response; null = it was refused. */
  #carryOut(type: number, line: GuestLine, value: number): number | null {
    switch (type) {
      case GPIO_REQUEST.GET_DIRECTION:
        return line.direction;
      case GPIO_REQUEST.GET_VALUE:
        return line.line.read();
      case GPIO_REQUEST.SET_VALUE:
        return line.setValue(value) ? 0 : null;
      case GPIO_REQUEST.SET_DIRECTION:
        if (!line.setDirection(value)) return null;
        break;
      case GPIO_REQUEST.SET_IRQ_TYPE:
        if (!line.setIrqType(value)) return null;
        break;
      default:
        return null;
    }
    this.#settle(line);
    return 0;
  }

  /** Sees to the buffer of a line that may interrupt no longer, or on another condition. */
  #settle(line: GuestLine): void {
    if (line.buffer === null || !this.#isEventQueueRunning) return;
    if (line.irqType === IRQ_TYPE.NONE) this.#giveBack(line, EVENT_STATUS.INVALID);
    else if (line.isDue) this.#interrupt(line);
  }

  /** Takes an event buffer: its line is unmasked. Returns the bytes written when it goes back at once. */
  #takeBuffer(head: number, chain: DescriptorChain): number {
    const isTooSmall = chain.readableSize < EVENT_REQUEST_SIZE || chain.writableSize < EVENT_RESPONSE_SIZE;
    if (isTooSmall || this.#heldHeads.has(head)) {
      const fault = isTooSmall ? "an event buffer is too small" : "the device has this chain already";
      this.#driver.chainRefused(EVENT_QUEUE, head, fault);
      return 0;
    }
    chain.gather(this.memory, this.#request, EVENT_REQUEST_SIZE);
    const index = this.#request.view.getUint16(0, true);
    const line = this.#lines[index];
    const fault = line === undefined
      ? `there is no line ${index}`
      : line.buffer !== null
      ? `line ${index} has an event buffer already`
      : null;
    if (fault !== null) this.#driver.chainRefused(EVENT_QUEUE, head, fault);
    let status: number = EVENT_STATUS.INVALID;
    if (line !== undefined && line.buffer === null && line.irqType !== IRQ_TYPE.NONE) {
      if (!line.isDue) {
        line.buffer = { head, statusAddress: chain.writableAddress };
        this.#heldHeads.add(head);
        return CHAIN_KEPT;
      }
      line.acknowledge();
      status = EVENT_STATUS.VALID;
    }
    this.#status.bytes[0] = status;
    chain.scatter(this.memory, this.#status, EVENT_RESPONSE_SIZE);
    return EVENT_RESPONSE_SIZE;
  }

  /** Interrupts the guest if it can be: the line stays due while it is masked or the queue is stopped. */
  #interrupt(line: GuestLine): void {
    if (line.buffer === null || !this.#isEventQueueRunning) return;
    line.acknowledge();
    this.#giveBack(line, EVENT_STATUS.VALID);
  }

  /** Gives the buffer of a line back: the line is masked again. */
  #giveBack(line: GuestLine, status: number): void {
    const { buffer } = line;
    assert(buffer !== null && this.#isEventQueueRunning, "a buffer of a running queue is given back");
    line.buffer = null;
    this.#heldHeads.delete(buffer.head);
    this.#status.bytes[0] = status;
    // The memory may have been replaced since the buffer came.
    const isWritten = this.memory.copyIn(this.#status, 0, EVENT_RESPONSE_SIZE, buffer.statusAddress);
    this.#eventQueue.complete(buffer.head, isWritten ? EVENT_RESPONSE_SIZE : 0);
    if (this.#eventQueue.publish()) this.#driver.callDriver(EVENT_QUEUE);
  }

  #forgetBuffers(): void {
    for (const line of this.#lines) line.buffer = null;
    this.#heldHeads.clear();
  }
}
