// A small board with three or more of every kind of hardware, so that each protocol has something to be tested on. What a test
// needs beyond that it makes itself.
import { type Board, defineBoard } from "../../boards/board.ts";
import type { HardwareKind } from "../../scp/core/schema.ts";
import type { Timeline } from "../../scp/core/timeline.ts";
import type { HardwareView } from "../../scp/model/hardware.ts";
import { createModel } from "../../scp/model/model.ts";
import type { Device } from "../../scp/server/agents.ts";

/** The board; its agents are those of test platforms. */
export const EVERY_HARDWARE: Board = defineBoard({
  name: "every-hardware",
  title: "Some of every kind of hardware",
  identity: { vendor: "test", subVendor: "sub", implementationVersion: 1 },
  agents: [{ name: "OSPM", kind: "OSPM", isTrusted: true }, { name: "VM1", kind: "OSPM" }],
  sensors: [],
  clocks: [
    { id: 0, name: "crystal", rateHz: 24_000_000, hasGate: true, notifiesRate: true, notifiesRequests: true },
    { id: 1, name: "bus", parents: ["crystal"], ratio: { kind: "dividers", dividers: [1, 2], divider: 2 } },
    { id: 2, name: "a_clock_with_a_long_name", parents: ["crystal", "bus"], hasGate: true },
  ],
  powerDomains: [
    { id: 0, name: "main", kind: "device", bootState: "on", supportsAsync: true },
    { id: 1, name: "part", kind: "device", parent: "main", onLatencyUs: 100, offLatencyUs: 50 },
    { id: 2, name: "a_power_domain_with_a_long_name", kind: "core", parent: "main" },
  ],
  systemPower: {},
  resetDomains: [
    { id: 0, name: "plain", notifies: true },
    { id: 1, name: "slow", supportsAsync: true, pulseUs: 1000 },
    { id: 2, name: "a_reset_domain_with_a_long_name" },
  ],
});

/** Makes its hardware, all but sensors. */
export function everyHardware(timeline: Timeline): HardwareView {
  return createModel(EVERY_HARDWARE, { seed: 1, scheduler: timeline }).view;
}

/** Two devices: one has the first of each kind in a view, the other all others. */
export function firstAndOthers(view: HardwareView): Device[] {
  const names = Object.entries(view).map(([kind, all]) =>
    [kind as HardwareKind, (all as readonly { name: string }[]).map(({ name }) => name)] as const
  );
  return [
    { name: "first", resources: Object.fromEntries(names.map(([kind, all]) => [kind, all.slice(0, 1)])) },
    { name: "others", resources: Object.fromEntries(names.map(([kind, all]) => [kind, all.slice(1)])) },
  ];
}
