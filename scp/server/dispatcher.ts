// The platform's end of one channel: takes commands apart, checks them in the order of scmi-core 1.5, calls the handler
// and writes the reply. It knows no protocol by name.
import { REPLY_SIZE_MAX } from "../core/limits.ts";
import { HEADER_SIZE } from "../core/header.ts";
import type { ResourcePools } from "../core/codec_compiler.ts";
import type { SharedAreas } from "../core/shared_area.ts";
import { STATUS, type StatusName } from "../core/status.ts";
import type { Timer, TimerOwner } from "../core/timeline.ts";
import { type Trace, TRACE_KIND } from "../core/trace.ts";
import type { AgentPort, MessageBuffer, P2aSink } from "../../transports/channel.ts";
import type { Platform, ProtocolDefinition } from "../../protocols/protocol.ts";
import { type CommandCounters, COUNTED } from "./command_counters.ts";
import { FastChannelGate } from "./fast_channel_gate.ts";
import type { Mediation } from "./mediation.ts";
import type { Presence } from "./presence.ts";
import { Outbox } from "./outbox.ts";
import { type CommandEntry, type ProtocolTable, STATUS_SIZE } from "./protocol_table.ts";
import { Slot } from "./slot.ts";

const BODY = HEADER_SIZE + STATUS_SIZE;
const TYPE_AND_RESERVED_BITS = 0xf000_0300;

/** What the machine lends to each of its channels. */
export interface ChannelHost {
  readonly trace: Trace;
  nowUs(): number;
  at(timeUs: number, task: () => void, owner: TimerOwner): Timer;
  /** The compiled commands of a protocol in a version; null when it has no such version. */
  tableOf(protocolId: number, version: number): ProtocolTable | null;
}

/** What one agent may do: its identity, its view and its permissions, shared by its channels. */
export interface ChannelAgent {
  readonly id: number;
  readonly name: string;
  readonly pools: ResourcePools;
  readonly platform: Platform;
  /** The protocols in the agent's view, with the version the platform shows. */
  readonly protocols: readonly { readonly definition: ProtocolDefinition; readonly versionMax: number }[];
  /** Per message id of a protocol, not 0 = the agent's view keeps the command from it; null = none. */
  forbiddenOf(definition: ProtocolDefinition): Uint8Array | null;
  /** Whether the agent is denied everything it has in a protocol. */
  isProtocolDenied(protocolId: number): boolean;
  /** How often its commands came: to be counted up. */
  readonly counters: CommandCounters;
  /** How it is served beside others, and what it has used of that. */
  readonly service: Mediation;
  /** Whether it is there. */
  readonly presence: Presence;
  /** Lets go of a channel that was closed. */
  forget(channel: Channel): void;
}

/** One channel of an agent. */
export class Channel implements AgentPort {
  // What a message needs stands side by side, here or in its slot: among many agents each further place in memory costs as much as
  // a check.
  readonly host: ChannelHost;
  /** Whether somebody is at the other end: a sink is attached, or a command came. */
  #isUsed = false;
  readonly #isLimited: boolean;
  readonly #agentId: number;
  /** The protocol of the last message, and its slot: the next one is likely to be of the same. */
  #lastProtocolId = -1;
  #lastSlot: Slot | null = null;
  readonly #pools: ResourcePools;
  readonly #counters: Float64Array;
  // The rest is for other occasions.
  readonly service: Mediation;
  readonly outbox: Outbox;
  readonly fastChannels: FastChannelGate;
  /** What the transport offers beside messages; set before the first one. */
  sharedAreas: SharedAreas | null = null;
  #slots: (Slot | null)[] = [];
  #sink: P2aSink | null = null;

  constructor(host: ChannelHost, readonly agent: ChannelAgent) {
    this.host = host;
    this.service = agent.service;
    this.#isLimited = agent.service.isLimited;
    this.#pools = agent.pools;
    this.#counters = agent.counters.values;
    this.#agentId = agent.id;
    this.outbox = new Outbox((event, isNotification, message, size) =>
      this.#observeOutgoing(event === "sent", isNotification, message, size)
    );
    this.fastChannels = new FastChannelGate(this);
    this.#open();
  }

