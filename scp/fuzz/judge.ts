// Judges a platform by what its agents see: every request, its answer, every message of the platform's own. It knows the
// declarations and the facts of the platform, and keeps its own account of each channel.
import type { Values } from "../core/codec.ts";
import { HEADER_SIZE, MESSAGE_TYPE, messageIdOf } from "../core/header.ts";
import type { CommandSchema } from "../core/schema.ts";
import { STATUS, type StatusName, statusName } from "../core/status.ts";
import { ChannelState } from "./channel_state.ts";
import { judgeIncoming } from "./incoming_rules.ts";
import { readExactly } from "./layout_rules.ts";
import { findPage, judgeNamedCount, judgePage, listAsked } from "./paging_rules.ts";
import { Permissions } from "./permissions.ts";
import { channelLabels, type ChannelPlan, type ParamValues } from "./program.ts";
import { expect, isShown, REPLY_SIZE_MIN, type Understood } from "./refusals.ts";
import { judgeSensorReply, judgeSensorStatus } from "./sensor_rules.ts";
import type { Exchange, PlatformFacts, ProtocolFacts } from "./target.ts";

/** Something the platform did wrong. */
export interface Finding {
  /** Which rule it broke: findings of one rule are taken for the same one when a program is made smaller. */
  readonly rule: string;
  readonly channel: string;
  readonly problem: string;
}

/** A command that was answered, for coverage. */
export interface Answered {
  readonly protocolId: number;
  readonly messageId: number;
  readonly version: number;
  readonly status: StatusName;
}

/** The judge of one program. */
export class Judge {
  readonly findings: Finding[] = [];
  readonly answered: Answered[] = [];
  readonly #states: ChannelState[];
  readonly #permissions: Permissions;

