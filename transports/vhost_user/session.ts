// One connection of a front-end: reads its requests, keeps the negotiated state, and runs the rings of one device.
// A request that makes no sense is refused and leaves everything as it was; one whose form is unknown ends the
// connection. A front-end that comes back after a break begins with SET_FEATURES, which is allowed. vhost-user protocol.

import { assert } from "../../scp/core/assert.ts";
import { PEER_CLOSED, READABLE, WRITABLE } from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";
import { RECEIVE_AGAIN, RECEIVE_END, ReceivedDescriptors, type UnixConnection } from "../ffi/unix_socket.ts";
import type { RegionRequest } from "../virtio/guest_memory.ts";
import { type DriverCall, RING_FEATURE, type VirtioDevice } from "../virtio/virtio_device.ts";
import { QUEUE_SIZE_MAX } from "../virtio/virtqueue.ts";
import {
  AnswerWriter,
  CONFIG_SIZE_MAX,
  FEATURE_PROTOCOL_FEATURES,
  HEADER_SIZE,
  headerError,
  isAnswered,
  messageError,
  needsReply,
  PAYLOAD_SIZE_MAX,
  PROTOCOL_FEATURE,
  REGION_SIZE,
  REGIONS_AT,
  REQUEST,
  requestName,
  VRING_INDEX_MASK,
  VRING_NO_DESCRIPTOR,
} from "./messages.ts";
import { type RingService, Vring } from "./vring.ts";

/** The virtio features offered beside those of the device, split at bit 32. */
const FEATURES_LOW = (1 << RING_FEATURE.INDIRECT_DESC) | (1 << RING_FEATURE.EVENT_IDX) |
  (1 << FEATURE_PROTOCOL_FEATURES);
const FEATURES_HIGH = 1 << (RING_FEATURE.VERSION_1 - 32);
const DEVICE_FEATURES = 0xff_ffff;

/** Answers that a front-end may leave unread before its requests are no longer read: many times what any does. */
export const SESSION_OUTPUT_SIZE_MAX = 4096;
const REQUESTS_PER_TURN = 32;
/** A hostile peer must not fill the log. */
const REPORTS_PER_SESSION = 16;

/** What a session tells its owner. */
export interface SessionOwner {
  /** The connection has ended and everything of it is freed. */
  sessionEnded(session: Session): void;
  /** Has `lookAgain` of the session called after so many milliseconds; an earlier wish is forgotten. */
  lookAgainIn(ms: number): void;
  /** Something for the log: what the front-end or its guest did wrong, in one line. */
  report(text: string): void;
}

/** Makes the device of a connection. */
export type MakeDevice = (driver: DriverCall) => VirtioDevice;

/** A connection with its device. */
export class Session implements ReadyHandler, RingService, DriverCall {
  readonly #socket: UnixConnection;
  readonly #reactor: Reactor;
  readonly #owner: SessionOwner;
  readonly #device: VirtioDevice;
  readonly #offeredFeatures: number;
  readonly #offeredProtocolFeatures: number;
  readonly #rings: readonly Vring[];
  readonly #descriptors = new ReceivedDescriptors();
  readonly #input = new Uint8Array(HEADER_SIZE + PAYLOAD_SIZE_MAX);
  readonly #header = new DataView(this.#input.buffer, 0, HEADER_SIZE);
  readonly #payload = new DataView(this.#input.buffer, HEADER_SIZE);
  readonly #answer = new AnswerWriter();
  #inputSize = 0;
  #features = 0;
  #hasReplyAck = false;
  /** Whether the front-end asked what is offered: if not, it has from an earlier connection. */
  #hasAskedFeatures = false;
  /** The first ring goes on at 0, where it was stopped after a multiple of 65536 chains: its memory tells whether it is another. */
  #mayBeNewDriver = false;
  #isOpen = true;
  #reportCount = 0;

