// One channel's state in the clock protocol: which clocks its agent hears of, and the ids that clocks have for it.
import type { Clock } from "../../scp/model/clock.ts";
import type { Platform, Session } from "../protocol.ts";
import { Subscriptions } from "../subscriptions.ts";
import * as messages from "./messages.ts";

/** The context of the protocol's handlers. */
export class ClockContext {
  readonly clocks: readonly Clock[];
  readonly #toRates = new Subscriptions<number>();
  readonly #toRequests = new Subscriptions<number>();
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
    const listen = () =>
      this.clocks[clockId]!.rateChanges.add(({ agentId, rateHz }) =>
        this.session.notify(messages.CLOCK_RATE_CHANGED, { agentId, clockId, rateHz })
      );
    this.#toRates.set(clockId, isOn ? listen : null);
  }

  /** Turns CLOCK_RATE_CHANGE_REQUESTED of a clock on or off. */
  hearRequests(clockId: number, isOn: boolean): void {
    const listen = () =>
      this.clocks[clockId]!.rateRequests.add(({ agentId, rateHz }) =>
        this.session.notify(messages.CLOCK_RATE_CHANGE_REQUESTED, { agentId, clockId, rateHz })
      );
    this.#toRequests.set(clockId, isOn ? listen : null);
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#toRates.close();
    this.#toRequests.close();
  }
}
