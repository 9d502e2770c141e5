// The memory region in which agents may read how long each domain was at each level. Layout: scmi-core 5.8, as Arm's
// SCP-firmware has it (module/statistics); extended statistics are left out.
import type { SharedRegion } from "../../scp/core/shared_area.ts";
import type { PerformanceDomain } from "../../scp/model/performance_domain.ts";

/** "PERF", as a word. */
const SIGNATURE = 0x5045_5246;
const HEADER_SIZE = 16;
const OFFSET_SIZE = 4;
const DOMAIN_SIZE = 16;
const LEVEL_SIZE = 24;

/** Makes the region for some domains; `nowUs` is the virtual time up to which residencies count. */
export function createStatisticsRegion(
  domains: readonly PerformanceDomain[],
  nowUs: () => number,
): SharedRegion {
  // Timestamps are 8 bytes wide and aligned.
  let size = (HEADER_SIZE + OFFSET_SIZE * domains.length + 7) & ~7;
  const offsets = domains.map(({ levels }) => {
    const offset = size;
    size += DOMAIN_SIZE + LEVEL_SIZE * levels.length;
    return offset;
  });
  return {
    size,
    write(view) {
      view.setUint32(0, SIGNATURE, true);
      view.setUint16(4, 0, true);
      view.setUint16(6, 0, true);
      view.setUint16(8, domains.length, true);
      view.setUint16(10, 0, true);
      view.setUint32(12, 0, true);
      offsets.forEach((offset, place) => {
        view.setUint32(HEADER_SIZE + OFFSET_SIZE * place, offset, true);
        writeDomain(view, offset, domains[place]!, nowUs());
      });
    },
  };
}

function writeDomain(view: DataView, offset: number, domain: PerformanceDomain, nowUs: number): void {
  const { statistics, levels } = domain;
  view.setUint16(offset, levels.length, true);
  view.setUint16(offset + 2, statistics.levelIndex, true);
  view.setUint32(offset + 4, 0, true);
  view.setBigUint64(offset + 8, BigInt(statistics.lastChangeUs), true);
  statistics.usesAt(nowUs).forEach(({ usageCount, residencyUs }, index) => {
    const entry = offset + DOMAIN_SIZE + LEVEL_SIZE * index;
    view.setUint32(entry, index, true);
    view.setUint32(entry + 4, 0, true);
    view.setBigUint64(entry + 8, BigInt(usageCount), true);
    view.setBigUint64(entry + 16, BigInt(residencyUs), true);
  });
}
