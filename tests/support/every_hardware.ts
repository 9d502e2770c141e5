// A small board with three or more of every kind of hardware, so that each protocol has something to be tested on. What a test
// needs beyond that it makes itself.
import { type Board, defineBoard } from "../../boards/board.ts";
import type { HardwareKind } from "../../scp/core/schema.ts";
import type { Timeline } from "../../scp/core/timeline.ts";
import type { HardwareView } from "../../scp/model/hardware.ts";
import { createModel } from "../../scp/model/model.ts";
import type { Device } from "../../scp/server/agents.ts";

const REGULATOR = {
  startsOn: true,
  canSwitchOff: false,
  ownModes: [],
  slewUvPerUs: 1_000,
  commandUs: 100,
} as const;

const CORE_STEPS = { kind: "segment", lowestUv: 700_000, highestUv: 1_000_000, stepUv: 10_000 } as const;

const FIXED_STEPS = { kind: "list", levelsUv: [5_000_000] } as const;

const LEVELS = [
  { level: 50, mhz: 500, powerCost: 400 },
  { level: 100, mhz: 1000, powerCost: 900 },
  { level: 150, mhz: 1500, powerCost: 1600 },
];

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
  thermal: {
    nodes: [{ name: "chip", heatCapacityJPerK: 1 }],
    links: [{ from: "chip", to: "ambient", resistanceKPerW: 5 }],
  },
  power: {
    rails: [
      { name: "core", loadLineOhm: 0, regulator: { ...REGULATOR, steps: CORE_STEPS, startUv: 800_000 } },
      {
        name: "io",
        loadLineOhm: 0,
        regulator: {
          ...REGULATOR,
          steps: { kind: "list", levelsUv: [-5_000_000, 1_800_000, 2_500_000, 3_300_000] },
          startUv: 1_800_000,
          canSwitchOff: true,
          ownModes: [{ id: 0, isSupplied: false }, { id: 1, isSupplied: true }],
        },
      },
      { name: "fixed", loadLineOhm: 0, regulator: { ...REGULATOR, steps: FIXED_STEPS, startUv: 5_000_000 } },
    ],
    blocks: [{
      name: "cpu",
      node: "chip",
      rail: "core",
      fixedW: 0,
      loadW: 0,
      dynamicUwPerMhzV2: 1000,
      idleActivity: 0,
      leakageA: 0,
      leakageVolts: 0.8,
      operatingPoints: [{ mhz: 500, volts: 0.8 }, { mhz: 1000, volts: 0.8 }, { mhz: 1500, volts: 0.9 }],
    }],
    phases: [],
  },
  performanceDomains: [
    { id: 0, name: "cpu", block: "cpu", levels: LEVELS, sustainedMhz: 1000, bootMhz: 1000, latencyUs: 1000 },
    {
      id: 1,
      name: "indexed",
      levels: LEVELS,
      usesLevelIndexing: true,
      rateLimitUs: 500,
      notifiesLevel: false,
      notifiesLimits: false,
    },
    {
      id: 2,
      name: "a_performance_domain_with_a_long_name",
      levels: LEVELS,
      levelSetBy: ["PSCI"],
      limitsSetBy: ["PSCI"],
    },
  ],
  voltageDomains: [
    { id: 0, name: "core", rail: "core" },
    { id: 1, name: "a_voltage_domain_with_a_long_name", rail: "io" },
    { id: 2, name: "fixed", rail: "fixed", supportsAsync: false, setBy: ["PSCI"] },
  ],
  powercapDomains: [
    { id: 0, name: "chip", parent: "all", blocks: ["cpu"], cap: { min: 100, max: 4000, step: 10 } },
    {
      id: 1,
      name: "a_power_capping_domain_with_a_long_name",
      parent: "all",
      cap: { min: 1000, max: 1000, step: 0 },
      averaging: { minUs: 5000, maxUs: 5000, stepUs: 0 },
      notifiesCap: false,
      notifiesPower: false,
    },
    { id: 2, name: "all", cap: { min: 100, max: 4000, step: 1 }, supportsAsync: false, setBy: ["PSCI"] },
  ],
  resetDomains: [
    { id: 0, name: "plain", notifies: true },
    { id: 1, name: "slow", supportsAsync: true, pulseUs: 1000 },
    { id: 2, name: "a_reset_domain_with_a_long_name" },
  ],
  pins: [
    { id: 0, name: "p0", configs: [{ typeCode: 2, start: 1 }, { typeCode: 4 }, { typeCode: 6 }] },
    { id: 1, name: "p1", configs: [{ typeCode: 4 }, { typeCode: 10, min: 3, max: 24, step: 3, start: 12 }] },
    { id: 2, name: "a_pin_with_a_long_name", configs: [{ typeCode: 12 }, { typeCode: 14 }] },
  ],
  pinGroups: [
    { id: 0, name: "g01", pins: ["p0", "p1"] },
    { id: 1, name: "g1", pins: ["p1"] },
    { id: 2, name: "a_pin_group_with_a_long_name", pins: ["p1", "a_pin_with_a_long_name"] },
  ],
  pinFunctions: [
    { id: 0, name: "uart", groups: ["g01", "g1"] },
    { id: 1, name: "gpio", isGpio: true, pins: ["p0", "p1", "a_pin_with_a_long_name"] },
    { id: 2, name: "a_pin_function_with_a_long_name", groups: ["a_pin_group_with_a_long_name"] },
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
