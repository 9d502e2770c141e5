// One channel's state in the clock protocol: which clocks its agent hears of, and the ids that clocks have for it. A clock
// that was never subscribed to costs nothing.
import type { Clock } from "../../scp/model/clock.ts";
import type { Platform, Session } from "../protocol.ts";
import * as messages from "./messages.ts";

/** What ends subscriptions, by the clock's id. */
type Subscriptions = Map<number, () => void>;

/** The context of the protocol's handlers. */
export class ClockContext {
  readonly clocks: readonly Clock[];
  readonly #toRates: Subscriptions = new Map();
  readonly #toRequests: Subscriptions = new Map();
  /** By name: what an agent shares with others it has as an object of its own. */
  #ids: ReadonlyMap<string, number> | null = null;

  constructor(readonly session: Session, platform: Platform) {
    this.clocks = platform.view.clock;
  }

  /** The id a clock has for this agent; undefined when it does not see it. */
  findId(clock: Clock): number | undefined {
    this.#ids ??= new Map(this.clocks.map(({ name }, id) => [name, id]));
    return this.#ids.get(clock.name);
  }

  /** The ids of the clocks that one may run from, ascending; those that the agent does not see have none. */
  parentsOf(clock: Clock): readonly number[] {
    return clock.parentChoices.map((each) => this.findId(each)).filter((id) => id !== undefined)
      .sort((a, b) => a - b);
  }

  /** Turns CLOCK_RATE_CHANGED of a clock on or off. */
  hearRates(clockId: number, isOn: boolean): void {
    end(this.#toRates, clockId);
    if (!isOn) return;
    const stop = this.clocks[clockId]!.rateChanges.add(({ agentId, rateHz }) =>
      this.session.notify(messages.CLOCK_RATE_CHANGED, { agentId, clockId, rateHz })
    );
    this.#toRates.set(clockId, stop);
  }

  /** Turns CLOCK_RATE_CHANGE_REQUESTED of a clock on or off. */
  hearRequests(clockId: number, isOn: boolean): void {
    end(this.#toRequests, clockId);
    if (!isOn) return;
    const stop = this.clocks[clockId]!.rateRequests.add(({ agentId, rateHz }) =>
      this.session.notify(messages.CLOCK_RATE_CHANGE_REQUESTED, { agentId, clockId, rateHz })
    );
    this.#toRequests.set(clockId, stop);
  }

  /** Ends all subscriptions. */
  close(): void {
    for (const subscriptions of [this.#toRates, this.#toRequests]) {
      for (const clockId of [...subscriptions.keys()]) end(subscriptions, clockId);
    }
  }
}

function end(subscriptions: Subscriptions, clockId: number): void {
  subscriptions.get(clockId)?.();
  subscriptions.delete(clockId);
}
