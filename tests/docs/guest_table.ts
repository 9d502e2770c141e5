// Which kernel reaches what over which transport, as a long and as a short table: a tick where a case of the guest tests shows it.
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

/** What a guest can, and over which ways: a row of the table. */
interface GuestRow {
  readonly what: string;
  /** A tick or nothing, for each column. */
  readonly cells: readonly string[];
}

/** Kernels that cannot take a way have no column for it. */
function columnsAndRows(): { headings: string[]; rows: GuestRow[] } {
  const columns = [...new Set(GUEST_TRANSPORT_NAMES.map((name) => GUEST_TRANSPORTS[name].column))];
  const places = columns.flatMap((column) => {
    const ways = waysIn(column);
    return SERIES.filter((series) => ways.some((way) => canReach(series, way)))
      .map((series) => ({ heading: `${column}: ${series}`, series, ways }));
  });
  const shown = [...new Set(EVERY_CASE.map(({ shows }) => shows ?? null))].filter((shows) => shows !== null);
  const rows = shown.map((what) => ({
    what,
    cells: places.map(({ series, ways }) => isShown(what, series, ways) ? TICK : NOTHING),
  }));
  return { headings: places.map(({ heading }) => heading), rows };
}

function table(headings: readonly string[], rows: readonly GuestRow[]): string[] {
  return [
    `| Linux guest | ${headings.join(" | ")} |`,
    `|${" --- |".repeat(headings.length + 1)}`,
    ...rows.map(({ what, cells }) => `| ${what} | ${cells.join(" | ")} |`),
  ];
}

/** Everything that cases show, one by one. */
export function guestTable(): string[] {
  const { headings, rows } = columnsAndRows();
  return table(headings, rows);
}

/** The same in few lines: what works over the same ways is one row, named by what stands before the colons. */
export function guestSummary(): string[] {
  const { headings, rows } = columnsAndRows();
  const joined = new Map<string, GuestRow>();
  for (const { what, cells } of rows) {
    const [name] = what.split(":");
    const known = joined.get(cells.join());
    joined.set(cells.join(), { what: known === undefined ? name! : `${known.what}, ${name}`, cells });
  }
  return table(headings, [...joined.values()]);
}
