// A board for tests of performance and voltage: two performance domains on one rail, one of them indexed, one that drives
// nothing; rails with steps, with a list, and fixed. Its load profile alternates between slow and fast.
import type { AgentDescription } from "../../boards/agent.ts";
import { type Board, defineBoard } from "../../boards/board.ts";
import { WHOLE_BOARD } from "../../boards/view.ts";
import type { PowerBlock } from "../../boards/chip.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as performance from "../../protocols/performance/messages.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE, messageIdOf, messageTypeOf } from "../../scp/core/header.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { connectAgent, type TestAgent } from "./platform.ts";

/** The protocols. */
export const PERFORMANCE = 0x13;
export const VOLTAGE = 0x17;

/** Wire ids of the performance domains, and of one that is not there. */
export const DOMAIN = { cpu: 0, gpu: 1, idle: 2, missing: 3 } as const;

/** Wire ids of the voltage domains, and of one that is not there. */
export const RAIL = { core: 0, io: 1, fixed: 2, missing: 3 } as const;

/** The agents' ids. */
export const AGENT = { OSPM: 1, PSCI: 2 } as const;

/** Time of a transition of the performance domains, us. */
export const LATENCY_US = 1000;

/** The phases of the load profile, s. */
export const PHASE_S = 10;

const REGULATOR = {
  startsOn: true,
  canSwitchOff: false,
  ownModes: [],
  slewUvPerUs: 1_000,
  commandUs: 100,
} as const;

const BLOCK: Omit<PowerBlock, "name" | "operatingPoints"> = {
  node: "die",
  rail: "core",
  fixedW: 0,
  loadW: 0,
  dynamicUwPerMhzV2: 2000,
  idleActivity: 0.1,
  leakageA: 0,
  leakageVolts: 0.8,
};

/** The board. */
export const DVFS_BOARD: Board = defineBoard({
  name: "dvfs",
  title: "Performance domains and rails of all kinds",
  identity: { vendor: "test", subVendor: "dvfs", implementationVersion: 1 },
  agents: [
    { name: "OSPM", kind: "OSPM", isTrusted: true, view: WHOLE_BOARD },
    { name: "PSCI", kind: "PSCI", view: WHOLE_BOARD },
  ],
  profile: "clean",
  thermal: {
    nodes: [{ name: "die", heatCapacityJPerK: 0.5 }],
    links: [{ from: "die", to: "ambient", resistanceKPerW: 10 }],
  },
  power: {
    rails: [
      {
        name: "core",
        loadLineOhm: 0,
        regulator: {
          ...REGULATOR,
          steps: { kind: "segment", lowestUv: 700_000, highestUv: 1_100_000, stepUv: 10_000 },
          startUv: 700_000,
          canSwitchOff: true,
        },
      },
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
      {
        name: "fixed",
        loadLineOhm: 0,
        regulator: {
          ...REGULATOR,
          steps: { kind: "list", levelsUv: [5_000_000] },
          startUv: 5_000_000,
          startsOn: false,
        },
      },
    ],
    blocks: [
      {
        ...BLOCK,
        name: "cpu",
        operatingPoints: [
          { mhz: 500, volts: 0.8 },
          { mhz: 1000, volts: 0.8 },
          { mhz: 1500, volts: 0.9 },
          { mhz: 2000, volts: 1 },
        ],
      },
      { ...BLOCK, name: "gpu", operatingPoints: [{ mhz: 300, volts: 0.75 }, { mhz: 600, volts: 0.85 }] },
    ],
    phases: [
      {
        name: "slow",
        durationS: PHASE_S,
        loads: { cpu: { mhz: 500, utilisation: 0.2 }, gpu: { mhz: 300, utilisation: 0 } },
      },
      {
        name: "fast",
        durationS: PHASE_S,
        loads: { cpu: { mhz: 1500, utilisation: 1 }, gpu: { mhz: 300, utilisation: 0 } },
      },
    ],
  },
  performanceDomains: [
    {
      id: DOMAIN.cpu,
      name: "cpu",
      block: "cpu",
      levels: [
        { level: 50, mhz: 500, powerCost: 640_000 },
        { level: 100, mhz: 1000, powerCost: 1_280_400 },
        { level: 150, mhz: 1500, powerCost: 2_430_600 },
        { level: 200, mhz: 2000, powerCost: 0 },
      ],
      sustainedMhz: 1500,
      latencyUs: LATENCY_US,
      powerUnit: "uW",
    },
    {
      id: DOMAIN.gpu,
      name: "gpu",
      block: "gpu",
      levels: [{ level: 30, mhz: 300, powerCost: 337_000 }, { level: 60, mhz: 600, powerCost: 867_000 }],
      latencyUs: LATENCY_US,
      rateLimitUs: 2500,
      powerUnit: "uW",
      usesLevelIndexing: true,
      limitsSetBy: ["PSCI"],
    },
    {
      id: DOMAIN.idle,
      name: "a_performance_domain_with_a_long_name",
      levels: Array.from({ length: 20 }, (_, i) => ({ level: 1000 + i, mhz: 100 + i, powerCost: 0 })),
      bootMhz: 110,
      powerUnit: "uW",
      levelSetBy: ["PSCI"],
      notifiesLevel: false,
      notifiesLimits: false,
    },
  ],
  voltageDomains: [
    { id: RAIL.core, name: "core", rail: "core" },
    { id: RAIL.io, name: "a_voltage_domain_with_a_long_name", rail: "io" },
    { id: RAIL.fixed, name: "fixed", rail: "fixed", supportsAsync: false, setBy: ["PSCI"] },
  ],
  sensors: [
    {
      id: 0,
      name: "temperature",
      typeCode: 2,
      unitExponent: -3,
      signal: "temperature.die",
      rangeMin: -40,
      rangeMax: 200,
      step: { mantissa: 1, exponent: -3 },
      samplePeriodUs: 5_000,
    },
    {
      id: 1,
      name: "power",
      typeCode: 7,
      unitExponent: -6,
      signal: "block.cpu.power",
      rangeMin: 0,
      rangeMax: 100,
      step: { mantissa: 1, exponent: -6 },
      samplePeriodUs: 5_000,
    },
    {
      id: 2,
      name: "voltage",
      typeCode: 5,
      unitExponent: -3,
      signal: "rail.core.voltage",
      rangeMin: 0,
      rangeMax: 2,
      step: { mantissa: 1, exponent: -3 },
      samplePeriodUs: 5_000,
    },
  ],
});