  constructor(socket: UnixConnection, reactor: Reactor, makeDevice: MakeDevice, owner: SessionOwner) {
    this.#socket = socket;
    this.#reactor = reactor;
    this.#owner = owner;
    this.#device = makeDevice(this);
    const { config } = this.#device;
    assert(config === null || config.length <= CONFIG_SIZE_MAX, "an answer has room for the config space");
    this.#offeredFeatures = (FEATURES_LOW | this.#device.features) >>> 0;
    // Front-ends refuse a back-end whose config space they need and cannot have, or have no use for.
    this.#offeredProtocolFeatures = PROTOCOL_FEATURE.MQ | PROTOCOL_FEATURE.REPLY_ACK |
      (config === null ? 0 : PROTOCOL_FEATURE.CONFIG);
    this.#rings = this.#device.queues.map((queue, index) =>
      new Vring(index, queue, reactor, this, this.#device.service)
    );
  }

  /** Begins to listen to the front-end. False when that cannot be; then the session is of no use. */
  begin(): boolean {
    return this.#reactor.register(this.#socket.fd, READABLE | WRITABLE | PEER_CLOSED, true, this);
  }

  /** Whether the front-end has gone, though the end of its stream may not have been read yet. */
  get isPeerClosed(): boolean {
    return this.#socket.isPeerClosed;
  }

  /** Ends the connection and frees everything of it. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#device.close();
    this.#reactor.unregister(this.#socket.fd);
    for (const ring of this.#rings) ring.close();
    this.#device.memory.close();
    this.#descriptors.closeAll();
    this.#socket.close();
    this.#owner.sessionEnded(this);
  }

  onReady(_events: number): boolean {
    for (let i = 0; i < REQUESTS_PER_TURN; i++) {
      if (!this.#socket.flush()) return this.#end(null);
      if (this.#socket.pendingSize > 0) return false; // nothing more until the peer has read its answers
      const needed = this.#inputSize < HEADER_SIZE
        ? HEADER_SIZE
        : HEADER_SIZE + this.#header.getUint32(8, true);
      if (this.#inputSize < needed) {
        const got = this.#socket.receive(this.#input.subarray(this.#inputSize, needed), this.#descriptors);
        if (got === RECEIVE_AGAIN) return false;
        if (got === RECEIVE_END) return this.#end(this.#inputSize > 0 ? "it ended within a message" : null);
        this.#inputSize += got;
        if (this.#inputSize < needed) continue;
      }
      const size = this.#header.getUint32(8, true);
      if (needed === HEADER_SIZE) {
        const error = headerError(this.#header.getUint32(4, true), size);
        if (error !== null) return this.#end(error);
        if (size > 0) continue;
      }
      if (!this.#handle(this.#header.getUint32(0, true), size)) return false;
      this.#inputSize = 0;
      this.#descriptors.closeAll();
    }
    return true;
  }

  serveRing(ring: Vring): boolean {
    const hasMore = !ring.isBroken && this.#device.serveQueue(ring.index);
    if (this.#device.memory.isLost) return this.#end("its guest memory was truncated");
    if (ring.isBroken) {
      this.#report(`the available index of queue ${ring.index} is impossible: the ring is stopped`);
      this.#fail(ring);
    }
    return hasMore;
  }

  ringRuns(ring: Vring): void {
    this.#device.queueRuns(ring.index);
  }

  callDriver(queueIndex: number): void {
    this.#rings[queueIndex]?.call();
  }

  queueBroke(queueIndex: number): void {
    const ring = this.#rings[queueIndex];
    if (ring === undefined) return;
    ring.isBroken = true;
    ring.serveAgain(); // the platform may be in the middle of sending: not now
  }

  chainRefused(queueIndex: number, head: number, fault: string): void {
    this.#report(`queue ${queueIndex}: the chain at ${head} is given back unused: ${fault}`);
  }

  serveAgain(queueIndex: number): void {
    this.#rings[queueIndex]?.serveAgain();
  }

  lookAgainIn(ms: number): void {
    this.#owner.lookAgainIn(ms);
  }

  /** Tells the device that the time has come that it asked for. */
  lookAgain(): void {
    this.#device.lookAgain?.();
  }

