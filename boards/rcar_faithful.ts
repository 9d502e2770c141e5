// The R-Car H3 as SCP-firmware's product/rcar shows it to agents, oddities included and without the extensions of `rcar`: for
// agents that have to live with that firmware. The hardware behind it is the same.
import { type Board, defineBoard } from "./board.ts";
import type { ClockInput } from "./clock.ts";
import { rcarBoard } from "./rcar.ts";
import { RCAR_CLOCKS } from "./rcar/clocks.ts";
import { RCAR_RESETS } from "./rcar/resets.ts";

/** Clocks that the firmware tells with a linear step, although their divider has none; reachable rates are 798.72 MHz / n. */
const TOLD_IN_STEPS = new Set(["canfd", "csi0", "mso", "hdmi"]);

/** What the firmware calls otherwise. */
const NAMES: Readonly<Record<string, string>> = { usb_extal_clk_crystal: "usb_extal_clk" };

/** Clocks of the boards that the firmware takes for fixed, Hz. */
const FIXED_HZ: Readonly<Record<string, number>> = { x21_clk: 33_000_000, x22_clk: 33_000_000 };

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
  clocks: RCAR_CLOCKS.map(faithful),
  resetDomains: RCAR_RESETS.map(({ id, name, pulseUs }) => ({
    id,
    name,
    ...(pulseUs === undefined ? {} : { pulseUs }),
    tellsLatency: false,
  })),
});

export default rcarFaithfulBoard;
