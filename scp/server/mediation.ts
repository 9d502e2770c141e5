// How much an agent may send, and when it is served beside others: ranks and a token bucket in virtual time. An agent that has
// used up its tokens is held: its commands wait in its own rings and sockets, none is refused. Leaves out: the order in which
// handlers are called (transports/ffi/reactor.ts).
import { type MediationDescription, SERVICE_CLASSES } from "../../boards/mediation.ts";
import { assert } from "../core/assert.ts";
import type { Timer, TimerOwner } from "../core/timeline.ts";
import type { AgentService } from "../../transports/channel.ts";

/** Virtual time and its timers. */
export interface MediationClock {
  nowUs(): number;
  at(timeUs: number, task: () => void, owner: TimerOwner | null): Timer;
}

/** Commands in a row while nobody is served before others: many, as each turn has its price. */
const TURN_MESSAGES_ALONE = 1024;
/**
 * The same where agents of different classes share the platform: how long one of a better class may have to wait. About 10 us of
 * work.
 */
const TURN_MESSAGES_SHARED = 16;
/** An agent that is held is not let go for a single command, but for what it may send in this time, us. */
const RELEASE_INTERVAL_US = 1000;
const US_PER_S = 1e6;
/** Tokens are fractions; a sum of them may be this much too small. */
const ROUNDING = 1e-6;

/** The service of one agent, and how much of it has been used. */
export class Mediation implements AgentService {
  readonly rank: number;
  readonly turnMessageMax: number;
  /** Whether commands are counted at all. */
  readonly isLimited: boolean;
  readonly #clock: MediationClock;
  readonly #tokensPerUs: number;
  readonly #burst: number;
  /** Tokens with which it is let go. */
  readonly #enough: number;
  readonly #onHeld: (isHeld: boolean) => void;
  #tokens: number;
  #countedUs = 0;
  #isHeld = false;
  #heldCount = 0;
  #resumes: (() => void)[] = [];

  /** `isShared` = the platform has agents of different classes. `onHeld` hears when the agent is held, and let go. */
  constructor(
    plan: MediationDescription,
    isShared: boolean,
    clock: MediationClock,
    onHeld: (isHeld: boolean) => void,
  ) {
    assert(plan.burst >= 1, "an agent may send one command at least");
    this.rank = SERVICE_CLASSES.indexOf(plan.serviceClass) + 1;
    this.isLimited = plan.messagesPerS !== null;
    this.turnMessageMax = isShared || this.isLimited ? TURN_MESSAGES_SHARED : TURN_MESSAGES_ALONE;
    this.#tokensPerUs = plan.messagesPerS === null ? Infinity : plan.messagesPerS / US_PER_S;
    this.#burst = plan.burst;
    this.#enough = Math.min(plan.burst, Math.max(1, RELEASE_INTERVAL_US * this.#tokensPerUs));
    this.#tokens = plan.burst;
    this.#clock = clock;
    this.#onHeld = onHeld;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** How often it was held. */
  get heldCount(): number {
    return this.#heldCount;
  }

  whenReleased(resume: () => void): void {
    assert(this.#isHeld, "only an agent that is held is released");
    this.#resumes.push(resume);
  }

  /**
   * Counts a command, or what is done unasked as one. The one that uses up the tokens is served, and so are those of the same
   * turn; they are missing later.
   */
  spend(): void {
    if (!this.isLimited) return;
    this.#refill();
    this.#tokens--;
    if (this.#tokens < 0 && !this.#isHeld) this.#hold();
  }

  #refill(): void {
    const nowUs = this.#clock.nowUs();
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowUs - this.#countedUs) * this.#tokensPerUs);
    this.#countedUs = nowUs;
  }

  #hold(): void {
    this.#isHeld = true;
    this.#heldCount++;
    this.#onHeld(true);
    this.#waitForTokens();
  }

  #waitForTokens(): void {
    const dueUs = this.#clock.nowUs() + Math.ceil((this.#enough - this.#tokens) / this.#tokensPerUs);
    this.#clock.at(dueUs, () => this.#release(), null);
  }

  #release(): void {
    this.#refill();
    // More was served in the turn in which it was held.
    if (this.#tokens < this.#enough - ROUNDING) return this.#waitForTokens();
    this.#isHeld = false;
    this.#onHeld(false);
    const resumes = this.#resumes;
    this.#resumes = [];
    for (const resume of resumes) resume();
  }
}
