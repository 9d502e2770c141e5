// Whether an agent is there: it is while one of its channels is in use. When the last one ends, by whatever cause, the board's
// policy says what becomes of what the agent had asked for. Leaves out: what is dropped (the model's matter).
import type { VanishPolicy } from "../../boards/vanish.ts";
import type { Timer, TimerOwner } from "../core/timeline.ts";

/** What happened to an agent. */
export type PresenceEvent = "came" | "left" | "votesDropped";

/** Who hears of it, and the time. */
export interface PresenceHost {
  nowUs(): number;
  at(timeUs: number, task: () => void, owner: TimerOwner | null): Timer;
  tellPresence(agentId: number, event: PresenceEvent): void;
}

/** The presence of one agent. */
export class Presence {
  readonly #agentId: number;
  readonly #policy: VanishPolicy;
  readonly #host: PresenceHost;
  #channelCount = 0;
  /** Drops what the agent had asked for; null = it is there, or nothing is to be dropped. */
  #timer: Timer | null = null;

  constructor(agentId: number, policy: VanishPolicy, host: PresenceHost) {
    this.#agentId = agentId;
    this.#policy = policy;
    this.#host = host;
  }

  get isThere(): boolean {
    return this.#channelCount > 0;
  }

  /** Tells that a channel of the agent is in use. */
  enter(): void {
    if (this.#channelCount++ > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#host.tellPresence(this.#agentId, "came");
  }

  /** Tells that a channel is in use no longer. `isRestart` = its driver began anew, so that it is there again at once. */
  leave(isRestart: boolean): void {
    const isLast = --this.#channelCount === 0;
    if (isLast) this.#host.tellPresence(this.#agentId, "left");
    if (this.#policy === "reset") {
      // Another channel, such as that of a tool, does not speak for a guest that has forgotten what it asked for.
      if (isLast || isRestart) this.#drop();
    } else if (this.#policy !== "keep" && isLast) {
      const dueUs = this.#host.nowUs() + this.#policy.dropAfterMs * 1000;
      this.#timer = this.#host.at(dueUs, () => this.#drop(), null);
    }
  }

  #drop(): void {
    this.#timer = null;
    this.#host.tellPresence(this.#agentId, "votesDropped");
  }
}