  constructor(readonly facts: PlatformFacts, plans: readonly ChannelPlan[]) {
    this.#permissions = new Permissions(facts);
    const labels = channelLabels(plans);
    this.#states = plans.map(({ agentName, room, p2a }, place) => {
      const agent = facts.agents.find(({ name }) => name === agentName);
      if (agent === undefined) throw new Error(`The platform has no agent '${agentName}'`);
      const p2aRoom = typeof p2a === "number" ? p2a : Infinity;
      return new ChannelState(facts, agent, labels[place]!, p2a !== "off", p2aRoom, room);
    });
  }

  /** Notes something that no rule of a message covers. */
  complain(rule: string, channel: number | null, problem: string): void {
    this.findings.push({ rule, channel: channel === null ? "" : this.#states[channel]!.label, problem });
  }

  /** Whether a promised delayed response has not come yet. */
  get awaitsResponses(): boolean {
    return this.#states.some(({ pending }) => pending.some(({ isDue }) => isDue));
  }

  /** Judges a message of the platform's own. */
  hear(channel: number, message: Uint8Array, nowUs: number | null): void {
    const state = this.#states[channel]!;
    state.p2aRoom--;
    if (!state.hasP2a) {
      this.complain("message-unwanted", channel, "a message came while there was no way for it");
    }
    const complaint = judgeIncoming(state, message, nowUs);
    if (complaint !== null) this.complain(complaint.rule, channel, complaint.problem);
    state.noteRoom();
  }

  /** Notes that the driver of a channel was reset: nothing that was under way may arrive. */
  noteReset(channel: number): void {
    this.#states[channel]!.forget();
  }

  /** Notes what the agent did with the platform-to-agent direction. */
  noteP2a(channel: number, change: "off" | "on" | number): void {
    const state = this.#states[channel]!;
    if (typeof change === "number") {
      state.p2aRoom += change;
      return state.noteRoom();
    }
    if (state.hasP2a !== (change === "on")) state.loseMessages();
    state.hasP2a = change === "on";
  }

  /** Notes how many bytes of a response the agent can take. */
  noteRoom(channel: number, size: number): void {
    this.#states[channel]!.room = size;
  }

  /** Judges what is missing at the end, when everything that was promised has had its time. */
  finish(): void {
    for (const [channel, { pending }] of this.#states.entries()) {
      for (const { schema, isDue } of pending) {
        if (isDue) this.complain("delayed", channel, `the delayed response of ${schema.name} never came`);
      }
    }
  }

  /** Judges the answer to a request. */
  judgeExchange(channel: number, request: Uint8Array, exchange: Exchange, nowUs: number | null): void {
    const state = this.#states[channel]!;
    const expected = expect(state, this.#permissions, request);
    const { reply } = exchange;
    if (exchange.hasOverrun) {
      this.complain("reply-size", channel, "bytes were written behind the room of the reply");
    }
    if (expected.kind === "silence") {
      if (reply !== null) {
        this.complain("reply-unwanted", channel, `${reply.length} bytes without room for a status`);
      }
      return;
    }
    if (reply === null) return this.complain("reply-missing", channel, "the command was not answered");
    if (reply.length < REPLY_SIZE_MIN || reply.length > state.room) {
      return this.complain("reply-size", channel, `${reply.length} bytes for a room of ${state.room}`);
    }
    for (let at = 0; at < HEADER_SIZE; at++) {
      if (reply[at] === request[at]) continue;
      return this.complain("reply-header", channel, "the header of the response is not that of the command");
    }
    const view = new DataView(reply.buffer, reply.byteOffset);
    const number = view.getInt32(HEADER_SIZE, true);
    if (!Object.values(STATUS).some((known) => known === number)) {
      return this.complain("status", channel, `${number} is not a status`);
    }
    const status = statusName(number) as StatusName;
    if (status !== "SUCCESS" && reply.length !== REPLY_SIZE_MIN) {
      this.complain(
        "reply-size",
        channel,
        `${status} comes with ${reply.length} bytes, not ${REPLY_SIZE_MIN}`,
      );
    }
    if (expected.kind === "refusal") {
      if (expected.protocol !== null) {
        this.#noteAnswer(state, expected.protocol, view.getUint32(0, true), status);
      }
      const allowed: readonly StatusName[] = this.facts.isOurs
        ? expected.statuses.slice(0, 1)
        : expected.statuses;
      if (!allowed.includes(status)) {
        this.complain("status", channel, `${status}, where it has to be ${allowed.join(" or ")}`);
      }
      return;
    }
    this.#judgeAnswer(channel, expected.understood, expected.statuses, status, reply, nowUs);
  }

  #judgeAnswer(
    channel: number,
    understood: Understood,
    allowed: ReadonlySet<StatusName>,
    status: StatusName,
    reply: Uint8Array,
    nowUs: number | null,
  ): void {
    const state = this.#states[channel]!;
    const { protocol, schema } = understood;
    this.#noteAnswer(state, protocol, understood.header, status);
    if (!allowed.has(status)) {
      return this.complain(
        "status",
        channel,
        `${schema.name} says ${status}; it may say ${[...allowed].join(", ")}`,
      );
    }
    const statusProblem = judgeSensorStatus(state, understood, status) ??
      this.#judgeEveryStatus(state, understood, status);
    if (statusProblem !== null) this.complain("state", channel, statusProblem);
    if (status !== "SUCCESS") return;
    const layout = readExactly(schema.returns, reply, REPLY_SIZE_MIN);
    if (!layout.ok) return this.complain("layout", channel, `${schema.name}: ${layout.problem}`);
    this.#judgePaging(channel, understood, layout.values);
    const problem = judgeSensorReply(state, understood, layout.values, reply, nowUs) ??
      this.#judgeEveryReply(understood, layout.values);
    if (problem !== null) this.complain("state", channel, problem);
    this.#noteSuccess(state, understood);
  }

  #noteAnswer(state: ChannelState, protocol: ProtocolFacts, header: number, status: StatusName): void {
    const version = state.versions.get(protocol.id)!;
    this.answered.push({ protocolId: protocol.id, messageId: messageIdOf(header), version, status });
  }

  #judgePaging(channel: number, { schema, params }: Understood, values: Values): void {
    const state = this.#states[channel]!;
    const miscount = judgeNamedCount(schema.returns, values);
    if (miscount !== null) this.complain("paging", channel, `${schema.name}: ${miscount}`);
    const page = findPage(schema.returns, values);
    if (page === null) return;
    const problem = judgePage(page);
    if (problem !== null) this.complain("paging", channel, `${schema.name} ${problem}`);
    const asked = listAsked(schema, params);
    if (asked === null) return;
    const total = asked.skipped + page.returned + page.remaining;
    const before = state.totals.get(asked.key) ?? total;
    if (total !== before) {
      this.complain("paging", channel, `${asked.key} has ${total} items, before ${before}`);
    }
    state.totals.set(asked.key, total);
  }

  /** The commands that every protocol has answer what follows from the declarations. */
  #judgeEveryStatus(state: ChannelState, understood: Understood, status: StatusName): string | null {
    const { protocol, schema, params } = understood;
    const word = Object.values(params)[0] as number;
    if (schema.name === "NEGOTIATE_PROTOCOL_VERSION" && protocol.versions !== null) {
      const isKnown = protocol.versions.includes(word) && word <= protocol.versionMax;
      if (isKnown !== (status === "SUCCESS")) {
        return `version 0x${word.toString(16)} is answered with ${status}`;
      }
    }
    if (schema.name === "PROTOCOL_MESSAGE_ATTRIBUTES") {
      const asked = word > 0xff ? undefined : state.findCommand(protocol, word);
      const isOffered = asked === undefined || (asked.needsP2a && !state.hasP2a)
        ? false
        : isShown(state, protocol, asked);
      if (isOffered !== null && this.facts.isOurs && isOffered !== (status === "SUCCESS")) {
        return `message 0x${word.toString(16)} is ${
          isOffered ? "" : "not "
        }there, its attributes say ${status}`;
      }
    }
    return null;
  }

  #judgeEveryReply({ protocol, schema }: Understood, values: Values): string | null {
    if (schema.name !== "PROTOCOL_VERSION" || values.version === protocol.versionMax) return null;
    return `${protocol.name} was version 0x${protocol.versionMax.toString(16)} and says ${values.version}`;
  }

  #noteSuccess(state: ChannelState, { header, protocol, schema, params }: Understood): void {
    switch (schema.name) {
      case "NEGOTIATE_PROTOCOL_VERSION":
        state.versions.set(protocol.id, params.version as number);
        return;
      case "BASE_SET_DEVICE_PERMISSIONS":
        return this.#notePermission(params, null);
      case "BASE_SET_PROTOCOL_PERMISSIONS":
        return this.#notePermission(params, (params.commandId as number) & 0xff);
      case "BASE_RESET_AGENT_CONFIGURATION":
        return this.#noteAgentReset(params);
    }
    const flags = flagsOf(schema, params);
    if (schema.needsP2a && flags.has("enable")) {
      state.subscribe(protocol.id, schema, idsOf(schema, params), flags.get("enable")!);
    }
    if (schema.delayed !== null && flags.get("async") === true && flags.get("ignoreDelayed") !== true) {
      state.pending.push({
        header: delayedHeaderOf(header),
        schema,
        params,
        isDue: true,
        isAmbiguous: false,
      });
    }
  }

  #notePermission(params: ParamValues, protocolId: number | null): void {
    const isAllowed = ((params.flags as number) & 1) !== 0;
    this.#permissions.change(params.agentId as number, params.deviceId as number, protocolId, isAllowed);
  }

  #noteAgentReset(params: ParamValues): void {
    const agentId = params.agentId as number;
    for (const state of this.#states) if (state.agent.id === agentId) state.forget();
    if (((params.flags as number) & 1) !== 0) this.#permissions.restore(agentId);
  }
}

/** The header of the delayed response to a command. */
function delayedHeaderOf(header: number): number {
  return (header | (MESSAGE_TYPE.delayedResponse << 8)) >>> 0;
}

/** The flags of a command's parameters by name. */
function flagsOf(schema: CommandSchema, params: ParamValues): Map<string, boolean> {
  const flags = new Map<string, boolean>();
  for (const [name, field] of Object.entries(schema.params)) {
    if (field.kind !== "bits32") continue;
    for (const [part, { low, isFlag }] of Object.entries(field.parts)) {
      if (isFlag) flags.set(part, (((params[name] as number) >>> low) & 1) !== 0);
    }
  }
  return flags;
}

/** The ids that a command names, by parameter. */
function idsOf(schema: CommandSchema, params: ParamValues): Map<string, number> {
  return new Map(
    Object.entries(schema.params).flatMap(([name, field]) =>
      field.kind === "u32" && field.resource !== null ? [[name, params[name] as number] as const] : []
    ),
  );
}
