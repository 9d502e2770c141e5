// One channel's state in the performance protocol: what its agent wants to hear of, and how it names levels.
import type {
  PerformanceDomain,
  PerformanceDomainChange,
  PerformanceLevel,
} from "../../scp/model/performance_domain.ts";
import { FastChannels } from "../fast_channels.ts";
import type { Platform, Session } from "../protocol.ts";
import { SharedStatistics } from "../statistics.ts";
import { Subscriptions } from "../subscriptions.ts";
import { fastChannelAccess } from "./fast_channels.ts";
import { PERFORMANCE_LEVEL_CHANGED, PERFORMANCE_LIMITS_CHANGED, V4 } from "./messages.ts";

/** "PERF", as a word. */
const SIGNATURE = 0x5045_5246;

/** The context of the protocol's handlers. */
export class PerformanceContext {
  readonly domains: readonly PerformanceDomain[];
  readonly fastChannels: FastChannels;
  readonly statistics: SharedStatistics;
  readonly #toLevels = new Subscriptions<number>();
  readonly #toLimits = new Subscriptions<number>();

  constructor(readonly session: Session, platform: Platform) {
    this.domains = platform.view.performanceDomain;
    const isDenied = (domainId: number) => platform.isDenied("performanceDomain", domainId);
    this.statistics = new SharedStatistics(session, SIGNATURE, this.domains, isDenied);
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

  /** Turns PERFORMANCE_LEVEL_CHANGED of a domain on or off. */
  hearLevels(domainId: number, isOn: boolean): void {
    const domain = this.domains[domainId]!;
    const tell = (change: PerformanceDomainChange) => {
      if (change.kind !== "level") return;
      const level = this.wordOf(domain, change.level);
      this.session.notify(PERFORMANCE_LEVEL_CHANGED, { agentId: change.agentId, domainId, level });
    };
    this.#toLevels.set(domainId, isOn ? () => domain.listen(tell) : null);
  }

  /** Turns PERFORMANCE_LIMITS_CHANGED of a domain on or off. */
  hearLimits(domainId: number, isOn: boolean): void {
    const domain = this.domains[domainId]!;
    const tell = (change: PerformanceDomainChange) => {
      if (change.kind !== "limits") return;
      const { agentId } = change;
      const rangeMax = this.wordOf(domain, change.limits.max);
      const rangeMin = this.wordOf(domain, change.limits.min);
      this.session.notify(PERFORMANCE_LIMITS_CHANGED, { agentId, domainId, rangeMax, rangeMin });
    };
    this.#toLimits.set(domainId, isOn ? () => domain.listen(tell) : null);
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#toLevels.close();
    this.#toLimits.close();
  }
}

/** The index that a level has on the wire. It counts from 1, as 0 leaves a limit unchanged in PERFORMANCE_LIMITS_SET. */
export function wireIndexOf(level: PerformanceLevel): number {
  return level.index + 1;
}
