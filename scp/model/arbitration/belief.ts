// Where what an agent believes of a resource and what is so part, and where they meet again: events for listeners, the present
// differences, and a bounded log. An agent that shares hardware with others is answered SUCCESS to what did not, or not wholly,
// come about; who looks for the reason finds it here.
import type { HardwareKind } from "../../core/schema.ts";
import { ChangeListeners } from "../change_listeners.ts";

/** A difference, or its end. */
export interface BeliefEvent {
  /** Virtual time, us. */
  readonly timeUs: number;
  readonly agentId: number;
  readonly kind: HardwareKind;
  readonly name: string;
  /** What of the resource, for instance `rate`. */
  readonly about: string;
  readonly believed: string;
  readonly actual: string;
  /** Whether they differ from now on; false = they agree again, or the agent has gone. */
  readonly differs: boolean;
}

/** Events that are kept; the oldest are forgotten. */
const EVENT_COUNT_MAX = 256;

/** The differences of a platform. */
export class Beliefs {
  readonly listeners = new ChangeListeners<BeliefEvent>();
  /** By agent, kind, name and subject. */
  readonly #differences = new Map<string, BeliefEvent>();
  readonly #log: BeliefEvent[] = [];

  constructor(readonly nowUs: () => number) {}

  /** The differences of now. */
  get differences(): readonly BeliefEvent[] {
    return [...this.#differences.values()];
  }

  /** The last events, the oldest first. */
  get log(): readonly BeliefEvent[] {
    return this.#log;
  }

  /** Compares what an agent believes with what is so; tells when that changes something. */
  compare(
    agentId: number,
    kind: HardwareKind,
    name: string,
    about: string,
    believed: string,
    actual: string,
  ): void {
    const key = `${agentId}/${kind}/${name}/${about}`;
    const former = this.#differences.get(key);
    const differs = believed !== actual;
    if (!differs && former === undefined) return;
    if (differs && former?.believed === believed && former.actual === actual) return;
    this.#add(key, { timeUs: this.nowUs(), agentId, kind, name, about, believed, actual, differs });
  }

  /** Ends the difference, if there is one, of an agent that believes nothing of this any more. */
  end(agentId: number, kind: HardwareKind, name: string, about: string): void {
    const key = `${agentId}/${kind}/${name}/${about}`;
    const event = this.#differences.get(key);
    if (event !== undefined) this.#add(key, { ...event, timeUs: this.nowUs(), differs: false });
  }

  /** Ends the differences of an agent that believes nothing any more, as it has vanished, or (null) of all agents. */
  forget(agentId: number | null): void {
    for (const [key, event] of [...this.#differences]) {
      if (agentId !== null && event.agentId !== agentId) continue;
      this.#add(key, { ...event, timeUs: this.nowUs(), differs: false });
    }
  }

  #add(key: string, event: BeliefEvent): void {
    if (event.differs) this.#differences.set(key, event);
    else this.#differences.delete(key);
    this.#log.push(event);
    if (this.#log.length > EVENT_COUNT_MAX) this.#log.shift();
    this.listeners.tell(event);
  }
}
