// One channel's state in the performance protocol: what its agent wants to hear of, and how it names levels. Nothing is
// heard, and nothing costs, before it is asked for.
import type {
  PerformanceDomain,
  PerformanceDomainChange,
  PerformanceLevel,
} from "../../scp/model/performance_domain.ts";
import { FastChannels } from "../fast_channels.ts";
import type { Platform, Session } from "../protocol.ts";
import { SharedStatistics } from "../statistics.ts";
import { fastChannelAccess } from "./fast_channels.ts";
import { PERFORMANCE_LEVEL_CHANGED, PERFORMANCE_LIMITS_CHANGED, V4 } from "./messages.ts";

/** "PERF", as a word. */
const SIGNATURE = 0x5045_5246;

/** What an agent wants to hear of one domain. */
interface Subscription {
  level: boolean;
  limits: boolean;
  readonly stop: () => void;
}

/** The context of the protocol's handlers. */
export class PerformanceContext {
  readonly domains: readonly PerformanceDomain[];
  readonly fastChannels: FastChannels;
  readonly statistics: SharedStatistics;
  readonly #subscriptions = new Map<number, Subscription>();

  constructor(readonly session: Session, platform: Platform) {
    this.domains = platform.view.performanceDomain;
    this.statistics = new SharedStatistics(session, SIGNATURE, this.domains);
    this.fastChannels = new FastChannels(session, fastChannelAccess);
  }

  /** Whether levels of a domain go by their index, in the version in force. */
  usesLevelIndexing(domain: PerformanceDomain): boolean {
    return domain.usesLevelIndexing && this.session.version >= V4;
  }

  /** What a level of a domain goes by on the wire. */
  wordOf(domain: PerformanceDomain, level: PerformanceLevel): number {
    return this.usesLevelIndexing(domain) ? wireIndexOf(level) : level.value;
  }

  /** The level of a domain that a word on the wire means. */
  findLevel(domain: PerformanceDomain, word: number): PerformanceLevel | undefined {
    return domain.levels.find((level) => this.wordOf(domain, level) === word);
  }

  /** Turns one kind of notification of a domain on or off. */
  hear(domainId: number, what: "level" | "limits", isOn: boolean): void {
    let subscription = this.#subscriptions.get(domainId);
    if (subscription === undefined) {
      if (!isOn) return;
      const domain = this.domains[domainId]!;
      const stop = domain.listen((change) => this.#tell(domainId, domain, change));
      subscription = { level: false, limits: false, stop };
      this.#subscriptions.set(domainId, subscription);
    }
    subscription[what] = isOn;
    if (subscription.level || subscription.limits) return;
    subscription.stop();
    this.#subscriptions.delete(domainId);
  }

  /** Ends all subscriptions. */
  close(): void {
    for (const { stop } of this.#subscriptions.values()) stop();
    this.#subscriptions.clear();
  }

  #tell(domainId: number, domain: PerformanceDomain, change: PerformanceDomainChange): void {
    const { agentId } = change;
    if (change.kind === "chosen" || !this.#subscriptions.get(domainId)![change.kind]) return;
    if (change.kind === "level") {
      const level = this.wordOf(domain, change.level);
      return this.session.notify(PERFORMANCE_LEVEL_CHANGED, { agentId, domainId, level });
    }
    const rangeMax = this.wordOf(domain, change.limits.max);
    const rangeMin = this.wordOf(domain, change.limits.min);
    this.session.notify(PERFORMANCE_LIMITS_CHANGED, { agentId, domainId, rangeMax, rangeMin });
  }
}

/** The index that a level has on the wire. It counts from 1, as 0 leaves a limit unchanged in PERFORMANCE_LIMITS_SET. */
export function wireIndexOf(level: PerformanceLevel): number {
  return level.index + 1;
}
