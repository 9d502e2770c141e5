// One channel's state in the power domain protocol: which changes of which domains its agent wants to hear of.
import type { PowerDomain, PowerState } from "../../scp/model/power_domain.ts";
import type { Platform, Session } from "../protocol.ts";
import { SharedStatistics } from "../statistics.ts";
import { Subscriptions } from "../subscriptions.ts";
import { POWER_STATE_CHANGE_REQUESTED, POWER_STATE_CHANGED } from "./messages.ts";

/** "POWR", as a word. */
const SIGNATURE = 0x504f_5752;

/** The context of the protocol's handlers. */
export class PowerContext {
  readonly domains: readonly PowerDomain[];
  readonly statistics: SharedStatistics;
  readonly #toChanges = new Subscriptions<number>();
  readonly #toRequests = new Subscriptions<number>();

  constructor(readonly session: Session, platform: Platform) {
    this.domains = platform.view.powerDomain;
    const isDenied = (domainId: number) => platform.isDenied("powerDomain", domainId);
    this.statistics = new SharedStatistics(session, SIGNATURE, this.domains, isDenied);
  }

  /** Turns POWER_STATE_CHANGED of a domain on or off. */
  hearChanges(domainId: number, isOn: boolean): void {
    this.#toChanges.set(domainId, isOn ? () => this.#listen(domainId, "reached", POWER_STATE_CHANGED) : null);
  }

  /** Turns POWER_STATE_CHANGE_REQUESTED of a domain on or off. */
  hearRequests(domainId: number, isOn: boolean): void {
    const listen = () => this.#listen(domainId, "requested", POWER_STATE_CHANGE_REQUESTED);
    this.#toRequests.set(domainId, isOn ? listen : null);
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#toChanges.close();
    this.#toRequests.close();
  }

  #listen(
    domainId: number,
    wanted: "reached" | "requested",
    notification: typeof POWER_STATE_CHANGED | typeof POWER_STATE_CHANGE_REQUESTED,
  ): () => void {
    return this.domains[domainId]!.listen(({ kind, state, agentId }) => {
      if (kind !== wanted) return;
      this.session.notify(notification, { agentId, domainId, powerState: wordOf(state) });
    });
  }
}

/** A state as it goes on the wire. */
export function wordOf({ isContextLost, stateId }: PowerState): { isContextLost: boolean; stateId: number } {
  return { isContextLost, stateId };
}
