// The power domains of the R-Car H3, in the order of SCP-firmware's product/rcar: names and wire ids are those of its SCMI
// tables. Who hangs below whom is taken from the chip itself (Linux' SYSC driver); SCP's own tables make all but the cores
// children of SYSTOP. Latencies of cores are those of the idle states in Linux' device tree; all others are guesses.
import type { PowerDomainInput, PowerStateDescription } from "../power_domain.ts";
import type { SystemPowerInput } from "../system_power.ts";

/** Cores and clusters of SCP can sleep; its number on the wire is not public, so it is ours. */
const SLEEP: PowerStateDescription = {
  name: "sleep",
  stateId: 1,
  isContextLost: true,
  depth: 1,
  latencyUs: 400,
};

/** Cortex-A57: idle states of the device tree (Linux). */
const BIG_CORE = { onLatencyUs: 500, offLatencyUs: 400, states: [SLEEP] };
/** Cortex-A53: idle states of the device tree (Linux). */
const LITTLE_CORE = { onLatencyUs: 700, offLatencyUs: 700, states: [{ ...SLEEP, latencyUs: 700 }] };
const CLUSTER = { onLatencyUs: 200, offLatencyUs: 200, states: [{ ...SLEEP, latencyUs: 200 }] };
/** Linux polls the domain controller for up to a millisecond. */
const DEVICE = { kind: "device", onLatencyUs: 100, offLatencyUs: 50 } as const;

const ALWAYS_ON = { parent: "always-on", ...DEVICE };

/** A group of four cores. */
function cores(firstId: number, cluster: number, latencies: typeof BIG_CORE): PowerDomainInput[] {
  return Array.from({ length: 4 }, (_, core): PowerDomainInput => ({
    id: firstId + core,
    name: `CLUS${cluster}CORE${core}`,
    kind: "core",
    parent: `CLUS${cluster}`,
    bootState: "on",
    ...latencies,
  }));
}

/**
 * The domains in the state in which a boot loader hands over to a guest: the processors run, the display pipeline and the
 * graphics are up.
 */
export const RCAR_POWER_DOMAINS: readonly PowerDomainInput[] = [
  ...cores(0, 0, BIG_CORE),
  ...cores(4, 1, LITTLE_CORE),
  { id: 8, name: "CLUS0", kind: "cluster", parent: "always-on", bootState: "on", ...CLUSTER },
  { id: 9, name: "CLUS1", kind: "cluster", parent: "always-on", bootState: "on", ...CLUSTER },
  { id: 10, name: "a3ir", ...ALWAYS_ON },
  { id: 11, name: "3dg-e", bootState: "on", ...DEVICE, parent: "3dg-d" },
  { id: 12, name: "3dg-d", bootState: "on", ...DEVICE, parent: "3dg-c" },
  { id: 13, name: "3dg-c", bootState: "on", ...DEVICE, parent: "3dg-b" },
  { id: 14, name: "3dg-b", bootState: "on", ...DEVICE, parent: "3dg-a" },
  { id: 15, name: "3dg-a", bootState: "on", ...ALWAYS_ON },
  { id: 16, name: "a2vc1", ...DEVICE, parent: "a3vc" },
  { id: 17, name: "a3vc", isAlwaysOn: true, ...ALWAYS_ON },
  { id: 18, name: "cr7", ...ALWAYS_ON },
  { id: 19, name: "a3vp", isAlwaysOn: true, ...ALWAYS_ON },
  // Supplied by the PMIC, beside everything else: it keeps the memory while the system is suspended.
  { id: 20, name: "pmic_ddr_bkup", ...DEVICE },
  { id: 21, name: "always-on", isAlwaysOn: true, ...DEVICE, parent: "SYSTOP" },
  {
    id: null,
    name: "SYSTOP",
    kind: "system",
    isAlwaysOn: true,
    states: [
      { name: "sleep0", stateId: 1, isContextLost: true, depth: 1, latencyUs: 1_000 },
      { name: "sleep1", stateId: 2, isContextLost: true, depth: 2, latencyUs: 1_000 },
    ],
    onLatencyUs: 1_000,
    offLatencyUs: 1_000,
  },
];

/** Shutdown, resets, and suspend to the lighter sleep of SYSTOP (SCP). */
export const RCAR_SYSTEM_POWER: SystemPowerInput = { domain: "SYSTOP", suspendState: "sleep0" };
