// A board for tests of power domains and system power: each kind of domain, all kinds of agents, no physics but one block
// and one sensor in the GPU's domain.
import { type Board, defineBoard } from "../../boards/board.ts";
import { WHOLE_BOARD } from "../../boards/view.ts";

/** The domains' wire ids. */
export const DOMAIN = {
  core0: 0,
  core1: 1,
  cluster: 2,
  gpu: 3,
  shader: 4,
  codec: 5,
  locked: 6,
  soc: 7,
  backup: 8,
} as const;

/** The agents' ids. */
export const AGENT = { OSPM: 1, PSCI: 2, VM1: 3, BMC: 4 } as const;

const SLEEP = { name: "sleep", stateId: 1, isContextLost: true, depth: 1, latencyUs: 30 };

/** The board. */
export const POWER_BOARD: Board = defineBoard({
  name: "power",
  title: "Each kind of power domain",
  identity: { vendor: "test", subVendor: "power", implementationVersion: 1 },
  agents: [
    { name: "OSPM", kind: "OSPM", isTrusted: true, view: WHOLE_BOARD },
    { name: "PSCI", kind: "PSCI", view: WHOLE_BOARD },
    { name: "VM1", kind: "OSPM", view: WHOLE_BOARD },
    { name: "BMC", kind: "MANAGEMENT", view: WHOLE_BOARD },
  ],
  profile: "clean",
  thermal: {
    nodes: [{ name: "die", heatCapacityJPerK: 1 }],
    links: [{ from: "die", to: "ambient", resistanceKPerW: 10 }],
  },
  power: {
    rails: [],
    blocks: [{
      name: "gpu",
      node: "die",
      rail: null,
      powerDomain: "gpu",
      fixedW: 2,
      loadW: 0,
      dynamicUwPerMhzV2: 0,
      idleActivity: 0,
      leakageA: 0,
      leakageVolts: 1,
      operatingPoints: [{ mhz: 100, volts: 1 }],
    }],
    phases: [],
  },
  powerDomains: [
    {
      id: 0,
      name: "core0",
      kind: "core",
      parent: "cluster",
      bootState: "on",
      states: [SLEEP],
      onLatencyUs: 500,
      offLatencyUs: 400,
    },
    {
      id: 1,
      name: "core1",
      kind: "core",
      parent: "cluster",
      states: [SLEEP],
      onLatencyUs: 500,
      offLatencyUs: 400,
    },
    {
      id: 2,
      name: "cluster",
      kind: "cluster",
      parent: "soc",
      states: [SLEEP],
      bootState: "on",
      onLatencyUs: 200,
      offLatencyUs: 100,
    },
    {
      id: 3,
      name: "gpu",
      kind: "device",
      parent: "soc",
      supportsAsync: true,
      onLatencyUs: 100,
      offLatencyUs: 50,
    },
    {
      id: 4,
      name: "shader",
      kind: "device",
      parent: "gpu",
      supportsAsync: true,
      onLatencyUs: 40,
      offLatencyUs: 20,
    },
    {
      id: 5,
      name: "video_codec_and_scaler",
      kind: "device",
      parent: "soc",
      supportsSync: false,
      supportsAsync: true,
      onLatencyUs: 1_000,
      states: [{ name: "retention", stateId: 7, isContextLost: false, depth: 10, latencyUs: 10 }],
    },
    { id: 6, name: "locked", kind: "device", parent: "soc", setBy: ["PSCI"], hasNotifications: false },
    { id: 7, name: "soc", kind: "device", parent: "SYS", isAlwaysOn: true },
    // Beside the system, as what keeps a memory alive.
    { id: 8, name: "backup", kind: "device", supportsAsync: true, onLatencyUs: 300 },
    {
      id: null,
      name: "SYS",
      kind: "system",
      isAlwaysOn: true,
      states: [{ name: "sleep0", stateId: 1, isContextLost: true, depth: 1, latencyUs: 0 }],
    },
  ],
  systemPower: { domain: "SYS", suspendState: "sleep0", gracefulTimeoutMs: 2_000, restartUs: 5_000 },
  sensors: [{
    id: 0,
    name: "gpu_temp",
    typeCode: 2,
    unitExponent: -3,
    signal: "temperature.die",
    powerDomain: "gpu",
    rangeMin: -40,
    rangeMax: 125,
    step: { mantissa: 1, exponent: -3 },
    samplePeriodUs: 1_000,
  }],
});
