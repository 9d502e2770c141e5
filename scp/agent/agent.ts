// The agent side, made from the same declarations as the platform: typed calls over any channel, delayed responses,
// notifications. Tools, tests and the fuzzer use it. It trusts nothing the platform sends.
import { HEADER_SIZE, MESSAGE_TYPE, messageTypeOf, packHeader, TOKEN_MAX, tokenOf } from "../core/header.ts";
import {
  type CommandSchema,
  type DelayedOf,
  type Fields,
  fixedSizeOf,
  type ParamsOf,
  type ReturnsOf,
} from "../core/schema.ts";
import { readFields, writeFields } from "../core/codec.ts";
import { statusName } from "../core/status.ts";
import type { AgentChannel } from "../../transports/channel.ts";

/**
 * What came of a call: the return values, or the name of the status. Beside the statuses of SCMI there are `NO_ANSWER`
 * (the channel was lost) and `BAD_ANSWER` (the response is too short for what the command returns).
 */
export type CallResult<V> = { readonly ok: true; readonly values: V } | {
  readonly ok: false;
  readonly status: string;
};

/** A message that the platform sent unasked. */
export interface PlatformMessage {
  readonly header: number;
  /** What follows the header. */
  readonly payload: DataView;
}

const STATUS_SIZE = 4;

interface Pending {
  readonly settle: (payload: DataView | null) => void;
}

/** An agent on one channel. */
export class AgentClient {
  /** Hears notifications, and delayed responses nobody waits for. */
  onNotification: ((message: PlatformMessage) => void) | null = null;
  readonly #responses = new Map<number, Pending>();
  readonly #delayed = new Map<number, Pending>();
  #nextToken = 0;

  constructor(readonly channel: AgentChannel) {
    channel.onMessage = (message) => this.#receive(message);
    channel.onClose = () => this.#giveUp();
  }

  /** Sends a command and waits for its response. */
  async call<S extends CommandSchema>(
    protocolId: number,
    schema: S,
    params: ParamsOf<S>,
  ): Promise<CallResult<ReturnsOf<S>>> {
    const token = this.#takeToken();
    const answered = this.#wait(this.#responses, token);
    this.channel.send(encodeCommand(protocolId, schema, params, token));
    return decodeAnswer(schema.returns, await answered) as CallResult<ReturnsOf<S>>;
  }

  /** Sends a command that is answered by a delayed response, and waits for that. */
  async callDelayed<S extends CommandSchema>(
    protocolId: number,
    schema: S,
    params: ParamsOf<S>,
  ): Promise<CallResult<DelayedOf<S>>> {
    const token = this.#takeToken();
    const delayed = this.#wait(this.#delayed, token);
    const answered = this.#wait(this.#responses, token);
    this.channel.send(encodeCommand(protocolId, schema, params, token));
    const accepted = decodeAnswer({}, await answered);
    if (!accepted.ok) {
      this.#delayed.delete(token);
      return accepted;
    }
    return decodeAnswer(schema.delayed ?? {}, await delayed) as CallResult<DelayedOf<S>>;
  }

  /** Gives the channel up; calls that wait get `NO_ANSWER`. */
  close(): void {
    this.channel.close();
    this.#giveUp();
  }

  #takeToken(): number {
    let token = this.#nextToken;
    while (this.#responses.has(token) || this.#delayed.has(token)) token = (token + 1) & TOKEN_MAX;
    this.#nextToken = (token + 1) & TOKEN_MAX;
    return token;
  }

  #wait(pending: Map<number, Pending>, token: number): Promise<DataView | null> {
    const { promise, resolve } = Promise.withResolvers<DataView | null>();
    pending.set(token, { settle: resolve });
    return promise;
  }

  #receive(message: Uint8Array): void {
    if (message.length < HEADER_SIZE) return;
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    const payload = new DataView(
      message.buffer,
      message.byteOffset + HEADER_SIZE,
      message.length - HEADER_SIZE,
    );
    const type = messageTypeOf(header);
    const pending = type === MESSAGE_TYPE.command
      ? this.#responses
      : type === MESSAGE_TYPE.delayedResponse
      ? this.#delayed
      : null;
    const token = tokenOf(header);
    const waiting = pending?.get(token);
    if (waiting === undefined) {
      this.onNotification?.({ header, payload });
      return;
    }
    pending?.delete(token);
    waiting.settle(payload);
  }

  #giveUp(): void {
    for (const pending of [this.#responses, this.#delayed]) {
      for (const waiting of pending.values()) waiting.settle(null);
      pending.clear();
    }
  }
}

/** The bytes of a command. */
export function encodeCommand<S extends CommandSchema>(
  protocolId: number,
  schema: S,
  params: ParamsOf<S>,
  token: number,
): Uint8Array {
  // A trailing list is as long as its values say; its items are words.
  const trailing = Object.values(params as Record<string, unknown>).at(-1);
  const listSize = Array.isArray(trailing) ? trailing.length * itemSizeOf(schema.params) : 0;
  const bytes = new Uint8Array(HEADER_SIZE + fixedSizeOf(schema.params) + listSize);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, packHeader(protocolId, schema.id, MESSAGE_TYPE.command, token), true);
  writeFields(schema.params, view, HEADER_SIZE, bytes.length, params as Record<string, unknown>);
  return bytes;
}

function itemSizeOf(fields: Fields): number {
  const last = Object.values(fields).at(-1);
  return last?.kind === "list" ? fixedSizeOf(last.item) : 0;
}

/** Takes a response's payload apart; null = there was none. */
export function decodeAnswer<F extends Fields>(returns: F, payload: DataView | null): CallResult<unknown> {
  if (payload === null) return { ok: false, status: "NO_ANSWER" };
  if (payload.byteLength < STATUS_SIZE) return { ok: false, status: "BAD_ANSWER" };
  const status = payload.getInt32(0, true);
  if (status !== 0) return { ok: false, status: statusName(status) };
  const values = readFields(returns, payload, STATUS_SIZE, payload.byteLength);
  return values === null ? { ok: false, status: "BAD_ANSWER" } : { ok: true, values };
}
