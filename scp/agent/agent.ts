// The agent side, made from the same declarations as the platform: typed calls over any channel, delayed responses,
// notifications. Tools, tests and the fuzzer use it. It trusts nothing the platform sends.
import { assert } from "../core/assert.ts";
import { HEADER_SIZE, MESSAGE_TYPE, packHeader, TOKEN_MAX } from "../core/header.ts";
import {
  type CommandSchema,
  type DelayedOf,
  type Fields,
  fixedSizeOf,
  type ParamsOf,
  type ReturnsOf,
} from "../core/schema.ts";
import { readFields, type Values, writeFields } from "../core/codec.ts";
import { statusName } from "../core/status.ts";
import type { AgentChannel } from "../../transports/channel.ts";

/**
 * What came of a call: the return values, or the name of the status. Beside the statuses of SCMI there are `NO_ANSWER`
 * (the channel was lost), `BAD_ANSWER` (the response is too short for what the command returns) and `NO_TOKEN` (nothing was
 * sent, as so many calls wait that no token is left).
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

/** Hears the payload that was waited for; null = the channel was lost. */
type Settle = (payload: DataView | null) => void;

/** An agent on one channel. */
export class AgentClient {
  /** Hears notifications, and everything else that nobody waits for. */
  onNotification: ((message: PlatformMessage) => void) | null = null;
  /** By the header of what is waited for, as a token alone does not tell responses from delayed ones, nor commands apart. */
  readonly #waiting = new Map<number, Settle>();
  /** Tokens of calls that wait. */
  readonly #usedTokens = new Set<number>();
  #nextToken = 0;
  #isOpen = true;

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
    if (typeof token === "string") return { ok: false, status: token };
    const answered = this.#wait(protocolId, schema, MESSAGE_TYPE.command, token);
    this.channel.send(encodeCommand(protocolId, schema, params, token));
    const result = decodeAnswer(schema.returns, await answered);
    this.#usedTokens.delete(token);
    return result as CallResult<ReturnsOf<S>>;
  }

  /** Sends a command that is answered by a delayed response, and waits for that. */
  async callDelayed<S extends CommandSchema>(
    protocolId: number,
    schema: S,
    params: ParamsOf<S>,
  ): Promise<CallResult<DelayedOf<S>>> {
    const token = this.#takeToken();
    if (typeof token === "string") return { ok: false, status: token };
    const delayed = this.#wait(protocolId, schema, MESSAGE_TYPE.delayedResponse, token);
    const answered = this.#wait(protocolId, schema, MESSAGE_TYPE.command, token);
    this.channel.send(encodeCommand(protocolId, schema, params, token));
    const accepted = decodeAnswer({}, await answered);
    if (!accepted.ok) this.#waiting.delete(headerOf(protocolId, schema, MESSAGE_TYPE.delayedResponse, token));
    const result = accepted.ok ? decodeAnswer(schema.delayed ?? {}, await delayed) : accepted;
    this.#usedTokens.delete(token);
    return result as CallResult<DelayedOf<S>>;
  }

  /** Gives the channel up; calls that wait get `NO_ANSWER`. */
  close(): void {
    this.channel.close();
    this.#giveUp();
  }

  /** A token that no call uses, or why there is none. */
  #takeToken(): number | "NO_ANSWER" | "NO_TOKEN" {
    if (!this.#isOpen) return "NO_ANSWER";
    if (this.#usedTokens.size > TOKEN_MAX) return "NO_TOKEN";
    let token = this.#nextToken;
    while (this.#usedTokens.has(token)) token = (token + 1) & TOKEN_MAX;
    this.#nextToken = (token + 1) & TOKEN_MAX;
    this.#usedTokens.add(token);
    return token;
  }

  #wait(protocolId: number, schema: CommandSchema, type: number, token: number): Promise<DataView | null> {
    const { promise, resolve } = Promise.withResolvers<DataView | null>();
    this.#waiting.set(headerOf(protocolId, schema, type, token), resolve);
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
    const settle = this.#waiting.get(header);
    if (settle === undefined) {
      this.onNotification?.({ header, payload });
      return;
    }
    this.#waiting.delete(header);
    settle(payload);
  }

  #giveUp(): void {
    this.#isOpen = false;
    for (const settle of this.#waiting.values()) settle(null);
    this.#waiting.clear();
  }
}

function headerOf(protocolId: number, { id }: CommandSchema, type: number, token: number): number {
  return packHeader(protocolId, id, type, token);
}

/** The bytes of a command. The parameters may stand in any order. */
export function encodeCommand<S extends CommandSchema>(
  protocolId: number,
  schema: S,
  params: ParamsOf<S>,
  token: number,
): Uint8Array {
  const values = params as Values;
  const bytes = new Uint8Array(HEADER_SIZE + fixedSizeOf(schema.params) + listSizeOf(schema.params, values));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerOf(protocolId, schema, MESSAGE_TYPE.command, token), true);
  const end = writeFields(schema.params, view, HEADER_SIZE, bytes.length, values);
  assert(end === bytes.length, `the parameters of ${schema.name} fill their message`);
  return bytes;
}

/** Bytes of the list at the end of a structure: as long as its values say. */
function listSizeOf(fields: Fields, values: Values): number {
  const last = Object.entries(fields).at(-1);
  if (last === undefined || last[1].kind !== "list") return 0;
  return fixedSizeOf(last[1].item) * (values[last[0]] as readonly unknown[]).length;
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
