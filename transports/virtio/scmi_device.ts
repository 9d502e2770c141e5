// The SCMI device on its two virtqueues: serves commands of the cmdq through the agent's port, and carries delayed
// responses and notifications over the eventq. Event buffers are taken only when there is something to send, so that a
// stop of the queue finds nothing in flight. virtio 1.3, 5.17. Leaves out: how a driver is called and how rings start.

import { assert } from "../../scp/core/assert.ts";
import { HEADER_SIZE, MESSAGE_TYPE, messageTypeOf } from "../../scp/core/header.ts";
import { MESSAGE_SIZE_MAX, REPLY_SIZE_MAX } from "../../scp/core/limits.ts";
import { STATUS } from "../../scp/core/status.ts";
import {
  type AgentPort,
  type AgentService,
  createMessageBuffer,
  type MessageBuffer,
  type P2aResult,
  type P2aSink,
} from "../channel.ts";
import { DelayedHold } from "./delayed_hold.ts";
import { DescriptorChain } from "./descriptor_chain.ts";
import { GuestMemory } from "./guest_memory.ts";
import { type ChainServer, serveChains, WORK_PER_TURN } from "./queue_service.ts";
import type { DriverCall, VirtioDevice } from "./virtio_device.ts";
import { NEXT, Virtqueue } from "./virtqueue.ts";

/** Feature bit P2A_CHANNELS, as a mask: there are delayed responses and notifications. */
const FEATURE_P2A_CHANNELS = 1 << 0;

/** Index of the queue of commands and of the queue of event buffers. */
const COMMAND_QUEUE = 0;
const EVENT_QUEUE = 1;

/** The smallest answer: header and status. Of the P2A messages none is smaller. */
const ANSWER_SIZE_MIN = 8;

/** A virtio-scmi device for one agent. */
export class ScmiDevice implements VirtioDevice, ChainServer, P2aSink {
  readonly memory = new GuestMemory();
  readonly queues: readonly Virtqueue[];
  readonly features = FEATURE_P2A_CHANNELS;
  readonly config = null;
  readonly #commandQueue = new Virtqueue();
  readonly #eventQueue = new Virtqueue();
  /** Whether events may go out: the eventq is started and enabled. */
  #isEventQueueRunning = false;
  #hasP2a = false;
  readonly #port: AgentPort;
  readonly #driver: DriverCall;
  readonly #delayedHold: DelayedHold;
  readonly #commandChain = new DescriptorChain();
  readonly #eventChain = new DescriptorChain();
  readonly #request = createMessageBuffer(MESSAGE_SIZE_MAX);
  readonly #reply = createMessageBuffer(REPLY_SIZE_MAX);
  #wantsEventBuffers = false;
  /** Descriptors looked at in the eventq since its last turn, but for the one that each event needs. */
  #eventWork = 0;

  constructor(port: AgentPort, driver: DriverCall) {
    this.#port = port;
    this.#driver = driver;
    this.queues = [this.#commandQueue, this.#eventQueue];
    this.#delayedHold = new DelayedHold(this.#commandQueue, (ms) => driver.lookAgainIn(ms));
  }

  get service(): AgentService {
    return this.#port.service;
  }

  acceptFeatures(features: number): void {
    this.#hasP2a = (features & FEATURE_P2A_CHANNELS) !== 0;
    // Attached here and not when queues start: the platform has to know what to refuse.
    this.#attach();
  }

  driverReset(): void {
    this.#port.reset();
    this.#attach();
  }

  queueRuns(index: number): void {
    if (index !== EVENT_QUEUE) return;
    this.#isEventQueueRunning = true;
    this.#wantsEventBuffers = false;
    this.#eventWork = 0;
    this.#delayedHold.reset();
    this.#port.p2aReady();
  }

  queueStopped(index: number): void {
    if (index === EVENT_QUEUE) this.#isEventQueueRunning = false;
  }

  /** The platform goes on with what it kept. */
  lookAgain(): void {
    if (this.#delayedHold.look()) this.#port.p2aReady();
  }

  close(): void {
    this.#isEventQueueRunning = false;
    this.#port.attach(null);
    this.#port.reset();
  }

  serveQueue(index: number): boolean {
    if (index === COMMAND_QUEUE) {
      return serveChains(this, this.#driver, COMMAND_QUEUE, this.#commandQueue, this.#commandChain);
    }
    this.#eventWork = 0;
    this.#eventBuffersAdded();
    return false;
  }

  /** In a turn of the eventq the platform goes on with what it kept for want of a buffer. */
  #eventBuffersAdded(): void {
    if (!this.#wantsEventBuffers) return;
    this.#wantsEventBuffers = false;
    this.#port.p2aReady();
  }

  send(message: MessageBuffer, size: number): P2aResult {
    assert(size >= HEADER_SIZE && size <= MESSAGE_SIZE_MAX, "an event has the size of a message");
    if (!this.#isEventQueueRunning) return "full";
    const isDelayedResponse = messageTypeOf(message.view.getUint32(0, true)) === MESSAGE_TYPE.delayedResponse;
    if (isDelayedResponse && this.#delayedHold.mustWait()) return "full";
    const queue = this.#eventQueue;
    const chain = this.#eventChain;
    let result: P2aResult = "full";
    let isBroken = false;
    // A ring of bad chains must not hold up others: once they have cost as much as a turn may, the next one goes on.
    while (this.#eventWork < WORK_PER_TURN) {
      const found = queue.next(this.memory, chain);
      if (found === NEXT.empty) {
        if (!queue.askForKick()) break;
        this.#eventWork++;
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
        this.#eventWork += 1 + chain.visitedCount;
        continue;
      }
      this.#eventWork += chain.visitedCount - 1;
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
    if (this.#wantsEventBuffers && this.#eventWork >= WORK_PER_TURN) this.#driver.serveAgain(EVENT_QUEUE);
    if (isBroken) {
      this.#isEventQueueRunning = false;
      this.#driver.queueBroke(EVENT_QUEUE);
    }
    return result;
  }

  #attach(): void {
    this.#port.attach(this.#hasP2a ? this : null);
  }

  serveChain(queueIndex: number, head: number, chain: DescriptorChain): number {
    const size = chain.readableSize;
    // A command that cannot be answered is not carried out either.
    if (size < HEADER_SIZE || chain.writableSize < ANSWER_SIZE_MIN) {
      const fault = size < HEADER_SIZE ? "a command has no header" : "there is no room for an answer";
      this.#driver.chainRefused(queueIndex, head, fault);
      return 0;
    }
    const room = Math.min(chain.writableSize, REPLY_SIZE_MAX);
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
