// Carries out a program on a platform under the eyes of the judge. What it says depends on nothing but the program
// and the platform.
import { errorText } from "../core/error_text.ts";
import { MESSAGE_SIZE_MAX } from "../core/limits.ts";
import { statusName } from "../core/status.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { settingsNow } from "./fast_channel_rules.ts";
import { showBytes } from "./show_bytes.ts";
import { type Answered, type Finding, Judge } from "./judge.ts";
import {
  channelLabels,
  type CommandStep,
  encodeCommandStep,
  type FastStep,
  type Program,
  type Step,
} from "./program.ts";
import { printStep } from "./program_text.ts";
import type { Target } from "./target.ts";

/** What came of a program. */
export interface Verdict {
  readonly findings: readonly Finding[];
  /** Place of the step with the first finding; the number of steps when it was found at the end. */
  readonly findingStep: number | null;
  readonly messageCount: number;
  readonly answered: readonly Answered[];
  readonly traceHash: number | null;
}

/** Virtual time in which a promised response has to come: what Linux grants. */
const DELAYED_MAX_US = 2_000_000;
const SETTLE_STEP_US = 50_000;

/** Runs a program; `log` hears a line for each event. Stops at the first step that finds something. */
export async function runProgram(
  program: Program,
  target: Target,
  log: ((line: string) => void) | null = null,
): Promise<Verdict> {
  const run = new Run(program, target, log);
  for (const [place, step] of program.steps.entries()) {
    await run.take(step);
    if (run.judge.findings.length > 0) return run.verdict(place);
  }
  await run.settle();
  return run.verdict(run.judge.findings.length > 0 ? program.steps.length : null);
}

class Run {
  readonly judge: Judge;
  readonly #labels: readonly string[];
  /** The room of each channel, as the program has it. */
  readonly #rooms: number[];
  #messageCount = 0;

  constructor(
    readonly program: Program,
    readonly target: Target,
    readonly log: ((line: string) => void) | null,
  ) {
    this.judge = new Judge(target.facts, program.channels);
    this.#labels = channelLabels(program.channels);
    this.#rooms = program.channels.map(({ room }) => room);
    target.onReset = (channel) => this.judge.noteReset(channel);
    target.onIncoming = (channel, message) => {
      this.log?.(`  ${this.#labels[channel]} < ${showBytes(message)}`);
      this.judge.hear(channel, message, target.nowUs());
    };
  }

