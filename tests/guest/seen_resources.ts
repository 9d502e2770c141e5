// What a guest shows of its platform in sysfs and debugfs, and what it has to show of an agent's view, which is compiled from the
// board's description and not asked of the simulator.

import { assert } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { resourceNames } from "../../boards/resource_names.ts";
import { compileViews } from "../../boards/view_compiler.ts";
import { describeGuest } from "../../scp/control/guest_description.ts";
import { DEFAULT_RELEASE } from "../../protocols/protocol.ts";
import type { GuestReport } from "./guest.ts";

/** SCMI types of scalar sensors that hwmon shows: temperature, voltage, current, power, energy. */
const HWMON_TYPES: ReadonlySet<number> = new Set([2, 5, 6, 7, 8]);

/** Marks everything that stands for a resource of the platform. */
export const LIST_RESOURCES = `
mark_names() {
	key=$1
	shift
	for file in "$@"; do
		[ -f "$file" ] && mark "$key" "$(cat "$file")"
	done
}
mark_names hwmon $HWMON/*_label
mark_names iio /sys/bus/iio/devices/iio:device*/name
mark_names thermal /sys/class/thermal/thermal_zone*/type
mark_names regulator /sys/class/regulator/regulator.*/name
mark_names powercap /sys/class/powercap/arm-scmi:*/name
mark_lines clock cat /sys/kernel/debug/clk/clk_summary
mark_lines genpd cat /sys/kernel/debug/pm_genpd/pm_genpd_summary
`;

/** Names by what shows them. */
export type SeenResources = Readonly<
  Record<"hwmon" | "iio" | "thermal" | "regulator" | "powercap" | "clock" | "genpd", readonly string[]>
>;

/** What the guest of an agent has to show, sorted. */
export function resourcesOf(board: Board, agentName: string): SeenResources {
  const view = compileViews(board)[board.agents.findIndex(({ name }) => name === agentName)];
  assert(view !== undefined, `the board has an agent ${agentName}`);
  const { resources } = view;
  const guest = describeGuest(board, agentName, DEFAULT_RELEASE);
  const sensors = resources.sensor.map(({ boardId }) => board.sensors[boardId]!);
  const sorted = (names: readonly string[]) => names.toSorted();
  return {
    hwmon: sorted(
      sensors.filter(({ axes, typeCode }) => axes === null && HWMON_TYPES.has(typeCode)).map(({ name }) =>
        name
      ),
    ),
    iio: sorted(sensors.filter(({ axes }) => axes !== null).map(({ name }) => name)),
    thermal: sorted(
      guest.sensors.filter(({ zone }) => zone !== null).map(({ name }) => `${name}-thermal`),
    ),
    regulator: sorted(guest.regulators.map(({ name }) => name)),
    powercap: sorted(resources.powercapDomain.map(({ name }) => name)),
    clock: sorted(resources.clock.map(({ name }) => name)),
    // Linux makes both kinds of domains its power domains, and adds ids to the names of the second.
    genpd: sorted([
      ...resources.powerDomain.map(({ name }) => name),
      ...resources.performanceDomain.map(({ name }, id) => `${name}_${id}`),
    ]),
  };
}

/** What a guest showed after LIST_RESOURCES, sorted. Machine and kernel have clocks and regulators of their own: of these,
 * whatever the board has, seen or not, counts. */
export function resourcesIn(board: Board, report: GuestReport): SeenResources {
  const names = resourceNames(board);
  const all = (key: string) => report.all(key).toSorted();
  // A power domain is in the summary once more below the one above it.
  const known = (key: string, ...lists: readonly (readonly string[])[]) => {
    const every = new Set(lists.flat());
    const first = report.all(key).map((line) => line.trim().split(/\s+/)[0]!);
    const isKnown = (name: string) => every.has(name) || every.has(name.replace(/_\d+$/, ""));
    return [...new Set(first)].filter(isKnown).toSorted();
  };
  return {
    hwmon: all("hwmon"),
    iio: all("iio"),
    thermal: all("thermal"),
    regulator: known("regulator", names.voltageDomain),
    powercap: all("powercap"),
    clock: known("clock", names.clock),
    genpd: known("genpd", names.powerDomain, names.performanceDomain),
  };
}
