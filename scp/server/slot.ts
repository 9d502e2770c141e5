// One protocol on one channel: the version in force, its commands, its context, and the services that its handlers get. The
// channel, which takes commands apart and answers them, is dispatcher.ts.
import { ASYNC_PENDING_MAX, REPLY_SIZE_MAX } from "../core/limits.ts";
import { HEADER_SIZE, MESSAGE_TYPE, packHeader, tokenOf } from "../core/header.ts";
import type { ResourcePool } from "../core/codec_compiler.ts";
import type { CommandSchema, DelayedOf, Fields, NotificationSchema, PayloadOf } from "../core/schema.ts";
import type { SharedAreas } from "../core/shared_area.ts";
import { type FailureName, STATUS } from "../core/status.ts";
import type { Timer, TimerOwner } from "../core/timeline.ts";
import type { Platform, ProtocolDefinition, Session } from "../../protocols/protocol.ts";
import type { Channel } from "./dispatcher.ts";
import {
  type CommandEntry,
  encoderOfNotification,
  type ProtocolTable,
  STATUS_SIZE,
} from "./protocol_table.ts";

const BODY = HEADER_SIZE + STATUS_SIZE;

/**
 * One protocol on one channel. It is the session that the protocol's handlers get, and holds what the agent's pool has of the kind
 * that the protocol is about.
 */
export class Slot implements Session, TimerOwner, ResourcePool {
  readonly agentId: number;
  readonly versionMax: number;
  /** Where the counters of the agent for the protocol begin. */
  readonly countersAt: number;
  /** Per message id, not 0 = the agent's view keeps the command from it; null = none. */
  readonly forbidden: Uint8Array | null;
  readonly context: unknown;
  version: number;
  table: ProtocolTable;
  /** Bytes that the reply in the making may take. */
  room = 0;
  /** Header of the command in service. */
  header = 0;
  /** Whether the agent is denied the whole protocol. */
  isDenied = false;
  count = 0;
  denied: Uint8Array | null = null;
  locked: Uint8Array | null = null;
  pendingCount = 0;
  /** Changes when the channel is reset, so that what was begun before is not finished after. */
  isOpen = true;

  constructor(
    readonly channel: Channel,
    readonly definition: ProtocolDefinition,
    versionMax: number,
    table: ProtocolTable,
    platform: Platform,
  ) {
    this.agentId = channel.agent.id;
    this.versionMax = versionMax;
    this.version = versionMax;
    this.table = table;
    this.countersAt = channel.agent.counters.blockOf(channel.agent.id, definition.id);
    this.forbidden = channel.agent.forbiddenOf(definition);
    this.#readRights(); // which the context may ask about
    this.context = definition.createContext(this, platform);
  }

  get protocolId(): number {
    return this.definition.id;
  }

  get sharedAreas(): SharedAreas | null {
    return this.channel.sharedAreas;
  }

  get isHeld(): boolean {
    return this.channel.service.isHeld;
  }

  spend(): void {
    this.channel.service.spend();
  }

  nowUs(): number {
    return this.channel.host.nowUs();
  }

  hasP2a(): boolean {
    return this.channel.outbox.hasSink;
  }

  notify<S extends NotificationSchema>(schema: S, payload: PayloadOf<S>): void {
    // What was subscribed in another version goes on only as far as the agreed one knows it (SCMI 3.2 negotiation).
    if (this.version < schema.since || this.version > schema.until) return;
    if (this.#isAboutDenied(schema.payload, payload as Record<string, unknown>)) return;
    const { draft } = this.channel.outbox;
    const header = packHeader(this.definition.id, schema.id, MESSAGE_TYPE.notification, 0);
    draft.view.setUint32(0, header, true);
    const size = encoderOfNotification(schema)(draft.view, HEADER_SIZE, REPLY_SIZE_MAX, payload as object);
    if (size > 0) this.channel.outbox.post(size, true);
  }

  /** A resource that was taken from the agent after it had subscribed, or asked, tells it nothing any more. */
  #isAboutDenied(fields: Fields, values: Record<string, unknown>): boolean {
    for (const name in fields) {
      const field = fields[name]!;
      if (field.kind !== "u32" || field.resource === null) continue;
      const { denied } = this.channel.agent.pools[field.resource];
      if (denied !== null && denied[values[name] as number] !== 0) return true;
    }
    return false;
  }

