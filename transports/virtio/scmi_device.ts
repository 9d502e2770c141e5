// The SCMI device on its two virtqueues: serves commands of the cmdq through the agent's port, and carries delayed
// responses and notifications over the eventq. Event buffers are taken only when there is something to send, so that a
// stop of the queue finds nothing in flight. virtio 1.3, 5.17. Leaves out: how a driver is called and how rings start.

import { assert } from "../../scp/core/assert.ts";
import { STATUS } from "../../scp/core/status.ts";
import {
  type AgentPort,
  createMessageBuffer,
  type MessageBuffer,
  type P2aResult,
  type P2aSink,
} from "../channel.ts";
import { MESSAGE_TYPE, messageTypeOf } from "../../scp/core/header.ts";
import { DelayedHold } from "./delayed_hold.ts";
import { DescriptorChain } from "./descriptor_chain.ts";
import { GuestMemory } from "./guest_memory.ts";
import { NEXT, Virtqueue } from "./virtqueue.ts";

/** The feature bits of the device and of its rings, as numbers of the bits. */
export const FEATURE = {
  P2A_CHANNELS: 0,
  RING_INDIRECT_DESC: 28,
  RING_EVENT_IDX: 29,
  VERSION_1: 32,
} as const;

/** Index of the queue of commands and of the queue of event buffers. */
export const COMMAND_QUEUE = 0;
export const EVENT_QUEUE = 1;
export const QUEUE_COUNT = 2;

/** The largest message either way, header included. */
export const MESSAGE_SIZE_MAX = 4096;
/** The smallest answer: header and status. Of the P2A messages none is smaller. */
const ANSWER_SIZE_MIN = 8;
const HEADER_SIZE = 4;
/**
 * What one turn may cost: a unit is a descriptor, or 64 bytes copied. A usual command has three, hence about a
 * thousand commands; a ring that the guest keeps full cannot hold up others for longer.
 */
const WORK_PER_TURN = 3072;
/** Answers are shown to the driver after so many at the latest: it may look for them while more are being served. */
const COMPLETIONS_PER_PUBLICATION = 64;

/** The way from the device to its driver. */
export interface DriverCall {
  /** Tells the driver that a queue has something for it. */
  callDriver(queueIndex: number): void;
  /** Tells that the driver has made a queue unusable: it is to be stopped, but not from inside this call. */
  queueBroke(queueIndex: number): void;
  /** Tells of a chain that was given back unused, and what is wrong with it. */
  chainRefused(queueIndex: number, head: number, fault: string): void;
  /** Has `lookAgain` called after so many milliseconds; an earlier wish is forgotten. */
  lookAgainIn(ms: number): void;
}

/** A virtio-scmi device for one agent. */
export class ScmiDevice implements P2aSink {
  readonly memory = new GuestMemory();
  readonly commandQueue = new Virtqueue();
  readonly eventQueue = new Virtqueue();
  /** Whether events may go out: the eventq is started and enabled. */
  isEventQueueRunning = false;
  readonly #port: AgentPort;
  readonly #driver: DriverCall;
  readonly #commandChain = new DescriptorChain();
  readonly #eventChain = new DescriptorChain();
  readonly #request = createMessageBuffer(MESSAGE_SIZE_MAX);
  readonly #reply = createMessageBuffer(MESSAGE_SIZE_MAX);
  readonly #delayedHold: DelayedHold;
  #wantsEventBuffers = false;

  constructor(port: AgentPort, driver: DriverCall) {
    this.#port = port;
    this.#driver = driver;
    this.#delayedHold = new DelayedHold(this.commandQueue, (ms) => driver.lookAgainIn(ms));
  }

  /** Serves what the cmdq holds, within the bound of one turn. Returns whether more is left. */
  serveCommands(): boolean {
    const queue = this.commandQueue;
    const chain = this.#commandChain;
    let work = 0;
    let unpublished = 0;
    while (work < WORK_PER_TURN) {
      const found = queue.next(this.memory, chain);
      if (found === NEXT.chain || found === NEXT.badChain) {
        work += 1 + chain.visitedCount;
        let written = 0;
        if (found === NEXT.chain) {
          written = this.#serve(chain);
          work += (chain.readableSize + written) >>> 6;
        } else this.#driver.chainRefused(COMMAND_QUEUE, queue.head, chain.fault);
        queue.complete(queue.head, written);
        if (++unpublished < COMPLETIONS_PER_PUBLICATION) continue;
      }
      unpublished = 0;
      if (queue.publish()) this.#driver.callDriver(COMMAND_QUEUE);
      if (found === NEXT.badRing) {
        this.#driver.queueBroke(COMMAND_QUEUE);
        return false;
      }
      // Counted as work: an index that another processor of the guest keeps changing must not hold us here.
      if (found === NEXT.empty && work++ >= 0 && !queue.askForKick()) return false;
    }
    if (queue.publish()) this.#driver.callDriver(COMMAND_QUEUE);
    return true;
  }