  /** Takes one step. Whatever is thrown is a finding: input never throws. */
  async take(step: Step): Promise<void> {
    this.log?.(printStep(step, this.#labels));
    if (!this.target.supports(step)) return this.log?.("  cannot be done here, left out");
    try {
      await this.#act(step);
      const problem = this.target.findHardwareProblem();
      if (problem !== null) this.judge.complain("hardware", null, problem);
    } catch (error) {
      const text = error instanceof Error ? `${error.message} ${firstPlace(error)}` : String(error);
      this.judge.complain("exception", "channel" in step ? step.channel : null, text);
    }
    this.#logFindings();
  }

  /** Lets everything that was promised arrive. */
  async settle(): Promise<void> {
    try {
      for (const place of this.program.channels.keys()) this.#giveRoom(place, 1_000_000);
      for (let us = 0; us < DELAYED_MAX_US && this.judge.awaitsResponses; us += SETTLE_STEP_US) {
        await this.target.pass(SETTLE_STEP_US);
      }
    } catch (error) {
      this.judge.complain("exception", null, errorText(error));
    }
    this.judge.finish();
    this.#logFindings();
  }

  verdict(findingStep: number | null): Verdict {
    const { findings, answered } = this.judge;
    const { traceHash } = this.target;
    return { findings, findingStep, messageCount: this.#messageCount, answered, traceHash };
  }

  async #act(step: Step): Promise<void> {
    const { target, judge } = this;
    switch (step.kind) {
      case "command": {
        const message = encodeCommandStep(step);
        const reply = await this.#send(step.channel, message);
        if (judge.hasManyItems && reply !== null) {
          await this.#askWithLessRoom(step.channel, message, reply.length);
        }
        return await this.#readBack(step.channel);
      }
      case "raw":
        await this.#send(step.channel, step.bytes);
        return await this.#readBack(step.channel);
      case "fast":
        return await this.#useFast(step);
      case "time":
        return await this.#pass(step.us);
      case "reset":
        judge.noteReset(step.channel);
        return await target.reset(step.channel);
      case "p2a":
        if (typeof step.change === "number") return this.#giveRoom(step.channel, step.change);
        judge.noteP2a(step.channel, step.change);
        return target.changeP2a(step.channel, step.change);
      case "room":
        this.#rooms[step.channel] = step.size;
        return this.#setRoom(step.channel, step.size);
      case "override":
        return target.override(step.sensorId, step.value);
      case "fault":
        return target.setFault(step.sensorId, step.failure);
    }
  }

  /** Uses a FastChannel, then sends the message that does the same: what comes of both has to be alike. */
  async #useFast(step: FastStep): Promise<void> {
    const { target, judge } = this;
    const { channel, protocol, messageId, domainId, words } = step;
    const place = { protocolId: protocol.id, messageId, domainId };
    const before = settingsNow(target.facts);
    const outcome = words.length > 0
      ? target.writeFast(channel, place, words)
      : target.readFast(channel, place);
    const text = typeof outcome === "number"
      ? statusName(outcome)
      : outcome?.join(" ") ?? "no such FastChannel";
    this.log?.(`  ${this.#labels[channel]} = ${text}`);
    const request = judge.judgeFast(step, outcome, before, target.nowUs());
    if (request === null || judge.findings.length > 0) return;
    await this.#readBack(channel);
    this.#setRoom(channel, MESSAGE_SIZE_MAX);
    judge.judgeLikeness(step, outcome!, await this.#send(channel, request));
    this.#setRoom(channel, this.#rooms[channel]!);
  }

  async #pass(us: number): Promise<void> {
    await this.target.pass(us);
    const nowUs = this.target.nowUs();
    if (nowUs !== null) this.judge.judgeTime(us, nowUs);
  }

  #giveRoom(channel: number, count: number): void {
    // The messages that come of it are counted as they come, so the room is noted after.
    this.target.changeP2a(channel, count);
    this.judge.noteP2a(channel, count);
  }

  /** Reads what was just set. */
  async #readBack(channel: number): Promise<void> {
    for (const { protocolId, schema, params } of this.judge.readingsOf(channel)) {
      const protocol = PROTOCOL_MESSAGES.find(({ id }) => id === protocolId)!;
      const step: CommandStep = { kind: "command", channel, protocol, schema, token: 0, params };
      this.log?.(`  ${printStep(step, this.#labels)}`);
      await this.#send(channel, encodeCommandStep(step));
    }
  }

  #setRoom(channel: number, size: number): void {
    this.judge.noteRoom(channel, size);
    this.target.setRoom(channel, size);
  }

  /** Asks for a list again with room for a byte less than it took: it has to come in more pages, not to be refused. */
  async #askWithLessRoom(channel: number, message: Uint8Array, size: number): Promise<void> {
    const step: Step = { kind: "room", channel, size: size - 1 };
    if (!this.target.supports(step)) return;
    this.log?.(`  ${printStep(step, this.#labels)}`);
    this.#setRoom(channel, step.size);
    await this.#send(channel, message);
    this.#setRoom(channel, this.#rooms[channel]!);
  }

  async #send(channel: number, message: Uint8Array): Promise<Uint8Array | null> {
    this.#messageCount++;
    const exchange = await this.target.exchange(channel, message);
    this.log?.(
      `  ${this.#labels[channel]} = ${exchange.reply === null ? "no response" : showBytes(exchange.reply)}`,
    );
    this.judge.judgeExchange(channel, message, exchange, this.target.nowUs());
    return exchange.reply;
  }

  #logFindings(): void {
    for (const { rule, channel, problem } of this.judge.findings) {
      this.log?.(`! ${rule}: ${channel === "" ? "" : `${channel}: `}${problem}`);
    }
  }
}

/** Where an error came from: the first line of its stack that names a place, without the folder. */
function firstPlace(error: Error): string {
  const line = error.stack?.split("\n").find((each) => /:\d+:\d+/.test(each)) ?? "";
  const place = /([\w.]+:\d+):\d+/.exec(line)?.[1];
  return place === undefined ? "" : `(${place})`;
}
