// A platform with a fault planted between it and the fuzzer, to see that the fuzzer finds it.
import type { SampleFailure } from "../../scp/model/sensor.ts";
import type {
  Exchange,
  FastPlace,
  IncomingListener,
  PlatformFacts,
  ResetListener,
  Target,
} from "../../scp/fuzz/target.ts";
import type { Step } from "../../scp/fuzz/program.ts";

/** An exchange whose reply may be replaced. */
export type OpenExchange = { -readonly [K in keyof Exchange]: Exchange[K] };

/** What goes wrong; each part is right unless given. */
export interface Faults {
  /** Changes a reply. */
  readonly reply?: (exchange: OpenExchange, request: Uint8Array) => void;
  /** Whether the reply to a request gets lost. */
  readonly drops?: (request: Uint8Array) => boolean;
  /** Changes a copy of a request before the platform gets it. */
  readonly request?: (request: Uint8Array) => void;
  /** Whether a request leaves the hardware in a state that may never be. */
  readonly breaks?: (request: Uint8Array) => boolean;
  /** Changes which FastChannel is used. */
  readonly fastPlace?: (place: FastPlace) => FastPlace;
  /** Changes the status of a write to a FastChannel. */
  readonly fastStatus?: (status: number) => number;
  /** Whether a message of the platform's own comes twice. */
  readonly repeats?: (message: Uint8Array) => boolean;
  /** Whether a message of the platform's own gets lost. */
  readonly swallows?: (message: Uint8Array) => boolean;
}

/** A target with faults. */
export class FaultyTarget implements Target {
  readonly facts: PlatformFacts;
  onIncoming: IncomingListener | null = null;
  onReset: ResetListener | null = null;
  #isBroken = false;

  constructor(readonly target: Target, readonly faults: Faults) {
    this.facts = target.facts;
    target.onReset = (channel) => this.onReset?.(channel);
    target.onIncoming = (channel, message) => {
      if (faults.swallows?.(message) ?? false) return;
      this.onIncoming?.(channel, message);
      if (faults.repeats?.(message) ?? false) this.onIncoming?.(channel, message);
    };
  }

  get traceHash(): number | null {
    return this.target.traceHash;
  }

  supports(step: Step): boolean {
    return this.target.supports(step);
  }

  nowUs(): number | null {
    return this.target.nowUs();
  }

  async exchange(channel: number, message: Uint8Array): Promise<Exchange> {
    const { faults } = this;
    const request = message.slice();
    faults.request?.(request);
    const exchange: OpenExchange = { ...await this.target.exchange(channel, request) };
    faults.reply?.(exchange, message);
    this.#isBroken ||= faults.breaks?.(message) ?? false;
    if (faults.drops?.(message) ?? false) exchange.reply = null;
    return exchange;
  }

  writeFast(channel: number, place: FastPlace, words: readonly number[]): number | null {
    const status = this.target.writeFast(channel, this.faults.fastPlace?.(place) ?? place, words);
    return status === null ? null : this.faults.fastStatus?.(status) ?? status;
  }

  readFast(channel: number, place: FastPlace): number[] | null {
    return this.target.readFast(channel, this.faults.fastPlace?.(place) ?? place);
  }

  pass(us: number): void | Promise<void> {
    return this.target.pass(us);
  }

  reset(channel: number): void | Promise<void> {
    return this.target.reset(channel);
  }

  changeP2a(channel: number, change: "off" | "on" | number): void {
    this.target.changeP2a(channel, change);
  }

  setRoom(channel: number, size: number): void {
    this.target.setRoom(channel, size);
  }

  override(sensorId: number, value: number | null): void {
    this.target.override(sensorId, value);
  }

  setFault(sensorId: number, failure: SampleFailure | null): void {
    this.target.setFault(sensorId, failure);
  }

  findHardwareProblem(): string | null {
    return this.#isBroken ? "a rail is out of range" : this.target.findHardwareProblem();
  }

  close(): void | Promise<void> {
    return this.target.close();
  }
}
