// One channel's state in the clock protocol: which clocks its agent hears of, and the ids that clocks have for it. A clock
// that was never subscribed to costs nothing.
import type { Clock, RateEvent } from "../../scp/model/clock.ts";
import type { Platform, Session } from "../protocol.ts";
import * as messages from "./messages.ts";

/** The notifications were added with this version. */
const NOTIFYING_SINCE = 0x20000;

/** The context of the protocol's handlers. */
export class ClockContext {
  readonly clocks: readonly Clock[];
  /** What ends a subscription, by the clock's id. */
  readonly #rateListeners = new Map<number, () => void>();
  readonly #requestListeners = new Map<number, () => void>();
  #ids: ReadonlyMap<Clock, number> | null = null;

  constructor(readonly session: Session, platform: Platform) {
    this.clocks = platform.view.clock;
  }

  /** The id a clock has for this agent; undefined when it does not see it. */
  findId(clock: Clock): number | undefined {
    this.#ids ??= new Map(this.clocks.map((each, id) => [each, id]));
    return this.#ids.get(clock);
  }

  /** Turns CLOCK_RATE_CHANGED of a clock on or off. */
  hearRates(clockId: number, isOn: boolean): void {
    const { rateChanges } = this.clocks[clockId]!;
    this.#hear(this.#rateListeners, clockId, isOn, (listener) => rateChanges.add(listener), (event) => {
      this.session.notify(messages.CLOCK_RATE_CHANGED, {
        agentId: event.agentId,
        clockId,
        rateHz: event.rateHz,
      });
    });
  }

  /** Turns CLOCK_RATE_CHANGE_REQUESTED of a clock on or off. */
  hearRequests(clockId: number, isOn: boolean): void {
    const { rateRequests } = this.clocks[clockId]!;
    this.#hear(this.#requestListeners, clockId, isOn, (listener) => rateRequests.add(listener), (event) => {
      const { agentId, rateHz } = event;
      this.session.notify(messages.CLOCK_RATE_CHANGE_REQUESTED, { agentId, clockId, rateHz });
    });
  }

  /** Ends all subscriptions. */
  close(): void {
    for (const listeners of [this.#rateListeners, this.#requestListeners]) {
      for (const stop of listeners.values()) stop();
      listeners.clear();
    }
  }

  #hear(
    listeners: Map<number, () => void>,
    clockId: number,
    isOn: boolean,
    add: (listener: (event: RateEvent) => void) => () => void,
    notify: (event: RateEvent) => void,
  ): void {
    listeners.get(clockId)?.();
    listeners.delete(clockId);
    if (!isOn) return;
    // An agent that went back to a version without notifications would not understand them.
    listeners.set(
      clockId,
      add((event) => {
        if (this.session.version >= NOTIFYING_SINCE) notify(event);
      }),
    );
  }
}
