// The performance domains of the R-Car H3: ids, names, levels, sustained and boot levels and the latency are those of
// SCP-firmware's product/rcar. Levels are named by their frequency in Hz. What agents are told that a level costs is the
// power of four cores at its voltage, by the coefficients of Linux' device tree: the physics has the same ones. SCP tells
// other numbers, which are in rcar_faithful.ts.
import type { PerformanceDomainInput, PerformanceLevelPlan } from "../performance_domain.ts";
import type { ThermalGovernorPlan } from "../thermal_governor.ts";

/** A level by its frequency and cost. */
export function rcarLevel(mhz: number, powerCost: number): PerformanceLevelPlan {
  return { level: mhz * 1_000_000, mhz, powerCost };
}

/** The domains; PSCI has no business with them, as in SCP's table of permissions. */
export const RCAR_PERFORMANCE_DOMAINS: readonly PerformanceDomainInput[] = [
  {
    id: 0,
    name: "LITTLE_CPU",
    block: "little",
    levels: [rcarLevel(800, 596), rcarLevel(1000, 745), rcarLevel(1200, 894)],
    sustainedMhz: 1200,
    bootMhz: 1200,
    latencyUs: 1200,
    levelSetBy: ["OSPM"],
    limitsSetBy: ["OSPM"],
  },
  {
    id: 1,
    name: "BIG_CPU",
    block: "big",
    levels: [
      rcarLevel(500, 1177),
      rcarLevel(1000, 2353),
      rcarLevel(1500, 3530),
      rcarLevel(1600, 4427),
      rcarLevel(1700, 5352), // a turbo mode (Linux)
    ],
    sustainedMhz: 1500,
    bootMhz: 1500,
    latencyUs: 1200,
    levelSetBy: ["OSPM"],
    limitsSetBy: ["OSPM"],
  },
];

/**
 * The passive trip of Linux' zone 3, which cools the processors, with its polling interval; the hysteresis is a guess. SCP
 * leaves this to the operating system.
 */
export const RCAR_THERMAL_GOVERNORS: readonly ThermalGovernorPlan[] = [
  {
    node: "big",
    passiveC: 100,
    hysteresisC: 5,
    periodUs: 250_000,
    performanceDomains: ["LITTLE_CPU", "BIG_CPU"],
  },
];
