// One channel's state in the power domain protocol: which changes of which domains its agent wants to hear of. Nothing is
// heard, and nothing costs, before it is asked for.
import type { PowerDomain, PowerState } from "../../scp/model/power_domain.ts";
import type { Platform, Session } from "../protocol.ts";
import { SharedStatistics } from "../statistics.ts";
import { POWER_STATE_CHANGE_REQUESTED, POWER_STATE_CHANGED } from "./messages.ts";

/** "POWR", as a word. */
const SIGNATURE = 0x504f_5752;

/** What an agent wants to hear of one domain. */
interface Subscription {
  changes: boolean;
  requests: boolean;
  readonly stop: () => void;
}

/** The context of the protocol's handlers. */
export class PowerContext {
  readonly domains: readonly PowerDomain[];
  readonly statistics: SharedStatistics;
  readonly #subscriptions = new Map<number, Subscription>();

  constructor(readonly session: Session, platform: Platform) {
    this.domains = platform.view.powerDomain;
    this.statistics = new SharedStatistics(session, SIGNATURE, this.domains);
  }

  /** Turns one kind of notification of a domain on or off. */
  hear(domainId: number, what: "changes" | "requests", isOn: boolean): void {
    let subscription = this.#subscriptions.get(domainId);
    if (subscription === undefined) {
      if (!isOn) return;
      subscription = { changes: false, requests: false, stop: this.#listen(domainId) };
      this.#subscriptions.set(domainId, subscription);
    }
    subscription[what] = isOn;
    if (subscription.changes || subscription.requests) return;
    subscription.stop();
    this.#subscriptions.delete(domainId);
  }

  /** Ends all subscriptions. */
  close(): void {
    for (const { stop } of this.#subscriptions.values()) stop();
    this.#subscriptions.clear();
  }

  #listen(domainId: number): () => void {
    return this.domains[domainId]!.listen(({ kind, state, agentId }) => {
      const wanted = this.#subscriptions.get(domainId)!;
      const payload = { agentId, domainId, powerState: wordOf(state) };
      if (kind === "reached" && wanted.changes) this.session.notify(POWER_STATE_CHANGED, payload);
      if (kind === "requested" && wanted.requests) {
        this.session.notify(POWER_STATE_CHANGE_REQUESTED, payload);
      }
    });
  }
}

/** A state as it goes on the wire. */
export function wordOf({ isContextLost, stateId }: PowerState): { isContextLost: boolean; stateId: number } {
  return { isContextLost, stateId };
}
