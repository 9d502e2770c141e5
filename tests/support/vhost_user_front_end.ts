// A vhost-user front-end with a virtio-scmi driver behind it: plays the part of QEMU and of the guest's driver, and can
// break every rule. Drives a back-end in the same thread (tests step its event loop) or in another one.

import { assert } from "@std/assert";
import { READABLE } from "../../transports/ffi/libc.ts";
import {
  connectUnix,
  pollSocket,
  RECEIVE_END,
  ReceivedDescriptors,
  UnixConnection,
} from "../../transports/ffi/unix_socket.ts";
import { HEADER_SIZE, PROTOCOL_FEATURE, REQUEST } from "../../transports/vhost_user/messages.ts";
import { BUFFER_REGION, DriverMemory, type DriverRegion } from "./virtio_driver_memory.ts";
import { DriverQueue, INDIRECT_FLAG, NEXT_FLAG, WRITE_FLAG, writeDescriptor } from "./virtio_driver_queue.ts";

/** Virtio feature bits, and bit 30, which announces protocol features. */
export const FEATURES = {
  p2a: 1n << 0n,
  indirect: 1n << 28n,
  eventIndex: 1n << 29n,
  protocol: 1n << 30n,
  version1: 1n << 32n,
} as const;
export const ALL_FEATURES = 0x1_7000_0001n;

/** Flags of a request. */
export const VERSION_FLAG = 1;
export const NEED_REPLY_FLAG = 8;

/** Index of the queues. */
export const CMDQ = 0;
export const EVENTQ = 1;

/** The response buffer that Linux offers when it does not know better. */
export const LINUX_ROOM = 136;

/** Each command has a slot: its request, then its response. */
const SLOT_SIZE = 4096;
const RESPONSE_AT = 2048;
/** Indirect tables of the slots, in the ring region behind the two queues. */
const TABLES = 0x4004_0000;

/** How long a back-end of another thread may take. */
const ANSWER_TIMEOUT_MS = 5000;

export interface FrontEndOptions {
  /**
   * Lets the back-end of this thread work. Returns false when it has nothing more to do: what did not come will not
   * come. null: the back-end runs by itself, and what is missing is waited for.
   */
  readonly turn: (() => boolean) | null;
  readonly queueSize?: number;
  /** What to acknowledge of the offered features. */
  readonly features?: bigint;
  /** A file that cannot shrink, as QEMU's; the other kind can be truncated. */
  readonly isSealed?: boolean;
  /** Whether commands go through one indirect descriptor, as Linux does when it may. */
  readonly usesIndirect?: boolean;
}

/** A connection to a back-end, with the memory and the queues of one guest. */
export class FrontEnd {
  readonly memory: DriverMemory;
  readonly cmdq: DriverQueue;
  readonly eventq: DriverQueue;
  readonly #turn: (() => boolean) | null;
  readonly #wantedFeatures: bigint;
  readonly #usesIndirect: boolean;
  readonly #descriptors = new ReceivedDescriptors();
  #socket: UnixConnection;
  /** What the back-end offered, and what was acknowledged. */
  offered = 0n;
  features = 0n;
  #hasReplyAck = false;
  #isClosed = false;

  private constructor(socket: UnixConnection, options: FrontEndOptions) {
    this.#socket = socket;
    this.#turn = options.turn;
    this.#wantedFeatures = options.features ?? ALL_FEATURES;
    this.#usesIndirect = options.usesIndirect ?? false;
    this.memory = new DriverMemory(options.isSealed ?? true);
    this.cmdq = new DriverQueue(this.memory, CMDQ, options.queueSize ?? 64);
    this.eventq = new DriverQueue(this.memory, EVENTQ, options.queueSize ?? 64);
  }

  /** Connects, and nothing more. */
  static connect(path: string, options: FrontEndOptions): FrontEnd {
    return new FrontEnd(connected(path), options);
  }

  /** Connects, negotiates and starts both queues, with event buffers in place. */
  static start(path: string, options: FrontEndOptions): FrontEnd {
    const frontEnd = FrontEnd.connect(path, options);
    frontEnd.negotiate();
    frontEnd.startDevice();
    frontEnd.fillEventq();
    return frontEnd;
  }

