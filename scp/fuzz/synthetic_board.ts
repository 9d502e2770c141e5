// The hardware of the synthetic platform, all but its sensors: a board that nobody would build, with every corner of each
// kind. Long names, long lists, zero and long latencies, values at the ends of their ranges, rights of all sorts.
import type { BoardInput } from "../../boards/board.ts";
import { PIN_CONFIG } from "../core/pin_config.ts";
import { SYNTHETIC_BOARD_SENSORS } from "./synthetic_board_sensors.ts";

/** A name of the utmost length, 63 characters. */
function longName(start: string): string {
  return `${start} of a name as long as they get `.padEnd(63, ".").slice(0, 63);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

const REGULATOR = { startsOn: true, canSwitchOff: true, ownModes: [], slewUvPerUs: 1_000, commandUs: 100 };

const BLOCK = {
  node: "chip",
  fixedW: 0,
  loadW: 0,
  idleActivity: 0.1,
  leakageA: 0.1,
  leakageVolts: 0.8,
} as const;

const CPU_POINTS = [
  { mhz: 500, volts: 0.7 },
  { mhz: 1000, volts: 0.8 },
  { mhz: 1500, volts: 0.9 },
  { mhz: 2000, volts: 1 },
];

const SLEEP = { name: "sleep", stateId: 1, isContextLost: true, depth: 1, latencyUs: 30 };

const CLOCKS: BoardInput["clocks"] = [
  { id: 0, name: "crystal", rateHz: 24_000_000, hasGate: true, notifiesRate: true, notifiesRequests: true },
  {
    id: 1,
    name: "pll",
    parents: ["crystal"],
    ratio: { kind: "multipliers", lowest: 1, highest: 100, multiplier: 50, divider: 2 },
    rateLatencyUs: 100,
    notifiesRate: true,
  },
  {
    id: 2,
    name: "mux",
    parents: ["crystal", "pll"],
    ratio: { kind: "dividers", dividers: [4, 1, 2, 8, 3], divider: 2 },
    hasGate: true,
    rateLatencyUs: 300_000,
    notifiesRate: true,
    notifiesRequests: true,
  },
  { id: 3, name: longName("clock"), parents: ["pll"], ratio: { kind: "fixed", multiplier: 1, divider: 3 } },
  {
    id: 4,
    name: "many rates",
    rateHz: 1_000_000_000_000,
    ratio: { kind: "dividers", dividers: range(300).map((i) => i + 1), divider: 300 },
    hasGate: true,
    startsEnabled: false,
  },
  {
    id: 5,
    name: "restricted",
    parents: ["crystal", "pll", "mux"],
    ratio: { kind: "dividers", dividers: [1, 2], divider: 1 },
    hasGate: true,
    rights: { VM1: { state: false, rate: false, parent: false }, BMC: { rate: false } },
  },
  { id: 6, name: "hidden", rateHz: 1_000_000, hidesRate: true },
  {
    id: 7,
    name: "shaped",
    parents: ["mux"],
    hasGate: true,
    dutyCyclePercent: { lowest: 1, highest: 99, start: 50 },
    phaseMrad: { lowest: 0, highest: 6283, start: 0 },
  },
  {
    id: 8,
    name: "told in steps",
    rateHz: 100_000_000,
    ratio: { kind: "dividers", dividers: [1, 2, 5, 10], divider: 5, isToldInSteps: true },
    rateLatencyUs: 50,
  },
  {
    id: 9,
    name: "in the island",
    parents: ["pll"],
    ratio: { kind: "dividers", dividers: [1, 2, 3], divider: 3 },
    hasGate: true,
    startsEnabled: false,
    powerDomain: "island",
    enableDelayUs: 1_000,
  },
  {
    id: 10,
    name: "bounded",
    parents: ["restricted", "crystal"],
    ratio: { kind: "dividers", dividers: [1, 2, 3, 4, 5, 6, 7], divider: 1 },
    rateMinHz: 4_000_000,
    rateMaxHz: 1_200_000_000,
    hasGate: true,
    notifiesRate: true,
    notifiesRequests: true,
  },
];

const POWER_DOMAINS: BoardInput["powerDomains"] = [
  {
    id: 0,
    name: "core",
    kind: "core",
    parent: "cluster",
    states: [SLEEP],
    bootState: "on",
    onLatencyUs: 500,
    offLatencyUs: 400,
  },
  {
    id: 1,
    name: "cluster",
    kind: "cluster",
    parent: "soc",
    states: [SLEEP],
    bootState: "on",
    onLatencyUs: 200,
  },
  {
    id: 2,
    name: "island",
    kind: "device",
    parent: "soc",
    supportsAsync: true,
    onLatencyUs: 100,
    offLatencyUs: 50,
  },
  { id: 3, name: "islet", kind: "device", parent: "island", supportsAsync: true },
  {
    id: 4,
    name: longName("domain"),
    kind: "device",
    parent: "islet",
    supportsSync: false,
    supportsAsync: true,
    onLatencyUs: 300_000,
    states: [
      { name: "light", stateId: 7, isContextLost: false, depth: 10, latencyUs: 10 },
      { name: "deep", stateId: 2 ** 28 - 1, isContextLost: true, depth: 254, latencyUs: 1_000 },
    ],
  },
  { id: 5, name: "locked", kind: "device", parent: "soc", setBy: ["PSCI"], hasNotifications: false },
  { id: 6, name: "soc", kind: "device", parent: "SYS", isAlwaysOn: true },
  { id: 7, name: "apart", kind: "device", onLatencyUs: 1_000, offLatencyUs: 1_000, supportsAsync: true },
  {
    id: null,
    name: "SYS",
    kind: "system",
    isAlwaysOn: true,
    states: [{ name: "sleep0", stateId: 1, isContextLost: true, depth: 1, latencyUs: 0 }],
  },
];

const PERFORMANCE_DOMAINS: BoardInput["performanceDomains"] = [
  {
    id: 0,
    name: "cpu",
    block: "cpu",
    levels: CPU_POINTS.map(({ mhz }, i) => ({ level: 50 * (i + 1), mhz, powerCost: 400 * (i + 1) })),
    sustainedMhz: 1500,
    bootMhz: 1000,
    latencyUs: 1_000,
  },
  {
    id: 1,
    name: longName("performance"),
    block: "gpu",
    levels: [{ level: 1, mhz: 300, powerCost: 0 }, { level: 0xffff_ffff, mhz: 900, powerCost: 0xffff_ffff }],
    usesLevelIndexing: true,
    rateLimitUs: 2 ** 20 - 1,
  },
  {
    id: 2,
    name: "many levels",
    levels: range(256).map((i) => ({ level: i + 1, mhz: 10 * (i + 1), powerCost: i })),
    latencyUs: 0xffff,
    usesLevelIndexing: true,
  },
  {
    id: 3,
    name: "kept",
    levels: [{ level: 7, mhz: 7, powerCost: 7 }],
    levelSetBy: ["PSCI"],
    limitsSetBy: [],
    notifiesLevel: false,
    notifiesLimits: false,
  },
];

const RAILS: NonNullable<BoardInput["power"]>["rails"] = [
  {
    name: "core",
    loadLineOhm: 0.001,
    regulator: {
      ...REGULATOR,
      canSwitchOff: false,
      steps: { kind: "segment", lowestUv: 600_000, highestUv: 1_100_000, stepUv: 12_500 },
      startUv: 800_000,
    },
  },
  {
    name: "io",
    loadLineOhm: 0,
    regulator: {
      ...REGULATOR,
      steps: { kind: "list", levelsUv: [-(2 ** 31), -5_000_000, 0, 1_800_000, 3_300_000, 2 ** 31 - 1] },
      startUv: 1_800_000,
      ownModes: [{ id: 0, isSupplied: false }, { id: 7, isSupplied: true }],
      slewUvPerUs: 100_000,
    },
  },
  {
    name: "long_list",
    loadLineOhm: 0,
    regulator: {
      ...REGULATOR,
      steps: { kind: "list", levelsUv: range(300).map((i) => 500_000 + i * 5_000) },
      startUv: 500_000,
      startsOn: false,
      commandUs: 0,
    },
  },
  {
    name: "fixed",
    loadLineOhm: 0,
    regulator: { ...REGULATOR, steps: { kind: "list", levelsUv: [5_000_000] }, startUv: 5_000_000 },
  },
];

/** Each type once, with the values of a switch, and the ends of the values there are. */
const EVERY_CONFIG = [
  ...Object.values(PIN_CONFIG).map((typeCode) => ({ typeCode })),
  { typeCode: 192, max: 0xffff_ffff },
  { typeCode: 255, min: 10, max: 90, step: 20, start: 30 },
];

const PINS: NonNullable<BoardInput["pins"]> = [
  { id: 0, name: "everything", configs: EVERY_CONFIG },
  { id: 1, name: "nothing" },
  {
    id: 2,
    name: longName("pin"),
    configs: [{ typeCode: PIN_CONFIG.pullUp }, { typeCode: PIN_CONFIG.pullDown }],
  },
  ...range(17).map((i) => ({
    id: i + 3,
    name: `p${i}`,
    configs: [{ typeCode: PIN_CONFIG.driveStrength, min: 3, max: 24, step: 3 }, {
      typeCode: PIN_CONFIG.pullUp,
    }],
  })),
];

/** The board. Those of its sensors that measure are made elsewhere. */
export const SYNTHETIC_BOARD: BoardInput = {
  name: "synthetic",
  title: "Every corner of every kind of hardware",
  identity: { vendor: "fifteen letters", subVendor: "s", implementationVersion: 0 },
  agents: [
    { name: "OSPM", kind: "OSPM", isTrusted: true },
    { name: "VM1", kind: "OSPM", onVanish: { dropAfterMs: 10 } },
    { name: "BMC", kind: "MANAGEMENT", isTrusted: true, onVanish: "reset" },
    { name: "EMPTY", kind: "OTHER" },
    { name: "PSCI", kind: "PSCI" },
  ],
  sensors: SYNTHETIC_BOARD_SENSORS,
  clocks: CLOCKS,
  powerDomains: POWER_DOMAINS,
  systemPower: { domain: "SYS", suspendState: "sleep0", gracefulTimeoutMs: 200, restartUs: 5_000 },
  thermal: {
    nodes: [{ name: "chip", heatCapacityJPerK: 0.1 }],
    links: [{ from: "chip", to: "ambient", resistanceKPerW: 20 }],
  },
  power: {
    rails: RAILS,
    blocks: [
      { ...BLOCK, name: "cpu", rail: "core", dynamicUwPerMhzV2: 1000, operatingPoints: CPU_POINTS },
      {
        ...BLOCK,
        name: "gpu",
        rail: "core",
        powerDomain: "island",
        dynamicUwPerMhzV2: 500,
        operatingPoints: [{ mhz: 300, volts: 0.75 }, { mhz: 900, volts: 1.05 }],
      },
    ],
    phases: [
      {
        name: "busy",
        durationS: 0.5,
        loads: { cpu: { mhz: 2000, utilisation: 1 }, gpu: { mhz: 900, utilisation: 1 } },
      },
      { name: "idle", durationS: 0.7, loads: { cpu: { mhz: 500, utilisation: 0 } } },
    ],
  },
  performanceDomains: PERFORMANCE_DOMAINS,
  thermalGovernors: [
    {
      node: "chip",
      passiveC: 50,
      hysteresisC: 5,
      periodUs: 100_000,
      performanceDomains: ["cpu", longName("performance")],
    },
  ],
  voltageDomains: [
    { id: 0, name: "core", rail: "core" },
    { id: 1, name: longName("voltage"), rail: "io" },
    { id: 2, name: "long list", rail: "long_list", supportsAsync: false },
    { id: 3, name: "fixed", rail: "fixed", setBy: ["PSCI"] },
  ],
  powercapDomains: [
    {
      id: 0,
      name: "package",
      unit: "uW",
      cap: { min: 100_000, max: 10_000_000, step: 100_000 },
      bootCap: 5_000_000,
      furtherLimits: [
        {
          name: "peak",
          cap: { min: 1_000_000, max: 20_000_000, step: 1_000_000 },
          averaging: { minUs: 5_000, maxUs: 50_000, stepUs: 5_000 },
        },
        {
          name: "fuse",
          cap: { min: 15_000_000, max: 15_000_000, step: 0 },
          bootCap: 15_000_000,
          averaging: { minUs: 5_000, maxUs: 5_000, stepUs: 0 },
        },
      ],
    },
    {
      id: 1,
      name: longName("powercap"),
      parent: "package",
      blocks: ["cpu"],
      cap: { min: 1, max: 5_000, step: 1 },
    },
    {
      id: 2,
      name: "watched",
      parent: "package",
      blocks: ["gpu"],
      unit: "abstract",
      unitUw: 12_345,
      cap: { min: 400, max: 400, step: 0 },
      averaging: { minUs: 50_000, maxUs: 50_000, stepUs: 0 },
    },
  ],
  resetDomains: [
    { id: 0, name: "plain", notifies: true },
    { id: 1, name: "slow", supportsAsync: true, notifies: true, pulseUs: 300_000 },
    {
      id: 2,
      name: longName("reset"),
      supportsAsync: true,
      ownStates: [0, 1, 2 ** 31 - 1],
      tellsLatency: false,
    },
    { id: 3, name: "held", startsAsserted: true, pulseUs: 10 },
  ],
  pins: PINS,
  pinGroups: [
    { id: 0, name: "pair", pins: ["everything", "nothing"] },
    { id: 1, name: "overlap", pins: ["nothing", longName("pin"), "p0"] },
    { id: 2, name: longName("group"), pins: PINS.map(({ name }) => name) },
    { id: 3, name: "booted", pins: ["p1", "p2"], bootFunction: "serial" },
    ...range(20).map((i) => ({ id: i + 4, name: `g${i}`, pins: [`p${i % 17}`] })),
  ],
  pinFunctions: [
    { id: 0, name: "serial", groups: ["pair", "overlap", "booted"] },
    { id: 1, name: "gpio", isGpio: true, pins: PINS.map(({ name }) => name) },
    { id: 2, name: longName("function"), groups: [longName("group"), ...range(20).map((i) => `g${i}`)] },
  ],
};
