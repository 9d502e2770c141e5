// Which kernel reaches what over which transport, as a table: a tick where a case of the guest tests shows it.
import { KERNEL_SERIES, type KernelSeries } from "../../scp/control/guest_cache.ts";
import { EVERY_CASE, runsOn } from "../guest/every_case.ts";
import {
  canReach,
  GUEST_TRANSPORT_NAMES,
  GUEST_TRANSPORTS,
  type GuestTransportName,
} from "../guest/guest_transports.ts";

/** The oldest kernel first. */
const SERIES = KERNEL_SERIES.toReversed();
const TICK = "\u2713";
const NOTHING = "\u2013";

/** The ways of a column. */
function waysIn(column: string): GuestTransportName[] {
  return GUEST_TRANSPORT_NAMES.filter((name) => GUEST_TRANSPORTS[name].column === column);
}

function isShown(what: string, series: KernelSeries, ways: readonly GuestTransportName[]): boolean {
  return EVERY_CASE.some((one) =>
    one.shows === what &&
    ways.some((way) => runsOn(one, series, way) && !(one.without?.includes(way) ?? false))
  );
}

/** Returns the lines of the table. Kernels that cannot take a way have no column for it. */
export function guestTable(): string[] {
  const columns = [...new Set(GUEST_TRANSPORT_NAMES.map((name) => GUEST_TRANSPORTS[name].column))];
  const places = columns.flatMap((column) => {
    const ways = waysIn(column);
    return SERIES.filter((series) => ways.some((way) => canReach(series, way)))
      .map((series) => ({ heading: `${column}: ${series}`, series, ways }));
  });
  const rows = [...new Set(EVERY_CASE.map(({ shows }) => shows ?? null))].filter((shows) => shows !== null);
  return [
    `| Linux guest | ${places.map(({ heading }) => heading).join(" | ")} |`,
    `|${" --- |".repeat(places.length + 1)}`,
    ...rows.map((what) => {
      const cells = places.map(({ series, ways }) => isShown(what, series, ways) ? TICK : NOTHING);
      return `| ${what} | ${cells.join(" | ")} |`;
    }),
  ];
}