  get queues(): readonly DriverQueue[] {
    return [this.cmdq, this.eventq];
  }

  // Requests.

  /** Sends a message of any form. False when the back-end has closed the connection. */
  sendRaw(bytes: Uint8Array<ArrayBuffer>, fds: readonly number[] = []): boolean {
    return this.#socket.sendWithDescriptors(bytes, fds);
  }

  /** Sends a request; `size` is what the header claims, unless given that of the payload. */
  send(
    request: number,
    payload: Uint8Array = new Uint8Array(0),
    fds: readonly number[] = [],
    flags = VERSION_FLAG,
    size = payload.length,
  ): boolean {
    const message = new Uint8Array(HEADER_SIZE + payload.length);
    const view = new DataView(message.buffer);
    view.setUint32(0, request, true);
    view.setUint32(4, flags, true);
    view.setUint32(8, size, true);
    message.set(payload, HEADER_SIZE);
    return this.sendRaw(message, fds);
  }

  /** Receives one message. null when none comes; "closed" when the connection has ended. */
  receive(): { request: number; flags: number; payload: DataView } | null | "closed" {
    const header = this.#receiveBytes(HEADER_SIZE);
    if (header === null || header === "closed") return header;
    const size = header.getUint32(8, true);
    const payload = size === 0 ? new DataView(new ArrayBuffer(0)) : this.#receiveBytes(size);
    if (payload === null || payload === "closed") return payload;
    return { request: header.getUint32(0, true), flags: header.getUint32(4, true), payload };
  }

  /** Sends a request that has an answer of 64 bits, and returns that. */
  ask(request: number, payload: Uint8Array = new Uint8Array(0)): bigint {
    assert(this.send(request, payload), "the back-end has closed the connection");
    const answer = this.receive();
    assert(answer !== null && answer !== "closed", `no answer to request ${request}`);
    assert(answer.request === request && answer.flags === 5 && answer.payload.byteLength === 8);
    return answer.payload.getBigUint64(0, true);
  }

  /** Sends a request without an answer of its own and returns whether the back-end acknowledged it as done. */
  set(request: number, payload: Uint8Array = new Uint8Array(0), fds: readonly number[] = []): boolean {
    const flags = this.#hasReplyAck ? VERSION_FLAG | NEED_REPLY_FLAG : VERSION_FLAG;
    assert(this.send(request, payload, fds, flags), "the back-end has closed the connection");
    if (!this.#hasReplyAck) {
      this.settle();
      return true;
    }
    const answer = this.receive();
    assert(answer !== null && answer !== "closed", `request ${request} was not acknowledged`);
    return answer.payload.getBigUint64(0, true) === 0n;
  }

  /** Whether the connection still answers: false when it was closed. */
  get isAlive(): boolean {
    if (!this.send(REQUEST.GET_FEATURES)) return false;
    const answer = this.receive();
    assert(answer !== null, "the connection is open but does not answer");
    return answer !== "closed";
  }