/** Places of its sensors. */
export const SENSOR = { temperature: 0, power: 1, voltage: 2 } as const;

/** A platform of the board with its agents. */
export interface DvfsSetting extends Platform {
  readonly ospm: TestAgent;
  readonly psci: TestAgent;
}

/**
 * Makes the platform; without its load profile unless it is asked for, so that nothing moves by itself. `ospm` are changes to
 * the agent of that name.
 */
export function createDvfs(
  release: Release = "3.2",
  hasProfile = false,
  ospm: Partial<AgentDescription> = {},
): DvfsSetting {
  const power = { ...DVFS_BOARD.power, phases: hasProfile ? DVFS_BOARD.power.phases : [] };
  const agents = DVFS_BOARD.agents.map((agent) => agent.name === "OSPM" ? { ...agent, ...ospm } : agent);
  const platform = createPlatform({ ...DVFS_BOARD, agents, power }, { release });
  return { ...platform, ospm: connectAgent(platform.machine), psci: connectAgent(platform.machine, "PSCI") };
}

/** What an agent heard of performance: `limits AGENT DOMAIN MAX MIN` or `level AGENT DOMAIN LEVEL`. Clears it. */
export function heardOfPerformance(agent: TestAgent): string[] {
  return agent.heard.splice(0).map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    if (messageTypeOf(header) !== 3) return "delayed response";
    const isLimits = messageIdOf(header) === performance.PERFORMANCE_LIMITS_CHANGED.id;
    const { payload } = isLimits
      ? performance.PERFORMANCE_LIMITS_CHANGED
      : performance.PERFORMANCE_LEVEL_CHANGED;
    const values = readFields(payload, view, HEADER_SIZE, message.length);
    return values === null
      ? `${message.length} bytes`
      : `${isLimits ? "limits" : "level"} ${Object.values(values).join(" ")}`;
  });
}
