// The memory region in which agents may read how long each domain of a protocol was at each of its levels or states. Layout:
// scmi-core 5.8, as Arm's SCP-firmware has it (module/statistics); extended statistics are left out.
import type { SharedRegion } from "../scp/core/shared_area.ts";
import type { LevelStatistics } from "../scp/model/statistics.ts";
import { highOf, lowOf } from "./fast_channels.ts";
import type { Session } from "./protocol.ts";

const HEADER_SIZE = 16;
const OFFSET_SIZE = 4;
const DOMAIN_SIZE = 16;
const LEVEL_SIZE = 24;
/** The offset of a domain of which nothing is told. */
const NOT_COLLECTED = 0;

/** Something that counts its levels. */
interface Counted {
  readonly statistics: LevelStatistics;
}

/** The statistics of one protocol, as far as the channel's transport has memory for them. */
export class SharedStatistics {
  readonly #session: Session;
  readonly #signature: number;
  readonly #domains: readonly Counted[];
  readonly #isDenied: (domainId: number) => boolean;
  /** Where the agent sees the region; null = nowhere yet. */
  #place: { readonly address: bigint; readonly size: number } | null = null;

  /** `signature` is the word that the region begins with. Domains that the agent is denied have nothing in it. */
  constructor(
    session: Session,
    signature: number,
    domains: readonly Counted[],
    isDenied: (domainId: number) => boolean,
  ) {
    this.#session = session;
    this.#signature = signature;
    this.#domains = domains;
    this.#isDenied = isDenied;
  }

  /** The fields of PROTOCOL_ATTRIBUTES that tell where the region is; a size of 0 = there is none. */
  tell() {
    this.#place ??= this.#map();
    const { address, size } = this.#place ?? { address: 0n, size: 0 };
    return {
      statisticsAddressLow: lowOf(address),
      statisticsAddressHigh: highOf(address),
      statisticsSize: size,
    };
  }

  #map(): { readonly address: bigint; readonly size: number } | null {
    const { sharedAreas, protocolId } = this.#session;
    if (sharedAreas === null) return null;
    const nowUs = () => this.#session.nowUs();
    const region = createRegion(this.#signature, this.#domains, this.#isDenied, nowUs);
    const address = sharedAreas.mapRegion(protocolId, region);
    return address === null ? null : { address, size: region.size };
  }
}

/** Makes the region; `nowUs` is the virtual time up to which residencies count. */
function createRegion(
  signature: number,
  domains: readonly Counted[],
  isDenied: (domainId: number) => boolean,
  nowUs: () => number,
): SharedRegion {
  // Timestamps are 8 bytes wide and aligned.
  let size = (HEADER_SIZE + OFFSET_SIZE * domains.length + 7) & ~7;
  const offsets = domains.map(({ statistics }) => {
    const offset = size;
    size += DOMAIN_SIZE + LEVEL_SIZE * statistics.levelCount;
    return offset;
  });
  return {
    size,
    write(view) {
      new Uint8Array(view.buffer, view.byteOffset, size).fill(0);
      view.setUint32(0, signature, true);
      view.setUint16(8, domains.length, true);
      offsets.forEach((offset, domainId) => {
        const isTold = !isDenied(domainId);
        view.setUint32(HEADER_SIZE + OFFSET_SIZE * domainId, isTold ? offset : NOT_COLLECTED, true);
        if (isTold) writeDomain(view, offset, domains[domainId]!.statistics, nowUs());
      });
    },
  };
}

function writeDomain(view: DataView, offset: number, statistics: LevelStatistics, nowUs: number): void {
  view.setUint16(offset, statistics.levelCount, true);
  view.setUint16(offset + 2, statistics.levelIndex, true);
  view.setBigUint64(offset + 8, BigInt(statistics.lastChangeUs), true);
  statistics.usesAt(nowUs).forEach(({ usageCount, residencyUs }, index) => {
    const entry = offset + DOMAIN_SIZE + LEVEL_SIZE * index;
    view.setUint32(entry, index, true);
    view.setBigUint64(entry + 8, BigInt(usageCount), true);
    view.setBigUint64(entry + 16, BigInt(residencyUs), true);
  });
}