  get agentName(): string {
    return this.agent.name;
  }

  serve(request: MessageBuffer, size: number, reply: MessageBuffer, room: number): number {
    if (this.#isLimited) this.service.spend();
    if (!this.#isUsed) this.#enter();
    if (size < HEADER_SIZE || room < BODY) return this.#leaveUnanswered(request, size, room);
    const header = request.view.getUint32(0, true);
    const out = reply.view;
    out.setUint32(0, header, true);
    const protocolId = (header >>> 10) & 0xff;
    if (protocolId !== this.#lastProtocolId) {
      this.#lastProtocolId = protocolId;
      this.#lastSlot = this.#slots[protocolId]!;
    }
    const slot = this.#lastSlot;
    let status: number = STATUS.SUCCESS;
    let end = BODY;
    if (slot === null) {
      status = STATUS.NOT_SUPPORTED;
    } else {
      this.#counters[slot.countersAt + (header & 0xff)]! += 1;
      slot.header = header;
      slot.room = Math.min(room, REPLY_SIZE_MAX) - BODY;
      const answer = this.#answer(slot, header, request.view, size);
      if (typeof answer === "number") status = answer;
      else if (typeof answer === "string") status = STATUS[answer as StatusName];
      else {
        end = slot.table[header & 0xff]!.encode!(out, BODY, BODY + slot.room, answer);
        if (end < 0) status = STATUS.COMMS_ERROR;
      }
    }
    if (status !== STATUS.SUCCESS) {
      end = BODY;
      if (slot !== null) this.#counters[slot.countersAt + COUNTED.refusedMessages + (header & 0xff)]! += 1;
    }
    out.setInt32(HEADER_SIZE, status, true);
    const { trace } = this.host;
    if (trace.isHeard) this.#recordWithBytes(header, status, request, size, reply, end);
    else trace.record(TRACE_KIND.command, this.host.nowUs(), this.#agentId, header, status, end);
    if (status === STATUS.COMMS_ERROR) this.tellFailure(header, status, this.agent.id);
    return end;
  }

  /** A protocol on this channel; null when the agent does not have it. */
  slotOf(protocolId: number): Slot | null {
    return this.#slots[protocolId]!;
  }

  /** Answers a command that is no message: it is neither counted nor recorded, and may come while another is in service. */
  perform(slot: Slot, request: MessageBuffer, size: number): object | string | number {
    const { header, room } = slot;
    slot.header = request.view.getUint32(0, true);
    slot.room = REPLY_SIZE_MAX - BODY;
    const answer = this.#answer(slot, slot.header, request.view, size);
    slot.header = header;
    slot.room = room;
    return answer;
  }

  /** The checks in their order, then the handler. */
  #answer(slot: Slot, header: number, request: DataView, size: number): object | string | number {
    if ((header & TYPE_AND_RESERVED_BITS) !== 0) return STATUS.PROTOCOL_ERROR;
    const entry = slot.table[header & 0xff]!;
    if (entry === null) return STATUS.NOT_FOUND;
    if (size !== entry.requestSize && !mayHaveSize(entry, size)) return STATUS.PROTOCOL_ERROR;
    const { schema } = entry;
    if (slot.isDenied || (slot.forbidden !== null && slot.forbidden[schema.id] !== 0)) return STATUS.DENIED;
    if (schema.needsP2a && !this.outbox.hasSink) return STATUS.NOT_SUPPORTED;
    if (slot.definition.isShown !== undefined && !slot.isShown(schema.id)) return STATUS.NOT_SUPPORTED;
    if (entry.replySizeMin > slot.room + BODY) return STATUS.COMMS_ERROR;
    const params = entry.decode(request, HEADER_SIZE, size, this.#pools, slot);
    return typeof params === "number" ? params : entry.handler(params, slot.context);
  }

  attach(sink: P2aSink | null): void {
    // The one that it has already is no news: the transport says so again after a reset, when nobody need be there any more.
    if (sink === this.#sink) return;
    if (sink !== null) this.#enter();
    this.#sink = sink;
    this.outbox.attach(sink);
    this.#record(TRACE_KIND.p2aAttached, sink === null ? 0 : 1);
    // Not before: what the agent had asked for may be taken back now, of which it is not told any more.
    if (sink === null) this.#leave(false);
  }

  p2aReady(): void {
    this.outbox.flush();
  }

  reset(): void {
    this.restart();
    this.#leave(this.#sink !== null);
  }

  /** Puts the channel into the state it has at start, whoever wants that. */
  restart(): void {
    this.outbox.clear();
    for (const slot of this.#slots) slot?.close();
    this.#open();
    this.#record(TRACE_KIND.channelReset, 0);
  }

  /** Ends the channel for good, with all that it has pending; it is not used any more. */
  close(): void {
    this.attach(null);
    this.#leave(false);
    this.fastChannels.close();
    for (const slot of this.#slots) slot?.close();
    this.agent.forget(this);
  }

  /** Looks again at what the agent is denied. */
  refreshPermissions(): void {
    for (const slot of this.#slots) slot?.refreshPermissions();
    this.fastChannels.refresh(null);
  }

  #open(): void {
    const slots: (Slot | null)[] = new Array(256).fill(null);
    for (const { definition, versionMax } of this.agent.protocols) {
      const table = this.host.tableOf(definition.id, versionMax)!;
      slots[definition.id] = new Slot(this, definition, versionMax, table, this.agent.platform);
    }
    this.#slots = slots;
    this.#lastProtocolId = -1;
    this.fastChannels.restart();
    this.refreshPermissions();
  }

  #enter(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    this.agent.presence.enter();
  }

  /** `isRestart` = its driver begins anew. */
  #leave(isRestart: boolean): void {
    if (!this.#isUsed) return;
    this.#isUsed = false;
    this.agent.presence.leave(isRestart);
  }

  #leaveUnanswered(request: MessageBuffer, size: number, room: number): number {
    const header = size >= HEADER_SIZE ? request.view.getUint32(0, true) : 0;
    const { trace } = this.host;
    trace.record(TRACE_KIND.unanswered, this.host.nowUs(), this.agent.id, header, 0, Math.min(size, room));
    if (size >= HEADER_SIZE) this.tellFailure(header, STATUS.COMMS_ERROR, this.agent.id);
    return 0;
  }

  /** Tells the protocols that a command was not served, or is not from now on, and because of which agent. */
  tellFailure(header: number, status: number, agentId: number): void {
    for (const slot of this.#slots) slot?.definition.commandFailed?.(slot.context, header, status, agentId);
  }

  #recordWithBytes(
    header: number,
    status: number,
    request: MessageBuffer,
    size: number,
    reply: MessageBuffer,
    end: number,
  ): void {
    this.host.trace.record(
      TRACE_KIND.command,
      this.host.nowUs(),
      this.agent.id,
      header,
      status,
      end,
      new DataView(request.bytes.buffer, request.bytes.byteOffset, size),
      new DataView(reply.bytes.buffer, reply.bytes.byteOffset, end),
    );
  }

  #observeOutgoing(isSent: boolean, isNotification: boolean, message: DataView, size: number): void {
    const header = message.getUint32(0, true);
    const bytes = new DataView(message.buffer, message.byteOffset, size);
    const kind = !isNotification
      ? TRACE_KIND.delayedResponse
      : isSent
      ? TRACE_KIND.notification
      : TRACE_KIND.notificationDropped;
    const value = isNotification ? 0 : message.getInt32(HEADER_SIZE, true);
    this.host.trace.record(kind, this.host.nowUs(), this.agent.id, header, value, size, null, bytes);
  }

  #record(kind: number, value: number): void {
    this.host.trace.record(kind, this.host.nowUs(), this.agent.id, 0, value, 0);
  }
}

/** Whether a size other than that of the fixed part is right: with items of a list, or without what may be omitted. */
function mayHaveSize(entry: CommandEntry, size: number): boolean {
  const extra = size - entry.requestSize;
  if (extra < 0) return extra === -entry.omittableSize;
  return entry.itemSize > 0 && extra % entry.itemSize === 0;
}
