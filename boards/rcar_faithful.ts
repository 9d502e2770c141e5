// The R-Car H3 as SCP-firmware's product/rcar shows it to agents, oddities included and without the extensions of `rcar`: for
// agents that have to live with that firmware. The hardware behind it is the same.
import { AGENT_KINDS } from "./agent.ts";
import { type Board, defineBoard } from "./board.ts";
import type { ClockInput } from "./clock.ts";
import { rcarBoard } from "./rcar.ts";
import { RCAR_CLOCKS } from "./rcar/clocks.ts";
import { RCAR_DEVICES } from "./rcar/devices.ts";
import { RCAR_PERFORMANCE_DOMAINS, rcarLevel } from "./rcar/performance_domains.ts";
import { RCAR_POWER_DOMAINS, RCAR_SYSTEM_POWER } from "./rcar/power_domains.ts";
import { RCAR_RESETS } from "./rcar/resets.ts";
import { WHOLE_BOARD } from "./view.ts";

/** Clocks that the firmware tells with a linear step, although their divider has none; reachable rates are 798.72 MHz / n. */
const TOLD_IN_STEPS = new Set(["canfd", "csi0", "mso", "hdmi"]);

/** What the firmware calls otherwise. */
const NAMES: Readonly<Record<string, string>> = { usb_extal_clk_crystal: "usb_extal_clk" };

/** Clocks of the boards that the firmware takes for fixed, Hz. */
const FIXED_HZ: Readonly<Record<string, number>> = { x21_clk: 33_000_000, x22_clk: 33_000_000 };

/** What it says that levels cost, in their order: of one core, at other voltages than those it sets. */
const COSTS_MW: Readonly<Record<string, readonly number[]>> = {
  LITTLE_CPU: [75, 126, 168],
  BIG_CPU: [178, 382, 643, 765, 901],
};

/** What is on when the firmware starts: the boot processor, what it needs, and what never goes off. */
const ON_AT_START = new Set(["CLUS0CORE0", "CLUS0"]);

const FIRST_MODULE_ID = 40;
const FIRST_EXTERNAL_ID = 188;

/** A clock without what the firmware does not have. */
function faithful(clock: ClockInput): ClockInput {
  const { id, parents, ratio, hasGate, startsEnabled, powerDomain, draws } = clock;
  const name = NAMES[clock.name] ?? clock.name;
  const fixedHz = FIXED_HZ[name];
  if (fixedHz !== undefined) return { id, name, rateHz: fixedHz };
  const plain: ClockInput = {
    id,
    name,
    rateHz: clock.rateHz ?? 0,
    parents: parents ?? [],
    ratio: ratio ?? { kind: "fixed", multiplier: 1, divider: 1 },
    hasGate: hasGate ?? false,
    startsEnabled: startsEnabled ?? true,
    powerDomain: powerDomain ?? null,
    draws: draws ?? null,
    // The firmware takes RATE_GET of a module clock, writes no rate, and does nothing for RATE_SET.
    hidesRate: FIRST_MODULE_ID <= id && id < FIRST_EXTERNAL_ID,
  };
  if (!TOLD_IN_STEPS.has(name)) return plain;
  const dividers = Array.from({ length: 64 }, (_, place) => place + 1);
  return {
    ...plain,
    parents: ["pll1-4"],
    ratio: { kind: "dividers", dividers, divider: 64, isToldInSteps: true },
  };
}

/** The board. */
export const rcarFaithfulBoard: Board = defineBoard({
  ...rcarBoard,
  name: "rcar-faithful",
  title: "R-Car Gen3 H3 with the oddities of its firmware and without our extensions",
  // Its permissions are compiled out: all see everything, but for the clocks and resets of PSCI, whose tables are empty.
  views: {},
  agents: rcarBoard.agents.map((agent) => ({
    ...agent,
    view: agent.kind === "PSCI" ? { "*": "control", clock: "none", resetDomain: "none" } : WHOLE_BOARD,
  })),
  clocks: RCAR_CLOCKS.map(faithful),
  pins: [],
  pinGroups: [],
  pinFunctions: [],
  // The firmware's tree is flat: only the cores hang below something else than the system, their clusters.
  powerDomains: RCAR_POWER_DOMAINS.map((domain) => ({
    ...domain,
    parent: domain.kind === "core" ? domain.parent ?? null : domain.kind === "system" ? null : "SYSTOP",
    bootState: ON_AT_START.has(domain.name) || domain.isAlwaysOn === true ? "on" : "off",
  })),
  // Only PSCI and management agents may ask for transitions.
  systemPower: { ...RCAR_SYSTEM_POWER, acceptsGracefulRequests: false },
  resetDomains: RCAR_RESETS.map(({ id, name, pulseUs }) => ({
    id,
    name,
    ...(pulseUs === undefined ? {} : { pulseUs }),
    tellsLatency: false,
  })),
  performanceDomains: RCAR_PERFORMANCE_DOMAINS.map(({ levels, ...domain }) => ({
    ...domain,
    levels: levels.map(({ mhz }, place) => rcarLevel(mhz, COSTS_MW[domain.name]![place]!)),
    levelSetBy: AGENT_KINDS,
    limitsSetBy: AGENT_KINDS,
  })),
  devices: RCAR_DEVICES.filter(({ resources: { voltageDomain, powercapDomain, pin } }) =>
    voltageDomain === undefined && powercapDomain === undefined && pin === undefined
  ),
  voltageDomains: [],
  powercapDomains: [],
  gpioLines: [],
  thermalGovernors: [],
});

export default rcarFaithfulBoard;