  /** Tells of a kick of the eventq: the platform goes on with what it kept for want of a buffer. */
  eventBuffersAdded(): void {
    if (!this.#wantsEventBuffers) return;
    this.#wantsEventBuffers = false;
    this.#port.p2aReady();
  }

  /** Tells that the time has come that was asked for: the platform goes on with what it kept. */
  lookAgain(): void {
    if (this.#delayedHold.look()) this.#port.p2aReady();
  }

  /** Tells that the eventq has started or was enabled. */
  eventQueueStarted(): void {
    this.isEventQueueRunning = true;
    this.#wantsEventBuffers = false;
    this.#delayedHold.reset();
    this.#port.p2aReady();
  }

  send(message: MessageBuffer, size: number): P2aResult {
    assert(size >= HEADER_SIZE && size <= MESSAGE_SIZE_MAX, "an event has the size of a message");
    if (!this.isEventQueueRunning) return "full";
    const isDelayedResponse = messageTypeOf(message.view.getUint32(0, true)) === MESSAGE_TYPE.delayedResponse;
    if (isDelayedResponse && this.#delayedHold.mustWait()) return "full";
    const queue = this.eventQueue;
    const chain = this.#eventChain;
    let result: P2aResult = "full";
    let isBroken = false;
    // Each turn takes a bad chain out of the ring or ends: a ring full of bad chains is left after one round.
    for (let i = 0; i <= queue.size; i++) {
      const found = queue.next(this.memory, chain);
      if (found === NEXT.empty) {
        if (!queue.askForKick()) break;
        continue;
      }
      if (found === NEXT.badRing) {
        isBroken = true;
        break;
      }
      if (found === NEXT.badChain || chain.readableSize > 0 || chain.writableSize < ANSWER_SIZE_MIN) {
        const fault = found === NEXT.badChain ? chain.fault : "an event buffer is readable, or too small";
        this.#driver.chainRefused(EVENT_QUEUE, queue.head, fault);
        queue.complete(queue.head, 0);
        continue;
      }
      if (chain.writableSize < size) { // it stays for a smaller message
        queue.putBack();
        result = "dropped";
        break;
      }
      chain.scatter(this.memory, message, size);
      queue.complete(queue.head, size);
      result = "sent";
      break;
    }
    if (queue.publish()) this.#driver.callDriver(EVENT_QUEUE);
    this.#wantsEventBuffers = result === "full";
    if (isBroken) {
      this.isEventQueueRunning = false;
      this.#driver.queueBroke(EVENT_QUEUE);
    }
    return result;
  }

  /** Serves one chain. Returns the bytes written to it. */
  #serve(chain: DescriptorChain): number {
    const size = chain.readableSize;
    // A command that cannot be answered is not carried out either.
    if (size < HEADER_SIZE || chain.writableSize < ANSWER_SIZE_MIN) {
      const fault = size < HEADER_SIZE ? "a command has no header" : "there is no room for an answer";
      this.#driver.chainRefused(COMMAND_QUEUE, this.commandQueue.head, fault);
      return 0;
    }
    const room = Math.min(chain.writableSize, MESSAGE_SIZE_MAX);
    chain.gather(this.memory, this.#request, Math.min(size, MESSAGE_SIZE_MAX));
    const written = size <= MESSAGE_SIZE_MAX
      ? this.#port.serve(this.#request, size, this.#reply, room)
      : this.#refuseTooLong();
    assert(written <= room, "an answer fits into the room of its command");
    chain.scatter(this.memory, this.#reply, written);
    return written;
  }

  /** No message has that many bytes. SCMI 4.1.4: its length departs from the specification. */
  #refuseTooLong(): number {
    this.#reply.view.setUint32(0, this.#request.view.getUint32(0, true), true);
    this.#reply.view.setInt32(4, STATUS.PROTOCOL_ERROR, true);
    return ANSWER_SIZE_MIN;
  }
}
