// One channel's state in the power capping protocol: what its agent wants to hear of.
import type {
  PowercapChange,
  PowercapDomain,
  PowerLimit,
  SettableRange,
} from "../../scp/model/powercap_domain.ts";
import { FastChannels } from "../fast_channels.ts";
import type { Platform, Session } from "../protocol.ts";
import { Subscriptions } from "../subscriptions.ts";
import { fastChannelAccess } from "./fast_channels.ts";
import {
  NO_CAP,
  POWERCAP_CAP_CHANGED,
  POWERCAP_CAP_SET,
  POWERCAP_MEASUREMENTS_CHANGED,
  V2,
} from "./messages.ts";
import { POWERCAP_CAP_CHANGED_V3 } from "./messages_v3.ts";

const PLATFORM = 0;
const WORD_MAX = 0xffff_ffff;

/** Where power is, seen from two thresholds. */
type Side = "below" | "between" | "above";

/** The context of the protocol's handlers. */
export class PowercapContext {
  readonly domains: readonly PowercapDomain[];
  readonly fastChannels: FastChannels;
  readonly #toCaps = new Subscriptions<number>();
  readonly #toPower = new Subscriptions<number>();

  constructor(readonly session: Session, platform: Platform) {
    this.domains = platform.view.powercapDomain;
    this.fastChannels = new FastChannels(session, fastChannelAccess);
  }

  /** The word for a cap in the version in force. */
  wordOf({ capRange }: Pick<PowerLimit, "capRange">, cap: number | null): number {
    return cap ?? (this.session.version >= V2 ? NO_CAP : capRange.max);
  }

  /** The cap that a word means in the version in force; null = none. */
  capOf(word: number): number | null {
    return word === NO_CAP && this.session.version >= V2 ? null : word;
  }

  /**
   * What the agent can set by a command: a range of the domain, or, where it may set nothing, the end of that alone. Linux refuses
   * a domain that tells a range and denies to set it.
   */
  rangeFor(messageId: number, domainId: number, range: SettableRange): SettableRange {
    const { session } = this;
    const maySet = this.domains[domainId]!.maySet(session.agentId) && session.mayUse(messageId, domainId);
    return maySet ? range : { min: range.max, max: range.max, step: 0 };
  }

  /** How many limits a domain shows: none when its cap cannot be set. */
  limitCountOf(domainId: number): number {
    const { capRange, limits } = this.domains[domainId]!;
    const { min, max } = this.rangeFor(POWERCAP_CAP_SET.id, domainId, capRange);
    return min === max ? 0 : limits.length;
  }

  /** The id of the nearest domain above one that the agent sees; undefined = there is none. */
  findParentId(domain: PowercapDomain): number | undefined {
    for (let above = domain.parent; above !== null; above = above.parent) {
      const { name } = above;
      const id = this.domains.findIndex((each) => each.name === name);
      if (id >= 0) return id;
    }
    return undefined;
  }

  /**
   * Turns POWERCAP_CAP_CHANGED of a domain on or off: for versions without limits and for those with them, as another version
   * may come into force. What is not of that is not sent.
   */
  hearCap(domainId: number, isOn: boolean): void {
    const domain = this.domains[domainId]!;
    const listen = () => {
      const stops = domain.limits.map((limit, limitId) =>
        limit.listen((change) => this.#tellLimit(domainId, limitId, limit, change))
      );
      stops.push(domain.listen((change) => this.#tellCap(domainId, domain, change)));
      return () => stops.forEach((stop) => stop());
    };
    this.#toCaps.set(domainId, isOn ? listen : null);
  }

  /**
   * Turns POWERCAP_MEASUREMENTS_CHANGED of a domain on, for power below `low` or above `high`, or off. It is told when power
   * gets there, not again and again while it is there.
   */
  hearPower(domainId: number, isOn: boolean, low: number, high: number): void {
    let before: Side = "between";
    const tell = (power: number) => {
      const side: Side = power < low ? "below" : power > high ? "above" : "between";
      if (side !== before && side !== "between") {
        const word = powerWordOf(power);
        this.session.notify(POWERCAP_MEASUREMENTS_CHANGED, { agentId: PLATFORM, domainId, power: word });
      }
      before = side;
    };
    this.#toPower.set(domainId, isOn ? () => this.domains[domainId]!.watch(tell) : null);
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#toCaps.close();
    this.#toPower.close();
  }

  #tellCap(domainId: number, domain: PowercapDomain, { agentId, cap, averagingUs }: PowercapChange): void {
    const powerCap = this.wordOf(domain, cap);
    this.session.notify(POWERCAP_CAP_CHANGED, { agentId, domainId, powerCap, averagingUs });
  }

  #tellLimit(
    domainId: number,
    limitId: number,
    limit: PowerLimit,
    { agentId, cap, averagingUs }: PowercapChange,
  ): void {
    const powerCap = this.wordOf(limit, cap);
    this.session.notify(POWERCAP_CAP_CHANGED_V3, { agentId, domainId, powerCap, averagingUs, limitId });
  }
}

/** The word for a measured power. */
export function powerWordOf(power: number): number {
  return Math.min(power, WORD_MAX);
}