  respondLater<S extends CommandSchema>(
    schema: S,
    dueUs: number,
    answer: (() => DelayedOf<S> | FailureName) | null,
  ): boolean {
    const respond = this.deferResponse(schema);
    if (respond === null) return false;
    this.at(dueUs, () => respond(answer === null ? null : answer()));
    return true;
  }

  deferResponse<S extends CommandSchema>(
    schema: S,
  ): ((answer: DelayedOf<S> | FailureName | null) => void) | null {
    // An agent that takes none of its delayed responses may not pile them up.
    if (this.pendingCount + this.channel.outbox.delayedResponseCount >= ASYNC_PENDING_MAX) return null;
    const entry = this.table[schema.id]!;
    const header = packHeader(
      this.definition.id,
      schema.id,
      MESSAGE_TYPE.delayedResponse,
      tokenOf(this.header),
    );
    this.pendingCount++;
    return (answer) => {
      this.pendingCount--;
      if (answer !== null && this.isOpen) {
        this.#sendDelayedResponse(entry, header, answer as object | FailureName);
      }
    };
  }

  #sendDelayedResponse(entry: CommandEntry, header: number, answer: object | FailureName): void {
    const { draft } = this.channel.outbox;
    const isDenied = this.isDenied || (typeof answer !== "string" &&
      this.#isAboutDenied(entry.schema.delayed!, answer as Record<string, unknown>));
    if (isDenied) answer = "DENIED";
    draft.view.setUint32(0, header, true);
    if (typeof answer !== "string") {
      draft.view.setInt32(HEADER_SIZE, STATUS.SUCCESS, true);
      const size = entry.encodeDelayed!(draft.view, BODY, REPLY_SIZE_MAX, answer);
      if (size > 0) return this.channel.outbox.post(size, false);
    }
    const status = typeof answer === "string" ? STATUS[answer] : STATUS.COMMS_ERROR;
    draft.view.setInt32(HEADER_SIZE, status, true);
    this.channel.outbox.post(BODY, false);
  }

  reportFailure(schema: CommandSchema, status: FailureName, agentId: number): void {
    const header = packHeader(this.definition.id, schema.id, MESSAGE_TYPE.command, 0);
    this.channel.tellFailure(header, STATUS[status], agentId);
  }

  at(timeUs: number, task: () => void): Timer {
    return this.channel.host.at(timeUs, task, this);
  }

  isOffered(messageId: number): boolean {
    const entry = this.table[messageId];
    if (entry === null || entry === undefined) return false;
    if (entry.schema.needsP2a && !this.hasP2a()) return false;
    return this.forbidden?.[messageId] !== 1 && this.isShown(messageId);
  }

  mayUse(messageId: number, resourceId: number): boolean {
    if (!this.isOffered(messageId)) return false;
    const barred = this.table[messageId]!.schema.access === "control" ? this.locked : this.denied;
    return barred === null || barred[resourceId] === 0;
  }

  isShown(messageId: number): boolean {
    return this.definition.isShown?.(messageId, this.context) ?? true;
  }

  /** Looks again at what the agent may do. */
  refreshPermissions(): void {
    this.#readRights();
    this.definition.permissionsChanged?.(this.context);
  }

  #readRights(): void {
    const { agent } = this.channel;
    const { id, resource } = this.definition;
    this.isDenied = agent.isProtocolDenied(id);
    if (resource === null) return;
    const { count, denied, locked } = agent.pools[resource];
    this.count = count;
    this.denied = denied;
    this.locked = locked;
  }

  negotiate(version: number): boolean {
    if (version > this.versionMax) return false;
    const table = this.channel.host.tableOf(this.definition.id, version);
    if (table === null) return false;
    this.version = version;
    this.table = table;
    this.definition.versionChanged?.(this.context);
    this.channel.fastChannels.refresh(this.definition.id);
    return true;
  }

  messageAttributes(messageId: number): number {
    return this.definition.messageAttributes?.(messageId, this.context) ?? 0;
  }

  close(): void {
    this.isOpen = false;
    this.definition.closeContext?.(this.context);
  }
}
