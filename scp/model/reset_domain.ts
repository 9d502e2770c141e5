// A part of the chip that can be reset on its own: held in reset until it is released, or pulsed. What the reset protocol
// sees of it, and its model. A pulse that somebody waits for is over when the call returns; one begun takes its time.
import type { ResetDomainDescription } from "../../boards/reset_domain.ts";
import type { Scheduler } from "../core/timeline.ts";
import { ChangeListeners } from "./change_listeners.ts";
import { LastAskers } from "./last_askers.ts";

/** A state to be reset to: architectural (0 = cold reset, the only one) or of the implementation's own. */
export interface ResetState {
  readonly isOwn: boolean;
  readonly id: number;
}

/** A domain was put into reset. */
export interface ResetEvent {
  /** The agent that did it; 0 = the platform. */
  readonly agentId: number;
  readonly state: ResetState;
}

/** Why a domain is not reset: a pulse is under way, or the hardware does not do it. */
export type ResetFailure = "BUSY" | "HARDWARE_ERROR";

/** A pulse that takes its time. */
export interface ResetPulse {
  /** Virtual time when it is over, us. */
  readonly dueUs: number;
  /** What came of it; null before, and when it was given up. */
  readonly result: "SUCCESS" | ResetFailure | null;
  /** Gives it up, as if it had not begun. */
  cancel(): void;
}

/** A reset domain. */
export interface ResetDomain {
  /** Unique among its kind on its board, up to 63 ASCII characters. */
  readonly name: string;
  /** Whether a pulse can be begun without waiting for it. */
  readonly supportsAsync: boolean;
  /** Whether its resets can be heard of. */
  readonly notifies: boolean;
  /** Time of a pulse, us; null = not told. */
  readonly latencyUs: number | null;
  /** Whether it is held in reset. */
  readonly isInReset: boolean;
  /** Whether it can be reset to a state. */
  hasState(state: ResetState): boolean;
  /** Puts it into reset, where it stays. */
  hold(agentId: number, state: ResetState): "SUCCESS" | ResetFailure;
  /** Lets it go. */
  release(agentId: number): "SUCCESS" | ResetFailure;
  /** Puts it into reset and lets it go; one that is held stays so. */
  pulse(agentId: number, state: ResetState): "SUCCESS" | ResetFailure;
  /** Begins a pulse. */
  beginPulse(agentId: number, state: ResetState): ResetPulse | ResetFailure;
  /** Tells each reset when it is complete. */
  readonly resets: ChangeListeners<ResetEvent>;
}

/** A reset domain with its state. */
export class SimulatedResetDomain implements ResetDomain {
  readonly resets = new ChangeListeners<ResetEvent>();
  readonly #askers = new LastAskers<"state">();
  #isHeld: boolean;
  #pulse: Pulse | null = null;
  #isBroken = false;

  constructor(readonly description: ResetDomainDescription, readonly scheduler: Scheduler) {
    this.#isHeld = description.startsAsserted;
  }

  get name(): string {
    return this.description.name;
  }

  get supportsAsync(): boolean {
    return this.description.supportsAsync;
  }

  get notifies(): boolean {
    return this.description.notifies;
  }

  get latencyUs(): number | null {
    return this.description.tellsLatency ? this.description.pulseUs : null;
  }

  get isInReset(): boolean {
    return this.#isHeld || this.#pulse !== null;
  }

  /** Goes back to the state it boots in, as any reset of the system does. */
  reset(): void {
    this.#pulse?.cancel();
    this.#askers.clear();
    this.#isHeld = this.description.startsAsserted;
  }

  /** Takes it back that an agent, if it was the last, holds it in reset or has let it go, and gives up a pulse of the agent. */
  dropVotes(agentId: number): void {
    if (this.#pulse?.agentId === agentId) this.#pulse.cancel();
    if (this.#askers.forget(agentId).length > 0) this.#isHeld = this.description.startsAsserted;
  }

  /** Makes every reset fail, or work again. */
  setBroken(isBroken: boolean): void {
    this.#isBroken = isBroken;
  }

  hasState(state: ResetState): boolean {
    return state.isOwn ? this.description.ownStates.includes(state.id) : state.id === 0;
  }

  hold(agentId: number, state: ResetState): "SUCCESS" | ResetFailure {
    const failure = this.#failure();
    if (failure !== null) return failure;
    this.#isHeld = true;
    this.#askers.note("state", agentId);
    this.resets.tell({ agentId, state });
    return "SUCCESS";
  }

  release(agentId: number): "SUCCESS" | ResetFailure {
    const failure = this.#failure();
    if (failure !== null) return failure;
    this.#isHeld = false;
    this.#askers.note("state", agentId);
    return "SUCCESS";
  }

  pulse(agentId: number, state: ResetState): "SUCCESS" | ResetFailure {
    const failure = this.#failure();
    if (failure !== null) return failure;
    this.resets.tell({ agentId, state });
    return "SUCCESS";
  }

  beginPulse(agentId: number, state: ResetState): ResetPulse | ResetFailure {
    const failure = this.#failure();
    if (failure !== null) return failure;
    const dueUs = this.scheduler.nowUs() + this.description.pulseUs;
    const timer = this.scheduler.at(dueUs, () => {
      this.#pulse = null;
      pulse.result = this.#isBroken ? "HARDWARE_ERROR" : "SUCCESS";
      if (!this.#isBroken) this.resets.tell({ agentId, state });
    });
    const pulse: Pulse = {
      agentId,
      dueUs,
      result: null,
      cancel: () => {
        timer.cancel();
        if (this.#pulse === pulse) this.#pulse = null;
      },
    };
    this.#pulse = pulse;
    return pulse;
  }

  /** Lists what the domain may never be in; nothing is right. */
  checkInvariants(): string[] {
    const pulse = this.#pulse;
    if (pulse === null) return [];
    const wrong: string[] = [];
    const leftUs = pulse.dueUs - this.scheduler.nowUs();
    if (leftUs < 0) wrong.push(`reset domain ${this.name} is in a pulse that should be over`);
    if (leftUs > this.description.pulseUs) {
      wrong.push(`reset domain ${this.name} is in a pulse that is too long`);
    }
    if (pulse.result !== null) wrong.push(`reset domain ${this.name} is in a pulse that is over`);
    if (!this.description.supportsAsync) {
      wrong.push(`reset domain ${this.name} is in a pulse nobody can begin`);
    }
    return wrong;
  }

  #failure(): ResetFailure | null {
    if (this.#pulse !== null) return "BUSY";
    return this.#isBroken ? "HARDWARE_ERROR" : null;
  }
}

/** A pulse under way, as its domain holds it. */
interface Pulse extends ResetPulse {
  readonly agentId: number;
  result: "SUCCESS" | ResetFailure | null;
}