  /** Lets the back-end work until it has nothing more to do. */
  settle(): void {
    if (this.#turn !== null) { while (this.#turn()); }
  }

  // Sessions, in QEMU's order.

  /** What QEMU does when it connects, before the guest runs. */
  negotiate(): void {
    this.offered = this.ask(REQUEST.GET_FEATURES);
    this.features = this.offered & this.#wantedFeatures;
    if ((this.features & FEATURES.protocol) !== 0n) {
      const protocol = this.ask(REQUEST.GET_PROTOCOL_FEATURES);
      assert(this.set(REQUEST.SET_PROTOCOL_FEATURES, u64(protocol)));
      this.#hasReplyAck = (protocol & BigInt(PROTOCOL_FEATURE.REPLY_ACK)) !== 0n;
    }
    assert(this.set(REQUEST.SET_OWNER));
  }

  /** What QEMU does when the guest's driver starts the device. */
  startDevice(): void {
    const hasEvents = (this.features & FEATURES.p2a) !== 0n;
    for (const queue of this.queues) queue.hasEventIndex = (this.features & FEATURES.eventIndex) !== 0n;
    assert(this.set(REQUEST.SET_FEATURES, u64(this.features)));
    assert(this.shareMemory());
    this.startQueue(CMDQ, 0);
    if (hasEvents) this.startQueue(EVENTQ, 0);
    this.enable(CMDQ, true);
    if (hasEvents) this.enable(EVENTQ, true);
  }

  /** What QEMU does when the guest's driver lets go of the device, or the machine pauses. Returns the ring bases. */
  stopDevice(): number[] {
    const indices = (this.features & FEATURES.p2a) !== 0n ? [CMDQ, EVENTQ] : [CMDQ];
    for (const index of indices) this.enable(index, false);
    return indices.map((index) => this.stopQueue(index));
  }

  /** Takes a new connection in place of the old one, as after a restart of the back-end. Nothing is negotiated. */
  reconnect(path: string): void {
    this.#socket.close();
    this.settle();
    this.#socket = connected(path);
    this.#hasReplyAck = true; // QEMU goes on with what it negotiated before
  }

  /** Sends the memory table. Returns whether it was taken. */
  shareMemory(regions: readonly DriverRegion[] = this.memory.regions(), fds?: readonly number[]): boolean {
    return this.set(REQUEST.SET_MEM_TABLE, memoryTable(regions), fds ?? regions.map(() => this.memory.fd));
  }

  /** Sets a queue up and starts it; it still has to be enabled. */
  startQueue(index: number, base: number): void {
    const queue = this.#queue(index);
    assert(this.set(REQUEST.SET_VRING_NUM, pair(index, queue.size)));
    assert(this.set(REQUEST.SET_VRING_BASE, pair(index, base)));
    assert(this.setAddresses(index));
    assert(this.set(REQUEST.SET_VRING_CALL, u64(BigInt(index)), [queue.callFd]));
    assert(this.set(REQUEST.SET_VRING_KICK, u64(BigInt(index)), [queue.kickFd]));
  }

  /** Tells where a ring lies. Returns whether that was taken. */
  setAddresses(index: number, shift = 0n): boolean {
    const queue = this.#queue(index);
    const payload = new Uint8Array(40);
    const view = new DataView(payload.buffer);
    view.setUint32(0, index, true);
    view.setBigUint64(8, this.memory.userAddress(queue.descriptorsAddress) + shift, true);
    view.setBigUint64(16, this.memory.userAddress(queue.usedAddress) + shift, true);
    view.setBigUint64(24, this.memory.userAddress(queue.availableAddress) + shift, true);
    return this.set(REQUEST.SET_VRING_ADDR, payload);
  }

  enable(index: number, isEnabled: boolean): void {
    if ((this.features & FEATURES.protocol) === 0n) return; // rings are enabled from the start then
    assert(this.set(REQUEST.SET_VRING_ENABLE, pair(index, isEnabled ? 1 : 0)));
    this.settle();
  }

  /** Stops a queue and returns its base. */
  stopQueue(index: number): number {
    const answer = this.ask(REQUEST.GET_VRING_BASE, pair(index, 0));
    assert(Number(answer & 0xffffffffn) === index);
    return Number(answer >> 32n);
  }

  // The driver.

  /** Guest-physical address of the request buffer of a slot, and of its response buffer. */
  requestAddress(slot: number): number {
    return BUFFER_REGION + slot * SLOT_SIZE;
  }

  responseAddress(slot: number): number {
    return this.requestAddress(slot) + RESPONSE_AT;
  }

  /** Writes a command into a slot and describes its chain. Returns the head, not offered yet. */
  prepare(slot: number, message: Uint8Array, room: number): number {
    this.memory.write(this.requestAddress(slot), message);
    const chain = [
      { address: this.requestAddress(slot), size: message.length },
      { address: this.responseAddress(slot), size: room, flags: WRITE_FLAG },
    ];
    const head = (2 * slot) % this.cmdq.size;
    if (!this.#usesIndirect || (this.features & FEATURES.indirect) === 0n) {
      this.cmdq.describeChain(head, chain);
    } else {
      const table = TABLES + 32 * slot;
      chain.forEach((descriptor, i) => {
        const linked = i === 0 ? { ...descriptor, flags: NEXT_FLAG, next: 1 } : descriptor;
        writeDescriptor(this.memory.view, this.memory.at(table) + 16 * i, linked);
      });
      this.cmdq.describe(head, { address: table, size: 32, flags: INDIRECT_FLAG });
    }
    return head;
  }

  /** Sends one command and returns its response; null when the chain does not come back. */
  command(message: Uint8Array, room = LINUX_ROOM, slot = 0): Uint8Array | null {
    this.cmdq.offer(this.prepare(slot, message, room));
    this.cmdq.submit();
    this.settle();
    const used = this.cmdq.take();
    return used === null ? null : this.memory.read(this.responseAddress(slot), used.size);
  }

  /** Offers `count` event buffers of a size. */
  fillEventq(count = 16, size = LINUX_ROOM): void {
    if ((this.features & FEATURES.p2a) === 0n) return;
    for (let i = 0; i < count; i++) this.offerEventBuffer(i, size);
    this.eventq.submit();
    this.settle();
  }

  /** Describes and offers one event buffer; the device sees it after `eventq.submit()`. */
  offerEventBuffer(slot: number, size = LINUX_ROOM): void {
    this.eventq.describe(slot, { address: this.eventAddress(slot), size, flags: WRITE_FLAG });
    this.eventq.offer(slot);
  }

  eventAddress(slot: number): number {
    return BUFFER_REGION + 0x6_0000 + slot * 512;
  }

  /** Takes the next event; null when there is none. Its buffer is not offered again. */
  takeEvent(): Uint8Array | null {
    const used = this.eventq.take();
    return used === null ? null : this.memory.read(this.eventAddress(used.head), used.size);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Closes the connection only: the guest's memory and queues stay, for a later `reconnect`. */
  disconnect(): void {
    this.#socket.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#descriptors.closeAll();
    this.#socket.close();
    for (const queue of this.queues) queue.close();
    this.memory.close();
  }

  #queue(index: number): DriverQueue {
    return index === CMDQ ? this.cmdq : this.eventq;
  }

  #receiveBytes(size: number): DataView | null | "closed" {
    const bytes = new Uint8Array(size);
    let isLastTry = false;
    for (let got = 0; got < size;) {
      const part = this.#socket.receive(bytes.subarray(got), this.#descriptors);
      if (part === RECEIVE_END) return "closed";
      if (part > 0) got += part;
      else if (isLastTry) return null;
      else if (this.#turn === null) {
        isLastTry = pollSocket(this.#socket.fd, READABLE, ANSWER_TIMEOUT_MS) === 0;
      } else isLastTry = !this.#turn(); // the last turn may have brought it
    }
    return new DataView(bytes.buffer);
  }
}

function connected(path: string): UnixConnection {
  const socket = connectUnix(path, 65536);
  assert(socket instanceof UnixConnection, "error" in socket ? socket.error : "");
  return socket;
}

/** A payload of one 64-bit number. */
export function u64(value: bigint): Uint8Array<ArrayBuffer> {
  return new Uint8Array(BigUint64Array.of(value).buffer);
}

/** A payload of two 32-bit numbers: of most requests about a ring, its index and a value. */
export function pair(first: number, second: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.of(first, second).buffer);
}

/** The payload of a memory table; `count` is what it claims. */
export function memoryTable(
  regions: readonly DriverRegion[],
  count = regions.length,
): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(8 + 32 * regions.length);
  const view = new DataView(payload.buffer);
  view.setUint32(0, count, true);
  regions.forEach((region, i) => {
    view.setBigUint64(8 + 32 * i, region.guestAddress, true);
    view.setBigUint64(16 + 32 * i, region.size, true);
    view.setBigUint64(24 + 32 * i, region.userAddress, true);
    view.setBigUint64(32 + 32 * i, region.fileOffset, true);
  });
  return payload;
}
