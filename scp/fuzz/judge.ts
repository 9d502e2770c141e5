// Judges a platform by what its agents see: every request, its answer, every message of the platform's own. It knows
// the declarations and the facts of the platform, and keeps its own account of each channel.
import type { Values } from "../core/codec.ts";
import { HEADER_SIZE, MESSAGE_TYPE, messageIdOf, messageTypeOf, protocolIdOf } from "../core/header.ts";
import { ASYNC_PENDING_MAX, MESSAGE_SIZE_MAX } from "../core/limits.ts";
import { STATUS, type StatusName, statusName } from "../core/status.ts";
import { judgeBaseReply, judgeBaseStatus } from "./base_rules.ts";
import { Echoes, isSetter, type Reading } from "./echoes.ts";
import { ChannelState } from "./channel_state.ts";
import {
  type FastOutcome,
  type FastSettings,
  judgeFastUse,
  judgeLikeness,
  responseOf,
} from "./fast_channel_rules.ts";
import { judgeIncoming } from "./incoming_rules.ts";
import { readExactly } from "./layout_rules.ts";
import { CHANGING_LISTS, findPage, judgeNamedCount, judgePage, listAsked } from "./paging_rules.ts";
import { Permissions } from "./permissions.ts";
import { channelLabels, type ChannelPlan, type FastStep } from "./program.ts";
import { expect, REPLY_SIZE_MIN, type Understood } from "./refusals.ts";
import { judgeResourceReply } from "./resource_rules.ts";
import { judgeSensorReply } from "./sensor_rules.ts";
import { judgeSensorStatus } from "./sensor_statuses.ts";
import { noteSuccess } from "./success_notes.ts";
import { judgeUpdates } from "./update_rules.ts";
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
  /** Whether the response judged last was a page with more than one item. */
  hasManyItems = false;
  readonly #states: ChannelState[];
  readonly #permissions: Permissions;
  readonly #echoes = new Echoes();
  /** Delayed responses that came before it was known that they were promised. */
  #early: { readonly channel: number; readonly message: Uint8Array }[] = [];

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

  /** The commands that read what the last one on a channel has set; none on platforms of others. */
  readingsOf(channel: number): Reading[] {
    return this.facts.isOurs ? this.#echoes.readingsOf(this.#states[channel]!) : [];
  }

  /** Judges a message of the platform's own. */
  hear(channel: number, message: Uint8Array, nowUs: number | null): void {
    const state = this.#states[channel]!;
    state.p2aRoom--;
    if (!state.hasP2a) {
      this.complain("message-unwanted", channel, "a message came while there was no way for it");
    }
    if (message.length > state.room) {
      this.complain("message-size", channel, `${message.length} bytes for a room of ${state.room}`);
    }
    // Another process may be quicker with the delayed response than with the response.
    if (!this.facts.isOurs && isEarly(state, message)) return void this.#early.push({ channel, message });
    const complaint = judgeIncoming(state, this.#permissions, message, nowUs);
    if (complaint !== null) this.complain(complaint.rule, channel, complaint.problem);
    state.noteRoom();
  }

  /** Notes that the driver of a channel was reset: nothing that was under way may arrive. */
  noteReset(channel: number): void {
    this.#states[channel]!.forget();
    this.#echoes.clear();
  }

  /** Notes what the agent did with the platform-to-agent direction. */
  noteP2a(channel: number, change: "off" | "on" | number): void {
    const state = this.#states[channel]!;
    if (typeof change === "number") {
      state.p2aRoom += change;
      return state.noteRoom();
    }
    // Who takes it away may count as gone: what it had asked for may be taken back.
    this.#echoes.clear();
    if (state.hasP2a !== (change === "on")) state.loseMessages();
    state.hasP2a = change === "on";
  }

  /** Notes how many bytes of a message the agent can take. */
  noteRoom(channel: number, size: number): void {
    const state = this.#states[channel]!;
    state.room = size;
    // Not even a status fits: what comes now may get lost.
    if (size < REPLY_SIZE_MIN) { for (const pending of state.pending) pending.isDue = false; }
  }

  /** Judges what came, and what did not, while virtual time passed. */
  judgeTime(passedUs: number, nowUs: number): void {
    this.#echoes.clear();
    for (const [channel, state] of this.#states.entries()) {
      const problem = judgeUpdates(state, this.#permissions, passedUs, nowUs);
      if (problem !== null) this.complain("updates", channel, problem);
    }
  }

  /** Judges what is missing at the end, when everything that was promised has had its time. */
  finish(): void {
    for (const [channel, { pending }] of this.#states.entries()) {
      for (const { commands, isDue } of pending) {
        if (isDue) {
          this.complain("delayed", channel, `the delayed response of ${commands[0]!.schema.name} never came`);
        }
      }
    }
  }

  /** Judges the answer to a request, and what overtook it. */
  judgeExchange(channel: number, request: Uint8Array, exchange: Exchange, nowUs: number | null): void {
    this.hasManyItems = false;
    this.#judgeReply(channel, request, exchange, nowUs);
    const early = this.#early;
    this.#early = [];
    for (const each of early) {
      const complaint = judgeIncoming(this.#states[each.channel]!, this.#permissions, each.message, nowUs);
      if (complaint !== null) this.complain(complaint.rule, each.channel, complaint.problem);
    }
    for (const place of exchange.resets) this.noteReset(place);
  }

  /**
   * Judges a use of a FastChannel by what the message that does the same would make of it; `outcome` is the status of a
   * write, the words of a reading, null = there is no such FastChannel. Returns that message; null = there is none.
   */
  judgeFast(
    step: FastStep,
    outcome: FastOutcome | null,
    before: FastSettings,
    nowUs: number | null,
  ): Uint8Array | null {
    const { channel } = step;
    const state = this.#states[channel]!;
    const { problem, request } = judgeFastUse(state, step, outcome, before);
    if (problem !== null) this.complain("fast-channel", channel, problem);
    if (request === null || typeof outcome !== "number") return request;
    const { room } = state;
    state.room = MESSAGE_SIZE_MAX;
    const reply = responseOf(request, outcome);
    this.judgeExchange(channel, request, { reply, hasOverrun: false, resets: [] }, nowUs);
    state.room = room;
    return request;
  }

  /** Judges the outcome of a use of a FastChannel by the response to the message that does the same. */
  judgeLikeness({ channel }: FastStep, outcome: FastOutcome, reply: Uint8Array | null): void {
    const problem = judgeLikeness(outcome, reply);
    if (problem !== null) this.complain("fast-channel", channel, problem);
  }

  #judgeReply(channel: number, request: Uint8Array, exchange: Exchange, nowUs: number | null): void {
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
      judgeBaseStatus(state, understood, status);
    if (statusProblem !== null) this.complain("state", channel, statusProblem);
    if (status !== "SUCCESS") return this.#judgeListRefusal(channel, understood, status);
    const layout = readExactly(schema.returns, reply, REPLY_SIZE_MIN);
    if (!layout.ok) return this.complain("layout", channel, `${schema.name}: ${layout.problem}`);
    this.#judgePaging(channel, understood, layout.values);
    const problem = judgeSensorReply(state, understood, layout.values, reply, nowUs) ??
      judgeBaseReply(state, understood, layout.values) ??
      judgeResourceReply(state, understood, layout.values);
    if (problem !== null) this.complain("state", channel, problem);
    const echo = this.facts.isOurs ? this.#echoes.judge(state, understood, layout.values) : null;
    if (echo !== null) this.complain("echo", channel, echo);
    if (isSetter(understood)) this.#noteSetting(state, understood);
    noteSuccess(state, this.#states, this.#permissions, understood);
    const pendingCount =
      state.pending.filter(({ header, isDue }) => isDue && protocolIdOf(header) === protocol.id).length;
    // What others grant is not known.
    if (this.facts.isOurs && pendingCount > ASYNC_PENDING_MAX) {
      this.complain("delayed", channel, `${pendingCount} delayed responses of ${protocol.name} are pending`);
    }
  }

  #noteAnswer(state: ChannelState, protocol: ProtocolFacts, header: number, status: StatusName): void {
    const version = state.versions.get(protocol.id)!;
    this.answered.push({ protocolId: protocol.id, messageId: messageIdOf(header), version, status });
  }

  #noteSetting(state: ChannelState, understood: Understood): void {
    this.#echoes.note(state, understood);
    for (const each of this.#states) each.forgetLists((key) => CHANGING_LISTS.has(key.split(" ")[0]!));
  }

  /** A list that is longer than what was skipped has a page there. */
  #judgeListRefusal(channel: number, { schema, params }: Understood, status: StatusName): void {
    if (status !== "OUT_OF_RANGE" && status !== "INVALID_PARAMETERS") return;
    const asked = listAsked(schema, params);
    const total = asked === null ? undefined : this.#states[channel]!.totals.get(asked.key);
    if (asked === null || total === undefined || asked.skipped >= total) return;
    this.complain("paging", channel, `${asked.key} has ${total} items, and none after ${asked.skipped}`);
  }

  #judgePaging(channel: number, { schema, params }: Understood, values: Values): void {
    const state = this.#states[channel]!;
    const miscount = judgeNamedCount(schema.returns, values);
    if (miscount !== null) this.complain("paging", channel, `${schema.name}: ${miscount}`);
    const page = findPage(schema.returns, values);
    if (page === null) return;
    this.hasManyItems = page.itemCount > 1 && !page.isSegment;
    const problem = judgePage(page);
    if (problem !== null) this.complain("paging", channel, `${schema.name} ${problem}`);
    const asked = listAsked(schema, params);
    if (asked === null || page.isSegment) return;
    const total = asked.skipped + page.returned + page.remaining;
    const before = state.totals.get(asked.key) ?? total;
    if (total !== before) {
      this.complain("paging", channel, `${asked.key} has ${total} items, before ${before}`);
    }
    state.totals.set(asked.key, total);
  }
}

/** Whether a message is a delayed response that nobody knows of yet. */
function isEarly(state: ChannelState, message: Uint8Array): boolean {
  if (message.length < HEADER_SIZE) return false;
  const header = new DataView(message.buffer, message.byteOffset).getUint32(0, true);
  if (messageTypeOf(header) !== MESSAGE_TYPE.delayedResponse) return false;
  return !state.pending.some((pending) => pending.header === header);
}
