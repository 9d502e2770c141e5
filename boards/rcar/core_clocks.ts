// The PLLs and core clocks of the R-Car H3, ids 0 to 39 of SCP-firmware's product/rcar: names, sources and dividers are those
// of its clock tables. What it fixes and we let agents choose (parents, notifications, rights) is marked as an extension.
import type { ClockInput, ClockSourceInput } from "../clock.ts";

/** What no agent can name. Salvator-XS has a crystal of 16.64 MHz; multiplier and dividers are those of the CPG. */
export const RCAR_CLOCK_SOURCES: readonly ClockSourceInput[] = [
  { name: "extal", rateHz: 16_640_000 },
  { name: "pll1", parent: "extal", multiplier: 192 }, // 3194.88 MHz
  { name: "pll1-2", parent: "pll1", divider: 2 },
  { name: "pll1-4", parent: "pll1", divider: 4 },
  { name: "osc-extal", parent: "extal", divider: 16 }, // 1.04 MHz
];

/** All clocks of the chip stop with it. */
const ON_CHIP = { powerDomain: "always-on" } as const;

/** Agents can hear of rates that can change: an extension. */
const NOTIFIES = { notifiesRate: true, notifiesRequests: true } as const;

/** Rates of the trace clocks are not for guests: an extension, after a permission table of SCP that is off by default. */
const NO_RATE = { VM1: { rate: false }, VM2: { rate: false } } as const;

/** A clock at a fixed share of its parent. */
function divided(id: number, name: string, parent: string, divider: number): ClockInput {
  return { id, name, parents: [parent], ratio: { kind: "fixed", multiplier: 1, divider }, ...ON_CHIP };
}

/** A trace clock, by one of several dividers. */
function trace(id: number, name: string, divider: number, dividers: readonly number[]): ClockInput {
  const ratio = { kind: "dividers", dividers, divider } as const;
  return { id, name, parents: ["pll1-2"], ratio, ...ON_CHIP, ...NOTIFIES, rights: NO_RATE };
}

/** The clock of a memory card interface. It is off until its driver comes. */
function sd(id: number, channel: number): ClockInput {
  return {
    id,
    name: `sd${channel}`,
    parents: ["sdsrc"],
    ratio: { kind: "dividers", dividers: [64, 32, 16, 8, 4, 2], divider: 4 },
    hasGate: true,
    startsEnabled: false,
    ...ON_CHIP,
    ...NOTIFIES,
  };
}

/**
 * The dividers that clocks with a divider of 1 to 64 offer: Linux 6.12 takes up to 16 rates of a list. With / 20 the CAN FD
 * controller gets the 39.936 MHz next to the 40 MHz that Linux' device tree assigns.
 */
const DIVIDERS = [64, 48, 40, 32, 24, 20, 16, 12, 10, 8, 6, 5, 4, 3, 2, 1];

/** A clock whose divider starts at its largest. It is off until its driver comes. */
function slow(id: number, name: string): ClockInput {
  return {
    id,
    name,
    parents: ["pll1-4"],
    ratio: { kind: "dividers", dividers: DIVIDERS, divider: 64 },
    hasGate: true,
    startsEnabled: false,
    ...ON_CHIP,
    ...NOTIFIES,
  };
}

/** Ids 0 to 39, in order. */
export const RCAR_CORE_CLOCKS: readonly ClockInput[] = [
  trace(0, "ztr", 6, [24, 18, 16, 12, 8, 6]),
  trace(1, "ztrd2", 12, [24, 18, 16, 12]),
  trace(2, "zt", 4, [24, 18, 16, 12, 8, 6, 4]),
  divided(3, "zx", "pll1-2", 2),
  divided(4, "s0d1", "s0", 1),
  divided(5, "s0d2", "s0", 2),
  divided(6, "s0d3", "s0", 3),
  divided(7, "s0d4", "s0", 4),
  divided(8, "s0d6", "s0", 6),
  divided(9, "s0d8", "s0", 8),
  divided(10, "s0d12", "s0", 12),
  divided(11, "s1d1", "s1", 1),
  divided(12, "s1d2", "s1", 2),
  divided(13, "s1d4", "s1", 4),
  divided(14, "s2d1", "s2", 1),
  divided(15, "s2d2", "s2", 2),
  divided(16, "s2d4", "s2", 4),
  divided(17, "s3d1", "s3", 1),
  divided(18, "s3d2", "s3", 2),
  divided(19, "s3d4", "s3", 4),
  sd(20, 0),
  sd(21, 1),
  sd(22, 2),
  sd(23, 3),
  divided(24, "cl", "pll1-2", 48),
  divided(25, "cr", "pll1-4", 2),
  divided(26, "cp", "extal", 2),
  divided(27, "cpex", "extal", 2),
  slow(28, "canfd"),
  {
    // Extension: S0 runs at the rate of PLL1 / 4, which it stands for here; the others are a choice that the chip lacks.
    ...slow(29, "csi0"),
    parents: ["s0", "s1", "s2", "s3"],
    rateMinHz: 10_000_000, // so that not every parent will do at every divider
    enableDelayUs: 20,
    rights: { VM2: { parent: false } },
  },
  slow(30, "mso"),
  { ...slow(31, "hdmi"), parents: ["s0", "s1"], enableDelayUs: 100 }, // extension, as csi0
  divided(32, "osc", "osc-extal", 8),
  divided(33, "r", "osc-extal", 32),
  divided(34, "s0", "pll1-2", 2),
  divided(35, "s1", "pll1-2", 3),
  divided(36, "s2", "pll1-2", 4),
  divided(37, "s3", "pll1-2", 6),
  divided(38, "sdsrc", "pll1-2", 2),
  { id: 39, name: "rint", rateHz: 32_500, ...ON_CHIP }, // the chip's own RC oscillator
];
