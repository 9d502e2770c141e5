// An agent of the simulation: typed calls on one channel of the platform, each seen by the judge, and what the
// platform says on its own.
import { encodeCommand } from "../../scp/agent/agent.ts";
import { readFields } from "../../scp/core/codec.ts";
import { messageIdOf, messageTypeOf } from "../../scp/core/header.ts";
import type { CommandSchema, ParamsOf, ReturnsOf } from "../../scp/core/schema.ts";
import { STATUS, statusName } from "../../scp/core/status.ts";
import type { InProcessTarget } from "../../scp/fuzz/in_process_target.ts";
import type { Judge } from "../../scp/fuzz/judge.ts";

/** What came of a call; values are null unless it succeeded. */
export interface Answer<V> {
  readonly status: string;
  readonly values: V | null;
}

const BODY = 8;

/** An agent on one channel. */
export class SimulatedAgent {
  messageCount = 0;
  successCount = 0;
  /** Successes by the name of the command. */
  readonly succeeded = new Map<string, number>();
  /** Messages of the platform's own, by `type/id`. */
  readonly heard = new Map<string, number>();
  #token = 0;

  constructor(
    readonly name: string,
    readonly place: number,
    readonly target: InProcessTarget,
    readonly judge: Judge,
  ) {}

  /** Calls a command. */
  call<S extends CommandSchema>(protocolId: number, schema: S, params: ParamsOf<S>): Answer<ReturnsOf<S>> {
    this.#token = (this.#token + 1) & 0x3ff;
    const reply = this.send(encodeCommand(protocolId, schema, params, this.#token));
    if (reply === null || reply.length < BODY) return { status: "NO_ANSWER", values: null };
    const view = new DataView(reply.buffer, reply.byteOffset, reply.length);
    const status = view.getInt32(4, true);
    if (status !== STATUS.SUCCESS) return { status: statusName(status), values: null };
    this.successCount++;
    this.succeeded.set(schema.name, (this.succeeded.get(schema.name) ?? 0) + 1);
    return {
      status: "SUCCESS",
      values: readFields(schema.returns, view, BODY, reply.length) as ReturnsOf<S>,
    };
  }

  /** Sends any bytes. */
  send(message: Uint8Array): Uint8Array | null {
    this.messageCount++;
    const exchange = this.target.exchange(this.place, message);
    this.judge.judgeExchange(this.place, message, exchange, this.target.nowUs());
    const problem = this.target.findHardwareProblem();
    if (problem !== null) this.judge.complain("hardware", this.place, problem);
    return exchange.reply;
  }

  /** Takes a message of the platform's own. */
  hear(message: Uint8Array): void {
    this.judge.hear(this.place, message, this.target.nowUs());
    const header = new DataView(message.buffer, message.byteOffset).getUint32(0, true);
    const key = `${messageTypeOf(header)}/${messageIdOf(header)}`;
    this.heard.set(key, (this.heard.get(key) ?? 0) + 1);
  }

  /** How many notifications of an id came. */
  notificationCount(id: number): number {
    return this.heard.get(`3/${id}`) ?? 0;
  }

  /** The driver is restarted. */
  restart(): void {
    this.judge.noteReset(this.place);
    this.target.reset(this.place);
  }

  /** Takes the platform-to-agent direction away, or brings it back. */
  changeP2a(change: "off" | "on"): void {
    this.judge.noteP2a(this.place, change);
    this.target.changeP2a(this.place, change);
  }
}