  /** Handles one whole message. Returns whether the connection goes on. */
  #handle(request: number, size: number): boolean {
    const error = this.#descriptors.isTruncated
      ? "descriptors got lost"
      : messageError(request, this.#payload, size, this.#descriptors.count) ?? this.#carryOut(request);
    if (!this.#isOpen) return false;
    if (error !== null) {
      this.#report(`${requestName(request)} refused: ${error}`);
      if (isAnswered(request)) return this.#end("it waits for an answer that cannot be given");
    }
    if (isAnswered(request) || !this.#hasReplyAck || !needsReply(this.#header.getUint32(4, true))) {
      return true;
    }
    return this.#reply(request, error === null ? 0 : 1, 0);
  }

  /** Carries out a request of good form; answers it if it is one with an answer. Returns null, or what is wrong. */
  #carryOut(request: number): string | null {
    const low = this.#payload.getUint32(0, true);
    const high = this.#payload.getUint32(4, true);
    switch (request) {
      case REQUEST.GET_FEATURES:
        this.#hasAskedFeatures = true;
        this.#reply(request, this.#offeredFeatures, FEATURES_HIGH);
        return null;
      case REQUEST.GET_PROTOCOL_FEATURES:
        this.#reply(request, this.#offeredProtocolFeatures, 0);
        return null;
      case REQUEST.GET_QUEUE_NUM:
        this.#reply(request, this.#rings.length, 0);
        return null;
      case REQUEST.GET_CONFIG:
        return this.#getConfig(low, high);
      case REQUEST.SET_OWNER:
        return null;
      case REQUEST.RESET_OWNER:
        for (const ring of this.#rings) this.#setEnabled(ring, false);
        return null;
      case REQUEST.SET_FEATURES:
        return this.#setFeatures(low, high);
      case REQUEST.SET_PROTOCOL_FEATURES:
        if ((low & ~this.#offeredProtocolFeatures) !== 0 || high !== 0) {
          return "features that are not offered";
        }
        this.#hasReplyAck = (low & PROTOCOL_FEATURE.REPLY_ACK) !== 0;
        return null;
      case REQUEST.SET_MEM_TABLE:
        return this.#setMemoryTable(low);
    }
    // All others are about one ring. In three of them the index shares its word with a flag.
    const isDescriptor = request === REQUEST.SET_VRING_KICK || request === REQUEST.SET_VRING_CALL ||
      request === REQUEST.SET_VRING_ERR;
    const ring = this.#rings[isDescriptor ? low & VRING_INDEX_MASK : low];
    if (ring === undefined) return "there is no such queue";
    return isDescriptor ? this.#setDescriptor(request, ring, low) : this.#setRing(request, ring, high);
  }

  #setFeatures(low: number, high: number): string | null {
    if ((low & ~this.#offeredFeatures) !== 0 || (high & ~FEATURES_HIGH) !== 0) {
      return "features that are not offered";
    }
    this.#features = low;
    const hasProtocolFeatures = this.#hasFeature(FEATURE_PROTOCOL_FEATURES);
    if (hasProtocolFeatures && !this.#hasAskedFeatures) this.#hasReplyAck = true;
    this.#device.acceptFeatures(low & DEVICE_FEATURES);
    for (const ring of hasProtocolFeatures ? [] : this.#rings) this.#setEnabled(ring, true);
    return null;
  }

  #hasFeature(bit: number): boolean {
    return (this.#features & (1 << bit)) !== 0;
  }

  /** Answers with a part of the config space; what reaches beyond it is answered with nothing, as an error is. */
  #getConfig(offset: number, size: number): string | null {
    const { config } = this.#device;
    if (config === null) return "not supported";
    const isInside = offset + size <= config.length;
    if (!isInside) {
      this.#report(`GET_CONFIG of ${size} bytes at ${offset}: the config space has ${config.length}`);
    }
    const bytes = isInside ? config.subarray(offset, offset + size) : null;
    if (!this.#socket.send(this.#answer.config(REQUEST.GET_CONFIG, offset, bytes))) this.#end(null);
    return null;
  }

  #setMemoryTable(count: number): string | null {
    const regions: RegionRequest[] = [];
    const fds: number[] = [];
    for (let i = 0; i < count; i++) {
      const at = REGIONS_AT + i * REGION_SIZE;
      regions.push({
        guestAddress: Number(this.#payload.getBigUint64(at, true)),
        size: Number(this.#payload.getBigUint64(at + 8, true)),
        userAddress: Number(this.#payload.getBigUint64(at + 16, true)),
        fileOffset: Number(this.#payload.getBigUint64(at + 24, true)),
      });
      fds.push(this.#descriptors.peek(i));
    }
    const error = this.#device.memory.replace(regions, fds);
    if (error !== null) return error;
    for (const ring of this.#rings) {
      if (!ring.queue.map(this.#device.memory) && ring.isStarted) {
        this.#report(`queue ${ring.index} is not in the new memory table: the ring is stopped`);
        this.#fail(ring);
      }
      this.#startIfReady(ring);
    }
    return null;
  }

  #setRing(request: number, ring: Vring, value: number): string | null {
    switch (request) {
      case REQUEST.SET_VRING_NUM:
        if (ring.isStarted) return "the ring is started";
        if (value === 0 || value > QUEUE_SIZE_MAX || (value & (value - 1)) !== 0) {
          return `queue size ${value} is no power of two up to ${QUEUE_SIZE_MAX}`;
        }
        ring.queue.resize(value);
        return null;
      case REQUEST.SET_VRING_ADDR:
        return this.#setAddresses(ring);
      case REQUEST.SET_VRING_BASE: {
        if (ring.isStarted) return "the ring is started";
        // A driver that goes on continues where its ring was stopped; one that begins anew has been reset meanwhile.
        const isNewDriver = ring.hasRun && ring.queue.nextAvailable !== (value & 0xffff);
        ring.queue.nextAvailable = value & 0xffff; // split rings have no more bits
        if (ring.index === 0) {
          if (isNewDriver) this.#device.driverReset();
          this.#mayBeNewDriver = ring.hasRun && !isNewDriver && value === 0;
        }
        return null;
      }
      case REQUEST.GET_VRING_BASE:
        ring.stop();
        this.#device.queueStopped(ring.index);
        this.#reply(request, ring.index, ring.queue.nextAvailable);
        return null;
      default: // SET_VRING_ENABLE
        if (value > 1) return `${value} is neither 0 nor 1`;
        this.#setEnabled(ring, value === 1);
        return null;
    }
  }

  #setAddresses(ring: Vring): string | null {
    const isPlaced = ring.queue.place({
      descriptors: Number(this.#payload.getBigUint64(8, true)),
      used: Number(this.#payload.getBigUint64(16, true)),
      available: Number(this.#payload.getBigUint64(24, true)),
    }, this.#device.memory);
    if (isPlaced) {
      this.#startIfReady(ring);
      return null;
    }
    if (ring.isStarted) this.#fail(ring);
    return "the ring is not wholly in the memory table, or not aligned";
  }

  #setDescriptor(request: number, ring: Vring, low: number): string | null {
    const fd = (low & VRING_NO_DESCRIPTOR) === 0 ? this.#descriptors.take(0) : -1;
    if (request === REQUEST.SET_VRING_CALL) return ring.setCall(fd);
    if (request === REQUEST.SET_VRING_ERR) return ring.setError(fd);
    if (fd < 0) return "a ring that has to be polled is not served";
    const error = ring.setKick(fd);
    if (error === null) this.#startIfReady(ring);
    return error;
  }

  #startIfReady(ring: Vring): void {
    const hasStarted = ring.startIfReady(
      this.#hasFeature(RING_FEATURE.EVENT_IDX),
      this.#hasFeature(RING_FEATURE.INDIRECT_DESC),
    );
    if (!hasStarted || ring.index !== 0) return;
    if (this.#mayBeNewDriver && ring.queue.isUnused) this.#device.driverReset();
    this.#mayBeNewDriver = false;
  }

  #setEnabled(ring: Vring, isEnabled: boolean): void {
    ring.setEnabled(isEnabled);
    if (!isEnabled) this.#device.queueStopped(ring.index);
  }

  #fail(ring: Vring): void {
    ring.fail();
    this.#device.queueStopped(ring.index);
  }

  #reply(request: number, low: number, high: number): boolean {
    return this.#socket.send(this.#answer.u64(request, low, high)) || this.#end(null);
  }

  #report(text: string): void {
    if (++this.#reportCount <= REPORTS_PER_SESSION) this.#owner.report(text);
  }

  #end(reason: string | null): false {
    if (reason !== null) this.#report(`connection closed: ${reason}`);
    this.close();
    return false;
  }
}
